"""Folders of samples are whole, tell the truth, and can be made again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, fields

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.cli import main
from gantheory.files import placing, recipe
from gantheory.files.formats import FORMATS


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_from_the_command_line(capsys, tmp_path):
    folder = tmp_path / "ring"
    command = ["sample", "Ring(modes=5)", "-n", "1001", "--seed", "3", "-o", str(folder), "--format", "csv"]
    assert main(command) == 0 and capsys.readouterr().out == f"{folder}\n"
    assert names(folder) == [
        "README.md",
        "SHA256SUMS",
        "card.json",
        "test.csv",
        "train.csv",
        "validation.csv",
    ]
    parts = [gt.Empirical.read(folder / f"{part}.csv").points() for part in ("train", "validation", "test")]
    assert [len(part) for part in parts] == [801, 100, 100]
    wanted = gt.Ring(modes=5).sample(1001, gt.Key(3)).numpy()
    np.testing.assert_array_equal(np.concatenate(parts).astype(np.float32), wanted)
    check = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)
    assert check.returncode == 0 and check.stdout.count("OK") == 5
    assert main(["sample", "--verify", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder}: every bit is the same\n"
    assert main(command) == 2 and "--force" in capsys.readouterr().err
    assert main([*command, "--force", "--splits", "0.5,0.5"]) == 0
    assert names(folder) == ["README.md", "SHA256SUMS", "card.json", "test.csv", "train.csv"]
    (folder / "mine.txt").write_text("mine")
    assert main([*command, "--force"]) == 2 and "holds 'mine.txt'" in capsys.readouterr().err
    assert (folder / "mine.txt").read_text() == "mine" and names(tmp_path) == ["ring"]


@pytest.mark.parametrize(
    "law", [gt.Ring(), gt.Checkerboard(), gt.Moons(), gt.Funnel()], ids=lambda d: type(d).__name__
)
def test_the_card_states_every_fact(tmp_path, law):
    folder = gt.write_samples(law, 10, tmp_path / "points", splits=(1.0,))
    card, text, facts = (
        json.loads((folder / "card.json").read_text()),
        (folder / "README.md").read_text(),
        law.facts(),
    )
    for field in fields(facts):
        stated, fact = card["facts"][field.name], getattr(facts, field.name)
        assert f"| {field.name} |" in text
        if fact.value is None:
            assert stated == {"value": None, "reason": fact.reason} and fact.reason in text
        else:
            assert stated["error"] == fact.error
        if isinstance(fact.value, np.ndarray):
            np.testing.assert_array_equal(stated["value"], fact.value)
    assert card["facts"]["entropy"]["value"] == facts.entropy.value
    assert gt.parse(card["distribution"]) == law == gt.parse(card["generate"]["expression"])


@pytest.mark.parametrize("ending", FORMATS)
def test_verification_finds_a_changed_bit_and_says_where(monkeypatch, tmp_path, ending):
    monkeypatch.setattr(recipe, "NUMBERS", 64)
    key = gt.Key(2).child("a", 1)
    options = {"format": ending, "splits": (0.5, 0.5), "dtype": "float64"}
    folder = gt.write_samples(gt.Grid(), 300, tmp_path / "grid", **options, key=key)
    assert gt.verify_samples(folder) == ()
    path = folder / f"test.{ending}"
    data = bytearray(path.read_bytes())
    if ending == "csv":
        at = data.index(b"\n", len(data) // 2) + 3
        row = f" (row {data[:at].count(10)})"  # the header has no number
    else:
        number = gt.Grid().sample(300, key.to(torch.float64))[150 + 77, 1]
        at = data.index(number.numpy().tobytes()) + 2
        row = "" if ending == "parquet" else " (row 78, column 2)"
    data[at] ^= 1
    path.write_bytes(data)
    assert gt.verify_samples(folder) == (f"{path.name}: differs from byte {at} on{row}",)
    path.write_bytes(data[:at])
    assert gt.verify_samples(folder) == (f"{path.name}: differs from byte {at} on{row}",)
    path.unlink()
    assert gt.verify_samples(folder) == (f"{path.name}: is missing",)


def test_verification_finds_changed_texts_and_another_environment(capsys, tmp_path):
    folder = gt.write_samples(gt.Ring(), 100, tmp_path / "ring")
    card = folder / "card.json"
    whole = card.read_text()
    card.write_text(whole.replace('"dimension": 2', '"dimension": 3'))
    assert main(["sample", "--verify", str(folder)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"gantheory: {folder}: card.json: line 4 is ") and err.count("\n") == 1
    card.write_text(whole.replace('"torch": "', '"torch": "0.'))
    with_other_torch = gt.verify_samples(folder)
    assert with_other_torch[0].startswith("SHA256SUMS: line 2")  # the card itself was written over
    assert with_other_torch[1].startswith("made with torch 0.")
    (folder / "train.npy").write_bytes((folder / "train.npy").read_bytes() + b"x")
    card.write_text(whole)
    size = (folder / "train.npy").stat().st_size - 1
    assert gt.verify_samples(folder) == (f"train.npy: differs from byte {size} on",)
    for broken, message in (
        ("{", "not a card"),
        ("{}", "no `generate` block"),
        ('{"generate": {}}', "cannot be read"),
    ):
        card.write_text(broken)
        with pytest.raises(ValueError, match=message):
            gt.verify_samples(folder)


def test_a_file_is_replaced_only_by_force(capsys, tmp_path):
    path = tmp_path / "ring.csv"
    path.write_text("mine")
    command = ["sample", "Ring()", "-n", "5", "-o", str(path)]
    assert main(command) == 2 and path.read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert main([*command, "--force"]) == 0 and len(path.read_text().splitlines()) == 6


@dataclass(frozen=True)
class Slow(gt.Ring):
    """A ring whose second piece says that it has begun, and takes a minute."""

    def sample(self, n, key, *, start=0):
        if start:
            print("begun", flush=True)
            time.sleep(60)
        return super().sample(n, key, start=start)


FULL = """
import resource, sys
from gantheory import cli
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
codes = [cli.main(["sample", "Ring()", "-n", "20000", "-o", path]) for path in sys.argv[1:]]
sys.exit(codes != [2] * len(codes))
"""
SLOW = """
import sys
import gantheory as gt
from gantheory import cli
from gantheory.files import recipe
from tests.files.test_samples import Slow
recipe.NUMBERS = 2000
gt.Ring = Slow
sys.exit(cli.main(["sample", "Ring()", "-n", "20000", "-o", sys.argv[1], "--format", "parquet"]))
"""


def test_a_full_disk_leaves_nothing(tmp_path):
    paths = [*(str(tmp_path / f"ring.{ending}") for ending in FORMATS), str(tmp_path / "ring")]
    done = subprocess.run([sys.executable, "-c", FULL, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr.splitlines() == [
        f"gantheory: {path}: File too large; nothing was written" for path in paths
    ]
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "name, number, code", [("ring.npz", signal.SIGINT, 130), ("ring", signal.SIGTERM, 143)]
)
def test_an_interruption_leaves_nothing(tmp_path, name, number, code):
    path = tmp_path / name
    command = [sys.executable, "-c", SLOW, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline() == "begun\n"
        assert len(names(tmp_path)) == 1  # the temporary
        process.send_signal(number)
        err = process.stderr.read()
    assert process.returncode == code and err == f"gantheory: {path}: interrupted, and nothing was written\n"
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_replaced_is_put_back(monkeypatch, tmp_path):
    folder = gt.write_samples(gt.Ring(), 100, tmp_path / "ring")
    before, rename = (folder / "card.json").read_text(), os.rename

    def fail_second(source, target):
        if str(target) == str(folder) and not str(source).endswith("-old"):
            raise PermissionError(13, "Permission denied")
        rename(source, target)

    monkeypatch.setattr(placing.os, "rename", fail_second)
    with pytest.raises(PermissionError, match="ring: Permission denied; nothing was written"):
        gt.write_samples(gt.Grid(), 100, folder, force=True)
    assert (folder / "card.json").read_text() == before and names(tmp_path) == ["ring"]


def test_what_does_not_fit_is_refused_before_it_starts(monkeypatch, tmp_path):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**6))
    size = 4 * 2 * 200_000 / 2**30
    for name in ("x.npy", "x.csv", "x"):
        with pytest.raises(OSError, match=r"x\S* would take \S+ GiB, and 0.000931 GiB are free"):
            gt.write_samples(gt.Ring(), 200_000, tmp_path / name)
    assert f"{size:.3g} GiB" == "0.00149 GiB" and names(tmp_path) == []
    monkeypatch.setattr(recipe, "free_memory", lambda: 1e6)
    with pytest.raises(ValueError, match=r"need 0\.25 GiB of memory, and 0\.000931 GiB are free"):
        gt.write_samples(gt.Ring(), 10, tmp_path / "x.npy")


def test_the_size_of_a_csv_is_known_to_a_percent(tmp_path):
    from gantheory.files.recipe import Recipe

    law = gt.GaussianMixture(((100.0, 0.0, 1e-9),))
    guess = Recipe(law, 50_000, gt.Key(1), format="csv").bytes()
    path = gt.write_samples(law, 50_000, tmp_path / "x.csv", key=gt.Key(1))
    assert guess == pytest.approx(path.stat().st_size, rel=0.01)


def test_wrong_arguments_are_named(tmp_path):
    for message, arguments in {
        "is not a distribution": {"distribution": gt.MLP(2, (4,), 1)},
        "dtype must be one of float32, float64": {"dtype": "float16"},
        "cannot write 'xls'": {"format": "xls"},
        "one to three positive numbers": {"splits": (0.5, 0.2, 0.2, 0.1)},
        "batch of shape": {"key": gt.Key(0).split(3)},
    }.items():
        with pytest.raises(ValueError, match=message):
            gt.write_samples(**{"distribution": gt.Ring(), "count": 100, "path": tmp_path / "x", **arguments})
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="is a file"):
        gt.write_samples(gt.Ring(), 100, tmp_path / "file", force=True)
