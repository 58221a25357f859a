"""The law that a trained generator draws from, as a density."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gantheory.estimate import Estimate
from gantheory.models.exact_density.affine_pieces import affine_cells
from gantheory.models.exact_density.cells import Cells
from gantheory.models.exact_density.newton import Boxes, Linearise, subdivide
from gantheory.models.model import Model
from gantheory.random import Key
from gantheory.shapes import dims


_BLOCK = 1 << 14
_POINTS = 1 << 17  # looked up at once: the memory of a grid is that of its numbers
_EQUAL = 1e-8


class GeneratorDensity:
    """The exact density of the samples that a generator makes of standard normal vectors.

    Equation: ``q(x) = sum over z with G(z) = x of N(z; 0, I) / |det G'(z)|``, for latent vectors of the
    dimension d of the samples, 1 or 2.

    ``w`` is one vector of parameters ``(size,)`` or one a member ``(population, size)``, as in the profile of
    a trajectory; everything is computed in float64. A generator that is affine in pieces is taken apart into its
    cells, and its density is exact. Its operations must be affine, or maxima and minima of values that are:
    linear layers and convolutions, with residual connections, normalised weights too; "relu", "leaky_relu",
    `Maxout`, absolute values and clamps; in any module. Where such a cell is mapped to a line or a point, no
    density holds its mass: `singular_mass` says it.
    The preimages of any other generator, supposed to be smooth, are found by Newton's method from boxes that
    are halved until the generator is nearly linear on each; `missed` measures how much that overlooks. A point
    that no latent vector is mapped to has density 0, and ``-inf`` for its logarithm. Members whose parameters
    are not finite, because they diverged, have NaN for every number.

    Raises `ValueError` for other dimensions or another noise, and where the samples of a batch depend on each
    other (batch normalisation): they have no density of their own.

    Example:
        >>> from gantheory import MLP, Key
        >>> generator = MLP(2, (16, 16), 2, activation="leaky_relu")
        >>> density = GeneratorDensity(generator, generator.init(Key(0)))
        >>> x = density.sample(1000, Key(1))
        >>> bool(density.log_prob(x).isfinite().all()), float(density.singular_mass), float(density.missed(1000).value)
        (True, 0.0, 0.0)
    """

    def __init__(self, model: Model, w: Tensor):
        if model.inputs != model.outputs or model.inputs not in (1, 2):
            raise ValueError(
                f"model must be a generator with one or two inputs and as many outputs, but {model} has "
                f"{model.inputs} and {model.outputs}: its samples have no density that could be computed here"
            )
        if w.dim() not in (1, 2) or w.shape[-1] != model.size:
            raise ValueError(
                f"w must be ({model.size},) or (population, {model.size}), but has shape {tuple(w.shape)}"
            )
        probe = Key(0).normal(3, model.inputs)
        if not torch.equal(model.noise(3, Key(0)), probe):
            raise ValueError(f"model must be made of standard normal noise, but {model} draws another one")
        self.model, self.dim = model, model.inputs
        self._w = w.detach().to(torch.float64)
        self._members = [_pieces(model, row) for row in self._w.reshape(-1, model.size)]

    @property
    def singular_mass(self) -> np.ndarray:
        """The probability that the generator puts on lines and points, where it has no density; one a member."""
        masses = [np.nan if pieces is None else pieces.singular_mass() for pieces in self._members]
        return np.array(masses).reshape(self._w.shape[:-1])

    def log_prob(self, x: Tensor) -> Tensor:
        """Return the log-density at points ``(n, d)``, ``(n,)`` or ``(population, n)``, in nats."""
        (n,) = dims(x, f"n {self.dim}")
        points = x.detach().cpu().double().numpy()
        rows = [_log_density(pieces, points, self.dim) for pieces in self._members]
        return torch.from_numpy(np.stack(rows)).reshape(*self._w.shape[:-1], n).to(x.device)

    def sample(self, n: int, key: Key) -> Tensor:
        """Draw ``n`` samples, ``(n, d)`` or ``(population, n, d)``."""
        return self._images(self._noise(n, key))

    def missed(self, n: int = 10_000, key: Key | None = None) -> Estimate:
        """Return the share of ``n`` latent vectors that are not found again among the preimages of their images.

        That is the mass by which the density falls short of 1. Its floor is `singular_mass`, which no density
        holds: what is above it was overlooked.
        """
        noise = self._noise(n, key or Key(0).child("missed"))
        images = self._images(noise).reshape(-1, n, self.dim).cpu().numpy()
        noise = noise.reshape(-1, n, self.dim).cpu().numpy()
        shares = [1 - _found(*each).mean() for each in zip(self._members, images, noise)]
        share = np.array(shares).reshape(self._w.shape[:-1])
        return Estimate(share, np.sqrt(share * (1 - share) / n), n=n, floor=self.singular_mass)

    def _noise(self, n: int, key: Key) -> Tensor:
        single = self._w.dim() == 1
        keys = key if single else key.child("member", range(len(self._w)))
        return keys.to(torch.float64, self._w.device).normal(n, self.dim)

    def _images(self, z: Tensor) -> Tensor:
        if self._w.dim() == 1:
            return self.model(self._w, z)
        return torch.stack([self.model(w, row) for w, row in zip(self._w, z)])


def _pieces(model: Model, w: Tensor) -> Cells | Boxes | None:
    if not w.isfinite().all():
        return None
    dim = model.inputs or 0
    cells = affine_cells(lambda z: model(w, z), dim)
    return subdivide(_linearise(model, w), dim) if cells is None else cells


def _linearise(model: Model, w: Tensor) -> Linearise:
    def one(z: Tensor) -> tuple[Tensor, Tensor]:
        image = model(w, z[None])[0]
        return image, image

    both = torch.func.vmap(torch.func.jacrev(one, has_aux=True), chunk_size=_BLOCK)
    probe = torch.linspace(-1, 1, 4 * (model.inputs or 0), dtype=w.dtype, device=w.device).reshape(4, -1)
    others = torch.cat((probe[:2], 3 - probe[2:]))
    if not torch.allclose(model(w, probe)[:2], model(w, others)[:2], rtol=1e-9, atol=1e-9):
        raise ValueError(
            f"the samples that {model} makes depend on the others of their batch, so they have no density of "
            "their own: use another normalisation"
        )

    def linearise(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not len(z):
            return z, np.zeros((0, z.shape[1], z.shape[1]))
        slope, image = both(torch.from_numpy(z).to(w.device))
        return image.cpu().numpy(), slope.cpu().numpy()

    return linearise


def _preimages(pieces: Cells | Boxes, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the number of the point, the latent vector ``(., d)`` and log |det| of every preimage.

    One on the edge of two pieces is found in both, and counted once.
    """
    d = x.shape[1]
    if isinstance(pieces, Cells) and d == 1:
        x = np.pad(x, ((0, 0), (0, 1)))  # the idle coordinate of cells
    point, z, log_det = pieces.preimages(x)
    order = np.lexsort((*z.T, point))
    point, z, log_det = point[order], z[order], log_det[order]
    repeated = np.zeros(len(point), dtype=bool)
    for back in (1, 2, 3):
        equal = np.abs(z[back:] - z[:-back]).max(1) <= _EQUAL * (1 + np.abs(z[back:]).max(1))
        repeated[back:] |= equal & (point[back:] == point[:-back])
    return point[~repeated], z[~repeated, :d], log_det[~repeated]


