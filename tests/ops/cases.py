"""Every kernel at awkward sizes: results that instruction sets, devices and orders of threads must share.

``python -m tests.ops.cases FILE.npz`` saves them, from CPU tensors; under GANTHEORY_CUDA_HOST (see
tests/cuda_host/device.py) by the CUDA kernels.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from gantheory.ops import (
    kernel_mean,
    kernel_sum,
    knn,
    log_sum_exp,
    minimum_spanning_tree,
    mixture,
    nearest,
    pairwise_distance,
    philox,
    radius_count,
    sinkhorn,
    sinkhorn_divergence,
    softmax_average,
    spectral_norm,
    top_singular_values,
    transport_map,
)
from tests.cuda_host.device import as_asked


DTYPES = (torch.float32, torch.float64)


def results(device: str = "cpu") -> dict[str, np.ndarray]:
    """Return all results by name; those that must agree to the bit begin with "bits"."""
    found = {}
    for dtype in DTYPES:
        for family in (_draws, _pairs, _transport, _spectra):
            for name, value in family(dtype, device):
                found[f"{name} {str(dtype).removeprefix('torch.')}"] = value.detach().cpu().numpy()
    return found


def compare(
    results: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray], *, bits: bool = True
) -> None:
    """Check that two devices or instruction sets gave the same: to 1e-5 in float32, 1e-12 in float64."""
    assert results.keys() == wanted.keys()
    for name, value in wanted.items():
        if (bits and name.startswith("bits")) or value.dtype.kind in "iu":
            np.testing.assert_array_equal(results[name], value, err_msg=name)
        else:
            tolerance = 1e-5 if name.endswith("float32") else 1e-12
            size = max(1.0, float(np.abs(value[np.isfinite(value)]).max(initial=0.0)))
            np.testing.assert_allclose(
                results[name], value, rtol=tolerance, atol=tolerance * size, err_msg=name
            )


def _draws(dtype: torch.dtype, device: str) -> Iterator[tuple[str, Tensor]]:
    keys = np.arange(12, dtype=np.uint32).reshape(3, 4)
    yield "bits words", philox.words(keys, 3, 1001, device=device)
    yield "bits uniform", philox.uniform(keys, 3, 1001, dtype=dtype, device=device)
    yield "bits normal", philox.normal(keys, 3, 1001, dtype=dtype, device=device)
    yield "bits integers", philox.integers(keys, 10**12, 3, 1001, device=device)
    for d in (1, 2, 3):
        centres, factors = _points((3, 9, d), (1, 9, d, d), dtype=dtype, device=device)
        at = keys, keys[::-1].copy(), 3, 1001, centres
        yield f"bits mixture {d}", mixture(*at, factors.tril(), weights=np.arange(1, 10))
        yield f"bits digits {d}", mixture(*at, centres[:, 0, 0], digits=2)


def _points(*shapes: tuple[int, ...], dtype: torch.dtype, device: str) -> list[Tensor]:
    rng = np.random.default_rng(sum(map(sum, shapes)))
    return [torch.tensor(rng.normal(size=s), dtype=dtype, device=device) for s in shapes]


def _pairs(dtype: torch.dtype, device: str) -> Iterator[tuple[str, Tensor]]:
    two = {"kernel": "gaussian", "bandwidth": [1.0, 9.0]}
    for d in (1, 3, 9, 64):
        x, y = _points((2, 37, d), (2, 131, d), dtype=dtype, device=device)
        x, y = x.requires_grad_(), y.requires_grad_()
        (weights,) = _points((2, 37, 131), dtype=dtype, device=device)
        table = pairwise_distance(x, y)
        yield f"distance {d}", table
        yield f"gradient of distance {d}", torch.autograd.grad((weights * table).sum(), x)[0]
        for name, options in (("1", {"p": 1}), ("inf", {"p": np.inf}), ("cosine", {"cosine": True})):
            yield f"distance {name} {d}", pairwise_distance(x, y, **options)
        sums = kernel_sum(x, y)
        yield f"energy {d}", sums
        for name, value in zip("xy", torch.autograd.grad(sums.sum(), (x, y)), strict=True):
            yield f"gradient of energy in {name} {d}", value
        x, y = x.detach(), y.detach()
        few, many = x[:, :3], y.repeat(1, 70, 1)
        yield f"gaussians {d}", kernel_sum(x, y, **two)
        yield f"means {d}", kernel_mean(y, **two)
        for kernel in ("laplace", "rational_quadratic"):
            yield f"{kernel} {d}", kernel_mean(y, kernel=kernel, bandwidth=2.0)
        yield f"few rows {d}", kernel_sum(few, many)
        for name, value in zip(("index", "distance"), nearest(x, y), strict=True):
            yield f"nearest {name} {d}", value
        for name, value in zip(("index", "distance"), knn(y, y, 9, exclude_self=True), strict=True):
            yield f"knn {name} {d}", value
        yield f"within {d}", radius_count(x, y, 0.7 * d)
        for name, value in zip(("edges", "lengths"), minimum_spanning_tree(x), strict=True):
            yield f"tree {name} {d}", value
        for a, b, name in ((x, y, ""), (few, many, " of few rows")):
            yield f"log_sum_exp{name} {d}", log_sum_exp(a, b, epsilon=d)
            yield f"softmax_average{name} {d}", softmax_average(a, b, b, epsilon=d)


def _transport(dtype: torch.dtype, device: str) -> Iterator[tuple[str, Tensor]]:
    sure = {"tolerance": 1e-6 if dtype == torch.float32 else 1e-13, "max_iterations": 100}
    for d in (1, 3, 17):
        x, y = _points((2, 33, d), (2, 65, d), dtype=dtype, device=device)
        for cost in ("sqeuclidean", "euclidean", "manhattan"):
            for reach in (None, 1.0):
                found = sinkhorn(x, y, epsilon=2.0 * d, cost=cost, reach=reach, **sure)
                yield f"sinkhorn {cost} {reach} {d}", found.value
        yield f"divergence {d}", sinkhorn_divergence(x, y, epsilon=2.0 * d, **sure).value
        yield f"map {d}", transport_map(x, y, epsilon=2.0 * d, **sure)


def _spectra(dtype: torch.dtype, device: str) -> Iterator[tuple[str, Tensor]]:
    tolerance = {"tolerance": 1e-6 if dtype == torch.float32 else 1e-10}
    for m, n in ((1, 1), (33, 7), (7, 33), (65, 64)):
        (w,) = _points((3, m, n), dtype=dtype, device=device)
        yield f"norm {m} {n}", spectral_norm(w, **tolerance)
        yield f"top {m} {n}", top_singular_values(w, min(m, n, 3), **tolerance)


if __name__ == "__main__":
    with as_asked():
        np.savez(sys.argv[1], **results())
