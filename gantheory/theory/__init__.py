"""Closed forms and predictions: math, numpy, scipy and sympy only, nothing of gantheory or torch."""

from gantheory.theory.averages import averaged_gap_bound, averaging_gain, orbit_average
from gantheory.theory.dirac_gan import (
    DiracExpressions,
    dirac_expressions,
    dirac_field,
    dirac_jacobian,
    dirac_losses,
    dirac_noise_jacobian,
)
from gantheory.theory.dirac_orbits import dirac_fate, nonsaturating_cycle, nonsaturating_radius
from gantheory.theory.dirac_regularised import (
    consensus_jacobian,
    dirac_consensus_escapes,
    dirac_consensus_field,
    gradient_penalty_cycle,
)
from gantheory.theory.divergences import (
    jensen_shannon,
    kullback_leibler,
    optimal_discriminator,
    optimal_value,
    total_variation,
)
from gantheory.theory.f_divergences import (
    FDivergence,
    f_divergence,
    f_divergence_expressions,
    optimal_variational,
)
from gantheory.theory.isoperimetry import off_piece_mass
from gantheory.theory.mode_factors import (
    alternating_momentum_factors,
    delay_limit,
    last_iterate_bound,
    mode_factors,
)
from gantheory.theory.small_games import GameExpressions, game_expressions, game_values
from gantheory.theory.spectra import contraction_factor, converges, eigenvalues, one_step_map
from gantheory.theory.step_sizes import alternating_eigenvalues, largest_step
from gantheory.theory.stochastic_games import extragradient_floor, extragradient_growth


__all__ = [
    "DiracExpressions",
    "FDivergence",
    "GameExpressions",
    "alternating_eigenvalues",
    "alternating_momentum_factors",
    "averaged_gap_bound",
    "averaging_gain",
    "consensus_jacobian",
    "contraction_factor",
    "converges",
    "delay_limit",
    "dirac_consensus_escapes",
    "dirac_consensus_field",
    "dirac_expressions",
    "dirac_fate",
    "dirac_field",
    "dirac_jacobian",
    "dirac_losses",
    "dirac_noise_jacobian",
    "eigenvalues",
    "extragradient_floor",
    "extragradient_growth",
    "f_divergence",
    "f_divergence_expressions",
    "game_expressions",
    "game_values",
    "gradient_penalty_cycle",
    "jensen_shannon",
    "kullback_leibler",
    "largest_step",
    "last_iterate_bound",
    "mode_factors",
    "nonsaturating_cycle",
    "nonsaturating_radius",
    "off_piece_mass",
    "one_step_map",
    "optimal_discriminator",
    "optimal_value",
    "optimal_variational",
    "orbit_average",
    "total_variation",
]
