"""Continuous time: the flow of a game's field."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch import Tensor

from gantheory.dynamics.diagnostics.placed import Points, rows_of, shared_batch, split
from gantheory.dynamics.population import Many
from gantheory.games import Game
from gantheory.random import Key


FAR = 1e6
"""A member further out than so many times ``max(1, |start|)`` has left."""


@dataclass(frozen=True, eq=False)
class FlowLines:
    """Solutions of ``dw/dt = -v(w)``: ``points`` ``(members, times, parameters of all players)`` and ``losses``
    ``(members, times, players)``, shaped like a trajectory's, at ``times``.

    ``left`` ``(members,)`` says who went a million times ``max(1, |start|)`` away; its points are NaN from then on.
    """

    game: Game
    times: np.ndarray
    points: Tensor
    losses: Tensor
    left: np.ndarray
    evaluations: int

    def plot(self):
        """Return a plotly figure: the orbits over the field."""
        from gantheory.dynamics.diagnostics.vector_field import phase_portrait

        return phase_portrait(self).plot()


def integrate(
    game: Game,
    times: Sequence[float] | np.ndarray,
    *,
    start: Points | None = None,
    population: int = 1,
    method: Literal["RK45", "DOP853", "Radau", "BDF", "LSODA"] = "DOP853",
    rtol: float = 1e-9,
    atol: float = 1e-12,
    key: Key | None = None,
) -> FlowLines:
    """Solve the flow of a game's field for a whole population, as one system, in float64.

    Equation: ``dw/dt = -v(w)``, the limit of plain steps ``w - rate v(w)`` at time ``rate * steps``. ``times`` rise
    from the start's own time; ``start`` is one point, or one a member, and is drawn from ``key`` where it is `None`.
    The tolerances of scipy's solvers hold for every member: as the solvers average errors over the system, they
    are passed on divided by the square root of ``population``.

    Raises `ValueError` for a game that draws, whose flow is none, for arguments that do not fit, and where the
    solver gives up, with its reason.

    Reference: Hairer, Norsett, Wanner (1993).

    Example:
        >>> import math
        >>> from gantheory import Bilinear
        >>> lines = integrate(Bilinear(), (0.0, math.pi), start=(1.0, 0.0))  # half a turn
        >>> (lines.points[0, -1] + 0.0).round(decimals=6).tolist()
        [-1.0, 0.0]
    """
    t = np.asarray(times, dtype=np.float64)
    if t.ndim != 1 or len(t) < 2 or not np.isfinite(t).all() or not (np.diff(t) > 0).all():
        raise ValueError(f"times must be at least two rising numbers, the start's first, got {times!r}")
    if population < 1 or not (0 < rtol < math.inf and 0 < atol < math.inf):
        raise ValueError(
            f"population must be at least 1 and tolerances positive, got {population}, {rtol}, {atol}"
        )
    first = _starts(game, start, population, key)
    share = math.sqrt(len(first))
    tolerances = {"rtol": max(rtol / share, 3e-14), "atol": atol / share}
    points, evaluations = _solved(game, first, t, {"method": method, **tolerances})
    many = Many(game, len(first))
    with torch.no_grad():
        losses = [torch.stack(many.losses(split(game, row), ()), dim=-1) for row in points.unbind(1)]
    left = points[:, -1].isnan().any(-1).numpy()
    return FlowLines(game, t, points, torch.stack(losses, dim=1), left, evaluations)


def _solved(game: Game, first: Tensor, t: np.ndarray, options: dict[str, Any]) -> tuple[Tensor, int]:
    """Return points, NaN after a member has left, and the number of evaluations.

    Whoever leaves ends a piece; the others go on in the next, so that no solver meets a pole.
    """
    points = torch.full((len(first), len(t), first.shape[1]), torch.nan, dtype=torch.float64)
    points[:, 0] = first
    active, now, rows, evaluations = torch.arange(len(first)), t[0], first, 0
    bound = FAR * torch.linalg.vector_norm(first, dim=-1).clamp(min=1)
    while len(active) and now < t[-1]:
        flow = _Flow(game, bound[active], rows.shape)
        wanted = np.flatnonzero(t > now)
        begin = rows.reshape(-1).numpy().copy()
        with np.errstate(all="ignore"):  # a trial step past the bound may overflow, and is taken again
            found: Any = solve_ivp(flow, (now, t[-1]), begin, t_eval=t[wanted], events=flow.reach, **options)
        if found.status < 0:
            raise ValueError(f"the flow of {game!r} was lost near time {now:g}: {found.message}")
        evaluations += found.nfev
        passed = torch.from_numpy(wanted[: len(found.t)])
        solved = torch.tensor(np.array(found.y)).reshape(*rows.shape, len(passed))
        points[active[:, None], passed] = solved.transpose(1, 2)
        if found.status == 0:
            break
        now, rows = found.t_events[0][-1], torch.from_numpy(found.y_events[0][-1]).reshape(rows.shape)
        ratio = flow.ratio(rows)
        stays = ratio < min(0.99, ratio.max().item())  # near a pole the time of leaving is not sharp
        active, rows = active[stays], rows[stays]
    return points, evaluations


class _Flow:
    """The right-hand side for some members, and how near the first of them is to leaving."""

    def __init__(self, game: Game, bound: Tensor, shape: torch.Size):
        self.many, self.bound, self.shape, self.game = Many(game, len(bound)), bound, shape, game

    def __call__(self, t: float, y: np.ndarray) -> np.ndarray:
        rows = torch.from_numpy(y).reshape(self.shape)
        return -torch.cat(self.many.field(split(self.game, rows), ()), dim=-1).detach().reshape(-1).numpy()

    def ratio(self, rows: Tensor) -> Tensor:
        return torch.linalg.vector_norm(rows, dim=-1) / self.bound

    @property
    def reach(self):
        """The event that ends a piece."""

        def event(t: float, y: np.ndarray) -> float:
            return self.ratio(torch.from_numpy(y).reshape(self.shape)).max().item() - 1

        event.terminal = True  # type: ignore[attr-defined]
        return event


def _starts(game: Game, start: Points | None, population: int, key: Key | None) -> Tensor:
    if shared_batch(game, 1, Key(0)) != ():
        raise ValueError(
            f"{game!r} draws batches: a flow needs a field without noise, `simulate` takes steps"
        )
    if start is None:
        if key is None:
            raise ValueError("integrate needs a start, or a key to draw it from, as in key=gt.Key(0)")
        members = key.to(torch.float64, "cpu").child("member", range(population))
        return rows_of(game, torch.cat(game.init(members.child("init")), dim=-1), name="start")
    rows = rows_of(game, start, name="start")
    if population not in (1, len(rows)) and len(rows) != 1:
        raise ValueError(f"start has {len(rows)} rows for a population of {population}")
    return rows.expand(max(population, len(rows)), -1).contiguous()
