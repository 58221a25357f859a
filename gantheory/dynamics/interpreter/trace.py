"""Small games as programs: the rule's own step, traced once for a pair of members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from gantheory.dynamics.interpreter.assemble import Wanted, assemble
from gantheory.dynamics.interpreter.expressions import COUNTED, FIXED, VARYING, Expressions, Untraceable
from gantheory.dynamics.interpreter.recorder import Recorder
from gantheory.dynamics.interpreter.standing import leaves_of, pack, unpack
from gantheory.dynamics.outcome import Monitor
from gantheory.dynamics.population import Many, Profile
from gantheory.notation import field_at, with_field
from gantheory.ops import native
from gantheory.ops.program import Program
from gantheory.random import Key


if TYPE_CHECKING:
    from gantheory.dynamics.rule import Rule
    from gantheory.dynamics.setup import Setup
    from gantheory.games import Game


MOST = 8
"""The number of parameters of all players up to which a game is small."""


@dataclass(frozen=True)
class Interpreted:
    """A program, or `None`; and one sentence on which it is and why."""

    program: Program | None
    reason: str


def interpret(setup: Setup) -> Interpreted:
    """Return the program that takes a setup's steps, where there is one.

    Whether there is one hangs on the setup alone, never on how many steps are wanted: a run cut in two
    must give the bits of the whole.
    """
    size = sum(setup.game.sizes)
    for applies, why in (
        (native.library is None, "the native kernels are missing"),
        (setup.device.type != "cpu", f"the device is {setup.device}"),
        (size > MOST, f"the game has {size} parameters, above {MOST}"),
        (not setup.game.vectorised, "the game does not run under vmap"),
        (setup.batches, "the game draws batches"),
        (setup.rule.draws, "the rule draws numbers of its own"),
    ):
        if applies:
            return Interpreted(None, f"Step by step in torch: {why}.")
    arguments = setup.game, setup.rule, tuple(setup.swept), setup.dtype
    try:
        return _interpreted(*arguments)
    except TypeError:  # a noun of the user's that has no hash
        return _interpreted.__wrapped__(*arguments)


@lru_cache(maxsize=128)
def _interpreted(game: Game, rule: Rule, paths: tuple[str, ...], dtype: torch.dtype) -> Interpreted:
    try:
        program = _trace(_Pair(game, rule, paths, dtype, Key(0)))
        _check(program, _Pair(game, rule, paths, dtype, Key(1)))
    except Exception as failure:  # user's code may hold anything that tracing does not understand
        return Interpreted(None, f"Step by step in torch: {str(failure) or type(failure).__name__}.")
    return Interpreted(program, f"By the interpreter: {len(program.step)} operations a step.")


class _Pair:
    """Two members, started from a key, with a pair of numbers for each swept field."""

    def __init__(self, game: Game, rule: Rule, paths: Sequence[str], dtype: torch.dtype, key: Key):
        varied, self.numbers = {}, []
        for path in paths:
            root, _, rest = path.partition(".")
            value, _ = field_at(game if root == "game" else rule, rest)
            number = torch.tensor([value, 0.9 * value], dtype=dtype)
            if root == "game":
                varied[rest] = number
            else:
                number = number.unsqueeze(-1)
                rule = with_field(rule, rest, number)
            self.numbers.append(number)
        self.many, self.rule, self.dtype = Many(game, 2, varied=varied), rule, dtype
        self.key = key.to(dtype, "cpu").child("member", range(2))
        self.profile: Profile = tuple(w.to(dtype) for w in game.init(self.key.child("init")))
        # copies: a state that begins as the profile, or as itself twice, soon differs from it
        self.state = pytree.tree_map(torch.clone, rule.init(self.many, self.profile))

    def advance(self) -> tuple[Profile, Any]:
        """Return the profile and the state after a step in torch."""
        return self.rule.advance(self.many, self.profile, self.state, self.key.child("step").child(0))

    def losses(self) -> list[Tensor]:
        """Return the players' losses in torch."""
        with torch.no_grad():
            return list(self.many.losses(self.profile, ()))


def _trace(pair: _Pair) -> Program:
    e = Expressions()
    recorder = Recorder(e, pair.dtype)
    columns, counters = leaves_of(pair.profile, pair.state, pair.dtype)
    first = 0
    for leaf in columns:
        recorder.follow(leaf, _inputs(e, "column", first, leaf, VARYING))
        first += leaf[0].numel()
    for k, number in enumerate(pair.numbers):
        recorder.follow(number, _inputs(e, "number", k, number, FIXED))
    for k, counter in enumerate(counters):
        recorder.follow(counter, torch.tensor(e.input("counter", k, 0, COUNTED)))
    with recorder:
        moved = pair.advance()
        losses = pair.losses()
    if _form(moved) != _form((pair.profile, pair.state)):
        raise Untraceable("the step changes the form of the state")
    columns, counters = (list(map(recorder.places, leaves)) for leaves in leaves_of(*moved, pair.dtype))
    after = torch.cat([places.reshape(2, -1) for places in columns], dim=-1)
    paid = torch.stack([recorder.places(loss) for loss in losses], dim=-1)
    counted = [int(places) for places in counters]
    alone, other = (torch.cat((after[m], paid[m])).tolist() for m in (0, 1))
    if not e.same([*zip(alone, other)]) or any(e.kinds[place] > COUNTED for place in counted):
        raise Untraceable("the members of the population are not treated alike and alone")
    parameters = sum(w.shape[1] for w in pair.profile)
    return assemble(e, Wanted(after[0].tolist(), counted, paid[0].tolist(), len(pair.numbers), parameters))


def _inputs(e: Expressions, name: str, first: int, leaf: Tensor, kind: int) -> Tensor:
    count = leaf[0].numel()
    return torch.tensor([[e.input(name, first + j, m, kind) for j in range(count)] for m in (0, 1)]).reshape(
        leaf.shape
    )


def _check(program: Program, pair: _Pair) -> None:
    """Compare with torch from another start, after a step: what torch hides from a trace shows here."""
    pair.profile, pair.state = pair.advance()
    numbers = [number.reshape(-1).numpy() for number in pair.numbers]
    orbits = pack(pair.profile, pair.state, Monitor(pair.profile, noisy=False), numbers)
    _, losses = program.run(orbits, 1, [0])
    found = (*unpack(orbits, pair.profile, pair.state, Monitor(pair.profile, noisy=False)), losses[0])
    expected = (*pair.advance(), torch.stack(pair.losses(), dim=-1))
    close = torch.finfo(pair.dtype).eps ** 0.5
    for a, b in zip(pytree.tree_leaves(found), pytree.tree_leaves(expected), strict=True):
        if not torch.allclose(a, b, rtol=close, atol=close, equal_nan=True):
            raise Untraceable("the traced step differs from the ordinary one")


def _form(moved: tuple[Profile, Any]) -> list[Any]:
    leaves, form = pytree.tree_flatten(moved)
    return [form, *((leaf.shape, leaf.dtype) for leaf in leaves)]
