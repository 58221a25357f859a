"""Variational autoencoders."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from gantheory.models.activations import Activation
from gantheory.models.coordinate_law import CoordinateLaw
from gantheory.models.likelihood import Likelihood
from gantheory.models.mlp import perceptron


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class VAE(Likelihood):
    """A latent variable model trained through a bound on its likelihood, with an encoder that makes it tight.

    Equation: ``p(x) = integral of p(x | z) N(z; 0, I) dz`` for ``latent`` numbers z. With ``samples=1``, ``log_prob``
    draws ``log p(x | z) - beta KL(q(. | x) || N(0, I))`` with z from ``q(z | x) = N(m(x), diag s(x)^2)``; with more,
    ``log mean_k p(x | z_k) p(z_k) / q(z_k | x)``, which rises with their number to ``log p(x)``. Its mean is a
    lower bound on ``log p(x)`` in both cases.

    The "gaussian" decoder is ``N(x; g(z), scale^2 I)``, where ``scale=None`` learns one number; the "categorical"
    one has independent probabilities of the ``levels`` whole numbers from 0, a Bernoulli decoder for 2. Encoder
    and decoder have the same hidden widths, in opposite orders; without any, and "gaussian", the model is
    probabilistic PCA. Other numbers of samples have the same parameters: train with ``samples=1``, and measure
    with ``model.replace(beta=1.0, samples=256)``.

    Raises `ValueError` for dimensions, widths or samples below 1, a scale that is not positive, ``beta`` below 1
    (no bound any more) or with several samples, and for levels that do not fit the decoder.

    Reference: Kingma, Welling (2014); Higgins et al. (2017), beta; Burda, Grosse, Salakhutdinov (2016), several
    samples.

    Example:
        >>> import torch
        >>> from gantheory import Key
        >>> model = VAE(2, latent=2, hidden=(16,))
        >>> w, x = model.init(Key(0)), torch.zeros(5, 2)
        >>> tuple(model.log_prob(w, x, model.draw(5, Key(1))).shape)
        (5,)
        >>> model.replace(samples=64).size == model.size
        True
    """

    dim: int
    latent: int = 2
    hidden: tuple[int, ...] = (64, 64)
    decoder: Literal["gaussian", "categorical"] = "gaussian"
    scale: float | None = None
    levels: int | None = None  # type: ignore[assignment]
    beta: float = 1.0
    samples: int = 1
    activation: Activation = "tanh"

    likelihood: ClassVar[Literal["exact", "bound", "none"]] = "bound"
    draws: ClassVar[bool] = True

    def check(self) -> None:
        if min(self.dim, self.latent, self.samples, *self.hidden) < 1:
            raise ValueError(f"VAE needs dimensions, widths and samples of at least 1, got {self}")
        if self.scale is not None and (not 0 < self.scale < math.inf or self.decoder != "gaussian"):
            raise ValueError(f"scale must be positive, and belongs to the gaussian decoder, got {self}")
        if not 1 <= self.beta < math.inf or (self.beta != 1 and self.samples > 1):
            raise ValueError(
                f"beta must be at least 1, where the objective is a bound, and 1 for several samples, got {self}"
            )
        self.law  # noqa: B018 (it checks itself)

    @property
    def law(self) -> CoordinateLaw:
        """The law of one coordinate given z."""
        return CoordinateLaw(self.decoder, levels=self.levels)

    @property
    def inputs(self) -> int:
        return self.latent + self.dim

    def build(self) -> nn.Module:
        return _Autoencoder(self)

    def initial_bound(self, name: str, fan_in: int) -> float:
        return 0.0 if name == "log_scale" else 1 / math.sqrt(fan_in)

    def draw(self, n: int, key: Key) -> Tensor:
        return key.normal(n, self.samples * self.latent).unflatten(-1, (self.samples, self.latent))

    def log_prob(self, w: Tensor, x: Tensor, noise: Tensor | None = None) -> Tensor:
        if noise is None:
            raise ValueError("VAE draws its bound: give log_prob the numbers that draw(n, key) makes")
        likelihood, log_prior, log_posterior, divergence = self.call(w, x, noise, method="terms")
        if self.samples == 1:
            return likelihood.squeeze(-1) - self.beta * divergence
        return (likelihood + log_prior - log_posterior).logsumexp(-1) - math.log(self.samples)

    def encode(self, w: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation ``(n, latent)`` of the encoder's law of z."""
        mean, log_deviation = self.call(w, x, method="posterior")
        return mean, log_deviation.exp()

    @classmethod
    def examples(cls) -> list[VAE]:
        return [
            cls(2, latent=1, hidden=(6,)),
            cls(3, latent=2, hidden=(), scale=0.5, samples=3),
            cls(3, latent=1, hidden=(4,), decoder="categorical", levels=2, beta=2.0),
            cls(2, latent=2, hidden=(4,), decoder="categorical", levels=4, samples=2),
        ]


class _Autoencoder(nn.Module):
    def __init__(self, model: VAE):
        super().__init__()
        self.dim, self.latent, self.law, self.scale = model.dim, model.latent, model.law, model.scale
        self.gaussian = model.decoder == "gaussian"
        size = model.dim * (1 if self.gaussian else self.law.size)
        self.encoder = perceptron(model.dim, model.hidden, 2 * model.latent, model.activation)
        self.decoder = perceptron(model.latent, model.hidden[::-1], size, model.activation)
        if self.gaussian and model.scale is None:
            self.log_scale = nn.Parameter(torch.zeros(()))

    def _laws(self, z: Tensor) -> Tensor:
        """The parameters ``(..., dim, size)`` of the law of every coordinate."""
        out = self.decoder(z)
        if not self.gaussian:
            return out.unflatten(-1, (self.dim, self.law.size))
        learned = self.scale is None
        log_scale = self.log_scale if learned else torch.full_like(out[..., :1], math.log(self.scale or 1.0))
        return torch.stack((out, log_scale.expand_as(out)), dim=-1)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_deviation = self.encoder(self.law.standardised(x)).chunk(2, dim=-1)
        return mean, log_deviation

    def terms(self, x: Tensor, noise: Tensor) -> tuple[Tensor, ...]:
        """Log-likelihood, log-prior and log-posterior ``(n, samples)`` of each z; the divergence ``(n,)``."""
        mean, log_deviation = self.posterior(x)
        z = mean[:, None] + log_deviation.exp()[:, None] * noise
        likelihood = self.law.log_prob(self._laws(z), x[:, None].expand(-1, z.shape[1], -1)).sum(-1)
        constant = 0.5 * self.latent * math.log(2 * math.pi)
        log_prior = -0.5 * z.square().sum(-1) - constant
        log_posterior = -0.5 * noise.square().sum(-1) - log_deviation.sum(-1)[:, None] - constant
        squares = mean.square() + (2 * log_deviation).exp() - 1
        return likelihood, log_prior, log_posterior, (0.5 * squares - log_deviation).sum(-1)

    def forward(self, noise: Tensor) -> Tensor:
        z, dither = noise[..., : self.latent], noise[..., self.latent :]
        return self.law.draw(self._laws(z), dither.unsqueeze(-1))
