"""gantheory: a laboratory for the theory of generative models.

Names are flat and loaded when they are first used, so that the command line answers at once and
`gantheory.theory` needs no torch.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version as _version


_HOMES = {
    "random": ("Key",),
    "estimate": ("Estimate",),
    "statistics": ("power_fit", "rate_fit"),
    "notation": ("Noun", "parse"),
    "sweeps": ("Linear", "Log", "Sobol", "Values", "Zip", "design"),
    "distributions": (
        "Affine",
        "AlphaStable",
        "Banana",
        "BentGaussian",
        "Bridge",
        "Checkerboard",
        "Circles",
        "Composed",
        "Conditional",
        "ConvexPushforward",
        "Corners",
        "Cosine",
        "Density",
        "Dial",
        "Dialled",
        "DisjointCircles",
        "Distribution",
        "Embedded",
        "Empirical",
        "Facts",
        "FlatTorus",
        "Funnel",
        "GaussianMixture",
        "GaussianTube",
        "GeneralisedGaussian",
        "Grid",
        "Helix",
        "HierarchicalMixture",
        "HighDimensional",
        "HoelderDensity",
        "Isometric",
        "KleinBottle",
        "Map",
        "MaybeDensity",
        "MinFunnels",
        "Mixture",
        "MoebiusBand",
        "Moons",
        "NoisyCircles",
        "NuisanceAxis",
        "OverlapRing",
        "ParetoRadial",
        "Pinwheel",
        "Plate",
        "Potential",
        "Product",
        "Pushforward",
        "RadialPower",
        "RandomMixture",
        "RezendeMohamed",
        "Ring",
        "SCurve",
        "SO3",
        "Segments",
        "Shear",
        "SinhArcsinh",
        "Sphere",
        "Spikes",
        "Spirals",
        "StackedModes",
        "Standardised",
        "Steps",
        "Student",
        "SwissRoll",
        "Tempered",
        "Tent",
        "Torus",
        "Triangles",
        "Twist",
        "UniformBox",
        "WithNoise",
        "dials",
    ),
    "files": ("verify_samples", "write_samples"),
    "models": ("MLP", "Flow", "Model", "Network", "RealNVP"),
    "games": (
        "Adversarial",
        "AdversarialGame",
        "Bilinear",
        "DiracGAN",
        "Game",
        "Generates",
        "LikelihoodGame",
        "Minimax",
        "NonSaturating",
        "Objective",
        "Penalty",
        "R1",
        "Wasserstein",
        "WithPenalty",
    ),
    "metrics": (
        "energy_distance",
        "mode_coverage",
        "negative_log_likelihood",
        "quality_share",
        "sliced_wasserstein",
    ),
    "dynamics": (
        "Adam",
        "Alternating",
        "Anchored",
        "Averaged",
        "Clipped",
        "Competitive",
        "Consensus",
        "CosineDecay",
        "CrossingTheCurl",
        "Delayed",
        "Elastic",
        "Entropic",
        "ExtraGradient",
        "FollowTheRidge",
        "Halpern",
        "HamiltonianDescent",
        "InverseTime",
        "LinearDecay",
        "Linearised",
        "LookAhead",
        "Momentum",
        "OpponentLookAhead",
        "Optimistic",
        "PastExtraGradient",
        "PerPlayer",
        "Projected",
        "ProximalPoint",
        "RMSProp",
        "Rule",
        "SGD",
        "Schedule",
        "Scheduled",
        "Simultaneous",
        "Step",
        "Stepping",
        "SymplecticAdjustment",
        "Trajectory",
        "Unrolled",
        "simulate",
    ),
    "claims": ("Claim", "DiracContraction", "DiracStepLimit", "OptimalDiscriminator", "Verdict", "check"),
    "study": ("Finding", "Result", "Results", "Study", "run"),
    "study.tour": ("Tour",),
    "report": ("write_report",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("claims", "ops", "theory")

__all__ = [*sorted(_HOME_OF), *_MODULES]  # pyright: ignore[reportUnsupportedDunderAll]
__version__ = _version("gantheory")


def __getattr__(name: str):
    if name in _HOME_OF:
        value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
