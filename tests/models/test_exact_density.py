"""The exact density of generators, against closed forms, their own samples and smoothed estimates."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

import gantheory as gt
from gantheory.models.exact_density.density import _linearise, _log_density
from gantheory.models.exact_density.newton import subdivide


ACTIVATIONS: tuple[Any, ...] = ("relu", "leaky_relu", "tanh", "softplus")
RANDOM = {
    **{f"{d}-{a}": gt.MLP(d, (12, 12), d, activation=a) for d in (1, 2) for a in ACTIVATIONS},
    "1-residual": gt.MLP(1, (8, 8, 8), 1, residual=True),
    "2-residual": gt.MLP(2, (10, 10), 2, activation="leaky_relu", residual=True),
    "1-maxout": gt.Maxout(1, (6, 6), 1, pieces=3),
    "2-maxout": gt.Maxout(2, (6, 5), 2, pieces=3),
    "spectral": gt.Normalised(gt.MLP(2, (12, 12), 2), gt.SpectralNorm()),
    "weight": gt.Normalised(gt.MLP(2, (8, 8), 2, residual=True), gt.WeightNorm()),
    "user": gt.Network("tests.models.networks:clamped", inputs=2, outputs=2),
}
FLAT = ("1-relu", "2-relu", "1-residual", "spectral", "weight", "user")
"""Whose units are constant somewhere, so that whole cells may be mapped to lines."""
STEEP = [name for name in RANDOM if not name.endswith(("tanh", "softplus")) and name not in FLAT]


def _parameters(model, *parts):
    """The flat vector of linear layers, weight and bias by turns."""
    w = torch.cat([torch.tensor(part, dtype=torch.float64).flatten() for part in parts])
    assert w.shape == (model.size,)
    return w


def _random(name, key):
    """Parameters of a generator with folds, initial ones enlarged, and its density."""
    w = 2 * RANDOM[name].init(key.child("w").to(torch.float64))
    return w, gt.GeneratorDensity(RANDOM[name], w)


def test_absolute_value_is_a_folded_normal():
    model = gt.MLP(1, (2,), 1)
    density = gt.GeneratorDensity(model, _parameters(model, [1, -1], [0, 0], [1, 1], [0]))
    x = np.linspace(-2, 5, 51)
    expected = stats.foldnorm(0).logpdf(x)
    np.testing.assert_allclose(density.log_prob(torch.from_numpy(x)[:, None]), expected, rtol=1e-12)
    assert density.singular_mass == 0


def test_what_lies_on_lines_and_points_is_said():
    """relu(z) has half of its mass at 0; (|z_1|, relu(z_2)) half of it on a line; relu of both, a quarter at 0."""
    half = gt.MLP(1, (1,), 1)
    density = gt.GeneratorDensity(half, _parameters(half, [1], [0], [1], [0]))
    assert density.singular_mass == pytest.approx(0.5, abs=1e-12)
    x = torch.tensor([[-1.0], [0.5], [2.0]], dtype=torch.float64)
    np.testing.assert_allclose(density.log_prob(x), [-np.inf, *stats.norm.logpdf([0.5, 2.0])], rtol=1e-12)

    plane = gt.MLP(2, (3,), 2)
    w = _parameters(plane, [[1, 0], [-1, 0], [0, 1]], [0, 0, 0], [[1, 1, 0], [0, 0, 1]], [0, 0])
    density = gt.GeneratorDensity(plane, w)
    assert density.singular_mass == pytest.approx(0.5, abs=1e-12)
    found = density.log_prob(torch.tensor([[0.7, 0.3], [0.7, -0.3]], dtype=torch.float64))
    np.testing.assert_allclose(
        found, [stats.norm.logpdf([0.7, 0.3]).sum() + math.log(2), -np.inf], rtol=1e-12
    )

    corner = gt.MLP(2, (2,), 2)
    w = _parameters(corner, [[1, 0], [0, 1]], [-0.5, 0], [[1, 0], [0, 1]], [0, 0])
    quadrant = stats.norm.sf(0.5) * 0.5
    assert gt.GeneratorDensity(corner, w).singular_mass == pytest.approx(1 - quadrant, abs=1e-12)


@pytest.mark.parametrize("layers", [0, 1])
def test_a_linear_generator_is_normal(layers, key):
    """Without hidden layers, and with one whose units are never off where it matters."""
    a, b = key.normal(2, 2, dtype=torch.float64).numpy(), np.array([0.3, -1.0])
    model = gt.MLP(2, (2,) * layers, 2)
    parts = (a, b) if not layers else (np.eye(2), [50.0, 50.0], a, b - a @ [50.0, 50.0])
    x = key.child("x").normal(40, 2, dtype=torch.float64)
    expected = stats.multivariate_normal(b, a @ a.T).logpdf(x.numpy())
    found = gt.GeneratorDensity(model, _parameters(model, *parts)).log_prob(x)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_tanh_in_one_and_two_dimensions(key):
    """tanh(z) has the density N(atanh x) / (1 - x^2); in the plane, of a rotated pair of them."""
    x = np.linspace(-0.99, 0.99, 41)

    def law(v):
        return stats.norm.logpdf(np.arctanh(v)) - np.log1p(-np.square(v))

    line = gt.MLP(1, (1,), 1, activation="tanh")
    found = gt.GeneratorDensity(line, _parameters(line, [1], [0], [1], [0])).log_prob(
        torch.from_numpy(x)[:, None]
    )
    np.testing.assert_allclose(found, law(x), rtol=1e-9, atol=1e-9)

    c, s = math.cos(0.4), math.sin(0.4)
    turn = np.array([[c, -s], [s, c]])
    plane = gt.MLP(2, (2,), 2, activation="tanh")
    w = _parameters(plane, np.eye(2), [0, 0], turn, [0, 0])
    u = 1.9 * key.uniform(40, 2, dtype=torch.float64).numpy() - 0.95
    found = gt.GeneratorDensity(plane, w).log_prob(torch.from_numpy(u @ turn.T))
    np.testing.assert_allclose(found, law(u).sum(1), rtol=1e-8, atol=1e-8)


def test_residual_connections_in_closed_form():
    """z + 50 + relu(z) - 50: its density is N(x) below 0, and N(x / 2) / 2 above."""
    model = gt.MLP(1, (1, 1), 1, residual=True)
    density = gt.GeneratorDensity(model, _parameters(model, [1], [50], [1], [-50], [1], [-50]))
    x = np.linspace(-4, 4, 40)
    expected = np.where(x < 0, stats.norm.logpdf(x), stats.norm.logpdf(x, scale=2))
    np.testing.assert_allclose(density.log_prob(torch.from_numpy(x)[:, None]), expected, rtol=1e-9)


def test_the_largest_of_three_planes_in_closed_form():
    """max(z, -z) and max(z', -2 z', 0): a folded normal, and one with half of its mass on a line."""
    model = gt.Maxout(2, (2,), 2, pieces=3)
    rows = [[1, 0], [-1, 0], [-1, 0], [0, 1], [0, -2], [0, 0]]
    density = gt.GeneratorDensity(model, _parameters(model, rows, [0] * 6, np.eye(2), [0, 0]))
    assert density.singular_mass == pytest.approx(0, abs=1e-12)
    x = np.array([[0.3, 0.4], [2.0, 1.5], [1.0, -0.1]])
    with np.errstate(divide="ignore"):
        second = np.log(stats.norm.pdf(x[:, 1]) + stats.norm.pdf(x[:, 1], scale=2)) + np.log(x[:, 1] > 0)
    expected = stats.foldnorm(0).logpdf(x[:, 0]) + second
    np.testing.assert_allclose(density.log_prob(torch.from_numpy(x)), expected, rtol=1e-12)


@pytest.mark.parametrize("name", STEEP)
def test_cells_and_newtons_method_find_the_same_preimages(name, key):
    """Newton's method takes the generator for smooth: at corners it may miss some, but it finds no more."""
    w, density = _random(name, key)
    model, dim = density.model, density.dim
    x = density.sample(300, key.child("x"))
    exact = density.log_prob(x).numpy()
    found = _log_density(subdivide(_linearise(model, w), dim), x.numpy(), dim)
    assert (found <= exact + 1e-6).all()
    assert (np.abs(found - exact) <= 1e-6).mean() > 0.9


