"""How what a run costs grows with population, steps, parameters and batch: exponents with intervals, and a figure.

Run it as ``python studies/benchmarks/growth.py -o growth.html``. A cost that grows linearly has exponent 1; below
it a fixed cost is spread. Every time is the median of alternating rounds; memory is the most that a run holds above
what the process held before.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from measuring import Memory, Work, alternate
from plotly.subplots import make_subplots

import gantheory as gt
from gantheory.statistics import power_fit


def small(*, population: int = 10_000, steps: int = 1000) -> Work:
    """A run of Dirac-GAN with R1."""
    game = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))
    rule = gt.Simultaneous(gt.SGD(0.1))
    options = {"population": population, "start": (1.0, 1.0), "key": gt.Key(0)}
    return lambda: gt.simulate(game, rule, steps=steps, **options)


def network(*, population: int = 32, steps: int = 20, width: int = 32, batch: int = 64) -> Work:
    """A run of a GAN that stands ready."""
    nets = gt.MLP(2, (width, width), 2), gt.MLP(2, (width, width), 1)
    game = gt.AdversarialGame(*nets, gt.Ring(modes=8, scale=0.15), gt.NonSaturating(), batch=batch)
    rule = gt.Alternating(gt.Adam(1e-3))
    runs = gt.simulate(game, rule, steps=2, population=population, key=gt.Key(0))
    return lambda: runs.extend(steps)


def parameters(width: int) -> int:
    """The number of parameters of both players of `network`."""
    return gt.MLP(2, (width, width), 2).size + gt.MLP(2, (width, width), 1).size


ROWS: dict[str, tuple[Callable[..., Work], str, tuple[int, ...]]] = {
    "Dirac-GAN, population": (small, "population", (4000, 8000, 16_000, 32_000, 64_000)),
    "Dirac-GAN, steps": (small, "steps", (500, 1000, 2000, 4000, 8000)),
    "GAN, population": (network, "population", (8, 16, 32, 64, 128)),
    "GAN, steps": (network, "steps", (10, 20, 40, 80, 160)),
    "GAN, parameters": (network, "width", (16, 32, 64, 128, 256)),
    "GAN, batch": (network, "batch", (32, 64, 128, 256, 512)),
}


def measured(name: str, rounds: int) -> tuple[list[int], list[float], list[float]]:
    """Return sizes, median seconds, and megabytes."""
    make, field, sizes = ROWS[name]
    works = {str(size): make(**{field: size}) for size in sizes}
    turns = alternate(works, rounds)
    megabytes = []
    for work in works.values():
        with Memory() as memory:
            work()
        megabytes.append(memory.megabytes)
    shown = [parameters(size) for size in sizes] if field == "width" else list(sizes)
    return shown, [turns.median(str(size)) for size in sizes], megabytes


def main() -> None:
    """Measure, fit, print and draw."""
    parser = argparse.ArgumentParser(description="How what a run costs grows.")
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    figure = make_subplots(rows=2, cols=3, subplot_titles=list(options.rows))
    for i, name in enumerate(options.rows):
        sizes, seconds, megabytes = measured(name, options.rounds)
        exponent, level = power_fit(sizes, seconds)
        low, high = exponent.interval()
        print(f"{name}: seconds grow with power {exponent.value:.2f} ({low:.2f} to {high:.2f})", flush=True)
        held = ", ".join(f"{size}: {s:.3g} s, {mb:.0f} MB" for size, s, mb in zip(sizes, seconds, megabytes))
        print(f"  {held}", flush=True)
        where = {"row": i // 3 + 1, "col": i % 3 + 1}
        line = np.exp(level.value) * np.array(sizes, dtype=float) ** exponent.value
        figure.add_scatter(x=sizes, y=seconds, mode="markers", showlegend=False, **where)
        figure.add_scatter(x=sizes, y=line, mode="lines", name=f"{name}: power {exponent.value:.2f}", **where)
    figure.update_xaxes(type="log")
    figure.update_yaxes(type="log", title="seconds")
    if options.output:
        figure.write_html(options.output, include_plotlyjs=True)


if __name__ == "__main__":
    main()
