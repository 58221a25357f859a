"""All claims, found where they stand."""

from __future__ import annotations

import inspect
import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

from gantheory.claims.claim import Claim


@cache
def claims() -> tuple[Claim, ...]:
    """Return every claim that the library makes, by part and name.

    A claim is found by standing in a module below `gantheory.claims`: nothing has to be registered.

    Example:
        >>> [type(claim).__name__ for claim in claims() if claim.part == "A04"]
        ['GaussianLogit']
    """
    home = __name__.rpartition(".")[0]
    package = import_module(home)
    found = {
        cls
        for module in pkgutil.walk_packages(package.__path__, f"{home}.")
        for cls in classes(import_module(module.name))
    }
    made = [claim for cls in sorted(found, key=lambda cls: cls.__name__) for claim in cls.examples()]
    return tuple(sorted(made, key=lambda claim: claim.part))


def classes(module: ModuleType) -> list[type[Claim]]:
    """Return the concrete classes of claims that a module defines, in the order of their definition."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Claim)
        and not inspect.isabstract(value)
        and value.__module__ == module.__name__
    ]
