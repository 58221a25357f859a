"""A run under way: the only loop there is."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from gantheory.dynamics.budget import Cost
from gantheory.dynamics.failures import explained
from gantheory.dynamics.interpreter import pack, unpack
from gantheory.dynamics.outcome import WINDOW, Monitor
from gantheory.dynamics.part import Part
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.probes import Probes
from gantheory.dynamics.recorded import ENDLESS, Recorded
from gantheory.dynamics.setup import Setup
from gantheory.estimate import Estimate


if TYPE_CHECKING:
    from gantheory.dynamics.checkpoint import Checkpoint
    from gantheory.ops.program import Program


TOLD = 50
"""The number of steps between two calls of ``progress``."""

WORK = 10**9
"""The number of operations of members in one call of the interpreter: below a second."""

DRAWN = 1 << 20
"""The numbers in the batches of the members whose losses are computed at once, at the most but for one member."""

FIRST = 1000
"""The number of steps in the interpreter's first call where a run is timed, whose pace says what fits next."""


@dataclass(frozen=True)
class Plan:
    """How far a run goes, and what is wanted on the way.

    It ends at the step ``last``, or before, when all its steps have taken ``seconds``; ``limited`` says whether
    ``last`` is where a budget ends.
    """

    last: int
    recorded: Recorded
    probes: Probes
    seconds: float = math.inf
    limited: bool = False
    checkpoint: Checkpoint | None = None
    progress: Callable[[int, int], None] | None = None


