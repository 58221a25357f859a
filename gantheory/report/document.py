"""One HTML document that holds everything it shows."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from plotly.offline import get_plotlyjs

from gantheory.report.figures import figure_json
from gantheory.report.tables import table
from gantheory.study import Finding


BUDGET = 3_000_000  # characters for all figures: with plotly.js (4.8 MB) the page stays below 8 MB
_POLICY = (  # the browser itself refuses any request off the page
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:"
)


def write_whole(path: str | Path, text: str) -> Path:
    """Write a text file, whole or not at all, and return its path."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def document(title: str, header: str, body: str, *, figures: bool, extra: str = "") -> str:
    """Return an HTML document with its own style and scripts, plotly.js among them where it has figures.

    ``extra`` names a style and a script that only this kind of page needs, the files ``extra.css`` and ``extra.js``.
    """
    here = files("gantheory.report")
    names = ["page", extra] if extra else ["page"]
    style = "\n".join((here / f"{name}.css").read_text("utf-8") for name in names)
    # what an extra script listens to, the page's own may do while it starts
    scripts = [get_plotlyjs() if figures else ""]
    scripts += [(here / f"{name}.js").read_text("utf-8") for name in reversed(names)]
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            header,
            f"<main>{body}</main>",
            *(f"<script>{script}</script>" for script in scripts if script),
            "</body></html>",
        )
    )


def header_html(title: str, question: str, facts: Sequence[tuple[str, str]]) -> str:
    """Return the head of a page: its title, its question, and facts in large type."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return (
        '<header><div class="bar"><p class="brand">gantheory</p>'
        '<button type="button" class="theme" aria-label="Switch between light and dark">◐</button></div>'
        f'<h1>{escape(title)}</h1><p class="question">{escape(question)}</p>'
        f'<dl class="facts">{items}</dl></header>'
    )


def origin_html(texts: Sequence[tuple[str, str]]) -> str:
    """Return the section on where the numbers come from; what has no text is left out."""
    rows = "".join(f"<dt>{n}</dt><dd><code>{escape(text)}</code></dd>" for n, text in texts if text)
    return f'<section id="origin"><h2>How it was made</h2><dl class="origin">{rows}</dl></section>'


def findings_html(findings: Sequence[Finding]) -> str:
    """Return findings as sections: text, figure, table; figures are thinned until the page is small."""
    parts = []
    points = 50_000
    drawn = [figure_json(f.figure, points=points) if f.figure else ("", False) for f in findings]
    while sum(len(text) for text, _ in drawn) > BUDGET and points > 500:
        points //= 2
        drawn = [figure_json(f.figure, points=points) if f.figure else ("", False) for f in findings]
    for i, (finding, (figure, thinned)) in enumerate(zip(findings, drawn), start=1):
        text = "".join(f"<p>{_inline(part)}</p>" for part in re.split(r"\n\s*\n", finding.text.strip()))
        picture = drawing(finding.title, figure, f"figure-{i}", thinned=thinned) if figure else ""
        rows = table(*finding.table, name=_slug(finding.title)) if finding.table else ""
        parts.append(
            f'<section class="finding" id="finding-{i}"><h2><span>{i}</span>{escape(finding.title)}</h2>'
            f'<div class="prose">{text}</div>{picture}{rows}</section>'
        )
    return "".join(parts)


def drawing(title: str, figure: str, name: str, *, thinned: bool = False) -> str:
    """Return a figure, given as JSON, as an element; ``name`` is its own on the page."""
    note = "<figcaption>Drawn with a part of its points.</figcaption>" if thinned else ""
    return (
        f'<figure><div class="plot" role="img" aria-label="{escape(title)}" data-figure="{name}" '
        f'data-name="{_slug(title)}"></div>{note}'
        f'<script type="application/json" id="{name}">{figure}</script></figure>'
    )


def _inline(text: str) -> str:
    """Return a paragraph as HTML: escaped, with `code` and **stress** as in Markdown."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(" ".join(text.split())))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"
