"""What divergences charge for mass that is left out, or moved away."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy


def dropped_mode(share: ArrayLike, *, divergence: str) -> np.ndarray:
    """Return the divergence between data p and a generator ``q = p(. | not A)`` that drops a set A.

    Equation: with ``p(A) = eps``, "kl" is ``KL(p||q) = inf``; "reverse-kl" ``KL(q||p) = -log(1 - eps)``;
    "total variation" eps; "jensen-shannon" ``1/2 [eps log 2 + (1 - eps) log(2 (1 - eps)/(2 - eps)) +
    log(2/(2 - eps))] = (eps/2) log 2 + O(eps^2)``.

    Notation: eps is ``share``, in [0, 1), of any shape. Raises `ValueError` for another divergence or share.

    Reference: Arjovsky, Bottou (2017), for the asymmetry; Lin (1991).

    Example:
        >>> float(dropped_mode(0.5, divergence="reverse-kl").round(6))
        0.693147
    """
    eps = np.asarray(share, dtype=np.float64)
    if not ((eps >= 0) & (eps < 1)).all():
        raise ValueError(f"share must lie in [0, 1), got {share}")
    kept = 1 - eps
    values = {
        "kl": np.where(eps > 0, np.inf, 0.0),
        "reverse-kl": -np.log1p(-eps),
        "total variation": eps,
        "jensen-shannon": (eps * np.log(2) + xlogy(kept, 2 * kept / (2 - eps)) + np.log(2 / (2 - eps))) / 2,
    }
    if divergence not in values:
        raise ValueError(f"divergence must be one of {', '.join(map(repr, values))}, got {divergence!r}")
    return values[divergence]


def point_mass_distance(shift: ArrayLike, *, distance: str) -> np.ndarray:
    """Return the distance between point masses at 0 and at a shift t: only transport tells how far.

    Equation: "jensen-shannon" ``log 2``, "total variation" 1 and "kl" infinity for every ``t`` but 0, where
    they are 0; "wasserstein" ``|t|``.

    Shapes: any. Raises `ValueError` for another distance.

    Reference: Arjovsky, Chintala, Bottou (2017), example 1.

    Example:
        >>> point_mass_distance([0.0, 1e-9], distance="jensen-shannon").round(6).tolist()
        [0.0, 0.693147]
    """
    t = np.abs(np.asarray(shift, dtype=np.float64))
    constants = {"jensen-shannon": np.log(2), "total variation": 1.0, "kl": np.inf}
    if distance == "wasserstein":
        return t
    if distance not in constants:
        raise ValueError(
            f"distance must be 'wasserstein' or one of {', '.join(map(repr, constants))}, got {distance!r}"
        )
    return np.where(t > 0, constants[distance], 0.0)
