"""Weights divided by their spectral norm: torch's own power iteration, or an exact norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize

from gantheory.ops.spectral import spectral_singular_triple
from gantheory.ops.spectral_division import Memory, divide_by_norms


_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def spectral_normalization(
    module: nn.Module,
    name: str = "weight",
    *,
    rounds: int = 1,
    epsilon: float = 1e-12,
    dim: int | None = None,
    tolerance: float | None = None,
    stacked: bool = False,
) -> nn.Module:
    """Divide the weights of a layer, or of all layers of a network, by their spectral norms, and return it.

    ``W / s``. In training, each use takes ``rounds`` steps of power iteration on the buffers ``_u`` and
    ``_v``, ``u = W v / |W v|``, ``v = W'u / |W'u|``, ``s = u'W v``: the numbers, buffers and state of
    ``torch.nn.utils.parametrizations.spectral_norm``, for two products with W where that takes three. With
    a ``tolerance``, s is found to ``|W'u - s v| <= tolerance s`` instead, from the v before. In evaluation
    u and v stay. u and v count as constants in gradients. They start at the singular vectors; torch's
    start is random.

    A module without a parameter of that name is a network: all its modules that have one, of two axes or
    more, are normalised. Each of its forward passes then begins with one call for them all, and every use
    of a weight in that pass finds the result, as in ``torch.nn.utils.parametrize.cached``; a weight that is
    looked at outside of a pass takes its own step.

    A weight is taken as the matrix of axis ``dim`` (1 for transposed convolutions, otherwise 0) against
    all others; a vector is divided by its length. Where weights are ``stacked``, such as those of a
    population, they have one more axis in front, and each member is divided by its own norm. Raises
    `ValueError` for options out of range, or a network without a weight to normalise.

    Reference: Miyato, Kataoka, Koyama, Yoshida (2018).

    Example:
        >>> layer = spectral_normalization(nn.Linear(3, 2), tolerance=1e-6)
        >>> bool((torch.linalg.matrix_norm(layer.weight, ord=2) - 1).abs() < 1e-5)
        True
        >>> critic = spectral_normalization(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1)))
        >>> critic(torch.ones(5, 2)).shape
        torch.Size([5, 1])
    """

    def register(layer: nn.Module) -> SpectralNormalization:
        axis = int(isinstance(layer, _TRANSPOSED)) if dim is None else dim
        made = SpectralNormalization(getattr(layer, name), rounds, axis, epsilon, tolerance, stacked)
        parametrize.register_parametrization(layer, name, made)
        return made

    if hasattr(module, name):
        register(module)
        return module
    layers = [m for m in module.modules() if _has_matrix(m, name, 2 + stacked)]
    if not layers:
        raise ValueError(f"module has no {name} and nothing in it has one with {2 + stacked} axes or more")
    together = _Together(name, [(layer, register(layer)) for layer in layers])
    module.register_forward_pre_hook(together.begin)
    module.register_forward_hook(together.end, always_call=True)
    return module


def _has_matrix(module: nn.Module, name: str, axes: int) -> bool:
    weight = dict(module.named_parameters(recurse=False)).get(name)
    return weight is not None and weight.dim() >= axes


class SpectralNormalization(nn.Module):
    """The parametrization that `spectral_normalization` registers."""

    _u: Tensor
    _v: Tensor

    def __init__(
        self,
        weight: Tensor,
        rounds: int,
        dim: int,
        epsilon: float,
        tolerance: float | None,
        stacked: bool = False,
    ):
        super().__init__()
        axes = weight.dim() - stacked
        if not -axes <= dim < axes:
            raise ValueError(f"dim must be an axis of a weight with {axes}, got {dim}")
        if rounds < 1 or epsilon <= 0 or (tolerance is not None and tolerance <= 0):
            raise ValueError(
                f"rounds, epsilon and tolerance must be positive, got {rounds}, {epsilon} and {tolerance}"
            )
        if weight.dtype not in (torch.float32, torch.float64):
            raise ValueError(f"the weight must be float32 or float64, but is {weight.dtype}")
        self.rounds, self.epsilon, self.tolerance = rounds, epsilon, tolerance
        self.lead, self.axis = int(stacked), dim % axes + stacked
        if axes > 1:
            matrices = self.rows_first(weight.detach()).flatten(1 + stacked)
            _, u, v = spectral_singular_triple(matrices)
            self.register_buffer("_u", u)
            self.register_buffer("_v", v)
            self.sizes = u.shape[:-1].numel(), u.shape[-1], v.shape[-1]

    def forward(self, weight: Tensor) -> Tensor:
        """The weight over its norm; in training, after an update of the singular vectors."""
        if weight.dim() - self.lead == 1:
            return functional.normalize(weight, dim=-1, eps=self.epsilon)
        return divided([self], [weight])[0]

    def right_inverse(self, value: Tensor) -> Tensor:
        """A weight to assign is taken as it is."""
        return value

    def rows_first(self, weight: Tensor) -> Tensor:
        """The weight with the axis of the matrix's rows in front."""
        return weight if self.axis == self.lead else weight.movedim(self.axis, self.lead)

    def rows_back(self, weight: Tensor) -> Tensor:
        """Undo `rows_first`."""
        return weight if self.axis == self.lead else weight.movedim(self.lead, self.axis).contiguous()


