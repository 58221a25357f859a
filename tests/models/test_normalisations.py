"""Normalisations against torch's own layers, numpy and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

import gantheory as gt
from gantheory.dynamics import tracing
from gantheory.dynamics.population import Many
from tests.contracts.find import concrete, examples, name


PLAIN = gt.MLP(3, (5, 4), 2, activation="tanh")
ALL = examples(gt.Normalisation)


def _away(model, key):
    """Parameters in float64 at which nothing is special."""
    w = model.init(key.to(torch.float64))
    return w + 0.3 * key.child("away").normal(model.size, dtype=torch.float64)


def _torchs(norm):
    """The same perceptron with a layer of torch's own behind every layer but the last."""
    return nn.Sequential(
        nn.Linear(3, 5), norm(5), nn.Tanh(), nn.Linear(5, 4), norm(4), nn.Tanh(), nn.Linear(4, 2)
    ).double()


@pytest.mark.parametrize(
    "kind, norm",
    [
        (gt.LayerNorm(), nn.LayerNorm),
        (gt.BatchNorm(), lambda n: nn.BatchNorm1d(n, track_running_stats=False)),
    ],
    ids=("layer", "batch"),
)
def test_layers_and_batches_are_torchs(kind, norm, key):
    model = gt.Normalised(PLAIN, kind)
    w, x = _away(model, key), key.child("x").normal(7, 3, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]):
        network = _torchs(norm)
    state = {place: model.state_dict(w)[f"{ours}"] for place, ours in _places(network)}
    network.load_state_dict(state)
    torch.testing.assert_close(model(w, x), network(x), rtol=1e-12, atol=1e-12)


def _places(network):
    """Pairs of names: in the chain with layers of its own, and in ours, where they hang on the layers."""
    ours = {"0": "0", "1": "0.norm", "3": "2", "4": "2.norm", "6": "4"}
    for place, _ in network.named_parameters():
        number, _, part = place.partition(".")
        yield place, f"{ours[number]}.{part}"


def _numpy_layers(model, w):
    state = {n.removeprefix("network."): v.numpy() for n, v in model.state_dict(w).items()}
    return [
        [state.get(f"{k}.{part}") for part in ("weight", "bias", "norm.weight", "norm.bias")]
        for k in (0, 2, 4)
    ]


def _standard(y, over, gain, bias):
    return gain * (y - over.mean(0)) / np.sqrt(over.var(0) + 1e-5) + bias


@pytest.mark.parametrize("kind", [gt.ReferenceBatchNorm(6), gt.VirtualBatchNorm(6)], ids=name)
def test_reference_batches_by_brute_force(kind, key):
    """Sample by sample, with the reference batch's way through the network written out."""
    model = gt.Normalised(PLAIN, kind)
    w, x = _away(model, key), key.child("x").normal(4, 3, dtype=torch.float64)
    reference = model.state_dict(w)["reference"].numpy()
    found = model(w, x).numpy()
    for one, expected in zip(x.numpy(), found):
        r, y = reference, one[None]
        for k, (weight, bias, gain, shift) in enumerate(_numpy_layers(model, w)):
            r, y = r @ weight.T + bias, y @ weight.T + bias
            if k < 2:
                over = np.concatenate((y, r)) if isinstance(kind, gt.VirtualBatchNorm) else r
                y, r = np.tanh(_standard(y, over, gain, shift)), np.tanh(_standard(r, r, gain, shift))
        np.testing.assert_allclose(y[0], expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(9, 4), (9, 4, 2, 3)], ids=str)
def test_virtual_moments_are_those_of_the_union(shape, key):
    y = key.normal(math.prod(shape), dtype=torch.float64).reshape(shape)
    variance, mean = gt.VirtualBatchNorm(6).moments(y)
    pixels = (0, *range(2, len(shape)))
    for i in range(9):
        over = y[:6] if i < 6 else torch.cat((y[:6], y[i : i + 1]))
        np.testing.assert_allclose(mean[i].flatten(), over.numpy().mean(pixels), rtol=1e-12)
        np.testing.assert_allclose(variance[i].flatten(), over.numpy().var(pixels), rtol=1e-12)


