"""Networks with normalised layers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from gantheory.models.conv_critic import ConvCritic
from gantheory.models.conv_generator import ConvGenerator
from gantheory.models.mlp import MLP
from gantheory.models.model import Model
from gantheory.models.network import Network
from gantheory.models.normalisations import (
    BatchNorm,
    LayerNorm,
    Normalisation,
    Orthonormal,
    ReferenceBatchNorm,
    SpectralNorm,
    VirtualBatchNorm,
    WeightNorm,
)
from gantheory.models.normalisations.spectral_norm import Divided


if TYPE_CHECKING:
    from gantheory.random import Key


FIRST_ROUNDS = 15
"""The rounds of power iteration from which a network starts, as torch's own."""


@dataclass(frozen=True)
class Normalised(Model):
    """A model with its layers normalised: what they put out, or their weights.

    It starts at the plain model's start, for the same key. Normalisations nest:
    ``Normalised(Normalised(MLP(2, (64, 64), 1), LayerNorm()), SpectralNorm())``. A user's `Network` can be
    normalised as well, in its linear and convolutional layers.

    Raises `ValueError` for a model with a density, whose Jacobian would not know of the normalisation.

    Reference: Kurach, Lucic, Zhai, Michalski, Gelly (2019), who compare them.

    Example:
        >>> from gantheory import MLP, Key, SpectralNorm
        >>> import torch
        >>> critic = Normalised(MLP(2, (64, 64), 1), SpectralNorm())
        >>> tuple(critic(critic.init(Key(0)), torch.zeros(5, 2)).shape)
        (5, 1)
    """

    model: Model
    normalisation: Normalisation

    def check(self) -> None:
        if self.model.likelihood != "none":
            raise ValueError(
                f"Normalised takes networks without a density, got {self.model}: the log-determinant would not "
                "know of the normalisation"
            )

    @property
    def inputs(self) -> int | None:
        return self.model.inputs

    @property
    def outputs(self) -> int | None:
        return self.model.outputs

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.model.vectorised

    @property
    def samplewise(self) -> bool:  # type: ignore[override]
        return self.model.samplewise and self.normalisation.samplewise

    def build(self) -> nn.Module:
        return self.normalisation.normalise(self.model.build(), self.model.inputs)

    @property
    def carries(self) -> bool:  # type: ignore[override]
        return bool(_iterations(self))

    def power_iterated(self, w: Tensor, *, rounds: int | None = None) -> Tensor:
        """Return ``w`` ``(size,)`` with the vectors of power iterations that it holds a step further.

        That is `SpectralNorm.rounds` of them, or ``rounds``.
        """
        shapes = _shapes(self)
        parts = dict(zip(shapes, torch.split(w, [shape.numel() for shape in shapes.values()])))
        for place, made in _iterations(self).items():
            name = place.removesuffix("0") + "original"
            weight = parts[name].view(shapes[name]).detach()
            count = made.rounds or 0 if rounds is None else rounds
            parts[f"{place}.u"], parts[f"{place}.v"] = made.iterated(weight, parts[f"{place}.v"], count)
        return torch.cat(list(parts.values()))

    def init(self, key: Key) -> Tensor:
        own, plain, carries = _shapes(self), _shapes(self.model), self.carries

        def start(row: Tensor) -> Tensor:
            parts = torch.split(row, [shape.numel() for shape in plain.values()])
            given = {name: part.view(shape) for (name, shape), part in zip(plain.items(), parts)}
            values = [self.normalisation.start(name, tuple(shape), given) for name, shape in own.items()]
            flat = torch.cat([value.flatten() for value in values])
            return self.power_iterated(flat, rounds=FIRST_ROUNDS) if carries else flat

        flat = self.model.init(key)
        rows = torch.func.vmap(start)(flat.reshape(-1, flat.shape[-1]))
        return rows.reshape(*flat.shape[:-1], -1)

    @classmethod
    def examples(cls) -> list[Normalised]:
        kinds = (
            BatchNorm,
            LayerNorm,
            ReferenceBatchNorm,
            VirtualBatchNorm,
            WeightNorm,
            SpectralNorm,
            Orthonormal,
        )
        user = Network("torch.nn:Linear", args=(2, 3), inputs=2, outputs=3)
        return [
            *(cls(MLP(2, (4, 3), 2), normalisation) for kind in kinds for normalisation in kind.examples()),
            cls(cls(MLP(3, (4, 4), 1, residual=True), VirtualBatchNorm(4)), WeightNorm()),
            cls(user, SpectralNorm()),
            cls(ConvGenerator(2, 4, (2, 3), attention=1), VirtualBatchNorm(3)),
            cls(ConvCritic(4, (3,), attention=0), SpectralNorm()),
        ]


@lru_cache(maxsize=256)
def _iterations(model: Model) -> dict[str, Divided]:
    """What holds vectors of power iterations, by its place in the network."""
    with torch.device("meta"):
        modules = model.build().named_modules()
    return {name: made for name, made in modules if isinstance(made, Divided) and made.rounds is not None}


@lru_cache(maxsize=256)
def _shapes(model: Model) -> dict[str, torch.Size]:
    """The names and shapes of a model's parameters, in their order."""
    with torch.device("meta"):
        return {name: value.shape for name, value in model.build().named_parameters()}
