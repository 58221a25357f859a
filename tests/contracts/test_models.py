"""Every model is a pure function of one flat vector, and leaves as an ordinary state dict."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

import gantheory as gt
from tests.contracts.find import examples, name


ALL = examples(gt.Model)
FLOWS = [model for model in ALL if isinstance(model, gt.Flow)]
EXACT = [model for model in ALL if model.likelihood == "exact" and model.levels is None]
COUNTED = [model for model in ALL if model.likelihood == "exact" and model.levels is not None]


def _start(model, key, members=None):
    key = key.to(torch.float64)
    w = model.init(key if members is None else key.split(members))
    # away from the special start (a flow begins as the identity)
    return w + 0.1 * key.child("away").normal(w.numel()).reshape(w.shape)


def _run(model, w, key, n):
    """Return all that a model says of a few points: its outputs, and its likelihood where it has one."""
    outputs = model(w, model.noise(n, key.child("x").to(torch.float64)))
    if not isinstance(model, gt.Likelihood):
        return (outputs,)
    x, noise = _points(model, n, key)
    return outputs, model.log_prob(w, x, noise)


def _points(model, n, key):
    """Points of the model's own space, and what its bound draws there."""
    key = key.to(torch.float64)
    x = model.sample(model.init(key.child("other")), n, key.child("points"))
    return x, model.draw(n, key.child("bound"))


@pytest.mark.parametrize("model", ALL, ids=name)
def test_init_is_a_function_of_the_key(model, key):
    w = model.init(key)
    assert w.shape == (model.size,)
    assert torch.equal(w, model.init(key))
    rows = model.init(key.split(3))
    assert rows.shape == (3, model.size)
    assert torch.equal(rows[2], model.init(key.child(2)))
    assert not torch.equal(rows[0], rows[1])


@pytest.mark.parametrize("model", ALL, ids=name)
def test_leaves_as_a_state_dict(model, key):
    w = _start(model, key)
    with torch.random.fork_rng(devices=[]):
        module = model.build().double()
    module.load_state_dict(model.state_dict(w))
    x = key.child("x").normal(7, model.inputs, dtype=torch.float64)
    expected = module(x)
    found = model.call(w, x)
    for a, b in zip(*((v,) if isinstance(v, torch.Tensor) else v for v in (expected, found))):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


@pytest.mark.parametrize("model", ALL, ids=name)
def test_population_equals_one_by_one(model, key):
    w = _start(model, key, 4)
    alone = [torch.stack(parts) for parts in zip(*(_run(model, row, key, 5) for row in w))]
    if model.vectorised:
        together = torch.func.vmap(lambda row: _run(model, row, key, 5))(w)
        torch.testing.assert_close(together, tuple(alone), rtol=1e-10, atol=1e-10)
    assert all(part.shape[:2] == (4, 5) for part in alone)


@pytest.mark.parametrize("model", ALL, ids=name)
def test_samples_are_independent_where_the_model_says_so(model, key):
    w = _start(model, key)
    x = model.noise(6, key.child("x").to(torch.float64))
    whole, part = model(w, x)[2:], model(w, x[2:])
    if model.samplewise:
        torch.testing.assert_close(whole, part, rtol=1e-12, atol=1e-12)
    else:
        assert (whole - part).abs().max() > 1e-6


@pytest.mark.parametrize("model", ALL, ids=name)
def test_refuses_a_vector_of_the_wrong_size(model, key):
    with pytest.raises(ValueError, match="parameters"):
        model.call(torch.zeros(model.size + 1), torch.zeros(2, model.inputs))


@pytest.mark.parametrize("model", ALL, ids=name)
def test_states_what_it_can_do(model, key):
    """What a model says of its likelihood, its way back and its depth is what it offers."""
    assert model.likelihood in (("exact", "bound") if isinstance(model, gt.Likelihood) else ("none",))
    assert model.reversible == isinstance(model, gt.Flow)
    w = _start(model, key)
    if isinstance(model, gt.Likelihood):
        assert model.outputs == model.dim
        assert (model.draw(3, key) is not None) == model.draws
        assert not model.draws or model.likelihood == "bound"
        x, noise = _points(model, 3, key)
        assert x.shape == (3, model.dim) and model.log_prob(w, x, noise).shape == (3,)
    calls = _network_calls(lambda: model(w, model.noise(2, key.to(torch.float64))))
    assert calls in (0, model.sequential_depth) and model.sequential_depth >= 1


