"""Games: everything that trains."""

from gantheory.games.adversarial import Adversarial, AdversarialGame, Parts
from gantheory.games.bilinear import Bilinear
from gantheory.games.dirac import DiracGAN
from gantheory.games.game import Game, Generates
from gantheory.games.likelihood import LikelihoodGame
from gantheory.games.objectives import Minimax, NonSaturating, Objective, Wasserstein
from gantheory.games.penalties import R1, Penalty
from gantheory.games.with_penalty import WithPenalty


__all__ = [
    "R1",
    "Adversarial",
    "AdversarialGame",
    "Bilinear",
    "DiracGAN",
    "Game",
    "Generates",
    "LikelihoodGame",
    "Minimax",
    "NonSaturating",
    "Objective",
    "Parts",
    "Penalty",
    "Wasserstein",
    "WithPenalty",
]
