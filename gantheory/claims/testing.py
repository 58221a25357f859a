"""Helpers for the tests of claims, the library's and anyone's."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from unittest.mock import patch

from gantheory import theory


@contextmanager
def theory_forbidden() -> Iterator[None]:
    """Make every public function of `gantheory.theory` raise `RuntimeError` while the block runs.

    Run a claim's ``observed`` inside: it must get along without theory.

    Example:
        >>> from gantheory import Key, OptimalDiscriminator, theory
        >>> with theory_forbidden():
        ...     seen = OptimalDiscriminator().observed(((1, 1), (1, 1)), Key(0))
        >>> [round(float(x), 6) for x in seen]
        [-1.386294, 0.5, 0.5]
    """
    submodules = (import_module(f"{theory.__name__}.{m.name}") for m in pkgutil.iter_modules(theory.__path__))
    with ExitStack() as stack:
        for module in (theory, *submodules):
            for name, value in list(vars(module).items()):
                own = getattr(value, "__module__", "").startswith(theory.__name__)
                if own and callable(value) and not isinstance(value, type) and not name.startswith("_"):
                    stack.enter_context(patch.object(module, name, _refuse(name)))
        yield


def _refuse(name: str):
    def refuse(*args, **kwargs):
        raise RuntimeError(f"theory.{name} was called where theory is forbidden")

    return refuse