def test_a_smooth_fold_has_two_preimages():
    """G(z) = softplus(z) + softplus(-z) is even, so the density is twice that of the right branch."""
    model = gt.MLP(1, (2,), 1, activation="softplus")
    density = gt.GeneratorDensity(model, _parameters(model, [1, -1], [0, 0], [1, 1], [0]))
    z = np.linspace(0.05, 4, 30)
    x = np.logaddexp(0, z) + np.logaddexp(0, -z)
    expected = math.log(2) + stats.norm.logpdf(z) - np.log(np.tanh(z / 2))
    np.testing.assert_allclose(density.log_prob(torch.from_numpy(x)[:, None]), expected, rtol=1e-8)
    assert density.log_prob(torch.tensor([[1.0]], dtype=torch.float64)).item() == -math.inf


@pytest.mark.parametrize("name", RANDOM)
def test_integrates_to_the_share_of_samples_in_a_box(name, key):
    """By the midpoint rule, on the middle half of the samples' range, to 5.7 standard errors and 1%."""
    _, density = _random(name, key)
    dim = density.dim
    x = density.sample(200_000, key.child("samples")).numpy()
    low, high = np.quantile(x, 0.25, axis=0), np.quantile(x, 0.75, axis=0)
    cells = 5_000 if dim == 1 else 80
    axes = [a + (b - a) * (np.arange(cells) + 0.5) / cells for a, b in zip(low, high)]
    grid = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=-1)
    integral = density.log_prob(torch.from_numpy(grid)).exp().mean().item() * np.prod(high - low)
    share = ((x > low) & (x < high)).all(1).mean()
    assert abs(integral - share) <= 5.7 * (share / len(x)) ** 0.5 + 0.01 * share


