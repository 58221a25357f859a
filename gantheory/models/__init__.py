"""Models: frozen recipes of modules that act on one flat vector."""

from gantheory.models.exact_density import GeneratorDensity
from gantheory.models.fit_em import fit_em
from gantheory.models.flow import Flow
from gantheory.models.gaussian_mixture_model import GaussianMixtureModel
from gantheory.models.likelihood import Likelihood
from gantheory.models.made import MADE
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
from gantheory.models.pixel_cnn import PixelCNN
from gantheory.models.real_nvp import RealNVP
from gantheory.models.vae import VAE


__all__ = [
    "MADE",
    "MLP",
    "VAE",
    "BatchNorm",
    "Flow",
    "GaussianMixtureModel",
    "GeneratorDensity",
    "LayerNorm",
    "Likelihood",
    "Model",
    "Network",
    "Normalisation",
    "Normalised",
    "Orthonormal",
    "PixelCNN",
    "RealNVP",
    "ReferenceBatchNorm",
    "SpectralNorm",
    "VirtualBatchNorm",
    "WeightNorm",
    "fit_em",
]
