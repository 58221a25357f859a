"""Where a population stands, between the simulator's tensors and the interpreter's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from gantheory.dynamics.interpreter.expressions import Untraceable
from gantheory.dynamics.outcome import Monitor
from gantheory.dynamics.population import Profile
from gantheory.ops.program import Orbits


def pack(profile: Profile, state: Any, monitor: Monitor, numbers: Sequence[np.ndarray]) -> Orbits:
    """Return where a population stands, as the interpreter takes it; ``numbers`` are the swept ones."""
    columns, counters = leaves_of(profile, state, profile[0].dtype)
    members = profile[0].shape[0]
    rows = [torch.as_tensor(number, dtype=profile[0].dtype) for number in numbers]
    return Orbits(
        torch.cat([leaf.reshape(members, -1).T for leaf in columns]).contiguous(),
        torch.stack(rows) if rows else profile[0].new_empty(0, members),
        torch.tensor([float(counter) for counter in counters], dtype=torch.float64),
        _windows(monitor),
        torch.cat([w.T for w in monitor.anchor]).contiguous(),
        monitor.steps,
    )


def _windows(monitor: Monitor) -> Tensor:
    dtype = monitor.anchor[0].dtype
    if monitor.steps:
        return torch.cat([window.T for window in monitor.windows]).to(dtype)
    # before the first step zeros, which take no memory until they are written
    rows = sum(window.shape[1] for window in monitor.windows)
    return torch.zeros(rows, len(monitor.anchor[0]), dtype=dtype)


def unpack(orbits: Orbits, profile: Profile, state: Any, monitor: Monitor) -> tuple[Profile, Any]:
    """Return profile and state in the form of the given ones, and bring the monitor up to date."""
    columns, _ = leaves_of(profile, state, profile[0].dtype)
    split = orbits.state.split([leaf[0].numel() for leaf in columns])
    moved = iter([part.T.reshape(leaf.shape).contiguous() for part, leaf in zip(split, columns)])
    counters = iter(orbits.counters.tolist())
    profile = tuple(next(moved) for _ in profile)
    state = pytree.tree_map(
        lambda leaf: next(moved) if leaf.dim() else torch.tensor(next(counters), dtype=leaf.dtype), state
    )
    anchor = orbits.anchor.split([w.shape[1] for w in profile])
    monitor.restore(
        {
            "windows": orbits.windows.mT,
            "anchor": [part.T.contiguous() for part in anchor],
            "steps": orbits.taken,
        }
    )
    return profile, state


def leaves_of(profile: Profile, state: Any, dtype: torch.dtype) -> tuple[list[Tensor], list[Tensor]]:
    """Return the tensors with a row a member, and the counters: single exact numbers."""
    columns, counters = list(profile), []
    for leaf in pytree.tree_leaves(state):
        if not isinstance(leaf, Tensor):
            raise Untraceable(f"the state holds {leaf!r}")
        if leaf.dim() == 0 and leaf.dtype in (torch.float64, torch.int64):
            counters.append(leaf)
        elif leaf.dim() and leaf.shape[0] == len(profile[0]) and leaf.dtype == dtype:
            columns.append(leaf)
        else:
            raise Untraceable(f"the state holds a tensor of shape {tuple(leaf.shape)} in {leaf.dtype}")
    return columns, counters
