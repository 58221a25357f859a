"""The page as a text: complete, escaped, small, and without a trace of the network."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.report import rebuild, write_report
from gantheory.report.figures import figure_json
from gantheory.report.numbers import explanation, interval, number
from gantheory.report.page import page
from gantheory.report.tables import ROWS, table
from tests.report.study_for_report import ManyThings, Point


class Tags(HTMLParser):
    """The tags, the attributes and the text outside scripts and styles of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "link", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data


@pytest.fixture(scope="module")
def tags(many_things) -> Tags:
    return Tags(many_things[2].read_text(encoding="utf-8"))


def test_the_page_is_whole_and_its_texts_are_texts(tags):
    assert tags.open == []
    for text in (
        "Many Things", "Does <i>everything</i> reach the page & stay text?", "Two <curves>", "And <b>text</b>.",
        "Point(rule='</script><script>broken', rate=1.0)", "ValueError: <b>this rule</b> is unknown",
        "1.010 ± 0.020", "floor 0.5", "12 of 13", "Key(seed=0, path=())", "torch", "study_for_report",
    ):  # fmt: skip
        assert text in tags.text, text
    assert not {"i", "b", "curves"} & {tag for tag, _ in tags.tags}
    assert {"code", "strong"} <= {tag for tag, _ in tags.tags}


def test_nothing_on_the_page_points_away_from_it(tags):
    assert not [t for t, attributes in tags.tags if {"src", "href", "srcset", "action"} & attributes.keys()]
    assert not {"link", "img", "iframe", "object", "base"} & {tag for tag, _ in tags.tags}
    policies = [a["content"] for _, a in tags.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1 and "default-src 'none'" in str(policies[0]) and "http" not in str(policies[0])


def test_plotly_is_there_once_and_only_for_figures(many_things):
    _, results, path = many_things
    assert path.read_text(encoding="utf-8").count("plotly.js v") == 1
    assert path.stat().st_size < 8e6

    class Plain(ManyThings):
        def findings(self, results):
            return list(super().findings(results))[2:]

    assert len(page(Plain(), results)) < 1e5


def test_findings_that_cannot_be_made_do_not_cost_the_page(many_things):
    class Broken(ManyThings):
        def findings(self, results):
            raise KeyError("no such result")

    text = Tags(page(Broken(), many_things[1])).text
    assert "The findings" in text and "KeyError: 'no such result'" in text and "Every cell" in text


def test_results_without_a_finished_cell_are_a_page():
    empty = gt.Results((), (), (Point("a", 1.0),), ("x.json could not be read",))
    text = Tags(page(ManyThings(), empty)).text
    assert "0 of 1" in text and "Not measured yet" in text and "x.json could not be read" in text


def test_the_report_is_rebuilt_from_the_records_alone(many_things, tmp_path):
    _, _, path = many_things
    again = rebuild(path.parent, path=tmp_path / "again.html")
    assert again.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")
    with pytest.raises(FileNotFoundError, match="no records"):
        rebuild(tmp_path)


def test_a_heavy_figure_is_thinned_until_the_page_is_small(many_things):
    big = np.random.default_rng(0).normal(size=(8, 400_000))

    class Heavy(ManyThings):
        def findings(self, results):
            lines = [{"type": "scatter", "x": np.arange(400_000), "y": row, "name": "one"} for row in big]
            return [gt.Finding("Heavy", "Much.", {"data": lines})]

    text = page(Heavy(), many_things[1])
    assert len(text) < 8e6 and "Drawn with a part of its points" in text


def unpack(data) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(data["bdata"]), dtype=f"<{data['dtype']}")
    return flat.reshape([int(n) for n in data.get("shape", str(flat.size)).split(", ")])


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_a_figure_keeps_its_numbers(kind):
    y = [0.5 * i for i in range(100)]
    text, thinned = figure_json({"data": [{"y": kind(y), "x": kind(y[:3])}]}, points=1000)
    trace = json.loads(text)["data"][0]
    assert not thinned and trace["x"] == y[:3]
    np.testing.assert_allclose(unpack(trace["y"]), y, rtol=1e-7)


def test_a_figure_keeps_matrices_fine_steps_gaps_and_texts():
    z, fine = np.arange(200.0).reshape(10, 20), 1e6 + np.linspace(0, 1e-3, 100)
    gaps = [1.0, float("nan"), None, float("inf")]
    names = [f"<{i}>" for i in range(100)]
    figure = {"data": [{"z": z, "y": fine, "gaps": gaps, "text": names, "estimate": gt.Estimate([1.0, 2.0])}]}
    text, _ = figure_json(figure, points=10**6)
    trace = json.loads(text)["data"][0]
    assert "<" not in text and trace["text"] == names
    np.testing.assert_array_equal(unpack(trace["z"]), z)
    np.testing.assert_array_equal(unpack(trace["y"]), fine)
    assert trace["gaps"] == [1.0, None, None, None] and trace["estimate"] == [1.0, 2.0]


def test_thinning_keeps_what_belongs_to_a_point_together():
    x = np.arange(1000)
    trace = {"x": x, "y": 2 * x, "marker": {"color": 3 * x, "size": 4}, "name": "n"}
    text, thinned = figure_json({"data": [trace]}, points=100)
    found = json.loads(text)["data"][0]
    kept = unpack(found["x"])
    assert thinned and len(kept) == 100 and kept[0] == 0
    assert (unpack(found["y"]) == 2 * kept).all() and (unpack(found["marker"]["color"]) == 3 * kept).all()


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (1.23456, 0.0102, "1.235 ± 0.020"),
        (-0.5, 0.1, "\N{MINUS SIGN}0.50 ± 0.20"),
        (12345.6, 60.0, "12346 ± 118"),
        (1.3e-4, 2e-4, "(1.3 ± 3.9)·10⁻⁴"),
        (2.0, 0.0, "2"),
        (np.inf, 0.0, "∞"),
        (1.0, np.nan, "1 ± -"),
    ],
)
def test_an_interval_shows_the_digits_that_are_known(value, stderr, text):
    assert interval(gt.Estimate(value, stderr)) == text


def test_numbers_and_explanations():
    assert [number(x) for x in (0.1 + 0.2, -3, -2.5e-9, np.nan)] == [
        "0.3",
        "-3",
        "\N{MINUS SIGN}2.5·10⁻⁹",
        "-",
    ]
    words = explanation(gt.Estimate(1.0, 0.5, n=7, floor=0.25))
    assert words == "95 % interval 0.020018 to 1.98; 7 samples; true against true samples: 0.25"


def test_a_long_table_says_what_it_leaves_out():
    text = table(("n",), [(i,) for i in range(ROWS + 5)], name="long")
    assert text.count("<tr>") == ROWS + 1 and f"The first {ROWS} of {ROWS + 5} rows" in text


def test_a_report_that_cannot_be_written_leaves_nothing(many_things, tmp_path):
    study, results, _ = many_things
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        write_report(study, results, tmp_path / "taken")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_differing_environments_are_all_listed(many_things):
    study, results, _ = many_things
    other = dataclasses.replace(results[0], about={**results[0].about, "environment": {"torch": "9.9"}})
    mixed = dataclasses.replace(results, results=(other, *results.results[1:]))
    assert re.search(r"torch 9\.9; \d", Tags(page(study, mixed)).text)
