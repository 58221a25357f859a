"""The field around a point: products with its Jacobian, without the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gantheory.dynamics.population import Many, Profile


class Linearised:
    """The field v at a profile on one batch, and products with its Jacobian J = dv/dw, for every member.

    ``field`` is v(w). A product with J' is one reverse pass through v, one with J is two: v is linear
    in neither, but J' u is linear in u, and its own reverse pass gives J. All results are detached.

    Example:
        >>> import torch
        >>> from gantheory import Bilinear
        >>> from gantheory.dynamics.population import Many
        >>> ones = torch.ones(1, 1)
        >>> near = Linearised(Many(Bilinear(), 1), (ones, ones), ())
        >>> [float(part) for part in near.product((ones, 0 * ones))]  # the first column of J
        [0.0, -1.0]
    """

    def __init__(self, game: Many, profile: Profile, batch: Any):
        self._point = tuple(w.detach().requires_grad_() for w in profile)
        self._field = game.field(self._point, batch, create_graph=True)
        self.field: Profile = tuple(part.detach() for part in self._field)

    def transposed(self, direction: Profile) -> Profile:
        """Return J' u for u ``(members, size)`` a player."""
        return tuple(part.detach() for part in self._reverse(direction, create_graph=False))

    def product(self, direction: Profile) -> Profile:
        """Return J u for u ``(members, size)`` a player."""
        free = tuple(torch.zeros_like(w).requires_grad_() for w in self._point)
        return _gradient(self._reverse(free, create_graph=True), free, direction)

    def matrix(self) -> Tensor:
        """Return J ``(members, n, n)`` for all n parameters together, by n reverse passes: for tiny games."""
        sizes = [w.shape[-1] for w in self._point]
        blank = torch.zeros_like(torch.cat(self._point, dim=-1))
        rows = []
        for i in range(sum(sizes)):
            unit = blank.clone()
            unit[:, i] = 1
            rows.append(torch.cat(self.transposed(unit.split(sizes, dim=-1)), dim=-1))
        return torch.stack(rows, dim=-2)

    def _reverse(self, direction: Profile, *, create_graph: bool) -> Profile:
        return _gradient(self._field, self._point, direction, create_graph=create_graph)


def _gradient(
    outputs: Sequence[Tensor], inputs: Profile, direction: Profile, *, create_graph: bool = False
) -> Profile:
    """Return the gradient of ``<outputs, direction>``, zero where nothing depends on an input."""
    pairs = [(out, u) for out, u in zip(outputs, direction) if out.requires_grad]
    if not pairs:
        return tuple(torch.zeros_like(w) for w in inputs)
    return torch.autograd.grad(
        [out for out, _ in pairs],
        inputs,
        [u for _, u in pairs],
        retain_graph=True,
        create_graph=create_graph,
        materialize_grads=True,
    )
