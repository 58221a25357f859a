"""Laws made of others: the laws of their algebra, and what other code says of the same laws."""

from __future__ import annotations

import math
import pickle
from dataclasses import fields

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from scipy import integrate, stats

import gantheory as gt
from gantheory.distributions import Topology
from gantheory.distributions.facts import NO_EDGE
from tests.distributions.laws import (
    PAIR,
    PLANE,
    Stated,
    assert_same_facts,
    assert_same_law,
    matrices,
    numbers,
    points,
    rows,
)


SIGMAS = 5.7  # two-sided false-alarm rate 1.2e-8 of one normal statistic


# whether a law is a density


def test_the_instance_says_whether_it_is_a_density():
    full, flat = gt.Embedded(PLANE, 2), gt.Embedded(PLANE, 3)
    assert isinstance(full, gt.Density) and not isinstance(flat, gt.Density)
    assert type(full) is type(flat) and isinstance(flat, gt.Distribution)
    for law in (full, flat):
        again = pickle.loads(pickle.dumps(law))
        assert again == law and isinstance(again, gt.Density) == isinstance(law, gt.Density)
    assert isinstance(gt.Ring(), gt.Density) and not isinstance("Ring()", gt.Density)
    assert not isinstance(flat, gt.Ring)


def test_what_has_no_density_says_why():
    data = gt.Empirical.examples()[0]
    flat = gt.Embedded(PLANE, 3)
    for law, reason in (
        (data, "give a noise"),
        (flat, "2 of 3 dimensions"),
        (gt.Product((PAIR, data)), "Empirical has none"),
        (gt.Affine(flat, 2.0), "Embedded has none"),
        (gt.Mixture((flat, gt.Affine(flat, 2.0))), "Embedded has none"),
        (gt.WithNoise(gt.Checkerboard(), 0.1), "none in closed form"),
    ):
        assert not isinstance(law, gt.Density)
        with pytest.raises(ValueError, match=reason):
            law.log_prob(torch.zeros(1, law.dim))
        with pytest.raises(ValueError, match="has no density"):
            law.score(torch.zeros(1, law.dim))
        assert law.facts().entropy.value is None


# products


def test_a_product_of_gaussian_mixtures_is_one():
    product = gt.Product((PAIR, PLANE))
    modes = product.components()
    one = gt.GaussianMixture(*(tuple(a.tolist()) for a in (modes.centres, modes.covariances, modes.weights)))
    assert one.components().centres[1].tolist() == [-1.0, 3.0, 1.0]  # the last law's modes first
    assert_same_law(product, one)
    assert_same_facts(product, one)


def test_a_product_is_associative():
    nested = gt.Product((PAIR, gt.Product((PAIR, gt.Checkerboard(gap=0.5)))))
    flat = gt.Product((PAIR, PAIR, gt.Checkerboard(gap=0.5)))
    x = points(4)
    torch.testing.assert_close(nested.log_prob(x), flat.log_prob(x))
    left, right = nested.facts(), flat.facts()
    assert left.entropy.value == pytest.approx(right.entropy.value)
    assert torch.equal(left.mode_of.value(x), right.mode_of.value(x))
    np.testing.assert_allclose(left.labels.value, right.labels.value)
    np.testing.assert_array_equal(left.edge.value.flux, right.edge.value.flux)


def test_kuenneth_over_the_rationals_and_over_two():
    """A Klein bottle times a circle, whose homology over Z/2 is larger (Hatcher 2002)."""
    klein, circle = Stated((1, 1, 0), (1, 2, 1)), Stated((1, 1))
    topology = gt.Product((klein, circle)).facts().topology.value
    assert topology.betti == (1, 2, 1, 0) and topology.over(2) == (1, 3, 3, 1)
    assert gt.Product((circle,) * 3).facts().topology.value == Topology((1, 3, 3, 1), "the support")


