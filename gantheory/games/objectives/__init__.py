"""Adversarial objectives, one a file."""

from gantheory.games.objectives.minimax import Minimax
from gantheory.games.objectives.non_saturating import NonSaturating
from gantheory.games.objectives.objective import Objective
from gantheory.games.objectives.wasserstein import Wasserstein


__all__ = ["Minimax", "NonSaturating", "Objective", "Wasserstein"]
