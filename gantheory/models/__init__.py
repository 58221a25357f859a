"""Models: frozen recipes of modules that act on one flat vector."""

from gantheory.models.exact_density import GeneratorDensity
from gantheory.models.flow import Flow
from gantheory.models.likelihood import Likelihood
from gantheory.models.match import match_parameters
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
from gantheory.models.normalised import Normalised
from gantheory.models.real_nvp import RealNVP


__all__ = [
    "MLP",
    "BatchNorm",
    "Flow",
    "GeneratorDensity",
    "LayerNorm",
    "Likelihood",
    "Model",
    "Network",
    "Normalisation",
    "Normalised",
    "Orthonormal",
    "RealNVP",
    "ReferenceBatchNorm",
    "SpectralNorm",
    "VirtualBatchNorm",
    "WeightNorm",
    "match_parameters",
]
