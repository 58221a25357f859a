"""What is known of a bridge along its axis: waves, cuts, level sets, entropy."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy import special, stats

from gantheory.distributions.facts import Fact, Topology


if TYPE_CHECKING:
    from gantheory.distributions.bridge import Bridge


def waves(law: Bridge, frequency: float) -> tuple[complex, complex]:
    """Return ``E exp(i f x_1)`` and ``E x_1 exp(i f x_1)``, exactly, for a positive frequency."""
    mean, spread = law.standard()
    places, masses = law.row()
    f = frequency / spread[0]
    blob, steep = _student_wave(f, law.tail)
    turns = masses * np.exp(1j * f * places)
    value, slope = turns.sum() * blob, (turns * 1j * places).sum() * blob + turns.sum() * steep
    if law.tube:
        h, damp = law.length / 2, math.exp(-((f * law.radius) ** 2) / 2)
        box = math.sin(f * h) / (f * h)
        value += law.tube * box * damp
        slope += law.tube * damp * ((math.cos(f * h) - box) / f - f * law.radius**2 * box)
    back = np.exp(-1j * f * mean)
    return complex(back * value), complex(back * (-1j * slope - mean * value) / spread[0])


def _student_wave(f: float, tail: float) -> tuple[float, float]:
    """The characteristic function of Student's t with 1 / tail degrees of freedom, and its derivative."""
    if not tail:
        return math.exp(-f * f / 2), -f * math.exp(-f * f / 2)
    a, root = 0.5 / tail, tail**-0.5
    if a > 50:  # the Bessel functions overflow; the law of the scale is narrow, and a rule takes its mean
        at, mass = np.polynomial.legendre.leggauss(200)
        half = 7 / a**0.5
        w, weight = 1 + half * at, half * mass * stats.gamma(a, scale=1 / a).pdf(1 + half * at)
        wave = weight * np.exp(-f * f / (2 * w))
        return float(wave.sum()), float(-f * (wave / w).sum())
    z = root * f
    constant = 2 ** (1 - a) / special.gamma(a)
    return constant * z**a * special.kv(a, z), -constant * root * z**a * special.kv(a - 1, z)


def least_cut(law: Bridge) -> float:
    """Return the least density of ``x_1`` between the outer blobs."""
    line = law.replace(dim=1)
    ends = line.row()[0][[0, -1]]
    return float(_on_axis(line, np.linspace(*ends, 4001)).min() * line.standard()[1][0])


def _on_axis(law: Bridge, places: np.ndarray) -> np.ndarray:
    """The density of v, before standardising, at points of the axis."""
    z = torch.as_tensor(places)[:, None]
    return law.terms(z, torch.zeros_like(z)).logsumexp(-1).exp().numpy()


def axial_topology(law: Bridge) -> Topology:
    """Return the Betti numbers of a level set, which retracts to the intervals of the axis in it."""
    places, _ = law.row()
    volume = float(np.prod(law.standard()[1]))  # from the density of v to that of x
    between = np.linspace(places[:-1], places[1:], 2001).T
    density = _on_axis(law, between.ravel()).reshape(between.shape) * volume
    if law.tube:
        middle = law.tube / law.length * math.erf(law.length / law.radius / 8**0.5)
        level = volume * middle / 2 * (2 * math.pi * law.radius**2) ** (-(law.dim - 1) / 2)
    else:
        peaks = _on_axis(law, places) * volume
        level = float(peaks.min() * density.min(-1).max(initial=0, where=density.size > 0)) ** 0.5
        level = level or float(peaks[0]) / 2  # of a single blob
    level = float(f"{level:.3g}")
    inside = np.append(density.ravel() >= level, law.pieces == 1)
    pieces = int(inside[0]) + int((inside[1:] & ~inside[:-1]).sum())
    return Topology((pieces, 0), f"the set where the density is at least {level}")


@lru_cache(maxsize=64)
def axial_entropy(law: Bridge) -> Fact:
    """Return the entropy by Gauss-Legendre rules along and across the axis, with the difference of two orders."""
    values = [_surprise(law, order) for order in (6, 8)]
    standardising = float(np.log(law.standard()[1]).sum())
    return Fact(values[1] - standardising, 3 * abs(values[1] - values[0]) + 1e-10)


def _surprise(law: Bridge, order: int) -> float:
    """``-integral p log p`` of v, in the coordinate along the axis and the distance from it."""
    places, _ = law.row()
    reach = 8 + law.dim**0.5
    far = np.geomspace(reach, 1e8 if law.tail else 2 * reach, 24 if law.tail else 4)
    fine = law.radius * np.arange(-7, 7.1, 1) if law.tube and law.radius < 1 else np.zeros(1)  # a tube's ends
    along = np.concatenate(
        (np.arange(places[0] - 8, places[-1] + 8, 0.75), places[0] + fine, places[-1] + fine)
    )
    along = np.concatenate((along, places[0] - far, places[-1] + far))
    z, mass = _rule(np.unique(along), order)
    if law.dim == 1:
        square, shell = np.zeros(1), np.ones(1)
    else:
        steps = np.concatenate((np.arange(0, reach, 0.75), fine.clip(min=0), far))
        rho, width = _rule(np.unique(steps), order)
        sphere = 2 * math.pi ** ((law.dim - 1) / 2) / special.gamma((law.dim - 1) / 2)
        square, shell = rho**2, sphere * width * rho ** (law.dim - 2)
    total = 0.0
    for part, weight in zip(torch.as_tensor(z).split(64), torch.as_tensor(mass).split(64)):
        log_p = law.terms(part[:, None, None], torch.as_tensor(square)[:, None]).logsumexp(-1)
        total -= float(weight @ (log_p * log_p.exp() @ torch.as_tensor(shell)))
    return total


def _rule(ends: np.ndarray, order: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre points and weights on the intervals between rising numbers."""
    at, mass = np.polynomial.legendre.leggauss(order)
    half = np.diff(ends)[:, None] / 2
    return (ends[:-1, None] + half * (1 + at)).ravel(), (half * mass).ravel()
