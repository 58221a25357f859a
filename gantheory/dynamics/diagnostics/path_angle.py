"""The angle between the field and a straight path: does the end of the path attract, or is it turned about?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gantheory.dynamics.diagnostics.picture import Picture, axis
from gantheory.dynamics.diagnostics.placed import Points, placed, rows_of
from gantheory.games import Game
from gantheory.random import Key


@dataclass(frozen=True, eq=False)
class PathAngle(Picture):
    """The field along a straight path: its cosine with the path, and its length, at ``places``.

    Place 0 is the start and 1 the end; the cosine is NaN where the field vanishes. Around the end the cosine has an
    odd part, ``switch``, and an even one, ``bump``: an end that attracts lies where the cosine jumps from -1 to 1
    (v points away from what a step ``w - rate v`` approaches), an end that is turned about where it rises and falls.
    """

    places: np.ndarray
    cosines: np.ndarray
    lengths: np.ndarray

    @property
    def switch(self) -> float:
        """``max_s |c(1 + s) - c(1 - s)| / 2``, signed: 1 where all attracts, -1 where all repels."""
        before, after = self._mirrored()
        return _largest((after - before) / 2)

    @property
    def bump(self) -> float:
        """``max_s |c(1 + s) + c(1 - s)| / 2``, signed: 0 without rotation."""
        before, after = self._mirrored()
        return _largest((after + before) / 2)

    def _mirrored(self) -> tuple[np.ndarray, np.ndarray]:
        spacing = self.places[1] - self.places[0]  # nearer than that the jump itself would be interpolated
        s = np.arange(spacing, min(1 - self.places[0], self.places[-1] - 1), spacing)
        known = np.isfinite(self.cosines)
        return tuple(np.interp(1 + sign * s, self.places[known], self.cosines[known]) for sign in (-1, 1))  # type: ignore

    def figure(self) -> dict[str, Any]:
        line = {"type": "scatter", "mode": "lines", "x": self.places}
        data = [
            line | {"name": "cosine with the path", "y": self.cosines},
            line | {"name": "length of the field", "y": self.lengths, "yaxis": "y2", "line": {"dash": "dot"}},
        ]
        layout = {
            "xaxis": axis("place on the path (0 start, 1 end)"),
            "yaxis": axis("cosine", range=[-1.05, 1.05]),
            "yaxis2": axis("length", overlaying="y", side="right", showgrid=False, rangemode="tozero"),
            "legend": {"orientation": "h", "y": 1.12, "x": 0},
        }
        return {"data": data, "layout": layout}


def path_angle(
    game: Game,
    start: Points,
    end: Points,
    *,
    count: int = 201,
    reach: float = 1.5,
    key: Key | None = None,
) -> PathAngle:
    """Measure the field of a game along the straight path through two points.

    Equation: ``c(a) = <w1 - w0, v(w_a)> / (|w1 - w0| |v(w_a)|)`` at ``w_a = w0 + a (w1 - w0)``, for ``count`` places a
    from 0 to ``reach``. In float64, on one batch.

    Raises `ValueError` for points that do not fit or are equal, below three places, for a reach that does
    not pass the end, and for a game that draws without a key.

    Reference: Berard et al. (2020).

    Example:
        >>> from gantheory import Bilinear
        >>> angle = path_angle(Bilinear(), (1.0, 0.0), (0.0, 0.1))  # ends beside the centre of a rotation
        >>> round(angle.bump, 2), round(angle.switch, 2)
        (-0.99, 0.04)
    """
    first, last = rows_of(game, start, name="start"), rows_of(game, end, name="end")
    path = last - first
    if len(path) != 1 or not path.any():
        raise ValueError("start and end must be two different points, one each")
    if count < 3 or not 1 < reach < np.inf:
        raise ValueError(f"count must be at least 3 and reach above 1, got {count} and {reach}")
    places = torch.linspace(0, reach, count, dtype=torch.float64)
    many, profile, batch = placed(game, first + places[:, None] * path, key)
    v = torch.cat(many.field(profile, batch), dim=-1).detach()
    lengths = torch.linalg.vector_norm(v, dim=-1)
    cosines = (v @ path[0]) / (torch.linalg.vector_norm(path) * lengths)
    cosines = torch.where(lengths > 0, cosines.clamp(-1, 1), torch.nan)
    return PathAngle(places.numpy(), cosines.numpy(), lengths.numpy())


def _largest(values: np.ndarray) -> float:
    return float(values[np.abs(values).argmax()])
