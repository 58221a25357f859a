"""A user's own module, objective and data, from the files to the report."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pytest
import torch

import gantheory as gt
from gantheory.report import write_simulation


MODULE = """
import torch

class Critic(torch.nn.Module):
    def __init__(self, dim, width):
        super().__init__()
        self.inner = torch.nn.Linear(dim, width)
        self.norm = torch.nn.LayerNorm(width)
        self.outer = torch.nn.Linear(width, 1)

    def forward(self, x):
        return self.outer(torch.nn.functional.gelu(self.norm(self.inner(x))))

class Looking(Critic):
    def forward(self, x):
        return super().forward(x if x.sum() >= 0 else x + 0)  # no module for vmap
"""


@dataclass(frozen=True)
class Exponential(gt.Objective):
    """Boosting's loss, whose best critic value is the squared Hellinger distance."""

    divergence = "int (sqrt p - sqrt q)^2"

    def generator_loss(self, real_logits, fake_logits):
        return -(fake_logits / 2).exp().mean()

    def critic_loss(self, real_logits, fake_logits):
        return (-real_logits / 2).exp().mean() + (fake_logits / 2).exp().mean()

    def optimal_logit(self, log_ratio):
        return log_ratio

    @classmethod
    def examples(cls):
        return [cls()]


@pytest.fixture
def mine(tmp_path, monkeypatch):
    (tmp_path / "my_networks.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("my_networks", None)


def _game(folder, name="Critic", vmap=True):
    points = np.random.default_rng(0).normal(size=(500, 3)) * (1, 10, 100) + (0, 50, 0)
    np.savetxt(folder / "mine.csv", points, delimiter=",", header="a,b,c", comments="")
    data = gt.Empirical.read(folder / "mine.csv", part="train", standardise=True, noise=0.1)
    critic = gt.Network(f"my_networks:{name}", args=(3, 16), inputs=3, outputs=1, vmap=vmap)
    game = gt.AdversarialGame(gt.MLP(4, (16,), 3), critic, data, Exponential(), batch=64)
    return gt.WithPenalty(game, gt.R1(1.0)), data


def test_from_a_csv_to_the_report(mine):
    game, data = _game(mine)
    truth = data.replace(part="test")
    probes = {"distance": lambda runs: gt.energy_distance(runs, truth, n=1000)}
    rule = gt.Alternating(gt.Adam(3e-3, beta1=0.5))
    runs = gt.simulate(
        game,
        rule,
        budget=gt.Budget(samples=300 * 64),
        population=4,
        probes=probes,
        checkpoint=mine / "run.pt",
        key=gt.Key(0),
    )
    distance = list(runs.probes["distance"].values())
    assert (distance[-1].value < 0.5 * distance[0].value).all(), "it learns"
    loaded = gt.Trajectory.load(mine / "run.pt", names={"Exponential": Exponential})
    assert torch.equal(loaded.profile[0], runs.profile[0]) and loaded.game == game
    weights = loaded.state_dict(2)["critic"]
    with torch.random.fork_rng(devices=[]):
        critic = sys.modules["my_networks"].Critic(3, 16)
    critic.load_state_dict(weights)
    x = data.sample(7, gt.Key(1))
    torch.testing.assert_close(critic(x), game.models()[1](runs.profile[1][2], x))
    text = write_simulation(runs, mine / "page.html").read_text(encoding="utf-8")
    assert "my_networks:Critic" in text and "Distance" in text and "What was learned" in text


def test_members_run_one_by_one_where_they_must(mine):
    rule = gt.Alternating(gt.Adam(1e-3))
    options = {"steps": 3, "population": 2, "dtype": torch.float64, "key": gt.Key(0)}
    slow = gt.simulate(_game(mine, "Looking", vmap=False)[0], rule, **options)
    fast = gt.simulate(_game(mine)[0], rule, **options)
    torch.testing.assert_close(slow.points, fast.points, rtol=1e-9, atol=1e-11)
    with pytest.raises(ValueError, match=r"vmap=False"):
        gt.simulate(_game(mine, "Looking")[0], rule, **options)


def test_a_likelihood_asked_of_a_gan_is_refused(mine):
    game, data = _game(mine)
    with pytest.raises(ValueError, match="no likelihood"):
        gt.negative_log_likelihood(
            gt.simulate(game, gt.Alternating(gt.SGD(0.1)), steps=1, key=gt.Key(0)), data
        )
    with pytest.raises(ValueError, match="2 dimensions, the data 3"):
        gt.LikelihoodGame(gt.RealNVP(2), data)
