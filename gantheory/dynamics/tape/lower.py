"""A traced step, node by node, as tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor, fx
from torch.utils import _pytree as pytree

from gantheory.dynamics.interpreter.elementwise import ELEMENTWISE
from gantheory.dynamics.interpreter.expressions import Untraceable
from gantheory.dynamics.interpreter.recorder import FORMATS, MOVES
from gantheory.dynamics.tape.emitter import Emitter


COPIES = frozenset(("cat", "stack", "flip", "index_select", "repeat", "tril", "triu"))
BACKWARD = frozenset(("select_backward", "slice_backward", "diagonal_backward"))
MOST = 64
"""The number of entries along an axis up to which they are taken one by one."""
VIEWS = MOVES - COPIES - BACKWARD - {"zero_", "clone", "lift_fresh"}


class Lowering:
    """Writes the nodes of a graph of one member's step into an emitter.

    What hangs on the rule's clocks alone stays a graph of torch's, ``counting``: from the clocks to the clocks
    after the step and the numbers that the tasks need of them, which they read in one shared buffer.
    """

    def __init__(self, graph: fx.GraphModule, emitter: Emitter):
        self.graph, self.e = graph, emitter
        self.found: dict[fx.Node, Any] = {}  # places, in the form of the node's result
        self.counted: dict[
            fx.Node, int
        ] = {}  # nodes that hang on clocks alone, and the places of those needed

    def run(self, inputs: Sequence[int | None]) -> list[fx.Node]:
        """Lower all nodes; an input is its place, `None` for a clock. Return the outputs' nodes."""
        given = iter(inputs)
        for node in self.graph.graph.nodes:
            if node.op == "placeholder":
                place = next(given)
                if place is None:
                    self.counted[node] = -1
                else:
                    self.found[node] = place
            elif node.op == "get_attr":
                self.found[node] = getattr(self.graph, node.target)
            elif node.op == "call_function":
                self._call(node)
            elif node.op == "output":
                return pytree.tree_leaves(node.args)
        raise Untraceable("a graph without outputs")

    def counting(self, after: Sequence[fx.Node]) -> tuple[fx.GraphModule, set[int]]:
        """Return the graph from the clocks to the needed numbers and the clocks ``after``.

        Beside it are the addresses of the buffers that wait for those numbers.
        """
        graph, copies = fx.Graph(), {}
        for node in self.graph.graph.nodes:
            if node in self.counted:
                copies[node] = graph.node_copy(node, copies.__getitem__)
        needed = sorted((place, node) for node, place in self.counted.items() if place >= 0)
        if any(node not in copies for node in after):
            raise Untraceable("a clock that hangs on numbers that vary")
        graph.output(([copies[node] for _, node in needed], [copies[node] for node in after]))
        module = fx.GraphModule(self.graph, graph)
        return module, {self.e.tensor(place).data_ptr() for place, _ in needed}

    def place(self, argument: Any) -> int:
        """Return the place of a node's value, or of a number."""
        if isinstance(argument, fx.Node):
            if argument in self.counted:
                return self._clocked(argument)
            argument = self.found[argument]
        if isinstance(argument, Tensor):
            return self.e.constants(argument)
        return self.e.constant(argument) if isinstance(argument, (float, bool)) else argument

    def _clocked(self, node: fx.Node) -> int:
        if self.counted[node] < 0:
            if node.meta["val"].dim():
                raise Untraceable("a tensor that hangs on the clock alone")
            self.counted[node] = self.e.give(torch.empty((), dtype=self.e.dtype))
        return self.counted[node]

    def _call(self, node: fx.Node) -> None:
        sources = [a for a in pytree.tree_leaves((node.args, node.kwargs)) if isinstance(a, fx.Node)]
        if not hasattr(node.target, "_schema"):  # an entry of a list
            list_, index = node.args
            self.found[node] = self.found[list_][index]  # type: ignore[index]
        elif sources and all(a in self.counted for a in sources):
            self.counted[node] = -1
        elif not any(a in self.counted or self._varies(a) for a in sources):
            now = [pytree.tree_map(self._known, part) for part in (node.args, node.kwargs)]
            self.found[node] = node.target(*now[0], **now[1])  # type: ignore[operator]
        else:
            self._vary(node)

    def _varies(self, node: fx.Node) -> bool:
        return not any(isinstance(leaf, Tensor) for leaf in pytree.tree_leaves(self.found[node]))

    def _known(self, leaf: Any) -> Any:
        return self.found[leaf] if isinstance(leaf, fx.Node) else leaf

    def _vary(self, node: fx.Node) -> None:
        target: Any = node.target
        name = target._schema.name.removeprefix("aten::")
        own = name.endswith("_") and not name.startswith("_")
        rule = self._rule(name)
        if rule is None or (target._schema.is_mutable and not own):
            raise Untraceable(f"{target} of numbers that vary")
        self.found[node] = rule(node)
        if own:  # what was changed in place is the result from here on
            self.found[node.args[0]] = self.found[node]  # type: ignore[index]

    def _rule(self, name: str) -> Callable[[fx.Node], Any] | None:
        build = ELEMENTWISE.get(name.removesuffix("_"))
        if build is not None:
            return lambda node: self._elementwise(build, node)
        return getattr(self, _RULES[name]) if name in _RULES else None

    def _elementwise(self, build: Callable[..., int], node: fx.Node) -> int:
        def places(argument: Any) -> Any:
            fixed = argument is None or isinstance(argument, str)
            return argument if fixed else self.place(_number(argument))

        named = {key: places(x) for key, x in node.kwargs.items() if key not in FORMATS}
        place = build(self.e, *map(places, node.args), **named)
        shape = node.meta["val"].shape  # what was folded away may have had a larger one
        return self.e.place(self.e.tensor(place).expand(shape))

    def _view(self, node: fx.Node) -> Any:
        target: Any = node.target
        x = self.e.tensor(self.place(node.args[0]))
        try:
            seen = target(x, *node.args[1:], **node.kwargs)
        except RuntimeError:  # a view of torch's own layout, which differs from this one
            seen = target(self._contiguous(x), *node.args[1:], **node.kwargs)
        return pytree.tree_map(self.e.place, seen)

    def _contiguous(self, x: Tensor) -> Tensor:
        return self.e.tensor(self.e.compute("move", (self.e.place(x),), x.shape))

    def _copy(self, node: fx.Node) -> int:
        before, after = node.args[0].meta["val"].dtype, node.meta["val"].dtype  # type: ignore[union-attr]
        if before != after and not (before == torch.bool or after.is_floating_point):
            raise Untraceable(f"numbers that vary from {before} to {after}")
        return self.place(node.args[0])

    def _cat(self, node: fx.Node) -> int:
        parts, dim = node.args[0], node.args[1] if len(node.args) > 1 else 0
        tensors = [self.e.tensor(self.place(part)) for part in parts]  # type: ignore[union-attr]
        if "stack" in str(node.target):
            tensors = [x.unsqueeze(dim) for x in tensors]  # type: ignore[arg-type]
        out = self.e.blank(node.meta["val"].shape)
        for x, to in zip(tensors, out.split([x.shape[dim] for x in tensors], dim)):  # type: ignore
            self.e.write("move", to, x)
        return self.e.place(out)

    def _backward(self, node: fx.Node) -> int:
        name = node.target._schema.name.removeprefix("aten::")  # type: ignore[union-attr]
        gradient, shape, *where = node.args
        out = self.e.blank(shape)  # type: ignore[arg-type]
        self.e.write("move", out, self.e.tensor(self.e.constant(0.0)))
        part = getattr(torch.ops.aten, name.removesuffix("_backward"))(out, *where)
        self.e.write("move", part, self.e.tensor(self.place(gradient)))
        return self.e.place(out)

    def _sum(self, node: fx.Node) -> int:
        place = self.place(node.args[0])
        rank = self.e.tensor(place).dim()
        dims = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else None)
        keepdim = node.kwargs.get("keepdim", node.args[2] if len(node.args) > 2 else False)
        dims = range(rank) if dims in (None, [], ()) else [dims] if isinstance(dims, int) else dims
        gone = sorted({d % rank for d in dims})  # type: ignore[union-attr, operator]
        count = self.e.tensor(place).numel()
        total = self.e.tensor(self.e.sum(place, gone))
        if not keepdim:
            total = total.squeeze(gone)
        place = self.e.place(total)
        if "mean" in str(node.target):
            place = self.e.make("divide", place, self.e.constant(count / total.numel()))
        return place

    def _extreme(self, node: fx.Node) -> int:
        x = self.e.tensor(self.place(node.args[0]))
        dims = node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", ())
        keepdim = node.args[2] if len(node.args) > 2 else node.kwargs.get("keepdim", False)
        gone = sorted({d % x.dim() for d in dims or range(x.dim())})  # type: ignore[union-attr, operator]
        for d in gone:
            parts = [self.e.place(part) for part in _few(x, d).split(1, d)]
            operation = "maximum" if "amax" in str(node.target) else "minimum"
            x = self.e.tensor(reduce(lambda a, b: self.e.make(operation, a, b), parts))
        return self.e.place(x if keepdim else x.squeeze(gone))

    def _flip(self, node: fx.Node) -> int:
        x, dims = self.e.tensor(self.place(node.args[0])), node.args[1]
        for d in dims:  # type: ignore[union-attr]
            out = self.e.blank(x.shape)
            for to, part in zip(out.split(1, d), _few(x, d).split(1, d)[::-1]):  # type: ignore[arg-type]
                self.e.write("move", to, part)
            x = out
        return self.e.place(x)

    def _product(self, node: fx.Node) -> int:
        a, b = (self.e.tensor(self.place(x)) for x in node.args[:2])
        rows, columns = a.shape[-2], b.shape[-1]
        if _turned_by_all(node):
            out = self.e.blank((*a.shape[:-2], columns, rows)).mT
        else:
            out = self.e.blank((*a.shape[:-2], rows, columns))
        triples = [(out, a, b)] if a.dim() == 2 else list(zip(out, a, b))
        for to, left, right in triples:
            self.e.product(to, left, right)
        return self.e.place(out)

    def _solve(self, node: fx.Node) -> list[int | None]:
        a, b = (self.place(x) for x in node.args[:2])
        # the matrix stands for its factors, of which there is one task however often they are used
        return [self._solution(node, a, b, turned=False), a, None, None]

    def _solve_again(self, node: fx.Node) -> int:
        a, b = self.place(node.args[0]), self.place(node.args[2])
        return self._solution(node, a, b, turned=bool(node.kwargs.get("adjoint", False)))

    def _solution(self, node: fx.Node, matrix: int, right: int, *, turned: bool) -> int:
        if node.kwargs.get("left", True) is not True:
            raise Untraceable("a solution from the right")
        a, b = self.e.tensor(matrix), self.e.tensor(right)
        vector = b.dim() < a.dim()
        b = b.unsqueeze(-1) if vector else b
        out = self.e.blank(b.shape)
        for to, left, given in zip(*(x.reshape(-1, *x.shape[-2:]) for x in (out, a, b))):
            self.e.solve(to, left, given, turned=turned)
        return self.e.place(out.squeeze(-1) if vector else out)

    def _nothing(self, node: fx.Node) -> None:
        """A singular matrix makes its member's numbers infinite and stops no other."""


