"""Networks compute what they say, and start as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.signal
import scipy.special
import scipy.stats
import torch

import gantheory as gt


def _layers(model, w):
    """Weights and biases, in order, as numpy arrays."""
    return [value.double().numpy() for value in model.state_dict(w).values()]


def test_a_residual_perceptron_adds_what_came_in(key):
    model = gt.MLP(3, (5, 5, 4), 2, activation="tanh", residual=True)
    w = model.init(key.to(torch.float64))
    x = key.child("x").normal(7, 3, dtype=torch.float64)
    a, b, c, d, e, f, g, h = _layers(model, w)
    first = np.tanh(x.numpy() @ a.T + b)
    second = first + np.tanh(first @ c.T + d)
    expected = np.tanh(second @ e.T + f) @ g.T + h
    np.testing.assert_allclose(model(w, x).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("hidden", [(6, 4), (4, 6)], ids=str)
def test_orthogonal_starts_have_one_singular_value(hidden, key):
    model = gt.MLP(3, hidden, 2, initialisation="orthogonal", gain=1.4)
    for row in model.init(key.to(torch.float64).split(3)):
        weights = _layers(model, row)
        for weight, bias in zip(weights[::2], weights[1::2]):
            np.testing.assert_allclose(np.linalg.svd(weight, compute_uv=False), 1.4, rtol=1e-12)
            assert not bias.any()


def test_orthogonal_starts_are_uniform(key):
    """Among rotations of the plane and their mirror images: angles and determinants (false alarm 1e-6)."""
    model = gt.MLP(2, (), 2, initialisation="orthogonal")
    w = model.init(key.to(torch.float64).split(2000))[:, :4].reshape(-1, 2, 2).numpy()
    angle = np.arctan2(w[:, 1, 0], w[:, 0, 0]) / (2 * math.pi) + 0.5
    assert scipy.stats.kstest(angle, "uniform").pvalue > 1e-6
    proper = int((np.linalg.det(w) > 0).sum())
    assert scipy.stats.binomtest(proper, 2000).pvalue > 1e-6


@pytest.mark.parametrize(
    "kind, gain, law",
    [
        ("uniform", None, scipy.stats.uniform(-0.1, 0.2)),
        ("uniform", 2.0, scipy.stats.uniform(-0.2, 0.4)),
        ("normal", None, scipy.stats.norm(0, 0.02)),
        ("normal", 0.5, scipy.stats.norm(0, 0.5)),
        ("kaiming", None, scipy.stats.norm(0, math.sqrt(2 / 100))),
        ("kaiming", 0.5, scipy.stats.norm(0, 0.5 * math.sqrt(2 / 100))),
    ],
)
def test_weights_start_with_the_law_that_is_said(kind, gain, law, key):
    """A test of Kolmogorov and Smirnov, false alarm 1e-6."""
    model = gt.MLP(100, (), 50, initialisation=kind, gain=gain)
    weight, bias = _layers(model, model.init(key.to(torch.float64)))
    assert scipy.stats.kstest(weight.ravel(), law.cdf).pvalue > 1e-6
    assert kind == "uniform" or not bias.any()


def test_maxout_takes_the_largest_piece(key):
    model = gt.Maxout(3, (4,), 2, pieces=5)
    w, x = model.init(key.to(torch.float64)), key.child("x").normal(6, 3, dtype=torch.float64)
    a, b, c, d = _layers(model, w)
    hidden = (x.numpy() @ a.T + b).reshape(6, 4, 5).max(-1)
    np.testing.assert_allclose(model(w, x).numpy(), hidden @ c.T + d, rtol=1e-12)


def _convolved(pictures, kernels, biases):
    """Stride 2 and one row of zeros around, one picture and channel after another."""
    padded = np.pad(pictures, ((0, 0), (0, 0), (1, 1), (1, 1)))
    each = [
        [
            bias
            + sum(scipy.signal.correlate2d(p, k, mode="valid")[::2, ::2] for p, k in zip(picture, kernel))
            for kernel, bias in zip(kernels, biases)
        ]
        for picture in padded
    ]
    return np.array(each)


def _attended(maps, state):
    """Self-attention, place by place."""
    out = np.empty_like(maps)
    for picture, seen in zip(maps, out):
        places = picture.reshape(len(picture), -1).T
        for j, place in enumerate(places):
            scores = [(state["key"] @ other) @ (state["query"] @ place) for other in places]
            shares = scipy.special.softmax(scores)
            mean = sum(share * (state["value"] @ other) for share, other in zip(shares, places))
            seen[:, j // picture.shape[2], j % picture.shape[2]] = place + state["gamma"] * (
                state["out"] @ mean
            )
    return out


def test_a_convolutional_critic_by_hand(key):
    model = gt.ConvCritic(8, (2, 9), attention=1)
    w = model.init(key.to(torch.float64)) + 0.3  # away from gamma = 0
    x = key.child("x").normal(3, 64, dtype=torch.float64)
    state = {name: value.numpy() for name, value in model.state_dict(w).items()}
    convolutions = [(state["1.weight"], state["1.bias"]), (state["3.weight"], state["3.bias"])]
    maps = x.numpy().reshape(3, 1, 8, 8)
    for kernels, biases in convolutions:
        maps = _convolved(maps, kernels, biases)
        maps = np.where(maps > 0, maps, 0.2 * maps)
    names = {n.split(".")[1]: value for n, value in state.items() if n.startswith("5.")}
    maps = _attended(maps, names)
    expected = maps.reshape(3, -1) @ state["7.weight"].T + state["7.bias"]
    np.testing.assert_allclose(model(w, x).numpy(), expected, rtol=1e-10)


def test_a_convolutional_generator_is_the_adjoint_of_convolutions(key):
    """Without what is not linear, <G z, x> = <z, G' x> with G' made of scipy's correlations."""
    model = gt.ConvGenerator(3, 8, (3, 2), last="identity")
    w = model.init(key.to(torch.float64))
    state = {n: v.numpy() for n, v in model.state_dict(w).items()}
    state |= {n: 0 * v for n, v in state.items() if n.endswith("bias")}
    state["0.bias"] = np.full(12, 50.0)  # all units of the first map are on
    state["3.bias"] = np.full(2, 5000.0)  # and of the second
    flat = torch.cat([torch.as_tensor(state[n]).flatten() for n in state])
    z = key.child("z").normal(2, 3, dtype=torch.float64)
    made = (model(flat, z[:1]) - model(flat, z[1:])).numpy()[0]
    x = key.child("x").normal(1, 64, dtype=torch.float64).numpy()
    back = _convolved(x.reshape(1, 1, 8, 8), state["5.weight"], np.zeros(2))
    back = _convolved(back, state["3.weight"], np.zeros(3))
    assert made @ x[0] == pytest.approx(
        ((z[0] - z[1]).numpy() @ state["0.weight"].T) @ back.ravel(), rel=1e-9
    )


