"""Facts of a mixture of any laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.algebra.carry import carried, joined_edges, labels_error, shared, worst
from gantheory.distributions.facts import WHOLE_SPACE, Edge, Fact, Facts
from gantheory.distributions.sampled import sampled_entropy


if TYPE_CHECKING:
    from gantheory.distributions.algebra.mixture import Mixture


def blended_facts(law: Mixture) -> Facts:
    """Return the facts of a mixture, each where a rule gives it."""
    parts, w = [part.facts() for part in law.laws], law.shares
    of = {field: [getattr(part, field) for part in parts] for field in Facts.__dataclass_fields__}
    mean = carried(lambda *m: w @ np.array(m), *of["mean"], error=worst(of["mean"]))
    distances, projections = of["support_distance"], of["project"]
    whole = WHOLE_SPACE in distances
    mode_of = Fact(lambda x: law.joint_log_prob(x).argmax(-1), labels_error(w))
    meet = Fact(None, reason="the laws' supports may meet")
    unlabelled = Fact(None, reason=f"which law made a point is not known: {law.no_density}")
    return Facts(
        mean=mean,
        covariance=_covariance(w, mean, of["mean"], of["covariance"]),
        entropy=sampled_entropy(law),
        modes=Fact(None, reason="the laws are not all mixtures of Gaussians"),
        mode_of=unlabelled if law.no_density else mode_of,
        labels=unlabelled if law.no_density else Fact(w),
        support_distance=WHOLE_SPACE if whole else carried(_nearest, *distances),
        project=WHOLE_SPACE if whole else carried(_nearest_point, *distances, *projections),
        noise=shared(of["noise"], "the noise differs between the laws"),
        intrinsic_dimension=shared(of["intrinsic_dimension"], "the laws' dimensions differ"),
        topology=meet,
        reach=meet,
        curvature=meet,
        tail_index=carried(lambda *a: min(a), *of["tail_index"]),
        smoothness=_roughest(carried(lambda *s: s, *of["smoothness"])),
        score_lipschitz=Fact(None, reason="no rule for mixtures"),
        isoperimetric=Fact(None, reason="no bound is known for the pieces of a mixture"),
        edge=Fact(None, reason=f"no density: {law.no_density}")
        if law.no_density
        else _edge(w, of["edge"], law.dim),
    )


def _covariance(w: np.ndarray, mean: Fact, means: list[Fact], covariances: list[Fact]) -> Fact:
    """The law of total covariance; an error e of the means moves it by at most 4 e times their spread."""

    def rule(m: np.ndarray, *parts: np.ndarray) -> np.ndarray:
        count = len(w)
        offset = np.array(parts[:count]) - m
        within = np.einsum("k,kij->ij", w, np.array(parts[count:]))
        return within + np.einsum("k,ki,kj->ij", w, offset, offset)

    found = carried(rule, mean, *means, *covariances)
    if found.value is None:
        return found
    spread = max(float(np.abs(fact.value - mean.value).max()) for fact in means)
    error = worst(means)
    return Fact(found.value, worst(covariances) + 4 * error * (spread + error))


def _nearest(*distances: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return lambda x: torch.stack([distance(x) for distance in distances]).amin(0)


def _nearest_point(*functions: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    count = len(functions) // 2

    def project(x: Tensor) -> Tensor:
        nearest = torch.stack([distance(x) for distance in functions[:count]]).argmin(0)
        points = torch.stack([near(x) for near in functions[count:]], dim=-2)
        return points.gather(-2, nearest[..., None, None].expand(*x.shape[:-1], 1, x.shape[-1])).squeeze(-2)

    return project


def _roughest(exponents: Fact) -> Fact:
    """The smallest exponent, where no other law's equal one could cancel it."""
    if exponents.value is None:
        return exponents
    least = min(exponents.value)
    if least == math.inf or exponents.value.count(least) == 1:
        return Fact(least)
    return Fact(None, reason="the laws are equally rough, so that kinks may cancel")


def _edge(w: np.ndarray, edges: list[Fact], dim: int) -> Fact:
    """Integrals over edges are linear in the density."""

    def rule(*known: Edge) -> Edge:
        flux = w @ np.array([edge.flux for edge in known])
        return Edge(flux, float(w @ [edge.reach for edge in known]))

    return joined_edges(rule, edges, [dim] * len(edges))
