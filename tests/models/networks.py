"""Networks that tests name by their text."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def batch_normalised() -> nn.Module:
    """A generator whose samples see each other."""
    return nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4, track_running_stats=False), nn.Linear(4, 2))


class Clamped(nn.Module):
    """A generator of a user's own: every kind of straight piece, in place and with a way around."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(2, 6), nn.Conv1d(1, 2, 3, padding=1)
        self.last = nn.Linear(12, 2)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, z: Tensor) -> Tensor:
        h = self.first(z)
        h = h + 0.5 * self.relu(h.flip(-1))
        h = torch.cat((h[:, :3].abs(), torch.minimum(h[:, 3:], h[:, :3])), dim=-1)
        h = nn.functional.hardtanh(self.second(h[:, None]), -0.7, 0.9)
        h = h + h.amax((1, 2), keepdim=True).clamp(min=0.1) - h.min(dim=2, keepdim=True).values
        return z + self.last(h.flatten(1))


def clamped() -> nn.Module:
    return Clamped()
