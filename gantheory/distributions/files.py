"""Reading points from files, with errors that name file, row and column."""

from __future__ import annotations

import csv
import json
import warnings
from hashlib import sha256
from pathlib import Path
from typing import TextIO

import numpy as np


def content_hash(path: str | Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    with _existing(path).open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_points(path: str | Path) -> np.ndarray:
    """Return the points of a CSV, npy, npz, parquet or safetensors file, one a row, as float64 ``(n, d)``.

    A CSV is separated by commas, or by the semicolons or tabs of its first row, which is taken as a header
    if none of it is a number. Raises `ValueError` that names the
    file, and row and column where there is one (both counted from 1).
    """
    path = _existing(path)
    readers = {
        ".csv": _read_csv,
        ".npy": _read_npy,
        ".npz": _read_npz,
        ".parquet": _read_parquet,
        ".safetensors": _read_safetensors,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"{path}: cannot read {path.suffix or 'a file without an ending'}: give one of {', '.join(readers)}"
        )
    points = reader(path)
    if points.ndim != 2 or 0 in points.shape:
        raise ValueError(f"{path}: wanted one point a row, found an array of shape {points.shape}")
    bad = np.argwhere(~np.isfinite(points))
    if len(bad):
        row, column = bad[0]
        value = points[row, column]
        raise ValueError(
            f"{path}: row {row + 1}, column {column + 1} is {value}: only finite numbers are points"
        )
    return points


def _existing(path: str | Path) -> Path:
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file" if not path.exists() else f"{path}: not a file")
    return path


def _read_csv(path: Path) -> np.ndarray:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = next((line for line in file if line.strip()), "")
            delimiter = next((mark for mark in ";\t" if mark in first), ",")
            header = not any(_is_number(cell) for cell in first.split(delimiter))
            if first and not header:
                file.seek(0)
            points = _read_plain_csv(file, delimiter)
            if points is not None:
                return points
            file.seek(0)
            return _read_any_csv(path, file, delimiter)
    except (UnicodeDecodeError, csv.Error) as failure:
        raise ValueError(f"{path}: not a CSV text: {failure}") from None


def _read_plain_csv(file: TextIO, delimiter: str) -> np.ndarray | None:
    """Read lines of finite numbers alone, quickly; `None` where there is anything else."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy warns of no rows
        try:
            points = np.loadtxt(file, delimiter=delimiter, comments=None, ndmin=2)
        except ValueError:
            return None
    return points if points.size and np.isfinite(points).all() else None


def _read_any_csv(path: Path, file: TextIO, delimiter: str) -> np.ndarray:
    """Read line by line, which finds what is wrong and where."""
    lines = enumerate(csv.reader(file, delimiter=delimiter), 1)
    rows = [(number, row) for number, row in lines if any(map(str.strip, row))]
    if not rows:
        raise ValueError(f"{path}: the file is empty")
    if not any(_is_number(cell) for cell in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise ValueError(f"{path}: there is a header and no row of numbers")
    width = len(rows[0][1])
    points = np.empty((len(rows), width))
    for i, (number, row) in enumerate(rows):
        if len(row) != width:
            raise ValueError(f"{path}: row {number} has {len(row)} columns, the rows before it {width}")
        for j, cell in enumerate(row):
            if not _is_number(cell):
                raise ValueError(f"{path}: row {number}, column {j + 1} is {cell!r}, not a number")
            points[i, j] = float(cell)
            if not np.isfinite(points[i, j]):
                raise ValueError(
                    f"{path}: row {number}, column {j + 1} is {cell.strip()}: only finite numbers are points"
                )
    return points


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(array: np.ndarray, path: Path) -> np.ndarray:
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{path}: holds {array.dtype}, wanted numbers")
    return array.astype(np.float64)


def _read_npy(path: Path) -> np.ndarray:
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError):
        raise ValueError(f"{path}: not an array of numbers as numpy.save writes it") from None
    return _numbers(array, path)


def _read_npz(path: Path) -> np.ndarray:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            names = list(arrays.files)
            array = arrays[names[0]] if len(names) == 1 else None
    except Exception:  # zipfile and zlib raise several kinds for a damaged archive
        raise ValueError(f"{path}: not an archive of numbers as numpy.savez writes it") from None
    if array is None:
        raise ValueError(f"{path}: holds {len(names)} arrays ({', '.join(names)}), wanted one")
    return _numbers(array, path)


def _read_parquet(path: Path) -> np.ndarray:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ValueError(f"{path}: parquet needs pyarrow: pip install 'gantheory[parquet]'") from None
    try:
        table = pyarrow.parquet.read_table(path)
    except pyarrow.ArrowException as failure:
        raise ValueError(f"{path}: not a parquet file: {failure}") from None
    columns = []
    for j, name in enumerate(table.column_names):
        try:
            columns.append(table.column(j).cast("float64").to_numpy())
        except pyarrow.ArrowException:
            raise ValueError(
                f"{path}: column {j + 1} ({name!r}) holds {table.schema.types[j]}, wanted numbers"
            ) from None
    return np.stack(columns, axis=1) if columns else np.empty((table.num_rows, 0))


_SAFETENSORS = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "U8": "u1",
}


def _read_safetensors(path: Path) -> np.ndarray:
    """Read the one array of a file: eight bytes with the length of a JSON header, the header, the numbers."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > path.stat().st_size:
                raise ValueError
            header = json.loads(file.read(length))
            entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
            entry = next(iter(entries.values()))
            start, stop = entry["data_offsets"]
            file.seek(start, 1)
            kind, shape, data = entry["dtype"], entry["shape"], file.read(stop - start)
            array = np.frombuffer(data, _SAFETENSORS[kind]).reshape(shape) if kind in _SAFETENSORS else None
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        raise ValueError(f"{path}: not a file of numbers as safetensors writes it") from None
    if len(entries) != 1:
        raise ValueError(f"{path}: holds {len(entries)} arrays ({', '.join(entries)}), wanted one")
    if array is None:
        raise ValueError(f"{path}: holds {kind}, wanted one of {', '.join(_SAFETENSORS)}")
    return _numbers(array, path)
