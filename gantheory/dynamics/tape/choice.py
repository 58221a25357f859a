"""Which runs take a tape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from gantheory.dynamics.tape.trace import Taped, taped
from gantheory.ops import native


if TYPE_CHECKING:
    from gantheory.dynamics.setup import Setup


LEAST = 64
"""The number of parameters from which a game takes a tape: torch's long vectors serve smaller ones better."""

LONE = 100_000
"""The number of parameters up to which a member may have a thread to itself while others idle."""


@dataclass(frozen=True)
class Choice:
    """A tape, or `None`; and one sentence on which it is and why."""

    taped: Taped | None
    reason: str


def choose(setup: Setup) -> Choice:
    """Return the tape of a setup's steps, where there is one; it hangs on setup and machine alone."""
    size = sum(setup.game.sizes)
    for applies, why in (
        (native.library is None, "the native kernels are missing"),
        (setup.device.type != "cpu", f"the device is {setup.device}"),
        (size < LEAST, f"the game has {size} parameters, below {LEAST}"),
        (setup.rule.draws, "the rule draws numbers of its own"),
        (not setup.game.vectorised, "the game does not run under vmap"),
        (
            size > LONE and setup.members < native.threads(),
            f"{setup.members} members do not occupy {native.threads()} threads",
        ),
    ):
        if applies:
            return Choice(None, f"Step by step in torch: {why}.")
    arguments = setup.game, setup.rule, tuple(setup.swept)
    try:
        return _chosen(*arguments)
    except TypeError:  # a noun of the user's that has no hash
        return _chosen.__wrapped__(*arguments)


@lru_cache(maxsize=64)
def _chosen(*arguments) -> Choice:
    try:
        found = taped(*arguments)
    except Exception as failure:  # user's code may hold anything that tracing does not understand
        lines = str(failure).splitlines() or [type(failure).__name__]
        return Choice(None, f"Step by step in torch: {lines[0]}.")
    return Choice(found, f"By a tape of {len(found.tape.tasks)} tasks a step.")
