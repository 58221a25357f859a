"""Normalisations of networks, one a file."""

from gantheory.models.normalisations.batch_norm import BatchNorm
from gantheory.models.normalisations.layer_norm import LayerNorm
from gantheory.models.normalisations.normalisation import Normalisation
from gantheory.models.normalisations.orthonormal import Orthonormal
from gantheory.models.normalisations.reference_batch_norm import ReferenceBatchNorm
from gantheory.models.normalisations.spectral_norm import SpectralNorm
from gantheory.models.normalisations.virtual_batch_norm import VirtualBatchNorm
from gantheory.models.normalisations.weight_norm import WeightNorm


__all__ = [
    "BatchNorm",
    "LayerNorm",
    "Normalisation",
    "Orthonormal",
    "ReferenceBatchNorm",
    "SpectralNorm",
    "VirtualBatchNorm",
    "WeightNorm",
]