def test_attention_starts_as_nothing(key):
    plain, seeing = gt.ConvGenerator(3, 8, (9, 2)), gt.ConvGenerator(3, 8, (9, 2), attention=0)
    w = seeing.init(key)
    x = key.child("x").normal(4, 3)
    names = [n for n in seeing.state_dict(w) if not n.startswith("3.")]
    flat = torch.cat([seeing.state_dict(w)[n].flatten() for n in names])
    torch.testing.assert_close(seeing(w, x), plain(flat, x))


def test_pictures_are_learned_by_a_population(key):
    """Convolutions of a population: traced steps equal a member's own, and the critic's loss falls."""
    nets = gt.ConvGenerator(4, 8, (4, 4), attention=0), gt.ConvCritic(8, (4, 4), attention=1)
    game = gt.AdversarialGame(*nets, gt.Triangles(size=8), gt.NonSaturating(), batch=4)
    rule = gt.Simultaneous(gt.Adam(1e-3))
    runs = gt.simulate(game, rule, steps=45, population=2, dtype=torch.float64, key=key)
    alone = gt.simulate(game, rule, steps=45, population=1, dtype=torch.float64, key=key)
    torch.testing.assert_close(runs.points[:1], alone.points, rtol=1e-7, atol=1e-9)
    assert (runs.losses[:, -1, 1] < runs.losses[:, 0, 1]).all()


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.MLP(2, (4,), 1, gain=0.0), "positive, finite gain"),
        (lambda: gt.MLP(2, (4, 5), 1, residual=True), "equal width"),
        (lambda: gt.Maxout(2, (4,), 1, pieces=0), "pieces of at least 1"),
        (lambda: gt.ConvCritic(10, (2, 3)), "halves its side 2 times, which 10 does not allow"),
        (lambda: gt.ConvCritic(8, ()), "channels of at least 1"),
        (lambda: gt.ConvGenerator(2, 8, attention=2), "layers 0 to 1, got attention=2"),
        (lambda: gt.ConvGenerator(0, 8), "needs an input"),
        (lambda: gt.MLP(2, (4,), 1, activation="cube"), "must be one of 'relu'"),
        (lambda: gt.MLP(2, (4,), 1, initialisation="zero"), "must be one of 'uniform'"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
