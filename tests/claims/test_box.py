"""Batches of rows: drawn within their columns, steered, and shrunk to one short row."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import find, settings

from gantheory import check
from gantheory.claims.box import Box, grid
from tests.claims.toys import Toy


@dataclass(frozen=True)
class ProductBelow(Toy):
    """False on rows with a b above 60, which are 1 in 200; two numbers a row."""

    relation: ClassVar[Any] = "<="
    box: ClassVar[Box] = Box(rows=16, a=grid(0, 10), b=grid(-8, 8, 0.25))

    def predicted(self, instance):
        return np.full((len(instance), 2), 60.0)

    def observed(self, instance, key):
        a, b = np.array(instance).T
        return np.stack([a * b, -1 + 0 * a], axis=1)


def test_a_batch_has_its_rows_from_the_columns():
    box = ProductBelow.box
    rows = find(box.batches(), lambda _: True, settings=settings(database=None, derandomize=True))
    assert len(rows) == 16
    assert all(row[0] in box.columns["a"] and row[1] in box.columns["b"] for row in rows)
    assert hash(rows) is not None


def test_a_counterexample_is_one_row_in_short_numbers():
    verdict = check(ProductBelow())
    assert verdict.verdict == "FAILS"
    ((a, b),) = verdict.instance
    assert a * b > 60
    assert len(f"{a:g}{b:g}") <= 3
    assert (verdict.predicted, verdict.observed) == (60.0, a * b)


def test_simpler_rows_change_one_number_to_a_shorter_one():
    box = ProductBelow.box
    for row in box.simpler((3.17, 2.75)):
        assert sum(a != b for a, b in zip(row, (3.17, 2.75))) == 1
        assert len(f"{row[0]:g}{row[1]:g}") <= len("3.172.75")
    assert box.simpler((0.0, 0.0)) == []


def test_grids_are_short_decimals():
    assert grid(0.1, 0.5, 0.1) == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert grid(-0.02, 0.02) == (-0.02, -0.01, 0.0, 0.01, 0.02)


def test_curves_run_along_one_column():
    curve = ProductBelow.box.curve("a", points=11, b=2.0)
    assert curve.values == tuple(map(float, range(11)))
    assert curve.instance(3.0) == ((3.0, 2.0),)


def test_empty_columns_are_refused():
    with pytest.raises(ValueError, match="columns with numbers"):
        Box(rate=())
