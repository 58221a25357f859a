"""The share of good samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from gantheory.estimate import Estimate
from gantheory.metrics.good_samples import SHARE, assigned_modes
from gantheory.metrics.samples import metric_key, per_member, samples_of, shaped
from gantheory.random import Key


def quality_share(
    samples: Any, truth: Any, *, n: int = 10_000, share: float = SHARE, key: Key | None = None
) -> Estimate:
    """Return the share of each member's samples that lie as near a mode as true samples do.

    Equation: ``#{good samples} / n``, where a sample is good within the ``share`` quantile of the chi law
    of its nearest mode. The floor, here a ceiling, is the share that n true samples reach.

    Raises `ValueError` where the truth does not know its modes.

    Reference: Srivastava et al. (2017), with a threshold that is right in every dimension.

    Example:
        >>> from gantheory import Key, Ring
        >>> bool(quality_share(Ring(), Ring(), n=1000, key=Key(0)).value > 0.97)
        True
    """
    key = metric_key(key, "quality_share", samples)
    x = samples_of(samples, n, key.child("samples"), name="samples")
    n = x.shape[-2]
    good = (assigned_modes(x, truth, share) >= 0).double().mean(-1, keepdim=True).unsqueeze(-1)
    values = shaped([row.item() for row in per_member(good)], x)
    true = truth.sample(n, key.child("floor"))
    floor = (assigned_modes(true, truth, share) >= 0).double().mean().item()
    return Estimate(values, np.sqrt(values * (1 - values) / n), n=n, floor=floor)
