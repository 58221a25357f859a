"""Known optimal transport against assignment, linear duality, closed forms and quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from scipy.optimize import linear_sum_assignment

import gantheory as gt
from gantheory.distributions.transport.funnels import drawn


SIGMAS = 6.0  # two-sided false-alarm rate 2e-9 of one normal statistic
FUNNELS = (
    gt.MinFunnels(),
    gt.MinFunnels(funnels=16, dim=2, power=3.0, spread=0.5, seed=1),
    gt.MinFunnels(funnels=5, dim=3, power=0.3, seed=2),
    gt.MinFunnels(funnels=3, dim=1, power=0.5, seed=3),
    gt.MinFunnels(funnels=64, dim=16, seed=4),
)
NORMAL = gt.GaussianMixture(((0.5, -0.5),), (((1.0, 0.3), (0.3, 2.0)),))
MIXED = gt.GaussianMixture(((-2.0,) * 4, (1.0,) * 4), weights=(1.0, 3.0))
PUSHED = (
    gt.ConvexPushforward(NORMAL),
    gt.ConvexPushforward(NORMAL, pieces=8, ridge=0.1, temperature=0.1, seed=1),
    gt.ConvexPushforward(MIXED, pieces=6, strength=4.0, temperature=0.3, seed=2),
)


def _draw(law, key, n):
    return law.sample(n, key.to(torch.float64))


def _optimal(x, y, power):
    """The least average cost of a pairing, by assignment."""
    cost = torch.cdist(x, y).pow(power).numpy()
    return cost[linear_sum_assignment(cost)].mean()


@pytest.mark.parametrize("law", FUNNELS, ids=repr)
def test_no_pairing_beats_the_rays(law, key):
    """Paired draws, with one key, are an optimal plan, and so are their finite samples."""
    x, y = _draw(law.source(), key, 400), _draw(law, key, 400)
    torch.testing.assert_close(law.transport(x), y)
    assert (x - y).norm(dim=-1).mean().item() == pytest.approx(_optimal(x, y, 1), rel=1e-9)


@pytest.mark.parametrize("law", FUNNELS, ids=repr)
def test_the_critic_attains_the_distance(law, key):
    """Duality: a critic of slope 1 whose gap between the laws is the distance."""
    fact, n = law.distance(), 100_000 if law.dim < 4 else 20_000
    target = law.critic(_draw(law, key.child("target"), n))
    source = law.critic(_draw(law.source(), key.child("source"), n))
    error = SIGMAS * float(target.var() + source.var()) ** 0.5 / n**0.5 + fact.error
    assert abs(target.mean() - source.mean() - fact.value) <= error
    assert fact.error < 0.01 * fact.value


@pytest.mark.parametrize("law", FUNNELS, ids=repr)
def test_the_critic_has_slope_one(law, key):
    x = (_draw(law.source(), key.child("x"), 300) * 1.5).requires_grad_()
    y = _draw(law, key.child("y"), 300)
    rise = (law.critic(x) - law.critic(y)).abs()
    assert (rise <= (x - y).norm(dim=-1) * (1 + 1e-12)).all()
    (slope,) = torch.autograd.grad(law.critic(x).sum(), x)
    torch.testing.assert_close(law.critic_gradient(x.detach()), slope, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(slope.norm(dim=-1), torch.ones(300, dtype=torch.float64))
    moved = _draw(law, key, 300)  # along rays: the critic rises by what is moved
    still = _draw(law.source(), key, 300)
    risen = law.critic(moved) - law.critic(still)
    torch.testing.assert_close(risen, (moved - still).norm(dim=-1), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("law", [gt.MinFunnels(spread=0.3, seed=7), gt.MinFunnels(power=0.25)], ids=repr)
def test_funnel_distance_by_brute_force(law):
    funnels = drawn(law.funnels, law.dim, law.half_width, law.spread, law.seed)
    a, b = funnels.centres.numpy(), funnels.offsets.numpy()
    ticks = (np.arange(1200) + 0.5) / 240 - 2.5
    x = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 1, 2)
    distance = np.sqrt(((x - a) ** 2).sum(-1))
    least = distance[np.arange(len(x)), (distance + b).argmin(-1)]
    fact = law.distance()
    wanted = abs(law.power - 1) / (2 + law.power) * least.mean()
    assert fact.value == pytest.approx(wanted, abs=fact.error + 1e-4)


def test_funnels_on_the_line_against_scipy(key):
    law, n = gt.MinFunnels(funnels=3, dim=1, power=4.0), 400_000
    x, y = (_draw(v, key.child(s), n)[:, 0].numpy() for v, s in ((law.source(), "x"), (law, "y")))
    # one sample is off by at most 5 / (2 n^1/2) on average, and by bounded differences rarely much more
    error = 2 * (2.5 + 5 * (math.log(1e9) / 2) ** 0.5) / n**0.5
    assert stats.wasserstein_distance(x, y) == pytest.approx(law.distance().value, abs=error)


@pytest.mark.parametrize("law", FUNNELS, ids=repr)
def test_funnel_fractions_follow_their_law(law, key):
    """At a fraction t^power of its ray, t of density d t^(d-1): where the density's poles are too steep for
    importance sampling."""
    y = _draw(law, key, 20_000)
    funnels = drawn(law.funnels, law.dim, law.half_width, law.spread, law.seed)
    share = funnels.ray(y).fraction.pow(law.dim / law.power)
    assert stats.kstest(share.numpy(), "uniform").pvalue > 1e-8
    assert float(y.abs().max()) <= law.half_width
    if law.power <= 2 * law.dim:  # beyond, some samples are rounded into a pole
        surprise = -law.log_prob(y)
        error = SIGMAS * float(surprise.std()) / len(y) ** 0.5
        assert abs(surprise.mean() - law.facts().entropy.value) <= error


def test_rays_end_at_the_first_border():
    """The end of every ray lies in its cell, and a little farther does not."""
    law = gt.MinFunnels(funnels=6, dim=2, seed=5)
    x = law.half_width * torch.linspace(-0.97, 0.99, 41, dtype=torch.float64)
    x = torch.cartesian_prod(x, x)
    funnels = drawn(law.funnels, law.dim, law.half_width, law.spread, law.seed)
    ray = funnels.ray(x)
    number = funnels.least(x)[1]
    short, far = (ray.centre + (ray.end * c)[:, None] * ray.direction for c in (1 - 1e-9, 1 + 1e-9))
    assert (short.abs() <= law.half_width).all() and (funnels.least(short)[1] == number).all()
    assert ((funnels.least(far)[1] != number) | (far.abs() > law.half_width).any(-1)).all()


@pytest.mark.parametrize("law", PUSHED, ids=repr)
def test_no_pairing_beats_the_convex_gradient(law, key):
    x, y = _draw(law.source(), key, 400), _draw(law, key, 400)
    torch.testing.assert_close(law.transport(x), y)
    assert (x - y).square().sum(-1).mean().item() == pytest.approx(_optimal(x, y, 2), rel=1e-9)


@pytest.mark.parametrize("law", PUSHED, ids=repr)
def test_the_map_is_the_monotone_gradient_of_its_potential(law, key):
    x = (3 * _draw(law.source(), key, 300)).requires_grad_()
    (slope,) = torch.autograd.grad(law.potential(x).sum(), x)
    torch.testing.assert_close(law.transport(x.detach()), slope, rtol=1e-9, atol=1e-9)
    apart = x - x.flip(0)
    assert ((slope - slope.flip(0)) * apart).sum(-1).ge(law.ridge * apart.square().sum(-1) - 1e-9).all()
    middle = law.potential((x + x.flip(0)) / 2)
    assert (middle <= (law.potential(x) + law.potential(x.flip(0))) / 2).all()


@pytest.mark.parametrize("law", PUSHED, ids=repr)
def test_the_inverse_finds_every_point(law, key):
    x = torch.cat((_draw(law.source(), key, 300), 1e4 * key.normal(50, law.dim, dtype=torch.float64)))
    torch.testing.assert_close(law.inverse(law.transport(x)), x, rtol=1e-9, atol=1e-8)
    y = 1e3 * key.child("y").normal(200, law.dim, dtype=torch.float64)
    torch.testing.assert_close(law.transport(law.inverse(y)), y, rtol=1e-12, atol=1e-10)
    with pytest.raises(ValueError, match="finite"):
        law.inverse(torch.full((1, law.dim), math.inf))


@pytest.mark.parametrize("law", PUSHED, ids=repr)
def test_the_squared_distance_is_what_is_moved(law, key):
    moved = (_draw(law, key, 100_000) - _draw(law.source(), key, 100_000)).square().sum(-1)
    fact = law.distance()
    error = SIGMAS * float(moved.std()) / len(moved) ** 0.5 + 2 * fact.value * fact.error
    assert abs(moved.mean() - fact.value**2) <= error


def test_one_piece_is_an_affine_map():
    law = gt.ConvexPushforward(NORMAL, pieces=1, ridge=0.4)
    w = law.transport(torch.zeros(1, 2, dtype=torch.float64))[0].numpy()
    mean, covariance = NORMAL.facts().mean.value, NORMAL.facts().covariance.value
    # the Bures distance of Gaussians whose covariances commute
    square = ((0.4 * mean + w - mean) ** 2).sum() + 0.6**2 * np.trace(covariance)
    facts, fact = law.facts(), law.distance()
    assert fact.value**2 == pytest.approx(square, abs=2 * fact.value * fact.error)
    assert facts.entropy.value == pytest.approx(NORMAL.facts().entropy.value + 2 * math.log(0.4))
    oracle = stats.multivariate_normal(0.4 * mean + w, 0.16 * covariance)
    y = torch.linspace(-2, 2, 12, dtype=torch.float64).reshape(6, 2)
    np.testing.assert_allclose(law.log_prob(y).numpy(), oracle.logpdf(y.numpy()), rtol=1e-9)


def test_on_the_line_by_adaptive_quadrature():
    source = gt.GaussianMixture(((0.3,),), (((1.5,),),))
    law = gt.ConvexPushforward(source, pieces=3, temperature=0.4, seed=6)
    oracle = stats.norm(0.3, 1.5**0.5)

    def mapped(x):
        return law.transport(torch.tensor([[x]], dtype=torch.float64)).item()

    square, _ = integrate.quad(
        lambda x: (mapped(x) - x) ** 2 * oracle.pdf(x), -12, 12, epsabs=1e-9, limit=300
    )
    fact = law.distance()
    assert fact.value**2 == pytest.approx(square, abs=2 * fact.value * fact.error + 1e-8)
    # the monotone map carries the distribution function
    below, _ = integrate.quad(
        lambda y: law.log_prob(torch.tensor([[y]], dtype=torch.float64)).exp().item(),
        -40,
        mapped(0.7),
        limit=400,
    )
    assert below == pytest.approx(oracle.cdf(0.7), abs=1e-7)


@pytest.mark.parametrize("law", PUSHED, ids=repr)
def test_autograd_sees_the_inverse_to_second_order(law, key):
    """The derivative of log_prob's gradient is that of the score, by differences."""
    y = _draw(law, key, 8).requires_grad_()
    along = key.child("along").normal(8, law.dim, dtype=torch.float64)
    (first,) = torch.autograd.grad(law.log_prob(y).sum(), y, create_graph=True)
    (second,) = torch.autograd.grad((first * along).sum(), y)
    step = 1e-5 * along
    change = (law.score(y.detach() + step) - law.score(y.detach() - step)) / 2e-5
    torch.testing.assert_close(second, change, rtol=1e-4, atol=1e-4 * float(change.abs().max()))


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.MinFunnels(funnels=0), "needs a funnel"),
        (lambda: gt.MinFunnels(power=0.0), "positive power"),
        (lambda: gt.MinFunnels(spread=-0.1), "spread from 0 up"),
        (lambda: gt.ConvexPushforward(NORMAL, pieces=0), "needs a piece"),
        (lambda: gt.ConvexPushforward(NORMAL, ridge=0.0), "positive, finite strength, ridge"),
        (lambda: gt.ConvexPushforward(gt.Moons()), "must be a GaussianModes"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
