"""A counterexample as a program that can be pasted."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any

from gantheory.notation import Noun


def program(claim: Noun, instance: Any, key: Noun) -> str:
    """Return Python text that rebuilds claim, instance and key and prints both sides.

    A class that cannot be imported (defined in a script, a notebook or a function) is named in a comment
    instead: the text is then pasted below its definition.
    """
    imports: dict[str, set[str]] = {}
    missing: set[str] = set()
    for noun in (*_nouns(claim), *_nouns(instance), *_nouns(key)):
        cls = type(noun)
        home = sys.modules.get(cls.__module__)
        if (
            home is None or home.__spec__ is None or "." in cls.__qualname__
        ):  # run as a script, or from a file
            missing.add(cls.__qualname__)
        else:
            imports.setdefault(cls.__module__, set()).add(cls.__name__)
    text = f"{claim!r} {instance!r}"
    constants = {name for name in ("inf", "nan") if name in text.replace("(", " ").replace(",", " ").split()}
    if constants:
        imports["math"] = constants
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())]
    lines += [f"# needs the definition of {name}" for name in sorted(missing)]
    lines += [
        "",
        f"claim = {claim!r}",
        f"instance = {instance!r}",
        'print("predicted", claim.predicted(instance))',
        f'print("observed ", claim.observed(instance, {key!r}))',
    ]
    return "\n".join(lines) + "\n"


def _nouns(value: Any) -> Iterator[Noun]:
    if isinstance(value, Noun):
        yield value
        for field in dataclasses.fields(value):
            yield from _nouns(getattr(value, field.name))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _nouns(item)
    elif isinstance(value, dict):
        yield from _nouns([*value.keys(), *value.values()])
