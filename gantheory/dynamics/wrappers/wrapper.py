"""What rules around another rule share."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule


@dataclass(frozen=True)
class Wrapper(Rule, ABC):
    """A rule made of another one, which it is like in all that it does not say."""

    if TYPE_CHECKING:  # leaves have it as a field, for which an inherited property would be a default

        @property
        def rule(self) -> Rule:
            """The rule inside."""
            ...

    @property
    def repeats(self) -> int:
        """How many steps of the rule inside one step takes."""
        return 1

    @property
    def linear(self) -> bool:  # type: ignore[override]
        return self.rule.linear

    @property
    def carries(self) -> bool:  # type: ignore[override]
        return self.rule.carries

    @property
    def consistent(self) -> bool:  # type: ignore[override]
        return self.rule.consistent

    @property
    def draws(self) -> bool:  # type: ignore[override]
        return self.rule.draws

    def turns(self, game: Many) -> tuple[int | None, ...]:
        return self.rule.turns(game) * self.repeats

    def asks(self, game: Many) -> tuple[int | None, ...]:
        return self.rule.asks(game) * self.repeats

    def field_calls(self, game: Many) -> int:
        return self.rule.field_calls(game) * self.repeats

    def init(self, game: Many, profile: Profile) -> Any:
        return self.rule.init(game, profile)


def meant(player: str | None, game: Many, rule: str) -> tuple[bool, ...]:
    """Return for every player whether a rule that names one, or `None` for all, means it; or refuse the name."""
    if player is not None and player not in game.players:
        raise ValueError(f"{rule}: there is no player {player!r}, only {', '.join(game.players)}")
    return tuple(player in (None, name) for name in game.players)
