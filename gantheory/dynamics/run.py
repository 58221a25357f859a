"""A run under way: the only loop there is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gantheory.dynamics.interpreter import pack, unpack
from gantheory.dynamics.outcome import Monitor
from gantheory.dynamics.population import Profile
from gantheory.dynamics.setup import Setup


if TYPE_CHECKING:
    from gantheory.dynamics.trajectory import Recorded
    from gantheory.ops.program import Program


TOLD = 50
"""The number of steps between two calls of ``progress``."""

WORK = 10**9
"""The number of operations of members in one call of the interpreter: below a second."""


@dataclass(frozen=True)
class Cost:
    """What a run has used, a member: samples of the data, players' gradients; and seconds for all."""

    samples: int = 0
    field_calls: int = 0
    seconds: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.samples + other.samples,
            self.field_calls + other.field_calls,
            self.seconds + other.seconds,
        )


@dataclass
class Run:
    """The state of a simulation between two steps, with what has been recorded of it."""

    setup: Setup
    profile: Profile
    state: Any
    monitor: Monitor
    step: int = 0
    cost: Cost = Cost()
    recorded: list[int] = field(default_factory=list)
    points: list[Tensor] = field(default_factory=list)
    losses: list[Tensor] = field(default_factory=list)

    @classmethod
    def begin(cls, setup: Setup, start: Any) -> Run:
        """Return the run before its first step."""
        profile = setup.start(start)
        many, rule = setup.varied
        rule.turns(many)  # an order of players that does not fit is refused here
        return cls(setup, profile, rule.init(many, profile), Monitor(profile, noisy=setup.noisy))

    def advance(
        self, steps: int, wanted: Recorded, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Take ``steps`` steps, recording at the wanted ones."""
        setup, (many, rule) = self.setup, self.setup.varied
        begun, last = time.perf_counter(), self.step + steps
        program = setup.interpreted.program
        if program is None:
            self._step_by_step(last, wanted, progress)
        else:
            self._stretches(program, last, wanted, progress)
        samples = sum(setup.game.real_samples(only=turn) for turn in rule.turns(many))
        self.cost += Cost(steps * samples, steps * rule.field_calls(many), time.perf_counter() - begun)

    def _step_by_step(self, last: int, wanted: Recorded, progress: Callable[[int, int], None] | None) -> None:
        setup, (many, rule) = self.setup, self.setup.varied
        if self.step in wanted and self.step not in self.recorded:
            self._record()
        taped = setup.taped.taped
        advance = partial(rule.advance, many) if taped is None else taped.stepper(many, setup.numbers)
        while self.step < last:
            key = setup.member_key.child("step").child(self.step)
            before = self.profile
            self.profile, self.state = advance(before, self.state, key)
            self.monitor.watch(before, self.profile)
            self.step += 1
            if self.step in wanted:
                self._record()
            if progress is not None and (self.step % TOLD == 0 or self.step == last):
                progress(self.step, last)

    def _stretches(
        self, program: Program, last: int, wanted: Recorded, progress: Callable[[int, int], None] | None
    ) -> None:
        """Let the interpreter take many steps at a time, so few that a call stays below a second."""
        numbers = tuple(self.setup.swept.values())
        orbits = pack(self.profile, self.state, self.monitor, numbers)
        most = max(1, WORK // (self.setup.members * (1 + len(program.step))))
        while True:
            stop = min(last, self.step + most)
            if progress is not None:
                stop = min(stop, self.step - self.step % TOLD + TOLD)
            done = self.recorded[-1] if self.recorded else -1
            recorded = wanted.within(max(self.step, done + 1), stop)
            taken = [step - self.step for step in recorded]
            points, losses = program.run(orbits, stop - self.step, taken, until=last)
            self.recorded += recorded
            self.points += points.unbind()
            self.losses += losses.unbind()
            if progress is not None and stop > self.step and (stop % TOLD == 0 or stop == last):
                progress(stop, last)
            self.step = stop
            if stop == last:
                break
        self.profile, self.state = unpack(orbits, self.profile, self.state, self.monitor)

    def _record(self) -> None:
        many, _ = self.setup.varied
        batch = many.draw(self.setup.member_key.child("losses").child(self.step))
        try:
            with torch.no_grad():
                losses = many.losses(self.profile, batch)
        except RuntimeError as failure:
            raise ValueError(f"the losses of {self.setup.game} cannot be computed: {failure}") from failure
        self.recorded.append(self.step)
        self.points.append(torch.cat(self.profile, dim=-1))
        self.losses.append(torch.stack(losses, dim=-1))
