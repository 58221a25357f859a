"""The page of claims: formulas become MathML, pictures have both sides, nothing is fetched."""

import json
import re
from xml.dom.minidom import parseString

import pytest

from gantheory import Key
from gantheory.claims import claims
from gantheory.report.claims import claims_page, write_claims
from gantheory.report.mathml import mathml
from gantheory.study.survey import chosen, survey


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


def test_the_page_holds_verdicts_formulas_and_pictures(tmp_path):
    checked = list(survey(chosen(["ConsensusField", "DiracGrowth"]), examples=5))
    path = write_claims(checked, tmp_path / "claims.html", key=Key(0))
    page = path.read_text()
    assert page == claims_page(checked, key=Key(0))
    assert page.count("<math ") == 2 and "formula=&#x27;published&#x27;" in page
    assert "src=" not in page.split("<main>")[1].split("</main>")[0]
    (figure,) = re.findall(r'<script type="application/json" id="claim-\d+">(.*?)</script>', page)
    predicted, observed = json.loads(figure)["data"]
    assert (predicted["name"], observed["name"]) == ("predicted", "observed")
    assert predicted["y"] == pytest.approx(observed["y"], rel=1e-9) and len(set(observed["y"])) > 10
