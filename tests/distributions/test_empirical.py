"""A user's own points: what is read, and errors that name file, row and column."""

from __future__ import annotations

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
import torch

import gantheory as gt
from gantheory.distributions.files import read_points


POINTS = np.array([[1.0, 2.0], [3.0, 4.5], [-1e-3, 1e6]])


def test_every_format_reads_the_same(tmp_path):
    np.savetxt(tmp_path / "plain.csv", POINTS, delimiter=",")
    (tmp_path / "german.csv").write_text("a;b\n1;2\n3;4.5\n-1e-3;1e6\n")
    (tmp_path / "tabs.csv").write_text("1\t2\n3\t4.5\n-1e-3\t1e6")
    (tmp_path / "header.csv").write_text("\ufeffa,b\r\n1,2\r\n\r\n3, 4.5\r\n-1e-3,1e6\r\n", encoding="utf-8")
    np.save(tmp_path / "points.npy", POINTS)
    np.savez(tmp_path / "points.npz", points=POINTS)
    table = pyarrow.table({"a": POINTS[:, 0], "b": POINTS[:, 1]})
    pyarrow.parquet.write_table(table, tmp_path / "points.parquet")
    for name in (
        "plain.csv",
        "header.csv",
        "german.csv",
        "tabs.csv",
        "points.npy",
        "points.npz",
        "points.parquet",
    ):
        np.testing.assert_array_equal(read_points(tmp_path / name), POINTS)


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("a,b\n", "there is a header and no row"),
        ("1,2\n3\n", r"row 2 has 1 columns, the rows before it 2"),
        ("1,2\n3,4,5\n", r"row 2 has 3 columns"),
        ("1,2\n3,x\n", r"row 2, column 2 is 'x', not a number"),
        ("a,b\n1,2\n3,\n", r"row 3, column 2 is '', not a number"),
        ("1,2\nnan,4\n", r"row 2, column 1 is nan"),
        ("1,2\n3,inf\n", r"row 2, column 2 is inf"),
        ("1,2\nx,y\n", r"row 2, column 1 is 'x'"),
        ("1;2\n3;4,5\n", r"row 2, column 2 is '4,5', not a number"),
    ],
)
def test_csv_errors_name_the_place(tmp_path, text, message):
    file = tmp_path / "points.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=rf"points\.csv: {message}"):
        read_points(file)


@pytest.mark.parametrize(
    "array, message",
    [
        (np.array([[1.0, np.nan]]), r"row 1, column 2 is nan"),
        (np.zeros(3), r"one point a row, found an array of shape \(3,\)"),
        (np.zeros((0, 2)), "shape"),
        (np.zeros((2, 2, 2)), "shape"),
        (np.array([["a", "b"]]), "wanted numbers"),
        (np.zeros((2, 2), dtype=complex), "wanted numbers"),
        (np.array([[None]], dtype=object), "not an array of numbers"),
    ],
)
def test_array_errors(tmp_path, array, message):
    np.save(tmp_path / "points.npy", array, allow_pickle=True)
    with pytest.raises(ValueError, match=message):
        read_points(tmp_path / "points.npy")


def test_other_files_are_refused(tmp_path):
    np.savez(tmp_path / "two.npz", a=POINTS, b=POINTS)
    with pytest.raises(ValueError, match="2 arrays"):
        read_points(tmp_path / "two.npz")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ValueError, match="not an archive of numbers"):
        read_points(tmp_path / "broken.npz")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="parquet"):
        read_points(tmp_path / "broken.parquet")
    (tmp_path / "points.xls").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"cannot read \.xls"):
        read_points(tmp_path / "points.xls")
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_points(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match="not a file"):
        read_points(tmp_path)


def test_a_file_is_named_by_its_content(tmp_path):
    file = tmp_path / "points.npy"
    np.save(file, np.arange(20.0).reshape(10, 2))
    data = gt.Empirical.read(file)
    assert gt.parse(repr(data)) == data and data.dim == 2
    changed = data.replace(sha256="0" * 64)
    with pytest.raises(ValueError, match="has changed: its SHA-256"):
        changed.points()


def test_train_and_test_split_the_rows(tmp_path):
    file = tmp_path / "points.npy"
    np.save(file, np.arange(46.0).reshape(23, 2))
    parts = [gt.Empirical.read(file, part=part).points() for part in ("train", "test")]
    assert len(parts[1]) == 4
    rows = np.concatenate(parts)
    assert sorted(map(tuple, rows)) == sorted(map(tuple, gt.Empirical.read(file).points()))


def test_standardising_uses_the_training_part(tmp_path, key):
    file = tmp_path / "points.npy"
    x = key.normal(200, 3, dtype=torch.float64).numpy() * [1, 100, 0] + [5, 0, 7]
    np.save(file, x)
    train = gt.Empirical.read(file, part="train", standardise=True).points()
    np.testing.assert_allclose(train.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(train.std(0), [1, 1, 0], atol=1e-12)
    held = gt.Empirical.read(file, part="test", standardise=True).points()
    assert abs(held[:, :2].std(0) - 1).max() < 0.5 and (held[:, 2] == 0).all()


def test_numbers_that_overflow_are_refused(tmp_path, key):
    file = tmp_path / "huge.npy"
    np.save(file, 1e300 * key.normal(20, 2, dtype=torch.float64).numpy())
    with pytest.raises(ValueError, match="column 1 is too large to standardise"):
        gt.Empirical.read(file, standardise=True)
    with pytest.raises(ValueError, match=r"beyond torch\.float32"):
        gt.Empirical.read(file).sample(3, key)
    assert gt.Empirical.read(file).sample(3, key.to(torch.float64)).abs().max() > 1e298


def test_too_few_rows_to_split(tmp_path):
    np.save(tmp_path / "points.npy", np.ones((3, 2)))
    with pytest.raises(ValueError, match="too few to split"):
        gt.Empirical.read(tmp_path / "points.npy", part="train")
