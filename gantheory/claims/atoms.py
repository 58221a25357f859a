"""Pairs of measures on the same atoms, as counts of samples: an objective's means are then their integrals."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from gantheory.games import FGAN, Hinge, LeastSquares, Minimax, Objective


Counts = tuple[tuple[int, ...], tuple[int, ...]]
"""Counts of real and of generated samples on every atom."""

Divergence = Literal["JSD", "TV", "KL", "H^2", "Delta"]


def counted(*, least: int = 1, atoms: int = 10) -> st.SearchStrategy[Counts]:
    """Draw up to 60 real and generated samples on each of up to so many atoms, and at least ``least`` of each.

    With ``least=0`` either measure may miss atoms of the other. Two atoms with mirrored counts, at which many
    inequalities are equalities, are drawn as often as all others.
    """
    number = st.integers(least, 60)
    pair = st.tuples(number, number).filter(any)
    general = st.lists(pair, min_size=1, max_size=atoms).map(lambda rows: tuple(zip(*rows)))
    mirrored = pair.map(lambda two: (two, two[::-1]))
    return (mirrored | general).filter(lambda counts: any(counts[0]) and any(counts[1]))  # type: ignore[return-value]


def masses(counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """Return both probability vectors."""
    p, q = (np.array(part) / sum(part) for part in counts)
    return p, q


def log_ratio(counts: Counts) -> Tensor:
    """Return ``log p/q`` of every atom, infinite where one of the two has no mass."""
    p, q = (torch.from_numpy(part) for part in masses(counts))
    return p.log() - q.log()


def samples_of(counts: Counts, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the logit of every real and of every generated sample."""
    real, fake = (logits.repeat_interleave(torch.tensor(part)) for part in counts)
    return real, fake


def best_critic_loss(objective: Objective, counts: Counts) -> float:
    """Return the critic's loss at the logits that the objective calls best."""
    logits = objective.optimal_logit(log_ratio(counts))
    if logits is None:
        raise ValueError(f"{objective} knows no best logit")
    return objective.critic_loss(*samples_of(counts, logits)).item()


def measured(counts: Counts, divergence: Divergence) -> float:
    """Return a divergence of the two measures, as the best critic of an objective measures it."""
    if divergence == "JSD":
        return (math.log(4) - best_critic_loss(Minimax(), counts)) / 2
    if divergence == "TV":
        return 1 - best_critic_loss(Hinge(), counts) / 2
    if divergence == "KL":
        return -best_critic_loss(FGAN("kl"), counts)
    if divergence == "H^2":
        return -best_critic_loss(FGAN("hellinger"), counts) / 2
    objective = LeastSquares(-1.0, 1.0, 0.0)
    logits = objective.optimal_logit(log_ratio(counts))
    return 2 * sum(objective.generator_loss(None, part).item() for part in samples_of(counts, logits))


def costs(objective: Objective, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the critic pays for a real and for a generated sample at each logit ``(n,)``.

    The other sample of the pair is one that costs nothing, which minimax and hinge losses have at 1000.
    """
    sure = logits.new_full((1,), 1000.0)
    real = torch.func.vmap(lambda a: objective.critic_loss(a[None], -sure))(logits)
    fake = torch.func.vmap(lambda a: objective.critic_loss(sure, a[None]))(logits)
    return real, fake


def best_logits(loss: Callable[[Tensor], Tensor], count: int) -> Tensor:
    """Minimise a loss ``sum_i A_i softplus(-a_i) + B_i softplus(a_i)`` over ``count`` logits, by Newton's method.

    No line search is needed: from 0 to a positive optimum the gradient is concave (convex to a negative one),
    so Newton's iterates approach it from one side.
    """
    logits = torch.zeros(count, dtype=torch.float64)
    for _ in range(50):
        a = logits.clone().requires_grad_()
        (slope,) = torch.autograd.grad(loss(a), a, create_graph=True)
        (curvature,) = torch.autograd.grad(slope.sum(), a)  # a sum over logits: the Hessian is diagonal
        step = slope.detach() / curvature
        logits = logits - step
        if step.abs().max() < 1e-13:
            break
    return logits
