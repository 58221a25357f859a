"""Models: frozen recipes of modules that act on one flat vector."""

from gantheory.models.match import match_parameters
from gantheory.models.mlp import MLP
from gantheory.models.model import Flow, Model
from gantheory.models.network import Network
from gantheory.models.real_nvp import RealNVP


__all__ = ["MLP", "Flow", "Model", "Network", "RealNVP", "match_parameters"]
