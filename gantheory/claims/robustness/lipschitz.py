"""Lipschitz constants of networks, and the gradients of normalised weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import torch
from hypothesis import strategies as st

from gantheory import ops, theory
from gantheory.claims.claim import Claim, Kind
from gantheory.claims.normal_laws import Points, points
from gantheory.models import MLP
from gantheory.random import Key


def _lengths(rows: Points) -> Points:
    return tuple(tuple(map(abs, row)) for row in rows)


TwoLayers = tuple[Points, Points, Points]
"""The weights of both layers, and two points."""


@dataclass(frozen=True)
class LipschitzProduct(Claim):
    """A ReLU network changes no faster than the product of its layers' spectral norms.

    The neighbour takes the longest row of a matrix for its norm (``norm="rows"``).

    Reference: Szegedy et al. (2014); Miyato, Kataoka, Koyama, Yoshida (2018).

    Example:
        >>> LipschitzProduct().predicted((((3.0,),), ((-2.0,),), ((0.0,), (1.0,))))
        6.0
    """

    norm: Literal["spectral", "rows"] = "spectral"

    part: ClassVar[str] = "I04"
    statement: ClassVar[str] = (
        "A network with ReLU units changes between two points by at most the product of its layers' spectral norms "
        "times their distance"
    )
    latex: ClassVar[str] = r"|f(x) - f(y)| \le \prod_l \|W_l\|_2\, |x - y|"
    reference: ClassVar[str] = "Szegedy et al. (2014); Miyato, Kataoka, Koyama, Yoshida (2018)"
    assumptions: ClassVar[str] = "slopes of the activation between 0 and 1"
    kind: ClassVar[Kind] = "inequality"
    relation: ClassVar[Literal["=", "<=", ">="]] = "<="
    tolerance: ClassVar[float] = 1e-9

    def instances(self) -> st.SearchStrategy[TwoLayers]:
        def layers(sizes: tuple[int, int]) -> st.SearchStrategy[TwoLayers]:
            d, h = sizes
            drawn = st.tuples(points(d, h), points(h, 1), points(d, 2))
            # numbers of one sign keep every unit on: the bound is then nearly reached
            return drawn | drawn.map(lambda parts: tuple(_lengths(part) for part in parts))  # type: ignore[arg-type]

        return st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(layers)

    def predicted(self, instance: TwoLayers) -> float:
        *weights, (x, y) = instance
        if self.norm == "spectral":
            constant = theory.lipschitz_product(weights)
        else:
            constant = float(np.prod([np.linalg.norm(W, axis=1).max() for W in weights]))
        return constant * float(np.linalg.norm(np.subtract(x, y)))

    def observed(self, instance: TwoLayers, key: Key) -> float:
        first, second, pair = (torch.tensor(part, dtype=torch.float64) for part in instance)
        h, d = first.shape
        zero = torch.zeros(h, dtype=torch.float64)
        w = torch.cat([first.flatten(), zero, second.flatten(), zero[:1]])
        values = MLP(d, (h,), 1)(w, pair)
        return (values[0] - values[1]).abs().item()

    @property
    def neighbour(self) -> LipschitzProduct | None:
        return self.replace(norm="rows") if self.norm == "spectral" else None

    @classmethod
    def examples(cls) -> tuple[LipschitzProduct, ...]:
        return (cls(),)


@dataclass(frozen=True)
class NormalisedGradient(Claim):
    """The gradient through spectral normalisation loses its part along the first singular vectors.

    The neighbour holds the norm while it differentiates (``held=True``).

    Reference: Miyato, Kataoka, Koyama, Yoshida (2018).

    Example:
        >>> NormalisedGradient().predicted((((2.0,),), ((1.0,),))).tolist()
        [0.0]
    """

    held: bool = False

    part: ClassVar[str] = "I05"
    statement: ClassVar[str] = (
        "The gradient of a loss of W/s in W is (G - <G, W/s> u v')/s: what would only lengthen W along its first "
        "singular vectors is taken out"
    )
    latex: ClassVar[str] = (
        r"\nabla_W L(W/\sigma) = \tfrac1\sigma\big(G - \langle G, W/\sigma\rangle\, u_1 v_1^\top\big)"
    )
    reference: ClassVar[str] = "Miyato, Kataoka, Koyama, Yoshida (2018), equation 12"
    assumptions: ClassVar[str] = "the largest singular value is single, and its derivative is taken"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-6

    def instances(self) -> st.SearchStrategy[tuple[Points, Points]]:
        def single(drawn: tuple[Points, Points]) -> tuple[Points, Points]:
            W = [list(row) for row in drawn[0]]
            W[0][0] = round(W[0][0] + 4, 1)  # far from a second singular value as large
            return tuple(map(tuple, W)), drawn[1]

        sizes = st.tuples(st.integers(1, 4), st.integers(1, 4))
        return sizes.flatmap(lambda s: st.tuples(points(*s, size=10), points(*s))).map(single)

    def predicted(self, instance: tuple[Points, Points]) -> np.ndarray:
        return theory.normalised_gradient(*instance).ravel()

    def observed(self, instance: tuple[Points, Points], key: Key) -> np.ndarray:
        """Differentiate ``<G, W/s>``, whose gradient at ``W/s`` is G, through the library's norm."""
        W, G = (torch.tensor(part, dtype=torch.float64) for part in instance)
        W.requires_grad_()
        norm = ops.spectral_norm(W, tolerance=1e-9)
        loss = (G * W).sum() / (norm.detach() if self.held else norm)
        return torch.autograd.grad(loss, W)[0].numpy().ravel()

    @property
    def neighbour(self) -> NormalisedGradient | None:
        return None if self.held else self.replace(held=True)

    @classmethod
    def examples(cls) -> tuple[NormalisedGradient, ...]:
        return (cls(),)


