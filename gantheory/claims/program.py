"""A counterexample as a program that can be pasted."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from typing import Any

from gantheory.notation import Noun


def program(claim: Noun, instance: Any, key: Noun) -> str:
    """Return Python text that rebuilds claim, instance and key and prints both sides.

    A class from a file of the user's is loaded from there, seen from where the program is made. One that only a
    session knows (a notebook, a function) is named in a comment: the text is then pasted below its definition.
    """
    imports: dict[str, set[str]] = {}
    loaded: dict[str, str] = {}
    missing: set[str] = set()
    for noun in (*_nouns(claim), *_nouns(instance), *_nouns(key)):
        cls = type(noun)
        home = sys.modules.get(cls.__module__)
        file = getattr(home, "__file__", None)
        if "." in cls.__qualname__:
            missing.add(cls.__qualname__)
        elif home is not None and home.__spec__ is not None:
            flat = getattr(sys.modules["gantheory"], cls.__name__, None) is cls
            imports.setdefault("gantheory" if flat else cls.__module__, set()).add(cls.__name__)
        elif file and os.path.isfile(file):  # run as a script, or named to the command line
            loaded[cls.__name__] = os.path.relpath(file)
        else:
            missing.add(cls.__qualname__)
    if loaded:
        imports.setdefault("gantheory.study.source", set()).add("load")
    text = f"{claim!r} {instance!r}"
    constants = {name for name in ("inf", "nan") if name in text.replace("(", " ").replace(",", " ").split()}
    if constants:
        imports["math"] = constants
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())]
    lines += [""] if loaded else []
    lines += [f"{name} = load({path!r}).{name}" for name, path in sorted(loaded.items())]
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
