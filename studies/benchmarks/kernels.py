"""All kernels on the CPU against the fastest peers there: pairwise reductions, transport, spectral norms.

Run it as ``python studies/benchmarks/kernels.py [--families pairwise ...] [--rows sums divergence dense ...]`` in
an environment with the extra ``[bench]`` (peers that are missing are named and left out) and a C++ compiler
for the machine's own peaks. All families run in this process, one after the other, by the same measuring; each
says in its own file what is compared, and takes its own options as a text: ``--sinkhorn "--sizes 1000"``.
"""

from __future__ import annotations

import argparse
import shlex

import kernels_pairwise
import kernels_sinkhorn
import kernels_spectral
import torch
from measuring import peaks


FAMILIES = {"pairwise": kernels_pairwise, "sinkhorn": kernels_sinkhorn, "spectral": kernels_spectral}


def main() -> None:
    """Measure the wanted rows of the wanted families."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    every = [row for family in FAMILIES.values() for row in family.ROWS]
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), choices=list(FAMILIES))
    parser.add_argument("--rows", nargs="+", default=every, choices=every)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    for name in FAMILIES:
        parser.add_argument(f"--{name}", default="", help=f"options of kernels_{name}.py")
    options = parser.parse_args()
    peaks(options.threads)
    for name in options.families:
        family = FAMILIES[name]
        rows = [row for row in family.ROWS if row in options.rows]
        if rows:
            own = shlex.split(getattr(options, name))
            family.main(["--rows", *rows, "--threads", str(options.threads), *own])


if __name__ == "__main__":
    main()
