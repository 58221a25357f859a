"""What every model offers: a recipe of a module that acts on one flat vector."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from gantheory.notation import Noun, field_at, with_field


if TYPE_CHECKING:
    from gantheory.random import Key


DRAWS = (
    "draws random numbers while it runs, so it is no function of its parameters: set dropout to 0, call eval() where "
    "it is made, or draw the numbers in the game (latent inputs, WithInstanceNoise)"
)


@dataclass(frozen=True)
class Model(Noun, ABC):
    """A frozen recipe of a `torch.nn.Module`, pure in the flat vector ``w`` of all its parameters.

    ``model(w, x)`` takes inputs ``(n, inputs)`` to outputs ``(n, outputs)``. `inputs` or `outputs` is
    `None` where the recipe cannot know it.
    """

    vectorised: ClassVar[bool] = True
    """Whether the model runs under `torch.func.vmap`; the others are looped over in a population."""
    likelihood: ClassVar[Literal["exact", "bound", "none"]] = "none"
    """What the model can say of a point's density: it, a lower bound, or nothing."""
    reversible: ClassVar[bool] = False
    """Whether it takes data to the noise they are made of, one to one, and back."""
    samplewise: ClassVar[bool] = True
    """Whether every row of outputs depends on its own row of inputs alone."""
    carries: ClassVar[bool] = False
    """Whether parameters hold vectors of power iterations, which go on from step to step."""

    if TYPE_CHECKING:  # leaves have them as fields, for which an inherited property would be a default

        @property
        def inputs(self) -> int | None:
            """The dimension of the inputs."""

        @property
        def outputs(self) -> int | None:
            """The dimension of the outputs."""

    @abstractmethod
    def build(self) -> nn.Module:
        """Construct the module anew, with torch's own initialisation.

        Fields annotated `float` may vary in a population, so no module is made from them: `log_prob` and the
        call use them.
        """

    def initial_bound(self, name: str, fan_in: int) -> float:
        """The half-width of the uniform law of a parameter's initial entries, by the parameter's name."""
        return 1 / math.sqrt(fan_in)

    def initial(self, name: str, shape: tuple[int, ...], fan_in: int, key: Key) -> Tensor:
        """Draw the initial entries ``(*batch, entries)`` of one parameter, by its name."""
        return (2 * key.uniform(math.prod(shape)) - 1) * self.initial_bound(name, fan_in)

    @property
    def size(self) -> int:
        """The number of parameters."""
        return _layout(self).total

    @property
    def sequential_depth(self) -> int:
        """How many evaluations of networks one sample takes that must wait for each other.

        Where layers have no networks, the layers count.
        """
        return 1

    def noise(self, n: int, key: Key) -> Tensor:
        """Draw what ``n`` samples are made of where the model generates, ``(*batch, n, inputs)``."""
        if self.inputs is None:
            raise ValueError(f"{self} must say how many inputs it has: Network(..., inputs=...)")
        return key.normal(n, self.inputs)

    def init(self, key: Key) -> Tensor:
        """Draw initial parameters ``(*batch, size)`` for a key of batch shape ``batch``.

        Weights and biases are uniform on ``+- 1 / sqrt(fan_in)``, as `torch.nn.Linear` has them, unless the
        model says otherwise.
        """
        layout = _layout(self)
        each = zip(layout.names, layout.shapes, layout.fans)
        return torch.cat(
            [self.initial(name, shape, fan, key.child(name)) for name, shape, fan in each], dim=-1
        )

    def __call__(self, w: Tensor, x: Tensor) -> Tensor:
        return self.call(w, x)

    def call(self, w: Tensor, *inputs: Tensor, method: str = "forward") -> Tensor:
        """Run a method of the module, with the parameters cut from ``w`` ``(size,)``."""
        layout = _layout(self)
        if w.shape[-1] != layout.total:
            raise ValueError(f"{self} has {layout.total} parameters, but w has shape {tuple(w.shape)}")
        module, values = layout.method(method), layout.cut(w)
        if method in layout.pure:
            return torch.func.functional_call(module, values, inputs)
        with _watched(self, {name: values["module." + name] for name in layout.buffers}):
            outputs = torch.func.functional_call(module, values, inputs)
        layout.pure.add(method)
        return outputs

    def power_iterated(self, w: Tensor) -> Tensor:
        """Return ``w`` ``(size,)`` with the vectors of power iterations that it holds a step further."""
        return w

    def state_dict(self, w: Tensor) -> dict[str, Tensor]:
        """Return ``w`` ``(size,)`` as the state dict of the module that `build` constructs."""
        layout = _layout(self)
        values = layout.cut(w, prefix=False) | layout.buffers
        return {name: values[home].detach().clone() for name, home in layout.state.items()}

    @classmethod
    @abstractmethod
    def examples(cls) -> Iterable[Model]:
        """Return small instances, for the contract tests."""


