"""Convolutions as operators: against explicit matrices and the Fourier transform of the kernel."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from gantheory.ops import conv_spectral_norm, conv_spectral_norm_reshaped, spectral_norm_upper
from tests.ops.oracles import points


def kernel(*shape: int, seed: int = 1) -> torch.Tensor:
    return points(1, int(np.prod(shape)), seed=seed, dtype=torch.float64).reshape(shape)


def matrix_norm(apply, shape: tuple[int, ...]) -> float:
    """The operator's matrix, column by column."""
    basis = torch.eye(int(np.prod(shape)), dtype=torch.float64).reshape(-1, *shape)
    columns = apply(basis).flatten(1).numpy()
    return float(np.linalg.svd(columns, compute_uv=False)[0])


@pytest.mark.parametrize(
    "shape, size, options",
    [
        ((3, 2, 3), (9,), {"padding": 1}),
        ((3, 2, 3, 3), (6, 7), {}),
        ((3, 2, 3, 3), (6, 7), {"padding": 1}),
        ((4, 3, 4, 4), (8, 8), {"padding": 1, "stride": 2}),
        ((4, 2, 3, 3), (8, 7), {"padding": (2, 1), "dilation": 2, "groups": 2}),
        ((4, 1, 3, 2), (5, 7), {"stride": (2, 3), "groups": 4}),
        ((2, 2, 2, 2, 3), (4, 3, 4), {"padding": 1}),
    ],
)
def test_norms_are_those_of_the_matrix(shape, size, options):
    weight = kernel(*shape)
    convolve = [functional.conv1d, functional.conv2d, functional.conv3d][len(size) - 1]
    image = (shape[1] * options.get("groups", 1), *size)
    truth = matrix_norm(lambda x: convolve(x, weight, **options), image)
    value = conv_spectral_norm(weight, size, tolerance=1e-6, **options)
    np.testing.assert_allclose(value, truth, rtol=1e-6)


@pytest.mark.parametrize("size", [(8, 8), (5, 9)])
def test_circular_norms_are_sedghis(size):
    weight = kernel(4, 3, 3, 3)
    blocks = np.fft.fft2(weight.numpy(), size, axes=(2, 3)).transpose(2, 3, 0, 1)
    truth = np.linalg.svd(blocks, compute_uv=False).max()
    value = conv_spectral_norm(weight, size, padding=1, circular=True, tolerance=1e-7)
    np.testing.assert_allclose(value, truth, rtol=1e-6)
    padded = conv_spectral_norm(weight, size, padding=1, tolerance=1e-7)
    assert padded < value  # the matrix with zeros is a part of the circular one on a larger image


def toeplitz(
    weight: np.ndarray, height: int, width: int, padding: int, stride: int, dilation: int
) -> np.ndarray:
    """The matrix of a convolution with zeros around, entry by entry."""
    outs, ins, k, l = weight.shape
    rows, columns = (
        (size + 2 * padding - dilation * (extent - 1) - 1) // stride + 1
        for size, extent in ((height, k), (width, l))
    )
    matrix = np.zeros((outs, rows, columns, ins, height, width))
    for row, column, a, b in np.ndindex(rows, columns, k, l):
        y, x = row * stride - padding + a * dilation, column * stride - padding + b * dilation
        if 0 <= y < height and 0 <= x < width:
            matrix[:, row, column, :, y, x] += weight[:, :, a, b]
    return matrix.reshape(outs * rows * columns, ins * height * width)


@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
def test_zero_padding_is_the_toeplitz_matrix(padding, stride, dilation, groups):
    weight = kernel(4, 2, 3, 2)
    options = {"padding": padding, "stride": stride, "dilation": dilation, "groups": groups}
    parts = np.split(weight.numpy(), groups)  # of block-diagonal matrices the largest block counts
    truth = max(
        np.linalg.svd(toeplitz(part, 7, 6, padding, stride, dilation), compute_uv=False)[0] for part in parts
    )
    value = conv_spectral_norm(weight, (7, 6), tolerance=1e-7, **options)
    np.testing.assert_allclose(value, truth, rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_bounds_hold_for_zero_padding(seed):
    """Circular on an image as large as the padded one (Sedghi's is exact there), Young's inequality, the
    Fantastic four (Singla and Feizi 2021), and Gram iteration of the explicit matrix."""
    weight = kernel(4, 3, 3, 3, seed=seed)
    value = conv_spectral_norm(weight, (8, 8), padding=1, tolerance=1e-7).item()
    circular = conv_spectral_norm(weight, (10, 10), padding=1, circular=True, tolerance=1e-7).item()
    w = weight.numpy()
    orders = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2), (0, 2, 3, 1))
    unfolded = [w.transpose(order) for order in orders]
    shapes = [(4, 27), (12, 9), (12, 9), (36, 3)]
    four = 3 * min(np.linalg.norm(u.reshape(s), 2) for u, s in zip(unfolded, shapes))
    young = np.sqrt(abs(w).sum((1, 2, 3)).max() * abs(w).sum((0, 2, 3)).max())
    gram = spectral_norm_upper(torch.tensor(toeplitz(w, 8, 8, 1, 1, 1))).item()
    for bound in (circular, four, young, gram):
        assert value <= bound * (1 + 1e-6)
    assert gram <= value * 1.05 and conv_spectral_norm_reshaped(weight) <= four


def test_the_reshaped_norm_is_another_number():
    ones = torch.ones(1, 1, 3, 3)
    np.testing.assert_allclose(conv_spectral_norm(ones, (12, 12), padding=1, circular=True), 9, rtol=1e-5)
    np.testing.assert_allclose(conv_spectral_norm_reshaped(ones), 3, rtol=1e-6)
    weight = kernel(5, 3, 3, 3)
    for dim in (0, 1):
        matrix = weight.movedim(dim, 0).flatten(1)
        truth = np.linalg.svd(matrix.numpy(), compute_uv=False)[0]
        np.testing.assert_allclose(conv_spectral_norm_reshaped(weight, dim=dim), truth, rtol=1e-8)


def test_gradients():
    weight = kernel(2, 2, 3, 3).requires_grad_()
    with torch.random.fork_rng():
        assert torch.autograd.gradcheck(
            lambda w: conv_spectral_norm(w, (5, 5), padding=1, tolerance=1e-11), (weight,), atol=1e-4
        )


def test_zero_kernels_and_wrong_arguments():
    assert conv_spectral_norm(torch.zeros(2, 2, 3, 3), (5, 5)) == 0
    with pytest.raises(ValueError, match="size give an extent for each"):
        conv_spectral_norm(torch.zeros(2, 2, 3, 3), (5,))
    with pytest.raises(RuntimeError, match="no convergence"):
        conv_spectral_norm(kernel(4, 4, 3, 3), (9, 9), tolerance=1e-12, max_steps=3)
