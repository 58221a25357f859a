"""Every format gives back the numbers that were drawn, to the bit, by its own reader and by ours."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.distributions.files import read_points
from gantheory.files import recipe
from gantheory.files.formats import FORMATS, csv_lines
from gantheory.ops import native


def read(path: Path, dtype: str) -> np.ndarray:
    """Read a file by the program that defines its format."""
    if path.suffix == ".csv":
        return np.loadtxt(path, delimiter=",", skiprows=1, dtype=dtype, ndmin=2)
    if path.suffix == ".parquet":
        from pyarrow import parquet

        return np.stack([column.to_numpy() for column in parquet.read_table(path).columns], 1)
    if path.suffix == ".safetensors":
        return pytest.importorskip("safetensors.numpy").load_file(path)["x"]
    data = np.load(path)
    return data["x"] if path.suffix == ".npz" else data


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("ending", FORMATS)
def test_samples_are_the_distributions_own_whatever_the_pieces(monkeypatch, tmp_path, ending, dtype):
    monkeypatch.setattr(recipe, "NUMBERS", 700)
    law, key = gt.Banana(dim=3), gt.Key(3).child("data")
    path = gt.write_samples(law, 1000, tmp_path / f"points.{ending}", dtype=dtype, key=key)
    wanted = law.sample(1000, key.to(getattr(torch, dtype))).numpy()
    found = read(path, dtype)
    assert found.dtype == wanted.dtype and found.shape == (1000, 3) and (found == wanted).all()
    np.testing.assert_array_equal(gt.Empirical.read(path).points().astype(dtype), wanted)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_safetensors_by_its_own_description(tmp_path):
    """https://huggingface.co/docs/safetensors: 8 bytes N, N bytes of JSON, then the numbers."""
    data = gt.write_samples(gt.Ring(), 7, tmp_path / "ring.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0
    assert data[8 : 8 + length].rstrip() == b'{"x":{"dtype":"F32","shape":[7,2],"data_offsets":[0,56]}}'
    assert data[8 + length :] == gt.Ring().sample(7, gt.Key()).numpy().astype("<f4").tobytes()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_texts_of_numbers_give_back_every_bit(tmp_path, dtype):
    """Numbers of every size, and neighbours of powers of ten and two."""
    rng = np.random.default_rng(0)
    edges = np.concatenate([10.0 ** np.arange(-30, 30), 2.0 ** np.arange(-100, 100), [0.0, 5e-324]])
    random = 10.0 ** rng.uniform(-38, 38, 20_001) * rng.normal(size=20_001)
    with np.errstate(over="ignore"):
        numbers = np.concatenate([edges, np.nextafter(edges, np.inf), -edges, random]).astype(dtype)
    numbers = numbers[np.isfinite(numbers)][:20_000].reshape(-1, 2)
    path = tmp_path / "numbers.csv"
    path.write_bytes(csv_lines(numbers))
    np.testing.assert_array_equal(read_points(path).astype(dtype).view(np.uint8), numbers.view(np.uint8))


@pytest.mark.parametrize(
    "data, message",
    [
        (b"", "not a file of numbers"),
        (b"\xff" * 30, "not a file of numbers"),
        (b"\x02\0\0\0\0\0\0\0{}", "not a file of numbers"),
        (
            b"\x39\0\0\0\0\0\0\0" + b'{"x":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}  ',
            "not a file of",
        ),
        (
            b"\x38\0\0\0\0\0\0\0" + b'{"x":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}} \0\0',
            "holds BF16",
        ),
        (
            b"\x69\0\0\0\0\0\0\0"
            + b'{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
            + b'"y":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}\1\2',
            "holds 2 arrays",
        ),
    ],
)
def test_broken_safetensors_are_refused(tmp_path, data, message):
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(ValueError, match=rf"x\.safetensors: {message}"):
        read_points(tmp_path / "x.safetensors")


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'gantheory\[parquet\]'"):
        gt.write_samples(gt.Ring(), 5, tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    native.library is None, reason="plain torch draws the same to a few units in the last place"
)
def test_a_known_file_keeps_its_bytes(tmp_path):
    """The bits of draws and of the format are a promise: a change raises `gantheory.random.DRAWS`."""
    path = gt.write_samples(gt.Ring(), 1000, tmp_path / "ring.npy")
    assert (
        sha256(path.read_bytes()).hexdigest()
        == "65a4f62a3772bf21c227701ddc5ead10c7df3b139d2aa9be247836c06b950207"
    )
