"""The result of a simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from gantheory.dynamics.budget import Cost
from gantheory.dynamics.failures import explained
from gantheory.dynamics.files import load_run, save_run
from gantheory.dynamics.need import in_blocks
from gantheory.dynamics.outcome import OUT_OF_BUDGET, UNDECIDED
from gantheory.dynamics.probes import Probe, Probes
from gantheory.dynamics.progress import shown
from gantheory.dynamics.recorded import recorded_steps, whole_steps
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.run import Plan, Run
from gantheory.estimate import Estimate
from gantheory.games import Game, Generates
from gantheory.sweeps import Linear, Log, Values


if TYPE_CHECKING:
    from gantheory.random import Key


class Trajectory:
    """What a simulation leaves: where every member went, what it cost, how it ended.

    ``points`` ``(members, recorded, parameters of all players)``, ``losses`` ``(members, recorded,
    players)`` on a fresh batch each, and ``steps`` ``(recorded,)``, their step numbers. Members are sweep
    points x population, seeds fastest; ``swept`` has one number a member for each swept field. It can be
    sampled like a distribution where the game makes samples, and asked for a density where it has one.

    Example:
        >>> from gantheory import SGD, DiracGAN, Key, Minimax, Simultaneous, simulate
        >>> runs = simulate(DiracGAN(Minimax()), Simultaneous(SGD(0.2)), steps=400, start=(1.0, 1.0), key=Key(0))
        >>> runs.outcome.tolist()
        ['undecided']
    """

    def __init__(self, run: Run):
        self._run = run
        self.steps = np.array(run.recorded)

    @cached_property
    def points(self) -> Tensor:
        """The recorded points ``(members, recorded, parameters of all players)``."""
        return torch.stack(self._run.points, dim=1)

    @cached_property
    def losses(self) -> Tensor:
        """The players' losses there ``(members, recorded, players)``."""
        return torch.stack(self._run.losses, dim=1)

    @property
    def probes(self) -> dict[str, dict[int, Estimate]]:
        """What the probes measured: by name, and by step."""
        return {name: dict(sorted(values.items())) for name, values in self._run.probes.items()}

    @property
    def game(self) -> Game:
        return self._run.setup.game

    @property
    def rule(self) -> Rule:
        return self._run.setup.rule

    @property
    def key(self) -> Key:
        return self._run.setup.key

    @property
    def cost(self) -> Cost:
        """Samples of the data and players' gradients, a member; seconds, for all."""
        return self._run.cost

    @property
    def swept(self) -> dict[str, np.ndarray]:
        """One number a member for every swept field."""
        return self._run.setup.swept

    @property
    def profile(self) -> tuple[Tensor, ...]:
        """The last point of every player, ``(members, size)``."""
        return self._run.profile

    @property
    def population(self) -> int:
        """The number of members, sweep points times seeds."""
        return self._run.setup.members

    @cached_property
    def outcome(self) -> np.ndarray:
        """Every member's outcome: converged, cycling, diverged or undecided (criteria: `Monitor`).

        What is undecided where a budget ended the run is "out of budget".
        """
        outcome = self._run.monitor.outcome(self.profile, self.game.equilibria())
        if self._run.out_of_budget:
            outcome[outcome == UNDECIDED] = OUT_OF_BUDGET
        return outcome

    def sample(self, n: int, key: Key) -> Tensor:
        """Draw ``n`` samples of every member, ``(members, n, d)``; sweep points share their noise.

        Where that takes much memory, a part of the members works at a time. Raises `MemoryError`, with the size,
        where even one member's samples do not fit.
        """
        game, setup = self.game, self._run.setup
        if not isinstance(game, Generates):
            raise ValueError(f"{game} makes no samples: only games with a generator or a flow do")
        seeds = tuple(range(setup.population)) * setup.points
        noise = game.noise(n, key.to(setup.dtype, setup.device).child("member", seeds))
        with explained("the samples", game), torch.no_grad():
            return in_blocks(setup.varied[0], game.generate, self.profile, noise)

    def log_prob(self, x: Tensor, *, key: Key | None = None) -> Tensor:
        """Return every member's log-density ``(members, n)`` at points ``(n, d)``, in nats.

        Of a model with a bound, one draw of the bound at each point, from ``key`` or a child of the run's own.
        """
        game, setup = self.game, self._run.setup
        model = game.density if isinstance(game, Generates) else None
        if model is None:
            raise ValueError(
                f"{game} has no likelihood, for nothing in it has a density: train a flow, in LikelihoodGame or as the "
                "generator of AdversarialGame"
            )
        rows = torch.as_tensor(x, dtype=setup.dtype, device=setup.device).expand(setup.members, *x.shape)
        keys = (key or self.key.child("log_prob")).to(setup.dtype, setup.device).split(setup.members)
        noise = model.draw(len(x), keys)
        with torch.no_grad():
            return setup.varied[0].each(model.log_prob, self.profile[0], rows, noise)

    def state_dict(self, member: int) -> dict[str, Any]:
        """Return one member's parameters: a module's state dict a player, or the player's flat vector."""
        if not 0 <= member < self.population:
            raise ValueError(f"member must lie between 0 and {self.population - 1}, got {member}")
        models = self.game.models()
        rows = {player: w[member] for player, w in zip(self.game.players, self.profile)}
        if not models:
            return {player: w.clone() for player, w in rows.items()}
        return {player: model.state_dict(w) for (player, w), model in zip(rows.items(), models)}

    def extend(
        self,
        steps: int,
        *,
        record: int | Log | Linear | Values | None = None,
        probes: Mapping[str, Probe] | None = None,
        probe_at: int | Log | Linear | Values | None = None,
        progress: bool | Callable[[int, int], None] | None = None,
    ) -> Trajectory:
        """Return the trajectory ``steps`` steps longer; the numbers are those of one longer run."""
        run = self._run.copy()
        first, last = run.step, run.step + whole_steps(steps)
        recorded = recorded_steps(record, first, last)
        run.setup.check_memory(len(run.recorded) + len(recorded))
        measured = Probes.wanted(probes, probe_at, first, last, Trajectory)
        with shown(progress) as told:
            run.advance(Plan(last, recorded, measured, progress=told))
        return Trajectory(run)

    def save(self, path: str | Path) -> None:
        """Write everything that `load` and `extend` need; the file holds tensors and texts only."""
        save_run(self._run, Path(path))

    @classmethod
    def load(cls, path: str | Path, *, names: dict[str, Any] | None = None) -> Trajectory:
        """Read a saved trajectory; ``names`` has the classes of your own that its texts mention."""
        return cls(load_run(Path(path), names or {}))

    def plot(self):
        """Return a plotly figure: orbits in the plane, samples in the plane, or the losses."""
        from gantheory.dynamics.figure import trajectory_figure

        return trajectory_figure(self)

    def __repr__(self) -> str:
        last = self._run.step
        return f"Trajectory({self.game!r}, {self.rule!r}, {self.population} members, {last} steps)"

    def _repr_html_(self) -> str:
        from gantheory.dynamics.figure import trajectory_html

        return trajectory_html(self)
