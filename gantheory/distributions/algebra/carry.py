"""How facts of a law become facts of a law made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from gantheory.distributions.facts import NO_EDGE, WHOLE_SPACE, Edge, Fact, Facts, Topology


def carried(rule: Callable[..., Any], *facts: Fact, error: float = 0.0) -> Fact:
    """Return the rule's value of the facts' values, or the reason of the first fact without one."""
    for fact in facts:
        if fact.value is None:
            return Fact(None, reason=fact.reason)
    return Fact(rule(*(fact.value for fact in facts)), error)


def shared(facts: Iterable[Fact], reason: str) -> Fact:
    """Return the value that all facts have, or the reason why there is none."""
    found = carried(lambda *values: values, *facts)
    if found.value is None or len(set(found.value)) > 1:
        return Fact(None, reason=found.reason or reason)
    return Fact(found.value[0])


def joined_edges(rule: Callable[..., Edge], edges: Iterable[Fact], dims: Iterable[int]) -> Fact:
    """Return the rule's edge of densities' edges: `NO_EDGE` counts as nothing, and is what none of them give."""
    found = list(edges)
    if all(edge == NO_EDGE for edge in found):
        return NO_EDGE
    nothing = (Fact(Edge(np.zeros(d), 0.0)) for d in dims)
    return carried(rule, *(zero if edge == NO_EDGE else edge for edge, zero in zip(found, nothing)))


def worst(facts: Iterable[Fact]) -> float:
    """Return the largest error."""
    return max(fact.error for fact in facts)


def total(facts: Iterable[Fact]) -> float:
    """Return the sum of the errors."""
    return sum(fact.error for fact in facts)


def labels_error(shares: np.ndarray) -> float:
    """Return a bound on the share of points whose likeliest label is wrong."""
    return float(1 - shares.max())


def with_flat_support(facts: Facts) -> Facts:
    """Return the facts of a law whose support is the whole space with that space as a shape.

    A subspace or a cylinder is a shape even where the whole space says nothing. Labels on it are the
    likeliest and not exact. Facts of other laws are returned as they are.
    """
    if facts.support_distance != WHOLE_SPACE:
        return facts
    mode_of = carried(lambda f: f, facts.mode_of)
    if mode_of.value is not None:
        mode_of = Fact(mode_of.value, max(facts.mode_of.error, labels_error(facts.labels.value)))
    return replace(
        facts,
        support_distance=Fact(lambda x: x.new_zeros(x.shape[:-1])),
        project=Fact(lambda x: x),
        mode_of=mode_of,
        noise=Fact(0.0),
        topology=Fact(Topology((1,), "the support")),
        reach=Fact(np.inf),
        curvature=Fact(0.0),
    )
