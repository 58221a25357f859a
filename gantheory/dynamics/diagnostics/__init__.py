"""Diagnostics: what a game does around a point, and what a run did."""

from gantheory.dynamics.diagnostics.basin import Basin, basin_radius
from gantheory.dynamics.diagnostics.flow_lines import FlowLines, integrate
from gantheory.dynamics.diagnostics.gaps import Gap, best_response_gap, duality_gap
from gantheory.dynamics.diagnostics.path_angle import PathAngle, path_angle
from gantheory.dynamics.diagnostics.phase_diagram import PhaseDiagram, phase_diagram
from gantheory.dynamics.diagnostics.rates import convergence_exponent, convergence_factor
from gantheory.dynamics.diagnostics.rotation import jacobian_parts, rotation
from gantheory.dynamics.diagnostics.spectrum import Spectrum, field_spectrum, step_spectrum
from gantheory.dynamics.diagnostics.vector_field import VectorField, phase_portrait, vector_field


__all__ = [
    "Basin",
    "FlowLines",
    "Gap",
    "PathAngle",
    "PhaseDiagram",
    "Spectrum",
    "VectorField",
    "basin_radius",
    "best_response_gap",
    "convergence_exponent",
    "convergence_factor",
    "duality_gap",
    "field_spectrum",
    "integrate",
    "jacobian_parts",
    "path_angle",
    "phase_diagram",
    "phase_portrait",
    "rotation",
    "step_spectrum",
    "vector_field",
]
