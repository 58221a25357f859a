"""A study: a question, the cells that answer it, and what they were found to say."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gantheory.notation import Noun


if TYPE_CHECKING:
    from gantheory.random import Key
    from gantheory.study.results import Results

PRESETS = ("smoke", "small", "full")


@dataclass(frozen=True)
class Finding:
    """One answer of a study: a title, a text, and where it helps a figure and a table. Pure data.

    ``figure`` is plotly's JSON, ``{"data": [...], "layout": {...}}``; the report gives it fonts and
    colours. ``table`` is ``(header, rows)``, its cells texts, numbers, `None` or `Estimate`.
    """

    title: str
    text: str
    figure: Mapping[str, Any] | None = None
    table: tuple[Sequence[str], Sequence[Sequence[Any]]] | None = None


@dataclass(frozen=True)
class Study(Noun, ABC):
    """A question, answered by measuring cells one by one; the text of a cell is its identity.

    A subclass gives ``question`` (one sentence) and ``version`` (a whole number, raised whenever
    ``measure`` changes its meaning: older records are then kept, but not used). Cells are nouns:
    frozen dataclasses in the same file. Every cell receives the run's own key, so that cells share
    their noise and differences between them are paired; ``key.child(repr(cell))`` makes them independent.

    Example:
        >>> from dataclasses import dataclass
        >>> from typing import ClassVar
        >>> from gantheory import Finding
        >>> from gantheory.notation import Noun
        >>> @dataclass(frozen=True)
        ... class Power(Noun):
        ...     exponent: int
        >>> @dataclass(frozen=True)
        ... class Powers(Study):
        ...     question: ClassVar[str] = "How fast do powers of two grow?"
        ...     def cells(self, preset):
        ...         return tuple(Power(k) for k in range(3))
        ...     def measure(self, cell, key):
        ...         return {"value": 2**cell.exponent}
        ...     def findings(self, results):
        ...         return [Finding("Growth", f"The last is {results[-1].values['value']}.")]
        >>> Powers().cells("smoke")
        (Power(exponent=0), Power(exponent=1), Power(exponent=2))
    """

    question: ClassVar[str] = ""
    version: ClassVar[int] = 1

    @abstractmethod
    def cells(self, preset: str) -> tuple[Any, ...]:
        """Return the cells of a preset, which is "smoke" (seconds), "small" (minutes) or "full"."""

    @abstractmethod
    def measure(self, cell: Any, key: Key) -> dict[str, Any]:
        """Return what was measured, by name: estimates, numbers, texts, arrays, tensors, lists, dicts."""

    @abstractmethod
    def findings(self, results: Results) -> Sequence[Finding]:
        """Return what the results say; they may be incomplete, for failed cells are left out."""


def cells_of(study: Study, preset: str) -> tuple[Any, ...]:
    """Return a preset's cells, checked: frozen dataclasses, each once. Raises `ValueError`."""
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    cells = tuple(study.cells(preset))
    for cell in cells:
        frozen = dataclasses.is_dataclass(cell) and type(cell).__dataclass_params__.frozen  # pyright: ignore
        if not frozen:
            raise ValueError(f"a cell must be an object of a frozen dataclass, got {cell!r}")
    texts = [repr(cell) for cell in cells]
    if len(set(texts)) != len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise ValueError(f"{type(study).__name__}.cells({preset!r}) has the cell {twice} more than once")
    return cells
