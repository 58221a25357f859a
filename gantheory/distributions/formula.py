"""Energies by text: a small language of arithmetic and named functions of the coordinates."""

from __future__ import annotations

import ast
import difflib
import math
import operator
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor


ARGUMENTS = {
    **dict.fromkeys(("sin", "cos", "exp", "log", "sqrt", "abs", "tanh", "sigmoid"), 1),
    **dict.fromkeys(("minimum", "maximum", "logaddexp"), 2),
}
"""The functions of the language, with the number of their arguments."""

_ARITHMETIC = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_TENSORS = {name: getattr(torch, name) for name in ARGUMENTS}
_LONGEST = 4000  # characters: what nests deeper than the interpreter can follow is longer than this


@lru_cache(maxsize=256)
def read(text: str, names: tuple[str, ...]) -> ast.expr:
    """Return the syntax tree of a formula in these coordinates; nothing of it is run.

    Understood are numbers, ``pi``, the names, ``+ - * /``, ``**`` with a number as exponent, brackets and the
    functions of `ARGUMENTS`. Raises `ValueError` that shows where the text leaves this language.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a formula may have at most {_LONGEST} characters, got {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        _check(tree, text, names)
    except (SyntaxError, RecursionError, MemoryError) as failure:
        raise ValueError(f"cannot read the formula {text!r}: {failure}") from None
    return tree


def _check(node: ast.AST, text: str, names: tuple[str, ...]) -> None:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if abs(number) <= sys.float_info.max:  # whole numbers may be larger than floats
                return
        case ast.Name(id=name):
            if name in names or name == "pi":
                return
            known = [*names, "pi", *ARGUMENTS]
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"its names are {', '.join(known)}"
            raise ValueError(f"unknown name {name!r} in the formula {text!r}: {hint}")
        case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
            if _number(exponent) is not None:
                return _check(base, text, names)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            _check(left, text, names)
            return _check(right, text, names)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _check(operand, text, names)
        case ast.Call(func=ast.Name(id=name), args=inner, keywords=[]) if ARGUMENTS.get(name) == len(inner):
            for argument in inner:
                _check(argument, text, names)
            return
    part = ast.get_source_segment(text.strip(), node) if isinstance(node, ast.expr) else None
    raise ValueError(
        f"cannot read {part or text!r} in the formula {text!r}: it may hold finite numbers, pi, the names "
        f"{', '.join(names)}, + - * /, ** with a number as exponent, and {', '.join(ARGUMENTS)}"
    )


def _number(node: ast.expr) -> float | None:
    """Return the finite number that an exponent is, with its sign, or None."""
    sign = 1.0
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        sign, node = (-1.0 if isinstance(node.op, ast.USub) else 1.0), node.operand
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return sign * float(number) if abs(number) <= 1e3 else None
    return None


def evaluate(
    node: ast.expr, values: Mapping[str, Any], functions: Mapping[str, Callable], constant: Callable
) -> Any:
    """Return a formula's value, in whatever arithmetic the values, functions and constants have."""
    match node:
        case ast.Constant(value=number):
            return constant(float(number))  # pyright: ignore[reportArgumentType] (checked when read)
        case ast.Name(id=name):
            return values[name] if name in values else constant(math.pi)
        case ast.BinOp(op=ast.Pow(), left=base, right=exponent):
            power = _number(exponent)
            return evaluate(base, values, functions, constant) ** power
        case ast.BinOp(op=op, left=left, right=right):
            pair = (evaluate(side, values, functions, constant) for side in (left, right))
            return _ARITHMETIC[type(op)](*pair)
        case ast.UnaryOp(op=op, operand=operand):
            return _ARITHMETIC[type(op)](evaluate(operand, values, functions, constant))
        case ast.Call(func=ast.Name(id=name), args=inner):
            return functions[name](*(evaluate(argument, values, functions, constant) for argument in inner))
    raise ValueError(f"{ast.dump(node)} is no formula: use what read returns")


def at_points(text: str, names: tuple[str, ...], x: Tensor) -> Tensor:
    """Return a formula's values (..., n) at points (..., n, d) whose coordinates have these names."""
    values = dict(zip(names, x.unbind(-1)))
    value = evaluate(read(text, names), values, _TENSORS, x.new_tensor)
    return value + torch.zeros_like(x[..., 0])  # a formula may leave coordinates out
