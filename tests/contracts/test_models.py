"""Every model is a pure function of one flat vector, and leaves as an ordinary state dict."""

from __future__ import annotations

import math

import pytest
import torch

import gantheory as gt
from tests.contracts.find import examples, name


ALL = examples(gt.Model)
FLOWS = [model for model in ALL if isinstance(model, gt.Flow)]


def _start(model, key, members=None):
    key = key.to(torch.float64)
    w = model.init(key if members is None else key.split(members))
    # away from the special start (a flow begins as the identity)
    return w + 0.1 * key.child("away").normal(w.numel()).reshape(w.shape)


def _run(model, w, x):
    return model.log_prob(w, x) if isinstance(model, gt.Flow) else model(w, x)


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
    x = key.child("x").normal(5, model.inputs, dtype=torch.float64)
    alone = torch.stack([_run(model, row, x) for row in w])
    if model.vectorised:
        together = torch.func.vmap(lambda row: _run(model, row, x))(w)
        torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-12)
    assert alone.shape[:2] == (4, 5)


@pytest.mark.parametrize("model", ALL, ids=name)
def test_refuses_a_vector_of_the_wrong_size(model, key):
    with pytest.raises(ValueError, match="parameters"):
        model.call(torch.zeros(model.size + 1), torch.zeros(2, model.inputs))


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_inverts(flow, key):
    w = _start(flow, key)
    z = flow.noise(50, key.child("z").to(torch.float64))
    base, _ = flow.call(w, flow.inverse(w, z))
    torch.testing.assert_close(base, z, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_log_determinant_is_autograds(flow, key):
    w = _start(flow, key)
    for x in key.child("x").normal(5, flow.dim, dtype=torch.float64):
        jacobian = torch.func.jacrev(lambda p: flow.call(w, p[None])[0][0])(x)
        _, log_det = flow.call(w, x[None])
        torch.testing.assert_close(torch.linalg.slogdet(jacobian)[1], log_det[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("flow", FLOWS, ids=name)
def test_flow_density_and_sampler_agree(flow, key):
    """E_q[N(x; 0, 2^2) / q(x)] = 1 over the sampler's own points, and E_q[score] = 0."""
    w = _start(flow, key)
    x = flow.sample(w, 40_000, key.child("samples").to(torch.float64)).requires_grad_()
    log_q = flow.log_prob(w, x)
    (score,) = torch.autograd.grad(log_q.sum(), x)
    assert (score.mean(0).abs() <= 5.7 * score.std(0) / 200).all()
    narrow = -2 * x.square().sum(-1) - 0.5 * flow.dim * math.log(2 * math.pi / 4)
    ratio = (narrow - log_q).exp()
    assert abs(ratio.mean() - 1) <= 5.7 * ratio.std() / 200
