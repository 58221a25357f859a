"""What memory cannot hold is refused before it is taken, with the size and what to do.

Free memory is a number of the test's own, so that nothing large is ever made.
"""

import math

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory import room
from gantheory.dynamics import run as running
from gantheory.dynamics.need import need_of
from gantheory.models.exact_density import density as exact


RING = gt.Ring(modes=8, scale=0.15)
RULE = gt.Alternating(gt.Adam(1e-3))


def gan(batch: int, width: int = 16) -> gt.AdversarialGame:
    nets = gt.MLP(2, (width,), 2), gt.MLP(2, (width,), 1)
    return gt.AdversarialGame(*nets, RING, gt.NonSaturating(), batch=batch)


@pytest.fixture
def little(monkeypatch):
    """A machine with 100 MiB left."""
    monkeypatch.setattr(room, "free_memory", lambda: 100 * 2.0**20)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: RING.sample(10**10, gt.Key(0)), "a draw of 20000000000 numbers .*74.5 GiB.*draw fewer"),
        (lambda: gt.Key(0).split(4).uniform(10**8), "a draw of 100000000 numbers for 4 keys .*1.49 GiB"),
        (lambda: gt.energy_distance(RING, RING, n=10**9, key=gt.Key(0)), "a draw of .* draw fewer"),
        (lambda: gt.Linear(0, 1, 10**9).values(), "a sweep over 1000000000 numbers .*take fewer"),
        (lambda: gt.Log(1, 2, 10**9).values(), "a sweep over 1000000000 numbers"),
        (lambda: gt.Sobol((gt.Linear(0, 1, 4),), count=10**9).values(), "a sweep over 1000000000 numbers"),
        (
            lambda: gt.ops.pairwise_distance(torch.zeros(10**5, 2), torch.zeros(10**5, 2)),
            "the matrix of distances would need 37.3 GiB, and 0.0977 GiB are free: take fewer points",
        ),
    ],
)
def test_what_draws_sweeps_and_matrices_take_is_said(little, make, message):
    if gt.ops.native.library is None and "matrix" in message:
        pytest.skip("torch makes the matrix")
    with pytest.raises(MemoryError, match=message):
        make()


def test_a_crossed_sweep_is_counted_before_it_is_made(little):
    many = {"rule.step.rate": gt.Linear(0, 1, 10**4), "game.penalty.weight": gt.Linear(0, 1, 10**4)}
    game = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(0.3))
    with pytest.raises(MemoryError, match="a sweep over 200000000 numbers"):
        gt.simulate(game, gt.Simultaneous(gt.SGD(0.1)), steps=1, sweep=many, key=gt.Key(0))


@pytest.mark.parametrize("options", [{"population": 10**9}, {"steps": 10**9, "record": 1}])
def test_a_population_and_a_record_are_refused(little, options):
    with pytest.raises(
        MemoryError, match=r"members x 2 parameters.*GiB.*record less often, or take a smaller"
    ):
        gt.simulate(gt.DiracGAN(gt.Minimax()), RULE, key=gt.Key(0), **({"steps": 1} | options))


@pytest.mark.parametrize("game", [gan(10**9), gt.WithPenalty(gan(10**9), gt.R1(1.0))])
def test_a_batch_is_refused_before_it_is_drawn(little, game):
    with pytest.raises(
        MemoryError, match=r"a step would need .*GiB \(1 members x a batch of 1000000000.*batch or net"
    ):
        gt.simulate(game, RULE, steps=1, key=gt.Key(0))


def test_a_step_needs_at_least_what_its_tensors_hold():
    """A generator's half-step holds the hidden layers of both nets, before and after their activations."""
    batch, width = 10**6, 64
    need = need_of(gan(batch, width), torch.float32)
    layer = 4 * batch * width
    assert need.batch == batch and need.drawn == 4 * batch * (2 + 2)
    assert 2 * layer <= need.work <= 10 * layer  # two activations are kept for the way back
    assert need_of(gan(64), torch.float32).work == 0  # nothing to measure
    larger = need_of(gan(2 * batch, width), torch.float32)
    assert math.isclose(larger.work, 2 * need.work, rel_tol=0.01)


def test_a_tape_needs_no_memory_for_every_member(little):
    """All members at once would need 150 MB here, a tape's threads a fraction of it."""
    game = gan(1024)
    need = need_of(game, torch.float32)
    assert 512 * need.work > 100 * 2**20
    if gt.ops.native.library is None:
        with pytest.raises(MemoryError, match="512 members x a batch of 1024"):
            gt.simulate(game, RULE, steps=1, population=512, key=gt.Key(0))
    else:
        assert gt.simulate(game, RULE, steps=1, population=512, key=gt.Key(0)).points.isfinite().all()


def test_losses_and_samples_in_blocks_are_the_same(monkeypatch):
    sweep = {"game.penalty.weight": gt.Values((0.1, 1.0))}
    game = gt.WithPenalty(gan(8), gt.R1(1.0))

    def made():
        runs = gt.simulate(game, RULE, steps=2, population=3, sweep=sweep, key=gt.Key(0), dtype=torch.float64)
        return runs.losses, runs.sample(5, gt.Key(1))

    whole = made()
    monkeypatch.setattr(running, "DRAWN", 64)
    monkeypatch.setattr("gantheory.dynamics.need.FEW", 4)
    monkeypatch.setattr("gantheory.dynamics.need.BLOCK", 1)
    for a, b in zip(whole, made(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


def test_samples_of_one_member_that_do_not_fit_are_refused(little):
    runs = gt.simulate(gan(8, width=64), RULE, steps=1, key=gt.Key(0))
    with pytest.raises(MemoryError, match=r"4000000 samples of one member would need .*draw fewer at a time"):
        runs.sample(4_000_000, gt.Key(1))


def test_the_exact_density_looks_points_up_in_blocks(monkeypatch):
    generator = gt.MLP(2, (8,), 2, activation="leaky_relu")
    density = gt.GeneratorDensity(generator, generator.init(gt.Key(0)))
    x = density.sample(500, gt.Key(1))
    whole, missed = density.log_prob(x), density.missed(500)
    monkeypatch.setattr(exact, "_POINTS", 99)
    assert torch.equal(density.log_prob(x), whole) and density.missed(500).value == missed.value
    assert density.log_prob(x[:0]).shape == (0,)


def test_free_memory_is_the_least_of_all_limits(tmp_path, monkeypatch):
    assert 0 < room.free_memory() < math.inf
    group = tmp_path / "some" / "group"
    group.mkdir(parents=True)
    (tmp_path / "cgroup").write_text("0::/some/group\n")
    numbers = {
        "memory.max": "1000\n",
        "memory.current": "700\n",
        "memory.stat": "anon 600\ninactive_file 50\n",
    }
    for name, text in numbers.items():
        (group.parent / name).write_text(text)
    (group / "memory.max").write_text("max\n")
    assert room._left_in_group(tmp_path / "cgroup", tmp_path) == 350  # of the group above
    (group.parent / "memory.stat").write_text("nothing that is known\n")
    assert room._left_in_group(tmp_path / "cgroup", tmp_path) == math.inf
    monkeypatch.setattr(room, "_available", lambda: 5.0)
    assert room.free_memory() == 5.0


def test_a_limit_of_the_address_space_counts(monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda which: (2**50, 2**50))
    left = room._left_in_address_space()
    assert 0 < left < 2**50 and np.isfinite(left)
