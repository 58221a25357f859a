"""Numerical kernels: a public function, its gradient and a plain-torch reference for each."""

from gantheory.ops import philox
from gantheory.ops.averaging import kernel_mean
from gantheory.ops.conv_spectral import conv_spectral_norm, conv_spectral_norm_reshaped
from gantheory.ops.distance import pairwise_distance
from gantheory.ops.mixture import mixture
from gantheory.ops.neighbour import knn, nearest
from gantheory.ops.parametrizations import spectral_normalization
from gantheory.ops.radius import radius_count
from gantheory.ops.sinkhorn import sinkhorn, sinkhorn_divergence, transport_map
from gantheory.ops.soft_reductions import log_sum_exp, softmax_average
from gantheory.ops.spanning_tree import minimum_spanning_tree
from gantheory.ops.spectral import spectral_norm, spectral_norms, top_singular_values
from gantheory.ops.spectral_bound import spectral_norm_upper
from gantheory.ops.summation import kernel_sum
from gantheory.ops.wasserstein import sliced_wasserstein, wasserstein_1d


__all__ = [
    "conv_spectral_norm",
    "conv_spectral_norm_reshaped",
    "kernel_mean",
    "kernel_sum",
    "knn",
    "log_sum_exp",
    "minimum_spanning_tree",
    "mixture",
    "nearest",
    "pairwise_distance",
    "philox",
    "radius_count",
    "sinkhorn",
    "sinkhorn_divergence",
    "sliced_wasserstein",
    "softmax_average",
    "spectral_norm",
    "spectral_norm_upper",
    "spectral_normalization",
    "spectral_norms",
    "top_singular_values",
    "transport_map",
    "wasserstein_1d",
]
