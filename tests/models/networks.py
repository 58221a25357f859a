"""Networks that tests name by their text."""

from __future__ import annotations

from torch import nn


def batch_normalised() -> nn.Module:
    """A generator whose samples see each other."""
    return nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4, track_running_stats=False), nn.Linear(4, 2))
