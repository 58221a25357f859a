"""Planar shapes against closed forms, quadrature and the published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate

import gantheory as gt


def integral(law, value, reach):
    """The integral of ``value(log p, x) p`` over a square, by the trapezoid rule."""
    ticks = torch.linspace(-reach, reach, 800, dtype=torch.float64)
    x = torch.stack(torch.meshgrid(ticks, ticks, indexing="ij"), dim=-1).reshape(-1, 2)
    log_p = law.log_prob(x)
    return float((log_p.exp() * value(log_p, x)).nan_to_num().sum() * (ticks[1] - ticks[0]) ** 2)


@pytest.mark.parametrize(
    "law, reach",
    [
        (gt.Moons(scale=0.2), 4.0),
        (gt.Spirals(turns=0.5, radius=2.0, scale=0.2), 4.0),
        (gt.Circles((1.0, 2.0), scale=0.2), 4.0),
        (gt.BentGaussian("sign", noise=1.0), 9.0),
    ],
)
def test_entropy_and_covariance_by_quadrature(law, reach):
    facts = law.facts()
    assert integral(law, lambda log_p, x: torch.ones_like(log_p), reach) == pytest.approx(1, abs=2e-3)
    assert integral(law, lambda log_p, x: -log_p, reach) == pytest.approx(facts.entropy.value, abs=5e-3)
    square = integral(law, lambda log_p, x: (x - torch.tensor(facts.mean.value)).square().sum(-1), reach)
    assert square == pytest.approx(np.trace(facts.covariance.value), rel=5e-3)


def test_a_spiral_without_turns_is_a_segment():
    law = gt.Spirals(arms=1, turns=1e-13, radius=2.0, scale=0.5)

    def exact(x, y):
        value, _ = integrate.quad(
            lambda s: 2 * s * math.exp(-((x - 2 * s) ** 2 + y**2) / 0.5) / (0.5 * math.pi), 0, 1
        )
        return math.log(value)

    points = torch.tensor([[0.0, 0.0], [1.0, 0.3], [2.5, -1.0], [-1.0, 0.0]], dtype=torch.float64)
    wanted = torch.tensor([exact(*p) for p in points.tolist()], dtype=torch.float64)
    torch.testing.assert_close(law.log_prob(points), wanted, rtol=1e-9, atol=1e-9)


def test_the_published_ring_density_is_not_that_of_its_samples(key):
    """Divided by the circle's radius, not the point's: it normalises, and Stein's identity finds it."""
    x = gt.Circles((5.0,), scale=1.0).sample(40_000, key.to(torch.float64)).requires_grad_()
    r = x.norm(dim=-1)
    wrong = -(r - 5).square() / 2
    right = wrong - r.log()
    for log_p, stein in ((right, -2.0), (wrong, -1.0)):
        (score,) = torch.autograd.grad(log_p.sum(), x, retain_graph=True)
        product = (x * score).sum(-1).detach()
        assert abs(float(product.mean()) - stein) <= 5.7 * float(product.std()) / 200


def test_a_funnel_with_a_limit_by_quadrature():
    law = gt.Funnel.preset("f_wgan")

    def mean(value):
        return integrate.quad(
            lambda v: value(min(math.exp(v), 10.0)) * math.exp(-(v**2) / 8) / math.sqrt(8 * math.pi),
            *(-24, 24),
            points=[math.log(10)],
        )[0]

    facts = law.facts()
    assert facts.covariance.value[1, 1] == pytest.approx(mean(lambda w: w))
    noise = 0.5 * math.log(2 * math.pi * math.e)
    assert facts.entropy.value == pytest.approx(noise + math.log(2) + noise + mean(lambda w: math.log(w) / 2))


@pytest.mark.parametrize("shape", ["crescent", "cubed", "sine", "abs", "sign"])
def test_published_noise(shape):
    noise = {"crescent": math.exp(-1), "cubed": 1.0, "sine": math.exp(-1)}.get(shape, math.exp(-1.5))
    entropy = gt.BentGaussian(shape).facts().entropy.value
    assert entropy == pytest.approx(math.log(2 * math.pi * math.e * noise))


def test_a_gap_moves_the_pieces_apart_and_keeps_number_and_centres():
    boards = [gt.Checkerboard(gap=g).facts() for g in (0.1, 0.5, 1.0)]
    assert [len(b.labels.value) for b in boards] == [8, 8, 8]
    assert [b.topology.value.betti for b in boards] == [(8, 0)] * 3
    for gap, facts in zip((0.1, 0.5, 1.0), boards):
        assert facts.reach.value == pytest.approx(gap / math.sqrt(2))
    assert gt.Checkerboard().facts().topology.value is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: gt.Circles((2.0, 1.0)),
        lambda: gt.Circles(()),
        lambda: gt.Circles((1.0, 2.0), weights=(1.0,)),
        lambda: gt.Grid(angle=math.inf),
        lambda: gt.Funnel(limit=0.0),
        lambda: gt.Moons(scale=0.0),
        lambda: gt.Spirals(arms=0),
        lambda: gt.Checkerboard(gap=2.0),
        lambda: gt.Funnel(dim=1),
        lambda: gt.Banana(scale=-1.0),
        lambda: gt.BentGaussian("circle"),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(ValueError):
        make()


def test_too_little_noise_for_the_density_is_refused():
    with pytest.raises(ValueError, match="raise it"):
        gt.Spirals(scale=1e-4).log_prob(torch.zeros(1, 2))
