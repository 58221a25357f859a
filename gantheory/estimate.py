"""A measured number with its uncertainty and its floor."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from scipy import stats


def _array(value) -> np.ndarray:
    array = np.asarray(value, dtype=np.float64).copy()  # of a tensor, too: np.array would ask it for the copy
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Estimate:
    """A measured number, or one a member of a population, with what is known of its error.

    ``value``, ``stderr`` and ``floor`` have the population's shape (or are scalars). ``stderr`` is one
    standard error; ``n`` the number of samples behind each value; ``floor`` what the same measurement
    gives for true samples against true samples of the same size (NaN where there is none); ``dof`` the
    degrees of freedom of the standard error, infinite unless few members were pooled.

    Sums, differences and multiples propagate the errors of independent estimates to first order:
    ``var(f) = sum (df/dx)^2 var(x)``.

    Example:
        >>> gap = Estimate(1.30, 0.03, n=100) - Estimate(1.20, 0.04, n=100)
        >>> print(gap)
        0.100 +- 0.050 (n=100)
        >>> Estimate([1.0, 2.0, 3.0], 0.1, n=10).mean().value.item()
        2.0
    """

    value: np.ndarray
    stderr: np.ndarray
    n: int
    floor: np.ndarray
    dof: float

    def __init__(
        self, value: Any, stderr: Any = 0.0, *, n: int = 0, floor: Any = np.nan, dof: float = np.inf
    ):
        value = _array(value)
        for name, array in (
            ("value", value),
            ("stderr", np.broadcast_to(_array(stderr), value.shape)),
            ("floor", np.broadcast_to(_array(floor), value.shape)),
        ):
            object.__setattr__(self, name, array)
        object.__setattr__(self, "n", int(n))
        object.__setattr__(self, "dof", float(dof))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, index) -> Estimate:
        return Estimate(
            self.value[index], self.stderr[index], n=self.n, floor=self.floor[index], dof=self.dof
        )

    def __float__(self) -> float:
        if self.value.size != 1:
            raise ValueError(f"only one number converts to float, this has shape {self.shape}: use .mean()")
        return float(self.value.reshape(()))

    def mean(self) -> Estimate:
        """Pool the members: their mean, with the standard error of the mean over members.

        Equation: ``value = mean(v_i)``, ``stderr = sd(v_i) / sqrt(m)`` with ``m - 1`` degrees of freedom;
        the spread over members holds the sampling error already. One member keeps its own error.
        """
        if self.value.size == 0:
            raise ValueError("there is no member to pool: the estimate is empty")
        if self.value.size == 1:
            own = self.stderr.reshape(()), self.floor.reshape(())
            return Estimate(float(self), own[0], n=self.n, floor=own[1], dof=self.dof)
        m = self.value.size
        return Estimate(
            self.value.mean(),
            self.value.std(ddof=1) / np.sqrt(m),
            n=self.n * m,
            floor=self.floor.mean(),
            dof=m - 1,
        )

    def interval(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Return the two ends of the central confidence interval, ``value +- t_{dof} stderr``."""
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, got {level}: write 0.95 for 95 percent")
        half = stats.t.ppf(0.5 + level / 2, self.dof) * self.stderr
        return self.value - half, self.value + half

    def _combine(self, value, stderr, floor, other=None) -> Estimate:
        n = self.n if not isinstance(other, Estimate) else min(self.n, other.n)
        dof = self.dof if not isinstance(other, Estimate) else min(self.dof, other.dof)
        return Estimate(value, stderr, n=n, floor=floor, dof=dof)

    def __neg__(self) -> Estimate:
        return self._combine(-self.value, self.stderr, -self.floor)

    def __add__(self, other) -> Estimate:
        value, stderr, floor = _parts(other)
        return self._combine(self.value + value, np.hypot(self.stderr, stderr), self.floor + floor, other)

    def __sub__(self, other) -> Estimate:
        return self + (-other)

    def __rsub__(self, other) -> Estimate:
        return -self + other

    def __mul__(self, other) -> Estimate:
        value, stderr, floor = _parts(other)
        spread = np.hypot(self.stderr * value, self.value * stderr)
        return self._combine(self.value * value, spread, self.floor * floor, other)

    def __truediv__(self, other) -> Estimate:
        value, stderr, floor = _parts(other)
        ratio = self.value / value
        spread = np.hypot(self.stderr / value, ratio * stderr / value)
        return self._combine(ratio, spread, self.floor / floor, other)

    __radd__ = __add__
    __rmul__ = __mul__

    def _lines(self) -> list[tuple[float, float, float]]:
        rows = zip(np.ravel(self.value), np.ravel(self.stderr), np.ravel(self.floor))
        return [(float(v), float(s), float(f)) for v, s, f in rows]

    def __str__(self) -> str:
        def one(value: float, stderr: float, floor: float) -> str:
            text = f"{value:.3f} +- {stderr:.3f}" if abs(value) >= 1e-3 else f"{value:.2e} +- {stderr:.1e}"
            return text if np.isnan(floor) else f"{text}, floor {floor:.4g}"

        lines = [one(*line) for line in self._lines()]
        if len(lines) > 6:
            lines = [*lines[:3], f"... {len(lines) - 5} more ...", *lines[-2:]]
        text = "; ".join(lines) if self.shape == () else "[" + "; ".join(lines) + "]"
        return f"{text} (n={self.n})"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "<tr><th>member</th><th>value</th><th>standard error</th><th>floor</th></tr>"
        rows = "".join(
            f"<tr><td>{i}</td><td>{v:.5g}</td><td>{s:.2g}</td><td>{f:.4g}</td></tr>"
            for i, (v, s, f) in enumerate(self._lines())
        )
        return f"<table>{head}{rows}</table><p>n = {escape(str(self.n))}</p>"


def _parts(other):
    """Return value, stderr and floor of an operand; a plain number acts on the floor as on the value."""
    if isinstance(other, Estimate):
        return other.value, other.stderr, other.floor
    value = np.asarray(other, dtype=np.float64)
    return value, np.zeros_like(value), value
