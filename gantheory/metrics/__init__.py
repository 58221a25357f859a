"""Metrics: samples against the truth, one function a file."""

from gantheory.metrics.energy_distance import energy_distance
from gantheory.metrics.learning_outcome import LearningOutcome, learning_outcome
from gantheory.metrics.mode_coverage import mode_coverage
from gantheory.metrics.negative_log_likelihood import negative_log_likelihood
from gantheory.metrics.quality_share import quality_share
from gantheory.metrics.sliced_wasserstein import sliced_wasserstein


__all__ = [
    "LearningOutcome",
    "energy_distance",
    "learning_outcome",
    "mode_coverage",
    "negative_log_likelihood",
    "quality_share",
    "sliced_wasserstein",
]
