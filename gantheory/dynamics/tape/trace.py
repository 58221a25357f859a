"""Networks' steps as tapes: the rule's own step, traced once for one member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, fx
from torch._decomp import decomposition_table
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils import _pytree as pytree

from gantheory.dynamics.interpreter.expressions import Untraceable
from gantheory.dynamics.interpreter.standing import leaves_of
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.tape.emitter import Emitter
from gantheory.dynamics.tape.lower import Lowering, has_task
from gantheory.dynamics.tape.plan import plan
from gantheory.dynamics.tracing import drop_idle_views
from gantheory.notation import field_at, with_field
from gantheory.ops.tape import Tape
from gantheory.random import Key


if TYPE_CHECKING:
    from gantheory.dynamics.rule import Rule
    from gantheory.games import Game


Drawn = tuple[tuple[Any, ...], int | None]  # a key's path below the step's, and who moves on the batch


@dataclass(frozen=True, eq=False)
class Taped:
    """A step as a tape, and what it reads and writes beside the profile and the state.

    Its buffers are the columns of profile and state before and after the step, the numbers that vary, the
    draws' tensors, and ``shared`` ones: constants, and, where these are `None`, numbers that ``counting`` makes
    of the clocks.
    """

    tape: Tape
    draws: tuple[Drawn, ...]
    counting: fx.GraphModule
    shared: tuple[Tensor | None, ...]
    sizes: tuple[int, ...]
    """How many numbers a member has in the profile's and state's columns, the swept numbers and the draws."""

    def stepper(self, numbers: Sequence[Tensor]) -> Callable[[Many, Profile, Any, Key], tuple[Profile, Any]]:
        """Return the rule's ``advance`` for some steps in a row: its results hold until the step after the next."""
        spare: list[list[Tensor]] = []

        def advance(many: Many, profile: Profile, state: Any, key: Key) -> tuple[Profile, Any]:
            batches = [many.draw(key.child(*path), only=only) for path, only in self.draws]
            columns, counters = leaves_of(profile, state, profile[0].dtype)
            if len(spare) < 2:
                after = [torch.empty_like(x, memory_format=torch.contiguous_format) for x in columns]
            else:
                after = spare.pop(0)  # not what the last step gave, which this one reads
            spare.append(after)
            clocks, new = self.counting(*counters)
            clock, dtype = iter(clocks), profile[0].dtype
            given = [*columns, *numbers, *_tensors(batches)]
            found = tuple(x.numel() // max(1, len(x)) for x in given)
            if found != self.sizes or any(len(x) != many.members or x.dtype != dtype for x in given):
                raise ValueError(f"{many.game} draws batches of other shapes than in its first step")
            buffers = [x.contiguous() for x in given] + after
            common = [(next(clock) if x is None else x).to(dtype) for x in self.shared]
            self.tape.run(len(profile[0]), buffers + common, [False] * len(buffers) + [True] * len(common))
            return _formed(profile, state, after, new)

        return advance


def _formed(profile: Profile, state: Any, columns: Sequence[Tensor], counters: Sequence[Tensor]) -> tuple:
    moved, counted = iter(columns), iter(counters)
    point = tuple(next(moved) for _ in profile)
    return point, pytree.tree_map(lambda leaf: next(moved) if leaf.dim() else next(counted), state)


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, Tensor)]


def taped(game: Game, rule: Rule, paths: tuple[str, ...]) -> Taped:
    """Return the tape of a rule's step; raises `Untraceable`, or what the user's code raises, where there is none."""
    # in float64: there rounding cannot be taken for a difference, and the tasks are those of float32
    found = _trace(_Members(game, rule, paths, torch.float64, 1, Key(0)))
    _check(found, _Members(game, rule, paths, torch.float64, 2, Key(1)))
    return found


