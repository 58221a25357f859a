"""The only bridge: the losses that theory writes in the papers' letters, against the games' autodiff."""

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory import theory


KINDS = ("kl", "reverse-kl", "pearson", "neyman", "hellinger", "jensen-shannon", "gan")
OBJECTIVES = {
    "gan": gt.Minimax(),
    "nsgan": gt.NonSaturating(),
    "wgan": gt.Wasserstein(),
    "lsgan": gt.LeastSquares(),
    "lsgan-signed": gt.LeastSquares(-1.0, 1.0, 1.0),
    "hinge": gt.Hinge(),
    "mle": gt.MaximumLikelihoodCost(),
} | {f"f-{kind}": gt.FGAN(kind) for kind in KINDS}
POINTS = np.random.default_rng(0).normal(scale=2.0, size=(25, 2))
WEIGHTS = (0.0, 0.3, 2.0)


def both(objective: str, weight: float):
    game = gt.WithPenalty(gt.DiracGAN(OBJECTIVES[objective]), gt.R1(weight))
    return game, {"objective": objective, "weight": weight}


def field(game, w: torch.Tensor) -> torch.Tensor:
    """Each player's gradient of its own loss, stacked, differentiable again."""
    profile = w.split(list(game.sizes))
    losses = game.losses(profile, batch=())
    slopes = [torch.autograd.grad(loss, x, create_graph=True)[0] for loss, x in zip(losses, profile)]
    return torch.cat(slopes)


def jacobian(v: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """Row by row, with zeros where a row is constant."""
    rows = [
        torch.autograd.grad(entry, w, retain_graph=True, materialize_grads=True)[0]
        if entry.requires_grad
        else torch.zeros_like(w)
        for entry in v
    ]
    return torch.stack(rows)


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
        expected = theory.dirac_jacobian(*point, **options)
        np.testing.assert_allclose(jacobian(v, w), expected, rtol=1e-12, atol=1e-12)


def test_equilibria_are_zeros_of_theorys_field():
    for objective in OBJECTIVES:
        game, options = both(objective, 0.3)
        for point in game.equilibria():
            assert theory.dirac_field(*point, **options).tolist() == [0, 0]


MATRICES = gt.RandomQuadratic((2, 1, 2), mu=0.3, smoothness=2.0, rotation=1.5).matrices()
MATRIX = ((1.0, 2.0, 0.5), (0.0, -1.0, 3.0))
GAMES = [
    (gt.Bilinear(MATRIX), "bilinear", {"matrix": MATRIX}),
    (gt.FourPlayer(0.25), "four-player", {"epsilon": 0.25}),
    (gt.LQGAN(mean=0.5, deviation=2.0), "lq-gan", {"mu": 0.5, "sigma": 2.0}),
    (gt.TwoGaussians((-0.5, 2.0)), "two-gaussians", {"mu": (-0.5, 2.0)}),
    (gt.LinearQuadraticGaussian((4.0, 1.0), rank=1), "lqg", {"variances": (4.0, 1.0), "r": 1, "delta": 0.1}),
    (gt.LinearQuadraticGaussian((4.0, 1.0), rank=2), "lqg", {"variances": (4.0, 1.0), "r": 2, "delta": 0.1}),
    (
        gt.Quadratic((2, 1, 2), *MATRICES, centre=(1.0, 0.0, -1.0, 0.5, 2.0)),
        "quadratic",
        dict(zip("SA", MATRICES)) | {"sizes": (2, 1, 2), "centre": (1.0, 0.0, -1.0, 0.5, 2.0)},
    ),
    (
        gt.RandomQuadratic((2, 1, 2), mu=0.3, smoothness=2.0, rotation=1.5),
        "quadratic",
        dict(zip("SA", MATRICES)) | {"sizes": (2, 1, 2)},
    ),
]


@pytest.mark.parametrize(("game", "named", "constants"), GAMES, ids=[repr(game)[:50] for game, *_ in GAMES])
def test_small_games(game, named, constants):
    """Losses, field and Jacobian at random points, as float64 rounds them."""
    expressions = theory.game_expressions(named, **constants)
    assert tuple(map(len, expressions.players)) == game.sizes
    for point in np.random.default_rng(1).normal(size=(10, sum(game.sizes))):
        losses, v, J = theory.game_values(expressions, point)
        w = torch.tensor(point, requires_grad=True)
        found = torch.stack(game.losses(w.split(list(game.sizes)), batch=())).detach()
        slopes = field(game, w)
        close = {"rtol": 1e-12, "atol": 1e-12 * max(1.0, abs(J).max())}
        np.testing.assert_allclose(found, losses, **close)
        np.testing.assert_allclose(slopes.detach(), v, **close)
        np.testing.assert_allclose(jacobian(slopes, w), J, **close)
    for equilibrium in game.equilibria():
        assert abs(theory.game_values(expressions, equilibrium)[1]).max() <= 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_f_gans_best_critic_reaches_theorys_divergence(kind):
    """At theory's best output the game's critic loses minus the divergence."""
    p, q = np.array([3, 1, 4, 2]) / 10, np.array([1, 5, 2, 2]) / 10
    objective, logit = gt.FGAN(kind), gt.FGAN(kind).optimal_logit(torch.tensor(np.log(p / q)))
    counts = [torch.tensor((10 * mass).round().astype(int)) for mass in (p, q)]
    real, fake = (logit.repeat_interleave(count) for count in counts)
    expected = theory.f_divergence(p, q, kind=kind)
    assert objective.critic_loss(real, fake).item() == pytest.approx(-float(expected), rel=1e-12)
    outputs = [
        -objective.critic_loss(a[None], a[None]) - objective.generator_loss(None, a[None]) for a in logit
    ]
    best = theory.optimal_variational(p, q, kind=kind)
    np.testing.assert_allclose([output.item() for output in outputs], best, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("objective", ["gan", "nsgan", "wgan", "lsgan-signed"])
def test_noise_and_consensus_at_points(objective):
    """The Jacobian under expected noise, and a step of consensus from anywhere."""
    noisy = gt.WithExpectedNoise(gt.DiracGAN(OBJECTIVES[objective]), 0.7)
    w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    J = theory.dirac_noise_jacobian(0.7, objective=objective)
    np.testing.assert_allclose(jacobian(field(noisy, w), w), J, atol=1e-12)
    rule = gt.Consensus(gt.SGD(1.0), weight=0.8)
    start = torch.tensor(POINTS)
    game = gt.DiracGAN(OBJECTIVES[objective])
    runs = gt.simulate(game, rule, steps=1, start=start, population=len(start), key=gt.Key(0))
    v = theory.dirac_consensus_field(*POINTS.T, weight=0.8, objective=objective)
    np.testing.assert_allclose(POINTS - runs.points[:, -1].numpy(), v, rtol=1e-9, atol=1e-11)
