"""Games between a generator and a critic."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from torch import Tensor

from gantheory.distributions import Distribution, Ring
from gantheory.games.game import Game, Generates, Profile
from gantheory.games.objectives import Minimax, NonSaturating, Objective
from gantheory.models import MLP, Likelihood, Model


if TYPE_CHECKING:
    from gantheory.random import Key


class Parts(NamedTuple):
    """What objectives and penalties see: samples ``(n, d)``, the critic's logit as a function, what
    penalties drew, the innermost first, and the generator's log-density where it has one."""

    real: Tensor | None
    fake: Tensor
    critic: Callable[[Tensor], Tensor]
    noise: tuple[Tensor | None, ...] = ()
    log_prob: Callable[[Tensor], Tensor] | None = None


@dataclass(frozen=True)
class Adversarial(Game):
    """A game of a generator and a critic, whose losses come from an objective and from penalties."""

    players: ClassVar[tuple[str, ...]] = ("generator", "critic")

    @abstractmethod
    def parts(self, profile: Profile, batch: Any = ()) -> Parts:
        """Return real samples, generated samples and the critic, for one run."""

    @property
    @abstractmethod
    def samples(self) -> tuple[int, int]:
        """How many real samples a batch has, as many as generated ones, and their dimension."""

    @property
    @abstractmethod
    def adversity(self) -> Objective:
        """The objective that turns logits into losses."""

    def loss_of(self, player: int, parts: Parts) -> Tensor:
        """Return one player's loss from the parts; the generator's spares the logits of real samples."""
        real, fake, critic = parts[:3]
        objective = self.adversity
        if player == 0:
            return objective.generator_loss(critic(given(real)) if objective.pairs else None, critic(fake))
        return objective.critic_loss(critic(given(real)), critic(fake))

    def losses_of(self, parts: Parts) -> tuple[Tensor, ...]:
        """Return both losses from the parts, with one evaluation of the critic on each set of samples."""
        real, fake, critic = parts[:3]
        return self.adversity.losses(critic(given(real)), critic(fake))

    def losses(self, profile: Profile, batch: Any = ()) -> tuple[Tensor, ...]:
        return self.losses_of(Parts(*self.parts(profile, batch)))

    def loss(self, player: int, profile: Profile, batch: Any = ()) -> Tensor:
        return self.loss_of(player, Parts(*self.parts(profile, batch)))


def given(real: Tensor | None) -> Tensor:
    """Return real samples that a batch has, or say how it comes to have none."""
    if real is None:
        raise ValueError("this batch was drawn for the generator alone, without real samples: draw it whole")
    return real


