"""How a run ended: converged, cycling, diverged or undecided."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gantheory.dynamics.population import Profile


WINDOW = 100
"""The number of steps in a window."""

CONVERGED, CYCLING, DIVERGED, UNDECIDED = "converged", "cycling", "diverged", "undecided"


class Monitor:
    """Keeps, for every member, window extremes of the distance from the origin and of the step length.

    The first window and the last two complete ones decide. With R the largest norm of all parameters in
    a window and S the largest step length:

    - *diverged*: something is not finite, R exceeds a million times ``max(1, R_first)``, or R exceeds
      ten times ``max(R_first, 1)`` and still grows from window to window by 5 percent or more;
    - *converged*: S has fallen below a thousandth of its first value, or to rounding of the norm;
    - *cycling*: the game draws nothing, and R and S both repeat within 5 percent;
    - *undecided*: everything else, among it all noise that neither grows nor dies down.
    """

    def __init__(self, profile: Profile, *, noisy: bool):
        self.noisy = noisy
        members = profile[0].shape[0]
        blank = torch.zeros(members, 2, dtype=torch.float64, device=profile[0].device)
        # rows: first window, window before last, last complete window, the running one
        self.windows = [blank.clone() for _ in range(4)]
        self.steps = 0

    def watch(self, before: Profile, after: Profile) -> None:
        """Take in one step."""
        seen = torch.stack((_norm(after), _norm(tuple(b - a for a, b in zip(before, after)))), dim=-1)
        # a NaN must stay visible: torch.maximum keeps it
        self.windows[3] = torch.maximum(self.windows[3], seen.double())
        self.steps += 1
        if self.steps % WINDOW == 0:
            first = self.windows[3] if self.steps == WINDOW else self.windows[0]
            self.windows = [first, self.windows[2], self.windows[3], torch.zeros_like(self.windows[3])]

    def outcome(self, profile: Profile) -> np.ndarray:
        """Return every member's outcome, an array of texts."""
        first, previous, last, running = (w.cpu().numpy() for w in self.windows)
        finite = np.isfinite(torch.stack([_norm(profile)]).sum(0).cpu().numpy())
        finite &= np.isfinite(running).all(-1) & np.isfinite(last).all(-1)
        members = np.full(len(first), UNDECIDED, dtype=object)
        with np.errstate(all="ignore"):
            if self.steps >= 3 * WINDOW:
                self._decide(members, first, previous, last)
            huge = np.maximum(running, last)[:, 0] > 1e6 * np.maximum(1.0, first[:, 0])
        members[huge | ~finite] = DIVERGED
        return members

    def _decide(self, members: np.ndarray, first: np.ndarray, previous: np.ndarray, last: np.ndarray) -> None:
        growth = last / np.where(previous > 0, previous, 1.0)
        repeats = (np.abs(growth - 1) <= 0.05).all(-1)
        members[repeats & (not self.noisy)] = CYCLING
        rounding = 1e-14 * (1 + last[:, 0])
        members[(last[:, 1] <= 1e-3 * first[:, 1]) | (last[:, 1] <= rounding)] = CONVERGED
        grown = last[:, 0] > 10 * np.maximum(1.0, first[:, 0])
        members[grown & (growth[:, 0] >= 1.05)] = DIVERGED

    def state(self) -> dict[str, Tensor]:
        """Return what `restore` needs."""
        return {"windows": torch.stack(self.windows), "steps": torch.tensor(self.steps)}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Continue from a saved state."""
        self.windows = list(state["windows"].unbind(0))
        self.steps = int(state["steps"])


def _norm(profile: Profile) -> Tensor:
    if len(profile) == 1:
        return torch.linalg.vector_norm(profile[0], dim=-1)
    return torch.linalg.vector_norm(
        torch.stack([torch.linalg.vector_norm(w, dim=-1) for w in profile]), dim=0
    )
