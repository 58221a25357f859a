"""Heavy and light tails against scipy, torch, characteristic functions and the laws' own symmetries."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

import gantheory as gt
from gantheory.distributions.tails.stable_density import log_density, stable_table


SIGMAS = 6.0  # two-sided false-alarm rate 2e-9 of one normal statistic
N = 40_000
FAMILIES = (
    *(gt.Student(nu=nu, dim=d, mad=0.7) for nu in (0.5, 1.0, 3.0, 30.0) for d in (1, 2, 5)),
    *(gt.GeneralisedGaussian(beta=b, dim=2, mad=0.7) for b in (0.5, 1.0, 2.0, 8.0)),
    *(gt.ParetoRadial(alpha=a, dim=d, mad=0.7) for a in (0.5, 3.0) for d in (1, 2, 5)),
    *(gt.AlphaStable(alpha=a, dim=d, mad=0.7) for a in (0.5, 1.0, 1.9, 2.0) for d in (1, 3)),
)


def _draw(law, key, n=N):
    return law.sample(n, key.to(torch.float64))


@pytest.mark.parametrize("law", FAMILIES, ids=repr)
def test_the_dial_holds_the_median_absolute_deviation(law, key):
    inside = (_draw(law, key).abs() <= law.mad).double().mean(0)
    assert ((inside - 0.5).abs() <= SIGMAS * 0.5 / N**0.5).all()


@pytest.mark.parametrize("nu", [0.5, 1.0, 3.0, 30.0])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_student_is_scipys(nu, d, key):
    law = gt.Student(nu=nu, dim=d, mad=0.7)
    x = _draw(law, key, 4_000).numpy()
    oracle = stats.multivariate_t(np.zeros(d), law.scale**2 * np.eye(d), df=nu)
    np.testing.assert_allclose(law.log_prob(torch.tensor(x)).numpy(), oracle.logpdf(x), rtol=1e-9, atol=1e-9)
    assert law.facts().entropy.value == pytest.approx(oracle.entropy(), rel=1e-9)
    line = np.ones(d) / d**0.5
    for u in (np.eye(d)[0], np.eye(d)[-1], line):  # the elliptical t is a t along every direction
        assert stats.kstest(x @ u, stats.t(nu, scale=law.scale).cdf).pvalue > 1e-8
    radius = (x**2).sum(-1) / d / law.scale**2
    assert stats.kstest(radius, stats.f(d, nu).cdf).pvalue > 1e-8


def test_students_moments_are_scipys():
    law = gt.Student(nu=4.5, mad=0.7)
    assert law.facts().covariance.value.item() == pytest.approx(stats.t(4.5, scale=law.scale).var())
    assert gt.Student(nu=2.0).facts().covariance.value is None
    assert gt.Student(nu=1.0).facts().mean.value is None


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0, 8.0])
def test_generalised_gaussian_is_scipys(beta, key):
    law = gt.GeneralisedGaussian(beta=beta, mad=0.7)
    oracle = stats.gennorm(beta, scale=law.scale.item())
    x = _draw(law, key)
    assert stats.kstest(x[:, 0].numpy(), oracle.cdf).pvalue > 1e-8
    np.testing.assert_allclose(law.log_prob(x).numpy(), oracle.logpdf(x[:, 0].numpy()), rtol=1e-9, atol=1e-9)
    facts = law.facts()
    assert facts.entropy.value == pytest.approx(oracle.entropy(), rel=1e-9)
    assert facts.covariance.value.item() == pytest.approx(oracle.var(), rel=1e-9)
    assert oracle.cdf(law.mad) == pytest.approx(0.75, abs=1e-12)


def test_agreement_with_torch(key):
    t, laplace = gt.Student(nu=2.5, mad=0.7), gt.GeneralisedGaussian(beta=1.0, mad=0.7)
    for law, oracle in (
        (t, torch.distributions.StudentT(torch.tensor(2.5).double(), 0.0, t.scale)),
        (laplace, torch.distributions.Laplace(torch.tensor(0.0).double(), laplace.scale.item())),
    ):
        x = _draw(law, key, 100)
        torch.testing.assert_close(law.log_prob(x), oracle.log_prob(x[:, 0]), rtol=1e-9, atol=1e-9)


def test_pareto_is_scipys(key):
    law = gt.ParetoRadial(alpha=1.5, dim=1, mad=0.7)
    oracle = stats.pareto(1.5, scale=law.least)
    x = _draw(law, key)
    assert stats.kstest(x[:, 0].abs().numpy(), oracle.cdf).pvalue > 1e-8
    half = oracle.logpdf(x[:, 0].abs().numpy()) - math.log(2)  # either side has half
    np.testing.assert_allclose(law.log_prob(x).numpy(), half, rtol=1e-9)
    assert law.facts().entropy.value == pytest.approx(oracle.entropy() + math.log(2), rel=1e-9)
    assert law.log_prob(torch.zeros(1, 1)).item() == -math.inf


@pytest.mark.parametrize("d", [2, 3, 6])
def test_pareto_directions_are_uniform_and_its_coordinates_have_the_median(d, key):
    law = gt.ParetoRadial(alpha=2.5, dim=d, mad=0.7)
    x = _draw(law, key)
    unit = x / x.norm(dim=-1, keepdim=True)
    assert stats.kstest(unit[:, -1].square().numpy(), stats.beta(0.5, (d - 1) / 2).cdf).pvalue > 1e-8
    # P(|x_1| > mad) by adaptive quadrature over the distance
    share, _ = integrate.quad(
        lambda r: 2.5 * law.least**2.5 * r**-3.5 * stats.beta(0.5, (d - 1) / 2).sf(min(1, (0.7 / r) ** 2)),
        law.least,
        math.inf,
        epsabs=1e-10,
    )
    assert share == pytest.approx(0.5, abs=1e-7)


def _by_inversion(alpha, r, d):
    """The standard stable density at a radius, from its characteristic function (d is 1 or 3)."""
    kernel = (
        (lambda t: math.cos(r * t) / math.pi)
        if d == 1
        else (lambda t: t * math.sin(r * t) / (2 * math.pi**2 * r))
    )
    value, _ = integrate.quad(
        lambda t: kernel(t) * math.exp(-(t**alpha)), 0, 40 ** (1 / alpha), epsabs=1e-13, limit=2000
    )
    return value


@pytest.mark.parametrize("alpha", [0.8, 1.2, 1.7, 1.98])
@pytest.mark.parametrize("d", [1, 3])
def test_stable_density_against_its_characteristic_function(alpha, d):
    law = gt.AlphaStable(alpha=alpha, dim=d)
    for r in (0.01, 0.3, 1.0, 2.5, 6.0):
        x = torch.zeros(1, d, dtype=torch.float64)
        x[0, 0] = r * law.scale
        got = law.log_prob(x).item() + d * math.log(law.scale)
        assert math.exp(got) == pytest.approx(_by_inversion(alpha, r, d), rel=1e-7, abs=1e-11)


def test_stable_density_is_scipys():
    law = gt.AlphaStable(alpha=1.5)
    x = np.array([0.0, 0.5, 2.0, 10.0, 100.0])
    oracle = stats.levy_stable(1.5, 0.0, scale=law.scale)
    np.testing.assert_allclose(law.log_prob(torch.tensor(x)[:, None]).numpy(), oracle.logpdf(x), atol=1e-6)
    assert oracle.cdf(law.mad) == pytest.approx(0.75, abs=1e-8)


@pytest.mark.parametrize("d", [1, 2, 10])
def test_the_stable_integral_gives_cauchys_law(d):
    square = np.concatenate(([0.0], 10.0 ** np.arange(-4, 9)))
    exact = math.lgamma((1 + d) / 2) - (1 + d) / 2 * (math.log(math.pi) + np.log1p(square))
    np.testing.assert_allclose(log_density(1.0, d, square), exact, atol=1e-10)


@pytest.mark.parametrize("alpha", [0.5, 0.8, 1.3, 1.95, 1.999])
@pytest.mark.parametrize("d", [1, 4, 10])
def test_the_stable_table_is_as_exact_as_stated(alpha, d):
    """Between its nodes, beyond its limit, and where inside meets outside."""
    table = stable_table(alpha, d)
    square = np.concatenate(
        (table.core * 10.0 ** np.linspace(-3, 2, 12), table.limit * np.array([0.98, 1.02, 50.0]))
    )
    law = gt.AlphaStable(alpha=alpha, dim=d)
    x = torch.zeros(len(square), d, dtype=torch.float64)
    x[:, -1] = law.scale * torch.tensor(square).sqrt()
    got = law.log_prob(x).numpy() + d * math.log(law.scale)
    np.testing.assert_allclose(got, log_density(alpha, d, square), atol=1e-7)


@pytest.mark.parametrize("alpha", [0.6, 1.0, 1.4, 2.0])
def test_stable_sums_have_the_law_of_one_draw(alpha, key):
    law = gt.AlphaStable(alpha=alpha, dim=2)
    one = _draw(law, key.child("one"))
    total = sum(_draw(law, key.child("sum", i)) for i in range(3)) / 3 ** (1 / alpha)
    for value in (
        lambda x: x[:, 0],
        lambda x: x @ torch.tensor([0.6, 0.8]).double(),
        lambda x: x.norm(dim=-1),
    ):
        assert stats.ks_2samp(value(one).numpy(), value(total).numpy()).pvalue > 1e-8
    for t in (0.3, 1.0, 2.0):
        wave = (one @ torch.tensor([0.6, -0.8]).double() * t).cos()
        wanted = math.exp(-((law.scale * t) ** alpha))
        assert abs(wave.mean() - wanted) <= SIGMAS * wave.std() / N**0.5


def test_stable_entropy_by_adaptive_quadrature():
    law = gt.AlphaStable(alpha=1.5)

    def surprise(x):
        log_p = law.log_prob(torch.tensor([[x]], dtype=torch.float64)).item()
        return -2 * log_p * math.exp(log_p)

    value = sum(integrate.quad(surprise, *ends, epsabs=1e-10, limit=200)[0] for ends in ((0, 5), (5, 100)))
    value += integrate.quad(lambda u: surprise(math.exp(u)) * math.exp(u), math.log(100), 40, epsabs=1e-10)[0]
    fact = law.facts().entropy
    assert fact.value == pytest.approx(value, abs=fact.error + 1e-8) and fact.error < 1e-5


def test_stable_laws_of_index_one_and_two_are_cauchys_and_gauss(key):
    cauchy, gauss = gt.AlphaStable(alpha=1.0, mad=0.7), gt.AlphaStable(alpha=2.0, mad=0.7)
    x = torch.linspace(-3, 3, 9, dtype=torch.float64)[:, None]
    oracle = stats.cauchy(scale=0.7)
    np.testing.assert_allclose(cauchy.log_prob(x).numpy(), oracle.logpdf(x[:, 0].numpy()), rtol=1e-9)
    assert cauchy.facts().entropy.value == pytest.approx(oracle.entropy())
    oracle = stats.norm(scale=0.7 / stats.norm.ppf(0.75))
    np.testing.assert_allclose(gauss.log_prob(x).numpy(), oracle.logpdf(x[:, 0].numpy()), rtol=1e-9)
    assert stats.kstest(_draw(gauss, key)[:, 0].numpy(), oracle.cdf).pvalue > 1e-8
    assert gauss.facts().tail_index.value == math.inf and cauchy.facts().tail_index.value == 1.0


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.AlphaStable(alpha=2.5), "no stable law"),
        (lambda: gt.AlphaStable(alpha=0.0), "no stable law"),
        (lambda: gt.AlphaStable(alpha=0.3), "density is known for"),
        (lambda: gt.Student(nu=0.0), "positive, finite nu"),
        (lambda: gt.ParetoRadial(alpha=math.inf), "positive, finite alpha"),
        (lambda: gt.GeneralisedGaussian(beta=(1.0, 2.0)), "one number or 1"),
        (lambda: gt.GeneralisedGaussian(beta=-1.0), "positive, finite beta"),
    ],
)
def test_what_does_not_exist_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
