"""Spectral norms: against numpy's decomposition, closed forms, and bounds that must hold."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from gantheory.ops import native, spectral_norm, spectral_norm_upper, spectral_norms, top_singular_values
from gantheory.ops.spectral import spectral_norm_reference, spectral_singular_triple
from gantheory.ops.spectral_division import divide_by_norms
from tests.lock import turns_meanwhile
from tests.ops.oracles import points


DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
SHAPES = [(1, 1), (1, 9), (9, 1), (3, 5), (17, 16), (64, 64), (65, 33), (100, 300), (300, 100), (320, 400)]


def truth_of(weight: torch.Tensor) -> np.ndarray:
    return np.linalg.svd(weight.double().numpy(), compute_uv=False)


@DTYPES
@pytest.mark.parametrize("m, n", SHAPES)
def test_norms_and_bounds_of_random_matrices(m, n, dtype):
    weight = points(m, n, seed=m + n, dtype=dtype)
    truth = truth_of(weight)
    rounding = 1e-6 if dtype == torch.float32 else 1e-13
    value = spectral_norm(weight)
    assert abs(value.item() / truth[0] - 1) < 1e-5
    k = min(m, n, 5)
    np.testing.assert_allclose(top_singular_values(weight, k), truth[:k], rtol=1e-5)
    exact = spectral_norm(weight, tolerance=1e-6 if dtype == torch.float32 else 1e-10)
    np.testing.assert_allclose(exact, truth[0], rtol=2 * rounding)
    assert value.item() <= truth[0] * (1 + rounding)  # a Ritz value lies below
    for iterations in (1, 3, 6):
        bound = spectral_norm_upper(weight, iterations=iterations).item()
        assert truth[0] <= bound <= truth[0] * min(m, n) ** (0.5 / 2**iterations) * (1 + 1e-6)


@DTYPES
def test_residuals_are_what_is_asked_for(dtype):
    weight = points(400, 300, seed=1, dtype=dtype)
    for tolerance in (1e-2, 1e-4):
        s, u, v = spectral_singular_triple(weight, tolerance=tolerance)
        assert (weight.mT @ u - s * v).norm() <= 1.01 * tolerance * s + 1e-5
        torch.testing.assert_close(weight @ v, s * u, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(torch.stack([u.norm(), v.norm()]), torch.ones(2, dtype=dtype))


@DTYPES
def test_special_matrices(dtype):
    a, b = points(1, 90, seed=1, dtype=dtype), points(1, 40, seed=2, dtype=dtype)
    np.testing.assert_allclose(spectral_norm(a.mT @ b), (a.norm() * b.norm()).item(), rtol=1e-5)
    zeros = torch.zeros(7, 5, dtype=dtype, requires_grad=True)
    value = spectral_norm(zeros)
    assert value == 0 and spectral_norm_upper(zeros) == 0 and (top_singular_values(zeros, 3) == 0).all()
    assert torch.autograd.grad(value, zeros)[0].isfinite().all()
    assert spectral_norm(torch.zeros(2, 0, 5, dtype=dtype)).tolist() == [0, 0]
    eye = torch.eye(40, dtype=dtype)
    assert spectral_norm(eye) == 1 and top_singular_values(eye, 7).tolist() == pytest.approx([1] * 7)
    for scale in (1e-12, 1e12):
        np.testing.assert_allclose(
            spectral_norm(scale * (a.mT @ b)), scale * (a.norm() * b.norm()).item(), rtol=1e-5
        )
    assert spectral_norm(torch.full((3, 3), torch.nan, dtype=dtype)).isnan()


@DTYPES
def test_equal_and_nearly_dependent_values(dtype):
    u, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(120, 120)))
    v, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(120, 120)))
    spectrum = np.concatenate([[2, 2, 2, 1.5], np.linspace(1, 0.1, 116)])
    weight = torch.tensor(u @ np.diag(spectrum) @ v.T, dtype=dtype)
    np.testing.assert_allclose(top_singular_values(weight, 5), [2, 2, 2, 1.5, 1], rtol=1e-5)
    spectrum = 10.0 ** -np.linspace(0, 12, 120)  # ill-conditioned
    weight = torch.tensor(u @ np.diag(spectrum) @ v.T, dtype=dtype)
    np.testing.assert_allclose(top_singular_values(weight, 4), spectrum[:4], rtol=1e-5)


def with_spectrum(spectrum, m: int, n: int, seed: int = 0) -> torch.Tensor:
    """A matrix (m, n) with these singular values, the others 0."""
    rng, k = np.random.default_rng(seed), len(spectrum)
    u, v = (np.linalg.qr(rng.normal(size=(size, k)))[0] for size in (m, n))
    return torch.tensor(u * spectrum @ v.T)


HOSTILE = {
    "one just above a crowd": [1.001, *np.linspace(1, 0.99, 99)],
    "two close together": [1 + 1e-7, 1, *np.linspace(0.9, 0, 98)],
    "a far-away one above a cluster": [2, *(1 + 1e-9 * np.arange(99))],
    "all equal": [1.0] * 100,
    "many equal and one above": [1.01, *[1.0] * 99],
    "a slope": np.linspace(1, 0.5, 100),
    "rank two": [1.0, 0.999],
}


@DTYPES
@pytest.mark.parametrize("spectrum", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("m, n", [(100, 100), (400, 300), (120, 900)])
def test_hostile_spectra(spectrum, m, n, dtype):
    for seed in range(3):
        value = spectral_norm(with_spectrum(spectrum, m, n, seed).to(dtype))
        np.testing.assert_allclose(value, max(spectrum), rtol=1e-5)


@DTYPES
@pytest.mark.parametrize("m, n", [(60, 40), (40, 60)])
def test_a_start_may_be_orthogonal_to_the_top_vector(m, n, dtype):
    spectrum = np.linspace(1, 0.1, min(m, n))
    weight = with_spectrum(spectrum, m, n)
    _, _, v = np.linalg.svd(weight.numpy())
    for column in (1, 5, min(m, n) - 1):
        start = torch.tensor(v[column], dtype=dtype)
        value = spectral_norm(weight.to(dtype), start=start, tolerance=1e-6)
        np.testing.assert_allclose(value, 1, rtol=1e-5)
    value = spectral_norm(weight.to(dtype), start=torch.zeros(n, dtype=dtype))
    np.testing.assert_allclose(value, 1, rtol=1e-5)
    value = spectral_norm(weight.to(dtype), start=torch.full((n,), torch.nan, dtype=dtype))
    assert value.isnan() or abs(value - 1) < 1e-5


@DTYPES
def test_the_fixed_start_may_be_orthogonal_to_the_top_vector(dtype):
    """The kernel's own start, written again: without a fresh one the search would end in its span."""
    n = 80
    z = (np.arange(n, dtype=np.uint64) + (1 << 32)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    start = (z >> np.uint64(11)).astype(float) * 2.0**-52 - 1
    basis = np.linalg.qr(np.stack([start, *points(9, n, seed=1, dtype=torch.float64).numpy()], 1))[0]
    weight = torch.tensor(basis * [1, *np.linspace(0.9, 0.2, 8), 1.5] @ basis.T, dtype=dtype)
    np.testing.assert_allclose(spectral_norm(weight), 1.5, rtol=1e-5)


@DTYPES
@pytest.mark.parametrize("m, n", [(1, 1), (1, 70), (70, 1), (5, 300), (33, 17)])
@pytest.mark.parametrize("scale", [1e-30, 1e-15, 1e15, 1e30])
def test_huge_and_tiny_scales(m, n, scale, dtype):
    weight = points(m, n, seed=m + n, dtype=torch.float64)
    truth = truth_of(weight)
    scaled = (scale * weight).to(dtype)
    np.testing.assert_allclose(spectral_norm(scaled), scale * truth[0], rtol=1e-5)
    np.testing.assert_allclose(top_singular_values(scaled, min(m, n, 3)), scale * truth[:3], rtol=1e-5)
    _, u, v = spectral_singular_triple(scaled)
    for vector in (u, v):
        np.testing.assert_allclose(vector.norm(), 1, rtol=1e-5)
    np.testing.assert_allclose(spectral_norm(scaled, start=v), scale * truth[0], rtol=1e-5)
    bound = spectral_norm_upper(scaled).double().item()
    assert scale * truth[0] * (1 - 1e-6) <= bound <= scale * truth[0] * 1.1


@DTYPES
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("m, n", [(1, 1), (1, 40), (40, 1), (300, 310)])
def test_what_is_no_number_is_not_hidden(m, n, bad, dtype):
    weight = points(m, n, seed=1, dtype=dtype)
    weight[m // 2, n // 2] = bad
    assert not spectral_norm(weight).isfinite()
    good = points(3, 4, seed=1, dtype=dtype)
    values, _ = spectral_norms([weight, good])
    assert not values[0].isfinite() and torch.equal(values[1], spectral_norm(good, tolerance=1e-3))


@given(m=st.integers(1, 30), n=st.integers(1, 30), seed=st.integers(0, 999))
def test_laws(m, n, seed):
    a, b = (points(m, n, seed=seed + k, dtype=torch.float64) for k in (0, 1))
    value = spectral_norm(a, tolerance=1e-9)
    torch.testing.assert_close(spectral_norm(a.mT, tolerance=1e-9), value)
    torch.testing.assert_close(spectral_norm(-3 * a, tolerance=1e-9), 3 * value)
    assert spectral_norm(a + b) <= (value + spectral_norm(b)) * (1 + 1e-9)
    assert a.norm() / min(m, n) ** 0.5 <= value * (1 + 1e-9) and value <= a.norm() * (1 + 1e-9)


def test_batches_equal_a_loop():
    weight = points(20, 30, seed=1, lead=(3, 2))
    values, top = spectral_norm(weight), top_singular_values(weight, 3)
    bounds = spectral_norm_upper(weight)
    for a in range(3):
        for b in range(2):
            assert torch.equal(values[a, b], spectral_norm(weight[a, b]))
            assert torch.equal(top[a, b], top_singular_values(weight[a, b], 3))
            torch.testing.assert_close(bounds[a, b], spectral_norm_upper(weight[a, b]))


@DTYPES
def test_all_layers_in_one_call(dtype):
    shapes = [(64, 2), (64, 64), (1, 64), (30, 270)]
    for lead in ((), (5,)):
        layers = [points(*s, seed=i, dtype=dtype, lead=lead).requires_grad_() for i, s in enumerate(shapes)]
        values, vectors = spectral_norms(layers, tolerance=1e-5)
        assert values.shape == (4, *lead) and [v.shape for v in vectors] == [(*lead, n) for _, n in shapes]
        gradients = torch.autograd.grad(values.sin().sum(), layers)
        for value, weight, gradient in zip(values, layers, gradients):
            assert torch.equal(value, spectral_norm(weight))
            wanted = torch.autograd.grad(spectral_norm_reference(weight).sin().sum(), weight)[0]
            torch.testing.assert_close(gradient, wanted, rtol=2e-3, atol=2e-3)
        again, _ = spectral_norms(layers, tolerance=1e-5, start=vectors)
        torch.testing.assert_close(again, values)


def test_a_warm_start_follows_drifting_weights():
    weight, (_, vectors) = points(100, 80, seed=0), spectral_norms([points(100, 80, seed=0)])
    for step in range(300):
        weight = weight + 1e-3 * points(100, 80, seed=step)
        (value,), vectors = spectral_norms([weight], start=vectors)
        if step % 50 == 49:
            np.testing.assert_allclose(value, truth_of(weight)[0], rtol=1e-5)


@pytest.mark.parametrize("k", [1, 3])
def test_gradients(k):
    weight = points(6, 4, seed=1, dtype=torch.float64, lead=(2,)).requires_grad_()

    def values(w):
        return top_singular_values(w, k, tolerance=1e-12)

    with torch.random.fork_rng():
        assert torch.autograd.gradcheck(values, (weight,))
        assert torch.autograd.gradgradcheck(values, (weight,))


def test_transforms_agree_with_the_reference():
    weight = points(6, 4, seed=1, dtype=torch.float64, lead=(3,))

    def exact(w):
        return spectral_norm(w, tolerance=1e-12)

    for transform in (
        lambda f: torch.func.vmap(f)(weight),
        lambda f: torch.func.grad(lambda w: f(w).sin().sum())(weight),
        lambda f: torch.func.vmap(torch.func.grad(f))(weight),
        lambda f: torch.func.grad(lambda w: torch.func.grad(lambda w: f(w).sum())(w).sin().sum())(weight),
        lambda f: torch.func.vmap(
            lambda w: spectral_norms([w, 2 * w])[0] if f is exact else torch.stack([f(w), f(2 * w)])
        )(weight),
    ):
        torch.testing.assert_close(transform(exact), transform(spectral_norm_reference), rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore")  # the compiler's own
def test_compiles_in_one_graph():
    weight = points(6, 4, seed=1).requires_grad_()
    compiled = torch.compile(spectral_norm, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(weight), spectral_norm(weight))
    (gradient,) = torch.autograd.grad(compiled(weight), weight)
    torch.testing.assert_close(gradient, torch.autograd.grad(spectral_norm_reference(weight), weight)[0])


@pytest.mark.skipif(native.library is None, reason=native.reason())
@DTYPES
def test_raw_operation_passes_opcheck(dtype):
    weight = points(6, 4, seed=1, dtype=dtype, lead=(3,))
    with torch.random.fork_rng():
        torch.library.opcheck(torch.ops.gantheory.spectral_top, (weight, weight[..., 0, :0], 2, 1e-5, False))


@pytest.mark.skipif(native.library is None, reason=native.reason())
def test_bits_do_not_depend_on_threads(two_threads):
    layers = [points(200, 100 + i, seed=i).requires_grad_() for i in range(6)]
    vectors = [(points(1, 200, seed=i)[0], points(1, 100 + i, seed=i)[0]) for i in range(6)]
    sizes = [(1, 200, 100 + i) for i in range(6)]

    def everything():
        left, right = ([v.clone() for v in half] for half in zip(*vectors))
        found = divide_by_norms(layers, left, right, sizes, rounds=2, epsilon=1e-12, tolerance=None)
        gradients = torch.autograd.grad(sum(w.sin().sum() for w in found), layers)
        values, top = spectral_norms(layers)
        return values, *top, *left, *right, *found, *gradients

    two = everything()
    torch.set_num_threads(1)
    assert all(torch.equal(a, b) for a, b in zip(everything(), two, strict=True))


@pytest.mark.skipif(native.library is None, reason=native.reason())
@pytest.mark.parametrize("kernel", ["top", "divide", "pull"])
def test_kernels_release_the_interpreter_lock(kernel, two_threads):
    """While one Python thread is inside a kernel, another goes on counting."""
    torch.set_num_threads(1)
    weight = points(1000, 1000, seed=1).requires_grad_()
    u, v = (points(1, 1000, seed=i)[0] for i in (1, 2))

    def divide(rounds):
        options = {"rounds": rounds, "epsilon": 1e-12, "tolerance": None}
        return divide_by_norms([weight], [u], [v], [(1, 1000, 1000)], **options)[0]

    ready = divide(1)

    def work():
        if kernel == "top":
            spectral_norm(weight.detach(), tolerance=1e-12)
        elif kernel == "divide":
            divide(2000)
        else:
            for _ in range(300):
                torch.autograd.grad(ready, weight, weight, retain_graph=True)

    assert len(turns_meanwhile(work)) >= 5


def test_wrong_arguments_are_named():
    weight = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="weight must be float32"):
        spectral_norm(weight.half())
    with pytest.raises(ValueError, match="weight must have shape"):
        spectral_norm(weight[0])
    with pytest.raises(ValueError, match="tolerance must be positive"):
        spectral_norm(weight, tolerance=0.0)
    with pytest.raises(ValueError, match="start must be"):
        spectral_norm(weight, start=torch.zeros(3))
    with pytest.raises(ValueError, match="k must lie between 1 and 2"):
        top_singular_values(weight, 3)
    with pytest.raises(ValueError, match="at least one layer"):
        spectral_norms([])
    with pytest.raises(ValueError, match="agree in leading axes"):
        spectral_norms([weight, weight[None]])
    with pytest.raises(ValueError, match="for each of 1 layers"):
        spectral_norms([weight], start=[])
    with pytest.raises(ValueError, match="iterations must be"):
        spectral_norm_upper(weight, iterations=0)