@pytest.mark.parametrize("name", RANDOM)
def test_its_inverse_weighs_samples_to_a_uniform_law(name, key):
    """E_q[g(x) / q(x)] = P_g(q(y) > 0), g normal: no spike of q upsets it. To 5.7 standard errors.

    Latent vectors of singular cells, by autograd, belong to no density.
    """
    w, density = _random(name, key)
    model, dim = density.model, density.dim
    z = key.child("z").normal(3000, dim, dtype=torch.float64)
    slopes = torch.func.vmap(torch.func.jacrev(lambda v: model(w, v[None])[0]))(z)
    sizes = torch.linalg.svdvals(slopes)
    x = model(w, z).detach()
    held = (sizes[:, -1] > 1e-10 * sizes[:, 0]) & (sizes[:, 0] > 1e-10)
    centre, scale = x.mean(0), 0.5 * x.std(0)
    y = centre + scale * key.child("y").normal(3000, dim, dtype=torch.float64)
    g = torch.distributions.Normal(centre, scale).log_prob(x).sum(1)
    ratio = torch.where(held, (g - density.log_prob(x)).exp(), 0.0)
    reached = density.log_prob(y).isfinite().double()
    error = (ratio.var() / len(x) + reached.var() / len(y)) ** 0.5
    assert abs(ratio.mean() - reached.mean()) <= 5.7 * error
    assert ratio.std() < 10 and reached.mean() > 0.1


@pytest.mark.parametrize("name", RANDOM)
def test_smoothed_it_is_what_kernel_and_importance_estimates_are_means_of(name, key):
    """E_y q(x - h y) = E_z N(x; G(z), h^2): both sides estimated, and scipy's kernel density beside them.

    16 comparisons at three points, at 6 standard errors each.
    """
    _, density = _random(name, key)
    dim = density.dim
    x = density.sample(60_000, key.child("samples")).numpy()
    h = 0.3 * x.std()
    for i in range(3):
        near = x[i] - h * key.child("kernel", i).normal(4000, dim, dtype=torch.float64).numpy()
        exact = density.log_prob(torch.from_numpy(near)).exp().numpy()
        kernel = stats.norm.pdf((x[i] - x[3:]) / h).prod(1) / h**dim
        error = (exact.var() / len(exact) + kernel.var() / len(kernel)) ** 0.5
        assert abs(exact.mean() - kernel.mean()) <= 6 * error
        # scipy scales its bandwidth by the samples' covariance: this kernel is h^2 times the identity
        parzen = stats.gaussian_kde(x[3:].T / h)
        parzen.set_bandwidth(1.0)
        parzen.covariance, parzen.factor = np.eye(dim), 1.0
        parzen.cho_cov, parzen.log_det = np.eye(dim), dim * math.log(2 * math.pi)
        assert parzen(x[i] / h)[0] / h**dim == pytest.approx(kernel.mean(), rel=1e-9)