def test_a_product_keeps_the_worst_tail_and_the_roughest_factor():
    facts = gt.Product((Stated(tail=3.0, smooth=2.0), Stated(tail=5.0, smooth=0.5))).facts()
    assert facts.tail_index.value == 3 and facts.smoothness.value == 0.5


def test_the_distance_from_a_product_of_shapes_by_brute_force():
    board = gt.Checkerboard(side=2, gap=1.0)
    product = gt.Product((board, gt.Affine(board, 0.5)))
    ticks = torch.linspace(-0.5, 0.5, 21, dtype=torch.float64)
    square = torch.cartesian_prod(ticks, ticks)
    cells = [centre + square for centre in torch.tensor([[-1.0, -1.0], [1.0, 1.0]], dtype=torch.float64)]
    filled = torch.cat(cells)
    x = points(4, 30)
    near = [torch.cdist(x[:, :2], filled).amin(1), torch.cdist(x[:, 2:], filled / 2).amin(1)]
    brute = torch.stack(near).square().sum(0).sqrt()
    assert ((product.facts().support_distance.value(x) - brute).abs() < 0.06).all()
    assert product.facts().reach.value == pytest.approx(0.5 / math.sqrt(2))


def test_products_of_many_modes_stay_small():
    facts = gt.Product((gt.Grid(side=5),) * 4).facts()
    assert facts.modes.value is None and "more than 4096" in facts.modes.reason
    assert len(facts.labels.value) == 25**4


# affine images and whitening


@given(matrices, rows, matrices, rows)
def test_an_affine_image_of_an_affine_image_is_one(a, b, c, d):
    twice = gt.Affine(gt.Affine(PLANE, a, b), c, d)
    both = np.array(c) @ np.array(a)
    shift = np.array(c) @ np.array(b) + np.array(d)
    once = gt.Affine(PLANE, tuple(map(tuple, both)), tuple(shift))
    assert_same_law(twice, once)
    assert_same_facts(twice, once)


@given(matrices, rows)
def test_an_affine_image_of_a_mixture_is_the_mixture_of_its_components(matrix, shift):
    image = gt.Affine(PLANE, matrix, shift)
    modes = image.components()
    one = gt.GaussianMixture(*(tuple(a.tolist()) for a in (modes.centres, modes.covariances, modes.weights)))
    assert_same_law(image, one)
    np.testing.assert_allclose(image.facts().covariance.value, one.facts().covariance.value, atol=1e-10)


def test_an_affine_image_against_torch_distributions():
    matrix, shift = torch.tensor([[2.0, 1.0], [0.5, -1.0]]).double(), torch.tensor([1.0, -3.0]).double()
    wanted = torch.distributions.MultivariateNormal(shift, matrix @ matrix.T)
    image = gt.Affine(gt.GaussianMixture(((0.0, 0.0),)), matrix.numpy(), shift.numpy())
    x = points(2)
    torch.testing.assert_close(image.log_prob(x), wanted.log_prob(x))
    assert image.facts().entropy.value == pytest.approx(float(wanted.entropy()))


def test_numbers_of_numpy_are_numbers():
    assert gt.Affine(PLANE, np.float64(2), np.float64(1)) == gt.Affine(PLANE, 2.0, 1.0)
    assert gt.Affine(PLANE, 2 * np.eye(2), np.ones(2)) == gt.Affine(
        PLANE, ((2.0, 0.0), (0.0, 2.0)), (1.0, 1.0)
    )


def test_similarities_keep_distances_and_others_say_that_they_do_not():
    board = gt.Checkerboard(gap=0.5)
    turned = gt.Affine(board, ((0.0, -3.0), (3.0, 0.0)), 1.0).facts()
    assert turned.reach.value == pytest.approx(3 * board.facts().reach.value)
    x = points(2)
    back = (x - 1) @ torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64) / 3
    torch.testing.assert_close(
        turned.support_distance.value(x), 3 * board.facts().support_distance.value(back)
    )
    sheared = gt.Affine(board, ((1.0, 1.0), (0.0, 1.0))).facts()
    for name in ("support_distance", "project", "reach"):
        assert "stretches" in getattr(sheared, name).reason
    assert sheared.topology.value == board.facts().topology.value and sheared.noise.value == 0


