"""Sets that a player may choose from: where they end, and what is best in them for a linear loss."""

from __future__ import annotations

import torch
from torch import Tensor


DOMAINS = ("ball", "box", "simplex")


def nearest(w: Tensor, domain: str | None, radius: float) -> Tensor:
    """Return the nearest points of a domain to rows ``(members, size)``; `None` is everything.

    Notation: ``radius`` may be one number a member ``(members, 1)``, as in a sweep.

    Reference: Held, Wolfe, Crowder (1974), for the simplex.
    """
    if domain is None:
        return w
    if domain == "box":
        wide = torch.as_tensor(radius, dtype=w.dtype, device=w.device)
        return torch.minimum(torch.maximum(w, -wide), wide)
    if domain == "ball":
        length = torch.linalg.vector_norm(w, dim=-1, keepdim=True)
        return torch.where(length > radius, w * (radius / length), w)
    falling = w.sort(dim=-1, descending=True).values
    over = (falling.cumsum(-1) - radius) / torch.arange(1, w.shape[-1] + 1, dtype=w.dtype, device=w.device)
    kept = (falling > over).sum(-1, keepdim=True)
    return (w - over.gather(-1, kept - 1)).clamp(min=0)


def lowest(g: Tensor, domain: str, radius: float) -> Tensor:
    """Return the points of a domain where the linear losses ``<g, .>`` are least."""
    if domain == "box":
        return -radius * g.sign()
    if domain == "ball":
        return -radius * torch.nn.functional.normalize(g, dim=-1, eps=torch.finfo(g.dtype).tiny)
    return radius * torch.nn.functional.one_hot(g.argmin(-1), g.shape[-1]).to(g.dtype)
