"""Learned, or collapsed, and onto what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import torch
from scipy import stats

from gantheory.distributions.pieces import SHARE
from gantheory.estimate import Estimate
from gantheory.metrics.energy_distance import energy_distance, mean_distances
from gantheory.metrics.good_samples import assigned_modes
from gantheory.metrics.quality_share import quality_share
from gantheory.metrics.samples import metric_key, per_member, samples_of
from gantheory.random import Key


LEARNED, COLLAPSED, NOT_LEARNED, UNDECIDED = "learned", "collapsed", "not learned", "undecided"


@dataclass(frozen=True, eq=False)
class LearningOutcome:
    """What `learning_outcome` found, a row a member.

    ``verdict`` ``(members,)`` holds the texts, ``lost`` the numbers of each member's lost modes. ``distance`` is the
    energy distance as a share of the truth's own mean distance, ``quality`` the share of good samples, and
    ``presence`` ``(members, modes)`` each mode's share of the member's good samples over its share of the true
    ones; the latter two are `None` where the truth has no shape, or no labels.
    """

    verdict: np.ndarray
    lost: tuple[tuple[int, ...], ...]
    distance: Estimate
    quality: Estimate | None
    presence: Estimate | None

    @property
    def learned(self) -> Estimate:
        """1 for members who learned and 0 for the others, so that ``.mean()`` is their share."""
        return Estimate((self.verdict == LEARNED).astype(float), n=self.distance.n)

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in Counter(self.verdict.tolist()).items())
        missed = Counter(mode for modes in self.lost for mode in modes)
        text = ", ".join(f"mode {mode} by {count}" for mode, count in sorted(missed.items()))
        return f"{counts}; lost: {text}" if missed else counts

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "<tr><th>member</th><th>verdict</th><th>lost modes</th></tr>"
        rows = "".join(
            f"<tr><td>{m}</td><td>{escape(verdict)}</td><td>{', '.join(map(str, lost))}</td></tr>"
            for m, (verdict, lost) in enumerate(zip(self.verdict.tolist(), self.lost))
        )
        return f"<table>{head}{rows}</table>"


def learning_outcome(
    samples: Any,
    truth: Any,
    *,
    n: int = 10_000,
    tolerance: float = 0.01,
    quality: float = 0.9,
    presence: float = 0.1,
    level: float = 0.99,
    key: Key | None = None,
) -> LearningOutcome:
    """Return whether each member learned the truth, collapsed onto some of its modes, or neither.

    Each verdict is reached with one-sided confidence ``level``:

    - *collapsed*: a mode is lost. Its share of the member's good samples is below ``presence`` times its share of
      the true ones, by the exact test of two counts given their sum, at ``(1 - level) / modes``;
    - *learned*: no mode is lost, the energy distance is at most ``tolerance`` times ``E|y - y'|``, the mean
      distance of two true samples, and the share of good samples at least ``quality`` times that of true samples;
    - *not learned*: no mode is lost, and the distance is above that, or the share below, or samples are not finite;
    - *undecided*: n samples do not tell.

    Good is what `quality_share` says. A truth that knows no shape, or only points without noise, is judged by the
    distance alone. A shift of all samples by a tenth of their standard deviation, and a widening by 10 percent,
    are about 0.007 on the distance's scale, true samples below 0.001 (rings, grids and moons, n = 4,000).

    ``samples`` are points ``(n, d)``, ``(population, n, d)``, or anything with ``sample(n, key)``; ``truth`` a
    distribution. Raises `ValueError` for thresholds outside (0, 1), and what is no distribution.

    Reference: Szekely, Rizzo (2013), for the distance; Przyborowski, Wilenski (1940), for the test.

    Example:
        >>> from gantheory import Key, Ring
        >>> ring = Ring(scale=0.05)
        >>> points = ring.sample(4000, Key(0))
        >>> print(learning_outcome(points, ring, n=2000))
        1 learned
        >>> print(learning_outcome(points[points[:, 0] > -0.85], ring, n=2000))
        1 collapsed; lost: mode 4 by 1
    """
    for name, share in (
        ("tolerance", tolerance),
        ("quality", quality),
        ("presence", presence),
        ("level", level),
    ):
        if not 0 < share < 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {share}")
    if not hasattr(truth, "facts"):
        raise ValueError(f"truth must be a distribution, which knows its modes, got {type(truth).__name__}")
    key = metric_key(key, "learning_outcome", samples)
    x = samples_of(samples, n, key.child("samples"), name="samples")
    x = x if x.dim() == 3 else x[None]
    spread = float(mean_distances(*(truth.sample(n, key.child("spread", i)) for i in (0, 1))).mean())
    distance = energy_distance(x, truth, n=n, key=key.child("distance")) * (1 / spread)
    good = quality_share(x, truth, n=n, key=key.child("quality")) if _has_shape(truth) else None
    there, lost = _lost(x, truth, presence, level, key) if good is not None else (None, ((),) * len(x))
    z = stats.norm.ppf(level)
    far = distance.value - z * distance.stderr > tolerance
    near = distance.value + z * distance.stderr <= tolerance
    if good is not None:
        far |= good.value + z * good.stderr < quality * good.floor
        near &= good.value - z * good.stderr >= quality * good.floor
    far |= ~torch.isfinite(x).all(-1).all(-1).cpu().numpy()
    collapsed = np.array([bool(modes) for modes in lost])
    verdict = np.select([collapsed, far, near], [COLLAPSED, NOT_LEARNED, LEARNED], UNDECIDED).astype(object)
    return LearningOutcome(verdict, lost, distance, good, there)


def _has_shape(truth: Any) -> bool:
    facts = truth.facts()
    return facts.modes.value is not None or (
        facts.support_distance.value is not None and facts.noise.value != 0
    )


def _lost(
    x: torch.Tensor, truth: Any, presence: float, level: float, key: Key
) -> tuple[Estimate | None, tuple[tuple[int, ...], ...]]:
    """Return each mode's presence, and those that each member has lost."""
    labels = truth.facts().labels.value
    if labels is None:
        return None, ((),) * len(x)
    modes = len(labels)

    def counts(points: torch.Tensor) -> np.ndarray:
        nearest = assigned_modes(points, truth, share=SHARE, within=None, key=key)
        return np.stack([np.bincount(row.cpu() + 1, minlength=modes + 1)[1:] for row in nearest])

    own = np.concatenate([counts(member[None]) for member in per_member(x)])
    true = counts(truth.sample(x.shape[-2], key.child("modes"))[None])[0]
    good, of = own.sum(-1, keepdims=True), true.sum()
    # given their sum, the smaller share's count is binomial: with this chance where it is just `presence`
    chance = presence * good / (presence * good + of)
    gone = stats.binom.cdf(own, own + true, chance) < (1 - level) / modes
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (own / good) / (true / of)
        spread = ratio * np.sqrt(1 / np.maximum(own, 1) + 1 / np.maximum(true, 1))
    lost = tuple(tuple(np.nonzero(row)[0].tolist()) for row in gone)
    return Estimate(ratio, spread, n=x.shape[-2], floor=1.0), lost
