"""Linear systems for every member at once, from products alone."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gantheory.dynamics.population import Profile


DENSE = 16
"""Up to so many unknowns the matrix itself is made, one product a column."""

CYCLE, CYCLES = 30, 10
"""The Krylov vectors of a cycle, and the largest number of cycles."""


def solve(product: Callable[[Profile], Profile], right: Profile, *, tolerance: float = 1e-10) -> Profile:
    """Solve ``M x = right`` for every member, with M given by its products.

    Up to 16 unknowns by the matrix, exactly; above, by restarted GMRES to the relative residual ``tolerance``
    or ten cycles of 30 vectors, whichever is first. A singular M gives the solution of least norm of the
    nearest solvable system; what is not finite stays so for its member alone.
    """
    sizes = [part.shape[-1] for part in right]

    def flat(x: Tensor) -> Tensor:
        return torch.cat(product(x.split(sizes, dim=-1)), dim=-1)

    b = torch.cat(right, dim=-1)
    x = (
        _dense(flat, b)
        if sum(sizes) <= DENSE
        else _gmres(flat, b, max(tolerance, 10 * torch.finfo(b.dtype).eps))
    )
    return x.split(sizes, dim=-1)


def _dense(flat: Callable[[Tensor], Tensor], b: Tensor) -> Tensor:
    units = torch.eye(b.shape[-1], dtype=b.dtype, device=b.device)
    matrix = torch.stack([flat(unit.expand_as(b)) for unit in units], dim=-1)
    found, info = torch.linalg.solve_ex(matrix, b)
    if not info.any():
        return found
    return torch.where((info == 0)[:, None], found, _least_norm(matrix, b))


def _least_norm(matrix: Tensor, b: Tensor) -> Tensor:
    """The least-norm least-squares solution; NaN for members whose numbers are not finite."""
    finite = matrix.isfinite().all(-1).all(-1) & b.isfinite().all(-1)
    safe = torch.where(finite[:, None, None], matrix, torch.zeros_like(matrix))
    found = (torch.linalg.pinv(safe, rtol=torch.finfo(b.dtype).eps ** 0.5) @ b.unsqueeze(-1)).squeeze(-1)
    return found.where(finite[:, None], torch.nan)


def _gmres(flat: Callable[[Tensor], Tensor], b: Tensor, tolerance: float) -> Tensor:
    x = torch.zeros_like(b)
    wanted = tolerance * torch.linalg.vector_norm(b, dim=-1)
    for cycle in range(CYCLES):
        residual = b - flat(x) if cycle else b
        length = torch.linalg.vector_norm(residual, dim=-1)
        active = length > wanted  # not for a NaN
        if not active.any():
            return torch.where(length.isnan()[:, None], torch.nan, x)
        x = torch.where(active[:, None], x + _cycle(flat, residual, length, wanted), x)
    return x


def _cycle(flat: Callable[[Tensor], Tensor], residual: Tensor, length: Tensor, wanted: Tensor) -> Tensor:
    """The correction of least residual from one Krylov space, which grows until it is small enough.

    A member that is done takes no further columns: what others need changes nothing for it.
    """
    count = min(CYCLE, residual.shape[-1])
    basis = [residual / _nonzero(length)[:, None]]
    bent = residual.new_zeros(len(residual), count + 1, count)  # the Hessenberg matrix
    first = torch.zeros_like(bent[:, :, 0])
    first[:, 0] = length
    turns, left, active = [], length, length > wanted
    for j in range(count):
        new = flat(basis[j])
        for _ in range(2):  # orthogonal to rounding
            for i, old in enumerate(basis):
                share = (old * new).sum(-1)
                bent[:, i, j] += torch.where(active, share, 0)
                new = new - share[:, None] * old
        size = torch.linalg.vector_norm(new, dim=-1)
        bent[:, j + 1, j] = torch.where(active, size, 0)
        basis.append(new / _nonzero(size)[:, None])
        left = torch.where(active, left * _turned(bent[:, : j + 2, j], turns).abs(), left)
        active = left > wanted
        if not active.any():
            break
    used = len(basis) - 1
    weights = _least_norm(bent[:, : used + 1, :used], first[:, : used + 1])
    return torch.einsum("mk,kmn->mn", weights, torch.stack(basis[:used]))


def _turned(column: Tensor, turns: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Add the rotation that makes the new column upper triangular; its sine shrinks the residual."""
    entries = list(column.unbind(-1))
    for i, (cosine, sine) in enumerate(turns):
        a, b = entries[i], entries[i + 1]
        entries[i], entries[i + 1] = cosine * a + sine * b, cosine * b - sine * a
    a, b = entries[-2], entries[-1]
    size = _nonzero(torch.hypot(a, b))
    turns.append((a / size, b / size))
    return turns[-1][1]


def _nonzero(x: Tensor) -> Tensor:
    return torch.where(x == 0, torch.ones_like(x), x)