@dataclass(frozen=True)
class AdversarialGame(Adversarial, Generates):
    """A generative adversarial network: generator and critic are models, the data a distribution.

    The generator takes latent vectors ``(n, latent)``, standard normal, to samples ``(n, d)``; the critic
    takes samples to logits ``(n, 1)``. Each batch has ``batch`` real and ``batch`` generated samples. With a
    ``pack`` of m the critic judges m independent samples at once, side by side, ``(batch / m, m d)``: a
    collapsed generator gives itself away. Penalties and noise act on packs.

    A generator with a density, such as a flow, can be asked for the likelihood of points. Raises
    `ValueError` where dimensions do not fit.

    Reference: Goodfellow et al. (2014); Lin, Khetan, Fanti, Oh (2018), for packs.

    Example:
        >>> from gantheory import MLP, NonSaturating, Ring
        >>> game = AdversarialGame(MLP(2, (8,), 2), MLP(2, (8,), 1), Ring(), NonSaturating(), batch=16)
        >>> game.sizes
        (42, 33)
        >>> packed = AdversarialGame(MLP(2, (8,), 2), MLP(4, (8,), 1), Ring(), NonSaturating(), batch=16, pack=2)
        >>> packed.samples
        (8, 4)
    """

    generator: Model
    critic: Model
    data: Distribution
    objective: Objective
    batch: int = 256
    pack: int = 1

    def check(self) -> None:
        d = self.data.dim
        if self.batch < 1:
            raise ValueError(f"AdversarialGame needs a batch of at least 1, got {self.batch}")
        if self.pack < 1 or self.batch % self.pack:
            raise ValueError(
                f"AdversarialGame needs a batch that is a multiple of its pack, got {self.batch} and {self.pack}"
            )
        kind = f"data in {d} dimensions" + (f" in packs of {self.pack}" if self.pack > 1 else "")
        for role, model, side, wanted in (
            ("generator", self.generator, "outputs", d),
            ("critic", self.critic, "inputs", self.pack * d),
            ("critic", self.critic, "outputs", 1),
        ):
            found = getattr(model, side)
            if found is not None and found != wanted:
                raise ValueError(f"the {role} must have {side}={wanted} for {kind}, but {model} has {found}")
        if self.generator.inputs is None:
            raise ValueError("the generator must say how many inputs it has: Network(..., inputs=...)")

    @property
    def samples(self) -> tuple[int, int]:
        return self.batch // self.pack, self.pack * self.data.dim

    @property
    def adversity(self) -> Objective:
        return self.objective

    @property
    def vectorised(self) -> bool:  # type: ignore[override]
        return self.generator.vectorised and self.critic.vectorised

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.generator.size, self.critic.size

    def models(self) -> tuple[Model, ...]:
        return self.generator, self.critic

    def init(self, key: Key) -> Profile:
        return self.generator.init(key.child("generator")), self.critic.init(key.child("critic"))

    def draw(self, key: Key, *, only: int | None = None) -> tuple[Tensor | None, Tensor]:
        spared = only == 0 and not self.objective.pairs
        real = None if spared else self.data.sample(self.batch, key.child("data"))
        return real, self.noise(self.batch, key.child("latent"))

    def real_samples(self, *, only: int | None = None) -> int:
        return 0 if only == 0 and not self.objective.pairs else self.batch

    def parts(self, profile: Profile, batch: Any = ()) -> Parts:
        theta, psi = profile
        real, z = batch
        packed = None if real is None else real.reshape(self.samples)
        d, model = self.data.dim, self.density
        fake = self._checked("generator", self.generator(theta, z), (self.batch, d)).reshape(self.samples)
        exact = None if model is None or model.draws else lambda x: model.log_prob(theta, x.reshape(-1, d))
        return Parts(packed, fake, partial(self._logits, psi), log_prob=exact)

    def _logits(self, psi: Tensor, x: Tensor) -> Tensor:
        return self._checked("critic", self.critic(psi, x), (len(x), 1), (len(x),))

    def _checked(self, role: str, given: Any, *shapes: tuple[int, ...]) -> Tensor:
        """Return what a network gave, or say that it is not of the shape that is wanted."""
        shape = tuple(given.shape) if isinstance(given, Tensor) else f"a {type(given).__name__}"
        if shape not in shapes:
            model = getattr(self, role)
            raise ValueError(f"the {role} must give a tensor {shapes[0]}, but {model} gave {shape}")
        return given

    @property
    def density(self) -> Likelihood | None:
        return self.generator if isinstance(self.generator, Likelihood) else None

    def noise(self, n: int, key: Key) -> Tensor:
        return self.generator.noise(n, key)

    def generate(self, profile: Profile, noise: Tensor) -> Tensor:
        return self.generator(profile[0], noise)

    @classmethod
    def examples(cls) -> list[AdversarialGame]:
        nets = MLP(2, (4,), 2), MLP(2, (4,), 1)
        packed = cls(nets[0], MLP(4, (4,), 1), Ring(), NonSaturating(), batch=4, pack=2)
        return [cls(*nets, Ring(), Minimax(), batch=4), cls(*nets, Ring(), NonSaturating(), batch=4), packed]
