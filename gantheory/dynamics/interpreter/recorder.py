"""Follows what torch computes, number by number, as expressions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor
from torch._decomp import decomposition_table
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from gantheory.dynamics.interpreter.elementwise import ELEMENTWISE
from gantheory.dynamics.interpreter.elimination import MOST, eliminate
from gantheory.dynamics.interpreter.expressions import CONSTANT, COUNTED, Expressions, Untraceable


MOVES = frozenset(
    [
        "alias",
        "cat",
        "clone",
        "detach",
        "detach_",
        "diagonal",
        "diagonal_backward",
        "expand",
        "flip",
        "index_select",
        "lift_fresh",
        "movedim",
        "permute",
        "real",
        "repeat",
        "reshape",
        "select",
        "select_backward",
        "slice",
        "slice_backward",
        "split",
        "split_with_sizes",
        "squeeze",
        "squeeze_",
        "stack",
        "t",
        "transpose",
        "tril",
        "triu",
        "unbind",
        "unsqueeze",
        "unsqueeze_",
        "view",
        "_reshape_alias",
        "_unsafe_view",
        "zero_",
    ]
)
"""Operations that move numbers and compute none: what they do to numbers they do to their places."""

FORMATS = frozenset(("dtype", "layout", "device", "pin_memory", "memory_format", "non_blocking"))
REDUCTIONS = {"sum": "add", "mean": "add", "amax": "maximum", "amin": "minimum"}


class Recorder(TorchDispatchMode):
    """Runs torch's operations and keeps, beside every tensor made from the followed ones, its numbers' places.

    The places ``(shape of the tensor)`` are those in ``expressions``. vmap and autograd have taken their
    operations apart by the time these arrive here. Tensors that hang on no followed one are constants.
    Raises `Untraceable` for reading a followed number in Python, and for what it does not know.
    """

    def __init__(self, expressions: Expressions, dtype: torch.dtype):
        super().__init__()
        self.expressions = expressions
        self.dtype = dtype
        self._followed: dict[int, tuple[Tensor, Tensor]] = {}  # the tensor too: or its id would be used again

    def follow(self, tensor: Tensor, places: Tensor) -> None:
        """Follow a tensor whose numbers have these places."""
        self._followed[id(tensor)] = (tensor, places)

    def places(self, value: Any) -> Tensor:
        """Return the places of a tensor's numbers, or of a number."""
        if id(value) in self._followed:
            return self._followed[id(value)][1]
        if not isinstance(value, Tensor):
            return torch.tensor(self.expressions.constant(value))
        if value.is_complex() or value.numel() > 4096:
            raise Untraceable(f"a constant of shape {tuple(value.shape)} and {value.dtype}")
        numbers = value.detach().double().reshape(-1).tolist()
        return _integers([self.expressions.constant(x) for x in numbers]).reshape(value.shape)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if not any(id(leaf) in self._followed for leaf in pytree.arg_tree_leaves(*args, **kwargs)):
            return func(*args, **kwargs)
        name = func._schema.name.removeprefix("aten::")
        rule = self._rule(name)
        if rule is None:
            return self._taken_apart(func, args, kwargs)
        if func._schema.is_mutable and not (name.endswith("_") and id(args[0]) in self._followed):
            raise Untraceable(f"{func} puts numbers that vary into a constant")
        found = rule(func, args, kwargs)
        result = func(*args, **kwargs)
        for tensor, places in zip(pytree.tree_leaves(result), pytree.tree_leaves(found), strict=True):
            if places is None:
                continue  # nothing that varies
            if tensor is not args[0]:
                self.follow(tensor, places)
            elif places is not self.places(tensor):
                self.places(tensor).copy_(places)
            self._check(func, tensor)
        return result

    def _taken_apart(self, func, args, kwargs) -> Any:
        with self:
            whole = decomposition_table.get(func, func.decompose)
            found = whole(*args, **kwargs)
        if found is NotImplemented:
            raise Untraceable(f"{func} of numbers that vary")
        return found

    def _rule(self, name: str) -> Callable[..., Any] | None:
        if name in MOVES:
            return self._move
        build = ELEMENTWISE.get(name.removesuffix("_"))
        if build is not None:
            return lambda func, args, kwargs: self._elementwise(build, args, kwargs)
        if name in REDUCTIONS:
            return self._reduction
        if name in ("mm", "bmm", "mv", "dot"):
            return self._product
        return {
            "_to_copy": self._copy,
            "new_zeros": self._zeros,
            "_linalg_solve_ex": self._solve,
        }.get(name)

    def _move(self, func, args, kwargs) -> Any:
        if func._schema.name == "aten::index_select":
            if id(args[2]) in self._followed:
                raise Untraceable(f"{func} with an index that varies")
            return func(self.places(args[0]), *args[1:])

        def places(leaf: Any) -> Any:
            return self.places(leaf) if isinstance(leaf, Tensor) else leaf

        kwargs = {key: value for key, value in kwargs.items() if key not in FORMATS}
        return func(*pytree.tree_map(places, args), **pytree.tree_map(places, kwargs))

    def _copy(self, func, args, kwargs) -> Tensor:
        places, given, wanted = self.places(args[0]), args[0].dtype, kwargs.get("dtype") or args[0].dtype
        if wanted == torch.bool and given != torch.bool:
            return self._each(ELEMENTWISE["ne"], {0: places, 1: self.places(0)})
        if given.is_floating_point and not wanted.is_floating_point:
            raise Untraceable(f"{func} from {given} to {wanted}")
        return places.clone()

    def _zeros(self, func, args, kwargs) -> Tensor:
        return self.places(args[0]).new_zeros(args[1])

    def _elementwise(self, build: Callable[..., int], args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor:
        given = {**dict(enumerate(args)), **{key: x for key, x in kwargs.items() if key not in FORMATS}}
        fixed = (type(None), str)
        return self._each(
            build, {key: x if isinstance(x, fixed) else self.places(x) for key, x in given.items()}
        )

    def _each(self, build: Callable[..., int], given: Mapping[Any, Any]) -> Tensor:
        """Return the places of a function's results; arguments are places, by position or by name."""
        names = [key for key, x in given.items() if isinstance(x, Tensor)]
        shaped = torch.broadcast_tensors(*(given[key] for key in names))
        results = []
        for row in zip(*(places.reshape(-1).tolist() for places in shaped)):
            now = {**given, **dict(zip(names, row))}
            named = {key: x for key, x in now.items() if isinstance(key, str)}
            results.append(
                build(self.expressions, *(x for key, x in now.items() if key not in named), **named)
            )
        return _integers(results).reshape(shaped[0].shape)

    def _reduction(self, func, args, kwargs) -> Tensor:
        name = func._schema.name.removeprefix("aten::")
        dims = kwargs.get("dim", args[1] if len(args) > 1 else None)
        keepdim = kwargs.get("keepdim", args[2] if len(args) > 2 else False)
        return self._reduce(name, self.places(args[0]), dims, keepdim)

    def _reduce(self, name: str, places: Tensor, dims: Any, keepdim: bool = False) -> Tensor:
        e, rank = self.expressions, places.dim()
        dims = range(rank) if dims in (None, [], ()) else [dims] if isinstance(dims, int) else dims
        gone = sorted({d % rank for d in dims}) if rank else []
        kept = [d for d in range(rank) if d not in gone]
        shape = [places.shape[d] for d in kept]
        rows = places.permute([*kept, *gone]).reshape(math.prod(shape), -1)
        totals = [
            reduce(lambda a, b: e.make(REDUCTIONS[name], a, b), row) if row else e.constant(0)
            for row in rows.tolist()
        ]
        if name == "mean":
            count = e.constant(rows.shape[-1])
            totals = [e.make("divide", total, count) for total in totals]
        if keepdim:
            shape = [1 if d in gone else places.shape[d] for d in range(rank)]
        return _integers(totals).reshape(shape)

    def _product(self, func, args, kwargs) -> Tensor:
        a, b = (self.places(x) for x in args)
        inner = -1 if b.dim() == 1 else -2
        pairs = {0: a, 1: b} if b.dim() == 1 else {0: a.unsqueeze(-1), 1: b.unsqueeze(-3)}
        return self._reduce("sum", self._each(ELEMENTWISE["mul"], pairs), inner)

    def _solve(self, func, args, kwargs) -> tuple:
        """Unrolled elimination. A singular matrix gives what is not finite, and is not reported."""
        a, b = (self.places(x) for x in args[:2])
        if kwargs.get("left", True) is not True or a.shape[-1] > MOST or b.dim() > a.dim():
            raise Untraceable(f"{func} of shapes {tuple(a.shape)} and {tuple(b.shape)}")
        vector = b.dim() < a.dim()
        rows = torch.cat((a, b.unsqueeze(-1) if vector else b), dim=-1)
        n = a.shape[-1]
        found = [
            eliminate(self.expressions, system.tolist()) for system in rows.reshape(-1, n, rows.shape[-1])
        ]
        return torch.tensor(found).reshape(b.shape), None, None, None

    def _check(self, func, tensor: Tensor) -> None:
        places = self.places(tensor)
        if places.shape != tensor.shape:
            raise Untraceable(f"{func} of places gave {tuple(places.shape)} for {tuple(tensor.shape)}")
        kind = max((self.expressions.kinds[x] for x in places.reshape(-1).tolist()), default=CONSTANT)
        exact = (torch.float64,) if kind == COUNTED else ()
        if kind != CONSTANT and tensor.dtype not in (self.dtype, torch.bool, torch.int64, *exact):
            raise Untraceable(f"{func} gives numbers that vary in {tensor.dtype}")


def _integers(values: list[int]) -> Tensor:
    return torch.tensor(values, dtype=torch.int64)
