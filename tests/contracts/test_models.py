"""Every model is a pure function of one flat vector, and leaves as an ordinary state dict."""

from __future__ import annotations

import math

import pytest
import torch

import gantheory as gt
from tests.contracts.find import examples, name


ALL = examples(gt.Model)
FLOWS = [model for model in ALL if isinstance(model, gt.Flow)]
EXACT = [model for model in ALL if model.likelihood == "exact"]


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
        torch.testing.assert_close(a, b, rtol=1e-13, atol=1e-15)  # convolutions go by how memory lies


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
    w = _start(flow, key)
    noise = flow.noise(50, key.child("z").to(torch.float64))
    z = flow.base_point(w, noise)
    x, back = flow.call(w, z, method="inverse")
    base, log_det = flow.call(w, x)
    torch.testing.assert_close(base, z, rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(back, -log_det, rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(flow.push(w, noise), (x, flow.log_prob(w, x)), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_log_determinant_is_autograds(flow, key):
    w = _start(flow, key)
    for x in key.child("x").normal(5, flow.dim, dtype=torch.float64):
        jacobian = torch.autograd.functional.jacobian(lambda p: flow.call(w, p[None])[0][0], x)
        _, log_det = flow.call(w, x[None])
        torch.testing.assert_close(torch.linalg.slogdet(jacobian)[1], log_det[0], rtol=1e-8, atol=1e-8)


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
