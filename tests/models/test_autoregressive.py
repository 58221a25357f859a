"""Autoregressive models, against scipy, quadrature and the order they promise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import integrate, stats

import gantheory as gt
from gantheory.models.coordinate_law import CoordinateLaw


def _away(model, key):
    return 2 * model.init(key.to(torch.float64))


def test_a_mixture_of_laws_is_scipys(key):
    phi = key.normal(4, 9, dtype=torch.float64)
    x = np.linspace(-4, 4, 4)
    logits, m, log_s = phi.reshape(4, 3, 3).unbind(1)
    weights = torch.softmax(logits, -1).numpy()
    for kind, law in (("gaussian", stats.norm), ("logistic", stats.logistic)):
        expected = np.log((weights * law.pdf(x[:, None], m.numpy(), log_s.exp().numpy())).sum(-1))
        found = CoordinateLaw(kind, components=3).log_prob(phi, torch.from_numpy(x))
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_logistic_numbers_are_scipys_quantiles_and_drawn_for_a_population(key):
    phi, noise = torch.zeros(3, 50, 2), key.split(3).normal(50, 1)
    found = torch.func.vmap(CoordinateLaw("logistic").draw)(phi, noise)
    expected = stats.logistic.ppf(stats.norm.cdf(noise[..., 0].double()))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("spread", [-7.0, 0.0, 3.0])
def test_discretised_logistic_is_the_difference_of_scipys_cdf(spread, key):
    """From scales far below a level to far above the range; the ends take the tails."""
    levels = 6
    law = CoordinateLaw("logistic", levels=levels)
    phi = torch.stack((key.normal(1, dtype=torch.float64), torch.full((1,), spread, dtype=torch.float64)), -1)
    middle, half = (levels - 1) / 2, (levels - 1) / 2
    cell = stats.logistic(middle + half * phi[0, 0].item(), half * np.exp(spread))
    ends = np.array([-np.inf, *np.arange(levels - 1) + 0.5, np.inf])
    # of two differences, that of the survival functions and that of the distribution, one is exact
    expected = np.maximum(np.diff(cell.cdf(ends)), -np.diff(cell.sf(ends)))
    found = law.log_prob(phi.expand(levels, 2), torch.arange(levels, dtype=torch.float64)).exp()
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-300)
    assert found.sum().item() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("model", [m for m in gt.MADE.examples() if m.levels is None], ids=repr)
def test_integrates_to_one_before_and_after_training(model, key):
    """By Simpson's rule, in two dimensions."""
    game = gt.LikelihoodGame(
        gt.MADE(2, model.hidden, model.conditional, model.components), gt.Ring(), batch=64
    )
    runs = gt.simulate(
        game, gt.Simultaneous(gt.Adam(1e-2)), steps=100, record=100, dtype=torch.float64, key=key
    )
    axis = torch.linspace(-40, 40, 801, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    for w in runs.points[0]:
        density = game.model.log_prob(w, grid).exp().reshape(801, 801)
        assert integrate.simpson(integrate.simpson(density, axis), axis) == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("model", [*gt.MADE.examples(), *gt.PixelCNN.examples()], ids=repr)
def test_a_coordinate_hangs_on_those_before_alone(model, key):
    """A change of coordinate j leaves the laws of 0 to j as they are, and moves every later one."""
    w = _away(model, key)
    with torch.random.fork_rng(devices=[]):
        module = model.build().double()
    module.load_state_dict(model.state_dict(w))
    x = model.sample(w, 64, key.to(torch.float64))
    laws = module.laws(x)
    for j in range(model.dim):
        other = x.clone()
        other[:, j] = (other[:, j] + 1) % model.levels if model.levels else other[:, j] + 3
        moved = (module.laws(other) - laws).abs().amax((0, 2)) > 0
        assert not moved[: j + 1].any()
        assert moved[j + 1 :].all() or isinstance(model, gt.PixelCNN)


@pytest.mark.parametrize("kernel, layers", [(3, 0), (3, 1), (5, 0), (3, 3)])
def test_what_a_pixel_sees(kernel, layers, key):
    """Chains of one step to a pixel before within the kernel and of steps that may also stay."""
    model = gt.PixelCNN(4, channels=8, layers=layers, kernel=kernel)
    places = [(i, j) for i in range(4) for j in range(4)]
    near = [
        [max(abs(i - k), abs(j - m)) <= kernel // 2 and (k, m) < (i, j) for k, m in places] for i, j in places
    ]
    step = np.array(near)
    expected = step
    for _ in range(layers):
        expected = (step | np.eye(16, dtype=bool)) @ expected
    w = _away(model, key)
    x = key.child("x").integers(2, 64, 16).double()
    slopes = torch.func.jacrev(lambda v: model.call(w, v, method="laws").sum(2))(x).abs().sum(0)
    seen = slopes.sum(1) if slopes.dim() == 3 else slopes
    assert np.array_equal((seen > 0).numpy(), expected)


def test_pixels_learn_the_entropy_of_small_pictures(key):
    """Triangles of 4 x 4 black and white pixels: of 20,000 the frequencies' entropy is within 0.01 of the law's.

    No model is below it beyond 5.7 standard errors; a network that sees all pixels comes within 0.3 nat.
    """
    truth = gt.Quantised(gt.Triangles(size=4), levels=2)
    x = truth.sample(20_000, key.child("test"))
    _, counts = x.unique(dim=0, return_counts=True)
    entropy = -(counts / 2e4 * (counts / 2e4).log()).sum().item()
    game = gt.LikelihoodGame(gt.PixelCNN(4, channels=16, layers=1, kernel=5), truth, batch=128)
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(5e-3)), steps=250, population=2, key=key)
    loss = -runs.log_prob(x)
    assert (loss.mean(1) > entropy - 0.01 - 5.7 * loss.std(1) / 2e4**0.5).all()
    assert (loss.mean(1) < entropy + 0.3).all()


def test_training_reaches_the_entropy_of_a_law_in_reach(key):
    """x_2 given x_1 is normal about a parabola, x_1 normal: within 0.05 nat, and never below the entropy."""
    truth = gt.Banana(dim=2)
    game = gt.LikelihoodGame(gt.MADE(2, hidden=(32, 32)), truth, batch=256)
    rule = gt.Simultaneous(gt.Adam(5e-3))
    runs = gt.simulate(game, rule, steps=600, population=2, key=key)
    gap = gt.negative_log_likelihood(runs, truth, key=key)
    assert (gap.value - gap.floor > -5.7 * gap.stderr).all()
    assert (gap.value - gap.floor).max() < 0.2


def test_refusals():
    for options, match in (
        ({"levels": 1}, "levels must be at least 2"),
        ({"levels": 4}, "logistic or categorical"),
        ({"conditional": "categorical"}, "needs levels"),
        ({"components": 0}, "components"),
        ({"hidden": (0,)}, "widths"),
    ):
        with pytest.raises(ValueError, match=match):
            gt.MADE(2, **options)
    with pytest.raises(ValueError, match="an odd kernel"):
        gt.PixelCNN(4, kernel=2)
    with pytest.raises(ValueError, match="levels"):
        gt.PixelCNN(4, levels=1)
