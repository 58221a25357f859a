"""Which kernels compute: the native build, or plain torch where it is missing or not wanted."""

from __future__ import annotations

import ctypes
import os
import warnings
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch  # before the kernels: its OpenMP runtime is then theirs too

from gantheory.ops import sources


_FOLDER = Path(__file__).resolve().parent.parent


def _note() -> str:
    note = _FOLDER / "_native_error.txt"
    return note.read_text().strip() if note.exists() else "no native build was found beside the package"


def _found() -> tuple[ModuleType | None, str]:
    """Return the native kernels, and why they cannot be used, or an empty text."""
    try:
        from gantheory import _native  # pyright: ignore[reportAttributeAccessIssue]
    except ImportError as error:
        return None, f"{_note()} [{error}]"
    # a call with the arguments of other sources may end the process
    return _native, sources.stale(getattr(_native, "sources", None), _FOLDER.parent, "cpu")


def _load() -> tuple[ModuleType | None, str]:
    wanted = os.environ.get("GANTHEORY_BACKEND") or "auto"
    if wanted not in ("auto", "native", "torch"):
        raise ValueError(f"GANTHEORY_BACKEND must be auto, native or torch, not {wanted!r}")
    if wanted == "torch":
        return None, "Plain torch, because GANTHEORY_BACKEND=torch."
    found, why = _found()
    if wanted == "native" and why:
        mend = "Install a C++ compiler and install gantheory again" if found is None else "Build them again"
        raise ImportError(
            f"GANTHEORY_BACKEND=native, but the native kernels cannot be used: {why}. {mend}, or unset "
            "GANTHEORY_BACKEND."
        )
    if found is not None and why:
        warnings.warn(f"gantheory computes by plain torch, slower than its kernels: {why}.", stacklevel=2)
    if found is None or why:
        return None, f"Plain torch, because the native kernels cannot be used: {why}."
    chosen = "GANTHEORY_ISA" if os.environ.get("GANTHEORY_ISA") else "this processor"
    threads = "OpenMP threads" if found.openmp else "one thread (built without OpenMP)"
    return found, f"Native kernels for {found.isa}, chosen by {chosen}, with {threads}."


library: Any
library, _reason = _load()


def backend() -> str:
    """Return "native" or "torch": what computes the kernels in this process."""
    return "torch" if library is None else "native"


def reason() -> str:
    """Return one sentence that says why `backend` is what it is."""
    return _reason


def threads() -> int:
    """Return the number of threads that kernels use: torch's own setting."""
    return torch.get_num_threads()


def runs(tensor: torch.Tensor) -> bool:
    """Whether the native kernels take this tensor; where not, the plain-torch reference does.

    They take tensors of the CPU and, where the CUDA library is usable, of CUDA devices, but not
    `torch.func` transforms inside torch.compile: the compiler unpacks operations there down to the raw
    ones, which have no gradient.
    """
    if not has_kernels(tensor):
        return False
    return not (torch.compiler.is_compiling() and _in_transform())


def has_kernels(tensor: torch.Tensor) -> bool:
    """Whether there are native kernels for the tensor's device."""
    kind = tensor.device.type
    if library is None:
        return False
    return kind == "cpu" or (kind == "cuda" and bool(cuda_reason()) and kind in on_cuda)


def table(tensor: torch.Tensor) -> int:
    """Return which table of kernels a tensor's device and dtype need, float32 or float64.

    A CUDA tensor's device and its current stream become those of the calling thread's next kernels.
    """
    kind, double = tensor.device.type, int(tensor.dtype == torch.float64)
    if kind not in on_cuda:
        return double
    if kind == "cuda":
        stream = torch.cuda.current_stream(tensor.device)
        library.use_cuda(stream.device_index, stream.cuda_stream)
    return 2 + double


@torch.compiler.assume_constant_result  # the compiler guards on the stack of transforms by itself
def _in_transform() -> bool:
    return torch._C._functorch.maybe_current_level() is not None  # pyright: ignore[reportAttributeAccessIssue]


# The kinds of device whose tensors the CUDA kernels take: "cuda" once they are known to be usable. The
# tests that run these kernels on the CPU put "cpu" here.
on_cuda: set[str] = set()


@cache
def cuda_reason() -> str:
    """Return one sentence on the CUDA library: usable, or what is missing.

    Example:
        >>> cuda_reason().startswith("CUDA")
        True
    """
    path = _FOLDER / "_cuda.so"
    if library is None:
        return "CUDA kernels are not used, because the native kernels are not."
    if not path.exists():
        return "CUDA kernels were not built: no nvcc at install time, FORCE_CUDA=0, or its build failed."
    try:
        old = sources.stale(_cuda_sources(path), _FOLDER.parent, "cuda")
        if old:
            return f"CUDA kernels are not used: {old}."
        count, why = library.load_cuda(str(path))
    except (ImportError, OSError) as error:
        return f"CUDA kernels cannot be loaded: {error}."
    if count == 0:
        return f"CUDA kernels are built, but have no device: {why}."
    on_cuda.add("cuda")
    return f"CUDA kernels are built and see {count} device(s)."


def _cuda_sources(path: Path) -> str | None:
    """Return the mark in the CUDA library, `None` where it is older than marks."""
    given = getattr(ctypes.CDLL(str(path)), "gt_cuda_sources", None)
    if given is None:
        return None
    given.restype = ctypes.c_char_p
    return given().decode()
