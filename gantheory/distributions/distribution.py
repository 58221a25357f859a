"""What every distribution offers."""

from __future__ import annotations

import difflib
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

from torch import Tensor

from gantheory.distributions.facts import Facts
from gantheory.distributions.points import check_points
from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.distributions.dials import Dial
    from gantheory.random import Key


class Preset(NamedTuple):
    """A published variant: the law meant, its source, and where its code has a mistake, the law it draws."""

    law: Distribution
    source: str
    published: Distribution | None = None


@dataclass(frozen=True)
class Distribution(Noun, ABC):
    """A law on R^dim that can be sampled and whose facts are known.

    A distribution of your own gives `dim`, `sample` and `facts`, and for the contract tests `examples`.

    Example:
        >>> from gantheory import Facts
        >>> from dataclasses import dataclass
        >>> from gantheory.distributions import Fact
        >>> @dataclass(frozen=True)
        ... class Cube(Distribution):
        ...     dim: int = 3
        ...     def sample(self, n, key, *, start=0):
        ...         return key.uniform(n, self.dim, start=start)
        ...     def facts(self):
        ...         return Facts(mean=Fact([0.5] * self.dim))
        ...     @classmethod
        ...     def examples(cls):
        ...         return [cls()]
        >>> Cube(2).facts().entropy.reason
        'not stated'
    """

    if TYPE_CHECKING:  # leaves may have it as a field, for which an inherited property would be a default

        @property
        def dim(self) -> int:
            """The dimension of a sample."""
            ...

    @abstractmethod
    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        """Draw rows ``start`` to ``start + n`` of the key's samples, ``(*batch, n, dim)``.

        Row i depends on the key and i alone, so a draw in pieces equals a draw at once.
        """

    @abstractmethod
    def facts(self) -> Facts:
        """Return what is known exactly, or to a stated error."""

    def blurred(self, scale: float) -> Distribution | None:
        """Return the density of ``x + scale z`` for an independent standard normal z, `None` where it has
        no closed form here."""
        return None

    def tempered(self, temperature: float) -> Distribution | None:
        """Return the density proportional to ``p^(1 / temperature)``, `None` where it has no closed form here."""
        return None

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Distribution]:
        """Return instances, for the contract tests."""

    @classmethod
    def dials(cls, dim: int) -> Sequence[Dial]:
        """Return the arguments of this family that move one quantity, with laws of that dimension."""
        return ()

    @classmethod
    def presets(cls) -> Mapping[str, Preset]:
        """Return the published variants of this family, by name."""
        return {}

    @classmethod
    def preset(cls, name: str, *, faithful: bool = False) -> Self:
        """Return the published variant of that name, with the numbers of its source.

        Where the source's code draws another law than it means, ``faithful=True`` gives the one it draws
        (of whatever family can say it). Raises `ValueError` for an unknown name, or for ``faithful=True`` where
        nothing is known to be wrong.
        """
        known = cls.presets()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known) or 'none'}"
            raise ValueError(f"{cls.__name__} has no preset {name!r}: {hint}")
        found = known[name]
        if faithful and found.published is None:
            raise ValueError(f"preset {name!r} of {cls.__name__} is drawn as it is meant: leave out faithful")
        return cast(Self, found.published if faithful else found.law)


class _AskTheInstance(ABCMeta):
    """Lets `isinstance(law, Density)` ask a `MaybeDensity`, whose answer depends on its fields.

    Two classes for one family would give it two names in its text, or one name that pickling and equality
    do not follow; a density that only raises would make `isinstance` a lie. So there is one class, and
    the question goes to the instance.
    """

    def __instancecheck__(cls, instance: Any) -> bool:
        if cls is Density and isinstance(instance, MaybeDensity):
            return not instance.no_density
        return super().__instancecheck__(instance)


@dataclass(frozen=True)
class Density(Distribution, ABC, metaclass=_AskTheInstance):
    """A distribution with a density."""

    @abstractmethod
    def log_prob(self, x: Tensor) -> Tensor:
        """Return the log-density ``(..., n)`` at points ``(..., n, dim)``, in nats."""

    @abstractmethod
    def score(self, x: Tensor) -> Tensor:
        """Return the gradient of the log-density, ``(..., n, dim)``."""


@dataclass(frozen=True)
class MaybeDensity(Distribution, ABC):
    """A distribution whose fields decide whether it has a density: those that have are a `Density`.

    A leaf gives `no_density`, and the log-density and score for the case that it is empty.
    """

    @property
    @abstractmethod
    def no_density(self) -> str:
        """Why this law has no density, or an empty text."""

    @abstractmethod
    def _log_prob(self, x: Tensor) -> Tensor:
        """Return the log-density at checked points."""

    @abstractmethod
    def _score(self, x: Tensor) -> Tensor:
        """Return the score at checked points."""

    def log_prob(self, x: Tensor) -> Tensor:
        """Return the log-density ``(..., n)`` at points ``(..., n, dim)``, or raise `ValueError` without one."""
        return self._log_prob(self._checked(x))

    def score(self, x: Tensor) -> Tensor:
        """Return the gradient of the log-density, ``(..., n, dim)``, or raise `ValueError` without one."""
        return self._score(self._checked(x))

    def _checked(self, x: Tensor) -> Tensor:
        if self.no_density:
            raise ValueError(f"{type(self).__name__} has no density: {self.no_density}")
        return check_points(x, self.dim)
