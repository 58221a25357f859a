"""A user's module is trained as it is, or refused with what to do."""

from __future__ import annotations

import pytest
import torch

import gantheory as gt
from gantheory.models.model import _layout_of
from tests.models import networks


RULE = gt.Alternating(gt.Adam(1e-2))
GENERATOR: gt.Model = gt.MLP(2, (4,), 2)


def _critic(name, *args, inputs=2, vmap=True):
    return gt.Network(f"tests.models.networks:{name}", args=args, inputs=inputs, vmap=vmap)


def _train(critic: gt.Model, *, generator: gt.Model = GENERATOR, population: int = 2):
    game = gt.AdversarialGame(generator, critic, gt.Ring(), gt.NonSaturating(), batch=8)
    return gt.simulate(game, RULE, steps=3, population=population, key=gt.Key(0))


@pytest.mark.parametrize(
    ("critic", "message"),
    [
        (_critic("spectral", True), r"take Normalised\(..., SpectralNorm\(\)\)"),
        (_critic("spectral", False), r"take Normalised\(..., SpectralNorm\(\)\)"),
        (gt.Network("tests.models.networks:lazy"), r"Network\(..., inputs=...\)"),
        (_critic("Frozen"), r"not to be trained \(weight\).*register_buffer"),
        (_critic("Pair"), r"critic must give a tensor \(8, 1\), but .* gave a tuple"),
        (_critic("Pair", vmap=False), "gave a tuple"),
        (gt.Network("torch.nn:Linear", args=(2, 3), inputs=2), r"\(8, 1\), but .* gave \(8, 3\)"),
        (gt.Network("torch.nn:Identity"), "no parameters to train"),
        (gt.Network("builtins:int"), "must make a torch.nn.Module, but made 0"),
    ],
    ids=str,
)
def test_what_cannot_be_trained_is_refused_with_what_to_do(critic, message):
    with pytest.raises(ValueError, match=message):
        _train(critic)


@pytest.mark.parametrize(("vmap", "population"), [(True, 2), (True, 1), (False, 2)])
def test_a_module_that_draws_is_refused_however_it_runs(vmap, population):
    for name, share in (("dropping", 0.0), ("evaluated", 0.5)):
        critic = _critic(name, share, vmap=vmap)
        assert _train(critic, population=population).losses.isfinite().all()
    with pytest.raises(ValueError, match=r"draws random numbers while it runs.*set dropout to 0"):
        _train(_critic("dropping", 0.5, vmap=vmap), population=population)


@pytest.mark.parametrize("vmap", [True, False])
def test_a_buffer_that_changes_is_refused(vmap):
    with pytest.raises(ValueError, match="changes its calls while it runs"):
        _train(_critic("Counting", vmap=vmap))


def test_generators_are_held_to_their_shape():
    with pytest.raises(ValueError, match=r"generator must give a tensor \(8, 2\), but .* gave \(8, 3\)"):
        _train(gt.MLP(2, (4,), 1), generator=gt.Network("torch.nn:Linear", args=(2, 3), inputs=2))


def test_lazy_layers_take_their_sizes_from_the_inputs():
    critic = _critic("lazy")
    assert critic.size == 2 * 8 + 8 + 8 + 1
    assert _train(critic).losses.isfinite().all()


def test_drawn_buffers_depend_on_no_global_state_and_leave_with_the_weights():
    runs = []
    for seed in (1, 2):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            runs.append(_train(_critic("Fourier", vmap=seed == 1)))
        _layout_of.cache_clear()  # as in another process
    state, again = (run.state_dict(0)["critic"] for run in runs)
    assert torch.equal(state["frequencies"], again["frequencies"])
    torch.testing.assert_close(runs[0].points, runs[1].points)
    with torch.random.fork_rng():
        module = networks.Fourier()
    module.load_state_dict(state)
    x = torch.randn(5, 2, generator=torch.Generator().manual_seed(0)).double()
    expected = _critic("Fourier")(runs[0].profile[1][0].double(), x)
    torch.testing.assert_close(module.double()(x), expected)


def test_tied_weights_leave_under_both_names():
    critic = _critic("Tied")
    runs = _train(critic)
    state = runs.state_dict(1)["critic"]
    with torch.random.fork_rng():
        module = networks.Tied()
    module.load_state_dict(state)
    assert module.first.weight is module.second.weight
    assert torch.equal(state["first.weight"], state["second.weight"])
    x = torch.ones(3, 2, dtype=torch.float64)
    expected = critic(runs.profile[1][1].double(), x)
    torch.testing.assert_close(module.double()(x), expected)
