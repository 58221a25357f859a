"""Finds every concrete class of a kind, so that a new one is tested before anyone writes a test for it."""

from __future__ import annotations

import dataclasses
import inspect
import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

import gantheory
from gantheory.dynamics.population import Many


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


@cache
def facts(law: Any) -> Any:
    """The facts of an example, made once for all tests: some integrate."""
    return law.facts()


def plays(rule: Any, game: Any) -> bool:
    """Whether a rule takes a game; one that does not says so before the first step."""
    try:
        rule.turns(Many(game, 1))
    except ValueError:
        return False
    return True


def name(noun: Any) -> str:
    """A short name for a test's label, and so for its key: the same wherever the package lies."""
    text = repr(noun).replace(gantheory.__path__[0], "gantheory")
    return text if len(text) <= 80 else text[:77] + "..."


def fields_of(noun: Any, kind: type, path: str = "") -> list[tuple[str, Any]]:
    """All nouns of a kind inside a noun, with their dotted paths."""
    found = [(path, noun)] if isinstance(noun, kind) else []
    if isinstance(noun, tuple):
        inner = [(str(i), item) for i, item in enumerate(noun)]
    elif dataclasses.is_dataclass(noun):
        inner = [(f.name, getattr(noun, f.name)) for f in dataclasses.fields(noun)]
    else:
        return found
    for part, value in inner:
        found += fields_of(value, kind, f"{path}.{part}" if path else part)
    return found
