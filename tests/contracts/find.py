"""Finds every concrete class of a kind, so that a new one is tested before anyone writes a test for it."""

from __future__ import annotations

import inspect
import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

import gantheory


@cache
def modules() -> tuple[Any, ...]:
    """Every module of the package."""
    walk = pkgutil.walk_packages(gantheory.__path__, "gantheory.")  # but not the compiled libraries
    return tuple(
        import_module(module.name) for module in walk if not module.name.rpartition(".")[2].startswith("_")
    )


def concrete(base: type) -> list[type]:
    """Every class under a base that can be instantiated, sorted by name."""
    found = {
        value
        for module in modules()
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, base)
        and not inspect.isabstract(value)
        and value.__module__.startswith("gantheory.")
    }
    return sorted(found, key=lambda cls: cls.__name__)


def examples(base: type) -> list[Any]:
    """Every example of every concrete class under a base."""
    return [example for cls in concrete(base) for example in cls.examples()]


def name(noun: Any) -> str:
    """A short name for a test's label."""
    text = repr(noun)
    return text if len(text) <= 80 else text[:77] + "..."
