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
from gantheory.ops.spectral_division import Memory
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


@pytest.mark.parametrize("make", [LAYERS[0], *LAYERS[2:]])
def test_first_and_second_gradients_by_differences(make):
    ours, _ = pair(make, torch.float64)
    made = ours.eval().parametrizations.weight[0]
    with torch.no_grad():
        made._u += 0.1  # away from where the gradient of the norm vanishes to first order
    weight = ours.parametrizations.weight.original
    with torch.random.fork_rng():
        assert torch.autograd.gradcheck(made, (weight,))
        assert torch.autograd.gradgradcheck(made, (weight,))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [1e-8, 1e15])
def test_extreme_scales_are_torchs(scale, dtype):
    ours, torchs = pair(LAYERS[0], dtype)
    with torch.no_grad():
        for layer in (ours, torchs):
            layer.parametrizations.weight.original *= scale
    for _ in range(3):
        torch.testing.assert_close(ours.weight, torchs.weight, rtol=1e-5, atol=1e-6)


def test_a_diagonal_weight_is_divided_by_its_largest_entry():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = nn.Linear(3, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.diag(torch.tensor([1.0, -4.0, 2.0])))
    torch.testing.assert_close(
        spectral_normalization(layer).weight.detach(), torch.diag(torch.tensor([0.25, -1, 0.5]))
    )


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


class Stacked(nn.Module):
    """The weights of several members, and no more."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("tolerance", [None, 1e-5])
def test_stacked_weights_are_as_many_layers(dim, tolerance):
    weights = points(3, 4 * 5 * 2, seed=1).reshape(3, 4, 5, 2)
    options = {"dim": dim, "tolerance": tolerance}
    stacked = spectral_normalization(Stacked(weights), stacked=True, **options)
    layers = [spectral_normalization(Stacked(w), **options) for w in weights]
    for _ in range(2):
        found, wanted = stacked.weight, torch.stack([layer.weight for layer in layers])
        torch.testing.assert_close(found, wanted)
        gradient = torch.autograd.grad(found.sin().sum(), originals(stacked))[0]
        each = torch.autograd.grad(wanted.sin().sum(), [originals(layer)[0] for layer in layers])
        torch.testing.assert_close(gradient, torch.stack(each))
    rows = spectral_normalization(Stacked(torch.tensor([[3.0, 4.0], [0.0, 2.0]])), stacked=True)
    torch.testing.assert_close(rows.weight.detach(), torch.tensor([[0.6, 0.8], [0.0, 1.0]]))


def network() -> nn.Module:
    """Layers of several kinds; one of them is used twice."""

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.again = nn.Conv2d(2, 3, 3), nn.Linear(12, 12)
            self.norm, self.up, self.last = nn.LayerNorm(12), nn.ConvTranspose1d(3, 4, 3), nn.Linear(24, 1)

        def forward(self, x):
            x = self.first(x).flatten(1).sin()
            x = self.norm(self.again(self.again(x).sin()))
            return self.last(self.up(x.reshape(-1, 3, 4)).flatten(1))

    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Network()


def originals(module: nn.Module) -> list[torch.Tensor]:
    return [p for name, p in module.named_parameters() if name.endswith("original")]


@pytest.mark.parametrize("tolerance", [None, 1e-4])
def test_a_networks_pass_is_a_step_of_every_layer(tolerance):
    """Against the same layers normalised one by one, with torch's cache for the layer used twice."""
    plain = network()
    single = copy.deepcopy(plain)
    for layer in (single.first, single.again, single.up, single.last):
        spectral_normalization(layer, tolerance=tolerance)
    whole = spectral_normalization(plain, tolerance=tolerance)
    whole.load_state_dict(single.state_dict())
    copied = copy.deepcopy(whole)
    assert len(originals(whole)) == 4 and "norm.parametrizations.weight.original" not in whole.state_dict()
    for step in range(4):
        if step == 2:
            for net in (single, whole, copied):
                net.first.eval(), net.last.eval()
        x = points(5, 32, seed=step).reshape(5, 2, 4, 4)
        with parametrize.cached():
            wanted = single(x)
        for net in (whole, copied):
            found = net(x)
            torch.testing.assert_close(found, wanted)
            torch.testing.assert_close(dict(net.named_buffers()), dict(single.named_buffers()))
            gradients = torch.autograd.grad(found.square().sum(), originals(net))
            again = torch.autograd.grad(wanted.square().sum(), originals(single), retain_graph=True)
            torch.testing.assert_close(gradients, again, rtol=1e-4, atol=1e-6)
    before = whole.again.parametrizations.weight[0]._u.clone()
    _ = whole.again.weight  # outside of a pass a look is a step
    assert not torch.equal(before, whole.again.parametrizations.weight[0]._u)


