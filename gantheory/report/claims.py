"""The verdicts of claims as one page: statement, formula, verdict, margin, and measured over predicted."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from gantheory.claims import Claim, Verdict
from gantheory.random import Key
from gantheory.report.claim_pictures import picture
from gantheory.report.document import document, drawing, header_html, origin_html, write_whole
from gantheory.report.figures import figure_json
from gantheory.report.mathml import mathml
from gantheory.report.numbers import number
from gantheory.report.tables import Html, table
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
WORDS = ("HOLDS", "FAILS", "UNDECIDED")
CHECKOUT = Path(__file__).parents[2]
"""Where studies lie, if this is a checkout of the repository."""


def write_claims(checked: Sequence[Checked], path: str | Path, *, key: Key = Key(0)) -> Path:  # noqa: B008
    """Write the page of claims that were checked, and return its path.

    It needs no network and no other file: formulas are MathML. ``key`` draws what the pictures measure. Where
    a claim's study lies beside the package, as in a checkout, the page links to it from where it is written.
    """
    return write_whole(path, claims_page(checked, key=key, folder=Path(path).parent))


def claims_page(
    checked: Sequence[Checked],
    *,
    key: Key = Key(0),  # noqa: B008 (a value)
    folder: Path | None = None,
) -> str:
    """Return the page as the text of one HTML document; links to studies are seen from ``folder``."""
    ordered = sorted(checked, key=lambda one: (one.verdict.claim.part[:1] or "~", one.verdict.claim.part))
    figures = ["" if one.error else _figure(one.verdict, key) for one in ordered]
    sections = [
        _section(letter, [*group], folder)
        for letter, group in groupby(zip(ordered, figures), key=lambda pair: _part(pair[0]))
    ]
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
    body = _parts(ordered) + _overview(ordered) + "".join(sections) + origin_html(origin)
    head = header_html("Claims", "Which statements survive a hunt for their counterexample?", _facts(checked))
    return document(
        "Claims", head, body, figures=any("<figure>" in figure for figure in figures), extra="claims"
    )


def _facts(checked: Sequence[Checked]) -> list[tuple[str, str]]:
    words = [one.verdict.verdict for one in checked]
    neighbours = [one.neighbour.verdict for one in checked if one.neighbour]
    facts = [("claims", str(len(checked)))]
    facts += [(word, str(words.count(word))) for word in WORDS if word in words]
    if neighbours:
        facts.append(("false neighbours found", f"{neighbours.count('FAILS')} of {len(neighbours)}"))
    facts.append(("instances", f"{sum(one.verdict.examples for one in checked):,}"))
    return [*facts, ("checked in", duration(sum(one.verdict.seconds for one in checked)))]


def _part(one: Checked) -> str:
    return one.verdict.claim.part[:1]


def _parts(checked: Sequence[Checked]) -> str:
    """Return the bar that leads to every part, and stays in sight."""
    letters = dict.fromkeys(map(_part, checked))
    links = "".join(
        f'<a href="#part-{letter or "own"}" title="{escape(PARTS.get(letter, PARTS[""]))}">{letter or "own"}</a>'
        for letter in letters
    )
    return f'<nav class="parts" aria-label="Parts"><a href="#overview">All</a>{links}</nav>'


def _overview(checked: Sequence[Checked]) -> str:
    words = [one.verdict.verdict for one in checked]
    counts = [("", f"all {len(words)}"), *((word, f"{word} {words.count(word)}") for word in WORDS)]
    chips = "".join(
        f'<button type="button" data-verdict="{word}" aria-pressed="{str(not word).lower()}">{text}</button>'
        for word, text in counts
        if not word or word in words
    )
    rows = []
    for one in checked:
        claim, verdict = one.verdict.claim, one.verdict
        link = Html(f'<a href="#{anchor(claim)}">{escape(repr(claim))}</a>')
        word = one.neighbour.verdict if one.neighbour else ""
        rows.append(
            [claim.part, link, claim.reference, _badge(verdict.verdict), verdict.margin, _badge(word)]
        )
    header = ["part", "claim", "reference", "verdict", "margin", "neighbour"]
    return (
        '<section id="overview"><h2>All of them</h2>'
        f'<div class="chips" role="group" aria-label="Show by verdict">{chips}</div>'
        f"{table(header, rows, name='claims')}</section>"
    )


def _badge(word: str) -> Html:
    return Html(f'<span class="verdict {word.lower()}">{word}</span>' if word else "")


def anchor(claim: Claim) -> str:
    """Return the name of a claim's place on the page: it stays as long as the claim's text does.

    Example:
        >>> from gantheory import BirthdayBound
        >>> anchor(BirthdayBound(share=1.0))
        'BirthdayBound-share-1.0'
    """
    return re.sub(r"[^A-Za-z0-9.]+", "-", repr(claim)).strip("-")


def _section(letter: str, pairs: Sequence[tuple[Checked, str]], folder: Path | None) -> str:
    def statement(pair: tuple[Checked, str]) -> tuple[str, ...]:
        claim = pair[0].verdict.claim
        said = (claim.statement, claim.latex, claim.reference, claim.assumptions, claim.study)
        return (claim.part, type(claim).__name__, *said)

    cards = [_card([*group], folder) for _, group in groupby(pairs, key=statement)]
    title = f"<span>{letter}</span>{escape(PARTS.get(letter, PARTS['']))}"
    return f'<section class="part" id="part-{letter or "own"}"><h2>{title}</h2>{"".join(cards)}</section>'


def _card(pairs: Sequence[tuple[Checked, str]], folder: Path | None) -> str:
    """Return a statement, and below it every claim that makes it."""
    claim = pairs[0][0].verdict.claim
    part = f"<b>{escape(claim.part)}</b>" if claim.part else ""
    parts = [
        f'<article class="claim"><p class="statement">{part}{escape(claim.statement)}.</p>',
        f'<div class="formula" tabindex="0">{_formula(claim.latex)}</div>' if claim.latex else "",
        f'<p class="note">{escape(claim.reference)}{_assumed(claim)}</p>',
        _study(claim, folder),
        f'<div class="{"one" if len(pairs) == 1 else "several"}">',
        *(_variant(one, figure) for one, figure in pairs),
    ]
    return "".join(parts) + "</div></article>"


def _assumed(claim: Claim) -> str:
    return f". Assumes: {escape(claim.assumptions)}." if claim.assumptions else ""


def _study(claim: Claim, folder: Path | None) -> str:
    if not claim.study:
        return ""
    name, file = f"<code>gantheory run {escape(claim.study)}</code>", CHECKOUT / claim.study
    if folder is not None and file.is_file():
        name = f'<a href="{escape(os.path.relpath(file, folder.resolve()))}">{name}</a>'
    return f'<p class="note">More is measured by {name}.</p>'


def _variant(one: Checked, figure: str) -> str:
    claim, verdict, neighbour = one.verdict.claim, one.verdict, one.neighbour
    place = anchor(claim)
    parts = [
        f'<div class="variant" id="{place}" data-verdict="{verdict.verdict}"><h3>'
        f'<a href="#{place}"><code>{escape(repr(claim))}</code></a>{_badge(verdict.verdict)}</h3>',
        f'<div class="evidence"><p class="note">{escape(_evidence(verdict))}</p>',
        _program("Counterexample", verdict, opened=True) if verdict.counterexample else "",
        f"<details open><summary>What it raised</summary><pre>{escape(one.error)}</pre></details>"
        if one.error
        else "",
        _program("Its false neighbour", neighbour) if neighbour is not None else "",
        f"</div>{figure}</div>",
    ]
    return "".join(parts)


def _formula(latex: str) -> str:
    try:
        return mathml(latex)
    except ValueError:  # a user's formula may hold anything
        return f"<code>{escape(latex)}</code>"


def _evidence(verdict: Verdict) -> str:
    if not verdict.examples:
        return f"{verdict.reason}."
    numbers = f"predicted {number(verdict.predicted)}, observed {number(verdict.observed)}"
    where = "there" if verdict.verdict == "FAILS" else "where it is tightest"
    reason = f"; {verdict.reason}" if verdict.reason else ""
    margin = number(verdict.margin, digits=3)
    count = "1 instance" if verdict.examples == 1 else f"{verdict.examples} instances"
    return f"{count}; margin {margin} {where}, with {numbers}{reason}."


def _program(title: str, verdict: Verdict, *, opened: bool = False) -> str:
    told = f"predicted {number(verdict.predicted)}, observed {number(verdict.observed)}"
    return (
        f"<details{' open' if opened else ' class=aside'}><summary>{escape(title)} {_badge(verdict.verdict)}"
        f'<span class="told">{escape(told)}</span></summary><div class="program">'
        f'<button type="button" class="copy">Copy</button>'
        f'<pre tabindex="0">{escape(verdict.counterexample or str(verdict))}</pre></div></details>'
    )


def _figure(verdict: Verdict, key: Key) -> str:
    """Return the picture of a claim; what keeps a claim of the user's from being drawn is said in its place."""
    try:
        figure = picture(verdict, key)
    except Exception as failure:
        reason = f"{type(failure).__name__}: {failure}"
        return f'<p class="note">No picture could be drawn ({escape(reason)}).</p>'
    if figure is None:
        return ""
    place = anchor(verdict.claim)
    return drawing(repr(verdict.claim), figure_json(figure, points=500)[0], f"figure-{place}")