def test_pictures_are_normalised_by_channel(key):
    critic = gt.Normalised(gt.ConvCritic(8, (3, 2)), gt.BatchNorm())
    w, x = _away(critic, key), key.child("x").normal(5, 64, dtype=torch.float64)
    state = critic.state_dict(w)
    with torch.random.fork_rng(devices=[]):
        c1, c2, out = nn.Conv2d(1, 3, 4, 2, 1), nn.Conv2d(3, 2, 4, 2, 1), nn.Linear(8, 1)
        b1, b2 = (nn.BatchNorm2d(n, track_running_stats=False) for n in (3, 2))
    network = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), c1, b1, nn.LeakyReLU(0.2), c2, b2, nn.LeakyReLU(0.2), nn.Flatten(), out
    ).double()
    ours = {"1": "1", "2": "1.norm", "4": "3", "5": "3.norm", "8": "6"}
    names = [name for name, _ in network.named_parameters()]
    network.load_state_dict({n: state[f"{ours[n[0]]}.{n[2:]}"] for n in names})
    torch.testing.assert_close(critic(w, x), network(x), rtol=1e-11, atol=1e-12)


def test_reference_batches_come_from_their_source_and_key(key):
    ring = gt.Ring()
    models = [
        gt.Normalised(gt.MLP(2, (4,), 1), gt.ReferenceBatchNorm(5, source, k))
        for source in (ring, None)
        for k in (gt.Key(1), gt.Key(2))
    ]
    batches = [model.state_dict(torch.zeros(model.size))["reference"] for model in models]
    torch.testing.assert_close(batches[0], ring.sample(5, gt.Key(1).to(torch.float64)))
    torch.testing.assert_close(batches[2], gt.Key(1).normal(5, 2, dtype=torch.float64))
    assert not torch.equal(batches[0], batches[1]) and not torch.equal(batches[2], batches[3])


def test_weight_normalisation_is_torchs(key):
    model = gt.Normalised(PLAIN, gt.WeightNorm())
    w, x = _away(model, key), key.child("x").normal(7, 3, dtype=torch.float64)
    with torch.random.fork_rng(devices=[]):
        network = PLAIN.build().double()
    for layer in network[::2]:
        parametrizations.weight_norm(layer)
    network.load_state_dict(model.state_dict(w))
    torch.testing.assert_close(model(w, x), network(x), rtol=1e-12, atol=1e-12)
    start = key.to(torch.float64)
    torch.testing.assert_close(model(model.init(start), x), PLAIN(PLAIN.init(start), x), rtol=1e-12, atol=0)


def _torchs_power_iteration(model, w):
    """Torch's own parametrization, at the same weights and the same vectors; it iterates in training only."""
    with torch.random.fork_rng(devices=[]):
        network = model.model.build().double()
        for layer in network[::2]:
            parametrizations.spectral_norm(layer, n_power_iterations=model.normalisation.rounds)
    state = model.state_dict(w)
    network.load_state_dict({n: v for n, v in state.items() if n[-2:] not in (".u", ".v")}, strict=False)
    for k in range(0, len(network), 2):
        held = network[k].parametrizations.weight[0]
        for which in ("u", "v"):
            getattr(held, f"_{which}").copy_(state[f"{k}.parametrizations.weight.0.{which}"])
    return network.eval()


def test_power_iteration_starts_from_fifteen_rounds(key):
    model = gt.Normalised(PLAIN, gt.SpectralNorm(rounds=1))
    state = model.state_dict(model.init(key.to(torch.float64)))
    for k in (0, 2, 4):
        weight = state[f"{k}.parametrizations.weight.original"].numpy()
        v = np.cos(np.arange(1, 1 + weight.shape[1]))
        for _ in range(15):
            u = weight @ v / np.linalg.norm(weight @ v)
            v = weight.T @ u / np.linalg.norm(weight.T @ u)
        np.testing.assert_allclose(state[f"{k}.parametrizations.weight.0.u"], u, rtol=1e-10)
        np.testing.assert_allclose(state[f"{k}.parametrizations.weight.0.v"], v, rtol=1e-10)


