"""What a study measured: results, failures, and the table made of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, overload

from gantheory.estimate import Estimate


@dataclass(frozen=True)
class Result:
    """One finished cell: its values by name, and the seconds they took.

    ``about`` says how they came to be: key, finished time, source and environment of the record.
    """

    cell: Any
    values: Mapping[str, Any]
    seconds: float
    about: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def row(self) -> dict[str, Any]:
        """Return the result as one flat row: the cell's fields, then the values, then the seconds.

        Nested names are joined by dots; a population's estimate is pooled; a field that is itself a
        noun becomes its text; arrays stay out.
        """
        row: dict[str, Any] = {"cell": type(self.cell).__name__}
        row.update((f.name, _plain(getattr(self.cell, f.name))) for f in dataclasses.fields(self.cell))
        for name, value in flatten(self.values):
            row[name if name not in row else f"{name}.measured"] = value
        row.setdefault("seconds", self.seconds)
        return row


@dataclass(frozen=True)
class Failure:
    """One cell that failed, with the traceback of its last attempt."""

    cell: Any
    traceback: str

    @property
    def reason(self) -> str:
        """The traceback's last line."""
        lines = [line for line in self.traceback.splitlines() if line.strip()]
        return lines[-1] if lines else "no reason was recorded"


@dataclass(frozen=True)
class Results(Sequence[Result]):
    """The finished cells of a study in the study's order, and what is known of the others.

    ``failures`` are the cells that raised, ``missing`` those not measured yet, and ``notes`` one line for
    every record file that could not be read.
    """

    results: tuple[Result, ...]
    failures: tuple[Failure, ...] = ()
    missing: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.results)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> Results: ...

    def __getitem__(self, index):
        if isinstance(index, slice):
            return dataclasses.replace(self, results=self.results[index])
        return self.results[index]

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def select(self, criterion: type | Callable[[Any], bool]) -> Results:
        """Return the part whose cells are of a class, or for whose cells the function is true."""
        fits = criterion if not isinstance(criterion, type) else lambda cell: isinstance(cell, criterion)
        return Results(
            tuple(r for r in self.results if fits(r.cell)),
            tuple(f for f in self.failures if fits(f.cell)),
            tuple(cell for cell in self.missing if fits(cell)),
            self.notes,
        )

    def to_pandas(self):
        """Return a pandas DataFrame, one row a result; an estimate is three columns.

        Those are ``name``, ``name_stderr`` and ``name_floor``. Raises `ImportError` without pandas.
        """
        try:
            import pandas
        except ImportError:
            raise ImportError(
                "to_pandas needs pandas: pip install 'gantheory[pandas]' (or pip install pandas)"
            ) from None
        return pandas.DataFrame([_spread(result.row()) for result in self.results])

    def export(self, path: str | Path) -> None:
        """Write the rows of `to_pandas` to a .csv or .parquet file; raises `ValueError` for another."""
        path = Path(path)
        if path.suffix not in (".csv", ".parquet"):
            raise ValueError(f"{path}: results are exported to .csv or .parquet")
        frame = self.to_pandas()
        frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path, index=False)

    def _repr_html_(self) -> str:
        rows = [result.row() for result in self.results[:50]]
        names = list(dict.fromkeys(name for row in rows for name in row))
        head = "".join(f"<th>{escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(str(row.get(name, '')))}</td>" for name in names) + "</tr>"
            for row in rows
        )
        rest = f"{len(self)} results, {len(self.failures)} failures, {len(self.missing)} not measured"
        return f"<table><tr>{head}</tr>{body}</table><p>{rest}</p>"


def flatten(values: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the plain numbers, texts and scalar estimates of nested values, with dotted names."""
    if isinstance(values, Mapping):
        items = values.items()
    elif isinstance(values, (list, tuple)):
        items = enumerate(values)
    else:
        items = ()
        value = _plain(values)
        if value is not _ARRAY:
            yield name, value
    for key, value in items:
        yield from flatten(value, f"{name}.{key}" if name else str(key))


_ARRAY = object()


def _plain(value: Any) -> Any:
    """Return a value that one table cell can hold, or the mark of an array, which none can."""
    if isinstance(value, Estimate):
        return value.mean() if value.value.size else _ARRAY
    if hasattr(value, "shape") and hasattr(value, "tolist"):
        return value.item() if len(value.shape) == 0 else _ARRAY
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)


def _spread(row: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Estimate):
            columns[name] = float(value)
            columns[f"{name}_stderr"] = float(value.stderr.reshape(()))
            columns[f"{name}_floor"] = float(value.floor.reshape(()))
        else:
            columns[name] = value
    return columns