class _Members:
    """A few members, started from a key, with a number each for every swept field."""

    def __init__(
        self, game: Game, rule: Rule, paths: Sequence[str], dtype: torch.dtype, members: int, key: Key
    ):
        self.game, self.rule, self.paths, self.dtype, self.members = game, rule, paths, dtype, members
        self.numbers = []
        for path in paths:
            root, _, rest = path.partition(".")
            value, _ = field_at(game if root == "game" else rule, rest)
            number = value * (1 - 0.1 * torch.arange(members, dtype=dtype))
            self.numbers.append(number if root == "game" else number.unsqueeze(-1))
        self.key = key.to(dtype, "cpu").child("member", range(members))
        self.step_key = self.key.child("step").child(0)
        self.profile: Profile = tuple(w.to(dtype) for w in game.init(self.key.child("init")))
        many, varied = self.varied(self.numbers)
        # copies: a state that begins as the profile, or as itself twice, soon differs from it
        self.state = pytree.tree_map(torch.clone, varied.init(many, self.profile))

    def varied(self, numbers: Sequence[Tensor]) -> tuple[Many, Rule]:
        """Return the game and the rule with these numbers in them."""
        rule, fields = self.rule, {}
        for path, number in zip(self.paths, numbers):
            root, _, rest = path.partition(".")
            if root == "game":
                fields[rest] = number
            else:
                rule = with_field(rule, rest, number)
        return Many(self.game, self.members, varied=fields), rule

    def draws(self) -> list[tuple[Drawn, Any]]:
        """Return what an ordinary step draws, and the batches."""
        many, rule = self.varied(self.numbers)
        found: list[tuple[Drawn, Any]] = []
        draw, depth = many.draw, len(self.step_key.path)

        def noted(key: Key, *, only: int | None = None) -> Any:
            batch = draw(key, only=only)
            if key.path[:depth] != self.step_key.path:
                raise Untraceable("a draw from another key than the step's")
            found.append(((key.path[depth:], only), batch))
            return batch

        many.draw = noted
        rule.advance(many, self.profile, self.state, self.step_key)
        return found

    def advance(self, numbers: Sequence[Tensor], profile: Profile, state: Any, batches: Sequence[Any]) -> Any:
        """Take a step on given batches."""
        many, rule = self.varied(numbers)
        given = iter(batches)
        many.draw = lambda key, *, only=None: next(given)
        return rule.advance(many, profile, state, self.step_key)


def _trace(one: _Members) -> Taped:
    drawn = one.draws()
    columns, counters = leaves_of(one.profile, one.state, one.dtype)
    batches = [batch for _, batch in drawn]
    given = [*columns, *one.numbers, *_tensors(batches)]
    graph = make_fx(partial(_flat_step, one, batches), decomposition_table=_taken_apart())(given, counters)
    drop_idle_views(graph)
    e = Emitter(one.dtype)
    inputs = [e.give(torch.empty_like(x, memory_format=torch.contiguous_format)) for x in _checked(given, e)]
    after = [e.tensor(e.give(torch.empty(x.shape, dtype=e.dtype))) for x in columns]
    lowering = Lowering(graph, e)
    found = lowering.run([*inputs, *[None] * len(counters)])
    outputs = {}
    for i, (node, to) in enumerate(zip(found, after)):
        value, number = e.tensor(lowering.place(node)), 1 + len(inputs) + i
        made = e.whole(value)
        if made is None or made in outputs:
            e.write("move", to, value)
        else:
            outputs[made] = number
    tape = plan(e.tasks, e.made, outputs, range(1 + len(inputs), 1 + len(inputs) + len(after)))
    counting, needed = lowering.counting(found[len(columns) :])
    shared = e.given[len(inputs) + len(after) :]
    return Taped(
        tape,
        tuple(draw for draw, _ in drawn),
        counting,
        tuple(None if x.data_ptr() in needed else x for x in shared),
        tuple(x.numel() for x in given),
    )


def _checked(given: Sequence[Tensor], e: Emitter) -> Sequence[Tensor]:
    strange = [x for x in given if x.dtype != e.dtype or not x.numel()]
    if strange:
        raise Untraceable(f"a batch of shape {tuple(strange[0].shape)} in {strange[0].dtype}")
    return given


def _flat_step(
    one: _Members, batches: list[Any], given: Sequence[Tensor], counters: Sequence[Tensor]
) -> list[Tensor]:
    """A step from its flat inputs to the columns and the counters after it."""
    columns, _ = leaves_of(one.profile, one.state, one.dtype)
    parts = iter(given)
    profile, state = _formed(one.profile, one.state, [next(parts) for _ in columns], counters)
    numbers = [next(parts) for _ in one.numbers]
    drawn = pytree.tree_map(lambda leaf: next(parts) if isinstance(leaf, Tensor) else leaf, batches)
    moved = one.advance(numbers, profile, state, drawn)
    after = leaves_of(moved[0], moved[1], one.dtype)
    if [x.shape for x in after[0]] != [x.shape for x in columns] or len(after[1]) != len(counters):
        raise Untraceable("the step changes the form of the state")
    return [*after[0], *after[1]]


def _taken_apart() -> dict[Any, Callable[..., Any]]:
    """Return how operations that have no task are taken apart into those that have."""
    return {op: parts for op, parts in decomposition_table.items() if not has_task(op)}


def _check(taped: Taped, two: _Members) -> None:
    """Compare with torch for other members, after a step: what torch hides from a trace shows here."""
    many, rule = two.varied(two.numbers)
    profile, state = rule.advance(many, two.profile, two.state, two.step_key)
    key = two.key.child("step").child(1)
    found = taped.stepper(two.numbers)(many, profile, state, key)
    expected = rule.advance(many, profile, state, key)
    close = torch.finfo(two.dtype).eps ** 0.5
    for a, b in zip(pytree.tree_leaves(found), pytree.tree_leaves(expected), strict=True):
        if a.dtype != b.dtype or not torch.allclose(a, b, rtol=close, atol=close, equal_nan=True):
            raise Untraceable("the traced step differs from the ordinary one")
