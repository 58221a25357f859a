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
    Banana as Banana,
    BentGaussian as BentGaussian,
    Checkerboard as Checkerboard,
    Circles as Circles,
    Cosine as Cosine,
    Density as Density,
    Distribution as Distribution,
    Empirical as Empirical,
    Facts as Facts,
    Funnel as Funnel,
    GaussianMixture as GaussianMixture,
    Grid as Grid,
    HierarchicalMixture as HierarchicalMixture,
    HighDimensional as HighDimensional,
    Moons as Moons,
    NoisyCircles as NoisyCircles,
    Pinwheel as Pinwheel,
    Potential as Potential,
    RandomMixture as RandomMixture,
    RezendeMohamed as RezendeMohamed,
    Ring as Ring,
    SCurve as SCurve,
    Spirals as Spirals,
    StackedModes as StackedModes,
    SwissRoll as SwissRoll,
    Triangles as Triangles,
    UniformBox as UniformBox,
)
from gantheory.dynamics import (
    SGD as SGD,
    Adam as Adam,
    Alternating as Alternating,
    ExtraGradient as ExtraGradient,
    Rule as Rule,
    Simultaneous as Simultaneous,
    Step as Step,
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
    Values as Values,
    Zip as Zip,
)

__all__: list[str]
__version__: str
