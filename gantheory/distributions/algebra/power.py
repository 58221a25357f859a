"""Powers of the density of a Gaussian mixture: normaliser, facts and exact samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.accepted import first_accepted
from gantheory.distributions.facts import WHOLE_SPACE, Fact, Facts, Modes
from gantheory.distributions.mixture import as_law
from gantheory.distributions.mixture_density import component_log_prob, mixture_log_prob, tensors


if TYPE_CHECKING:
    from gantheory.random import Key


MOST_PROPOSALS = 100
"""Proposals a sample, above which a rejection is refused."""

MOST_WORK = 50_000_000
"""Points of a grid times components, above which an integral is refused."""


class Power(NamedTuple):
    """``p^b`` of a mixture ``p = sum_k a_k``, proposals from the mixture of the components' own powers ``a_k^b``."""

    of: Modes
    exponent: float
    proposal: Modes
    log_bound: float  # of p^b / sum_k a_k^b: 0 where b <= 1, (b - 1) log K above, by Hoelder's inequality
    log_z: float
    facts: Facts


def measure_power(of: Modes, exponent: float) -> Power:
    """Return the power with its normaliser and facts, by the trapezoid rule around the components.

    The integrand is analytic and falls like a Gaussian, so that the rule's error falls exponentially; it is
    taken as three times the difference of two grids. Raises `ValueError` above two dimensions, where a grid
    would take too many points, and where the rejection would be too slow.
    """
    count, d = of.centres.shape
    if d > 2:
        raise ValueError(
            f"Tempered: a power of {count} Gaussians is integrated in up to 2 dimensions, not {d}"
        )
    proposal, log_c = _proposal(of, exponent)
    log_bound = max(0.0, (exponent - 1) * math.log(count))
    fine, coarse = (_integrals(of, exponent, log_c, proposal, step) for step in (0.25, 0.35))
    error = 3 * float(np.abs(fine - coarse).max()) + 1e-12
    proposals = math.exp(log_bound) / fine[0]
    if proposals > MOST_PROPOSALS:
        raise ValueError(
            f"Tempered: rejection would take {proposals:.0f} proposals a sample, more than {MOST_PROPOSALS}: "
            "take a temperature nearer to 1, or fewer components"
        )
    log_z = log_c + math.log(fine[0])
    facts = _facts(fine / fine[0], 2 * error / float(fine[0]), exponent, log_z, d)
    return Power(of, exponent, proposal, log_bound, log_z, facts)


def _integrals(of: Modes, b: float, log_c: float, proposal: Modes, step: float) -> np.ndarray:
    """Integrals of ``p^b (1, log p, x, x x') / C``; steps are shares of the smallest width of any factor."""
    width = np.sqrt(np.linalg.eigvalsh(of.covariances).min() * min(1.0, 1 / b))
    reach = 9 * np.sqrt(np.diagonal(proposal.covariances, axis1=1, axis2=2))
    low, high = (of.centres - reach).min(0), (of.centres + reach).max(0)
    axes = [np.arange(a, z, step * width) for a, z in zip(low, high)]
    size = math.prod(map(len, axes))
    if size * len(of) > MOST_WORK:
        raise ValueError(
            f"Tempered: components this narrow need a grid of {size:.1e} points: widen or approach them"
        )
    grid = torch.from_numpy(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(size, -1))
    sums = [_moments(of, b, log_c, x).sum(0) for x in grid.split(1 << 16)]
    return torch.stack(sums).sum(0).numpy() * (step * width) ** len(axes)


def _proposal(of: Modes, b: float) -> tuple[Modes, float]:
    """Components of ``sum_k a_k^b / C``, and log C."""
    d = of.centres.shape[1]
    log_det = np.linalg.slogdet(of.covariances)[1]
    log_mass = (
        b * np.log(of.weights) + (1 - b) / 2 * (d * math.log(2 * math.pi) + log_det) - d / 2 * math.log(b)
    )
    log_c = float(np.logaddexp.reduce(log_mass))
    return Modes(of.centres, of.covariances / b, np.exp(log_mass - log_c)), log_c


def _moments(of: Modes, b: float, log_c: float, x: Tensor) -> Tensor:
    """``p^b (1, log p, x, x x') / C`` as rows."""
    log_p = mixture_log_prob(of, x)
    square = (x.unsqueeze(-1) * x.unsqueeze(-2)).flatten(-2)
    entries = torch.cat((torch.ones_like(x[:, :1]), log_p[:, None], x, square), dim=-1)
    return (b * log_p - log_c).exp()[:, None] * entries


def _facts(means: np.ndarray, error: float, b: float, log_z: float, d: int) -> Facts:
    """Facts of means of (1, log p, x, x x') under the power, each to this error."""
    surprise, mean, square = means[1], means[2 : 2 + d], means[2 + d :].reshape(d, d)
    largest = float(np.abs(mean).max())
    error = error * (1 + float(np.abs(means).max()))
    unlabelled = Fact(None, reason="a power of a mixture is not a mixture of its components")
    return Facts(
        mean=Fact(mean, error),
        covariance=Fact(square - np.outer(mean, mean), error * (1 + 2 * largest)),
        entropy=Fact(float(log_z - b * surprise), error * (1 + b)),
        modes=unlabelled,
        mode_of=unlabelled,
        labels=unlabelled,
        support_distance=WHOLE_SPACE,
        project=WHOLE_SPACE,
        intrinsic_dimension=Fact(d),
        tail_index=Fact(math.inf),
        smoothness=Fact(math.inf),
    )


def draw_power(power: Power, n: int, key: Key, start: int) -> Tensor:
    """Draw samples by rejection: a row takes its first proposal that is accepted.

    The decision is made in float64, where sizes of blocks do not change it.
    """
    law, b = as_law(power.proposal), power.exponent

    def propose(attempt: Key, rows: Any) -> tuple[Tensor, Tensor]:
        x = law.sample(n, attempt.child("point"), start=start)[rows]
        u = attempt.child("accept").uniform(n, start=start, dtype=torch.float64, device=x.device)[rows]
        x64 = x.double()
        each = component_log_prob(x64, *tensors(power.of, x64))
        log_ratio = b * each.logsumexp(-1) - (b * each).logsumexp(-1)
        return x, u.log() <= log_ratio - power.log_bound

    return first_accepted(propose, key)
