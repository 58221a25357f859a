"""Sampler, density and facts of every distribution agree. False alarms: below 1e-6 for all of them."""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cache

import pytest
import torch

import gantheory as gt
from gantheory.distributions.facts import NO_EDGE
from tests.contracts.find import concrete, examples, name


ALL = examples(gt.Distribution)
DENSITIES = [d for d in ALL if isinstance(d, gt.Density)]
LOW = [d for d in DENSITIES if d.dim <= 4]
SIGMAS = 6.5  # two-sided false-alarm rate 8e-11 of one normal statistic
N = 40_000


def _draw(distribution, key, n=N):
    return distribution.sample(n, key.to(torch.float64))


def _spread_out(x, chosen=32):
    """The first rows of x, and as many again that are each the farthest from all before: so no piece of a
    support is left without one."""
    rows = list(range(chosen))
    away = torch.cdist(x, x[:chosen]).amin(-1)
    for _ in range(chosen):
        rows.append(int(away.argmax()))
        away = torch.minimum(away, (x - x[rows[-1]]).norm(dim=-1))
    return x[rows]


@cache
def _weighted(distribution, n=2 * N):
    """Points whose law q covers a distribution with heavier tails, and p / q there: Student's t with one
    degree of freedom around some of its samples, wide and narrow."""
    key = gt.Key(0).child("weighted", name(distribution)).to(torch.float64)
    held = _spread_out(distribution.sample(512, key.child("held")))
    centres, d = held.shape
    spread = (held.quantile(0.9, dim=0) - held.quantile(0.1, dim=0)) / 2 + 1e-6
    widths = torch.tensor([[1.0], [0.25], [0.06]], dtype=torch.float64) * spread
    at, width = key.child("at").integers(centres, n), key.child("width").integers(len(widths), n)
    heavy = key.child("t").normal(n, d) / key.child("chi").normal(n, 1).abs()
    x = held[at] + widths[width] * heavy
    log_q = torch.full((n,), -math.inf, dtype=torch.float64)
    constant = math.lgamma((1 + d) / 2) - math.lgamma(0.5) - 0.5 * d * math.log(math.pi)
    for some in widths:
        square = torch.cdist(x / some, held / some).square()
        term = (constant - (1 + d) / 2 * square.log1p()).logsumexp(-1) - some.log().sum()
        log_q = torch.logaddexp(log_q, term)
    return x, (distribution.log_prob(x) - log_q + math.log(centres * len(widths))).exp()


