"""Masked networks and loops of autoregressive flows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Transform


@dataclass(frozen=True)
class Univariate:
    """An increasing map of the line with ``size`` parameters ``(..., size)``: both ways, with log-derivatives."""

    size: int
    forward: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    inverse: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


@cache
def zuko() -> ModuleType:
    """Import zuko, and put back what it changes in `torch.distributions`.

    It turns every check of arguments off, for everybody. Our copy works without that; a program that
    imports zuko itself gets it afresh, with its changes.
    """
    if "zuko" in sys.modules:
        return sys.modules["zuko"]
    kept = {name: vars(Distribution)[name] for name in ("_validate_args", "arg_constraints")}
    try:
        return import_module("zuko")
    finally:
        for name, value in kept.items():
            setattr(Distribution, name, value)
        for name in [name for name in sys.modules if name.partition(".")[0] == "zuko"]:
            del sys.modules[name]


def transform_of(make: Callable[..., Transform], *sizes: int) -> Univariate:
    """Return one of zuko's transforms, made of parameters of these sizes (0 for a single number)."""
    widths = [max(size, 1) for size in sizes]

    def made(phi: Tensor) -> Transform:
        parts = phi.split(widths, dim=-1)
        return make(*(part if size else part.squeeze(-1) for part, size in zip(parts, sizes)))

    def forward(phi: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        return made(phi).call_and_ladj(x)  # pyright: ignore[reportAttributeAccessIssue] (zuko's own)

    def inverse(phi: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        transform = made(phi)
        x: Any = transform.inv(y)
        return x, -transform.log_abs_det_jacobian(x, y)

    return Univariate(sum(widths), forward, inverse)


class Autoregressive(nn.Module):
    """Layers ``z_i = f(x_i; network(x_before_i))``, the order of the coordinates reversed from each to the next.

    Coordinates that share a group do not see each other, so that a sample takes one pass for every group.
    """

    def __init__(self, dim: int, layers: int, hidden: tuple[int, ...], passes: int | None, f: Univariate):
        super().__init__()
        self.f = f
        self.passes = groups(dim, passes)
        # masks are found from values, which a module on the meta device does not have
        with torch.device("cpu"), torch.random.fork_rng(devices=[]):
            group = torch.arange(dim) // -(-dim // self.passes)
            before = group[:, None] > group
            masks = [m.repeat_interleave(f.size, dim=0) for m in (before, before.flip(0, 1))]
            make = zuko().nn.MaskedMLP
            self.networks = nn.ModuleList(make(masks[i % 2], hidden_features=hidden) for i in range(layers))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        total = x.new_zeros(x.shape[:-1])
        for network in self.networks:
            x, log_slope = self.f.forward(self._parameters_at(network, x), x)
            total = total + log_slope.sum(-1)
        return x, total

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        total = z.new_zeros(z.shape[:-1])
        for network in reversed(self.networks):
            x, log_slope = torch.zeros_like(z), torch.zeros_like(z)
            for _ in range(self.passes):  # each pass is right for one more group, and the last for all
                x, log_slope = self.f.inverse(self._parameters_at(network, x), z)
            z, total = x, total + log_slope.sum(-1)
        return z, total

    def _parameters_at(self, network: nn.Module, x: Tensor) -> Tensor:
        return network(x).unflatten(-1, (-1, self.f.size))


def groups(dim: int, passes: int | None) -> int:
    """Return how many groups of coordinates there are, at most ``passes``, all of one size but the last."""
    return -(-dim // -(-dim // (passes or dim)))


def check_autoregressive(
    name: str, dim: int, layers: int, hidden: tuple[int, ...], passes: int | None
) -> None:
    """Raise `ValueError` for what no autoregressive flow can be."""
    if dim < 2 or min(layers, *hidden) < 1:
        raise ValueError(
            f"{name} needs dim of at least 2, a layer and widths of at least 1, got {(dim, layers, hidden)}"
        )
    if passes is not None and not 2 <= passes <= dim:
        raise ValueError(
            f"{name}: passes must lie between 2 (coupling) and dim (autoregressive), got {passes}"
        )