class _Method(nn.Module):
    """A module whose forward is a named method of another, so that `functional_call` can reach it."""

    def __init__(self, module: nn.Module, method: str):
        super().__init__()
        self.module = module
        self.run = getattr(module, method)

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.run(*inputs)


class _Layout:
    """Where each parameter of a model lies in the flat vector; made once for equal models."""

    def __init__(self, model: Model):
        with torch.device("meta"):
            module = model.build()
        with torch.random.fork_rng(devices=[]):  # no one uses the parameters drawn; buffers drawn stay
            torch.set_rng_state(torch.Generator().manual_seed(0).get_state())
            built = model.build() if any(True for _ in module.buffers()) else module
        self.buffers = dict(built.named_buffers())
        parameters = dict(module.named_parameters())
        homes = {id(p): name for name, p in parameters.items()}
        kept = module.state_dict(keep_vars=True)
        self.state = {name: homes.get(id(value), name) for name, value in kept.items()}
        self.names = list(parameters)
        self.shapes = [tuple(p.shape) for p in parameters.values()]
        self.sizes = [p.numel() for p in parameters.values()]
        self.total = sum(self.sizes)
        self.fans = _fans(parameters)
        self.module = module
        self.methods: dict[str, nn.Module] = {}
        self.pure: set[str] = set()

    def method(self, name: str) -> nn.Module:
        if name not in self.methods:
            self.methods[name] = _Method(self.module, name)
        return self.methods[name]

    def cut(self, w: Tensor, *, prefix: bool = True) -> dict[str, Tensor]:
        head = "module." if prefix else ""
        parts = torch.split(w, self.sizes, dim=-1)
        cut = {head + name: part.view(s) for name, part, s in zip(self.names, parts, self.shapes)}
        if prefix:
            cut |= {head + name: _like(value, w) for name, value in self.buffers.items()}
        return cut


def _like(buffer: Tensor, w: Tensor) -> Tensor:
    return buffer.to(w.device, w.dtype if buffer.is_floating_point() else buffer.dtype)


@contextmanager
def _watched(model: Model, buffers: dict[str, Tensor]) -> Iterator[None]:
    """Refuse a module that changes its buffers or draws from torch's generator while it runs."""
    versions, drawn = {name: value._version for name, value in buffers.items()}, torch.get_rng_state()
    yield
    changed = [name for name, value in buffers.items() if value._version != versions[name]]
    if changed:
        raise ValueError(
            f"{model} changes its {', '.join(changed)} while it runs, so it is no function of its parameters: call "
            "eval() where it is made, or leave out what does (for spectral normalisation take Normalised(..., "
            "SpectralNorm()))"
        )
    if not torch.equal(drawn, torch.get_rng_state()):
        torch.set_rng_state(drawn)
        raise ValueError(f"{model} {DRAWS}")


def _fans(parameters: dict[str, nn.Parameter]) -> list[int]:
    """The number of inputs of each parameter's layer; a bias has its weight's, a lone vector its length."""
    fans = []
    for name, p in parameters.items():
        weight = parameters.get(name.rpartition(".")[0] + ".weight", p)
        shape = weight.shape if weight.dim() > 1 else p.shape
        fans.append(max(1, math.prod(shape[1:]) if len(shape) > 1 else math.prod(shape)))
    return fans


def _layout(model: Model) -> _Layout:
    return _layout_of(_plain(model))


@lru_cache(maxsize=256)
def _layout_of(model: Model) -> _Layout:
    return _Layout(model)


def _plain(model: Model) -> Model:
    """Return the recipe with 1.0 in every number that may vary in a population: no module is made from those."""
    changed = {}
    for name, value in vars(model).items():
        plain = value
        if isinstance(value, Model):
            plain = _plain(value)
        elif isinstance(value, Tensor) or (isinstance(value, float) and field_at(model, name)[1] is float):
            plain = 1.0
        elif isinstance(value, tuple) and any(isinstance(leaf, Tensor) for leaf in pytree.tree_leaves(value)):
            raise ValueError(
                f"{type(model).__name__}: {name} is part of the module and cannot vary in a population: run one "
                "for every value"
            )
        if plain is not value:
            changed[name] = plain
    for name, value in changed.items():
        model = with_field(model, name, value)
    return model