def _directions(distribution, key):
    """All axes and 16 random directions, as unit rows."""
    d = distribution.dim
    random = key.child("directions").normal(16, d, dtype=torch.float64)
    return torch.cat((torch.eye(d, dtype=torch.float64), random / random.norm(dim=-1, keepdim=True)))


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_shapes_and_chunks(distribution, key):
    whole = distribution.sample(100, key)
    assert whole.shape == (100, distribution.dim) and whole.dtype == torch.float32
    pieces = [distribution.sample(b - a, key, start=a) for a, b in ((0, 1), (1, 38), (38, 100))]
    assert torch.equal(whole, torch.cat(pieces))
    assert distribution.sample(0, key).shape == (0, distribution.dim)


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_a_batched_key_gives_each_row_its_own_stream(distribution, key):
    batch = distribution.sample(9, key.split(16))
    assert batch.shape == (16, 9, distribution.dim)
    for i in (0, 7, 15):
        assert torch.equal(batch[i], distribution.sample(9, key.child(i)))
    assert not torch.equal(batch[0], batch[1])


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_moments(distribution, key):
    facts = distribution.facts()
    if facts.mean.value is None:
        return
    along = _directions(distribution, key)
    mean = along @ torch.as_tensor(facts.mean.value, dtype=torch.float64)
    error = facts.mean.error * distribution.dim**0.5 + 1e-12
    x = _draw(distribution, key, N if distribution.dim <= 64 else N // 10) @ along.T - mean
    assert (x.mean(0).abs() <= SIGMAS * x.std(0) / len(x) ** 0.5 + error).all()
    if facts.covariance.value is not None:
        square, covariance = x.square(), torch.as_tensor(facts.covariance.value, dtype=torch.float64)
        wanted = torch.einsum("ki,ij,kj->k", along, covariance, along)
        error = facts.covariance.error * distribution.dim + 1e-12 * (1 + wanted)
        assert ((square.mean(0) - wanted).abs() <= SIGMAS * square.std(0) / len(x) ** 0.5 + error).all()


@pytest.mark.parametrize("distribution", LOW, ids=name)
def test_density_integrates_to_one(distribution):
    _, weight = _weighted(distribution)
    assert abs(weight.mean() - 1) <= SIGMAS * weight.std() / len(weight) ** 0.5


@pytest.mark.parametrize("distribution", LOW, ids=name)
def test_sampler_against_density(distribution, key):
    """Means of random cosines, and shares of bins along random directions, are those of the density by
    importance sampling."""
    x, weight = _weighted(distribution)
    own = _draw(distribution, key)
    scale = own.quantile(0.75, dim=0) - own.quantile(0.25, dim=0) + 1e-3
    for i in range(12):
        wave = key.child("wave", i)
        frequency = wave.normal(distribution.dim, dtype=torch.float64) * (4 ** (i % 3)) / scale
        phase = 2 * torch.pi * wave.child("phase").uniform(1, dtype=torch.float64)
        sampled, weighted = (own @ frequency + phase).cos(), weight * (x @ frequency + phase).cos()
        error = (sampled.var() / len(own) + weighted.var() / len(x)) ** 0.5
        assert abs(sampled.mean() - weighted.mean()) <= SIGMAS * error
    held = _draw(distribution, key.child("bins"), 1_000)
    for direction in _directions(distribution, key)[: distribution.dim + 3]:
        ends = (held @ direction).quantile(torch.linspace(0.05, 0.95, 10, dtype=torch.float64))
        bins = torch.nn.functional.one_hot(torch.bucketize(x @ direction, ends), 11) * weight[:, None]
        sampled = torch.bincount(torch.bucketize(own @ direction, ends), minlength=11) / len(own)
        error = sampled * (1 - sampled) / len(own) + bins.var(0) / len(x)
        assert ((sampled - bins.mean(0)).abs() <= SIGMAS * error**0.5 + 10 / len(own)).all()


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_stein_identities(distribution, key):
    """E[score] = 0 and E[x . score] = -d, but for the edge: normalisation alone has let a wrong density
    through."""
    edge = distribution.facts().edge
    if edge.value is None and edge != NO_EDGE:
        return  # no rule gives what the density leaves there
    x = _draw(distribution, key)
    score = distribution.score(x)
    flux, reach = torch.zeros(distribution.dim), 0.0
    if edge != NO_EDGE:
        flux, reach = torch.tensor(edge.value.flux), edge.value.reach
    assert ((score.mean(0) - flux).abs() <= SIGMAS * score.std(0) / N**0.5 + 1e-12).all()
    middle = x.median(0).values
    product = ((x - middle) * score).sum(-1)
    wanted = reach - middle.double() @ flux.double() - distribution.dim
    assert abs(product.mean() - wanted) <= SIGMAS * product.std() / N**0.5 + 1e-12


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_score_is_the_gradient(distribution, key):
    x = _draw(distribution, key, 50).requires_grad_()
    (gradient,) = torch.autograd.grad(distribution.log_prob(x).sum(), x)
    torch.testing.assert_close(distribution.score(x.detach()), gradient, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_entropy_against_samples(distribution, key):
    entropy = distribution.facts().entropy
    if entropy.value is None:
        assert entropy.reason
        return
    surprise = -distribution.log_prob(_draw(distribution, key))
    error = SIGMAS * surprise.std().item() / N**0.5 + entropy.error
    assert abs(surprise.mean().item() - entropy.value) <= error + 1e-12


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_inputs_stay_as_they_are(distribution, key):
    x = _draw(distribution, key, 20)
    copy = x.clone()
    distribution.log_prob(x), distribution.score(x)
    assert torch.equal(x, copy)


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_a_sample_of_a_diverged_model_spoils_no_other(distribution, key):
    x = _draw(distribution, key, 8)
    lost = x.clone()
    lost[2, 0], lost[5] = torch.nan, torch.inf
    kept = torch.tensor([0, 1, 3, 4, 6, 7])
    log_p, score = distribution.log_prob(lost), distribution.score(lost)
    torch.testing.assert_close(log_p[kept], distribution.log_prob(x)[kept])
    torch.testing.assert_close(score[kept], distribution.score(x)[kept])
    assert not log_p[[2, 5]].isfinite().any()


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_wrong_sizes_are_refused_in_one_line(distribution, key):
    facts, wide = distribution.facts(), torch.zeros(3, distribution.dim + 1)
    functions = [facts.mode_of.value, facts.support_distance.value, facts.project.value]
    if isinstance(distribution, gt.Density):
        functions += [distribution.log_prob, distribution.score]
    for function in filter(None, functions):
        with pytest.raises(ValueError, match="x must have shape"):
            function(wide)
    for rows, start in ((-1, 0), (2, -1)):
        with pytest.raises(ValueError):
            distribution.sample(rows, key, start=start)


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_labels_and_shapes_are_consistent(distribution, key):
    """Labels lie in range, projections on the shape, and nothing of the shape is nearer than they are."""
    facts = distribution.facts()
    x = _draw(distribution, key, 500)
    far = 3 * x - 2 * x.mean(0)
    if facts.mode_of.value is not None:
        shares = facts.labels.value
        assert shares.sum() == pytest.approx(1) and (shares > 0).all()
        label = facts.mode_of.value(far)
        assert label.shape == (500,) and int(label.min()) >= 0 and int(label.max()) < len(shares)
    if facts.project.value is not None:
        nearest, distance = facts.project.value(far), facts.support_distance.value(far)
        scale = float(far.abs().max())
        torch.testing.assert_close((far - nearest).norm(dim=-1), distance, rtol=1e-9, atol=1e-9 * scale)
        assert float(facts.support_distance.value(nearest).max()) < 1e-7 * scale
        others = facts.project.value(x)
        assert (torch.cdist(far, others).min(-1).values >= distance - 1e-7 * scale).all()


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_noise_free_samples_lie_on_the_shape(distribution, key):
    """And their labels, then exact, are as frequent as their shares say."""
    facts = distribution.facts()
    if facts.noise.value != 0:
        return
    x = _draw(distribution, key, 4_000)
    if facts.support_distance.value is not None:
        assert float(facts.support_distance.value(x).max()) <= 1e-7 * float(x.abs().max())
    if facts.mode_of.value is not None and facts.mode_of.error == 0:
        shares = torch.as_tensor(facts.labels.value)
        count = torch.bincount(facts.mode_of.value(x), minlength=len(shares))
        error = SIGMAS * (shares * (1 - shares) / len(x)) ** 0.5 + 10 / len(x)
        assert ((count / len(x) - shares).abs() <= error).all()


@pytest.mark.parametrize("distribution", DENSITIES, ids=name)
def test_score_changes_no_faster_than_said(distribution, key):
    limit = distribution.facts().score_lipschitz.value
    if limit is None:
        return
    x = _draw(distribution, key, 500)
    for y in (x.flip(0), x + 1e-3 * x.std(0) * key.child("near").normal(*x.shape, dtype=torch.float64)):
        change = (distribution.score(x) - distribution.score(y)).norm(dim=-1)
        assert (change <= limit * (x - y).norm(dim=-1) * (1 + 1e-6)).all()


@pytest.mark.parametrize("family", concrete(gt.Distribution), ids=lambda cls: cls.__name__)
def test_presets(family):
    for label, preset in family.presets().items():
        assert family.preset(label) == preset.law == gt.parse(f"{family.__name__}.preset({label!r})")
        assert isinstance(preset.law, gt.Distribution) and len(preset.source) > 8
        if preset.published is not None:
            assert family.preset(label, faithful=True) == preset.published != preset.law
        else:
            with pytest.raises(ValueError, match="leave out faithful"):
                family.preset(label, faithful=True)
    with pytest.raises(ValueError, match="no preset"):
        family.preset("nonsense")


@pytest.mark.parametrize("distribution", ALL, ids=name)
def test_facts_have_a_value_or_a_reason(distribution):
    for field in fields(distribution.facts()):
        fact = getattr(distribution.facts(), field.name)
        assert fact.value is not None or fact.reason
        assert fact.error >= 0
