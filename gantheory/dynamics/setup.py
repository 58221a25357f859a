"""What determines a run, and what follows from that alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantheory import room
from gantheory.dynamics.interpreter import Interpreted, interpret
from gantheory.dynamics.need import free_bytes, need_of, with_small_batch
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.dynamics.tape import LEAST, Choice, choose
from gantheory.games import Game
from gantheory.notation import field_at, replaced, with_field
from gantheory.ops import native
from gantheory.random import Key
from gantheory.sweeps import sweep_points


@dataclass(frozen=True)
class Setup:
    """A game, a rule, a population, a sweep, a dtype, a device and a key."""

    game: Game
    rule: Rule
    population: int
    sweep: Mapping[str, Any]
    dtype: torch.dtype
    device: torch.device
    key: Key

    def __post_init__(self) -> None:
        if not hasattr(self.population, "__index__") or self.population < 1:
            raise ValueError(f"population must be at least 1, and whole, got {self.population!r}")
        if self.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype must be torch.float32 or torch.float64, got {self.dtype!r}")
        if any(model.carries for model in self.game.models()) and not self.rule.carries:
            raise ValueError(
                f"{self.game} has networks whose power iterations go on from step to step: wrap the rule, "
                f"PowerIterated({self.rule}), or take SpectralNorm() without rounds"
            )
        for path, numbers in self.swept.items():
            self._check_path(path, numbers)

    def _check_path(self, path: str, numbers: np.ndarray) -> None:
        root, _, rest = path.partition(".")
        if root not in ("game", "rule") or not rest:
            raise ValueError(
                f"a sweep names a field of the game or the rule, as 'rule.step.rate', not {path!r}"
            )
        noun = getattr(self, root)
        _, kind = field_at(noun, rest)
        if kind is not float and (root, kind) != ("rule", float | None):  # a rule has no start to reach
            raise ValueError(
                f"{path!r} cannot vary in a population: only fields annotated float can, not {kind}"
            )
        known = _accepted(noun, rest) if _hashable(noun) else set()
        for number in dict.fromkeys(numbers.tolist()):
            if number not in known:
                replaced(noun, rest, number)  # its own checks refuse what does not fit
                known.add(number)

    @cached_property
    def points(self) -> int:
        """The number of sweep points."""
        return len(sweep_points(self.sweep)[1])

    @property
    def members(self) -> int:
        """The number of members: sweep points x population, seeds fastest."""
        return self.points * self.population

    @cached_property
    def swept(self) -> dict[str, np.ndarray]:
        """One number a member ``(members,)`` for every swept path."""
        paths, rows = sweep_points(self.sweep)
        return {
            path: np.repeat(np.array([row[i] for row in rows]), self.population)
            for i, path in enumerate(paths)
        }

    def numbers(self, rows: np.ndarray | None = None) -> list[Tensor]:
        """The swept numbers of the members ``rows``, or of all, as they enter the steps."""
        every = slice(None) if rows is None else rows
        return [torch.as_tensor(n[every], dtype=self.dtype, device=self.device) for n in self.swept.values()]

    @cached_property
    def varied(self) -> tuple[Many, Rule]:
        """The game and the rule as the loop sees them, with a number a member where they vary."""
        return self._varied(self.members, self.numbers())

    def varying(self, rows: np.ndarray) -> tuple[Many, Rule, Key]:
        """Return game, rule and key of the members ``rows``."""
        seeds = tuple((rows % self.population).tolist())
        key = self.key.to(self.dtype, self.device).child("member", seeds)
        return *self._varied(len(rows), self.numbers(rows)), key

    def _varied(self, members: int, numbers: Sequence[Tensor]) -> tuple[Many, Rule]:
        game_paths, rule = {}, self.rule
        for path, row in zip(self.swept, numbers):
            root, _, rest = path.partition(".")
            if root == "game":
                game_paths[rest] = row
            else:
                rule = with_field(rule, rest, row.unsqueeze(-1))
        return Many(self.game, members, varied=game_paths), rule

    @cached_property
    def member_key(self) -> Key:
        """The key of every member; sweep points share their noise, for the sweep never enters a key."""
        seeds = range(self.population) if self.points == 1 else tuple(range(self.population)) * self.points
        return self.key.to(self.dtype, self.device).child("member", seeds)

    @cached_property
    def noisy(self) -> bool:
        """Whether the game or the rule draws anything."""
        return self.rule.draws or self.batches

    @cached_property
    def batches(self) -> bool:
        """Whether the game draws batches."""
        return with_small_batch(self.game).draw(self.key.child("probe").split(1)) != ()

    @cached_property
    def interpreted(self) -> Interpreted:
        """The steps as a program for the interpreter, or why there is none."""
        return interpret(self)

    @cached_property
    def taped(self) -> Choice:
        """The steps as a tape, where the interpreter has no program, or why there is none."""
        return choose(self)

    @property
    def computed(self) -> str:
        """One sentence on what takes the steps, and why."""
        small = self.interpreted.program is not None or sum(self.game.sizes) < LEAST
        return self.interpreted.reason if small else self.taped.reason

    def start(self, start: Any) -> Profile:
        """Return the first profile: drawn, one point for all, or one a member."""
        sizes = self.game.sizes
        if start is None:
            drawn = self.game.init(self.member_key.child("init"))
            return tuple(w.to(dtype=self.dtype, device=self.device) for w in drawn)
        given = torch.as_tensor(start, dtype=self.dtype, device=self.device)
        if given.shape[-1:] != (sum(sizes),) or given.dim() > 2:
            raise ValueError(
                f"start must be ({sum(sizes)},) numbers, or as many for each of {self.population} members, "
                f"got shape {tuple(given.shape)}"
            )
        if given.dim() == 2 and given.shape[0] not in (self.population, self.members):
            raise ValueError(
                f"start has {given.shape[0]} rows for a population of {self.population}, {self.members} members in all"
            )
        own = given.dim() == 2 and given.shape[0] == self.members
        rows = given if own else given.expand(self.population, -1).repeat(self.points, 1)
        return tuple(part.clone() for part in torch.split(rows, list(sizes), dim=-1))

    def check_memory(self, recorded: int) -> None:
        """Refuse what will not fit: recorded points, and about eight copies of the parameters."""
        parameters = sum(self.game.sizes)
        shape = (
            f"{self.members} members x {parameters} parameters x {recorded} recorded steps, in {self.dtype}"
        )
        need = self.members * parameters * (recorded + 8) * self.dtype.itemsize
        advice, free = "record less often, or take a smaller population", free_bytes(self.device)
        room.check_room(need, "this run", advice, detail=shape, free=free)

    def check_step(self) -> None:
        """Refuse batches that will not fit: where the system lends memory freely, it kills who uses it.

        All members' batches are drawn at once. A tape works on as many members at a time as there are threads,
        after its step has been traced in float64 for up to two of them.
        """
        rows = self.members * self.game.real_samples()
        if rows < ROWS:
            return
        need, free = need_of(self.game, self.dtype), free_bytes(self.device)
        if (need.drawn + need.work) * self.members <= free:
            return
        traced = 2 * torch.float64.itemsize // self.dtype.itemsize
        at_once = max(min(self.members, native.threads()), traced)
        if need.drawn * self.members + need.work * at_once > free or self.taped.taped is None:
            total = (need.drawn + need.work) * self.members
            shape = f"{self.members} members x a batch of {need.batch}, in {self.dtype}"
            advice = "take a smaller population, batch or network"
            room.check_room(total, "a step", advice, detail=shape, free=free)


ROWS = 1 << 14
"""The number of samples in a step, of all members, from which it is measured whether it fits."""


@lru_cache(maxsize=256)
def _accepted(noun: Game | Rule, path: str) -> set[float]:
    """The numbers that a field is known to take: the same sweep may be made thousands of times."""
    return set()


def _hashable(noun: Game | Rule) -> bool:
    try:
        hash(noun)
    except TypeError:  # a user's, with a list or an array in a field
        return False
    return True
