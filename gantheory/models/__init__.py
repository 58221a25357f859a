"""Models: frozen recipes of modules that act on one flat vector."""

from gantheory.models.boxed import Boxed
from gantheory.models.cnf import CNF
from gantheory.models.dequantised import Dequantised
from gantheory.models.exact_density import GeneratorDensity
from gantheory.models.flow import Flow
from gantheory.models.glow import Glow
from gantheory.models.inverse import Inverse
from gantheory.models.likelihood import Likelihood
from gantheory.models.maf import MAF
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
from gantheory.models.planar import Planar
from gantheory.models.radial import Radial
from gantheory.models.real_nvp import RealNVP
from gantheory.models.sos import SOS
from gantheory.models.student_base import StudentBase
from gantheory.models.sylvester import Sylvester


__all__ = [
    "CNF",
    "MAF",
    "MLP",
    "NAF",
    "NICE",
    "NSF",
    "SOS",
    "BatchNorm",
    "Boxed",
    "Dequantised",
    "Flow",
    "GeneratorDensity",
    "Glow",
    "Inverse",
    "LayerNorm",
    "Likelihood",
    "Model",
    "Network",
    "Normalisation",
    "Normalised",
    "Orthonormal",
    "Planar",
    "Radial",
    "RealNVP",
    "ReferenceBatchNorm",
    "SpectralNorm",
    "StudentBase",
    "Sylvester",
    "VirtualBatchNorm",
    "WeightNorm",
]
