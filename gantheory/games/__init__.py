"""Games: everything that trains."""

from gantheory.games.adversarial import Adversarial, AdversarialGame, Parts
from gantheory.games.bilinear import Bilinear
from gantheory.games.dirac import DiracGAN
from gantheory.games.game import Game, Generates
from gantheory.games.likelihood import LikelihoodGame
from gantheory.games.objectives import (
    FGAN,
    Hinge,
    LeastSquares,
    MaximumLikelihoodCost,
    Minimax,
    NonSaturating,
    Objective,
    Wasserstein,
)
from gantheory.games.penalties import DRAGAN, R1, R2, GradientPenalty, Penalty
from gantheory.games.with_penalty import WithPenalty


__all__ = [
    "DRAGAN",
    "FGAN",
    "R1",
    "R2",
    "Adversarial",
    "AdversarialGame",
    "Bilinear",
    "DiracGAN",
    "Game",
    "Generates",
    "GradientPenalty",
    "Hinge",
    "LeastSquares",
    "LikelihoodGame",
    "MaximumLikelihoodCost",
    "Minimax",
    "NonSaturating",
    "Objective",
    "Parts",
    "Penalty",
    "Wasserstein",
    "WithPenalty",
]
