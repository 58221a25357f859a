"""Numerical kernels: a public function, its gradient and a plain-torch reference for each."""

from gantheory.ops import philox
from gantheory.ops.distance import pairwise_distance
from gantheory.ops.neighbour import nearest
from gantheory.ops.summation import kernel_sum


__all__ = ["kernel_sum", "nearest", "pairwise_distance", "philox"]
