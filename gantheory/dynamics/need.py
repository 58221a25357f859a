"""How much memory a step takes, measured on a small batch before a large one is begun."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from gantheory import room
from gantheory.dynamics.population import Many, Profile
from gantheory.games import Game
from gantheory.notation import field_at, replaced
from gantheory.random import Key


SMALL = 64, 60, 84  # one of them is a multiple of any pack up to 8
FEW, BLOCK = 1 << 20, 1 << 30
"""Samples that are made at once in any case, and the bytes that more of them may take at a time."""


@dataclass(frozen=True)
class Need:
    """Bytes that one member takes: for what a step draws, and at the most for the work of a step on it."""

    drawn: float = 0.0
    work: float = 0.0
    batch: int = 0


class Held(TorchDispatchMode):
    """Counts the bytes of the tensors that are made and alive, and keeps the most."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._known: set[int] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for leaf in pytree.tree_leaves(made):
            if isinstance(leaf, Tensor):
                self._count(leaf.untyped_storage())
        return made

    def _count(self, storage: torch.UntypedStorage) -> None:
        name, size = storage._cdata, storage.nbytes()
        if name in self._known:
            return
        self._known.add(name)
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._gone, name, size)

    def _gone(self, name: int, size: int) -> None:
        self._known.discard(name)
        self.now -= size


def batch_field(game: Any) -> str | None:
    """Return the path of the field ``batch`` of a game, or of the game that it wraps."""
    names = {field.name for field in fields(game)}
    if "batch" in names:
        return "batch" if isinstance(game.batch, int) else None
    for name in sorted(names):
        inner = getattr(game, name)
        below = batch_field(inner) if isinstance(inner, Game) else None
        if below is not None:
            return f"{name}.{below}"
    return None


def with_small_batch(game: Game, *, times: int = 1) -> Game:
    """Return a game like this one with few samples a batch, or itself where its batch cannot be smaller."""
    path = batch_field(game)
    if path is None or field_at(game, path)[0] <= times * max(SMALL):
        return game
    for batch in SMALL:
        try:
            return replaced(game, path, times * batch)
        except ValueError:  # another one fits its pack
            continue
    return game


def need_of(game: Game, dtype: torch.dtype) -> Need:
    """Return what a step of one member needs: what two small batches need, continued in a straight line.

    It is nothing where the game's batch cannot be made smaller, or is small itself.
    """
    path, small = batch_field(game), with_small_batch(game, times=4)
    if path is None or small is game:
        return Need()
    try:
        (low, drawn), (high, _) = (_held_in_step(g, dtype) for g in (with_small_batch(game), small))
    except Exception:  # a game may need its whole batch: what is wrong with it shows when it is played
        return Need()
    full, few = field_at(game, path)[0], field_at(with_small_batch(game), path)[0]
    return Need(full / few * drawn, max(0.0, low + (full - few) * (high - low) / (3 * few)), full)


def _held_in_step(game: Game, dtype: torch.dtype) -> tuple[int, int]:
    many, key = Many(game, 1), Key(0).to(dtype).child("need", range(1))
    profile = tuple(w.to(dtype) for w in game.init(key.child("init")))
    batch = game.draw(key.child("batch"))
    drawn = sum(leaf.nbytes for leaf in pytree.tree_leaves(batch) if isinstance(leaf, Tensor))
    moves = (partial(many._field, profile, batch, create_graph=False, only=i) for i in range(len(profile)))
    return max(map(held_by, moves)), drawn


def in_blocks(many: Many, function: Callable[..., Tensor], profile: Profile, noise: Tensor) -> Tensor:
    """Return ``function(profile, noise)`` of every member, so many at a time that they take about a gigabyte.

    ``noise`` is ``(members, n, d)``. Raises `MemoryError`, with the size, where one member takes more than is free.
    """
    members, n = noise.shape[:2]
    if members * n <= FEW or not noise.numel():
        return many.each(function, profile, noise)
    lone = tuple(w[0] for w in profile)
    each = n * held_by(lambda: function(lone, noise[0, : SMALL[0]])) / SMALL[0]
    advice, free = "draw fewer at a time", free_bytes(noise.device)
    room.check_room(each, f"{n} samples of one member", advice, free=free)
    made = []
    for rows in torch.arange(members).split(max(1, int(BLOCK // each))):
        own, part = slice(int(rows[0]), int(rows[-1]) + 1), Many(many.game, len(rows))
        made.append(part.each(function, tuple(w[own] for w in profile), noise[own]))
    return torch.cat(made)


def held_by(function: Callable[[], Any]) -> int:
    """Return the most bytes of tensors that a call makes and holds at once."""
    with Held() as held:
        function()
    return held.most


def free_bytes(device: torch.device) -> float:
    """Return the bytes of memory that are free on a device."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else room.free_memory()
