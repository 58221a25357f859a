"""The report: one HTML file that holds everything it shows."""

from __future__ import annotations

import os
import re
import secrets
import traceback
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from plotly.offline import get_plotlyjs

from gantheory.report.figures import figure_json
from gantheory.report.tables import results_tables, table
from gantheory.study import Finding, Results, Study
from gantheory.study.progress import duration


BUDGET = 3_000_000  # characters for all figures: with plotly.js (4.8 MB) the page stays below 8 MB
_POLICY = (  # the browser itself refuses any request off the page
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:"
)


def write_report(study: Study, results: Results, path: str | Path) -> Path:
    """Write the page of a study's results and return its path.

    The page needs no network and no other file. Findings that cannot be drawn from the results, as
    when half of the cells failed, are reported on the page with their reason.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        temporary.write_text(page(study, results), encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def page(study: Study, results: Results) -> str:
    """Return the report as the text of one HTML document."""
    try:
        findings, problem = tuple(study.findings(results)), ""
    except Exception:
        findings, problem = (), traceback.format_exc()
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", type(study).__name__)
    here = files("gantheory.report")
    scripts = [
        get_plotlyjs() if any(f.figure for f in findings) else "",
        (here / "page.js").read_text("utf-8"),
    ]
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{(here / 'page.css').read_text('utf-8')}</style></head><body>",
            _header(title, study, results),
            f"<main>{_findings(findings)}{_cells(results)}{_problems(results, problem)}",
            f"{_origin(study, results)}</main>",
            *(f"<script>{script}</script>" for script in scripts if script),
            "</body></html>",
        )
    )


def _header(title: str, study: Study, results: Results) -> str:
    seconds = sum(result.seconds for result in results)
    asked = len(results) + len(results.failures) + len(results.missing)
    facts = [("cells", f"{len(results)} of {asked}" if asked > len(results) else str(asked))]
    facts.append(("measured in", duration(seconds)))
    facts += [("failed", str(len(results.failures)))] if results.failures else []
    finished = max((str(r.about.get("finished", "")) for r in results), default="")
    facts += [("finished", finished[:10])] if finished else []
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return (
        '<header><div class="bar"><p class="brand">gantheory</p>'
        '<button type="button" class="theme" aria-label="Switch between light and dark">◐</button></div>'
        f'<h1>{escape(title)}</h1><p class="question">{escape(study.question)}</p>'
        f'<dl class="facts">{items}</dl></header>'
    )


def _findings(findings: Sequence[Finding]) -> str:
    parts = []
    points = 50_000
    drawn = [figure_json(f.figure, points=points) if f.figure else ("", False) for f in findings]
    while sum(len(text) for text, _ in drawn) > BUDGET and points > 500:
        points //= 2
        drawn = [figure_json(f.figure, points=points) if f.figure else ("", False) for f in findings]
    for i, (finding, (figure, thinned)) in enumerate(zip(findings, drawn), start=1):
        text = "".join(f"<p>{_inline(part)}</p>" for part in re.split(r"\n\s*\n", finding.text.strip()))
        picture = _figure(finding.title, figure, i, thinned) if figure else ""
        rows = table(*finding.table, name=_slug(finding.title)) if finding.table else ""
        parts.append(
            f'<section class="finding" id="finding-{i}"><h2><span>{i}</span>{escape(finding.title)}</h2>'
            f'<div class="prose">{text}</div>{picture}{rows}</section>'
        )
    return "".join(parts)


def _figure(title: str, figure: str, i: int, thinned: bool) -> str:
    note = "<figcaption>Drawn with a part of its points.</figcaption>" if thinned else ""
    return (
        f'<figure><div class="plot" role="img" aria-label="{escape(title)}" data-figure="figure-{i}" '
        f'data-name="{_slug(title)}"></div>{note}'
        f'<script type="application/json" id="figure-{i}">{figure}</script></figure>'
    )


def _inline(text: str) -> str:
    """Return a paragraph as HTML: escaped, with `code` and **stress** as in Markdown."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(" ".join(text.split())))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "table"


def _cells(results: Results) -> str:
    if not len(results):
        return ""
    return (
        '<section id="cells"><h2>Every cell</h2><p class="note">± is half the 95 % interval; the floor is what true '
        f"samples score against true samples.</p>{results_tables(results)}</section>"
    )


def _problems(results: Results, problem: str) -> str:
    items = [(repr(f.cell), f.reason, f.traceback) for f in results.failures]
    if problem:
        items.insert(0, ("The findings", problem.strip().splitlines()[-1], problem))
    if not items and not results.missing and not results.notes:
        return ""
    failed = "".join(
        f"<details><summary><code>{escape(what)}</code><span>{escape(reason)}</span></summary>"
        f"<pre>{escape(trace)}</pre></details>"
        for what, reason, trace in items
    )
    missing = "".join(f"<li><code>{escape(repr(cell))}</code></li>" for cell in results.missing)
    missing = f"<h3>Not measured yet</h3><ul>{missing}</ul>" if missing else ""
    notes = "".join(f"<p>{escape(note)}</p>" for note in results.notes)
    heading = "What failed" if items else "What is not here"
    return f'<section id="failures"><h2>{heading}</h2>{failed}{missing}{notes}</section>'


def _origin(study: Study, results: Results) -> str:
    """Return where the numbers come from; where records differ, every value is listed."""
    environments = [result.about.get("environment", {}) for result in results]

    def all_of(*names: str) -> str:
        lines = [" ".join(str(e[n]) for n in names if e.get(n, "") != "") for e in environments]
        return "; ".join(line for line in dict.fromkeys(lines) if line)

    texts = [
        ("Command", all_of("command")),
        ("Study", f"{study!r}, version {study.version}"),
        ("Source", "; ".join(dict.fromkeys(str(r.about.get("source", "")) for r in results))),
        ("Key", "; ".join(dict.fromkeys(str(r.about.get("key", "")) for r in results))),
        ("Commit", all_of("commit")),
        (
            "Versions",
            ", ".join(f"{n} {all_of(n)}" for n in ("gantheory", "torch", "numpy", "python") if all_of(n)),
        ),
        ("Backend", all_of("backend")),
        ("Machine", ", ".join(filter(None, (all_of("host"), all_of("processor"), all_of("platform"))))),
        ("Cores", all_of("cores")),
        ("Threads", all_of("threads")),
    ]
    rows = "".join(f"<dt>{n}</dt><dd><code>{escape(text)}</code></dd>" for n, text in texts if text)
    return f'<section id="origin"><h2>How it was made</h2><dl class="origin">{rows}</dl></section>'