@pytest.mark.parametrize("rounds", [1, 3])
def test_training_with_power_iteration_is_torchs(rounds, key):
    """Eight steps of a Wasserstein game: torch takes its rounds once a step, in a forward pass for nothing."""
    critic = gt.Normalised(gt.MLP(2, (5, 4), 1, activation="tanh"), gt.SpectralNorm(rounds))
    game = gt.AdversarialGame(gt.MLP(2, (3,), 2), critic, gt.Ring(), gt.Wasserstein(), batch=6)
    rule, many = gt.PowerIterated(gt.Simultaneous(gt.SGD(0.2))), Many(game, 2)
    profile = game.init(key.to(torch.float64).split(2))
    state, generator = rule.init(many, profile), profile[0][1]
    network = _torchs_power_iteration(critic, profile[1][1])
    optimiser = torch.optim.SGD(network.parameters(), lr=0.2)
    for step in range(8):
        own = key.to(torch.float64).child("step", step).split(2)
        real, noise = (drawn[1] for drawn in many.draw(own.child(0)))
        w = generator.clone().requires_grad_()
        loss = -network(game.generator(w, noise)).mean()
        (slope,) = torch.autograd.grad(loss, w)
        optimiser.zero_grad()
        (network(game.generator(w.detach(), noise)).mean() - network(real).mean()).backward()
        optimiser.step()
        network.train()(real)
        network.eval()
        generator = generator - 0.2 * slope
        profile, state = rule.advance(many, profile, state, own)
        torch.testing.assert_close(profile[0][1], generator, rtol=1e-9, atol=1e-12)
        theirs = dict(network.named_parameters())
        for place, value in critic.state_dict(profile[1][1]).items():
            expected = theirs.get(place)
            if expected is None:  # a vector of the iteration
                held = network[int(place[0])].parametrizations.weight[0]
                expected = getattr(held, f"_{place[-1]}")
            torch.testing.assert_close(value, expected.detach(), rtol=1e-9, atol=1e-12)


def test_power_iterations_follow_the_spectral_norms_through_training(key):
    """One round a step is enough where weights move slowly: u'Wv stays within 5 percent below the norm."""
    critic = gt.Normalised(gt.MLP(2, (16, 16), 1), gt.SpectralNorm(rounds=1))
    game = gt.AdversarialGame(gt.MLP(2, (16,), 2), critic, gt.Ring(), gt.Hinge(), batch=16)
    with pytest.raises(ValueError, match=r"wrap the rule, PowerIterated\(Alternating"):
        gt.simulate(game, gt.Alternating(gt.Adam(1e-2)), steps=1, key=key)
    rule = gt.Averaged(gt.PowerIterated(gt.Alternating(gt.Adam(1e-2))), player="generator")
    runs = gt.simulate(game, rule, steps=200, population=2, key=key)
    state = runs.state_dict(1)["critic"]
    for k in (0, 2, 4):
        weight, u, v = (
            state[f"{k}.parametrizations.weight.{part}"].double().numpy()
            for part in ("original", "0.u", "0.v")
        )
        assert 0.95 <= u @ weight @ v / np.linalg.norm(weight, 2) <= 1 + 1e-5


def _effective(model, w):
    """The weights that the network really uses."""
    network = model.build().double()
    network.load_state_dict(model.state_dict(w))
    for layer in network[::2]:
        parametrize.remove_parametrizations(layer, "weight")
    return [layer.weight.detach().numpy() for layer in network[::2]]


def test_exact_spectral_norms_are_one(key):
    model = gt.Normalised(PLAIN, gt.SpectralNorm())
    w = _away(model, key)
    with torch.random.fork_rng(devices=[]):
        used = _effective(model, w)
    for weight, raw in zip(used, [v for n, v in model.state_dict(w).items() if "original" in n]):
        np.testing.assert_allclose(np.linalg.norm(weight, 2), 1.0, rtol=1e-6)
        np.testing.assert_allclose(weight, raw / np.linalg.norm(raw.numpy(), 2), rtol=1e-6)


