"""Records: whatever was measured is read back with the same bits."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from gantheory.estimate import Estimate
from gantheory.study.records import Record, decode, encode, record_name


def same(a, b) -> bool:
    """Equality that tells types, bits of floats, dtypes and shapes apart, and takes NaN as NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Estimate):
        return all(same(getattr(a, n), getattr(b, n)) for n in ("value", "stderr", "n", "floor", "dof"))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and encode(a) == encode(b)
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    return a == b


FLOATS = st.floats(allow_nan=True, allow_infinity=True)
ARRAYS = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_, np.complex64]),
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4),
)
ESTIMATES = st.builds(
    lambda v, s, f, n, d: Estimate(v, s, n=n, floor=f, dof=d),
    FLOATS | st.lists(FLOATS, max_size=4),
    st.floats(min_value=0),
    FLOATS,
    st.integers(0, 10**9),
    st.floats(min_value=1),
)
LEAVES = st.none() | st.booleans() | st.integers() | FLOATS | st.text() | ARRAYS | ESTIMATES
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["$float", "$dict"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_values_survive_the_text(value):
    text = json.dumps(encode(value), allow_nan=False)
    assert same(decode(json.loads(text)), value)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.int64, torch.bool])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_tensors_survive_the_text(dtype, shape):
    value = (torch.arange(max(1, math.prod(shape)))[: math.prod(shape)].reshape(shape) % 2).to(dtype)
    assert same(decode(json.loads(json.dumps(encode(value)))), value)


def test_numpy_scalars_become_numbers():
    assert encode(np.float32(0.5)) == 0.5
    assert encode(np.int64(3)) == 3
    assert type(encode(np.float64(0.5))) is float


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"a": {2.5}}, np.array([object()])])
def test_what_cannot_be_kept_is_refused(value):
    with pytest.raises(ValueError, match="record"):
        encode(value)


def record(**changes) -> Record:
    fields = {
        "study": "S()", "version": 1, "cell": "C(a=1)", "key": "Key(seed=0, path=())", "source": "s.py",
        "values": {"gap": Estimate(1.0, 0.1, n=5), "bad": math.nan}, "seconds": 0.5, "finished": "2026-01-01",
        "environment": {"torch": "2"},
    }  # fmt: skip
    return Record(**{**fields, **changes})


def test_a_record_is_its_text():
    back = Record.from_text(record().to_text())
    assert same(dict(back.values), dict(record().values))
    assert (back.name, back.seconds, back.environment) == (record().name, 0.5, {"torch": "2"})


def test_the_name_depends_on_study_version_and_cell_alone():
    name = record().name
    assert name == record_name("S()", 1, "C(a=1)") and len(name) == 20
    assert record(key="Key(seed=1, path=())", source="t.py", seconds=9.0).name == name
    assert (
        len({record(**change).name for change in ({"study": "T()"}, {"version": 2}, {"cell": "C(a=2)"})}) == 3
    )


@pytest.mark.parametrize("damage", [lambda t: t[:-30], lambda t: "", lambda t: "[1]", lambda t: '{"a": 1}'])
def test_a_torn_text_is_a_value_error(damage):
    with pytest.raises(ValueError):
        Record.from_text(damage(record().to_text()))
