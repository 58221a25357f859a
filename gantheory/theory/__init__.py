"""Closed forms and predictions: math, numpy, scipy and sympy only, nothing of gantheory or torch."""

from gantheory.theory.dirac_details import (
    consensus_dirac_field,
    consensus_escape,
    dirac_growth,
    gradient_penalty_response,
    instance_noise_eigenvalues,
    r1_alternating_stable,
)
from gantheory.theory.dirac_gan import (
    DiracExpressions,
    dirac_expressions,
    dirac_field,
    dirac_jacobian,
    dirac_losses,
)
from gantheory.theory.dirac_orbits import dirac_fate, nonsaturating_cycle, nonsaturating_radius
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
from gantheory.theory.linear_steps import linear_step
from gantheory.theory.mode_factors import delay_limit, last_iterate_bound, mode_factors
from gantheory.theory.monotone import (
    averaged_bound,
    crossed_curl_limit,
    hamiltonian,
    look_ahead_pull,
    quadratic_gap,
    strongly_monotone_factor,
    variance_energy,
)
from gantheory.theory.rotations import (
    alignment_slope,
    alternating_energy,
    alternating_momentum_factors,
    angle_limit,
    average_bound,
    average_gain,
    best_rotation_factor,
    bilinear_growth,
    consensus_limit,
    delayed_growth,
    negative_momentum_bound,
)
from gantheory.theory.saddles import (
    attracts,
    consensus_monotonicity,
    saddle_stable,
    simultaneous_limit,
    strict_local_minimax,
)
from gantheory.theory.small_games import GameExpressions, game_expressions, game_values
from gantheory.theory.spectra import contraction_factor, converges, eigenvalues, one_step_map
from gantheory.theory.step_sizes import alternating_eigenvalues, largest_step


__all__ = [
    "DiracExpressions",
    "FDivergence",
    "GameExpressions",
    "alignment_slope",
    "alternating_eigenvalues",
    "alternating_energy",
    "alternating_momentum_factors",
    "angle_limit",
    "attracts",
    "average_bound",
    "average_gain",
    "averaged_bound",
    "best_rotation_factor",
    "bilinear_growth",
    "consensus_dirac_field",
    "consensus_escape",
    "consensus_limit",
    "consensus_monotonicity",
    "contraction_factor",
    "converges",
    "crossed_curl_limit",
    "delay_limit",
    "delayed_growth",
    "dirac_expressions",
    "dirac_fate",
    "dirac_field",
    "dirac_growth",
    "dirac_jacobian",
    "dirac_losses",
    "eigenvalues",
    "f_divergence",
    "f_divergence_expressions",
    "game_expressions",
    "game_values",
    "gradient_penalty_response",
    "hamiltonian",
    "instance_noise_eigenvalues",
    "jensen_shannon",
    "kullback_leibler",
    "largest_step",
    "last_iterate_bound",
    "linear_step",
    "look_ahead_pull",
    "mode_factors",
    "negative_momentum_bound",
    "nonsaturating_cycle",
    "nonsaturating_radius",
    "off_piece_mass",
    "one_step_map",
    "optimal_discriminator",
    "optimal_value",
    "optimal_variational",
    "quadratic_gap",
    "r1_alternating_stable",
    "saddle_stable",
    "simultaneous_limit",
    "strict_local_minimax",
    "strongly_monotone_factor",
    "total_variation",
    "variance_energy",
]
