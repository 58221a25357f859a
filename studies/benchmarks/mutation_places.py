"""Theory and claims with a switch at every place where a formula can be perturbed: importing this installs it.

Every power, square root and sum in `gantheory.theory` and in the folders of `gantheory.claims` is loaded as ``mutant if
switch(number) else honest``. So one process serves all mutants, and it is known which places a prediction passes.
"""

from __future__ import annotations

import ast
import copy
import importlib.machinery
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from typing import Any, NamedTuple


class Place(NamedTuple):
    """A part of a formula that can be perturbed: how, and what stands there in which module and line."""

    kind: str
    module: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.module.removeprefix('gantheory.')}:{self.line}: {self.text}"


class Switch:
    """Decides at every place of the formulas whether its mutant is computed, and notes the places passed."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.passed: set[int] = set()
        self.active: int | None = None
        self.predicting = False
        self.caches: list[Callable[[], None]] = []

    def __call__(self, place: int) -> bool:
        if self.predicting:
            self.passed.add(place)
        return self.predicting and self.active == place

    @contextmanager
    def to(self, place: int | None) -> Iterator[None]:
        """Compute the mutant of one place while the block runs; what was computed before is forgotten."""
        before, self.active = self.active, place
        self._forget()
        try:
            yield
        finally:
            self.active = before
            self._forget()

    def _forget(self) -> None:
        self.passed = set()
        for forget in self.caches:
            forget()


SWITCH = Switch()


class _Places(ast.NodeTransformer):
    """Puts ``mutant if SWITCH(number) else honest`` at every power, square root and sum."""

    def __init__(self, module: str):
        self.module = module

    def _choice(self, honest: ast.expr, mutants: list[tuple[str, ast.expr]], text: str) -> ast.expr:
        for kind, mutant in mutants:
            number = len(SWITCH.places)
            SWITCH.places.append(Place(kind, self.module, honest.lineno, f"{text} -> {ast.unparse(mutant)}"))
            test = ast.Call(ast.Name("_switch", ast.Load()), [ast.Constant(number)], [])
            honest = ast.copy_location(ast.IfExp(test, mutant, honest), honest)
        return honest

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        plain = copy.deepcopy(node)
        self.generic_visit(node)
        if isinstance(plain.op, ast.Pow):
            raised = ast.BinOp(plain.right, ast.Add(), ast.Constant(1))
            mutants: list = [("exponent", ast.BinOp(plain.left, ast.Pow(), raised))]
        elif isinstance(plain.op, (ast.Add, ast.Sub)):
            right = plain.right if isinstance(plain.op, ast.Add) else ast.UnaryOp(ast.USub(), plain.right)
            mutants = [("dropped term", plain.left), ("dropped term", right)]
        else:
            return node
        return self._choice(node, mutants, ast.unparse(plain))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        plain = copy.deepcopy(node)
        self.generic_visit(node)
        name = plain.func.attr if isinstance(plain.func, ast.Attribute) else getattr(plain.func, "id", "")
        if name != "sqrt":
            return node
        mutant = ast.BinOp(plain, ast.Pow(), ast.Constant(3))
        return self._choice(node, [("exponent", mutant)], ast.unparse(plain))


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> Any:
        tree = _Places(fullname).visit(ast.parse(self.get_data(self.path)))
        return compile(ast.fix_missing_locations(tree), self.path, "exec")

    def exec_module(self, module: Any) -> None:
        module._switch = SWITCH
        super().exec_module(module)
        SWITCH.caches += [
            value.cache_clear for value in vars(module).values() if hasattr(value, "cache_clear")
        ]


class _Finder:
    """Finds theory and the folders of claims, to be loaded with a switch at every place."""

    @staticmethod
    def find_spec(name: str, path: Any, target: Any = None) -> Any:
        depth = name.count(".")
        if not (name.startswith("gantheory.theory.") or (name.startswith("gantheory.claims.") and depth > 2)):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


if "gantheory.theory" in sys.modules:
    raise ImportError("mutation_places must be imported before gantheory.theory")
sys.meta_path.insert(0, _Finder)  # type: ignore[arg-type]
