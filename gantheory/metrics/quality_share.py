"""The share of good samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from gantheory.distributions.pieces import SHARE
from gantheory.estimate import Estimate
from gantheory.metrics.good_samples import assigned_modes
from gantheory.metrics.samples import metric_key, per_member, samples_of, shaped
from gantheory.random import Key


def quality_share(
    samples: Any,
    truth: Any,
    *,
    n: int = 10_000,
    share: float = SHARE,
    within: float | None = None,
    key: Key | None = None,
) -> Estimate:
    """Return the share of each member's samples that lie as near a mode, or the shape, as true samples do.

    Equation: ``#{good samples} / n``. Of a Gaussian mixture, a sample is good within the ``share`` quantile of
    the chi law of its nearest mode; of another law that knows the distance from its shape, within the ``share``
    quantile of true samples' own distance. ``within`` is another threshold: a number of a mode's standard
    deviations, or a distance from the shape, which laws without noise need. The floor, here a ceiling, is the
    share that n other true samples reach.

    Raises `ValueError` where the truth knows neither modes nor a shape, or has no noise and no ``within``.

    Reference: Srivastava et al. (2017), with a threshold that is right in every dimension.

    Example:
        >>> from gantheory import Circles, Key, Ring
        >>> bool(quality_share(Ring(), Ring(), n=1000, key=Key(0)).value > 0.97)
        True
        >>> print(quality_share(Circles((1.0, 3.0, 5.0)), Circles(), n=1000, share=0.9, key=Key(0)))
        0.895 +- 0.010, floor 0.915 (n=1000)
    """
    key = metric_key(key, "quality_share", samples)
    x = samples_of(samples, n, key.child("samples"), name="samples")
    n = x.shape[-2]
    good = assigned_modes(x, truth, share=share, within=within, key=key) >= 0
    passed = good.double().mean(-1, keepdim=True).unsqueeze(-1)
    values = shaped([row.item() for row in per_member(passed)], x)
    true = truth.sample(n, key.child("floor"))
    floor = assigned_modes(true, truth, share=share, within=within, key=key) >= 0
    return Estimate(values, np.sqrt(values * (1 - values) / n), n=n, floor=floor.double().mean().item())