def test_a_bound_of_lipschitz_maps_follows_the_inverse():
    bound = Stated().facts().isoperimetric.value
    assert gt.Affine(Stated(), 4.0).facts().isoperimetric.value(2.0) == pytest.approx(bound(0.5))
    assert gt.Embedded(Stated(), 5).facts().isoperimetric.value(2.0) == bound(2.0)


@given(matrices, rows)
def test_whitening_is_exact(matrix, shift):
    law = gt.Affine(PLANE, matrix, shift)
    white = gt.Standardised(law)
    facts = white.facts()
    np.testing.assert_allclose(facts.mean.value, 0, atol=1e-9)
    np.testing.assert_allclose(facts.covariance.value, np.eye(2), atol=1e-9)
    log_det = np.linalg.slogdet(law.facts().covariance.value)[1]
    assert facts.entropy.value == pytest.approx(law.facts().entropy.value - log_det / 2, abs=1e-8)
    root = np.array(white.affine.matrix)
    np.testing.assert_allclose(root, root.T, atol=1e-10)
    assert_same_law(gt.Standardised(white), white)


def test_whitening_keeps_distances_where_the_covariance_is_round():
    circles = gt.Circles((1.0, 3.0), scale=0.1)
    white, factor = gt.Standardised(circles).facts(), circles.facts().covariance.value[0, 0] ** -0.5
    assert white.reach.value == pytest.approx(factor * circles.facts().reach.value)
    assert white.noise.value == pytest.approx(0.1 * factor)
    assert white.topology.value == circles.facts().topology.value
    x = points(2)
    torch.testing.assert_close(
        white.support_distance.value(factor * x), factor * circles.facts().support_distance.value(x)
    )


# mixtures and labels


@given(st.lists(st.tuples(numbers, st.floats(0.1, 2), st.floats(0.1, 3)), min_size=1, max_size=3))
def test_a_mixture_of_gaussians_is_a_gaussian_mixture_in_every_fact(parts):
    laws = tuple(gt.GaussianMixture(((m,),), (((v,),),)) for m, v, _ in parts)
    weights = tuple(w for *_, w in parts)
    one = gt.GaussianMixture(tuple((m,) for m, *_ in parts), tuple(((v,),) for _, v, _ in parts), weights)
    for law in (gt.Mixture(laws, weights), gt.Conditional(laws, weights)):
        assert_same_law(law, one)
        assert_same_facts(law, one)


def test_a_mixture_of_mixtures_lists_all_modes():
    nested, weights = gt.Mixture((PLANE, gt.Ring(modes=3)), (1, 3)), [0.125] * 2 + [0.25] * 3
    assert nested.facts().labels.value == pytest.approx(weights)
    assert gt.Conditional((PLANE, gt.Ring(modes=3)), (1, 3)).facts().labels.value == pytest.approx(
        [0.25, 0.75]
    )


def test_the_edge_of_a_mixture_is_the_mixture_of_edges():
    half = gt.Mixture((gt.Checkerboard(gap=0.5), PLANE), (1, 1)).facts()
    assert (
        half.edge.value.reach == pytest.approx(1)
        and half.support_distance.reason == "the support is the whole space"
    )


def test_kinks_may_cancel():
    assert gt.Mixture((Stated(smooth=0.5), Stated(smooth=2.0))).facts().smoothness.value == 0.5
    assert (
        "cancel" in gt.Mixture((Stated(smooth=0.5), Stated(tail=2.0, smooth=0.5))).facts().smoothness.reason
    )