@dataclass(frozen=True)
class ConvolutionNorm(Claim):
    """The norm of a convolution is its largest Fourier coefficient, not the norm of its kernel as a matrix.

    The neighbour takes the reshaped kernel's norm (``norm="reshaped"``).

    Reference: Sedghi, Gupta, Long (2019); Miyato, Kataoka, Koyama, Yoshida (2018).

    Example:
        >>> ConvolutionNorm().predicted(((1.0, 1.0, 1.0), 8))
        3.0
    """

    norm: Literal["operator", "reshaped"] = "operator"

    part: ClassVar[str] = "I05"
    statement: ClassVar[str] = (
        "The largest factor by which a circular convolution lengthens a signal is the largest modulus of its kernel's "
        "Fourier coefficients: 3 for the kernel (1, 1, 1), whose norm as a row is only sqrt 3"
    )
    latex: ClassVar[str] = r"\|k * \cdot\|_2 = \max_f \Big|\sum_j k_j\, e^{-2\pi i f j/n}\Big|"
    reference: ClassVar[str] = "Sedghi, Gupta, Long (2019)"
    assumptions: ClassVar[str] = "one channel, circular padding"
    kind: ClassVar[Kind] = "identity"
    relation: ClassVar[Literal["=", "<=", ">="]] = "="
    tolerance: ClassVar[float] = 1e-4

    def instances(self) -> st.SearchStrategy[tuple[tuple[float, ...], int]]:
        number = st.integers(-20, 20).map(lambda k: k / 10)
        return st.tuples(st.tuples(number, number, number).filter(any), st.integers(3, 16))

    def predicted(self, instance: tuple[tuple[float, ...], int]) -> float:
        return theory.circular_norm(*instance)

    def observed(self, instance: tuple[tuple[float, ...], int], key: Key) -> float:
        kernel = torch.tensor(instance[0], dtype=torch.float64)[None, None]
        if self.norm == "reshaped":
            return ops.conv_spectral_norm_reshaped(kernel).item()
        return ops.conv_spectral_norm(kernel, (instance[1],), padding=1, circular=True, tolerance=1e-6).item()

    @property
    def neighbour(self) -> ConvolutionNorm | None:
        return self.replace(norm="reshaped") if self.norm == "operator" else None

    @classmethod
    def examples(cls) -> tuple[ConvolutionNorm, ...]:
        return (cls(),)
