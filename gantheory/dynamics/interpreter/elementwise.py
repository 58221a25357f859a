"""Torch's elementwise operations, in those of a program."""

from __future__ import annotations

from collections.abc import Callable

from gantheory.dynamics.interpreter.expressions import Expressions, Untraceable


def _plain(operation: str) -> Callable[..., int]:
    return lambda e, *operands: e.make(operation, *operands)


def _add(e: Expressions, a: int, b: int, alpha: int | None = None) -> int:
    return e.make("add", a, _scaled(e, b, alpha))


def _subtract(e: Expressions, a: int, b: int, alpha: int | None = None) -> int:
    return e.make("subtract", a, _scaled(e, b, alpha))


def _divide(e: Expressions, a: int, b: int, rounding_mode: str | None = None) -> int:
    if rounding_mode not in (None, "floor"):
        raise Untraceable(f"a division with rounding mode {rounding_mode!r}")
    quotient = e.make("divide", a, b)
    return quotient if rounding_mode is None else e.make("floor", quotient)


def _scaled(e: Expressions, a: int, factor: int | None) -> int:
    return a if factor is None else e.make("multiply", factor, a)


def _tanh_backward(e: Expressions, gradient: int, y: int) -> int:
    return e.make("multiply", gradient, e.make("subtract", e.constant(1), e.make("multiply", y, y)))


def _sigmoid_backward(e: Expressions, gradient: int, y: int) -> int:
    slope = e.make("multiply", y, e.make("subtract", e.constant(1), y))
    return e.make("multiply", gradient, slope)


def _standard(e: Expressions, beta: int | None, threshold: int | None) -> None:
    if (beta is not None and e.value(beta) != 1) or (threshold is not None and e.value(threshold) != 20):
        raise Untraceable("a softplus with another beta than 1 or another threshold than 20")


def _softplus(e: Expressions, x: int, beta: int | None = None, threshold: int | None = None) -> int:
    _standard(e, beta, threshold)
    return e.make("softplus", x)


def _softplus_backward(e: Expressions, gradient: int, x: int, beta: int, threshold: int) -> int:
    _standard(e, beta, threshold)
    return e.make("multiply", gradient, e.make("softplus_slope", x))


def _clamp(e: Expressions, x: int, min: int | None = None, max: int | None = None) -> int:
    x = x if min is None else e.make("maximum", x, min)
    return x if max is None else e.make("minimum", x, max)


def _not(e: Expressions, a: int) -> int:
    return e.make("equal", a, e.constant(0))


def _true(e: Expressions, a: int) -> int:
    return _not(e, _not(e, a))


def _sign(e: Expressions, x: int) -> int:
    zero = e.constant(0)
    return e.make("subtract", e.make("less", zero, x), e.make("less", x, zero))


def _remainder(e: Expressions, a: int, b: int) -> int:
    return e.make("subtract", a, e.make("multiply", b, e.make("floor", e.make("divide", a, b))))


ELEMENTWISE: dict[str, Callable[..., int]] = {
    "abs": _plain("absolute"),
    "add": _add,
    "addcdiv": lambda e, x, a, b, value=None: e.make("add", x, e.make("divide", _scaled(e, a, value), b)),
    "addcmul": lambda e, x, a, b, value=None: e.make("add", x, e.make("multiply", _scaled(e, a, value), b)),
    "clamp": _clamp,
    "clamp_max": lambda e, x, most: _clamp(e, x, max=most),
    "clamp_min": lambda e, x, least: _clamp(e, x, min=least),
    "copy": lambda e, x, value, non_blocking=None: value,
    "cos": _plain("cos"),
    "div": _divide,
    "eq": _plain("equal"),
    "erf": _plain("erf"),
    "exp": _plain("exp"),
    "fill": lambda e, x, value: value,
    "floor": _plain("floor"),
    "floor_divide": lambda e, a, b: _divide(e, a, b, "floor"),
    "full_like": lambda e, x, value: value,
    "ge": lambda e, a, b: e.make("at_most", b, a),
    "gt": lambda e, a, b: e.make("less", b, a),
    "le": _plain("at_most"),
    "lerp": lambda e, a, b, weight: e.make("add", a, e.make("multiply", weight, e.make("subtract", b, a))),
    "log": _plain("log"),
    "logical_and": lambda e, a, b: _true(e, e.make("multiply", _true(e, a), _true(e, b))),
    "logical_not": _not,
    "logical_or": lambda e, a, b: e.make("maximum", _true(e, a), _true(e, b)),
    "lt": _plain("less"),
    "masked_fill": lambda e, x, mask, value: e.make("where", mask, value, x),
    "maximum": _plain("maximum"),
    "minimum": _plain("minimum"),
    "mul": _plain("multiply"),
    "ne": lambda e, a, b: _not(e, e.make("equal", a, b)),
    "neg": _plain("negate"),
    "ones_like": lambda e, x: e.constant(1),
    "pow": lambda e, x, exponent: e.power(x, exponent),
    "reciprocal": lambda e, x: e.make("divide", e.constant(1), x),
    "relu": lambda e, x: e.make("maximum", x, e.constant(0)),
    "remainder": _remainder,
    "rsqrt": lambda e, x: e.make("divide", e.constant(1), e.make("root", x)),
    "rsub": lambda e, a, b, alpha=None: _subtract(e, b, a, alpha),
    "sigmoid": _plain("sigmoid"),
    "sigmoid_backward": _sigmoid_backward,
    "sign": _sign,
    "sin": _plain("sin"),
    "softplus": _softplus,
    "softplus_backward": _softplus_backward,
    "sqrt": _plain("root"),
    "sub": _subtract,
    "tanh": _plain("tanh"),
    "tanh_backward": _tanh_backward,
    "threshold_backward": lambda e, g, x, limit: e.make(
        "where", e.make("at_most", x, limit), e.constant(0), g
    ),
    "where": _plain("where"),
    "zeros_like": lambda e, x: e.constant(0),
}
ELEMENTWISE |= {
    "bitwise_and": ELEMENTWISE["logical_and"],
    "bitwise_not": _not,
    "bitwise_or": ELEMENTWISE["logical_or"],
}