_RULES = {
    **dict.fromkeys(VIEWS, "_view"),
    **dict.fromkeys(("clone", "lift_fresh", "_to_copy"), "_copy"),
    **dict.fromkeys(BACKWARD, "_backward"),
    **dict.fromkeys(("cat", "stack"), "_cat"),
    **dict.fromkeys(("sum", "mean"), "_sum"),
    **dict.fromkeys(("mm", "bmm"), "_product"),
    **dict.fromkeys(("amax", "amin"), "_extreme"),
    "flip": "_flip",
    "_linalg_solve_ex": "_solve",
    "linalg_lu_solve": "_solve_again",
    "_linalg_check_errors": "_nothing",
}


def has_task(target: Any) -> bool:
    """Whether an operation of torch's is known here."""
    name = target.name().partition(".")[0].removeprefix("aten::")
    return name in _RULES or name.removesuffix("_") in ELEMENTWISE


def _few(x: Tensor, dim: int) -> Tensor:
    """Return the tensor, if one task for each entry along an axis is no more than a step of a network has."""
    if x.shape[dim] > MOST:
        raise Untraceable(f"{x.shape[dim]} entries one by one")
    return x


def _number(argument: Any) -> Any:
    return float(argument) if isinstance(argument, (int, float, bool)) else argument


def _turned_by_all(node: fx.Node) -> bool:
    """Whether all that is done with a matrix is done with its transposed."""
    turns = (torch.ops.aten.transpose.int, torch.ops.aten.t.default)
    return bool(node.users) and all(user.target in turns for user in node.users)
