"""Sends CPU tensors to the CUDA kernels, which then run on the CPU.

With GANTHEORY_CUDA_HOST=LIBRARY (see build.py) in the environment, tests/ops runs that way;
GANTHEORY_CUDA_HOST_ORDER=forward|backward|SEED chooses the order of threads and blocks.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gantheory.ops import native


ORDERS = ("forward", "backward", "7")


@contextmanager
def host_kernels(library: str, order: str = "forward") -> Iterator[None]:
    """While it lasts, CPU tensors are CUDA's, and new tensors start as NaN."""
    native.library.load_cuda(library)
    number = {"forward": 0, "backward": 1}.get(order, 2)
    ctypes.CDLL(library).gt_host_order(number, ctypes.c_uint64(int(order) if number == 2 else 0))
    native.on_cuda.add("cpu")
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)  # fills what torch.empty gives
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
        native.on_cuda.clear()
        native.cuda_reason.cache_clear()  # the next CUDA tensor brings the GPU's kernels back


@contextmanager
def as_asked() -> Iterator[None]:
    """The same where the environment asks for it."""
    library = os.environ.get("GANTHEORY_CUDA_HOST")
    if not library:
        yield
        return
    with host_kernels(library, os.environ.get("GANTHEORY_CUDA_HOST_ORDER", "forward")):
        yield
