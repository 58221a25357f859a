"""Linear systems for every member against torch's dense solver."""

from __future__ import annotations

import pytest
import torch

from gantheory.dynamics.krylov import solve


def _system(key, members, n, shift):
    matrix = key.child("matrix").normal(members * n, n, dtype=torch.float64).reshape(members, n, n)
    return matrix / n**0.5 + shift * torch.eye(n, dtype=torch.float64)


@pytest.mark.parametrize("n", [1, 5, 16, 17, 80])
def test_solutions(n, key):
    matrix = _system(key, 3, n, 3.0)
    right = key.child("right").normal(3, n, dtype=torch.float64)
    sizes = [n // 2, n - n // 2] if n > 1 else [1]
    calls = []

    def product(x):
        calls.append(1)
        return torch.einsum("mij,mj->mi", matrix, torch.cat(x, dim=-1)).split(sizes, dim=-1)

    found = torch.cat(solve(product, right.split(sizes, dim=-1)), dim=-1)
    torch.testing.assert_close(found, torch.linalg.solve(matrix, right), rtol=1e-8, atol=1e-8)
    assert len(calls) <= max(n, 50), "as many products as unknowns, or until the residual is small"


@pytest.mark.parametrize("n", [3, 40])
def test_a_singular_or_broken_member_harms_no_other(n, key):
    matrix = _system(key, 3, n, 3.0)
    matrix[1] = 0
    matrix[2, 0, 0] = torch.nan
    right = key.child("right").normal(3, n, dtype=torch.float64)
    (found,) = solve(lambda x: (torch.einsum("mij,mj->mi", matrix, x[0]),), (right,))
    torch.testing.assert_close(found[0], torch.linalg.solve(matrix[0], right[0]), rtol=1e-8, atol=1e-8)
    assert found[1].abs().max() < 1e-12, "nothing solves it better than 0"
    assert found[2].isnan().any()
