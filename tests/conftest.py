"""What all tests share: a derandomised search and one thread a test unless it asks for more."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, settings

import gantheory as gt


settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci")
torch.set_num_threads(1)


@pytest.fixture
def key(request) -> gt.Key:
    """A key of the test's own name: equal in every run, different for every test."""
    return gt.Key(0).child("test", request.node.nodeid)


@pytest.fixture(autouse=True)
def _no_global_randomness():
    """Fail a test during which somebody drew from torch's global generator."""
    before = torch.get_rng_state()
    yield
    assert torch.equal(before, torch.get_rng_state()), "something drew from the global generator"
