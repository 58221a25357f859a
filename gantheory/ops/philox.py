"""Streams of random numbers as functions of a key and a position.

A key is four words (w0, w1, w2, w3): (w0, w1) is the key of Philox 4x32-10, (w2, w3) the upper half of
its counter, and the lower half numbers the blocks of four words that make up the key's stream. Every
function takes B keys, a numpy uint32 array (B, 4), and gives row i of its result from key i alone.
They are made on a CUDA device if that is asked for and has kernels, else on the CPU, with the same bits, and
copied to other devices.

Reference: Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gantheory.ops import native
from gantheory.room import check_room


_TOP = 1 << 63  # set in every child's counter: no draw comes that far
_LOW = 0xFFFFFFFF
_SUFFIX = {torch.float32: "float", torch.float64: "double"}


def words(keys: np.ndarray, first: int, count: int, *, device=None) -> Tensor:
    """Return the words at positions first .. first + count - 1 of each key's stream, (B, count) uint32.

    Example:
        >>> words(np.zeros((1, 4), np.uint32), 0, 2).tolist()  # Random123's known answer
        [[1713891541, 3781805453]]
    """
    return _draw("philox_words", words_reference, keys, first, count, torch.uint32, device)


def uniform(keys: np.ndarray, first: int, count: int, *, dtype=torch.float32, device=None) -> Tensor:
    """Return uniform numbers of the open interval (0, 1), (B, count): ``(word >> 8 + 1/2) 2^-24``.

    Exact in float64; in float32 that value rounded, but never up to 1.
    """
    suffix = _suffix(dtype)
    return _draw(f"philox_uniform_{suffix}", uniform_reference, keys, first, count, dtype, device)


def normal(keys: np.ndarray, first: int, count: int, *, dtype=torch.float32, device=None) -> Tensor:
    """Return standard normal numbers, (B, count), by Box-Muller from each pair of positions 2p, 2p + 1.

    ``sqrt(-2 log u_2p) (cos, sin)(2 pi u_(2p+1))`` in float64, then rounded to ``dtype``: at most 6.0 in
    size. The same bits for every number of threads and every instruction set.

    Reference: Box and Muller (1958).
    """
    suffix = _suffix(dtype)
    return _draw(f"philox_normal_{suffix}", normal_reference, keys, first, count, dtype, device)


def integers(keys: np.ndarray, bound: int, first: int, count: int, *, device=None) -> Tensor:
    """Return integers of [0, bound), (B, count) int64: ``floor(bound x / 2^64)`` of 64-bit numbers x.

    x is made of words 2i (low half) and 2i + 1 (high half); the bias is below bound / 2^64. Raises
    `ValueError` unless 1 <= bound < 2^63.

    Reference: Lemire (2019), without the rejection step.
    """
    if not 1 <= bound < _TOP:
        raise ValueError(f"bound must lie between 1 and 2^63 - 1, got {bound}")
    reference = partial(_integers_reference, bound)
    return _draw("philox_integers", reference, keys, first, count, torch.int64, device, bound)


def child(keys: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Return the children of keys (B or 1, 4) by hashes (B or 1,) uint64, as keys (B, 4).

    A child is the Philox block of its parent with counter (low h, high h with its top bit set, w2, w3).
    """
    rows = max(_check(keys, 0, 0), len(hashes))
    if hashes.dtype != np.uint64 or len(keys) not in (1, rows) or hashes.shape not in ((1,), (rows,)):
        raise ValueError(
            f"keys and hashes must be (B or 1, 4) uint32 and (B or 1,) uint64, but are {keys.shape} and "
            f"{hashes.shape} {hashes.dtype}"
        )
    if native.library is None:
        return child_reference(keys, hashes)
    hashes = np.ascontiguousarray(hashes)
    out = np.empty((rows, 4), np.uint32)
    steps = int(len(keys) > 1), int(len(hashes) > 1)
    native.library.philox_child(
        keys.ctypes.data, steps[0], hashes.ctypes.data, steps[1], rows, out.ctypes.data
    )
    return out


