"""What players could gain by deviating alone: the distance of a point from equilibrium, in losses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from gantheory.dynamics.diagnostics.placed import DENSE, Points, placed
from gantheory.dynamics.domains import DOMAINS, lowest, nearest
from gantheory.dynamics.linearised import Linearised
from gantheory.dynamics.population import Many, Profile
from gantheory.games import Game
from gantheory.random import Key


HUGE = 1e12
"""A loss below minus so many times ``1 + |loss|`` is taken to fall without bound."""


@dataclass(frozen=True, eq=False)
class Gap:
    """What each player gains by deviating alone, ``gains`` ``(rows, players)``, found by minimisation.

    The true gains lie between ``gains`` and ``gains + shortfall`` where each loss is convex in its player's own
    parameters on the domain; elsewhere ``gains`` is a lower bound alone. A shortfall of rounding size says that the
    gains are exact.
    """

    gains: np.ndarray
    shortfall: np.ndarray

    @property
    def value(self) -> np.ndarray:
        """NashConv ``(rows,)``: the sum of the gains over players."""
        return self.gains.sum(-1)

    @property
    def exploitability(self) -> np.ndarray:
        """NashConv over the number of players ``(rows,)``."""
        return self.gains.mean(-1)


Domain = Literal["ball", "box", "simplex"]


def best_response_gap(
    game: Game,
    point: Points,
    *,
    domain: Domain | None = None,
    radius: float = 1.0,
    iterations: int = 500,
    key: Key | None = None,
) -> Gap:
    """Return what players could gain by best responses, at one point or at a row of them.

    Equation: ``gain_i = l_i(w) - min_u l_i(u, w_-i)``, u in the ``domain``: a ball or a box around the origin of
    that ``radius``, the simplex of sum ``radius``, or everything. NashConv is the sum of the gains, 0 at Nash
    equilibria and nowhere negative. Best responses are found by projected gradient steps and, within a domain, by its
    best point for the linearised loss, without one by Newton's steps: at once for losses that are linear or
    quadratic in the player's own parameters. The error is stated by ``max_u <g, w - u>`` within a domain, by ``|g|^2 /
    (2 mu)`` without one, mu the least curvature there. A loss that falls without bound gives an infinite gain.

    Raises `ValueError` for points that do not fit or lie outside the domain, for more than 256 parameters of a player
    without a domain, and for a game that draws without a key.

    Reference: Frank, Wolfe (1956); Lanctot et al. (2017), for NashConv.

    Example:
        >>> from gantheory import Bilinear
        >>> pennies = Bilinear(((1.0, -1.0), (-1.0, 1.0)))
        >>> best_response_gap(pennies, (1.0, 0.0, 0.5, 0.5), domain="simplex").value.tolist()
        [1.0]
    """
    if (domain is not None and domain not in DOMAINS) or not 0 < radius < math.inf or iterations < 1:
        raise ValueError(
            f"domain must be None or one of {', '.join(DOMAINS)}, radius positive and iterations at least 1, "
            f"got {domain!r}, {radius} and {iterations}"
        )
    if domain is None and max(game.sizes) > DENSE:
        raise ValueError(f"a player has {max(game.sizes)} parameters, above {DENSE}: give a domain")
    many, profile, batch = placed(game, point, key)
    for w, player in zip(profile, game.players):
        outside = (nearest(w, domain, radius) - w).abs().max().item()
        if outside > 1e-9 * max(1.0, radius):
            raise ValueError(
                f"the point of {player} lies outside the {domain} of {radius:g}, by {outside:.3g}"
            )
    best = partial(_Response, many, profile, batch, domain, radius)
    found = [best(i).gain(iterations) for i in range(len(profile))]
    gains, shortfall = (torch.stack(part, dim=-1).numpy() for part in zip(*found))
    return Gap(gains, shortfall)


def duality_gap(
    game: Game,
    point: Points,
    *,
    domain: Domain | None = None,
    radius: float = 1.0,
    iterations: int = 500,
    key: Key | None = None,
) -> Gap:
    """Return the duality gap of a zero-sum game of two players: `best_response_gap`, where it has that name.

    Equation: ``max_y f(x, y') - min_x f(x', y)`` for losses f and -f, the sum of both players' gains.

    Raises `ValueError` for a game of another number of players or whose losses do not add up to 0 at
    the points, and what `best_response_gap` raises.

    Reference: Grnarova et al. (2019).

    Example:
        >>> from gantheory import Bilinear
        >>> duality_gap(Bilinear(), (0.6, 0.8), domain="ball").value.round(12).tolist()
        [1.4]
    """
    many, profile, batch = placed(game, point, key)
    with torch.no_grad():
        losses = torch.stack(many.losses(profile, batch), dim=-1)
    if losses.shape[-1] != 2 or (losses.sum(-1).abs() > 1e-9 * (1 + losses.abs().amax(-1))).any():
        raise ValueError(
            f"a duality gap needs two players whose losses add up to 0, but {game!r} has the losses "
            f"{losses[0].tolist()}: take best_response_gap"
        )
    return best_response_gap(game, point, domain=domain, radius=radius, iterations=iterations, key=key)


class _Response:
    """One player's search for a best response, for every row at once."""

    def __init__(
        self, many: Many, profile: Profile, batch: Any, domain: str | None, radius: float, player: int
    ):
        self.many, self.profile, self.batch = many, profile, batch
        self.domain, self.radius, self.player = domain, radius, player

    def gain(self, iterations: int) -> tuple[Tensor, Tensor]:
        """Return the gains found and what they may fall short by, ``(rows,)`` each."""
        w = self.profile[self.player]
        first = loss = self._loss(w)
        rate = torch.ones_like(loss)
        short = torch.full_like(loss, torch.inf)
        for _ in range(iterations):
            g = self._field(w)
            jump, short = self._jump(w, g)
            bottomless = loss < -HUGE * (1 + first.abs())
            if (bottomless | (short <= 1e-14 * (1 + loss.abs()))).all():
                break
            slid = nearest(w - rate[:, None] * g, self.domain, self.radius)
            enough = self._loss(slid) <= loss + (g * (slid - w)).sum(-1) + _squared(slid - w) / (2 * rate)
            rate = torch.where(enough, 2 * rate, rate / 4)
            for other in (slid, jump):
                found = self._loss(other)
                better = found < loss
                w, loss = torch.where(better[:, None], other, w), torch.where(better, found, loss)
        endless = loss < -HUGE * (1 + first.abs())
        gain = torch.where(endless, torch.inf, first - loss)
        return gain, torch.where(endless, 0.0, short)

    def _jump(self, w: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        """Return where the loss, taken as linear or quadratic, is least, and how far above its minimum it is."""
        if self.domain is not None:
            vertex = lowest(g, self.domain, self.radius)
            return vertex, (g * (w - vertex)).sum(-1).clamp(min=0)
        begin = sum(self.many.sizes[: self.player])
        own = slice(begin, begin + self.many.sizes[self.player])
        H = Linearised(self.many, self._moved(w), self.batch).matrix()[:, own, own]
        curvature, axes = torch.linalg.eigh(torch.where(H.isfinite(), H, 0.0))
        along = (axes.mT @ g[..., None])[..., 0]
        newton = -(axes @ torch.where(curvature > 0, along / curvature, 0.0)[..., None])[..., 0]
        least, still = curvature[:, 0], _squared(g) == 0
        short = torch.where(least > 0, _squared(g) / (2 * least), torch.inf)
        return w + newton, torch.where(still & (least >= 0), 0.0, short)

    def _moved(self, w: Tensor) -> Profile:
        return tuple(w if j == self.player else other for j, other in enumerate(self.profile))

    def _loss(self, w: Tensor) -> Tensor:
        with torch.no_grad():
            return self.many.losses(self._moved(w), self.batch, only=self.player)[0]

    def _field(self, w: Tensor) -> Tensor:
        return self.many.field(self._moved(w), self.batch, only=self.player)[0].detach()


def _squared(x: Tensor) -> Tensor:
    return x.square().sum(-1)
