"""The negative log-likelihood of the truth under a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from gantheory.estimate import Estimate
from gantheory.metrics.samples import metric_key, samples_of
from gantheory.random import Key


def negative_log_likelihood(model: Any, truth: Any, *, n: int = 10_000, key: Key | None = None) -> Estimate:
    """Return each member's mean negative log-likelihood of true samples, in nats a sample.

    Equation: ``-mean log q(x_i)`` over n true samples; never below the truth's entropy in expectation.
    The floor is the truth's own value on the same samples, ``-mean log p(x_i)``, where it has a density
    (else NaN); so ``value - floor`` estimates KL(p || q).

    ``model`` has ``log_prob(x)`` giving ``(n,)`` or ``(population, n)``. Raises `ValueError` where it has
    none.

    Example:
        >>> from gantheory import Key, Ring
        >>> nll = negative_log_likelihood(Ring(), Ring(), n=1000, key=Key(0))
        >>> bool(nll.value == nll.floor)
        True
    """
    if not hasattr(model, "log_prob"):
        raise ValueError(
            f"{type(model).__name__} has no log_prob: only models with a density have a likelihood"
        )
    key = metric_key(key, "negative_log_likelihood", model, truth)
    x = samples_of(truth, n, key.child("truth"), name="truth")
    loss = -model.log_prob(x).double()
    floor = -truth.log_prob(x).double().mean().item() if hasattr(truth, "log_prob") else np.nan
    error = torch.std(loss, dim=-1) / loss.shape[-1] ** 0.5
    return Estimate(loss.mean(-1).cpu().numpy(), error.cpu().numpy(), n=loss.shape[-1], floor=floor)