def words_reference(keys: np.ndarray, first: int, count: int, dtype=torch.uint32) -> Tensor:
    """Return the same as `words`, in 64-bit integer torch arithmetic."""
    blocks = torch.arange(first // 4, (first + count + 3) // 4)
    counters = _split(blocks)
    key = torch.from_numpy(keys.astype(np.int64))[:, :, None]
    stream = _block(counters, key).flatten(1)
    return stream[:, first % 4 : first % 4 + count].to(dtype)


def uniform_reference(keys: np.ndarray, first: int, count: int, dtype=torch.float32) -> Tensor:
    """Return the same as `uniform`, by plain torch."""
    u = ((words_reference(keys, first, count, torch.int64) >> 8).double() + 0.5) * 2.0**-24
    return u if dtype == torch.float64 else u.to(dtype).clamp(max=1 - 2.0**-24)


def normal_reference(keys: np.ndarray, first: int, count: int, dtype=torch.float32) -> Tensor:
    """Return the same as `normal`, by plain torch: to 4 units in the last place of float64."""
    skip = first % 2
    u = uniform_reference(keys, first - skip, (skip + count + 1) // 2 * 2, torch.float64)
    radius, turns = (-2 * u[:, ::2].log()).sqrt(), 2 * u[:, 1::2]
    quarter = (2 * turns).round()
    angle = math.pi * (turns - quarter / 2)  # the subtraction is exact
    sine, cosine, quadrant = angle.sin(), angle.cos(), quarter.long() % 4
    x = torch.stack([cosine, -sine, -cosine, sine]).gather(0, quadrant[None])[0]
    y = torch.stack([sine, cosine, -sine, -cosine]).gather(0, quadrant[None])[0]
    z = torch.stack([radius * x, radius * y], dim=-1).flatten(1)
    return z[:, skip : skip + count].to(dtype)


def integers_reference(keys: np.ndarray, bound: int, first: int, count: int) -> Tensor:
    """Return the same as `integers`: the product's upper half from 32-bit halves."""
    w = words_reference(keys, 2 * first, 2 * count, torch.int64)
    low, high, (b0, b1) = w[:, ::2], w[:, 1::2], (bound & _LOW, bound >> 32)
    p00, p01, p10, p11 = low * b0, low * b1, high * b0, high * b1
    middle = _high(p00) + (p01 & _LOW) + (p10 & _LOW)
    return p11 + _high(p01) + _high(p10) + _high(middle)


def child_reference(keys: np.ndarray, hashes: np.ndarray) -> np.ndarray:
    """Return the same as `child`, by plain torch."""
    counters = _split(torch.from_numpy((hashes | np.uint64(_TOP)).view(np.int64))[:, None])
    key = torch.from_numpy(keys.astype(np.int64))[:, :, None]
    return _block(counters, key)[:, 0].numpy().astype(np.uint32)


def _draw(name: str, reference, keys, first, count, dtype, device, *more) -> Tensor:
    rows = _check(keys, first, count)
    check_draw(rows, count, dtype, device)
    if native.library is None:
        return reference(keys, first, count, dtype).to(device=device)
    out = torch.empty((rows, count), dtype=dtype, device=device)
    out = out if native.has_kernels(out) else torch.empty((rows, count), dtype=dtype)
    held = None if out.device.type == "cpu" else torch.tensor(keys.view(np.int32), device=out.device)
    address = keys.ctypes.data if held is None else held.data_ptr()
    fill = getattr(native.library, name)
    fill(native.table(out), address, rows, first, count, *more, out.data_ptr(), native.threads())
    return out if device is None else out.to(device)


def check_draw(rows: int, count: int, dtype: torch.dtype, device) -> None:
    """Refuse a draw that main memory cannot hold: the system may lend it, and kill the process when it is used."""
    if device is None or torch.device(device).type == "cpu":
        what = f"a draw of {count} numbers for {rows} keys" if rows > 1 else f"a draw of {count} numbers"
        check_room(
            rows * count * dtype.itemsize,
            what,
            "draw fewer samples at a time; `start` goes on where a draw ended",
        )


def _integers_reference(bound: int, keys: np.ndarray, first: int, count: int, dtype) -> Tensor:
    return integers_reference(keys, bound, first, count)


def _check(keys: np.ndarray, first: int, count: int) -> int:
    fits = keys.ndim == 2 and keys.shape[1] == 4 and keys.dtype == np.uint32 and keys.flags.c_contiguous
    if not fits:
        raise ValueError(
            f"keys must be a C-contiguous uint32 array (B, 4), but are {keys.dtype} {keys.shape}: "
            "np.ascontiguousarray may help"
        )
    if first < 0 or count < 0 or first + count >= 1 << 61:
        raise ValueError(f"first and count must be at least 0 and end below 2^61, got {first} and {count}")
    return keys.shape[0]


def _suffix(dtype: torch.dtype) -> str:
    if dtype not in _SUFFIX:
        raise ValueError(f"dtype must be torch.float32 or torch.float64, got {dtype}: convert the result")
    return _SUFFIX[dtype]


def _split(numbers: Tensor) -> tuple[Tensor, Tensor]:
    return numbers & _LOW, _high(numbers)


def _high(product: Tensor) -> Tensor:
    return (product >> 32) & _LOW  # int64 wraps and shifts in signs: the mask leaves the unsigned half


def _block(counters: tuple[Tensor, Tensor], key: Tensor) -> Tensor:
    """Philox's ten rounds for int64 tensors of 32-bit words: (B, blocks, 4)."""
    k0, k1, c2, c3 = key.unbind(1)
    c0, c1 = counters
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = _high(p1) ^ c1 ^ k0, p1 & _LOW, _high(p0) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + 0x9E3779B9) & _LOW, (k1 + 0xBB67AE85) & _LOW
    return torch.stack(torch.broadcast_tensors(c0, c1, c2, c3), dim=-1)
