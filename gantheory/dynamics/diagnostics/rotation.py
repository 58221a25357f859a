"""How far a field turns: the symmetric and the antisymmetric part of its Jacobian."""

from __future__ import annotations

import torch
from torch import Tensor

from gantheory.dynamics.diagnostics.placed import DENSE, Points, placed, split
from gantheory.dynamics.linearised import Linearised
from gantheory.estimate import Estimate
from gantheory.games import Game
from gantheory.random import Key


def jacobian_parts(game: Game, point: Points, *, key: Key | None = None) -> tuple[Tensor, Tensor]:
    """Return the symmetric part S and the antisymmetric part A of the Jacobian of a game's field.

    Equation: ``J = S + A``, ``S = (J + J') / 2``, ``A = (J - J') / 2``. ``(n, n)`` each, or ``(rows, n, n)``
    for a row of points. A potential game has A = 0, a Hamiltonian one S = 0. In float64.

    Raises `ValueError` above 256 parameters, for a point that does not fit, and for a game that draws
    without a key.

    Reference: Balduzzi et al. (2018).

    Example:
        >>> from gantheory import Bilinear
        >>> jacobian_parts(Bilinear(), (1.0, 1.0))[1].tolist()
        [[0.0, 1.0], [-1.0, 0.0]]
    """
    if sum(game.sizes) > DENSE:
        raise ValueError(
            f"{game!r} has {sum(game.sizes)} parameters, and matrices are made up to {DENSE}: "
            "`rotation` takes products alone"
        )
    J = Linearised(*placed(game, point, key)).matrix()
    S, A = (J + J.mT) / 2, (J - J.mT) / 2
    return (S, A) if torch.as_tensor(point).dim() == 2 else (S[0], A[0])


def rotation(game: Game, point: Points, *, probes: int = 64, key: Key | None = None) -> Estimate:
    """Return the share of rotation in the Jacobian of a game's field, from 0 to 1.

    Equation: ``|A|^2 / (|S|^2 + |A|^2)`` in Frobenius norms, 0 for a potential game, 1 where the field
    only turns, NaN where J is 0. Exact up to 256 parameters; above, from products of J and J' with
    ``probes`` standard normal vectors u, since ``E |A u|^2 = |A|^2``, with the standard error of that ratio.
    Of the shape of the row of points, a scalar for one.

    Raises `ValueError` for a point that does not fit, for a game that draws or is probed without a key, and
    below two probes.

    Reference: Balduzzi et al. (2018); Hutchinson (1990).

    Example:
        >>> from gantheory import Bilinear
        >>> float(rotation(Bilinear(), (1.0, 1.0)))
        1.0
    """
    one = torch.as_tensor(point).dim() == 1
    if sum(game.sizes) <= DENSE:
        S, A = jacobian_parts(game, point, key=key)
        turning, all_of = A.square().sum((-2, -1)), (S.square() + A.square()).sum((-2, -1))
        return Estimate((turning / all_of).numpy())
    if probes < 2 or key is None:
        raise ValueError(f"rotation needs two probes and a key above {DENSE} parameters, got {probes}, {key}")
    turning, straight = _probed(game, point, probes, key)
    a, s = turning.mean(0), straight.mean(0)
    share = a / (a + s)
    spread = ((1 - share) * turning - share * straight).std(0) / (a + s) / probes**0.5
    share, spread = (share[0], spread[0]) if one else (share, spread)
    return Estimate(share.numpy(), spread.numpy(), n=probes)


def _probed(game: Game, point: Points, probes: int, key: Key) -> tuple[Tensor, Tensor]:
    """Return ``|A u|^2`` and ``|S u|^2``, ``(probes, rows)``."""
    many, profile, batch = placed(game, point, key)
    near, turning, straight = Linearised(many, profile, batch), [], []
    for i in range(probes):
        u = key.child("probe", i).normal(many.members, sum(game.sizes), dtype=torch.float64, device="cpu")
        direction = split(game, u)
        forth, back = (torch.cat(f(direction), dim=-1) for f in (near.product, near.transposed))
        turning.append(((forth - back) / 2).square().sum(-1))
        straight.append(((forth + back) / 2).square().sum(-1))
    return torch.stack(turning), torch.stack(straight)
