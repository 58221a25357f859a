"""The verdicts of claims as one page: statement, formula, verdict, margin, and measured over predicted."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from gantheory.claims import Claim, Verdict
from gantheory.estimate import Estimate
from gantheory.random import Key
from gantheory.report.document import document, drawing, header_html, origin_html, write_whole
from gantheory.report.figures import figure_json
from gantheory.report.mathml import mathml
from gantheory.report.numbers import number
from gantheory.report.tables import table
from gantheory.study.environment import environment
from gantheory.study.progress import duration
from gantheory.study.survey import Checked, summary


PARTS = {
    "A": "Objectives and divergences",
    "B": "Local stability, Dirac-GAN",
    "C": "Bilinear, quadratic and monotone dynamics",
    "D": "Gaussians and mixtures",
    "E": "Matrix and no-regret games",
    "F": "Distances",
    "G": "Flows, expressivity, supports",
    "H": "Batches, noise, averaging, staleness",
    "I": "Adversarial examples, Lipschitz bounds",
    "J": "Evaluation and generalisation",
    "": "Claims of your own",
}


def write_claims(checked: Sequence[Checked], path: str | Path, *, key: Key = Key(0)) -> Path:  # noqa: B008
    """Write the page of claims that were checked, and return its path.

    It needs no network and no other file: formulas are MathML. ``key`` draws what the pictures measure.
    """
    return write_whole(path, claims_page(checked, key=key))


def claims_page(checked: Sequence[Checked], *, key: Key = Key(0)) -> str:  # noqa: B008 (a value)
    """Return the page as the text of one HTML document."""
    words = [one.verdict.verdict for one in checked]
    facts = [("claims", str(len(checked)))]
    facts += [(word, str(words.count(word))) for word in ("HOLDS", "FAILS", "UNDECIDED") if word in words]
    facts += [("instances", f"{sum(one.verdict.examples for one in checked):,}")]
    facts += [("checked in", duration(sum(one.verdict.seconds for one in checked)))]
    ordered = sorted(checked, key=lambda one: (one.verdict.claim.part[:1] or "~", one.verdict.claim.part))
    drawn = [_picture(one.verdict.claim, key) for one in ordered]
    cards = [_card(one, i, figure) for i, (one, figure) in enumerate(zip(ordered, drawn), start=1)]
    sections = []
    for letter, group in groupby(zip(ordered, cards), key=lambda pair: pair[0].verdict.claim.part[:1]):
        title = f"<span>{letter}</span>{escape(PARTS.get(letter, PARTS['']))}"
        sections.append(
            f'<section class="part"><h2>{title}</h2>{"".join(card for _, card in group)}</section>'
        )
    made = environment()
    origin = [
        ("Command", str(made["command"])),
        ("Verdicts", summary(checked)),
        (
            "Margin",
            "signed slack: in units of the tolerance for =, of max(1, |predicted|) else; negative is broken",
        ),
        ("Key", repr(key)),
        ("Versions", ", ".join(f"{n} {made[n]}" for n in ("gantheory", "torch", "numpy", "python"))),
    ]
    body = _overview(ordered) + "".join(sections) + origin_html(origin)
    head = header_html("Claims", "Which statements survive a hunt for their counterexample?", facts)
    return document("Claims", head, body, figures=any(drawn))


def _overview(checked: Sequence[Checked]) -> str:
    header = ["part", "claim", "reference", "verdict", "margin", "instances", "neighbour"]
    rows = []
    for verdict, neighbour in checked:
        margin = number(verdict.margin, digits=3)
        word = neighbour.verdict if neighbour else ""
        claim = verdict.claim
        name = repr(claim)
        rows.append([claim.part, name, claim.reference, verdict.verdict, margin, verdict.examples, word])
    return f'<section id="overview"><h2>All of them</h2>{table(header, rows, name="claims")}</section>'


def _card(one: Checked, i: int, figure: dict[str, Any] | None) -> str:
    claim, verdict = one.verdict.claim, one.verdict
    word = verdict.verdict
    name = type(claim).__name__
    parts = [
        f'<div class="claim" id="{name}-{i}"><h3><code>{escape(repr(claim))}</code>'
        f'<span class="verdict {word.lower()}">{word}</span></h3>',
        f"<p>{escape(claim.statement)}.</p>",
        f'<div class="formula">{_formula(claim.latex)}</div>' if claim.latex else "",
        f'<p class="note">{escape(claim.reference)}{_assumed(claim)}</p>',
        f"<p class='note'>{escape(_evidence(verdict))}</p>",
    ]
    if verdict.counterexample:
        parts.append(_program("Counterexample", verdict))
    if one.neighbour is not None:
        parts.append(_program(f"Its neighbour {one.neighbour.verdict}", one.neighbour))
    if figure is not None:
        parts.append(drawing(name, figure_json(figure, points=500)[0], f"claim-{i}"))
    return "".join(parts) + "</div>"


def _assumed(claim: Claim) -> str:
    return f". Assumes: {escape(claim.assumptions)}." if claim.assumptions else ""


def _formula(latex: str) -> str:
    try:
        return mathml(latex)
    except ValueError:  # a user's formula may hold anything
        return f"<code>{escape(latex)}</code>"


def _evidence(verdict: Verdict) -> str:
    numbers = f"predicted {number(verdict.predicted)}, observed {number(verdict.observed)}"
    where = "where it is tightest" if verdict.verdict == "HOLDS" else "there"
    reason = f"; {verdict.reason}" if verdict.reason else ""
    margin = number(verdict.margin, digits=3)
    return f"{verdict.examples} instances; margin {margin} {where}, with {numbers}{reason}."


def _program(title: str, verdict: Verdict) -> str:
    told = f"predicted {number(verdict.predicted)}, observed {number(verdict.observed)}"
    return (
        f"<details><summary>{escape(title)}<span>{escape(told)}</span></summary>"
        f"<pre>{escape(verdict.counterexample or str(verdict))}</pre></details>"
    )


def _picture(claim: Claim, key: Key) -> dict[str, Any] | None:
    """Return the figure of both sides along the claim's scalar, or None where it has none."""
    curve = claim.curve()
    if curve is None:
        return None
    sides: list[list[float]] = [[], [], []]
    for value in curve.values:
        instance = curve.instance(value)
        observed = claim.observed(instance, key)
        estimate = observed if isinstance(observed, Estimate) else Estimate(observed)
        low, high = estimate.interval()
        for side, numbers in zip(sides, (claim.predicted(instance), estimate.value, (high - low) / 2)):
            side.append(float(np.asarray(numbers, dtype=np.float64).flat[curve.row]))
    predicted, observed, half = sides
    marks = {"mode": "markers", "marker": {"size": 5}}
    error = {"error_y": {"type": "data", "array": half}} if any(half) else {}
    sign = {"=": "predicted", "<=": "upper bound", ">=": "lower bound"}[claim.relation]
    data = [
        {"type": "scatter", "mode": "lines", "name": sign, "x": curve.values, "y": predicted},
        {"type": "scatter", "name": "observed", "x": curve.values, "y": observed, **marks, **error},
    ]
    kinds = {"x": "log" if "x" in curve.log else "linear", "y": "log" if "y" in curve.log else "linear"}
    layout = {
        "xaxis": {"title": {"text": curve.name}, "type": kinds["x"]},
        "yaxis": {"type": kinds["y"]},
        "height": 300,
        "showlegend": True,
    }
    return {"data": data, "layout": layout}