def test_labels_are_observed(key):
    board = gt.Checkerboard(gap=0.5)
    pair = gt.Conditional((gt.Ring(), board), (1, 3))
    x, y = pair.sample_labelled(4000, key.to(torch.float64))
    assert torch.equal(x, pair.sample(4000, key.to(torch.float64)))
    assert abs(float(y.double().mean()) - 0.75) < SIGMAS * (3 / 16 / 4000) ** 0.5
    assert float(board.facts().support_distance.value(x[y == 1]).max()) == 0
    given_label = pair.log_prob_given(x, y)
    torch.testing.assert_close(given_label[y == 0], gt.Ring().log_prob(x[y == 0]))
    assert pair.given(1) == board
    for build, message in (
        (lambda: pair.given(2), "between 0 and 1"),
        (lambda: pair.log_prob_given(x, y[:5]), "int64 of shape"),
    ):
        with pytest.raises(ValueError, match=message):
            build()


def test_a_label_may_depend_less_on_the_point(key):
    """At dependence d the joint law is d times that of the makers and 1 - d times independence."""
    laws, d = (gt.Ring(), gt.Checkerboard(gap=0.5)), 0.3
    pair, full = gt.Conditional(laws, (1, 3), d), gt.Conditional(laws, (1, 3))
    n, shares = 40_000, torch.tensor([0.25, 0.75], dtype=torch.float64)
    x, y = pair.sample_labelled(n, key.to(torch.float64))
    same, maker = full.sample_labelled(n, key.to(torch.float64))
    assert torch.equal(x, same)
    for k in range(2):
        for z in range(2):
            wanted = float(shares[z] * (d * (k == z) + (1 - d) * shares[k]))
            found = float(((y == k) & (maker == z)).double().mean())
            assert abs(found - wanted) < SIGMAS * (wanted * (1 - wanted) / n) ** 0.5
        density = d * laws[k].log_prob(x).exp() + (1 - d) * pair.log_prob(x).exp()
        torch.testing.assert_close(pair.given(k).log_prob(x), density.log(), rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(
            pair.log_prob_given(x, torch.full_like(y, k)), density.log(), rtol=1e-9, atol=1e-9
        )
    assert abs(gt.Conditional(laws, (1, 3), 0.0).mutual_information().value) < 1e-12
    with pytest.raises(ValueError, match="between 0 and 1"):
        gt.Conditional(laws, dependence=1.5)


@pytest.mark.parametrize("gap", [0.5, 2.0, 6.0])
def test_mutual_information_of_the_binary_gaussian_channel(gap):
    laws = tuple(gt.GaussianMixture(((m,),)) for m in (-gap / 2, gap / 2))

    def unsure(x):
        return stats.norm.pdf(x, gap / 2) * math.log1p(math.exp(-gap * x))

    wanted = math.log(2) - integrate.quad(unsure, -12, 15, epsabs=1e-12)[0]
    found = gt.Conditional(laws).mutual_information()
    assert abs(found.value - wanted) <= found.error < 0.02


# what is refused, and everything together


@pytest.mark.parametrize(
    "build, message",
    [
        (lambda: gt.Product(()), "at least one law"),
        (lambda: gt.Affine(PLANE, ((1.0, 2.0), (2.0, 4.0))), "must be invertible"),
        (lambda: gt.Affine(PLANE, 0.0), "must be invertible"),
        (lambda: gt.Affine(PLANE, ((1.0,), (2.0, 4.0))), "number or 2 x 2"),
        (lambda: gt.Affine(PLANE, ((1.0,),)), "number or 2 x 2"),
        (lambda: gt.Affine(PLANE, 1.0, (1.0,)), "of length 2"),
        (lambda: gt.Affine(PLANE, math.inf), "finite"),
        (lambda: gt.Mixture(()), "no law"),
        (lambda: gt.Mixture((PAIR, PLANE)), "laws of one dimension"),
        (lambda: gt.Mixture((PAIR,), (0.0,)), "positive"),
        (lambda: gt.Conditional((PAIR, PLANE)), "laws of one dimension"),
        (lambda: gt.Embedded(PLANE, 1), "at least the law's 2"),
        (lambda: gt.WithNoise(PLANE, 0.0), "positive and finite"),
        (lambda: gt.Pushforward(PAIR, gt.Twist()), "needs 2 dimensions"),
        (lambda: gt.Tempered(PLANE, 0.0), "positive and finite"),
        (lambda: gt.Tempered(gt.Embedded(PLANE, 3), 2.0), "law with a density"),
        (lambda: gt.Tempered(gt.Moons(), 2.0), "no power of Moons"),
        (lambda: gt.Tempered(gt.Product((PAIR, PLANE)), 2.0), "up to 2 dimensions"),
        (lambda: gt.Tempered(gt.Grid(side=2, scale=1e-4), 2.0), "grid of"),
        (lambda: gt.Tempered(gt.Ring(modes=25, scale=0.2), 0.1), "proposals a sample"),
        (lambda: gt.Standardised(gt.Embedded(PLANE, 3)), "singular"),
        (lambda: gt.Standardised(gt.Pushforward(PLANE, gt.Twist())), "known mean"),
        (lambda: gt.SinhArcsinh(tail=0.0), "positive, finite tail"),
        (lambda: gt.RadialPower(0.0), "positive and finite"),
        (lambda: gt.Twist(math.inf), "finite"),
        (lambda: gt.Shear((math.inf,)), "finite"),
        (lambda: gt.Composed(()), "at least one map"),
    ],
)
def test_wrong_numbers_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


planar = st.recursive(
    st.sampled_from(
        (
            *(PLANE, gt.Ring(modes=3), gt.Circles((1.0,)), gt.Moons(scale=0.3), gt.Product((PAIR, PAIR))),
            *(gt.UniformBox(), gt.Checkerboard(gap=0.5), gt.Product((PAIR, gt.Steps()))),
        )
    ),
    lambda laws: st.one_of(
        st.builds(gt.Affine, laws, matrices, rows),
        st.builds(gt.Mixture, st.tuples(laws, laws), st.tuples(st.floats(0.1, 1), st.floats(0.1, 1))),
        st.builds(gt.Pushforward, laws, st.sampled_from(gt.Twist.examples() + gt.SinhArcsinh.examples())),
        st.builds(gt.Embedded, laws, st.just(2), st.integers(0, 3)),
        laws.filter(lambda law: law.blurred(0.3) is not None).map(lambda law: gt.WithNoise(law, 0.3)),
    ),
    max_leaves=4,
)


@settings(max_examples=30)
@given(planar)
def test_any_expression_is_a_law(law):
    """Its text reads back, its draws come in pieces, its score is the gradient, has the mean that the edge says
    where that is known, and facts have a value or a reason."""
    assert gt.parse(repr(law)) == law and isinstance(law, gt.Density)
    key = gt.Key(1).to(torch.float64)
    x = law.sample(20, key)
    torch.testing.assert_close(
        torch.cat((law.sample(7, key), law.sample(13, key, start=7))), x, rtol=0, atol=0
    )
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(law.log_prob(x).sum(), x)
    torch.testing.assert_close(law.score(x.detach()), gradient, rtol=1e-7, atol=1e-7)
    facts = law.facts()
    assert all(
        getattr(facts, field.name).value is not None or getattr(facts, field.name).reason
        for field in fields(facts)
    )
    if facts.edge.value is not None or facts.edge == NO_EDGE:
        score = law.score(law.sample(4_000, key))
        flux = torch.zeros(2) if facts.edge == NO_EDGE else torch.from_numpy(facts.edge.value.flux)
        assert ((score.mean(0) - flux).abs() <= 7 * score.std(0) / 4_000**0.5 + 1e-9).all()
