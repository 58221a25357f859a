"""The conventions of transport, against the peers' own answers (the extra [bench]), and between machines."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from gantheory.ops import native, sinkhorn, sinkhorn_divergence
from tests.ops.oracles import points


pytestmark = pytest.mark.filterwarnings("ignore")  # the peers' own
REASON = "a peer of the extra [bench]"
EXACT = {"tolerance": 1e-11, "max_iterations": 20_000}

PROGRAM = """
import sys, numpy as np, torch
from gantheory.ops import sinkhorn
rng, out = np.random.default_rng(0), {}
for dtype, tolerance in ((torch.float32, 1e-5), (torch.float64, 1e-10)):
    for cost in ("sqeuclidean", "euclidean", "manhattan"):
        for d in (1, 3, 17):
            x, y = (torch.tensor(rng.normal(size=(n, d)), dtype=dtype, requires_grad=True) for n in (67, 130))
            value = sinkhorn(x, y, epsilon=0.5 * d, cost=cost, tolerance=tolerance).value
            for i, v in enumerate((value, *torch.autograd.grad(value, (x, y)))):
                out[f"{dtype}{cost}{d}.{i}"] = v.detach().numpy()
np.savez(sys.argv[1], **out)
"""


def double_clouds(n: int, m: int) -> tuple[torch.Tensor, torch.Tensor]:
    return points(n, 2, seed=1, dtype=torch.float64), points(m, 2, seed=2, dtype=torch.float64) + 0.5


@pytest.mark.skipif(native.library is None, reason=native.reason())
def test_instruction_sets_agree(tmp_path):
    results = {}
    for isa in ("baseline", "avx2", "avx512"):
        file = str(tmp_path / f"{isa}.npz")
        environment = os.environ | {"GANTHEORY_ISA": isa}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, file], env=environment, capture_output=True, text=True
        )
        if done.returncode == 0:
            results[isa] = np.load(file)
        else:
            assert "is not one of what was built and runs here" in done.stderr, done.stderr
    assert "baseline" in results
    for other in results.values():
        for name, value in results["baseline"].items():
            tolerance = (
                1e-5 if name.endswith(".0") and "float32" in name else 1e-4 if "float32" in name else 1e-8
            )
            np.testing.assert_allclose(other[name], value, rtol=tolerance, atol=tolerance, err_msg=name)


def test_geomloss_halves_the_cost():
    geomloss = pytest.importorskip("geomloss", reason=REASON)
    x, y = double_clouds(60, 80)
    blur = 0.5
    theirs = geomloss.SamplesLoss("sinkhorn", blur=blur, scaling=0.99, backend="tensorized")(x, y)
    ours = sinkhorn_divergence(x, y, epsilon=2 * blur**2, **EXACT).value
    torch.testing.assert_close(ours, 2 * theirs, rtol=1e-3, atol=1e-4)


def test_geomloss_unbalanced_reach_is_ours_over_root_two():
    geomloss = pytest.importorskip("geomloss", reason=REASON)
    x, y = double_clouds(60, 80)
    blur, reach = 0.5, 1.0
    loss = geomloss.SamplesLoss("sinkhorn", blur=blur, reach=reach, scaling=0.99, backend="tensorized")
    ours = sinkhorn_divergence(x, y, epsilon=2 * blur**2, reach=2**0.5 * reach, **EXACT).value
    torch.testing.assert_close(ours, 2 * loss(x, y), rtol=1e-3, atol=1e-4)


def test_pot_has_the_same_plan():
    ot = pytest.importorskip("ot", reason=REASON)
    x, y = double_clouds(40, 50)
    a, b = torch.full((40,), 1 / 40).double(), torch.full((50,), 1 / 50).double()
    cost = ot.dist(x, y)
    plan = ot.sinkhorn(a, b, cost, 0.2, method="sinkhorn_log", stopThr=1e-12, numItermax=20_000)
    ours = sinkhorn(x, y, epsilon=0.2, **EXACT)
    density = ((ours.f[:, None] + ours.g - cost) / 0.2).exp()
    torch.testing.assert_close(density / (40 * 50), plan, rtol=1e-5, atol=1e-9)
    entropy = 0.2 * (plan * (plan * 40 * 50).log()).sum()
    torch.testing.assert_close(ours.value, (plan * cost).sum() + entropy)


def test_ott_has_the_same_value():
    pytest.importorskip("ott", reason=REASON)
    from ott.geometry import pointcloud
    from ott.solvers import linear

    x, y = (p.float() for p in double_clouds(40, 50))
    geometry = pointcloud.PointCloud(x.numpy(), y.numpy(), epsilon=0.2)
    theirs = linear.solve(geometry, threshold=1e-5, max_iterations=20_000)
    ours = sinkhorn(x, y, epsilon=0.2, tolerance=1e-5).value
    torch.testing.assert_close(ours.item(), float(theirs.reg_ot_cost), rtol=1e-4, atol=0)
