"""Pairs of laws between which optimal transport is known."""

from gantheory.distributions.transport.convex_pushforward import ConvexPushforward
from gantheory.distributions.transport.min_funnels import MinFunnels


__all__ = ["ConvexPushforward", "MinFunnels"]
