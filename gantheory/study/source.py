"""Where a study comes from: its file or module, and the names that its texts may use."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from gantheory.study.study import Study


_PREFIX = "gantheory_file_"


def load(source: str | Path) -> ModuleType:
    """Load the study file (a path that ends in .py) or import the module of that name.

    The file's folder is added at the end of the search path, so that its neighbours can be imported
    and cannot hide an installed package. Raises `FileNotFoundError`, and `ValueError` with the line where the
    file cannot be read or what it runs raises.
    """
    if not str(source).endswith(".py"):
        try:
            return importlib.import_module(str(source))
        except ModuleNotFoundError as failure:
            advice = "a study is a .py file or a module's name; points go with --data"
            raise ValueError(
                f"cannot import the study's module {str(source)!r} ({failure}): {advice}"
            ) from None
    path = Path(source).resolve()
    if not path.is_file():
        raise FileNotFoundError(f"no file {str(source)!r}")
    name = f"{_PREFIX}{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses look their module up while they are made
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        exec(compile(path.read_bytes(), path, "exec", dont_inherit=True), vars(module))
    except SyntaxError as failure:
        raise ValueError(
            f"cannot read {failure.filename or path}, line {failure.lineno}: {failure.msg}"
        ) from failure
    except Exception as failure:
        lines = [frame.lineno for frame in extract_tb(failure.__traceback__) if frame.filename == str(path)]
        where = f"{path}, line {lines[-1]}" if lines else str(path)
        raise ValueError(f"{where}: {type(failure).__name__}: {failure}") from failure
    return module


def source_of(study: Study) -> str:
    """Return the text that `load` takes to find the study's class again: a path, or a name in a package.

    Empty for a class made in an interactive session, which only this process knows.
    """
    name = type(study).__module__
    if "." in name:
        return name
    path = getattr(sys.modules.get(name), "__file__", None)
    return str(Path(path).resolve()) if path and path.endswith(".py") else ""


def nouns(module: ModuleType | None) -> Mapping[str, Any]:
    """Return the dataclasses that a module's names reach: what a text of its study may call."""
    names = vars(module) if module is not None else {}
    return {
        name: value
        for name, value in names.items()
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    }


def nouns_beside(study: Study) -> Mapping[str, Any]:
    """Return the names that texts of this study may use: its own module's dataclasses."""
    return nouns(sys.modules.get(type(study).__module__))


def study_in(module: ModuleType) -> Study:
    """Return the study of a module: its ``study``, or its one concrete `Study` class, with defaults.

    Raises `ValueError` when there is none, more than one, or when it needs arguments.
    """
    chosen = getattr(module, "study", None)
    if isinstance(chosen, Study):
        return chosen
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Study)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
    ]
    where = getattr(module, "__file__", module.__name__)
    if len(classes) != 1:
        found = ", ".join(c.__name__ for c in classes) or "none"
        raise ValueError(f"{where} must hold one study class, found {found}: write `study = MyStudy(...)`")
    try:
        return classes[0]()
    except TypeError as failure:
        raise ValueError(f"{where}: {failure}: write `study = {classes[0].__name__}(...)`") from failure


def find(source: str | None = None) -> Study:
    """Return the study of a file or module, or the built-in tour."""
    return study_in(load(source or "gantheory.study.tour"))


def with_data(study: Study, data: Any) -> Study:
    """Return the study on other data; raises `ValueError` when it has no field ``data``."""
    if "data" not in {field.name for field in dataclasses.fields(study)}:
        raise ValueError(f"{type(study).__name__} takes no data: it has no field of that name")
    return study.replace(data=data)
