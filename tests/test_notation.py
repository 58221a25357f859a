"""Texts and nouns: what is read, what is refused, and with which words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, strategies as st

import gantheory as gt
from gantheory.notation import Noun, field_at, parse, with_field


@dataclass(frozen=True)
class Sample(Noun):
    """A noun with a field of every kind."""

    rate: float = 0.0
    count: int = 0
    flag: bool = False
    label: str = ""
    pair: tuple[float, float] = (0.0, 0.0)
    many: tuple[int, ...] = ()
    inner: Sample | None = None


NAMES = {"Sample": Sample}

floats = st.floats(allow_nan=False)
samples = st.recursive(
    st.builds(
        Sample,
        floats,
        st.integers(),
        st.booleans(),
        st.text(max_size=20),
        st.tuples(floats, floats),
        st.lists(st.integers(), max_size=4),
    ),
    lambda inner: st.builds(Sample, floats, inner=inner),
    max_leaves=3,
)


@given(samples)
def test_text_and_noun_are_one(noun):
    assert parse(repr(noun), names=NAMES) == noun
    assert repr(parse(repr(noun), names=NAMES)) == repr(noun)


@given(samples, samples)
def test_equal_nouns_have_equal_text(a, b):
    assert (a == b) == (repr(a) == repr(b))


@given(st.text(max_size=60))
def test_no_text_does_anything_but_read_or_raise(text):
    try:
        parse(text, names=NAMES)
    except ValueError as failure:
        assert str(failure)


def test_fields_are_converted():
    noun = Sample(np.float32(1), np.int64(2), np.bool_(True), "x", [1, np.float64(2)], np.arange(3))
    assert repr(noun) == (
        "Sample(rate=1.0, count=2, flag=True, label='x', pair=(1.0, 2.0), many=(0, 1, 2), inner=None)"
    )
    assert repr(Sample(-0.0)) == repr(Sample(0.0))
    assert Sample(math.inf).rate == math.inf and parse("Sample(rate=-inf)", names=NAMES).rate == -math.inf


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"rate": math.nan}, "got NaN"),
        ({"rate": "1"}, "must be a number"),
        ({"rate": True}, "must be a number"),
        ({"count": 1.5}, "whole number"),
        ({"count": True}, "whole number"),
        ({"flag": 1}, "True or False"),
        ({"label": 3}, "must be a text"),
        ({"pair": (1.0,)}, "must have 2 elements"),
        ({"pair": "ab"}, "must be a tuple"),
        ({"many": 3}, "must be a tuple"),
        ({"inner": 3}, "must be a Sample"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=rf"{next(iter(arguments))}.*{message}"):
        Sample(**arguments)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "Ring.examples()",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "Ring(**{})",
        "Ring(*(1,))",
        "Ring(modes=open('x'))",
        "simulate(1)",
        "nan",
        "1 + 1",
        "Ring(",
        "",
        "(" * 500,
    ],
)
def test_only_nouns_are_read(text):
    with pytest.raises(ValueError, match=r"cannot read|unknown name"):
        parse(text)


def test_a_misspelt_name_gets_a_hint():
    with pytest.raises(ValueError, match=r"did you mean Ring\?"):
        parse("Rign(modes=3)")
    with pytest.raises(ValueError, match=r"Ring: .*mods"):
        parse("Ring(mods=3)")


def test_fields_of_fields():
    rule = gt.Simultaneous(gt.Adam(1e-3))
    assert field_at(rule, "step.rate") == (1e-3, float)
    assert with_field(rule, "step.rate", 5).step.rate == 5 and rule.step.rate == 1e-3
    with pytest.raises(ValueError, match="no field 'speed' in Adam"):
        field_at(rule, "step.speed")


def test_sweeps():
    assert gt.Log(1e-3, 10, 5).values() == pytest.approx([1e-3, 1e-2, 1e-1, 1, 10])
    assert gt.Log(1e-3, 10, 200).values()[-1] == 10.0
    for wrong in (lambda: gt.Log(0, 1, 3), lambda: gt.Linear(0, math.inf, 3), lambda: gt.Linear(0, 1, 0)):
        with pytest.raises(ValueError, match="needs"):
            wrong()
    with pytest.raises(ValueError, match="one length"):
        gt.Zip((gt.Linear(0, 1, 2), gt.Linear(0, 1, 3)))


def test_a_name_that_is_not_there_brings_the_nearest_to_mind():
    with pytest.raises(AttributeError, match="no attribute 'Rng'") as caught:
        gt.Rng  # noqa: B018
    assert caught.value.name == "Rng" and caught.value.obj is gt  # what Python's suggestion is made of
