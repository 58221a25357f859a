"""Normalised weights: torch's parametrization, step by step, and the exact one."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import spectral_norm as torch_spectral_norm

from gantheory.ops import spectral_normalization
from gantheory.ops.parametrizations import SpectralNormalization
from tests.ops.oracles import points


LAYERS = [
    lambda: nn.Linear(7, 5),
    lambda: nn.Linear(300, 2),
    lambda: nn.Conv2d(3, 8, 3),
    lambda: nn.ConvTranspose2d(3, 8, 3),
    lambda: nn.Conv1d(4, 6, 5, groups=2),
]


def pair(make, dtype=torch.float32, **options):
    """The same layer under torch's parametrization and ours, in the same state."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        plain = make().to(dtype)
        torchs = torch_spectral_norm(copy.deepcopy(plain), n_power_iterations=options.get("rounds", 1))
    ours = spectral_normalization(copy.deepcopy(plain), **options)
    assert list(ours.state_dict()) == list(torchs.state_dict())
    ours.load_state_dict(torchs.state_dict())
    return ours, torchs


@pytest.mark.parametrize("make", LAYERS)
@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_step_is_torchs(make, rounds, dtype):
    ours, torchs = pair(make, dtype, rounds=rounds)
    close = {"rtol": 1e-5, "atol": 1e-6} if dtype == torch.float32 else {"rtol": 1e-12, "atol": 1e-13}
    shape = ours.parametrizations.weight.original.shape  # each look at the weight is a step
    for step in range(6):
        if step == 3:
            ours.eval(), torchs.eval()  # the vectors stay
        before = ours.parametrizations.weight[0]._u.clone()
        target = points(1, shape.numel(), seed=step, dtype=dtype).reshape(shape)
        weights = ours.weight, torchs.weight
        torch.testing.assert_close(*weights, **close)
        gradients = [
            torch.autograd.grad((w * target).sum(), layer.parametrizations.weight.original)[0]
            for w, layer in zip(weights, (ours, torchs))
        ]
        torch.testing.assert_close(*gradients, **close)
        for name in ("_u", "_v"):
            torch.testing.assert_close(
                *(getattr(k.parametrizations.weight[0], name) for k in (ours, torchs)), **close
            )
        assert torch.equal(before, ours.parametrizations.weight[0]._u) == (step >= 3)


def test_two_uses_before_one_backward():
    """D(real) - D(fake): the buffers move between the uses, and both gradients are right."""
    ours, torchs = pair(LAYERS[0])
    x, y = points(4, 7, seed=1), points(4, 7, seed=2)
    for layer in (ours, torchs):
        (layer(x).square().sum() - layer(y).sin().sum()).backward()
    a, b = (k.parametrizations.weight.original.grad for k in (ours, torchs))
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_second_gradients_are_torchs():
    ours, torchs = pair(LAYERS[0], torch.float64)
    ours.eval(), torchs.eval()
    x = points(4, 7, seed=1, dtype=torch.float64).requires_grad_()
    found = []
    for layer in (ours, torchs):
        (gradient,) = torch.autograd.grad(layer(x).sin().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(gradient.square().sum(), layer.parametrizations.weight.original)[0])
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("make", LAYERS)
def test_exact_norms_are_one_from_the_first_use(make):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = spectral_normalization(make(), tolerance=1e-5)
    for step in range(3):
        matrix = layer.parametrizations.weight[0].rows_first(layer.weight.detach()).flatten(1)
        np.testing.assert_allclose(np.linalg.svd(matrix.numpy(), compute_uv=False)[0], 1, rtol=1e-5)
        with torch.no_grad():
            original = layer.parametrizations.weight.original
            original += points(1, original.numel(), seed=step).reshape(original.shape)


def test_removal_vectors_and_state():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = spectral_normalization(nn.Linear(4, 3)).eval()
    weight = layer.weight.detach().clone()
    parametrize.remove_parametrizations(layer, "weight")
    torch.testing.assert_close(layer.weight.detach(), weight)
    vector = SpectralNormalization(torch.ones(4), 1, 0, 1e-12, None)
    assert torch.equal(vector(torch.tensor([3.0, 4.0])), torch.tensor([0.6, 0.8]))
    assert list(vector.state_dict()) == []


def test_under_transforms():
    ours, torchs = pair(LAYERS[0], torch.float64)
    ours.eval(), torchs.eval()
    x = points(5, 7, seed=1, dtype=torch.float64)

    def gradients(layer):
        return torch.func.vmap(torch.func.grad(lambda x: layer(x).sin().sum()))(x)

    torch.testing.assert_close(gradients(ours), gradients(torchs))


def test_wrong_arguments_are_named():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = nn.Linear(4, 3)
    for options in ({"rounds": 0}, {"epsilon": 0.0}, {"tolerance": 0.0}):
        with pytest.raises(ValueError, match="must be positive"):
            spectral_normalization(layer, **options)
    with pytest.raises(ValueError, match="dim must be"):
        spectral_normalization(layer, dim=2)
