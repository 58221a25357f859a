"""A game played by a whole population at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from gantheory.dynamics.tracing import Traced
from gantheory.games import Game
from gantheory.notation import with_field


if TYPE_CHECKING:
    from gantheory.random import Key


Profile = tuple[Tensor, ...]


class Many:
    """A game seen by a rule: the same game for every member, except for the fields that vary.

    A profile is one ``(members, parameters)`` matrix a player; a batch has the members first. ``varied``
    maps the paths of fields annotated `float` to one number a member ``(members,)``.
    """

    def __init__(self, game: Game, members: int, *, varied: Mapping[str, Tensor] | None = None):
        self.game = game
        self.members = members
        self.players = game.players
        self.sizes = game.sizes
        self._varied = dict(varied or {})
        drawing = game
        for path, numbers in self._varied.items():
            drawing = with_field(drawing, path, numbers.reshape(-1, 1, 1))
        self._drawing = drawing
        self._traced: dict[int | None, Traced] = {}

    def draw(self, key: Key, *, only: int | None = None) -> Any:
        """Draw a batch for every member from a batched key; ``only`` says who will move."""
        return self._drawing.draw(key, only=only)

    def at(self, step: int) -> Many:
        """Return the game as it draws in a step of a run."""
        drawing = self._drawing.at(step)
        if drawing is self._drawing:
            return self
        now = copy.copy(self)  # losses and traces are the same
        now._drawing = drawing
        return now

    def losses(self, profile: Profile, batch: Any, *, only: int | None = None) -> tuple[Tensor, ...]:
        """Return the losses ``(members,)`` of every player, or of one in a tuple of its own."""

        def one(profile: Profile, batch: Any, numbers: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            game = self._with(numbers)
            return game.losses(profile, batch) if only is None else (game.loss(only, profile, batch),)

        return self.each(one, tuple(profile), batch, tuple(self._varied.values()))

    def field(
        self, profile: Profile, batch: Any, *, create_graph: bool = False, only: int | None = None
    ) -> Profile:
        """Return the gradient of each player's loss in its own parameters, or of one player's in a tuple.

        One reverse pass a player, outside the vectorised losses, serves every member.
        """
        if create_graph or not self.game.vectorised:
            return self._field(tuple(profile), batch, create_graph=create_graph, only=only)
        if only not in self._traced:
            self._traced[only] = Traced(partial(self._field, create_graph=False, only=only))
        return self._traced[only](tuple(profile), batch)

    def _field(self, profile: Profile, batch: Any, *, create_graph: bool, only: int | None) -> Profile:
        movers = range(len(self.players)) if only is None else (only,)
        leaves = list(profile)
        for i in movers:
            if not (create_graph and leaves[i].requires_grad):
                leaves[i] = leaves[i].detach().requires_grad_()
        with torch.enable_grad():
            losses = self.losses(tuple(leaves), batch, only=only)
        gradients = []
        for i, loss in zip(movers, losses):
            keep = create_graph or i != movers[-1]
            (gradient,) = torch.autograd.grad(
                loss.sum(), leaves[i], retain_graph=keep, create_graph=create_graph, materialize_grads=True
            )
            gradients.append(gradient)
        return tuple(gradients)

    def em_step(self, profile: Profile, batch: Any) -> Profile:
        """Return every member's profile after a step of expectation maximisation on its batch."""

        def one(profile: Profile, batch: Any, numbers: tuple[Tensor, ...]) -> Profile:
            return self._with(numbers).em_step(profile, batch)

        return self.each(one, tuple(profile), batch, tuple(self._varied.values()))

    def power_iterated(self, profile: Profile) -> Profile:
        """Return the profile with the vectors of power iterations, which its networks hold, a step further."""
        models = self.game.models() or (None,) * len(profile)
        return tuple(
            self.each(model.power_iterated, w) if model is not None and model.carries else w
            for model, w in zip(models, profile)
        )

    def each(self, function, *arguments: Any) -> Any:
        """Run a function of one member for all members: vectorised, or in a loop where it must be.

        A single member needs neither: batched products of one matrix took a sixth of a flow's time more.
        """
        if self.game.vectorised and self.members > 1:
            axes = pytree.tree_map(lambda leaf: 0 if isinstance(leaf, Tensor) else None, arguments)
            return torch.func.vmap(function, in_dims=axes)(*arguments)
        leaves, spec = pytree.tree_flatten(arguments)
        rows = [
            function(*pytree.tree_unflatten([_row(leaf, m) for leaf in leaves], spec))
            for m in range(self.members)
        ]
        return pytree.tree_map(lambda *parts: torch.stack(parts), *rows)

    def _with(self, numbers: tuple[Tensor, ...]) -> Game:
        game = self.game
        for path, number in zip(self._varied, numbers):
            game = with_field(game, path, number)
        return game


def _row(leaf: Any, member: int) -> Any:
    return leaf[member] if isinstance(leaf, Tensor) else leaf