def test_orthonormal_weights_are_the_qr_factor(key):
    model = gt.Normalised(PLAIN, gt.Orthonormal())
    w = _away(model, key)
    with torch.random.fork_rng(devices=[]):
        used = _effective(model, w)
    for weight, raw in zip(used, [v.numpy() for n, v in model.state_dict(w).items() if "original" in n]):
        tall = raw if raw.shape[0] >= raw.shape[1] else raw.T
        q, r = scipy.linalg.qr(tall, mode="economic")
        q = q * np.sign(np.diag(r))
        np.testing.assert_allclose(weight, q if tall is raw else q.T, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ALL, ids=name)
def test_gradients_are_those_of_finite_differences(kind, key):
    """In parameters and inputs, where nothing is held: power iteration holds its vectors by definition."""
    model = gt.Normalised(gt.MLP(2, (4, 3), 1, activation="tanh"), kind)
    w, x = _away(model, key), key.child("x").normal(5, 2, dtype=torch.float64)
    if isinstance(kind, gt.SpectralNorm) and kind.rounds:
        return
    loose = isinstance(kind, gt.SpectralNorm)  # the norm itself is within 1e-5 squared, or so
    torch.autograd.gradcheck(
        lambda u, y: model(u, y).sin(), (w.requires_grad_(), x.requires_grad_()), atol=1e-5 if loose else 1e-7
    )


@pytest.mark.parametrize("kind", [cls.examples()[0] for cls in concrete(gt.Normalisation)], ids=name)
def test_training_equals_training_without_traces(kind, key, monkeypatch):
    """A traced step must not take for a constant what changes with the weights, also under a penalty."""
    critic = gt.Normalised(gt.MLP(2, (4, 3), 1), kind)
    game = gt.AdversarialGame(gt.MLP(2, (4,), 2), critic, gt.Ring(), gt.NonSaturating(), batch=4)
    if kind.samplewise:
        game = gt.WithPenalty(game, gt.R1(1.0))
    steps = tracing.WARM + 5

    def run(population):
        rule = gt.Simultaneous(gt.SGD(0.1))
        return gt.simulate(
            game, rule, steps=steps, population=population, dtype=torch.float64, key=key
        ).points

    traced = run(2)
    monkeypatch.setattr(tracing, "WARM", steps + 1)
    torch.testing.assert_close(traced[:1], run(1), rtol=1e-9, atol=1e-12)
    assert (traced[0, -1] - traced[0, 0]).abs().max() > 1e-3


def test_penalties_of_gradients_are_refused_where_samples_hang_together():
    critic = gt.Normalised(gt.MLP(2, (4,), 1), gt.BatchNorm())
    game = gt.AdversarialGame(gt.MLP(2, (4,), 2), critic, gt.Ring(), gt.NonSaturating(), batch=4)
    with pytest.raises(ValueError, match="LayerNorm"):
        gt.WithPenalty(game, gt.R1(1.0))


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.Normalised(gt.RealNVP(2), gt.LayerNorm()), "without a density"),
        (lambda: gt.Normalised(gt.MLP(2, (), 1), gt.LayerNorm()).size, "give it a hidden layer"),
        (
            lambda: gt.Normalised(gt.Normalised(PLAIN, gt.LayerNorm()), gt.BatchNorm()).size,
            "behind another normalisation",
        ),
        (lambda: gt.VirtualBatchNorm(1), "at least 2 rows"),
        (lambda: gt.ReferenceBatchNorm(8, gt.Adam(0.1)), "from a distribution"),
        (lambda: gt.SpectralNorm(0), "a round of power iteration"),
        (
            lambda: gt.Normalised(gt.MLP(3, (4,), 1), gt.VirtualBatchNorm(8, gt.Ring())).size,
            "2 dimensions, but the network 3 inputs",
        ),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_a_batch_of_one_is_refused():
    model = gt.Normalised(PLAIN, gt.BatchNorm())
    with pytest.raises(ValueError, match="two or more"):
        model(torch.zeros(model.size), torch.zeros(1, 3))
