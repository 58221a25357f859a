"""The report: one HTML file that holds everything it shows."""

from __future__ import annotations

import re
import traceback
from html import escape
from pathlib import Path

from gantheory.report.document import document, findings_html, header_html, origin_html, write_whole
from gantheory.report.tables import results_tables
from gantheory.study import Results, Study
from gantheory.study.progress import duration


def write_report(study: Study, results: Results, path: str | Path) -> Path:
    """Write the page of a study's results and return its path.

    The page needs no network and no other file. Findings that cannot be drawn from the results, as
    when half of the cells failed, are reported on the page with their reason.
    """
    return write_whole(path, page(study, results))


def page(study: Study, results: Results) -> str:
    """Return the report as the text of one HTML document."""
    try:
        findings, problem = tuple(study.findings(results)), ""
    except Exception:
        findings, problem = (), traceback.format_exc()
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", type(study).__name__)
    body = f"{findings_html(findings)}{_cells(results)}{_problems(results, problem)}{_origin(study, results)}"
    return document(
        title, _header(title, study, results), body, figures=any(finding.figure for finding in findings)
    )


def _header(title: str, study: Study, results: Results) -> str:
    seconds = sum(result.seconds for result in results)
    asked = len(results) + len(results.failures) + len(results.missing)
    facts = [("cells", f"{len(results)} of {asked}" if asked > len(results) else str(asked))]
    facts.append(("measured in", duration(seconds)))
    facts += [("failed", str(len(results.failures)))] if results.failures else []
    finished = max((str(r.about.get("finished", "")) for r in results), default="")
    facts += [("finished", finished[:10])] if finished else []
    return header_html(title, study.question, facts)


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
    return origin_html(texts)
