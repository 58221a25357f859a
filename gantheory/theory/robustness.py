"""Adversarial examples and Lipschitz constants."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri
from scipy.stats import chi2


def linear_margin(weights: ArrayLike, x: ArrayLike, label: ArrayLike, radius: float) -> np.ndarray:
    """Return the least margin of a linear classifier over perturbations of bounded size in every coordinate.

    Equation: ``min over |d|_inf <= e of y w'(x + d) = y w'x - e |w|_1``, attained at ``d = -e y sign w``.

    Notation: w ``weights (d,)``, ``x (n, d)``, y ``label (n,)`` of 1 and -1, e ``radius``; result ``(n,)``.

    Reference: Goodfellow, Shlens, Szegedy (2015).

    Example:
        >>> linear_margin([1.0, -2.0], [[3.0, 0.0]], [1], 0.5).tolist()
        [1.5]
    """
    w = np.asarray(weights, dtype=np.float64)
    return np.asarray(label) * (np.asarray(x, dtype=np.float64) @ w) - radius * np.abs(w).sum()


def linear_robust_error(
    weights: ArrayLike, mean: ArrayLike, *, deviation: float, radius: float = 0.0
) -> float:
    """Return the error of ``sign(w'x)`` under the worst perturbation of bounded size in every coordinate.

    Equation: for ``x ~ N(y mu, sigma^2 I)``, ``Phi(-(w'mu - e |w|_1) / (sigma |w|_2))``.

    Notation: mu ``mean (d,)``, sigma ``deviation``, e ``radius``.

    Reference: Schmidt, Santurkar, Tsipras, Talwar, Madry (2018).

    Example:
        >>> linear_robust_error([1.0, 1.0], [1.0, 1.0], deviation=1.0, radius=1.0)
        0.5
    """
    w = np.asarray(weights, dtype=np.float64)
    margin = w @ np.asarray(mean, dtype=np.float64) - radius * np.abs(w).sum()
    return float(ndtr(-margin / (deviation * np.linalg.norm(w))))


def one_sample_error(dim: int, deviation: float, *, nodes: int = 60) -> float:
    """Return the mean error of the linear classifier that one sample ``(x, y)`` gives: ``w = y x``.

    Equation: for ``x ~ N(y mu, sigma^2 I)`` with ``|mu|^2 = d``, ``w'mu = d + sigma sqrt(d) g`` and ``|w|^2 =
    (sqrt d + sigma g)^2 + sigma^2 C`` with g normal and C chi-square of ``d - 1`` degrees of freedom; the error
    is ``E Phi(-w'mu / (sigma |w|))``, by quadrature in g and C. With ``sigma = c d^{1/4}`` it tends to
    ``Phi(-1/c^2)``, from above.

    Notation: sigma is ``deviation``. Raises `ValueError` for dimensions below 2.

    Reference: Schmidt, Santurkar, Tsipras, Talwar, Madry (2018).

    Example:
        >>> round(one_sample_error(100, 0.6 * 100**0.25), 4)
        0.0114
    """
    if dim < 2:
        raise ValueError(f"dim must be at least 2, got {dim}")
    g, weights = np.polynomial.hermite_e.hermegauss(nodes)
    u, shares = np.polynomial.legendre.leggauss(nodes)
    C = chi2.ppf((u + 1) / 2, dim - 1)
    along = math.sqrt(dim) + deviation * g[:, None]
    cosine = math.sqrt(dim) * along / np.sqrt(along**2 + deviation**2 * C)
    return float(weights / weights.sum() @ ndtr(-cosine / deviation) @ shares / 2)


def averaged_sample_error(dim: int, deviation: float, *, count: int = 1, radius: float = 0.0) -> float:
    """Return the mean error, under attack, of the linear classifier that is the mean of a few samples ``y x``.

    Equation: for ``x ~ N(y mu, sigma^2 I)`` with mu the vector of ones and ``w = mu + s g``, ``s = sigma / sqrt k``,
    the error at the radius e is ``E Phi(-(w'mu - e |w|_1) / (sigma |w|))``; the means over coordinates of w_i, |w_i|
    and w_i^2 are taken for jointly normal, with their own covariance over d, and the expectation is by quadrature.

    Notation: d is ``dim``, sigma ``deviation``, k ``count``, e ``radius``. Assumes dimensions of some tens at least.
    Raises `ValueError` for fewer samples than one.

    Reference: Schmidt, Santurkar, Tsipras, Talwar, Madry (2018), theorems 4 to 6.

    Example:
        >>> round(averaged_sample_error(1000, 0.6 * 1000**0.25, radius=0.25), 2)
        0.22
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    w = 1 + deviation / math.sqrt(count) * ndtri((np.arange(20_000) + 0.5) / 20_000)
    parts = np.stack([w, np.abs(w), np.square(w)])
    values, vectors = np.linalg.eigh(np.cov(parts) / dim)
    z, weights = np.polynomial.hermite_e.hermegauss(16)
    nodes = np.stack(np.meshgrid(z, z, z, indexing="ij")).reshape(3, -1)
    shares = np.einsum("i,j,k->ijk", *[weights / weights.sum()] * 3).ravel()
    along, length, square = parts.mean(1)[:, None] + vectors @ (
        np.sqrt(np.maximum(values, 0))[:, None] * nodes
    )
    margin = (along - radius * length) / (deviation * np.sqrt(np.maximum(square, 1e-3 * np.square(w).mean())))
    return float(shares @ ndtr(-math.sqrt(dim) * margin))


def robust_accuracy_bound(reliability: float, accuracy: ArrayLike) -> np.ndarray:
    """Return the most robust accuracy that a standard accuracy leaves, where one feature is reliable.

    Equation: ``p/(1 - p) (1 - accuracy)``, where the first feature is the label with probability p, the others
    are ``N(eta y, 1)``, and the adversary moves each of those by ``2 eta`` against the label.

    Notation: p is ``reliability``, from 1/2 to 1, without 1. Raises `ValueError` outside.

    Reference: Tsipras, Santurkar, Engstrom, Turner, Madry (2019), theorem 2.1.

    Example:
        >>> float(robust_accuracy_bound(0.75, 0.875))
        0.375
    """
    if not 0.5 <= reliability < 1:
        raise ValueError(f"reliability must lie in [1/2, 1), got {reliability}")
    return reliability / (1 - reliability) * (1 - np.asarray(accuracy, dtype=np.float64))


def reliable_accuracy(
    reliability: float,
    strength: float,
    count: int,
    *,
    trust: float = 1.0,
    bias: float = 0.0,
    shift: float = 0.0,
) -> float:
    """Return the accuracy of ``sign(trust x_1 + mean of the others + bias)`` where the others are shifted.

    Equation: ``x_1 = y`` with probability p, else ``-y``; the mean of n others is ``N((eta - shift) y, 1/n)``;
    both labels are equally likely.

    Notation: p is ``reliability``, eta ``strength``, n ``count``.

    Reference: Tsipras, Santurkar, Engstrom, Turner, Madry (2019).

    Example:
        >>> reliable_accuracy(0.75, 1.0, 4, trust=1e9)
        0.75
    """
    mean = strength - shift
    agrees, differs = (
        sum(ndtr(math.sqrt(count) * (mean + sign * trust + y * bias)) for y in (1, -1)) / 2
        for sign in (1, -1)
    )
    return float(reliability * agrees + (1 - reliability) * differs)


def lipschitz_product(weights: Sequence[ArrayLike]) -> float:
    """Return the product of spectral norms: a Lipschitz constant of layers with slopes of at most 1 between.

    Shapes: one matrix a layer. Reference: Szegedy et al. (2014); Miyato, Kataoka, Koyama, Yoshida (2018).

    Example:
        >>> lipschitz_product([[[3.0]], [[-2.0]]])
        6.0
    """
    return math.prod(float(np.linalg.norm(np.asarray(W, dtype=np.float64), 2)) for W in weights)


def normalised_gradient(weight: ArrayLike, slope: ArrayLike) -> np.ndarray:
    """Return the gradient in W of a loss of ``W / s`` with s the spectral norm of W.

    Equation: ``(G - <G, W/s> u v') / s`` with the loss's gradient G at ``W/s`` and W's first singular vectors.

    Shapes: ``(m, n)`` all. Assumes one largest singular value.

    Reference: Miyato, Kataoka, Koyama, Yoshida (2018), equation 12.

    Example:
        >>> normalised_gradient([[2.0]], [[1.0]]).tolist()
        [[0.0]]
    """
    W, G = np.asarray(weight, dtype=np.float64), np.asarray(slope, dtype=np.float64)
    u, s, vt = np.linalg.svd(W)
    return (G - (G * W).sum() / s[0] * np.outer(u[:, 0], vt[0])) / s[0]


def circular_norm(kernel: ArrayLike, size: int) -> float:
    """Return the norm of a circular convolution of signals with a kernel: its largest Fourier coefficient.

    Equation: ``max_f |sum_k kernel_k exp(-2 pi i f k / n)|``; the norm of the kernel as a row is another number.

    Shapes: ``kernel (k,)`` with k at most n, the ``size``.

    Reference: Sedghi, Gupta, Long (2019).

    Example:
        >>> circular_norm([1.0, 1.0, 1.0], 8)
        3.0
    """
    return float(np.abs(np.fft.fft(np.asarray(kernel, dtype=np.float64), size)).max())


def noisy_dirac_losses(theta: ArrayLike, psi: ArrayLike, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the minimax Dirac-GAN's losses in the mean over instance noise, to second order in its scale.

    Equation: ``E f(psi (x + s z)) = f(psi x) + s^2/2 psi^2 f''(psi x) + O(s^4)``: noise is a penalty on the
    critic's slope. Generator ``-softplus``, critic ``softplus(-.)`` on data at 0 and ``softplus`` at theta.

    Shapes: points of any common shape. Assumes ``s psi`` well below 1.

    Reference: Bishop (1995); Roth, Lucchi, Nowozin, Hofmann (2017).

    Example:
        >>> [round(float(loss), 6) for loss in noisy_dirac_losses(0.0, 1.0, 0.2)]
        [-0.698147, 1.396294]
    """
    t, curvature = (
        np.asarray(theta) * np.asarray(psi),
        np.square(scale * np.asarray(psi, dtype=np.float64)) / 2,
    )
    D = 1 / (1 + np.exp(-t))
    fake = np.logaddexp(0, t) + curvature * D * (1 - D)
    return -fake, np.log(2) + curvature / 4 + fake
