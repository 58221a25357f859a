"""Signed slack: signs, units and intervals."""

import numpy as np
import pytest

from gantheory import Estimate
from gantheory.claims.margins import margins


@pytest.mark.parametrize(
    ("relation", "observed", "slack"),
    [
        ("=", 10.0, 1.0),
        ("=", 10.5, 0.5),
        ("=", 9.0, 0.0),
        ("=", 12.0, -1.0),
        ("<=", 9.0, 0.2),
        ("<=", 12.0, -0.1),
        (">=", 12.0, 0.3),
        (">=", 8.0, -0.1),
    ],
)
def test_units_and_signs(relation, observed, slack):
    assert margins(10.0, observed, relation=relation, tolerance=0.1).value[0] == pytest.approx(slack)


def test_exact_equality_needs_no_tolerance():
    found = margins([1.0, np.inf, 2.0], [1.0, np.inf, 2.5], relation="=").value
    assert found.tolist() == [0, 0, -0.25]


def test_nan_never_agrees():
    for relation in ("=", "<=", ">="):
        found = margins([np.nan, 1.0], [1.0, np.nan], relation=relation, tolerance=1.0)
        assert (found.best == -np.inf).all()


@pytest.mark.parametrize("relation", ["=", "<=", ">="])
def test_interval_ends_bound_the_slack(relation):
    """Against the least and largest slack over a fine grid of the interval."""
    for p in (0.0, 0.9, 1.0, 1.6):
        estimate = Estimate(1.0, 0.3)
        low, high = estimate.interval(0.9)
        grid = np.append(np.linspace(low, high, 4001), np.clip(p, low, high))
        slack = margins(np.full(grid.shape, p), grid, relation=relation, tolerance=0.1).value
        found = margins(p, estimate, relation=relation, tolerance=0.1, level=0.9)
        assert found.worst[0] == pytest.approx(slack.min())
        assert found.best[0] == pytest.approx(slack.max())


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="one shape"):
        margins([1.0, 2.0], 1.0, relation="=")
