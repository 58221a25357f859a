"""Averages over evenly spread points, with an error that can be trusted."""

from __future__ import annotations

import numpy as np
from scipy.stats import qmc

from gantheory.distributions.facts import Fact


SHIFTS, POINTS = 16, 1 << 12
"""Random shifts of a Sobol sequence, and its points."""


def shifted_sobol(d: int) -> list[np.ndarray]:
    """Return `SHIFTS` sets of `POINTS` points of the unit cube (POINTS, d), each a shift of one sequence."""
    points = qmc.Sobol(d, scramble=False).random(POINTS)
    return [(points + shift) % 1 for shift in np.random.default_rng(0).random((SHIFTS, d))]


def averaged(values) -> Fact:
    """Return the mean of what each shift gives, (SHIFTS, ...), with five standard errors (the largest)."""
    values = np.asarray(values)
    error = 5 * float(values.std(0, ddof=1).max()) / len(values) ** 0.5
    mean = values.mean(0)
    return Fact(float(mean) if mean.ndim == 0 else mean, error)