def _network_calls(work):
    """Count the evaluations of networks, which are the outermost chains of layers, while work is done."""
    inside, calls = [], 0

    def enter(module, _):
        nonlocal calls
        if isinstance(module, torch.nn.Sequential):
            calls += not inside
            inside.append(module)

    def leave(module, *_):
        if isinstance(module, torch.nn.Sequential):
            inside.pop()

    hooks = torch.nn.modules.module
    handles = [
        hooks.register_module_forward_pre_hook(enter),
        hooks.register_module_forward_hook(leave, always_call=True),
    ]
    try:
        work()
    finally:
        for handle in handles:
            handle.remove()
    return calls


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_inverts(flow, key):
    """Both ways return the same points, log-determinants of opposite signs, and one density."""
    w, near = _start(flow, key), {"rtol": flow.accuracy, "atol": flow.accuracy}
    noise = flow.noise(50, key.child("z").to(torch.float64))
    z = flow.base_point(w, noise)
    x, back = flow.call(w, z, method="inverse")
    base, log_det = flow.call(w, x)
    torch.testing.assert_close(base, z, **near)
    torch.testing.assert_close(back, -log_det, **near)
    torch.testing.assert_close(flow.push(w, noise), (x, flow.log_prob(w, x)), **near)


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_log_determinant_is_autograds(flow, key):
    w, near = _start(flow, key), {"rtol": flow.accuracy, "atol": flow.accuracy}
    for x in flow.sample(w, 5, key.child("x").to(torch.float64)):
        jacobian = torch.autograd.functional.jacobian(lambda p: flow.call(w, p[None])[0][0], x)
        _, log_det = flow.call(w, x[None])
        torch.testing.assert_close(torch.linalg.slogdet(jacobian)[1], log_det[0], **near)


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_depth_of_a_density(flow, key):
    w, x = _start(flow, key), flow.sample(flow.init(key), 1, key)
    assert _network_calls(lambda: flow.log_prob(w, x.double())) in (0, flow.density_depth)


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_gradients_of_both_ways(flow, key):
    """Gradients in the parameters, and in the points, are those of central differences."""
    w, h = _start(flow, key), 1e-5
    u = key.child("u").to(torch.float64).normal(flow.size)
    noise = flow.noise(6, key.child("z").to(torch.float64))
    x = flow.sample(w, 6, key.child("x").to(torch.float64))
    weights = key.child("weights").to(torch.float64).normal(6)

    def values(v):
        sample, log_q = flow.push(v, noise)
        return (weights * (flow.log_prob(v, x) + log_q + sample.square().sum(-1))).sum()

    (gradient,) = torch.autograd.grad(values(w.requires_grad_()), w)
    with torch.no_grad():
        slope = (values(w + h * u) - values(w - h * u)) / (2 * h)
    torch.testing.assert_close(gradient @ u, slope, rtol=1e-5, atol=1e-5)


PLANE = [model for model in EXACT if model.dim == 2]


def _mass(model, w):
    """The integral over the plane, by the trapezoid rule after x = sinh t."""
    t = torch.linspace(-5.5, 5.5, 401, dtype=torch.float64)
    grid = torch.cartesian_prod(t.sinh(), t.sinh())
    with torch.no_grad():
        log_q = torch.cat([model.log_prob(w, part) for part in grid.split(1 << 17)])
    weight = (t[1] - t[0]) * t.cosh()
    return weight @ log_q.exp().reshape(len(t), -1) @ weight


@pytest.mark.parametrize("model", PLANE, ids=name)
def test_density_has_mass_1_before_and_after_training(model, key):
    """After forty steps, too, on a ring whose modes are 0.3 wide."""
    game = gt.LikelihoodGame(model, gt.Ring(scale=0.3), batch=64)
    runs = gt.simulate(game, gt.Simultaneous(gt.Adam(5e-3)), steps=40, key=key, dtype=torch.float64)
    before, after = runs.points[0, 0], runs.points[0, -1]
    assert runs.outcome[0] != "diverged" and not torch.equal(before, after)
    for w in (before, after):
        assert abs(_mass(model, w) - 1) <= 2e-3


@pytest.mark.parametrize("model", EXACT, ids=name)
def test_density_and_sampler_agree(model, key):
    """E_q[N(x; 0, 2^2) / q(x)] = 1 over the sampler's own points, and E_q[score] = 0."""
    w = _start(model, key)
    x = model.sample(w, 40_000, key.child("samples").to(torch.float64)).requires_grad_()
    log_q = model.log_prob(w, x)
    (score,) = torch.autograd.grad(log_q.sum(), x)
    assert (score.mean(0).abs() <= 5.7 * score.std(0) / 200).all()
    narrow = -2 * x.square().sum(-1) - 0.5 * model.dim * math.log(2 * math.pi / 4)
    ratio = (narrow - log_q).exp()
    assert abs(ratio.mean() - 1) <= 5.7 * ratio.std() / 200


@pytest.mark.parametrize("model", COUNTED, ids=name)
def test_probabilities_and_sampler_agree(model, key):
    """Over all points the probabilities add up to 1, and 20,000 samples follow them: a chi-square test at 1e-6.

    Cells expected to hold fewer than 5 samples are pooled.
    """
    w = _start(model, key)
    values = torch.arange(model.levels, dtype=torch.float64)
    points = torch.cartesian_prod(*(values,) * model.dim).reshape(-1, model.dim)
    chances = model.log_prob(w, points).exp()
    torch.testing.assert_close(chances.sum(), torch.ones((), dtype=torch.float64), rtol=0, atol=1e-10)
    x = model.sample(w, 20_000, key.child("samples").to(torch.float64))
    place = (x * model.levels ** torch.arange(model.dim - 1, -1, -1)).sum(-1).long()
    assert torch.equal(points[place], x)
    counts = torch.bincount(place, minlength=len(points)).double()
    rare = 20_000 * chances < 5
    observed, expected = (torch.cat((v[~rare], v[rare].sum()[None])) for v in (counts, 20_000 * chances))
    cells = expected > 1e-9
    statistic = ((observed - expected).square() / expected)[cells].sum()
    assert statistic <= stats.chi2.isf(1e-6, cells.sum().item() - 1)
