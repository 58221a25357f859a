"""A reference batch that goes through a network in front of every other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gantheory.notation import Noun
from gantheory.random import Key


CUSTOMARY = Key(0).child("reference")
"""The key of a reference batch for which none is given."""


def check_reference(name: str, rows: int, source: Noun | None) -> None:
    """Refuse a reference batch without a variance, or a source without samples."""
    if rows < 2:
        raise ValueError(f"{name} needs a reference batch of at least 2 rows, got {rows}")
    if source is not None and not hasattr(source, "sample"):
        raise ValueError(f"{name} draws its reference batch from a distribution, got {source!r}")


def with_reference(
    network: nn.Module, inputs: int | None, rows: int, source: Noun | None, key: Key
) -> nn.Module:
    """Return a network that runs on a reference batch and its inputs together, and leaves out the former.

    The reference batch is ``rows`` samples of ``source``, or standard normal; a buffer that never changes.
    """
    width = inputs if source is None else getattr(source, "dim", inputs)
    if width is None:
        raise ValueError("a reference batch needs the number of inputs: Network(..., inputs=...)")
    if inputs not in (None, width):
        raise ValueError(f"the reference batch has {width} dimensions, but the network {inputs} inputs")
    with torch.device("cpu"):  # true numbers, also where a network is built without any
        exact = key.to(torch.float64)
        batch = exact.normal(rows, width) if source is None else source.sample(rows, exact)  # type: ignore
    return _WithReference(network, batch)


class _WithReference(nn.Module):
    reference: Tensor

    def __init__(self, network: nn.Module, reference: Tensor):
        super().__init__()
        self.network = network
        self.register_buffer("reference", reference)

    def forward(self, x: Tensor) -> Tensor:
        return self.network(torch.cat((self.reference.to(x), x)))[len(self.reference) :]
