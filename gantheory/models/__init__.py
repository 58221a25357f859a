"""Models: frozen recipes of modules that act on one flat vector."""

from gantheory.models.boxed import Boxed
from gantheory.models.cnf import CNF
from gantheory.models.conv_critic import ConvCritic
from gantheory.models.conv_generator import ConvGenerator
from gantheory.models.dequantised import Dequantised
from gantheory.models.exact_density import GeneratorDensity
from gantheory.models.flow import Flow
from gantheory.models.gaussian_mixture_model import GaussianMixtureModel
from gantheory.models.glow import Glow
from gantheory.models.inverse import Inverse
from gantheory.models.likelihood import Likelihood
from gantheory.models.made import MADE
from gantheory.models.maf import MAF
from gantheory.models.match import match_parameters
from gantheory.models.maxout import Maxout
from gantheory.models.mlp import MLP
from gantheory.models.model import Model
from gantheory.models.naf import NAF
from gantheory.models.network import Network
from gantheory.models.nice import NICE
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
from gantheory.models.nsf import NSF
from gantheory.models.pixel_cnn import PixelCNN
from gantheory.models.planar import Planar
from gantheory.models.radial import Radial
from gantheory.models.real_nvp import RealNVP
from gantheory.models.sos import SOS
from gantheory.models.student_base import StudentBase
from gantheory.models.sylvester import Sylvester
from gantheory.models.vae import VAE


__all__ = [
    "CNF",
    "MADE",
    "MAF",
    "MLP",
    "NAF",
    "NICE",
    "NSF",
    "SOS",
    "VAE",
    "BatchNorm",
    "Boxed",
    "ConvCritic",
    "ConvGenerator",
    "Dequantised",
    "Flow",
    "GaussianMixtureModel",
    "GeneratorDensity",
    "Glow",
    "Inverse",
    "LayerNorm",
    "Likelihood",
    "Maxout",
    "Model",
    "Network",
    "Normalisation",
    "Normalised",
    "Orthonormal",
    "PixelCNN",
    "Planar",
    "Radial",
    "RealNVP",
    "ReferenceBatchNorm",
    "SpectralNorm",
    "StudentBase",
    "Sylvester",
    "VirtualBatchNorm",
    "WeightNorm",
    "match_parameters",
]
