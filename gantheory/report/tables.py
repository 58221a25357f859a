"""Tables as HTML: sorted, filtered and saved as CSV by the page's script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from gantheory.estimate import Estimate
from gantheory.report.numbers import explanation, interval, number
from gantheory.study import Results


ROWS = 2000  # more rows than anyone scrolls through would only make the page heavy


class Html(str):
    """The text of a cell that is HTML already."""


def table(header: Sequence[str], rows: Sequence[Sequence[Any]], *, name: str) -> str:
    """Return a table with its filter and its CSV button; ``name`` is the CSV file's.

    Estimates show half their 95 % interval and their floor; in the CSV they are three columns.
    """
    shown = rows[:ROWS]
    columns = list(zip(*shown)) if shown else [()] * len(header)
    kinds = [_kind(column) for column in columns]
    head = "".join(
        f'<th scope="col" class="{kind}" aria-sort="none"><button type="button">{escape(str(title))}</button></th>'
        for title, kind in zip(header, kinds)
    )
    body = "".join(
        "<tr>" + "".join(_cell(value, kind) for value, kind in zip(row, kinds)) + "</tr>" for row in shown
    )
    rest = f"<p class='note'>The first {ROWS} of {len(rows)} rows.</p>" if len(rows) > ROWS else ""
    return (
        f'<div class="table" data-name="{escape(name)}"><div class="tools">'
        f'<input type="search" placeholder="Filter rows" aria-label="Filter the rows of {escape(name)}">'
        f'<output>{len(shown)} rows</output><button type="button" class="csv">CSV</button></div>'
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f"</div>{rest}</div>"
    )


def results_tables(results: Results) -> str:
    """Return the tables of all finished cells, one for every class of cells, one row a cell."""
    parts = []
    kinds = list(dict.fromkeys(type(result.cell) for result in results))
    for kind in kinds:
        rows = [result.row() for result in results.select(kind)]
        names = dict.fromkeys(name for row in rows for name in row if name not in ("cell", "seconds"))
        header = [*names, "seconds"]
        heading = f"<h3>{escape(kind.__name__)}</h3>" if len(kinds) > 1 else ""
        body = [[row.get(name) for name in header] for row in rows]
        parts.append(heading + table(header, body, name=kind.__name__.lower()))
    return "".join(parts)


def _kind(column: Sequence[Any]) -> str:
    known = [value for value in column if value is not None]
    if any(isinstance(value, Estimate) for value in known):
        return "estimate"
    plain = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known)
    return "number" if known and plain else "text"


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, Estimate):
        value = value.mean()
        floor = float(value.floor.reshape(()))
        beside = "" if math.isnan(floor) else f"<small>floor {number(floor)}</small>"
        data = f"{float(value)!r},{float(value.stderr.reshape(()))!r},{floor!r}"
        title = escape(explanation(value))
        return f'<td class="number" data-value="{data}" title="{title}">{interval(value)}{beside}</td>'
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, (int, float)):
        return f'<td class="number" data-value="{value!r}">{number(value)}</td>'
    return f"<td>{value if isinstance(value, Html) else escape(str(value))}</td>"
