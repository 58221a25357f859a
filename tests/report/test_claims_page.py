"""The page of claims: formulas become MathML, pictures have both sides, nothing is fetched."""

import json
import os
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, ClassVar
from xml.dom.minidom import parseString

import numpy as np
import pytest

from gantheory import Key, check
from gantheory.claims import Box, claims, grid
from gantheory.report.claim_pictures import picture
from gantheory.report.claims import CHECKOUT, anchor, claims_page, write_claims
from gantheory.report.mathml import mathml
from gantheory.study.survey import Checked, chosen, survey
from tests.claims.toys import AllBelow, OpenBelow, SquaresAverage, Toy


@pytest.mark.parametrize("claim", claims(), ids=repr)
def test_every_formula_is_set(claim):
    assert parseString(mathml(claim.latex)).documentElement.tagName == "math"


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"x_i^2", "<msubsup><mi>x</mi><mrow><mi>i</mi></mrow><mrow><mn>2</mn></mrow></msubsup>"),
        (r"\max_x f'", "<munder><mi>max</mi><mrow><mi>x</mi></mrow></munder>"),
        (r"\sqrt{a + 1}", "<msqrt><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow></msqrt>"),
        (r"\text{if } a < b", '<mtext mathvariant="normal">if\xa0</mtext><mi>a</mi><mo>&lt;</mo><mi>b</mi>'),
        (
            r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
            "<mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr>",
        ),
        (r"2\log x", '<mn>2</mn><mspace width="0.167em"/><mi>log</mi><mspace width="0.167em"/><mi>x</mi>'),
        (r"-\exp(x)", '<mo>−</mo><mi>exp</mi><mo stretchy="false">(</mo>'),  # noqa: RUF001
        (r"\max_x \le 1", "</munder><mo>≤</mo>"),
        (r"\mathbb{E}\,\hat{x}", '<mover accent="true"><mrow><mi>x</mi></mrow><mo>^</mo></mover>'),
    ],
)
def test_formulas(latex, expected):
    found = mathml(latex)
    parseString(found)
    assert expected in found


@pytest.mark.parametrize("latex", [r"\nonsense", "{x", "x}", r"\begin{array}x\end{array}", r"\frac1"])
def test_what_is_not_understood_is_refused(latex):
    with pytest.raises(ValueError):
        mathml(latex)


def figures_of(page: str) -> dict[str, list]:
    found = re.findall(r'<script type="application/json" id="figure-(\S+)">(.*?)</script>', page)
    return {name: json.loads(text)["data"] for name, text in found}


def test_the_page_holds_verdicts_formulas_and_pictures(tmp_path):
    checked = list(survey(chosen(["ConsensusField", "DiracGrowth"]), examples=5))
    path = write_claims(checked, tmp_path / "claims.html", key=Key(0))
    page = path.read_text()
    assert page == claims_page(checked, key=Key(0))
    assert page.count("<math ") == 2 and "formula=&#x27;published&#x27;" in page
    assert "src=" not in page.split("<main>")[1].split("</main>")[0]
    figures = figures_of(page)
    assert figures.keys() == {anchor(one.verdict.claim) for one in checked}
    for predicted, observed in figures.values():
        assert (predicted["name"], observed["name"]) == ("predicted", "observed")
        assert predicted["y"] == pytest.approx(observed["y"], rel=1e-9) and len(set(observed["y"])) > 10


@dataclass(frozen=True)
class Plane(Toy):
    """False: b^3 + a/10 is at most b^3; the column b tells more than a does, and 0 tells nothing."""

    latex: ClassVar[str] = r"b^3 \le \nonsense"
    relation: ClassVar[Any] = "<="
    box: ClassVar[Any] = Box(a=grid(0, 1, 0.1), b=grid(-2, 2, 0.1), c=(7.0,))

    def predicted(self, rows):
        return np.array(rows)[:, [1]] ** 3 + [0.0, 1.0]

    def observed(self, rows, key):
        a, b, _ = np.array(rows).T
        return np.stack([0 * b, b**3 + a / 10], axis=1)


def test_a_claim_about_rows_is_drawn_along_the_column_that_tells_most():
    predicted, observed = (picture(check(Plane(), examples=1), Key(0)) or {})["data"]
    assert list(observed["x"]) == list(Plane.box.columns["b"]) and predicted["name"] == "upper bound"
    # the number that changes, and not the first one; the other columns at their middle or upper quartile
    assert observed["y"] == pytest.approx(np.array(observed["x"]) ** 3 + 0.05, abs=0.031)
    assert predicted["y"] == pytest.approx(np.array(predicted["x"]) ** 3 + 1)


def test_a_claim_without_rows_is_drawn_as_the_instances_tried():
    verdict = check(SquaresAverage(), examples=30)
    bound, tried = (picture(verdict, Key(0)) or {})["data"]
    assert list(zip(tried["x"], tried["y"])) == list(verdict.tried) and len(verdict.tried) == 30
    assert bound["x"] == bound["y"] == [min(map(min, verdict.tried)), max(map(max, verdict.tried))]


def test_where_nothing_changes_there_is_no_picture():
    assert picture(check(OpenBelow(bound=0), examples=5), Key(0)) is None


@dataclass(frozen=True)
class Undrawable(SquaresAverage):
    """A claim whose own curve is wrong."""

    def curve(self):
        raise ZeroDivisionError("<the curve's own mistake>")


def test_the_page_says_what_it_could_not_draw_or_set():
    """And shows a false claim's program, an open one's study, and one statement for all claims that make it."""
    toys = [Plane(), Undrawable(), OpenBelow(bound=20_000), AllBelow(bound=5), AllBelow(bound=6)]
    page = claims_page([Checked(check(toy, examples=40), None) for toy in toys], folder=Path())
    assert "ZeroDivisionError: &lt;the curve&#x27;s own mistake&gt;" in page
    assert r"<code>b^3 \le \nonsense</code>" in page
    assert (
        f'href="{os.path.relpath(CHECKOUT / OpenBelow.study)}"' in page
        and (CHECKOUT / OpenBelow.study).is_file()
    )
    assert page.count('<article class="claim">') == 4 and page.count('class="variant"') == 5
    program = escape(check(AllBelow(bound=5), examples=40).counterexample or "")
    assert f'<pre tabindex="0">{program}</pre>' in page
