"""Any user's module as a model."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.spectral_norm import SpectralNorm

from gantheory.models.model import Model


if TYPE_CHECKING:
    from gantheory.random import Key


_POWER_ITERATIONS = (_SpectralNorm, SpectralNorm)


@dataclass(frozen=True)
class Network(Model):
    """A user's own module, named by the text ``"package.module:factory"`` and called with ``args``.

    ``inputs`` and ``outputs`` say its dimensions where games are to check them. It starts with its own
    initialisation, from a generator seeded by the key; the global one is left as it was. With
    ``vmap=False`` a population runs it member by member: same numbers, slower.

    All its parameters are trained; buffers stay as they are, the same for every member and key. A lazy module
    takes its sizes from ``inputs``.

    Raises `ValueError` for a lambda, a local function or a name that is not there, for parameters that are not to be
    trained, and for modules that are no function of their parameters: whose buffers change while they run (running
    statistics, spectral normalisation by power iteration) or which draw random numbers (dropout).

    Example:
        >>> import torch
        >>> from torch import nn
        >>> layer = Network("torch.nn:Linear", args=(2, 1), inputs=2, outputs=1)
        >>> layer.size
        3

        A critic of one's own, trained in a population; it would stand in a file ``my_critics.py``:

        >>> class Bumps(nn.Module):
        ...     def __init__(self, bumps):
        ...         super().__init__()
        ...         self.centres = nn.Parameter(torch.randn(bumps, 2))
        ...         self.heights = nn.Linear(bumps, 1)
        ...     def forward(self, x):
        ...         return self.heights((-(x[:, None] - self.centres).square().sum(-1)).exp())
        >>> import sys, types
        >>> sys.modules["my_critics"] = types.SimpleNamespace(Bumps=Bumps)
        >>> from gantheory import MLP, Adam, AdversarialGame, Key, NonSaturating, Ring, Simultaneous, simulate
        >>> critic = Network("my_critics:Bumps", args=(16,), inputs=2, outputs=1)
        >>> game = AdversarialGame(MLP(2, (16,), 2), critic, Ring(), NonSaturating(), batch=16)
        >>> runs = simulate(game, Simultaneous(Adam(1e-2)), steps=20, population=4, key=Key(0))
        >>> {name: tuple(value.shape) for name, value in runs.state_dict(0)["critic"].items()}
        {'centres': (16, 2), 'heights.weight': (1, 16), 'heights.bias': (1,)}
        >>> del sys.modules["my_critics"]
    """

    factory: str
    args: tuple[int | float | bool | str | tuple[int, ...] | None, ...] = ()
    inputs: int | None = None  # type: ignore[assignment]
    outputs: int | None = None  # type: ignore[assignment]
    vmap: bool = True

    def check(self) -> None:
        module, _, name = self.factory.partition(":")
        if not (module and name) or "<" in self.factory:
            raise ValueError(
                f"Network needs the text 'package.module:factory', got {self.factory!r}: "
                "give a lambda or a local function a name at the top of a module"
            )

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.vmap

    def build(self) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            network = self._made()
        self._check_pure(network)
        return network

    def _made(self) -> nn.Module:
        """Call the factory, and give lazy layers their sizes by a run on zeros."""
        module, _, name = self.factory.partition(":")
        try:
            factory = getattr(import_module(module), name)
        except (ImportError, AttributeError) as failure:
            raise ValueError(f"Network cannot find {self.factory!r}: {failure}") from None
        try:
            network = factory(*self.args)
        except TypeError as failure:
            raise ValueError(f"Network cannot call {self.factory} with {self.args}: {failure}") from None
        if not isinstance(network, nn.Module):
            raise ValueError(f"{self.factory} must make a torch.nn.Module, but made {network!r:.80}")
        if any(is_lazy(value) for value in (*network.parameters(), *network.buffers())):
            if self.inputs is None:
                raise ValueError(
                    f"{self.factory} has lazy layers, whose sizes follow from its inputs: Network(..., inputs=...)"
                )
            with torch.no_grad():
                network(torch.zeros(2, self.inputs))
        return network

    def _check_pure(self, network: nn.Module) -> None:
        if not any(True for _ in network.parameters()):
            raise ValueError(f"{self.factory} has no parameters to train: give it one, such as a scale")
        frozen = [name for name, p in network.named_parameters() if not p.requires_grad]
        if frozen:
            raise ValueError(
                f"{self.factory} has parameters that are not to be trained ({', '.join(frozen)}), but all are: make "
                "buffers of them, by register_buffer"
            )
        for layer in network.modules():
            if getattr(layer, "track_running_stats", False):
                raise ValueError(
                    f"{self.factory} holds {layer}, whose running statistics change while it runs, so it is "
                    "no function of its parameters: use nn.LayerNorm or nn.GroupNorm, or "
                    "track_running_stats=False"
                )
            hooks = layer._forward_pre_hooks.values()
            if layer.training and any(isinstance(step, _POWER_ITERATIONS) for step in (layer, *hooks)):
                raise ValueError(
                    f"{self.factory} normalises weights by power iterations, which change buffers while it runs, so "
                    "it is no function of its parameters: leave them out, and take Normalised(..., SpectralNorm())"
                )

    def init(self, key: Key) -> Tensor:
        dtype, device = key.normal(0).dtype, key.normal(0).device
        rows = [self._init_one(words) for words in key.words.reshape(-1, 4)]
        return torch.stack(rows).reshape(*key.batch, -1).to(device=device, dtype=dtype)

    def _init_one(self, words) -> Tensor:
        seed = int(words[0]) << 32 | int(words[1])
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(torch.Generator().manual_seed(seed).get_state())
            network = self.build()
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    @classmethod
    def examples(cls) -> list[Network]:
        return [
            cls("torch.nn:Linear", args=(2, 1), inputs=2, outputs=1),
            cls("torch.nn:Linear", args=(2, 3), inputs=2, outputs=3, vmap=False),
        ]
