"""A native library made from other sources than those beside the package is not used, and says how to build it."""

import shutil
import warnings
from pathlib import Path

import pytest

from gantheory.ops import native, sources


ROOT = Path(native.__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the sources, which the package takes for those beside it."""
    if not (ROOT / "setup.py").exists() or native.library is None:
        pytest.skip(f"needs the sources and a native build beside the package: {native.reason()}")
    monkeypatch.delenv("GANTHEORY_BACKEND", raising=False)
    shutil.copytree(ROOT / "csrc", tmp_path / "csrc")
    shutil.copy(ROOT / "setup.py", tmp_path)
    monkeypatch.setattr(native, "_FOLDER", tmp_path / "gantheory")
    return tmp_path


def change(tree: Path) -> str:
    header = tree / "csrc" / "common" / "scalar.h"
    header.write_text(header.read_text() + "// another line\n")
    return f"run `python setup.py build_ext --inplace` in {tree}"


def test_sources_that_did_not_change_are_no_matter(tree):
    assert native._load() == (native.library, native.reason())


def test_changed_sources_are_noticed(tree, monkeypatch):
    command = change(tree)
    with pytest.warns(UserWarning, match="gantheory computes by plain torch") as told:
        found, why = native._load()
    assert command in str(told[0].message)
    assert found is None and why.startswith("Plain torch, because") and command in why
    monkeypatch.setenv("GANTHEORY_BACKEND", "native")
    with warnings.catch_warnings(action="error"), pytest.raises(ImportError) as refused:
        native._load()
    assert command in str(refused.value) and "compiler" not in str(refused.value)
    monkeypatch.setenv("GANTHEORY_BACKEND", "torch")
    assert native._load() == (None, "Plain torch, because GANTHEORY_BACKEND=torch.")


def test_an_installed_package_has_no_sources_to_compare_with(tree):
    change(tree)
    (tree / "setup.py").unlink()
    assert native._load()[0] is native.library


def test_a_cuda_library_without_the_mark_of_the_sources_is_not_used(tree):
    package = tree / "gantheory"
    package.mkdir()
    (package / "_cuda.so").write_text("no library")
    assert native.cuda_reason.__wrapped__().startswith("CUDA kernels cannot be loaded")
    (package / "_cuda.so").unlink()
    shutil.copy(native.library.__file__, package / "_cuda.so")  # a library that has no mark of CUDA sources
    said = native.cuda_reason.__wrapped__()
    assert said.startswith("CUDA kernels are not used") and "build_ext --inplace" in said


def test_a_mark_is_that_of_names_and_bytes(tmp_path):
    (tmp_path / "one.cpp").write_text("int one;")
    (tmp_path / "two.h").write_text("")
    first = sources.mark(tmp_path, "cpu")
    (tmp_path / "kernels.cu").write_text("int device;")
    (tmp_path / "notes.txt").write_text("no source")
    assert sources.mark(tmp_path, "cpu") == first != sources.mark(tmp_path, "cuda")
    (tmp_path / "two.h").rename(tmp_path / "three.h")
    assert sources.mark(tmp_path, "cpu") != first
    (tmp_path / "three.h").rename(tmp_path / "two.h")
    assert sources.mark(tmp_path, "cpu") == first
    (tmp_path / "one.cpp").write_text("int two;")
    assert sources.mark(tmp_path, "cpu") != first
