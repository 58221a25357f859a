"""Games: everything that trains."""

from gantheory.games.adversarial import Adversarial, AdversarialGame, Parts
from gantheory.games.bilinear import Bilinear
from gantheory.games.dirac import DiracGAN
from gantheory.games.four_player import FourPlayer
from gantheory.games.game import Game, Generates
from gantheory.games.kernel_game import KernelGame
from gantheory.games.likelihood import LikelihoodGame
from gantheory.games.linear_field import LinearField
from gantheory.games.linear_quadratic_gaussian import LinearQuadraticGaussian
from gantheory.games.logistic import Logistic
from gantheory.games.lqgan import LQGAN
from gantheory.games.objectives import (
    FGAN,
    AlphaDivergence,
    Hinge,
    LeastSquares,
    MaximumLikelihoodCost,
    Minimax,
    NonSaturating,
    Objective,
    Relativistic,
    SmoothedLabels,
    Wasserstein,
)
from gantheory.games.penalties import DRAGAN, R1, R2, GradientPenalty, Penalty
from gantheory.games.quadratic import Quadratic
from gantheory.games.random_quadratic import RandomQuadratic
from gantheory.games.robust_regression import RobustRegression
from gantheory.games.saddle import Saddle
from gantheory.games.stochastic_bilinear import StochasticBilinear
from gantheory.games.two_gaussians import TwoGaussians
from gantheory.games.variational import VariationalGame
from gantheory.games.with_expected_noise import WithExpectedNoise
from gantheory.games.with_instance_noise import WithInstanceNoise
from gantheory.games.with_likelihood import WithLikelihood
from gantheory.games.with_penalty import WithPenalty


__all__ = [
    "DRAGAN",
    "FGAN",
    "LQGAN",
    "R1",
    "R2",
    "Adversarial",
    "AdversarialGame",
    "AlphaDivergence",
    "Bilinear",
    "DiracGAN",
    "FourPlayer",
    "Game",
    "Generates",
    "GradientPenalty",
    "Hinge",
    "KernelGame",
    "LeastSquares",
    "LikelihoodGame",
    "LinearField",
    "LinearQuadraticGaussian",
    "Logistic",
    "MaximumLikelihoodCost",
    "Minimax",
    "NonSaturating",
    "Objective",
    "Parts",
    "Penalty",
    "Quadratic",
    "RandomQuadratic",
    "Relativistic",
    "RobustRegression",
    "Saddle",
    "SmoothedLabels",
    "StochasticBilinear",
    "TwoGaussians",
    "VariationalGame",
    "Wasserstein",
    "WithExpectedNoise",
    "WithInstanceNoise",
    "WithLikelihood",
    "WithPenalty",
]
