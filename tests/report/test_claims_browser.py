"""The page of claims in a real browser: formulas are set, links lead somewhere, and all of it without a mouse."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from gantheory import check
from gantheory.claims import Verdict, claims
from gantheory.report.claims import anchor, write_claims
from gantheory.study.survey import Checked
from tests.claims.toys import AllBelow, OpenBelow
from tests.report.browsing import MARKS, fresh, requests, wait


pytestmark = MARKS
# by themselves pytest would collect them
TOYS = {"false": AllBelow(bound=5), "open": OpenBelow(bound=20_000)}


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """All claims of the library, as if they had been checked, a false one and an open one."""
    checked = [
        Checked(Verdict(claim, "HOLDS", 1, 1.0, None, 0.0, 0.0, None, "", 0.0), None) for claim in claims()
    ]
    checked += [
        Checked(check(TOYS["false"]), check(AllBelow())),
        Checked(check(TOYS["open"], examples=20), None),
    ]
    return write_claims(checked, tmp_path_factory.mktemp("claims") / "claims.html")


@pytest.fixture
def opened(browser, page):
    fresh(browser, page)
    return browser


def resize(browser, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wait(browser, f"innerWidth === {width}")


def shown(browser, selector: str) -> int:
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].filter((e) => e.checkVisibility()).length",
        selector,
    )


def test_every_formula_is_set(opened):
    sizes = opened.execute_script(
        "return [...document.querySelectorAll('math')].map((m) => {"
        "  const b = m.getBoundingClientRect();"
        "  const empty = [...m.querySelectorAll('mi, mn, mtext')].filter((t) => !t.getBoundingClientRect().width);"
        "  return [b.width, b.height, empty.length]; })"
    )
    assert len(sizes) > 100
    assert all(width > 15 and height > 10 and not empty for width, height, empty in sizes)
    # the numerator stands above its denominator: the browser knows MathML
    above, below = opened.execute_script(
        "return [...document.querySelector('mfrac').children].map((e) => e.getBoundingClientRect().bottom)"
    )
    assert above < below


def test_figures_are_drawn_when_they_come_near_without_an_error_or_a_request(opened):
    count = opened.execute_script("return document.querySelectorAll('.plot').length")
    assert shown(opened, ".plot .main-svg") < count
    opened.execute_script(
        "[...document.querySelectorAll('.plot')].at(-1).scrollIntoView({behavior: 'instant'})"
    )
    wait(opened, "[...document.querySelectorAll('.plot')].at(-1).querySelector('.main-svg')")
    assert [entry for entry in opened.get_log("browser") if entry["level"] == "SEVERE"] == []
    asked = requests(opened)
    assert asked and [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_links_lead_somewhere(opened, page):
    links = opened.execute_script(
        "return [...document.querySelectorAll('a')].map((a) => a.getAttribute('href'))"
    )
    inside = {link[1:] for link in links if link.startswith("#")}
    known = set(opened.execute_script("return [...document.querySelectorAll('[id]')].map((e) => e.id)"))
    assert len(inside) > 100 and inside <= known
    studies = {(page.parent / link).resolve() for link in links if not link.startswith("#")}
    checkout = Path(__file__).parents[2]
    assert studies == {checkout / claim.study for claim in (*claims(), TOYS["open"]) if claim.study}
    place = anchor(claims()[100])
    opened.execute_script(f"document.querySelector('#overview a[href=\"#{place}\"]').click()")
    wait(opened, f"Math.abs(document.getElementById({place!r}).getBoundingClientRect().top - 72) < 40")


@pytest.mark.parametrize("width", [320, 400, 1280])
def test_no_width_scrolls_sideways(opened, width):
    resize(opened, width)
    wait(opened, f"[...document.querySelectorAll('.plot .main-svg')].every((s) => s.clientWidth < {width})")
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width


def test_chips_and_filter_show_a_part_and_a_link_shows_it_again(opened):
    def press(word: str) -> None:
        chip = opened.find_element("css selector", f".chips [data-verdict='{word}']")
        opened.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", chip)
        chip.click()

    everything = len(claims()) + 2
    assert shown(opened, "#overview tbody tr") == shown(opened, ".variant") == everything
    press("FAILS")
    assert shown(opened, "#overview tbody tr") == shown(opened, ".variant") == shown(opened, ".part") == 1
    place = anchor(TOYS["open"])
    opened.execute_script(f"location.hash = {place!r}")
    wait(opened, f"document.getElementById({place!r}).checkVisibility()")
    assert shown(opened, ".variant") == everything
    opened.find_element("css selector", "#overview input").send_keys("Mescheder")
    wanted = [claim for claim in (*claims(), *TOYS.values()) if "Mescheder" in claim.reference]
    assert shown(opened, ".variant") == len(wanted) < everything / 4 and shown(opened, ".part") < 4


def test_the_keyboard_reaches_everything(opened):
    from selenium.webdriver import ActionChains, Keys

    def tab() -> str:
        ActionChains(opened).send_keys(Keys.TAB).perform()
        return opened.execute_script(
            "const e = document.activeElement; if (e === document.body) return 'end';"
            "const seen = getComputedStyle(e).outlineStyle !== 'none';"
            "return (seen ? '' : 'no outline: ') + e.closest('[class]').className"
        )

    opened.find_element("css selector", ".chips [data-verdict='FAILS']").send_keys(Keys.ENTER)
    assert shown(opened, ".variant") == 1
    opened.execute_script("document.querySelector('.theme').focus()")
    reached = set(itertools.takewhile(lambda name: name != "end", (tab() for _ in range(60))))
    assert {
        "parts",
        "chips",
        "tools",
        "csv",
        "scroll",
        "text",
        "formula",
        "variant",
        "copy",
        "aside",
    } <= reached
    assert not [name for name in reached if name.startswith("no outline")]
    _, neighbour = opened.find_elements("css selector", ".variant summary")
    opened.execute_script("arguments[0].focus()", neighbour)
    ActionChains(opened).send_keys(Keys.ENTER).perform()
    assert shown(opened, "details.aside[open] pre") == shown(opened, "details[open]:not(.aside) pre") == 1


def test_the_program_of_a_counterexample_is_copied(opened):
    opened.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    button = opened.find_element("css selector", "details[open] .copy")
    opened.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
    button.click()
    wait(opened, "document.querySelector('details[open] .copy').textContent === 'Copied'")
    text = opened.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert text == check(TOYS["false"]).counterexample
