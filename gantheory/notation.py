"""What `repr` prints is what everything reads: nouns and their text."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import math
import operator
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Noun:
    """Base of everything that is named by its text: a frozen dataclass of scalars, tuples and nouns.

    Construction converts every field by its annotation (numpy scalars become Python's, lists become
    tuples, ``-0.0`` becomes ``0.0``), refuses NaN and what does not fit, then calls `check`. So equal
    nouns have equal text, and ``parse(repr(x)) == x``.
    """

    def __init_subclass__(cls) -> None:
        cls.__repr__ = Noun.__repr__  # dataclass keeps it: its own would name the enclosing function too

    def __repr__(self) -> str:
        fields = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self))
        return f"{type(self).__name__}({fields})"

    def __post_init__(self) -> None:
        for name, kind in _annotations(type(self)).items():
            value = _convert(getattr(self, name), kind, f"{type(self).__name__}: {name}")
            object.__setattr__(self, name, value)
        self.check()

    def check(self) -> None:
        """Raise `ValueError` where the fields, already converted, do not fit together."""

    def replace(self, **changes: Any):
        """Return a copy with some fields changed, checked like a new one."""
        return dataclasses.replace(self, **changes)


@cache
def _annotations(cls: type) -> dict[str, Any]:
    """Return the fields' annotations, resolved in the modules of the classes that declare them.

    Only the fields': a class inside a function may annotate others with names that live there.
    """
    resolved = {}
    for field in dataclasses.fields(cls):
        home = next(c for c in cls.__mro__ if field.name in inspect.get_annotations(c))
        bare = type("Bare", (), {"__annotations__": {field.name: field.type}})
        try:
            hints = typing.get_type_hints(bare, vars(sys.modules[home.__module__]), {home.__name__: home})
        except NameError as failure:
            raise ValueError(
                f"{cls.__name__}: the annotation of {field.name} cannot be resolved ({failure}): define what it "
                "names at the top of the module"
            ) from None
        resolved[field.name] = hints[field.name]
    return resolved


def _convert(value: Any, kind: Any, where: str) -> Any:
    """Convert a value to the annotated kind, or raise a `ValueError` that says what was wanted."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _convert_union(value, arguments, where)
    if origin is tuple:
        if isinstance(value, (str, bytes)) or (
            not isinstance(value, Sequence) and not getattr(value, "ndim", 0)
        ):
            raise ValueError(f"{where} must be a tuple, got {value!r}")
        items = list(value)
        kinds = arguments[:1] * len(items) if arguments[-1:] == (Ellipsis,) else arguments
        if len(kinds) != len(items):
            raise ValueError(f"{where} must have {len(kinds)} elements, got {len(items)}")
        return tuple(_convert(v, k, f"{where}[{i}]") for i, (v, k) in enumerate(zip(items, kinds)))
    if origin is typing.Literal:
        if value not in arguments:
            raise ValueError(f"{where} must be one of {', '.join(map(repr, arguments))}, got {value!r}")
        return value
    if kind in _SCALARS:
        return _SCALARS[kind](value, where)
    if isinstance(kind, type) and not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        is_class = isinstance(value, type) and issubclass(value, kind)
        got = f"the class: write {value.__name__}(...)" if is_class else f"{value!r:.200}"
        raise ValueError(f"{where} must be {article} {kind.__name__}, got {got}")
    return value


