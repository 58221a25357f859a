"""Training steps of flows against zuko's and normflows', alone and in a population, side by side in one process.

Run it as ``python studies/benchmarks/flows.py``; it needs ``pip install normflows``, and says so where that is missing.
Work of both sides: one step of Adam on 256 fresh points in the plane, float32: of a ring of eight Gaussians, by
likelihood, or of the base law, by the divergence from a standard normal (planar flows). Networks are (64, 64). Every
rival is at its best: fused or unfused Adam, one or two threads, whichever is fastest here; ours with one
thread or two as well. All take turns; figures are medians with their range.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable
from typing import Any

import torch
from measuring import alternate, optional, times
from torch import nn

import gantheory as gt


BATCH, HIDDEN, MEMBERS = 256, (64, 64), 16
RING = gt.Ring(modes=8, scale=0.15)
RULE = gt.Simultaneous(gt.Adam(1e-3))


class Plain:
    """A user's own loop around a rival's flow: a loss of a batch, and torch's Adam."""

    def __init__(
        self, flow: nn.Module, loss: Callable[[torch.Tensor], torch.Tensor], ring: bool, fused: bool
    ):
        self.optimiser = torch.optim.Adam(flow.parameters(), 1e-3, fused=fused)
        self.loss, self.ring = loss, ring
        self.random = torch.Generator().manual_seed(0)
        angle = 2 * math.pi * torch.arange(8) / 8
        self.centres = torch.stack((angle.cos(), angle.sin()), dim=-1)

    def run(self, steps: int) -> None:
        for _ in range(steps):
            x = torch.randn(BATCH, 2, generator=self.random)
            if self.ring:
                x = self.centres[torch.randint(8, (BATCH,), generator=self.random)] + 0.15 * x
            self.optimiser.zero_grad()
            self.loss(x).backward()
            self.optimiser.step()


def zuko_flow(name: str) -> tuple[nn.Module, Callable, bool]:
    """Return one of zuko's flows, the loss of a batch, and whether that is drawn from the ring."""
    zuko = optional("zuko")
    flow = getattr(zuko.flows, name)(2, transforms=3, hidden_features=HIDDEN)
    return flow, lambda x: -flow().log_prob(x).mean(), True


def normflows_real_nvp() -> tuple[nn.Module, Callable, bool]:
    nf = optional("normflows")
    layers = []
    for _ in range(6):
        layers.append(nf.flows.AffineCouplingBlock(nf.nets.MLP([1, *HIDDEN, 2], init_zeros=True)))
        layers.append(nf.flows.Permute(2, mode="swap"))
    flow = nf.NormalizingFlow(nf.distributions.DiagGaussian(2, trainable=False), layers)
    return flow, flow.forward_kld, True


def normflows_planar() -> tuple[nn.Module, Callable, bool]:
    """The divergence is written out, so that both sides draw the base points alike."""
    nf = optional("normflows")
    flow = nn.ModuleList(nf.flows.Planar((2,)) for _ in range(16))

    def loss(z: torch.Tensor) -> torch.Tensor:
        log_q = -0.5 * z.square().sum(-1)
        for layer in flow:
            z, log_det = layer(z)
            log_q = log_q - log_det
        return (log_q + 0.5 * z.square().sum(-1)).mean()

    return flow, loss, False


def likelihood(flow: gt.Flow) -> gt.Game:
    return gt.LikelihoodGame(flow, RING, batch=BATCH)


NORMAL = gt.GaussianMixture(means=((0.0, 0.0),), covariances=(((1.0, 0.0), (0.0, 1.0)),), weights=(1.0,))
CASES: dict[str, tuple[str, Callable[[], Any], gt.Game]] = {
    "MAF, 3 layers": ("zuko", lambda: zuko_flow("MAF"), likelihood(gt.MAF(2, layers=3, hidden=HIDDEN))),
    "NSF, 3 layers": ("zuko", lambda: zuko_flow("NSF"), likelihood(gt.NSF(2, layers=3, hidden=HIDDEN))),
    "RealNVP, 6 layers": (
        "normflows",
        normflows_real_nvp,
        likelihood(gt.RealNVP(2, layers=6, hidden=HIDDEN)),
    ),
    "planar, 16 layers": (
        "normflows",
        normflows_planar,
        gt.VariationalGame(gt.Inverse(gt.Planar(2, layers=16)), NORMAL, batch=BATCH),
    ),
}


def on_threads(threads: int, work: Callable[[], object]) -> Callable[[], object]:
    def run() -> object:
        torch.set_num_threads(threads)
        return work()

    return run


def compare(name: str, steps: int, rounds: int) -> None:
    """Time one flow of both sides, and print what a step takes a run."""
    package, rival, game = CASES[name]
    if optional(package) is None:
        return
    works, divisor = {}, {}
    for threads in (1, 2):
        for fused in (False, True):
            flow, loss, ring = rival()
            loop = Plain(flow, loss, ring, fused)
            label = f"{package}, {'fused' if fused else 'unfused'}, {threads} threads"
            works[label] = on_threads(threads, lambda loop=loop: loop.run(steps))
            divisor[label] = steps
        for members in (1, MEMBERS):
            torch.set_num_threads(threads)
            runs = gt.simulate(game, RULE, steps=60, population=members, dtype=torch.float32, key=gt.Key(0))
            label = f"ours, {members} runs, {threads} threads"
            works[label] = on_threads(threads, lambda runs=runs: runs.extend(steps))
            divisor[label] = steps * members
    turns = alternate(works, rounds)
    per = {label: [s / divisor[label] for s in seconds] for label, seconds in turns.seconds.items()}
    best = min((label for label in per if label.startswith(package)), key=lambda label: turns.median(label))
    print(f"{name}: microseconds a step and run, median (least to most) of {rounds} rounds by turns")
    print(f"  {best}: {line(per[best])}")
    for members in (1, MEMBERS):
        ours = min(
            (f"ours, {members} runs, {threads} threads" for threads in (1, 2)),
            key=lambda label: statistics.median(per[label]),
        )
        print(
            f"  {ours}: {line(per[ours])}; {package} at its best takes {times(per[best], per[ours])} as long"
        )


def line(seconds: list[float]) -> str:
    """Return a median with its range, in microseconds."""
    return f"{1e6 * statistics.median(seconds):.0f} ({1e6 * min(seconds):.0f} to {1e6 * max(seconds):.0f})"


def main() -> None:
    """Compare every flow, or those named."""
    parser = argparse.ArgumentParser(description="Flows' training steps against zuko's and normflows'.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--only", choices=list(CASES), nargs="*", default=list(CASES))
    options = parser.parse_args()
    for name in options.only:
        compare(name, options.steps, options.rounds)


if __name__ == "__main__":
    main()
