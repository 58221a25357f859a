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


def lazy() -> nn.Module:
    """A critic whose widths follow from its inputs."""
    return nn.Sequential(nn.LazyLinear(8), nn.Tanh(), nn.LazyLinear(1))


def dropping(share: float) -> nn.Module:
    """A critic that leaves out some of its units."""
    return nn.Sequential(nn.Linear(2, 8), nn.Dropout(share), nn.Linear(8, 1))


def evaluated(share: float) -> nn.Module:
    """The same, told that it does not train."""
    return dropping(share).eval()


def spectral(old: bool) -> nn.Module:
    """A critic that torch normalises, in its old way or its new one."""
    normalised = nn.utils.spectral_norm if old else nn.utils.parametrizations.spectral_norm
    return nn.Sequential(normalised(nn.Linear(2, 8)), nn.Tanh(), nn.Linear(8, 1))


class Counting(nn.Linear):
    """A layer that counts its calls."""

    def __init__(self):
        super().__init__(2, 1)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x):
        self.calls += 1  # type: ignore[operator]
        return super().forward(x)


class Fourier(nn.Module):
    """A critic of random features, which are kept, beside one that is not part of its state."""

    def __init__(self):
        super().__init__()
        self.register_buffer("frequencies", torch.randn(8, 2))
        self.register_buffer("one", torch.ones(()), persistent=False)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        return self.head((x @ self.frequencies.T).cos() * self.one)


class Tied(nn.Module):
    """A critic two of whose layers are one weight."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 1)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.head(self.second(self.first(x).tanh()).tanh())


class Frozen(nn.Linear):
    """A layer that is not to be trained."""

    def __init__(self):
        super().__init__(2, 1)
        self.weight.requires_grad_(False)


class Pair(nn.Linear):
    """A critic that gives its inputs too."""

    def __init__(self):
        super().__init__(2, 1)

    def forward(self, x):
        return super().forward(x), x