@dataclass
class Run:
    """The state of a simulation between two steps, with what has been recorded of it."""

    setup: Setup
    profile: Profile
    state: Any
    monitor: Monitor
    step: int = 0
    cost: Cost = field(default_factory=Cost)
    recorded: list[int] = field(default_factory=list)
    points: list[Tensor] = field(default_factory=list)
    losses: list[Tensor] = field(default_factory=list)
    probes: dict[str, dict[int, Estimate]] = field(default_factory=dict)
    start: str = ""
    stop_diverged: bool = False
    resting: np.ndarray | None = None
    part: Part | None = field(default=None, repr=False)
    out_of_budget: bool = False

    @classmethod
    def begin(cls, setup: Setup, profile: Profile) -> Run:
        """Return the run before its first step."""
        many, rule = setup.varied
        rule.turns(many)  # an order of players that does not fit is refused here
        return cls(setup, profile, rule.init(many, profile), Monitor(profile, noisy=setup.noisy))

    def copy(self) -> Run:
        """Return a run that goes on by itself."""
        run = copy.copy(self)
        run.recorded, run.points, run.losses = list(run.recorded), list(run.points), list(run.losses)
        run.probes = {name: dict(values) for name, values in run.probes.items()}
        run.monitor = copy.copy(run.monitor)
        return run

    def snapshot(self) -> Run:
        """Return a run as if it ended here."""
        run = self.copy()
        run.record()
        return run

    @cached_property
    def each(self) -> Cost:
        """What one step costs a member, without its seconds."""
        many, rule = self.setup.varied
        samples = sum(self.setup.game.real_samples(only=turn) for turn in rule.turns(many))
        return Cost(samples, rule.field_calls(many))

    def advance(self, plan: Plan) -> None:
        """Take steps, until the last or until time is over, with all that the plan wants of them."""
        first, self.out_of_budget = self.step, False
        while True:
            if self.step in plan.recorded:
                self.record()
            plan.probes.take(self)
            if self.step >= plan.last or self.cost.seconds >= plan.seconds:
                break
            if plan.checkpoint and self.step > first and time.perf_counter() >= plan.checkpoint.due():
                plan.checkpoint.save(self)
            self._go(plan)
        self._end(plan)
        if plan.checkpoint:
            plan.checkpoint.save(self)

    def _end(self, plan: Plan) -> None:
        self.out_of_budget = plan.limited or self.step < plan.last
        if self.out_of_budget or not self.recorded:
            self.record()
        if self.step < plan.last:
            plan.probes.take(self, ended=True)
            if plan.progress is not None:
                plan.progress(self.step, self.step)

    def _part(self) -> Part | None:
        """Return the members that still move as a part, or `None` while all of them do.

        Who rests is decided where a window ends, so that a run in pieces decides as the whole.
        """
        if self.stop_diverged and self.step % WINDOW == 0:
            lost = self.monitor.lost(self.profile)
            self.resting = lost if self.resting is None else self.resting | lost
        if self.resting is None or not self.resting.any():
            return None
        (rows,) = np.nonzero(~self.resting)
        if self.part is None or not np.array_equal(self.part.rows, rows):
            self.part = Part(rows, *self.setup.varying(rows))
        return self.part

    def _go(self, plan: Plan) -> None:
        """Take steps up to the next at which something is wanted, or until time is over."""
        begun, first = time.perf_counter(), self.step
        until = begun + plan.seconds - self.cost.seconds
        if plan.checkpoint:
            until = min(until, plan.checkpoint.due())
        stop = min(plan.last, plan.probes.after(self.step))
        program = self.setup.interpreted.program
        with explained("a step", self.setup.game):
            if program is None:
                stop = min(stop, plan.recorded.after(self.step))
                if self.stop_diverged:
                    stop = min(stop, self.step - self.step % WINDOW + WINDOW)
                self._step_by_step(stop, until, plan)
            else:
                self._stretches(program, stop, until, plan)
        taken = self.step - first
        spent = time.perf_counter() - begun
        self.cost += Cost(taken * self.each.samples, taken * self.each.field_calls, spent)

    def _step_by_step(self, stop: int, until: float, plan: Plan) -> None:
        setup, part, whole = self.setup, self._part(), (self.profile, self.state)
        (many, rule), seeds, monitor = setup.varied, setup.member_key, self.monitor
        profile, state = whole
        if part is not None:
            many, rule, seeds = part.many, part.rule, part.key
            profile, state = part.cut(whole)
            monitor = part.watched(monitor, profile)
        taped = setup.taped.taped
        advance = (
            rule.advance
            if taped is None
            else taped.stepper(setup.numbers(None if part is None else part.rows))
        )
        while self.step < stop:
            if not many.members:
                self.step = monitor.steps = stop
                break
            before = profile
            key = seeds.child("step").child(self.step)
            profile, state = advance(many.at(self.step), before, state, key)
            monitor.watch(before, profile)
            self.step += 1
            self._tell(plan)
            if time.perf_counter() >= until:
                break
        if part is not None:
            profile, state = part.back(whole, (profile, state))
            part.report(self.monitor, monitor)
        self.profile, self.state = profile, state

    def _stretches(self, program: Program, stop: int, until: float, plan: Plan) -> None:
        """Let the interpreter take many steps at a time, so few that a call stays below a second."""
        numbers = tuple(self.setup.swept.values())
        orbits = pack(self.profile, self.state, self.monitor, numbers)
        work = max(1, WORK // (self.setup.members * (1 + len(program.step))))
        timed, most = not math.isinf(until), work
        if timed:
            most = min(work, FIRST)
        while self.step < stop:
            begun, first = time.perf_counter(), self.step
            end = min(stop, self.step + most)
            if plan.progress is not None:
                end = min(end, self.step - self.step % TOLD + TOLD)
            recorded = plan.recorded.within(self.step + 1, end)
            taken = [step - self.step for step in recorded]
            # where time may end the run at any of them, every stretch leaves whole windows behind
            points, losses = program.run(orbits, end - first, taken, until=end if timed else stop)
            self.recorded += recorded
            self.points += points.unbind()
            self.losses += losses.unbind()
            self.step = end
            self._tell(plan)
            now = time.perf_counter()
            if now >= until:
                break
            if timed:  # the next one fills the time left, but only pace that was seen is trusted
                fits = int((end - first) * (until - now) / max(now - begun, 1e-9))
                most = min(work, 2 * most, max(1, fits))
        self.profile, self.state = unpack(orbits, self.profile, self.state, self.monitor)

    def _tell(self, plan: Plan) -> None:
        if plan.progress is None or (self.step % TOLD and self.step != plan.last):
            return
        steps = plan.last
        if steps == ENDLESS:  # only time ends it: as many as at the pace so far
            steps = round(self.step * max(1.0, plan.seconds / max(self.cost.seconds, 1e-9)))
        plan.progress(self.step, steps)

    def record(self) -> None:
        """Keep the point and the losses of the step where the run stands, unless they are kept."""
        if self.recorded and self.recorded[-1] == self.step:
            return
        many, _ = self.setup.varied
        program = self.setup.interpreted.program
        if program is not None:
            orbits = pack(self.profile, self.state, self.monitor, tuple(self.setup.swept.values()))
            points, losses = program.run(orbits, 0, [0])
            point, paid = points[0], losses[0]
        else:
            with explained("the losses", self.setup.game), torch.no_grad():
                batch = many.at(self.step).draw(self.setup.member_key.child("losses").child(self.step))
                point, paid = torch.cat(self.profile, dim=-1), self._paid(many, batch)
        self.recorded.append(self.step)
        self.points.append(point)
        self.losses.append(paid)

    def _paid(self, many: Many, batch: Any) -> Tensor:
        """Return the losses, of so many members at a time that they take no more memory than a step's tape."""
        drawn = sum(leaf.numel() for leaf in pytree.tree_leaves(batch) if isinstance(leaf, Tensor))
        blocks = np.array_split(np.arange(many.members), max(1, min(many.members, drawn // DRAWN)))
        if len(blocks) == 1:
            return torch.stack(many.losses(self.profile, batch), dim=-1)
        paid = []
        for rows in blocks:
            part, own = self.setup.varying(rows)[0], slice(rows[0], rows[-1] + 1)
            given = pytree.tree_map(lambda x, own=own: x[own] if isinstance(x, Tensor) else x, batch)
            paid.append(torch.stack(part.losses(tuple(w[own] for w in self.profile), given), dim=-1))
        return torch.cat(paid)
