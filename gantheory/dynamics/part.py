"""The members that still move, where some have diverged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from gantheory.dynamics.outcome import Monitor
from gantheory.dynamics.population import Many, Profile
from gantheory.dynamics.rule import Rule
from gantheory.random import Key


@dataclass
class Part:
    """Some members of a population, who go on without the others, on the noise that they had.

    What they draw is the same as among all. What is computed from it agrees to rounding: which operations
    torch takes for a member depends on how many members there are.
    """

    rows: np.ndarray
    many: Many
    rule: Rule
    key: Key

    def cut(self, tree: Any) -> Any:
        """Return the part's rows of nested tensors; scalars are everybody's."""
        rows = torch.as_tensor(self.rows)
        return pytree.tree_map(lambda leaf: leaf[rows.to(leaf.device)] if leaf.dim() else leaf, tree)

    def back(self, tree: Any, part: Any) -> Any:
        """Return the nested tensors with the part's rows replaced."""
        rows = torch.as_tensor(self.rows)

        def one(whole: Tensor, own: Tensor) -> Tensor:
            return whole.index_copy(0, rows.to(whole.device), own) if own.dim() else own

        return pytree.tree_map(one, tree, part)

    def watched(self, monitor: Monitor, profile: Profile) -> Monitor:
        """Return a monitor of the part alone."""
        own = Monitor(profile, noisy=monitor.noisy)
        own.windows, own.anchor = self.cut(monitor.windows), self.cut(monitor.anchor)
        own.start = self.cut(monitor.start)
        own.steps = monitor.steps
        return own

    def report(self, monitor: Monitor, own: Monitor) -> None:
        """Bring the monitor of all up to date."""
        monitor.windows = self.back(monitor.windows, own.windows)
        monitor.anchor = self.back(monitor.anchor, own.anchor)
        monitor.steps = own.steps
