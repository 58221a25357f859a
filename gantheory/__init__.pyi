"""The public names: a table of contents for readers and type checkers."""

from gantheory import claims as claims, ops as ops, theory as theory
from gantheory.claims import (
    Claim as Claim,
    DiracContraction as DiracContraction,
    DiracStepLimit as DiracStepLimit,
    OptimalDiscriminator as OptimalDiscriminator,
    Verdict as Verdict,
    check as check,
)
from gantheory.distributions import (
    SO3 as SO3,
    Affine as Affine,
    AlphaStable as AlphaStable,
    Banana as Banana,
    BentGaussian as BentGaussian,
    Bridge as Bridge,
    Checkerboard as Checkerboard,
    Circles as Circles,
    Composed as Composed,
    Conditional as Conditional,
    Corners as Corners,
    Density as Density,
    Dial as Dial,
    Dialled as Dialled,
    DisjointCircles as DisjointCircles,
    Distribution as Distribution,
    Embedded as Embedded,
    Empirical as Empirical,
    Facts as Facts,
    FlatTorus as FlatTorus,
    Funnel as Funnel,
    GaussianMixture as GaussianMixture,
    GaussianTube as GaussianTube,
    GeneralisedGaussian as GeneralisedGaussian,
    Grid as Grid,
    Helix as Helix,
    HoelderDensity as HoelderDensity,
    Isometric as Isometric,
    KleinBottle as KleinBottle,
    Map as Map,
    MaybeDensity as MaybeDensity,
    Mixture as Mixture,
    MoebiusBand as MoebiusBand,
    Moons as Moons,
    OverlapRing as OverlapRing,
    ParetoRadial as ParetoRadial,
    Plate as Plate,
    Product as Product,
    Pushforward as Pushforward,
    RadialPower as RadialPower,
    Ring as Ring,
    Segments as Segments,
    Shear as Shear,
    SinhArcsinh as SinhArcsinh,
    Sphere as Sphere,
    Spikes as Spikes,
    Spirals as Spirals,
    Standardised as Standardised,
    Steps as Steps,
    Student as Student,
    Tempered as Tempered,
    Tent as Tent,
    Torus as Torus,
    Twist as Twist,
    WithNoise as WithNoise,
    dials as dials,
)
from gantheory.dynamics import (
    SGD as SGD,
    Adam as Adam,
    Alternating as Alternating,
    Consensus as Consensus,
    ExtraGradient as ExtraGradient,
    Linearised as Linearised,
    PerPlayer as PerPlayer,
    Rule as Rule,
    Simultaneous as Simultaneous,
    Step as Step,
    Stepping as Stepping,
    Trajectory as Trajectory,
    simulate as simulate,
)
from gantheory.estimate import Estimate as Estimate
from gantheory.games import (
    R1 as R1,
    Adversarial as Adversarial,
    AdversarialGame as AdversarialGame,
    Bilinear as Bilinear,
    DiracGAN as DiracGAN,
    Game as Game,
    Generates as Generates,
    LikelihoodGame as LikelihoodGame,
    Minimax as Minimax,
    NonSaturating as NonSaturating,
    Objective as Objective,
    Penalty as Penalty,
    Wasserstein as Wasserstein,
    WithPenalty as WithPenalty,
)
from gantheory.metrics import (
    energy_distance as energy_distance,
    mode_coverage as mode_coverage,
    negative_log_likelihood as negative_log_likelihood,
    quality_share as quality_share,
    sliced_wasserstein as sliced_wasserstein,
)
from gantheory.models import (
    MLP as MLP,
    Flow as Flow,
    Model as Model,
    Network as Network,
    RealNVP as RealNVP,
)
from gantheory.notation import (
    Noun as Noun,
    parse as parse,
)
from gantheory.random import Key as Key
from gantheory.report import write_report as write_report
from gantheory.statistics import (
    power_fit as power_fit,
    rate_fit as rate_fit,
)
from gantheory.study import (
    Finding as Finding,
    Result as Result,
    Results as Results,
    Study as Study,
    run as run,
)
from gantheory.study.tour import Tour as Tour
from gantheory.sweeps import (
    Linear as Linear,
    Log as Log,
    Sobol as Sobol,
    Values as Values,
    Zip as Zip,
    design as design,
)

__all__: list[str]
__version__: str
