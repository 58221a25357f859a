"""Strategies for distributions, games and rules."""

from __future__ import annotations

from hypothesis import strategies as st

from gantheory.distributions import (
    Banana,
    Circles,
    Distribution,
    Funnel,
    GaussianMixture,
    Grid,
    Moons,
    Ring,
    Spirals,
    UniformBox,
)
from gantheory.dynamics import (
    SGD,
    Alternating,
    Competitive,
    Consensus,
    ExtraGradient,
    HamiltonianDescent,
    Momentum,
    Optimistic,
    PastExtraGradient,
    Rule,
    Simultaneous,
    Stepping,
    SymplecticAdjustment,
)
from gantheory.games import (
    LQGAN,
    R1,
    Bilinear,
    DiracGAN,
    Game,
    LinearField,
    Minimax,
    NonSaturating,
    Wasserstein,
    WithPenalty,
)


def _decimals(low: int, high: int) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda tenths: tenths / 10)


def distributions() -> st.SearchStrategy[Distribution]:
    """Draw distributions in the plane: rings, grids, mixtures, and the usual curves and shapes.

    Example:
        >>> from hypothesis import find, settings
        >>> find(distributions(), lambda law: law.dim == 2, settings=settings(database=None)).dim
        2
    """
    scale = _decimals(1, 5)
    plain = [st.just(cls()) for cls in (Banana, Circles, Funnel, Moons, Spirals)]
    point = st.tuples(_decimals(-20, 20), _decimals(-20, 20))
    boxes = st.just(UniformBox(2))
    return st.one_of(
        st.builds(Ring, modes=st.integers(1, 12), radius=_decimals(5, 30), scale=scale),
        st.builds(Grid, scale=scale),
        st.builds(GaussianMixture, st.lists(point, min_size=1, max_size=5).map(tuple)),
        boxes,
        *plain,
    )


def games() -> st.SearchStrategy[Game]:
    """Draw games of at most four parameters without noise: bilinear, linear fields, Dirac-GANs, LQGAN.

    Example:
        >>> from hypothesis import find, settings
        >>> find(games(), lambda game: sum(game.sizes) == 4, settings=settings(database=None)).sizes
        (2, 2)
    """
    entry = _decimals(-20, 20)
    square = st.tuples(st.tuples(entry, entry), st.tuples(entry, entry))
    dirac = st.builds(DiracGAN, st.sampled_from([Minimax(), NonSaturating(), Wasserstein()]))
    return st.one_of(
        st.builds(Bilinear, square),
        st.builds(LinearField, square),
        dirac,
        st.builds(WithPenalty, dirac, st.builds(R1, _decimals(0, 30))),
        st.builds(LQGAN, mean=_decimals(-20, 20), deviation=_decimals(5, 20)),
    )


def rules(*, rate: float = 0.1) -> st.SearchStrategy[Rule]:
    """Draw rules around plain steps, or with momentum, of rates up to ``rate``.

    Example:
        >>> from hypothesis import find, settings
        >>> isinstance(find(rules(), lambda rule: rule.linear, settings=settings(database=None)), Rule)
        True
    """
    rates = st.integers(1, 100).map(lambda percent: rate * percent / 100)
    plain = st.builds(SGD, rates)
    steps: st.SearchStrategy[Stepping] = st.one_of(plain, st.builds(Momentum, rates, beta=_decimals(-9, 9)))
    around = [Simultaneous, Alternating, ExtraGradient, Optimistic, PastExtraGradient, HamiltonianDescent]
    weighted = [Consensus, SymplecticAdjustment]
    return st.one_of(
        *(st.builds(cls, steps) for cls in around),
        *(st.builds(cls, steps, weight=_decimals(0, 20)) for cls in weighted),
        st.builds(Competitive, plain),
    )
