"""Flows and what is made of them, against formulas, quadrature and scipy."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import scipy.stats
import torch

import gantheory as gt


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.NICE(1), "dim of at least 2"),
        (lambda: gt.Glow(2, layers=0), "a layer"),
        (lambda: gt.Planar(0), "at least 1"),
        (lambda: gt.Radial(2, layers=0), "at least 1"),
        (lambda: gt.Sylvester(2, rank=3), "1 <= rank <= dim"),
        (lambda: gt.MAF(1), "dim of at least 2"),
        (lambda: gt.MAF(4, passes=1), "between 2"),
        (lambda: gt.NSF(4, passes=5), "between 2"),
        (lambda: gt.NSF(2, bins=1), "2 bins"),
        (lambda: gt.NAF(2, units=0), "1 unit"),
        (lambda: gt.SOS(2, degree=-1), "degree 0"),
        (lambda: gt.CNF(2, steps=0), "steps"),
        (lambda: gt.Boxed(gt.Planar(2), box=((0, 1),)), "2 sides"),
        (lambda: gt.Boxed(gt.Planar(1), box=((1, 0),)), "low < high"),
        (lambda: gt.StudentBase(gt.Planar(2), freedom=0), "positive, finite"),
        (lambda: gt.Dequantised(gt.Dequantised(gt.Planar(2))), "exact density"),
        (lambda: gt.Dequantised(gt.Planar(2), hidden=(0,)), "widths"),
        (lambda: gt.VariationalGame(gt.Planar(3), gt.Ring()), "3 dimensions, the target 2"),
        (lambda: gt.VariationalGame(gt.Planar(2), gt.Ring(), batch=0), "batch"),
        (lambda: gt.VariationalGame(gt.Planar(3), gt.Sphere()), "must be a Density"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_zuko_leaves_no_trace():
    """Its own switch turns the checks of all of torch.distributions off; a later import by somebody else does so."""
    code = """
import sys, torch, gantheory as gt
gt.NSF(2).init(gt.Key(0))
assert torch.distributions.Distribution._validate_args and "zuko" not in sys.modules
try:
    torch.distributions.Normal(0.0, -1.0)
except ValueError:
    print("checked")
