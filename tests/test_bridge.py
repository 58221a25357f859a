"""The only bridge: theory's Dirac-GAN, written by hand, against the games' autodiff."""

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory import theory


OBJECTIVES = {"gan": gt.Minimax(), "nsgan": gt.NonSaturating(), "wgan": gt.Wasserstein()}
POINTS = np.random.default_rng(0).normal(scale=2.0, size=(25, 2))
WEIGHTS = (0.0, 0.3, 2.0)


def both(objective: str, weight: float):
    game = gt.WithPenalty(gt.DiracGAN(OBJECTIVES[objective]), gt.R1(weight))
    return game, {"objective": objective, "weight": weight}


def field(game, w: torch.Tensor) -> torch.Tensor:
    """Each player's gradient of its own loss, stacked, differentiable again."""
    theta, psi = w[:1], w[1:]
    losses = game.losses((theta, psi), batch=())
    slopes = [torch.autograd.grad(loss, x, create_graph=True)[0] for loss, x in zip(losses, (theta, psi))]
    return torch.cat(slopes)


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_losses(objective, weight):
    game, options = both(objective, weight)
    for theta, psi in POINTS:
        profile = (torch.tensor([theta]), torch.tensor([psi]))
        found = [float(loss) for loss in game.losses(profile, batch=())]
        np.testing.assert_allclose(found, theory.dirac_losses(theta, psi, **options), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_field_and_jacobian(objective, weight):
    game, options = both(objective, weight)
    for point in POINTS:
        w = torch.tensor(point, requires_grad=True)
        v = field(game, w)
        np.testing.assert_allclose(v.detach(), theory.dirac_field(*point, **options), rtol=1e-12, atol=1e-12)
        rows = [torch.autograd.grad(v[i], w, retain_graph=True, allow_unused=True)[0] for i in range(2)]
        jacobian = torch.stack([torch.zeros(2, dtype=w.dtype) if row is None else row for row in rows])
        expected = theory.dirac_jacobian(*point, **options)
        np.testing.assert_allclose(jacobian, expected, rtol=1e-12, atol=1e-12)


def test_equilibria_are_zeros_of_theorys_field():
    for objective in OBJECTIVES:
        game, options = both(objective, 0.3)
        for point in game.equilibria():
            assert theory.dirac_field(*point, **options).tolist() == [0, 0]
