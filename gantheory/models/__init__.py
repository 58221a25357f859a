"""Models: frozen recipes of modules that act on one flat vector."""

from gantheory.models.conv_critic import ConvCritic
from gantheory.models.conv_generator import ConvGenerator
from gantheory.models.exact_density import GeneratorDensity
from gantheory.models.flow import Flow
from gantheory.models.likelihood import Likelihood
from gantheory.models.maxout import Maxout
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
    "ConvCritic",
    "ConvGenerator",
    "Flow",
    "GeneratorDensity",
    "LayerNorm",
    "Likelihood",
    "Maxout",
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
]