import zuko
print(zuko.flows.NSF(2)().log_prob(torch.zeros(2)).shape)
"""
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.split("\n")[:2] == ["checked", "torch.Size([])"]


@pytest.mark.parametrize("family", [gt.MAF, gt.NSF, gt.NAF, gt.SOS])
def test_passes_are_a_dial(family, key):
    """At equal parameters, depth grows with passes, and coordinates of one group do not see each other."""
    flows = [family(6, layers=1, hidden=(32,), passes=passes) for passes in (2, 3, 6)]
    assert len({flow.size for flow in flows}) == 1
    assert [flow.sequential_depth for flow in flows] == [2, 3, 6]
    for flow in flows:
        w = flow.init(key).double()
        x = key.child("x").normal(6, dtype=torch.float64)
        jacobian = torch.autograd.functional.jacobian(lambda p, f=flow, w=w: f.call(w, p[None])[0][0], x)
        group = torch.arange(6) // (6 // flow.sequential_depth)
        sees = (group[:, None] > group) | torch.eye(6, dtype=torch.bool)
        assert ((jacobian != 0) <= sees).all() and (jacobian[sees] != 0).double().mean() > 0.9


def test_the_student_base_is_scipys(key):
    base = gt.StudentBase(gt.Planar(2, layers=1), freedom=2.5)
    w = torch.cat((base.flow.init(key).double(), torch.tensor([0.0, 0.4], dtype=torch.float64)))
    z = 30 * key.child("z").normal(50, 2, dtype=torch.float64)
    nu = 2.5 * np.exp([0.0, 0.4])
    np.testing.assert_allclose(
        base.base_log_prob(w, z), scipy.stats.t.logpdf(z.numpy(), nu).sum(-1), rtol=1e-10
    )
    points = base.base_point(w, base.noise(20_000, key.to(torch.float64))).numpy()
    for i in range(2):
        assert scipy.stats.kstest(points[:, i], scipy.stats.t(nu[i]).cdf).pvalue > 1e-7


def test_tails_are_learned(key):
    """On data with 2 degrees of freedom, all seeds end below the 20 that they start with, and above 1."""
    data = gt.Student(2.0, dim=2)
    base = gt.StudentBase(gt.NICE(2, layers=2, hidden=(8,)), freedom=20.0)
    game, rule = gt.LikelihoodGame(base, data, batch=256), gt.Simultaneous(gt.Adam(2e-2))
    runs = gt.simulate(game, rule, steps=300, population=3, key=key)
    nu = torch.stack([base.freedoms(w) for w in runs.profile[0]])
    assert (nu < 6).all() and (nu > 1).all()


def test_dequantising_bounds_the_cells_mass(key):
    """The bound's mean, by quadrature of both uniform and variational noise, lies below the cell's log-mass."""
    flow = gt.RealNVP(2, layers=2, hidden=(8,))
    for hidden in (None, (4,)):
        model = gt.Dequantised(flow, hidden=hidden)
        w = model.init(key).double() + 0.2 * key.child("away").normal(model.size, dtype=torch.float64)
        x = torch.tensor([[0.0, 0.0], [-1.0, 0.0], [1.0, -2.0]]).double()
        n = 4000
        noise = model.draw(3 * n, key.child("draws").to(torch.float64))
        bound = model.log_prob(w, x.repeat_interleave(n, 0), noise).reshape(3, n)
        nodes, weights = (torch.tensor(v) for v in np.polynomial.legendre.leggauss(40))
        u = torch.cartesian_prod((nodes + 1) / 2, (nodes + 1) / 2)
        weight = torch.outer(weights, weights).flatten() / 4
        cells = [weight @ flow.log_prob(w[: flow.size], at + u).exp() for at in x]
        log_mass = torch.stack(cells).log()
        assert (bound.mean(1) <= log_mass).all()
        # importance weights: E exp(bound) is the mass itself
        ratio = (bound - log_mass[:, None]).exp()
        assert ((ratio.mean(1) - 1).abs() <= 5.7 * ratio.std(1) / n**0.5).all()
        with pytest.raises(ValueError, match="draw"):
            model.log_prob(w, x)


def test_variational_loss_is_the_divergence(key):
    """Against a quadrature of q log(q / p) over the plane."""
    game = gt.VariationalGame(gt.Radial(2, layers=2), gt.Ring(scale=0.5), batch=100_000)
    profile = tuple(w.double() for w in game.init(key))
    (noise,) = game.draw(key.child("draw").to(torch.float64))
    x, log_q = game.model.push(profile[0], noise)
    terms = log_q - game.target.log_prob(x)
    t = torch.linspace(-9, 9, 601, dtype=torch.float64)
    grid = torch.cartesian_prod(t, t)
    q = game.log_prob(profile, grid)
    exact = (q.exp() * (q - game.target.log_prob(grid))).sum() * (t[1] - t[0]) ** 2
    assert abs(game.losses(profile, (noise,))[0] - exact) <= 5.7 * terms.std() / len(terms) ** 0.5


def test_a_flow_learns_an_energy_on_its_box(key):
    """The divergence from the second energy falls, and is never below 0 by more than its interval."""
    target = gt.RezendeMohamed(2)
    flow = gt.Boxed(gt.RealNVP(2, layers=4, hidden=(16,)))
    game = gt.VariationalGame(flow, target, batch=256)
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(5e-3)), steps=300, population=2, record=1, key=key)
    loss = runs.losses[..., 0]
    assert (loss[:, -50:].mean(1) < 0.5 * loss[:, 0]).all()
    assert (loss[:, -50:].mean(1) >= -5.7 * loss[:, -50:].std(1) / 50**0.5).all()
    assert (runs.sample(1000, key).abs() <= 4).all()


def test_a_bound_is_trained_in_a_population(key):
    """Whole numbers: the likelihood of a dequantised flow rises towards the law's own."""
    game = gt.LikelihoodGame(
        gt.Dequantised(gt.RealNVP(2, layers=2, hidden=(8,)), hidden=(8,)), _Dice(), batch=64
    )
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(1e-2)), steps=300, population=2, record=1, key=key)
    loss = runs.losses[..., 0]
    assert (loss[:, -50:].mean(1) < loss[:, :5].mean(1) - 1).all()
    assert (loss[:, -50:].mean(1) >= 2 * math.log(6) - 0.1).all()
    x = runs.sample(20, key)[0]
    assert torch.equal(x, x.round()) and runs.log_prob(x).shape == (2, 20)
    assert not torch.equal(runs.log_prob(x), runs.log_prob(x, key=key))


class _Dice(gt.Distribution):
    """Two fair dice."""

    dim = 2

    def sample(self, n, key, *, start=0):
        return torch.stack([1 + key.child(i).integers(6, n, start=start) for i in range(2)], -1).to(
            torch.float32
        )

    def facts(self):
        return gt.Facts()

    @classmethod
    def examples(cls):
        return [cls()]
