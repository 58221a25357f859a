"""Spectral norms of all layers of a critic, and of 64 critics, against torch's parametrization.

Run it as ``python studies/benchmarks/kernels_spectral.py``. A step: the weights drift by 1e-3 of their size,
then each layer's norm is brought up to date. "torch" does what torch.nn.utils.parametrizations.spectral_norm
does for that on every use in training (a power iteration from the vectors before, 15 at the start, and u'W v);
"one call" is `spectral_norms` for all layers from the vectors before, to a tolerance. The two parametrizations
are also compared as a whole, with the division and torch's machinery around them. Rounds alternate in one
process; errors are the largest relative error of a norm against numpy's decomposition in float64, after the
first step and after the last.
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

    def prepare(self, weights: list[Tensor]) -> None:
        for layer, weight in zip(self.layers, weights):
            layer.parametrizations.weight.original.copy_(weight)

    def step(self, weights: list[Tensor]) -> list[Tensor]:
        return [layer.weight for layer in self.layers]

    def norms(self, weights: list[Tensor], found: list[Tensor]) -> list[Tensor]:
        return [w.norm() / f.norm() for w, f in zip(weights, found)]


class TorchNorms(Parametrized):
    """The norms alone, by the lines of torch's parametrization that find them."""

    def step(self, weights: list[Tensor]) -> list[Tensor]:
        found = []
        for layer, weight in zip(self.layers, weights):
            made = layer.parametrizations.weight[0]
            made._power_method(weight, 1)
            u, v = made._u.clone(), made._v.clone()
            found.append(torch.vdot(u, torch.mv(weight, v)))
        return found

    def norms(self, weights: list[Tensor], found: list[Tensor]) -> list[Tensor]:
        return found


class OneCall:
    """All norms in one call."""

    def __init__(self, weights: list[Tensor], tolerance: float):
        self.tolerance = tolerance
        _, self.vectors = gt.ops.spectral_norms(weights, tolerance=tolerance)

    def prepare(self, weights: list[Tensor]) -> None:
        pass

    def step(self, weights: list[Tensor]) -> list[Tensor]:
        found, self.vectors = gt.ops.spectral_norms(weights, tolerance=self.tolerance, start=self.vectors)
        return list(found)

    def norms(self, weights: list[Tensor], found: list[Tensor]) -> list[Tensor]:
        return [norm for layer in found for norm in layer.reshape(-1)]


def error(found: list[Tensor], weights: list[Tensor]) -> float:
    """The largest relative error of the norms of at most 64 matrices, spread over all."""
    some = range(0, len(weights), max(1, len(weights) // 64))
    truth = {i: np.linalg.svd(weights[i].double().numpy(), compute_uv=False)[0] for i in some}
    return max(abs(found[i].item() / truth[i] - 1) for i in some)


def compare(title: str, shapes: list[tuple[int, int]], critics: int, steps: int, generator) -> None:
    """Time the steps of all by turns, with the same weights, and print them with their errors."""
    stacks = [torch.randn(critics, *s, generator=generator) / s[1] ** 0.5 for s in shapes]
    flat = [w for stack in stacks for w in stack]
    own = stacks if critics > 1 else flat
    rivals = {
        "torch": TorchNorms(flat, torch_spectral_norm),
        "one call, tolerance 1e-2": OneCall(own, 1e-2),
        "one call, tolerance 1e-3": OneCall(own, 1e-3),
        "torch's parametrization": Parametrized(flat, torch_spectral_norm),
        "our parametrization": Parametrized(flat, gt.ops.spectral_normalization),
    }
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    errors: dict[str, list[float]] = {name: [] for name in rivals}
    for step in range(steps):
        for stack in stacks:
            stack += 1e-3 * torch.randn(stack.shape, generator=generator) / stack.shape[-1] ** 0.5
        for name, rival in rivals.items():
            weights = own if isinstance(rival, OneCall) else flat
            rival.prepare(weights)
            found = []  # or else the next rival would find less free memory
            begun = time.perf_counter()
            found = rival.step(weights)
            seconds[name].append(time.perf_counter() - begun)
            if step in (0, steps - 1):
                errors[name].append(error(rival.norms(flat, found), flat))
    print(f"{title}: {critics} critics of {len(shapes)} layers, a step")
    for name in rivals:
        peer = "torch's parametrization" if "parametrization" in name else "torch"
        ratios = [t / o for t, o in zip(seconds[peer], seconds[name])][1:]
        low, middle, high = np.quantile(ratios, [0.1, 0.5, 0.9])
        print(
            f"    {name}: {1e6 * statistics.median(seconds[name]):.0f} us, error {errors[name][0]:.1e} at first, "
            f"{errors[name][-1]:.1e} at last; {peer} takes {middle:.1f} times as long ({low:.1f} to {high:.1f})"
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