def test_a_network_keeps_torchs_rules():
    whole = spectral_normalization(network()).eval()
    x = points(5, 32, seed=1).reshape(5, 2, 4, 4)
    value = whole(x)
    for layer in (whole.first, whole.again):  # removal leaves the value, and the others as they are
        parametrize.remove_parametrizations(layer, "weight")
        torch.testing.assert_close(whole(x), value)
    assert type(whole.first) is nn.Conv2d
    parametrize.register_parametrization(whole.last, "weight", nn.Softplus(), unsafe=True)  # one more on top
    torch.testing.assert_close(
        whole.last.weight.exp(),
        1 + (whole.last.parametrizations.weight[0](whole.last.parametrizations.weight.original)).exp(),
    )
    assert whole(x).shape == (5, 1)
    with pytest.raises(RuntimeError):  # a pass that fails leaves nothing behind
        whole(x[:, :1])
    assert not any(name.startswith("_ready") for m in whole.modules() for name in vars(m))


def test_a_graph_is_built_where_it_is_wanted():
    """Weights made ready without a graph do not serve a use that needs one."""
    whole = spectral_normalization(network())
    x = points(5, 32, seed=1).reshape(5, 2, 4, 4)
    uses = []

    def look(layer, _):
        with torch.enable_grad():
            uses.append((layer.weight, layer.weight))

    whole.last.register_forward_pre_hook(look)
    with torch.no_grad():
        assert not whole(x).requires_grad
    whole(x)
    assert all(w.requires_grad for pair in uses for w in pair)
    assert uses[0][0] is not uses[0][1] and uses[1][0] is uses[1][1]


def test_memory_serves_again_when_nothing_is_left_in_it():
    memory = Memory()
    shapes = [(3, 5), (1,), (7, 2, 2)]
    for dtype in (torch.float32, torch.float64):
        like = [torch.zeros(shape, dtype=dtype) for shape in shapes]
        first = memory.like(like)
        assert [(t.shape, t.dtype) for t in first] == [(t.shape, t.dtype) for t in like]
        places = [t.data_ptr() for t in first]
        assert all(place % 64 == 0 for place in places)
        kept = first[1].view(1, 1)  # of one of them, no more than another view
        del first
        kept.fill_(7)
        second = memory.like(like)
        assert not {t.data_ptr() for t in second} & set(places)
        for t in second:
            t.fill_(1)
        assert kept.item() == 7
        del kept
        assert [t.data_ptr() for t in memory.like(like)] == places
    assert copy.deepcopy(memory)._free == []


def test_large_networks_keep_the_weights_of_a_graph():
    """D(real) - D(fake) where the weights lie in memory that is used again."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        whole = nn.Sequential(nn.Linear(600, 2000, bias=False), nn.Linear(2000, 1, bias=False))
    single = copy.deepcopy(whole)
    for layer in single:
        spectral_normalization(layer)
    spectral_normalization(whole).load_state_dict(single.state_dict())
    x, y = points(3, 600, seed=1), points(3, 600, seed=2)
    for _ in range(3):
        found = []
        for net in (single, whole):
            net.zero_grad()
            (net(x).square().sum() - net(y).sin().sum()).backward()
            found.append([w.grad for w in originals(net)])
        torch.testing.assert_close(*found, rtol=1e-5, atol=1e-6)


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
    with pytest.raises(ValueError, match="nothing in it has one with 2 axes"):
        spectral_normalization(nn.Sequential(nn.LayerNorm(3)))
    with pytest.raises(ValueError, match="dim must be"):
        spectral_normalization(layer, dim=2)