def _log_density(pieces: Cells | Boxes | None, x: np.ndarray, dim: int) -> np.ndarray:
    if pieces is None:
        return np.full(len(x), np.nan)
    blocks = [_log_density_of(pieces, x[i : i + _POINTS], dim) for i in range(0, len(x), _POINTS)]
    return np.concatenate(blocks) if blocks else np.zeros(0)


def _log_density_of(pieces: Cells | Boxes, x: np.ndarray, dim: int) -> np.ndarray:
    point, z, log_det = _preimages(pieces, x)
    terms = -0.5 * np.square(z).sum(1) - 0.5 * dim * math.log(2 * math.pi) - log_det
    highest = np.full(len(x), -np.inf)
    np.maximum.at(highest, point, terms)
    total = np.bincount(point, np.exp(terms - highest[point]), len(x))
    with np.errstate(divide="ignore"):
        return np.where(total > 0, highest, 0.0) + np.log(total)


def _found(pieces: Cells | Boxes | None, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return 1 for each of the latent vectors that is among the preimages of its image, else 0."""
    if pieces is None:
        return np.full(len(x), np.nan)
    found = np.zeros(len(x))
    for i in range(0, len(x), _POINTS):
        point, roots, _ = _preimages(pieces, x[i : i + _POINTS])
        point += i
        found[point[np.abs(roots - z[point]).max(1) <= 1e-6 * (1 + np.abs(z[point]).max(1))]] = 1.0
    return found