def _convert_union(value: Any, kinds: tuple, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    failures = []
    for kind in (k for k in kinds if k is not type(None)):
        try:
            return _convert(value, kind, where)
        except ValueError as failure:
            failures.append(str(failure))
    raise ValueError("; or ".join(failures))


def _to_float(value: Any, where: str) -> float:
    if isinstance(value, (bool, str)) or not hasattr(value, "__float__"):
        raise ValueError(f"{where} must be a number, got {value!r}")
    number = float(value)
    if math.isnan(number):
        raise ValueError(f"{where} must be a number, got NaN")
    return number + 0.0  # -0.0 becomes 0.0, so that equal values have equal text


def _to_int(value: Any, where: str) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise ValueError(f"{where} must be a whole number, got {value!r}") from None


def _to_bool(value: Any, where: str) -> bool:
    if str(value) not in ("True", "False"):
        raise ValueError(f"{where} must be True or False, got {value!r}")
    return str(value) == "True"


def _to_str(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where} must be a text, got {value!r}")
    return str(value)


_SCALARS = {float: _to_float, int: _to_int, bool: _to_bool, str: _to_str}


def parse(text: str, *, names: Mapping[str, Any] | None = None) -> Any:
    """Read a noun from its text; nothing is imported or evaluated.

    Accepted are calls of gantheory's exported nouns (and of ``names``), their presets, numbers, texts, ``True``,
    ``False``, ``None``, ``inf``, tuples, lists and ``range(...)``. Raises `ValueError` that shows where
    the text leaves this language, with the nearest known name.

    Example:
        >>> parse("Ring(modes=6, scale=0.1)")
        Ring(modes=6, radius=1.0, scale=0.1)
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as failure:
        raise ValueError(f"cannot read {_short(text)}: {failure}") from None
    return _read(tree, text.strip(), dict(names or {}))


def _short(text: str) -> str:
    return repr(text if len(text) <= 120 else text[:117] + "...")


def _read(node: ast.expr, text: str, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str, bool, type(None))):
        return node.value
    if isinstance(node, (ast.Tuple, ast.List)):
        return tuple(_read(item, text, names) for item in node.elts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        number = _read(node.operand, text, names)
        if isinstance(number, (int, float)):
            return -number if isinstance(node.op, ast.USub) else number
    if isinstance(node, ast.Name) and node.id == "inf":
        return math.inf
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _call(node, _known(node.func.id, text, names), node.func.id, text, names)
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=family), attr="preset")):
            target = getattr(_known(family, text, names), "preset", None)
            if target is None:
                raise ValueError(f"{family} has no presets (in {_short(text)})")
            return _call(node, target, f"{family}.preset", text, names)
    part = ast.get_source_segment(text, node) or text
    raise ValueError(
        f"cannot read {part!r} in {_short(text)}: only calls of exported names, numbers, texts and tuples "
        "are understood"
    )


def _known(name: str, text: str, names: dict[str, Any]) -> Any:
    target = names.get(name) or _exported(name)
    if target is None:
        import gantheory

        near = difflib.get_close_matches(name, [*gantheory.__all__, *names], n=1)
        hint = f"did you mean {near[0]}?" if near else "`gantheory list` shows the names"
        raise ValueError(f"unknown name {name!r} in {_short(text)}: {hint}")
    return target


def _call(node: ast.Call, target: Any, name: str, text: str, names: dict[str, Any]) -> Any:
    if any(k.arg is None for k in node.keywords) or any(isinstance(a, ast.Starred) for a in node.args):
        raise ValueError(f"cannot read * or ** in {_short(text)}: write the arguments out")
    arguments = [_read(argument, text, names) for argument in node.args]
    keywords = {str(k.arg): _read(k.value, text, names) for k in node.keywords}
    try:
        return target(*arguments, **keywords)
    except TypeError as failure:
        raise ValueError(f"{name}: {failure} (in {_short(text)})") from None


def _exported(name: str) -> Any:
    """Return the exported class of that name, or `None`; looked up in the package when it is needed."""
    if name == "range":
        return range
    import gantheory

    target = getattr(gantheory, name) if name in gantheory.__all__ and name[0].isupper() else None
    return target if isinstance(target, type) and dataclasses.is_dataclass(target) else None


def with_field(noun: Any, path: str, value: Any) -> Any:
    """Return a copy of ``noun`` with the field at a dotted path set, without conversion or checks.

    A number in the path is a place in a tuple. For the simulator alone, which sets per-member numbers in
    fields annotated `float`.
    """
    head, _, rest = path.partition(".")
    if isinstance(noun, tuple):
        i = int(head)
        return (*noun[:i], with_field(noun[i], rest, value) if rest else value, *noun[i + 1 :])
    copy = object.__new__(type(noun))
    copy.__dict__.update(vars(noun))
    copy.__dict__[head] = with_field(getattr(noun, head), rest, value) if rest else value
    return copy


def replaced(noun: Any, path: str, value: Any) -> Any:
    """Return a copy of ``noun`` with the field at a dotted path set, converted and checked like a new one.

    A number without a fraction fits a field of whole numbers, so that sweeps reach these too.
    """
    kind = field_at(noun, path)[1]
    whole = kind is int or (int in typing.get_args(kind) and float not in typing.get_args(kind))
    return _rebuilt(
        noun, path, int(value) if whole and isinstance(value, float) and value % 1 == 0 else value
    )


def _rebuilt(noun: Any, path: str, value: Any) -> Any:
    head, _, rest = path.partition(".")
    if isinstance(noun, tuple):
        i = int(head)
        return (*noun[:i], _rebuilt(noun[i], rest, value) if rest else value, *noun[i + 1 :])
    inner = _rebuilt(getattr(noun, head), rest, value) if rest else value
    return dataclasses.replace(noun, **{head: inner})


def field_at(noun: Any, path: str) -> tuple[Any, Any]:
    """Return the value and the annotation of the field at a dotted path, or raise `ValueError`."""
    kind: Any = type(noun)
    for part in path.split("."):
        if isinstance(noun, tuple):
            if not part.isdigit() or int(part) >= len(noun):
                raise ValueError(f"no place {part!r} in a tuple of {len(noun)} (path {path!r})")
            kinds = typing.get_args(kind)
            kind = kinds[0] if kinds[-1:] == (Ellipsis,) else kinds[int(part)]
            noun = noun[int(part)]
            continue
        fields = [f.name for f in dataclasses.fields(noun)] if dataclasses.is_dataclass(noun) else []
        if part not in fields:
            raise ValueError(
                f"no field {part!r} in {type(noun).__name__} (path {path!r}): it has {', '.join(fields) or 'none'}"
            )
        kind, noun = _annotations(type(noun))[part], getattr(noun, part)
    return noun, kind
