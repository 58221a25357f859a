"""Spectral norms of all layers of a critic, and of 64 critics, against torch's parametrization.

Run it as ``python studies/benchmarks/kernels_spectral.py``. A step: the weights drift by 1e-3 of their size,
then all normalised weights are looked at once, as in a forward pass in training. Rivals, on the same weights:
torch.nn.utils.parametrizations.spectral_norm on every layer; `spectral_normalization` on every layer, on the
network that holds them all, and on layers that hold the stacked weights of all critics. Timed are the forward
pass without a graph, with one, and with the backward pass. Beside them the norms alone: the lines of torch's
parametrization that find them (a power iteration from the vectors before, and u'W v), and `spectral_norms` for
all layers from the vectors before, to a tolerance.

Rounds alternate in one process, and ratios are taken within a round. In each round every rival steps twice:
"cold" after the others have used the caches, and "warm" at once again. Errors are the largest relative error
of a norm against numpy's decomposition in float64 (of at most 32 matrices), after the first step and the last.
The least that a forward pass can do is to read every weight once and write it once; beside the rate at which
it does stands that of torch's copy of as much, from where the weights lie then.
"""

from __future__ import annotations

import argparse
import functools
import statistics
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from measuring import timed
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as torch_spectral_norm

import gantheory as gt


# out, in * k * k of a DCGAN-like critic for 32 x 32 images
SHAPES = [(64, 27), (64, 1024), (128, 576), (128, 2048), (256, 1152), (256, 4096), (512, 2304), (1, 512)]
DENSE = [(128, 2), *[(128, 128)] * 6, (1, 128)]
ROWS = ("dense", "convolutional")
MODES = ("no graph", "graph", "with backward")


class Weight(nn.Module):
    """A layer that is nothing but its weight, in the memory of the tensor given."""

    def __init__(self, weight: Tensor):
        super().__init__()
        self.weight = nn.Parameter(weight)


class Critics(nn.Module):
    """All layers; a forward pass looks at every weight."""

    def __init__(self, weights: list[Tensor], register: Callable = lambda layer: layer):
        super().__init__()
        self.layers = nn.ModuleList(register(Weight(w)) for w in weights)

    def forward(self) -> list[Tensor]:
        return [cast(Weight, layer).weight for layer in self.layers]

    def run(self, mode: str) -> Callable[[], object]:
        """One step of a mode."""
        if mode == "no graph":
            return torch.no_grad()(self)
        if mode == "graph":
            return self
        gradients = [torch.ones_like(parametrized(layer).original) for layer in self.layers]

        def step():
            self.zero_grad()
            torch.autograd.backward(self(), gradients)

        return step

    def norms(self, found: list[Tensor]) -> list[Tensor]:
        pairs = [(parametrized(layer).original, f) for layer, f in zip(self.layers, found)]
        return [a.double().norm() / b.double().norm() for w, f in pairs for a, b in zip(stack(w), stack(f))]


class TorchNorms(Critics):
    """The norms alone, by the lines of torch's parametrization that find them."""

    def __init__(self, weights: list[Tensor]):
        super().__init__(weights, torch_spectral_norm)

    def forward(self) -> list[Tensor]:
        found = []
        for layer in self.layers:
            made, weight = parametrized(layer)[0], parametrized(layer).original
            made._power_method(weight, 1)
            u, v = made._u.clone(), made._v.clone()
            found.append(torch.vdot(u, torch.mv(weight, v)))
        return found

    def norms(self, found: list[Tensor]) -> list[Tensor]:
        return found


class OneCall:
    """All norms in one call."""

    def __init__(self, weights: list[Tensor], tolerance: float):
        self.weights, self.tolerance = weights, tolerance
        _, self.vectors = gt.ops.spectral_norms(weights, tolerance=tolerance)

    def run(self, mode: str) -> Callable[[], object]:
        return self.step

    def step(self) -> list[Tensor]:
        options = {"tolerance": self.tolerance, "start": self.vectors}
        found, self.vectors = gt.ops.spectral_norms(self.weights, **options)
        return list(found)

    def norms(self, found: list[Tensor]) -> list[Tensor]:
        return [norm for layer in found for norm in layer.reshape(-1)]


def parametrized(layer: Any) -> Any:
    """The parametrizations of a layer's weight."""
    return layer.parametrizations.weight


def stack(weight: Tensor) -> Tensor:
    return weight.detach().reshape(-1, *weight.shape[-2:])


