"""A user's own points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from gantheory.distributions.distribution import MaybeDensity
from gantheory.distributions.facts import Fact, Facts, Topology
from gantheory.distributions.files import content_hash, read_points
from gantheory.distributions.points import check_points
from gantheory.distributions.sampled import POINTS, sampled_entropy
from gantheory.ops import knn, log_sum_exp, nearest, softmax_average


if TYPE_CHECKING:
    from gantheory.random import Key


@dataclass(frozen=True)
class Empirical(MaybeDensity):
    r"""The points of a file, one a row, drawn with replacement.

    The file (CSV, npy, npz, parquet or safetensors) is named with the SHA-256 of its content, so the same text is
    always the same data; ``Empirical.read(path)`` fills that in. ``part`` "train" and "test" are a fixed
    random split of four fifths to one fifth. ``standardise`` shifts and scales every column by the mean
    and standard deviation of the training part (a constant column is only shifted). ``noise`` adds
    normal noise of that scale, after standardising; with it the law is a `Density`, the mean of Gaussians
    around the points, and without it a finite set that has none.

    Raises `ValueError` naming file, row and column where the file holds no finite numbers, and where
    its content has another hash.

    Example:
        >>> import pathlib, tempfile
        >>> from gantheory import Adam, Key, LikelihoodGame, RealNVP, Simultaneous, simulate
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "points.csv"
        >>> _ = file.write_text("height,weight\n" + "".join(f"{150 + 4 * i},{50 + i * i}\n" for i in range(10)))
        >>> data = Empirical.read(file, part="train", standardise=True, noise=0.1)
        >>> game = LikelihoodGame(RealNVP(data.dim, layers=2, hidden=(8,)), data, batch=16)
        >>> tuple(simulate(game, Simultaneous(Adam(1e-3)), steps=5, key=Key(0)).sample(100, Key(1)).shape)
        (1, 100, 2)
    """

    path: str
    sha256: str
    part: Literal["all", "train", "test"] = "all"
    standardise: bool = False
    noise: float = 0.0

    def check(self) -> None:
        if self.noise < 0:
            raise ValueError(f"Empirical needs a noise of at least 0, got {self.noise}")

    @classmethod
    def read(cls, path: str | Path, **options) -> Empirical:
        """Return the distribution of a file's points, having read and checked it."""
        if not isinstance(path, (str, Path)):
            raise ValueError(
                f"path must name a file, got a {type(path).__name__}: write points in memory to one, with numpy.save"
            )
        points = cls(str(path), content_hash(path), **options)
        points.points()
        return points

    @property
    def dim(self) -> int:
        return self.points().shape[1]

    def points(self) -> np.ndarray:
        """Return the points of this part, float64 of shape ``(n, dim)``, without the noise."""
        return _points(self.path, self.sha256, self.part, self.standardise)

    def sample(self, n: int, key: Key, *, start: int = 0) -> Tensor:
        noise = key.child("noise").normal(n, self.dim, start=start)
        points = _tensor(self, noise.dtype, str(noise.device))
        row = key.child("row").integers(len(points), n, start=start, device=noise.device)
        return points[row] + self.noise * noise

    @property
    def no_density(self) -> str:
        return "" if self.noise > 0 else "a finite set of points has none: give a noise above 0"

    def _log_prob(self, x: Tensor) -> Tensor:
        points = _tensor(self, x.dtype, str(x.device))
        constant = self.dim * math.log(self.noise * math.sqrt(2 * math.pi)) + math.log(len(points))
        return log_sum_exp(x, points, epsilon=2 * self.noise**2) - constant

    def _score(self, x: Tensor) -> Tensor:
        points = _tensor(self, x.dtype, str(x.device))
        return (softmax_average(x, points, points, epsilon=2 * self.noise**2) - x) / self.noise**2

    def _nearest(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Number and distance of the nearest point."""
        return nearest(check_points(x, self.dim), _tensor(self, x.dtype, str(x.device)))

    def blurred(self, scale: float) -> Empirical:
        return self.replace(noise=math.hypot(self.noise, scale))

    def facts(self) -> Facts:
        points = self.points()
        covariance = np.cov(points.T, ddof=0).reshape(self.dim, self.dim) + self.noise**2 * np.eye(self.dim)
        unknown = Fact(None, reason="a finite set of points has none that can be known")
        distinct, gap = _spacing(self.path, self.sha256, self.part, self.standardise)
        of = "the points without noise" if self.noise else "the points"
        return Facts(
            mean=Fact(points.mean(0)),
            covariance=Fact(covariance),
            entropy=self._entropy(),
            modes=unknown,
            mode_of=unknown,
            labels=unknown,
            support_distance=Fact(lambda x: self._nearest(x)[1]),
            project=Fact(lambda x: _tensor(self, x.dtype, str(x.device))[self._nearest(x)[0]]),
            noise=Fact(self.noise),
            intrinsic_dimension=Fact(self.dim if self.noise else 0),
            topology=Fact(Topology((distinct,), of)),
            reach=Fact(gap / 2),
            tail_index=Fact(math.inf),
            smoothness=Fact(math.inf) if self.noise else Fact(None, reason=f"no density: {self.no_density}"),
        )

    def _entropy(self) -> Fact:
        if len(self.points()) * self.dim * POINTS > 2e10:
            return Fact(None, reason=f"a mean over {len(self.points())} kernels takes too long here")
        return sampled_entropy(self)

    @classmethod
    def examples(cls) -> list[Empirical]:
        shipped = Path(__file__).parent / "iris.csv"
        return [cls.read(shipped), cls.read(shipped, part="test", standardise=True, noise=0.1)]


@lru_cache(maxsize=16)
def _points(path: str, sha256: str, part: str, standardise: bool) -> np.ndarray:
    found = content_hash(path)
    if found != sha256:
        raise ValueError(f"{path} has changed: its SHA-256 is {found}, not {sha256}. Read it again")
    points = read_points(path)
    order = np.random.default_rng(0).permutation(len(points))
    cut = max(1, len(points) // 5)
    rows = {"all": np.arange(len(points)), "test": order[:cut], "train": order[cut:]}
    if part != "all" and len(points) < 5:
        raise ValueError(
            f"{path} has {len(points)} row(s), too few to split into train and test: give 5 or more"
        )
    if standardise:
        train = points[rows["train"]] if len(points) >= 5 else points
        with np.errstate(over="ignore", invalid="ignore"):
            spread = train.std(0)
        if not np.isfinite(spread).all():
            column = int(np.argmin(np.isfinite(spread))) + 1
            raise ValueError(
                f"{path}: column {column} is too large to standardise: divide it by its scale first"
            )
        points = (points - train.mean(0)) / np.where(spread > 0, spread, 1.0)
    points = np.ascontiguousarray(points[rows[part]])
    points.setflags(write=False)
    return points


@lru_cache(maxsize=16)
def _tensor(data: Empirical, dtype: torch.dtype, device: str) -> Tensor:
    points = torch.tensor(data.points(), dtype=dtype, device=device)
    if not torch.isfinite(points).all():
        raise ValueError(f"{data.path} holds numbers beyond {dtype}: use standardise=True, or float64")
    return points


@lru_cache(maxsize=16)
def _spacing(path: str, sha256: str, part: str, standardise: bool) -> tuple[int, float]:
    """The number of distinct points, and the least distance between two of them."""
    distinct = torch.from_numpy(np.unique(_points(path, sha256, part, standardise), axis=0))
    if len(distinct) == 1:
        return 1, math.inf
    return len(distinct), float(knn(distinct, k=1, exclude_self=True)[1].min())
