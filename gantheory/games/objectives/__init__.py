"""Adversarial objectives, one a file."""

from gantheory.games.objectives.alpha_divergence import AlphaDivergence
from gantheory.games.objectives.f_gan import FGAN
from gantheory.games.objectives.hinge import Hinge
from gantheory.games.objectives.least_squares import LeastSquares
from gantheory.games.objectives.maximum_likelihood_cost import MaximumLikelihoodCost
from gantheory.games.objectives.minimax import Minimax
from gantheory.games.objectives.non_saturating import NonSaturating
from gantheory.games.objectives.objective import Objective
from gantheory.games.objectives.relativistic import Relativistic
from gantheory.games.objectives.smoothed_labels import SmoothedLabels
from gantheory.games.objectives.wasserstein import Wasserstein


__all__ = [
    "FGAN",
    "AlphaDivergence",
    "Hinge",
    "LeastSquares",
    "MaximumLikelihoodCost",
    "Minimax",
    "NonSaturating",
    "Objective",
    "Relativistic",
    "SmoothedLabels",
    "Wasserstein",
]