def error(norms: list[Tensor], weights: list[Tensor]) -> float:
    """The largest relative error of the norms of at most 32 matrices, spread over all."""
    matrices = [w for weight in weights for w in stack(weight)]
    some = range(0, len(matrices), -(-len(matrices) // 32))
    truth = {i: np.linalg.svd(matrices[i].double().numpy(), compute_uv=False)[0] for i in some}
    return max(abs(norms[i].item() / truth[i] - 1) for i in some)


def compare(title: str, shapes: list[tuple[int, int]], critics: int, steps: int, generator) -> None:
    """Time the steps of all by turns, with the same weights, and print them with their errors."""
    stacks = [torch.randn(critics, *s, generator=generator) / s[1] ** 0.5 for s in shapes]
    flat = [w for stack in stacks for w in stack]
    normal = gt.ops.spectral_normalization
    norms = {
        "torch": TorchNorms(flat),
        "one call, tolerance 1e-2": OneCall(stacks, 1e-2),
        "one call, tolerance 1e-3": OneCall(stacks, 1e-3),
    }
    weights = {
        "torch": Critics(flat, torch_spectral_norm),
        "layer by layer": Critics(flat, normal),
        "as a network": normal(Critics(flat)),
        "as a network, stacked": normal(Critics(stacks), stacked=True),
    }
    moved = 2 * sum(4 * w.numel() for w in flat)
    print(f"{title}: {critics} critics of {len(shapes)} layers, a step", flush=True)
    print("  the norms alone; how many times as long the first takes")
    alternate(norms, "no graph", stacks, steps, generator)
    for mode in MODES:
        print(f"  the normalised weights ({moved / 1e6:.1f} MB to read and to write), {mode}")
        alternate(weights, mode, stacks, steps, generator, moved if mode == "no graph" else 0)


def alternate(rivals: dict, mode: str, stacks: list[Tensor], steps: int, generator, moved: int = 0) -> None:
    """Time one mode of all rivals and print it against the first of them."""
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in rivals}
    errors: dict[str, list[float]] = {name: [] for name in rivals}
    runs = {name: rival.run(mode) for name, rival in rivals.items()}
    for step in range(-1, steps):
        for weight in stacks:
            weight += 1e-3 * torch.randn(weight.shape, generator=generator) / weight.shape[-1] ** 0.5
        for name, rival in rivals.items():
            found = None  # or else the next rival would find less free memory
            cold, found = timed(runs[name])
            if mode == "no graph" and step in (-1, steps - 1):
                own = stacks if "stacked" in name or "one call" in name else [w for s in stacks for w in s]
                errors[name].append(error(rival.norms(found), own))
            found = None
            warm, found = timed(runs[name])
            seconds[name].append((cold, warm))
    peer = np.array(next(iter(seconds.values())))[1:]
    for name in rivals:
        own = np.array(seconds[name])[1:]
        texts = []
        for column, state in enumerate(("cold", "warm")):
            low, middle, high = np.quantile(peer[:, column] / own[:, column], [0.1, 0.5, 0.9])
            spent = statistics.median(own[:, column])
            texts.append(f"{state} {1e6 * spent:.0f} us, {middle:.1f} times ({low:.1f} to {high:.1f})")
            if moved:
                texts[-1] += f", {1e-9 * moved / spent:.0f} of {1e-9 * copy_rate(moved, state):.0f} GB/s"
        if errors[name]:
            texts.append(f"error {errors[name][0]:.1e} at first, {errors[name][-1]:.1e} at last")
        print(f"    {name}: {'; '.join(texts)}", flush=True)


@functools.cache
def copy_rate(moved: int, state: str) -> float:
    """Bytes read and written in a second by a copy that moves so many."""
    source, others, seconds = torch.ones(moved // 8), torch.ones(5 * 10**7), []
    target = torch.ones_like(source)
    for _ in range(9):
        if state == "cold":
            others += 1
        seconds.append(timed(lambda: torch.mul(source, 2.0, out=target))[0])
    return moved / statistics.median(seconds)


def main(arguments: list[str] | None = None) -> None:
    """Measure both rows of the table for two kinds of critics."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=ROWS)
    parser.add_argument("--critics", type=int, nargs="*", default=[1, 64])
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(0)
    print(f"{options.threads} threads")
    for title, shapes, shorter in (("dense", DENSE, 4), ("convolutional", SHAPES, 10)):
        for critics in options.critics:
            if title in options.rows:
                steps = options.steps if critics == 1 else max(3, options.steps // shorter)
                with torch.random.fork_rng():
                    torch.manual_seed(0)  # torch's starts
                    compare(title, shapes, critics, steps, generator)


if __name__ == "__main__":
    main()
