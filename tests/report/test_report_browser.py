"""The page in a real browser: from a file, without a network, wide and narrow, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.browsing import MARKS, fresh, requests, wait


pytestmark = MARKS


@pytest.fixture
def opened(browser, many_things):
    """The page, newly opened, with its figures drawn."""
    fresh(browser, many_things[2])
    return browser


def first_table(browser):
    return browser.find_elements("css selector", ".table")[0]


def rows(part) -> list[str]:
    found = part.find_elements("css selector", "tbody tr")
    return [row.find_element("css selector", "td").text for row in found if row.is_displayed()]


def column(part, index: int) -> list[str]:
    """The texts of a column, hidden rows included."""
    cells = part.find_elements("css selector", f"tbody td:nth-child({index + 1})")
    return [cell.get_property("textContent") for cell in cells]


def test_all_figures_are_drawn_without_an_error_or_a_request(opened):
    assert opened.execute_script("return document.querySelectorAll('.plot .main-svg').length") >= 2
    traces = opened.execute_script("return [...document.querySelectorAll('.plot')].map((p) => p.data.length)")
    assert traces == [2, 1]
    y = opened.execute_script("return document.querySelector('.plot')._fullData[1].y[0]")
    assert y == pytest.approx(0.8414709848, abs=1e-6)
    assert [entry for entry in opened.get_log("browser") if entry["level"] == "SEVERE"] == []
    asked = requests(opened)
    assert asked and asked[0].startswith("file:")
    away = [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert away == []


def test_the_share_button_and_the_logo_are_absent(opened):
    titles = opened.execute_script(
        "return [...document.querySelectorAll('.modebar-btn')].map((b) => b.dataset.title || b.ariaLabel || '')"
    )
    assert len(titles) > 4 and not [t for t in titles if "hare" in t or "loud" in t or "Plotly" in t]


def test_a_click_on_the_legend_hides_a_curve(opened):
    from selenium.webdriver import ActionChains

    toggle = opened.find_elements("css selector", ".legendtoggle")[0]
    opened.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", toggle)
    ActionChains(opened).move_to_element(toggle).click().perform()
    wait(opened, "document.querySelector('.plot').data[0].visible === 'legendonly'")


def test_a_table_is_filtered_sorted_and_saved(opened):
    part = first_table(opened)
    assert len(rows(part)) == 12
    part.find_element("css selector", "input").send_keys("EXTRA 0.8")
    assert rows(part) == ["extra"] and part.find_element("css selector", "output").text == "1 of 12 rows"
    part.find_element("css selector", "input").clear()
    part.find_element("css selector", "input").send_keys("x")
    head = part.find_elements("css selector", "th button")[2]
    opened.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", head)
    head.click()
    assert column(part, 2) == sorted(column(part, 2), key=float) and len(column(part, 2)) == 12
    head.click()
    assert column(part, 2) == sorted(column(part, 2), key=float, reverse=True)
    opened.execute_script("arguments[0].click()", part.find_element("css selector", ".csv"))
    path = Path(opened.downloads) / "two-curves.csv"
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(opened, 30, poll_frequency=0.05).until(lambda _: path.exists())
    lines = path.read_text().splitlines()
    assert lines[0] == 'rule,factor,factor_stderr,factor_floor,"a, b",nothing'
    assert lines[1] == "extra,1.6400000000000001,0.01,0.5,0.8," and len(lines) == 5


@pytest.mark.parametrize("width", [320, 400, 1200])
def test_no_width_scrolls_sideways(opened, width):
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wait(opened, f"innerWidth === {width}")
    wait(opened, f"[...document.querySelectorAll('.plot .main-svg')].every((s) => s.clientWidth < {width})")
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width


def test_dark_mode_follows_the_system_and_the_button(opened):
    def paper() -> str:
        return opened.execute_script("return getComputedStyle(document.body).backgroundColor")

    def axis() -> str:
        return opened.execute_script("return document.querySelector('.plot')._fullLayout.font.color")

    def prefer(scheme: str) -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    prefer("light")
    light = (paper(), axis())
    prefer("dark")
    wait(opened, f"document.querySelector('.plot')._fullLayout.font.color !== {light[1]!r}")
    dark = (paper(), axis())
    assert dark[0] != light[0]
    opened.find_element("css selector", ".theme").click()
    assert (paper(), axis()) == light
    opened.find_element("css selector", ".theme").click()
    assert (paper(), axis()) == dark


def test_a_simulation_is_drawn_without_an_error_or_a_request(browser, tmp_path):
    """The map of a sweep, and orbits over their field, in which arrows are turned."""
    import gantheory as gt

    game, rule = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3)), gt.Simultaneous(gt.SGD(0.1))
    sweep = {"rule.step.rate": gt.Log(0.1, 1, 9), "game.penalty.weight": gt.Linear(0, 1, 8)}
    runs = gt.simulate(game, rule, steps=400, sweep=sweep, start=(1.0, 1.0), record=4, key=gt.Key(0))
    path = gt.write_simulation(runs, tmp_path / "page.html")
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(path.as_uri())
    wait(browser, "document.querySelectorAll('.plot .main-svg').length >= 8")
    kinds = browser.execute_script(
        "return [...document.querySelectorAll('.plot')].map((p) => p.data[0].type)"
    )
    assert kinds == ["heatmap", "scatter", "scatter", "scatter"]
    turned = browser.execute_script(
        "return document.querySelectorAll('.plot')[1]._fullData[0].marker.angle.length"
    )
    assert turned > 400
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert [url for url in requests(browser) if not url.startswith(("file:", "data:", "blob:"))] == []