@pytest.mark.parametrize("name", RANDOM)
def test_what_it_misses_is_what_no_density_holds(name, key):
    missed = _random(name, key)[1].missed(4000, key)
    singular = float(missed.floor)
    assert abs(float(missed) - singular) <= 5.7 * math.sqrt(singular * (1 - singular) / 4000) + 1e-3
    assert singular == 0 or name in FLAT


def test_singular_mass_is_the_share_of_latents_with_a_singular_jacobian(key):
    """Autograd knows nothing of cells: 20,000 latent vectors of a narrow network, 5.7 standard errors."""
    model = gt.MLP(2, (4, 4), 2)
    w = model.init(key.to(torch.float64))
    z = key.child("z").normal(20_000, 2, dtype=torch.float64)
    slopes = torch.func.vmap(torch.func.jacrev(lambda v: model(w, v[None])[0]))(z)
    share = (torch.linalg.svdvals(slopes)[:, 1] < 1e-12).double().mean().item()
    found = float(gt.GeneratorDensity(model, w).singular_mass)
    assert 0.05 < found < 1
    assert abs(found - share) <= 5.7 * (found * (1 - found) / 20_000) ** 0.5


def test_a_population_is_its_members(key):
    model = gt.MLP(2, (6,), 2, activation="leaky_relu")
    w = model.init(key.split(3))
    together = gt.GeneratorDensity(model, w)
    x = together.sample(30, key)
    assert x.shape == (3, 30, 2)
    for m in range(3):
        alone = gt.GeneratorDensity(model, w[m])
        assert torch.equal(together.log_prob(x[0])[m], alone.log_prob(x[0]))
        assert torch.equal(x[m], alone.sample(30, key.child("member", m)))
    nll = gt.negative_log_likelihood(together, gt.Ring(), n=100, key=key)
    assert nll.value.shape == (3,)


@pytest.mark.parametrize("model", [gt.RealNVP(2, layers=2, hidden=(8,)), gt.MADE(2, hidden=(8,))], ids=repr)
def test_of_a_model_with_a_density_it_is_that_density(model, key):
    """Neither knows of the other: one inverts the sampler, the other was never told of it."""
    w = model.init(key.to(torch.float64))
    w = w + 0.5 * key.child("away").normal(model.size, dtype=torch.float64)
    x = model.sample(w, 200, key.child("x").to(torch.float64))
    found, expected = gt.GeneratorDensity(model, w).log_prob(x), model.log_prob(w, x)
    torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-7)


def test_members_that_diverged_are_not_numbers(key):
    model = gt.MLP(2, (4,), 2)
    w = model.init(key.split(2))
    w[1, 3] = math.inf
    density = gt.GeneratorDensity(model, w)
    found = density.log_prob(density.sample(20, key)[0])
    assert found[0].isfinite().all() and found[1].isnan().all()
    assert (
        np.isnan(density.singular_mass).tolist()
        == np.isnan(density.missed(10).value).tolist()
        == [False, True]
    )


def test_samples_are_those_of_the_trained_population(key):
    game = gt.AdversarialGame(gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1), gt.Ring(), gt.NonSaturating(), batch=8)
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(1e-3)), steps=3, population=2, key=key)
    density = gt.GeneratorDensity(game.generator, runs.profile[0])
    torch.testing.assert_close(density.sample(5, key), runs.sample(5, key).double())


def test_refusals(key):
    with pytest.raises(ValueError, match="one or two inputs"):
        gt.GeneratorDensity(gt.MLP(3, (4,), 2), torch.zeros(26))
    uniform = type("Uniform", (gt.MLP,), {"noise": lambda self, n, key: key.uniform(n, self.inputs)})(
        2, (), 2
    )
    with pytest.raises(ValueError, match="standard normal noise"):
        gt.GeneratorDensity(uniform, torch.zeros(6))
    model = gt.MLP(2, (4,), 2)
    with pytest.raises(ValueError, match="w must be"):
        gt.GeneratorDensity(model, torch.zeros(3))
    with pytest.raises(ValueError, match="x must have shape"):
        gt.GeneratorDensity(model, torch.zeros(model.size)).log_prob(torch.zeros(4, 3))
    user = gt.Network("tests.models.networks:batch_normalised", inputs=2, outputs=2)
    for batch in (user, gt.Normalised(gt.MLP(2, (4,), 2), gt.BatchNorm())):
        with pytest.raises(ValueError, match="depend on the others of their batch"):
            gt.GeneratorDensity(batch, batch.init(key))