def divided(
    made: Sequence[SpectralNormalization], weights: Sequence[Tensor], memory: Memory | None = None
) -> list[Tensor]:
    """Apply parametrizations of the same options and mode to their weights."""
    first = made[0]
    found = divide_by_norms(
        [m.rows_first(w) for m, w in zip(made, weights)],
        [cast(Tensor, m._buffers["_u"]) for m in made],
        [cast(Tensor, m._buffers["_v"]) for m in made],
        [m.sizes for m in made],
        rounds=first.rounds if first.training else 0,
        epsilon=first.epsilon,
        tolerance=first.tolerance if first.training else None,
        memory=memory,
    )
    return [m.rows_back(w) for m, w in zip(made, found)]


class _Together:
    """Readies all weights when a network's forward pass begins, and drops them when it ends.

    Modules' own dictionaries are read and written: the ways around them take longer than the norms.
    """

    def __init__(self, name: str, parts: list[tuple[nn.Module, SpectralNormalization]]):
        self.name, self.ready, self.parts = name, f"_ready_{name}", parts
        large = sum(made.sizes[0] * made.sizes[1] * made.sizes[2] for _, made in parts) >= 2**20
        self.memory = Memory() if large else None
        for layer, _ in parts:
            _look_for(self.ready, layer, name)

    def begin(self, network: nn.Module, inputs: tuple) -> None:
        parts = []
        for layer, made in self.parts:
            chain = (layer._modules.get("parametrizations") or layer)._modules.get(self.name)
            if chain is not None and len(chain._modules) == 1:  # or else left to itself
                parts.append((layer, made, chain._parameters["original"]))
        kinds = {(made.training, weight.dtype) for _, made, weight in parts}
        for kind in kinds:
            if len(kinds) > 1:
                group = [part for part in parts if (part[1].training, part[2].dtype) == kind]
            else:
                group = parts
            layers, made, weights = zip(*group)
            for layer, weight in zip(layers, divided(made, weights, self.memory)):
                layer.__dict__[self.ready] = weight

    def end(self, network: nn.Module, inputs: tuple, output: object) -> None:
        for layer, _ in self.parts:
            layer.__dict__.pop(self.ready, None)


def _look_for(ready: str, layer: nn.Module, name: str) -> None:
    """Have a use of the parameter find what is ready, in the class that torch made for this layer."""
    torchs: property = getattr(type(layer), name)

    def look(self: nn.Module) -> Tensor:
        found = self.__dict__.get(ready)
        if found is None or (torch.is_grad_enabled() and not found.requires_grad):
            return torchs.fget(self)  # pyright: ignore[reportOptionalCall]
        return found

    setattr(type(layer), name, property(look, torchs.fset))
