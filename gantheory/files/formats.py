"""The formats of samples: each is written from pieces, so that a file may be larger than the memory."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


Pieces = Iterator[np.ndarray]
"""Arrays (rows, d) of one dtype, little-endian, that make up (n, d) together."""


def writer_of(format: str) -> Callable[[Any, Pieces, int, int, np.dtype], None]:
    """Return the function that writes a format: of file, pieces, n, d and dtype.

    Raises `ValueError` for an unknown format, and `ImportError` where one lacks its package.
    """
    if format not in _WRITERS:
        raise ValueError(f"cannot write {format!r}: the format is one of {', '.join(_WRITERS)}")
    if format == "parquet":
        _pyarrow()
    return _WRITERS[format]


def head_of(format: str, n: int, d: int, dtype: np.dtype) -> int | None:
    """Return how many bytes stand before the first number, or `None` for formats that are not plain numbers."""
    if format == "safetensors":
        return len(_safetensors_header(n, d, dtype))
    if format in ("npy", "npz"):
        return len(_npy_header(n, d, dtype)) + (_NPZ_HEAD if format == "npz" else 0)
    return None


def csv_lines(piece: np.ndarray) -> bytes:
    """Return the lines of a CSV: the shortest digits that give back the same numbers."""
    return ("\n".join(map(",".join, piece.astype(str).tolist())) + "\n").encode()


def _columns(d: int) -> list[str]:
    return [f"x{i}" for i in range(d)]


def _csv(file, pieces: Pieces, n: int, d: int, dtype: np.dtype) -> None:
    file.write((",".join(_columns(d)) + "\n").encode())
    for piece in pieces:
        file.write(csv_lines(piece))


def _npy_header(n: int, d: int, dtype: np.dtype) -> bytes:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": dtype.str, "fortran_order": False, "shape": (n, d)}
    )
    return header.getvalue()


def _npy(file, pieces: Pieces, n: int, d: int, dtype: np.dtype) -> None:
    file.write(_npy_header(n, d, dtype))
    for piece in pieces:
        file.write(piece.data)


_NPZ_HEAD = 30 + len("x.npy") + 20  # a zip entry's header: its fixed part, the name, the 64-bit sizes


def _npz(file, pieces: Pieces, n: int, d: int, dtype: np.dtype) -> None:
    with zipfile.ZipFile(file, "w") as archive, archive.open("x.npy", "w", force_zip64=True) as member:
        _npy(member, pieces, n, d, dtype)


def _safetensors_header(n: int, d: int, dtype: np.dtype) -> bytes:
    kind = {4: "F32", 8: "F64"}[dtype.itemsize]
    entry = {"dtype": kind, "shape": [n, d], "data_offsets": [0, n * d * dtype.itemsize]}
    text = json.dumps({"x": entry}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # numbers begin at a multiple of 8
    return len(text).to_bytes(8, "little") + text


def _safetensors(file, pieces: Pieces, n: int, d: int, dtype: np.dtype) -> None:
    file.write(_safetensors_header(n, d, dtype))
    for piece in pieces:
        file.write(piece.data)


def _pyarrow():
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ImportError("parquet needs pyarrow: pip install 'gantheory[parquet]'") from None
    return pyarrow


def _parquet(file, pieces: Pieces, n: int, d: int, dtype: np.dtype) -> None:
    arrow = _pyarrow()
    schema = arrow.schema([(name, arrow.from_numpy_dtype(dtype)) for name in _columns(d)])
    # random digits do not compress, so nothing tries
    options = {"compression": "none", "use_dictionary": False}
    with arrow.parquet.ParquetWriter(file, schema, **options) as writer:
        for piece in pieces:
            writer.write_table(arrow.table(list(piece.T.copy()), schema=schema))


_WRITERS = {"csv": _csv, "npy": _npy, "npz": _npz, "parquet": _parquet, "safetensors": _safetensors}
FORMATS = tuple(_WRITERS)
