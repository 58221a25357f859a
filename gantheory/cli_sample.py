"""Samples into files, piece by piece, so that a file may be larger than the memory."""

from __future__ import annotations

import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gantheory.distributions import Distribution
from gantheory.random import Key


ROWS = 1 << 20


def write_samples(distribution: Distribution, count: int, path: Path, *, key: Key, force: bool) -> None:
    """Write ``count`` samples to a .csv, .npy, .npz or .parquet file, whole or not at all.

    Columns are x0, x1, ...; the array in an npz file is ``x``. Raises `ValueError` for another ending, an
    existing file without ``force``, or what is no distribution.
    """
    writers = {".csv": _csv, ".npy": _npy, ".npz": _npz, ".parquet": _parquet}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise ValueError(f"{path}: cannot write {path.suffix or 'it'}: give one of {', '.join(writers)}")
    if not isinstance(distribution, Distribution):
        raise ValueError(f"{distribution!r} is not a distribution: `gantheory list distributions` shows them")
    if count < 1:
        raise ValueError(f"the count must be at least 1, got {count}")
    if path.exists() and not force:
        raise ValueError(f"{path} exists: --force replaces it")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent}: no such folder")
    need, free = 4 * count * distribution.dim, shutil.disk_usage(path.parent).free
    if need > free:  # four bytes a number is what npy takes; the other formats are near it or above
        raise ValueError(
            f"{path} would take {need / 2**30:.3g} GiB or more, and {free / 2**30:.3g} GiB are free"
        )
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with open(temporary, "xb") as file:
            writer(file, _pieces(distribution, count, key), count, distribution.dim)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _pieces(distribution: Distribution, count: int, key: Key) -> Iterator[np.ndarray]:
    for start in range(0, count, ROWS):
        x = distribution.sample(min(ROWS, count - start), key, start=start)
        yield np.ascontiguousarray(x.cpu().numpy())


def _csv(file: BinaryIO, pieces: Iterator[np.ndarray], count: int, dim: int) -> None:
    file.write((",".join(f"x{i}" for i in range(dim)) + "\n").encode())
    for piece in pieces:
        texts = piece.astype(str).tolist()  # the shortest digits that give back the same number
        file.write(("\n".join(map(",".join, texts)) + "\n").encode())


def _npy(file, pieces: Iterator[np.ndarray], count: int, dim: int) -> None:
    for i, piece in enumerate(pieces):
        if i == 0:
            header = {"descr": piece.dtype.str, "fortran_order": False, "shape": (count, dim)}
            np.lib.format.write_array_header_1_0(file, header)
        file.write(piece.tobytes())


def _npz(file: BinaryIO, pieces: Iterator[np.ndarray], count: int, dim: int) -> None:
    with zipfile.ZipFile(file, "w") as archive, archive.open("x.npy", "w", force_zip64=True) as member:
        _npy(member, pieces, count, dim)


def _parquet(file: BinaryIO, pieces: Iterator[np.ndarray], count: int, dim: int) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise ImportError("parquet needs pyarrow: pip install 'gantheory[parquet]'") from None
    writer = None
    for piece in pieces:
        block = pyarrow.table({f"x{i}": piece[:, i] for i in range(dim)})
        writer = writer or parquet.ParquetWriter(file, block.schema)
        writer.write_table(block)
    if writer is not None:
        writer.close()
