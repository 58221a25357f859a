"""The structure is a feature: imports go one way, files are short, nothing is drawn behind one's back."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gantheory


ROOT = Path(gantheory.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
ORDER = (
    "shapes, estimate, statistics, room, notation, sweeps, ops, random, distributions models, files, games, metrics, "
    "dynamics, testing claims, pytest_plugin, study, report, cli"
)
RANK = {name: rank for rank, group in enumerate(ORDER.split(", ")) for name in group.split()}
# beside the line: what everybody may use, and the one package that only names
FREE = {"theory", "__init__"}


def _home(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path):
    """Yield (line, imported module) for every import of gantheory, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "gantheory":
                names = [f"gantheory.{alias.name}" for alias in node.names]
        yield from ((node.lineno, name) for name in names if name.split(".")[0] == "gantheory")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_to_the_left(path):
    home = _home(path)
    for line, module in _imports(path):
        part = module.split(".")[1] if "." in module else "__init__"
        where = f"{path.name}:{line} imports {module}"
        if home == "theory":
            assert part == "theory", where
        elif part == "__init__":
            # the package's own lazy names: for reading notation and for the command line only
            assert home == "notation" or home.startswith("cli"), where
        elif (
            not part.startswith("_") and part not in FREE and home not in FREE and not home.startswith("cli")
        ):
            assert part in RANK and home in RANK, f"{where}: say in ORDER where it stands"
            assert RANK[part] < RANK[home] or part == home, where


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_are_short(path):
    text = path.read_text()
    if path.name != "__init__.py":  # a list of names is as long as there are names
        assert len(text.splitlines()) <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 45, f"{path.name}: {node.name} wants splitting"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_global_randomness(path):
    text = path.read_text()
    for banned in (
        "torch.manual_seed",
        "np.random.seed",
        "np.random.rand",
        "np.random.normal",
        "import random\n",
    ):
        assert banned not in text, f"{path.name} uses {banned}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_checks_are_errors_not_asserts(path):
    """`python -O` removes asserts, so none may guard a user's input."""
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(path.read_text())))


def _loads(code: str, module: str) -> bool:
    command = [sys.executable, "-c", f"import sys\n{code}\nprint({module!r} in sys.modules)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "True"


@pytest.mark.parametrize("code", ["import gantheory", "import gantheory.theory", "import gantheory.cli"])
def test_light_imports_load_no_torch(code):
    assert not _loads(code, "torch")


def test_stub_lists_the_public_names():
    stub = ast.parse((ROOT / "__init__.pyi").read_text())
    named = {
        alias.asname or alias.name for n in stub.body if isinstance(n, ast.ImportFrom) for alias in n.names
    }
    assert named == set(gantheory.__all__)


def test_c_sources_are_short():
    for path in (ROOT.parent / "csrc").rglob("*.*"):
        assert len(path.read_text().splitlines()) <= 300, path
