"""How a run ended: converged, cycling, diverged or undecided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gantheory.dynamics.population import Profile


WINDOW = 100
"""The number of steps in a window."""

CONVERGED, CYCLING, DIVERGED, UNDECIDED = "converged", "cycling", "diverged", "undecided"
OUT_OF_BUDGET = "out of budget"
"""What is undecided, where a budget ended the run."""


class Monitor:
    """Keeps, for every member, extremes over windows of 100 steps, and decides the outcome from them.

    With R the largest norm of all parameters in a window, S the largest step length, L the length of the
    path and D the largest distance from the window's first point, the start, the first window and the last
    two complete ones decide:

    - *diverged*: something is not finite, R exceeds a million times ``max(1, R_start)``, or R exceeds
      twice R_first and both R and S still grow from window to window by 5 percent or more;
    - *converged*: S has fallen to a thousandth of S_first, or to rounding of the norm. Where the game knows
      its equilibria, the last point is within a hundredth of ``max(1, R_first)`` of one, too: steps also
      vanish where gradients do;
    - *cycling*: game and rule draw nothing, R and S repeat within 5 percent, and the path turns back,
      ``L >= 3 D``;
    - *undecided*: everything else, among it all noise that neither grows nor dies down, and every run
      below three windows that has not left all bounds.
    """

    def __init__(self, profile: Profile, *, noisy: bool):
        self.noisy = noisy
        self.start = _norm(profile)  # the first window may hold a leap already
        blank = torch.zeros(4, profile[0].shape[0], dtype=torch.float64, device=profile[0].device).T
        # (R, S) of the first window and of that before last, (R, S, L, D) of the last complete and the running one
        self.windows = [blank[:, :2], blank[:, :2], blank, blank]
        self.anchor = profile
        self.steps = 0

    def watch(self, before: Profile, after: Profile) -> None:
        """Take in one step."""
        running = self.windows[3]
        step = _distance(before, after)
        far = running[:, 3]
        if not self.noisy:  # only what is without noise can cycle
            far = torch.maximum(far, _distance(self.anchor, after))
        # torch.maximum keeps a NaN visible
        extremes = [torch.maximum(running[:, 0], _norm(after)), torch.maximum(running[:, 1], step)]
        running = torch.stack([*extremes, running[:, 2] + step, far], dim=-1)
        self.steps += 1
        if self.steps % WINDOW == 0:
            first = running[:, :2] if self.steps == WINDOW else self.windows[0]
            self.windows = [first, self.windows[2][:, :2], running, torch.zeros_like(running)]
            self.anchor = tuple(w.clone() for w in after)  # what a step gives may be used again by another
        else:
            self.windows = [*self.windows[:3], running]

    def outcome(self, profile: Profile, equilibria: Sequence[Sequence[float]] = ()) -> np.ndarray:
        """Return every member's outcome, an array of texts."""
        first, previous, last, _ = (w.cpu().numpy() for w in self.windows)
        members = np.full(len(first), UNDECIDED, dtype=object)
        with np.errstate(all="ignore"):
            if self.steps >= 3 * WINDOW:
                self._decide(members, first, previous, last)
        if equilibria:
            point = torch.cat(profile, dim=-1).double().cpu()
            far = torch.cdist(point, torch.tensor(equilibria, dtype=torch.float64)).min(dim=-1).values.numpy()
            members[(members == CONVERGED) & (far > 0.01 * np.maximum(1.0, first[:, 0]))] = UNDECIDED
        members[self.lost(profile)] = DIVERGED
        return members

    def lost(self, profile: Profile) -> np.ndarray:
        """Return who has left all bounds ``(members,)``: not finite, or a million times as far out as at the start."""
        _, _, last, running = (w.cpu().numpy() for w in self.windows)
        with np.errstate(all="ignore"):
            huge = np.maximum(running, last)[:, 0] > 1e6 * np.maximum(1.0, self.start.cpu().numpy())
        finite = np.isfinite(running).all(-1) & np.isfinite(last).all(-1)
        return huge | ~finite | ~np.isfinite(_norm(profile).cpu().numpy())

    def _decide(self, members: np.ndarray, first: np.ndarray, previous: np.ndarray, last: np.ndarray) -> None:
        R, S, L, D = last.T
        growth = last[:, :2] / np.where(previous > 0, previous, 1.0)
        repeats = (np.abs(growth - 1) <= 0.05).all(-1) & (L >= 3 * D)
        members[repeats & (not self.noisy)] = CYCLING
        members[(1e-3 * first[:, 1] >= S) | (S <= 1e-14 * (1 + R))] = CONVERGED
        members[(2 * first[:, 0] < R) & (growth >= 1.05).all(-1)] = DIVERGED

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs."""
        return {
            "windows": torch.cat(self.windows, dim=-1),
            "anchor": self.anchor,
            "start": self.start,
            "steps": self.steps,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a saved state; the start stays where that does not tell it."""
        windows = state["windows"]
        if windows.dim() == 3:  # a file of format 1
            windows = torch.cat([windows[0][:, :2], windows[1][:, :2], windows[2], windows[3]], dim=-1)
        self.windows = list(windows.split([2, 2, 4, 4], dim=-1))
        self.anchor, self.steps = tuple(state["anchor"]), state["steps"]
        self.start = state.get("start", self.start)


def _norm(profile: Profile) -> Tensor:
    norms = [torch.linalg.vector_norm(w, dim=-1).double() for w in profile]
    return norms[0] if len(norms) == 1 else torch.linalg.vector_norm(torch.stack(norms), dim=0)


def _distance(before: Profile, after: Profile) -> Tensor:
    return _norm(tuple(b - a for a, b in zip(before, after)))
