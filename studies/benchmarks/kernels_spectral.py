"""Spectral norms of all layers of a critic, and of 64 critics, against torch's parametrization.

Run it as ``python studies/benchmarks/kernels_spectral.py``. A step: the weights drift by 1e-3 of their size,
then each layer's norm is brought up to date and the weights are divided by it. torch does it as
``torch.nn.utils.parametrizations.spectral_norm`` does on every use in training (one power iteration from
the vectors before, 15 at the start); ours are `spectral_norms`, one call for all layers from the vectors
before to a tolerance, and the drop-in parametrization. Rounds alternate in one process; errors are the
largest relative error of a norm against numpy's decomposition in float64, after the first step and after
the last.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as torch_spectral_norm

import gantheory as gt


# out, in * k * k of a DCGAN-like critic for 32 x 32 images
SHAPES = [(64, 27), (64, 1024), (128, 576), (128, 2048), (256, 1152), (256, 4096), (512, 2304), (1, 512)]
DENSE = [(128, 2), *[(128, 128)] * 6, (1, 128)]


def holders(weights: list[Tensor]) -> list[nn.Linear]:
    """Linear layers with these weights."""
    layers = []
    for weight in weights:
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
        layer.weight = nn.Parameter(weight.clone())
        layers.append(layer)
    return layers


class Parametrized:
    """Layers whose weights are normalised when they are looked at."""

    def __init__(self, weights: list[Tensor], register):
        self.layers = [register(layer) for layer in holders(weights)]

    def step(self, weights: list[Tensor]) -> list[Tensor]:
        for layer, weight in zip(self.layers, weights):
            layer.parametrizations.weight.original.copy_(weight)
        return [layer.weight for layer in self.layers]


class OneCall:
    """All norms in one call."""

    def __init__(self, weights: list[Tensor], tolerance: float):
        self.tolerance = tolerance
        _, self.vectors = gt.ops.spectral_norms(weights, tolerance=tolerance)

    def step(self, weights: list[Tensor]) -> list[Tensor]:
        norms, self.vectors = gt.ops.spectral_norms(weights, tolerance=self.tolerance, start=self.vectors)
        return [weight / norm[..., None, None] for weight, norm in zip(weights, norms)]


def error(normalised: list[Tensor]) -> float:
    """The largest deviation of a norm from 1, over layers and, at most 4, critics."""
    matrices = [m for w in normalised for m in (w[:4] if w.dim() == 3 else w[None])]
    return max(abs(np.linalg.svd(m.double().numpy(), compute_uv=False)[0] - 1) for m in matrices)


def compare(title: str, shapes: list[tuple[int, int]], critics: int, steps: int, generator) -> None:
    """Time the steps of all by turns, with the same weights, and print them with their errors."""
    stacks = [torch.randn(critics, *s, generator=generator) / s[1] ** 0.5 for s in shapes]
    flat = [w for stack in stacks for w in stack]
    own = stacks if critics > 1 else flat
    rivals = {
        "torch": Parametrized(flat, torch_spectral_norm),
        "our parametrization": Parametrized(flat, gt.ops.spectral_normalization),
        "one call, tolerance 1e-2": OneCall(own, 1e-2),
        "one call, tolerance 1e-3": OneCall(own, 1e-3),
    }
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    errors: dict[str, list[float]] = {name: [] for name in rivals}
    for step in range(steps):
        for stack in stacks:
            stack += 1e-3 * torch.randn(stack.shape, generator=generator) / stack.shape[-1] ** 0.5
        for name, rival in rivals.items():
            weights = own if isinstance(rival, OneCall) else flat
            begun = time.perf_counter()
            normalised = rival.step(weights)
            seconds[name].append(time.perf_counter() - begun)
            if step in (0, steps - 1):
                errors[name].append(error(normalised))
    print(f"{title}: {critics} critics of {len(shapes)} layers, a step")
    for name in rivals:
        ratios = [t / o for t, o in zip(seconds["torch"], seconds[name])][1:]
        low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
        print(
            f"    {name}: {1e6 * statistics.median(seconds[name]):.0f} us, error {errors[name][0]:.1e} at first, "
            f"{errors[name][-1]:.1e} at last; torch takes {middle:.1f} times as long ({low:.1f} to {high:.1f})"
        )


def main() -> None:
    """Measure both rows of the table for two kinds of critics."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    generator = torch.Generator().manual_seed(0)
    print(f"{options.threads} threads")
    compare("dense, width 128", DENSE, 1, options.steps, generator)
    compare("dense, width 128", DENSE, 64, max(2, options.steps // 4), generator)
    compare("convolutional", SHAPES, 1, options.steps, generator)
    compare("convolutional", SHAPES, 64, max(2, options.steps // 10), generator)


if __name__ == "__main__":
    main()
