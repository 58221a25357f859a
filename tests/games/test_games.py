"""Games that do not fit are refused; small ones are what their papers say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch

import gantheory as gt


NETS = gt.MLP(2, (4,), 2), gt.MLP(2, (4,), 1)
PICTURES = gt.Triangles(size=4)


@pytest.mark.parametrize(
    "build, message",
    [
        (
            lambda: gt.AdversarialGame(NETS[0], gt.MLP(3, (4,), 1), gt.Ring(), gt.Minimax()),
            "critic must have inputs=2",
        ),
        (
            lambda: gt.AdversarialGame(NETS[0], gt.MLP(2, (4,), 2), gt.Ring(), gt.Minimax()),
            "critic must have outputs=1",
        ),
        (
            lambda: gt.AdversarialGame(gt.MLP(2, (), 3), NETS[1], gt.Ring(), gt.Minimax()),
            "generator must have outputs=2",
        ),
        (lambda: gt.AdversarialGame(*NETS, gt.Ring(), gt.Minimax(), batch=0), "batch"),
        (lambda: gt.LikelihoodGame(gt.RealNVP(3), gt.Ring()), "3 dimensions, the data 2"),
        (lambda: gt.LikelihoodGame(NETS[0], gt.Ring()), "must be a Likelihood"),
        (
            lambda: gt.LikelihoodGame(gt.PixelCNN(4), PICTURES),
            r"numbers 0 to 1, but Triangles.*Quantised\(data",
        ),
        (
            lambda: gt.LikelihoodGame(gt.PixelCNN(4), gt.Quantised(PICTURES, levels=3)),
            "as many levels as the data",
        ),
        (
            lambda: gt.AdversarialGame(*NETS, gt.Ring(), gt.Minimax),
            r"objective must be an Objective, got the class: write Minimax\(...\)",
        ),
        (lambda: gt.Bilinear(((1.0,), (1.0, 2.0))), "equal, non-empty rows"),
        (lambda: gt.Bilinear(((float("inf"),),)), "finite"),
        (lambda: gt.Saddle(((1.0, 0.0),), ((1.0,),), ((1.0,),)), "convex of 1 rows of 1 numbers"),
        (lambda: gt.Saddle(((1.0,),), ((1.0, 2.0),), ((1.0,),)), "coupling of 1 rows of 1 numbers"),
        (lambda: gt.Saddle(((1.0,),), ((1.0,),), ((float("inf"),),)), "finite concave"),
        (lambda: gt.R1(-1.0), "at least 0"),
        (lambda: gt.WithPenalty(gt.Bilinear(), gt.R1(1.0)), "must be an Adversarial"),
        (lambda: gt.MLP(0, (4,), 1), "widths"),
        (lambda: gt.RealNVP(1), "dim of at least 2"),
        (lambda: gt.Network("no colon"), "package.module:factory"),
        (lambda: gt.Network("<lambda>:f"), "lambda"),
        (lambda: gt.Network("torch.nn:NoSuchLayer").size, "cannot find"),
        (lambda: gt.Network("torch.nn:BatchNorm1d", args=(3,)).size, "running statistics"),
    ],
)
def test_what_does_not_fit_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_dirac_gan_is_the_papers():
    theta, psi = torch.tensor([0.7]).double(), torch.tensor([-1.3]).double()
    generator, critic = gt.DiracGAN(gt.Minimax()).losses((theta, psi))
    a = 0.7 * -1.3
    assert generator.item() == pytest.approx(-math.log1p(math.exp(a)))
    assert critic.item() == pytest.approx(math.log(2) + math.log1p(math.exp(a)))
    penalised = gt.WithPenalty(gt.DiracGAN(gt.Minimax()), gt.R1(3.0)).losses((theta, psi))
    assert penalised[1].item() - critic.item() == pytest.approx(1.5 * 1.3**2)
    assert penalised[0].item() == generator.item()


def test_bilinear_is_zero_sum(key):
    game = gt.Bilinear(((1.0, 2.0), (3.0, 4.0)))
    x, y = key.normal(2, 2, dtype=torch.float64)
    losses = game.losses((x, y))
    assert losses[0].item() == pytest.approx(float(x @ torch.tensor([[1.0, 2], [3, 4]]).double() @ y))
    assert losses[0].item() == -losses[1].item()


def test_users_objective_in_twenty_lines(key):
    """Least squares, written here as a user would, in a whole run."""

    @dataclass(frozen=True)
    class LeastSquares(gt.Objective):
        """Critic and generator fit targets 1 and 0."""

        divergence: ClassVar[str] = "Pearson"

        def generator_loss(self, real_logits, fake_logits):
            return (fake_logits - 1).square().mean()

        def critic_loss(self, real_logits, fake_logits):
            return (real_logits - 1).square().mean() + fake_logits.square().mean()

        def optimal_logit(self, log_ratio):
            return torch.sigmoid(log_ratio)

    game = gt.AdversarialGame(*NETS, gt.Ring(), LeastSquares(), batch=16)
    runs = gt.simulate(game, gt.Alternating(gt.Adam(1e-2)), steps=60, population=2, key=key)
    assert torch.isfinite(runs.losses).all()
    again = gt.parse(repr(game), names={"LeastSquares": LeastSquares})
    assert again == game


def test_a_users_generator_of_unknown_size_is_asked_for_it():
    blank = gt.Network("torch.nn:Linear", args=(2, 2))
    with pytest.raises(ValueError, match="how many inputs"):
        gt.AdversarialGame(blank, NETS[1], gt.Ring(), gt.Minimax())


def test_a_network_starts_with_its_own_initialisation(key):
    layer = gt.Network("torch.nn:Linear", args=(2, 3), inputs=2, outputs=3)
    w = layer.init(key.split(5))
    assert w.shape == (5, 9) and w.abs().max() <= 2**-0.5
    assert torch.equal(w[1], layer.init(key.child(1)))


def test_a_flow_can_be_trained_adversarially(key):
    game = gt.AdversarialGame(
        gt.RealNVP(2, layers=2, hidden=(8,)), NETS[1], gt.Ring(), gt.NonSaturating(), batch=16
    )
    runs = gt.simulate(game, gt.Alternating(gt.Adam(1e-2)), steps=20, key=key)
    assert runs.sample(10, key).shape == (1, 10, 2)


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.Quadratic((), (), ()), "at least one player"),
        (lambda: gt.Quadratic((1, 0), ((1.0,),), ((0.0,),)), "at least 1 parameter"),
        (
            lambda: gt.Quadratic((1, 1), ((1.0, 2.0), (0.0, 1.0)), ((0.0,) * 2,) * 2),
            "symmetric, finite potential",
        ),
        (
            lambda: gt.Quadratic((2,), ((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (-1.0, 0.0))),
            "each player's block",
        ),
        (lambda: gt.Quadratic((1, 1), ((1.0,),), ((0.0,) * 2,) * 2), "potential of 2 rows of 2"),
        (lambda: gt.Quadratic((1,), ((1.0,),), ((0.0,),), centre=(1.0, 2.0)), "centre of 1"),
        (lambda: gt.RandomQuadratic((0, 2)), "at least 1 parameter"),
        (lambda: gt.RandomQuadratic((1, 1), mu=2.0), "mu <= smoothness"),
        (lambda: gt.RandomQuadratic((3,)), "0 for one player"),
        (lambda: gt.LQGAN(deviation=0.0), "positive deviation"),
        (lambda: gt.TwoGaussians((0.0, math.inf)), "finite means"),
        (lambda: gt.LinearQuadraticGaussian((1.0, 0.0), rank=1), "positive, finite variances"),
        (lambda: gt.LinearQuadraticGaussian((1.0,), rank=0), "rank of 1 to 1"),
        (lambda: gt.LinearQuadraticGaussian((1.0, 2.0), rank=1, floor=0.0), "floor in"),
        (lambda: gt.StochasticBilinear(()), "non-empty matrices"),
        (lambda: gt.StochasticBilinear((((1.0,),),), x_shifts=((1.0, 2.0),)), "x_shifts of 1 numbers"),
        (lambda: gt.StochasticBilinear((((1.0,),),), batch=0), "batch of at least 1"),
        (lambda: gt.LeastSquares(1.0, 0.0), "fake below real"),
        (lambda: gt.KernelGame(gt.Ring(), particles=0), "at least 1 particle"),
        (lambda: gt.KernelGame(gt.Ring(), bandwidth=0.0), "positive, finite bandwidth"),
        (lambda: gt.RobustRegression(gt.Ring(), price=1.0), "price above 1"),
        (lambda: gt.RobustRegression(gt.Ring(), rows=0), "at least 1 row"),
        (lambda: gt.Logistic(gt.Ring(), ridge=0.0), "positive, finite ridge"),
        (lambda: gt.WithInstanceNoise(gt.DiracGAN(gt.Minimax()), -1.0), "scale of at least 0"),
        (lambda: gt.WithInstanceNoise(gt.DiracGAN(gt.Minimax()), 1.0, until=0), "step to end at"),
        (lambda: gt.WithExpectedNoise(gt.DiracGAN(gt.Minimax()), 1.0, nodes=0), "1 to 64 nodes"),
        (
            lambda: gt.WithExpectedNoise(gt.AdversarialGame(*NETS, gt.Ring(), gt.Minimax()), 1.0),
            "draw the noise with WithInstanceNoise",
        ),
        (lambda: gt.FGAN("wasserstein"), "must be one of"),
        (lambda: gt.DRAGAN(scale=-1.0), "at least 0"),
        (lambda: gt.GradientPenalty(target=math.inf), "finite target"),
    ],
)
def test_small_games_that_do_not_fit_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    "game",
    [gt.LQGAN(), gt.FourPlayer(), gt.RandomQuadratic(), gt.Bilinear()],
    ids=lambda game: type(game).__name__,
)
def test_steps_of_0_rest_and_long_steps_end_as_an_outcome(game, key):
    still, wild = (gt.simulate(game, gt.Simultaneous(gt.SGD(r)), steps=200, key=key) for r in (0.0, 1e3))
    assert torch.equal(still.points[:, 0], still.points[:, -1])
    assert wild.outcome[0] == "diverged"
    nobody = gt.Projected(gt.Simultaneous(gt.SGD(0.1)), player="nobody")
    with pytest.raises(ValueError, match="no player 'nobody', only"):
        gt.simulate(game, nobody, steps=1, key=key)


def test_intervals_thrown_far_have_nothing_left_to_learn_from(key):
    """Where both mixtures have no mass, every gradient underflows: the long step is the last."""
    start = (0.0, 1.0, -900.0, -800.0, 800.0, 900.0)
    runs = gt.simulate(gt.TwoGaussians(), gt.Simultaneous(gt.SGD(1e3)), steps=200, start=start, key=key)
    assert runs.points[0, -1].tolist() == list(start)
