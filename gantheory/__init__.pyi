"""The public names: a table of contents for readers and type checkers."""

from gantheory import claims as claims, ops as ops, testing as testing, theory as theory
from gantheory.claims import Claim as Claim, Verdict as Verdict, check as check
from gantheory.claims.distances.critic_slope import UnitSlope as UnitSlope
from gantheory.claims.distances.entropic import (
    EntropicGaussian as EntropicGaussian,
    SinkhornLimit as SinkhornLimit,
    SinkhornSharp as SinkhornSharp,
)
from gantheory.claims.distances.first_power import (
    TransportDuality as TransportDuality,
    TransportVariation as TransportVariation,
)
from gantheory.claims.distances.kernels import (
    EnergyIsDiscrepancy as EnergyIsDiscrepancy,
    EnergyUnbiased as EnergyUnbiased,
    KernelMean as KernelMean,
)
from gantheory.claims.distances.sample_rates import (
    EntropicRate as EntropicRate,
    TransportRate as TransportRate,
)
from gantheory.claims.distances.samples import (
    MinibatchEnergy as MinibatchEnergy,
    MinibatchTransport as MinibatchTransport,
    NearestRate as NearestRate,
)
from gantheory.claims.distances.sinkhorn_shape import (
    SinkhornConvex as SinkhornConvex,
    SinkhornPositive as SinkhornPositive,
)
from gantheory.claims.distances.sliced import SlicedBound as SlicedBound
from gantheory.claims.distances.talagrand import TransportEntropy as TransportEntropy
from gantheory.claims.divergences.density_ratio import GaussianLogit as GaussianLogit
from gantheory.claims.divergences.disjoint_supports import DisjointSupports as DisjointSupports
from gantheory.claims.divergences.dropped_mode import DroppedMode as DroppedMode
from gantheory.claims.divergences.generator_descent import GeneratorDescent as GeneratorDescent
from gantheory.claims.divergences.heavy_tails import CriticNoiseTail as CriticNoiseTail
from gantheory.claims.divergences.hinge_value import HingeValue as HingeValue
from gantheory.claims.divergences.label_smoothing import LabelSmoothing as LabelSmoothing
from gantheory.claims.divergences.least_squares import (
    LeastSquaresFloor as LeastSquaresFloor,
    LeastSquaresValue as LeastSquaresValue,
)
from gantheory.claims.divergences.logit_slopes import GeneratorSlope as GeneratorSlope
from gantheory.claims.divergences.mode_collapse import (
    CoveringFit as CoveringFit,
    PointMassIsBest as PointMassIsBest,
)
from gantheory.claims.divergences.moment_matching import MomentMatching as MomentMatching
from gantheory.claims.divergences.optimal_discriminator import OptimalDiscriminator as OptimalDiscriminator
from gantheory.claims.divergences.orderings import (
    DataProcessing as DataProcessing,
    DivergenceOrdering as DivergenceOrdering,
    JensenShannonMetric as JensenShannonMetric,
)
from gantheory.claims.divergences.unequal_priors import AnyCritic as AnyCritic, PriorValue as PriorValue
from gantheory.claims.divergences.vanishing_gradient import VanishingGradient as VanishingGradient
from gantheory.claims.divergences.variational_bound import VariationalBound as VariationalBound
from gantheory.claims.divergences.wasserstein_generator import (
    WassersteinContinuity as WassersteinContinuity,
    WassersteinEnvelope as WassersteinEnvelope,
)
from gantheory.claims.dynamics.alternating import (
    AlternatingAverage as AlternatingAverage,
    AlternatingEnergy as AlternatingEnergy,
    AlternatingFactor as AlternatingFactor,
)
from gantheory.claims.dynamics.bilinear_growth import (
    BilinearGrowth as BilinearGrowth,
    BilinearGrowthBound as BilinearGrowthBound,
)
from gantheory.claims.dynamics.bilinear_orbits import (
    AlternatingBorder as AlternatingBorder,
    BilinearCircle as BilinearCircle,
    OptimisticGain as OptimisticGain,
    ProximalRotation as ProximalRotation,
)
from gantheory.claims.dynamics.coincidences import BilinearCoincidence as BilinearCoincidence
from gantheory.claims.dynamics.descent_on_field import (
    Alignment as Alignment,
    AttractingMaximum as AttractingMaximum,
    ConsensusLimit as ConsensusLimit,
    HamiltonianContraction as HamiltonianContraction,
)
from gantheory.claims.dynamics.flows import (
    CurlFindsDeviation as CurlFindsDeviation,
    RotationConservesHamiltonian as RotationConservesHamiltonian,
    VarianceOrbitsClose as VarianceOrbitsClose,
)
from gantheory.claims.dynamics.halpern import HalpernBound as HalpernBound, HalpernTight as HalpernTight
from gantheory.claims.dynamics.last_iterate import (
    AnchoredRate as AnchoredRate,
    ComonotoneLastIterate as ComonotoneLastIterate,
    LastIterate as LastIterate,
)
from gantheory.claims.dynamics.linear_step import LinearStep as LinearStep
from gantheory.claims.dynamics.local_games import (
    CompetitiveStep as CompetitiveStep,
    CurlField as CurlField,
    UnrolledSlope as UnrolledSlope,
)
from gantheory.claims.dynamics.look_ahead_pull import LookAheadPull as LookAheadPull
from gantheory.claims.dynamics.memory_factor import MemoryFactor as MemoryFactor
from gantheory.claims.dynamics.momentum import (
    AlternatingMomentum as AlternatingMomentum,
    HeavyBallDiverges as HeavyBallDiverges,
    MomentumCriterion as MomentumCriterion,
    NegativeMomentum as NegativeMomentum,
)
from gantheory.claims.dynamics.monotone import (
    AveragedExtragradient as AveragedExtragradient,
    StronglyMonotone as StronglyMonotone,
)
from gantheory.claims.dynamics.performance_estimate import PerformanceEstimate as PerformanceEstimate
from gantheory.claims.dynamics.quadratic_gap import QuadraticGap as QuadraticGap
from gantheory.claims.dynamics.rotation_limits import (
    AngleLimit as AngleLimit,
    BestRotationFactor as BestRotationFactor,
)
from gantheory.claims.evaluation.circle_hole import CircleHole as CircleHole
from gantheory.claims.evaluation.classifier_tests import (
    DifferentLawsTest as DifferentLawsTest,
    EqualLawsTest as EqualLawsTest,
)
from gantheory.claims.evaluation.limits_of_scores import (
    AnnealedBound as AnnealedBound,
    FrechetBelow as FrechetBelow,
    InceptionRange as InceptionRange,
)
from gantheory.claims.evaluation.memorisation import MemorisedDistance as MemorisedDistance
from gantheory.claims.evaluation.sampling import (
    AnnealedWeights as AnnealedWeights,
    CriticMetropolis as CriticMetropolis,
    CriticRejection as CriticRejection,
)
from gantheory.claims.evaluation.scores import (
    FrechetBias as FrechetBias,
    InceptionScore as InceptionScore,
    PrecisionRecall as PrecisionRecall,
)
from gantheory.claims.evaluation.two_samples import (
    BirthdayBound as BirthdayBound,
    ClassifierAccuracy as ClassifierAccuracy,
)
from gantheory.claims.evaluation.weak_critics import MemorisedFeatures as MemorisedFeatures
from gantheory.claims.gaussians.sign_changes import SignChanges as SignChanges
from gantheory.claims.gaussians.transport import (
    GaussianTransport as GaussianTransport,
    LowRankFit as LowRankFit,
)
from gantheory.claims.gaussians.transport_maps import (
    GaussianMap as GaussianMap,
    QuadraticCritic as QuadraticCritic,
)
from gantheory.claims.local_stability.consensus import (
    ConsensusEscape as ConsensusEscape,
    ConsensusFactor as ConsensusFactor,
    ConsensusField as ConsensusField,
)
from gantheory.claims.local_stability.dirac_convergence import (
    DiracContraction as DiracContraction,
    DiracStepLimit as DiracStepLimit,
)
from gantheory.claims.local_stability.dirac_flows import (
    ConsensusValley as ConsensusValley,
    DiracCircle as DiracCircle,
    GradientPenaltyCycle as GradientPenaltyCycle,
    NonSaturatingDrift as NonSaturatingDrift,
)
from gantheory.claims.local_stability.dirac_orbits import (
    AlternatingDirac as AlternatingDirac,
    DiracGrowth as DiracGrowth,
    NonSaturatingCreep as NonSaturatingCreep,
    NonSaturatingCycle as NonSaturatingCycle,
)
from gantheory.claims.local_stability.dirac_penalties import (
    AlternatingR1 as AlternatingR1,
    GradientPenaltyResponse as GradientPenaltyResponse,
    InstanceNoise as InstanceNoise,
)
from gantheory.claims.local_stability.dirac_spectrum import DiracSpectrum as DiracSpectrum
from gantheory.claims.local_stability.every_start import EveryStart as EveryStart
from gantheory.claims.local_stability.saddle_blocks import (
    SaddleDamping as SaddleDamping,
    ZeroSumMonotone as ZeroSumMonotone,
)
from gantheory.claims.local_stability.saddles import (
    Attractor as Attractor,
    ConsensusMonotone as ConsensusMonotone,
    SaddleAttracts as SaddleAttracts,
    StepSizeLemma as StepSizeLemma,
    TwoTimeScales as TwoTimeScales,
)
from gantheory.claims.maps.couplings import (
    CouplingPeak as CouplingPeak,
    CouplingVolume as CouplingVolume,
    PointwiseVolume as PointwiseVolume,
)
from gantheory.claims.maps.densities import (
    PeakKept as PeakKept,
    PlanarDeterminant as PlanarDeterminant,
    RatioKept as RatioKept,
)
from gantheory.claims.maps.likelihoods import (
    HiddenNoise as HiddenNoise,
    ThicknessLikelihood as ThicknessLikelihood,
)
from gantheory.claims.maps.networks import MeanStretch as MeanStretch, TentPieces as TentPieces
from gantheory.claims.maps.pieces import LinePieces as LinePieces, StretchRange as StretchRange
from gantheory.claims.maps.planar_modes import PlanarModes as PlanarModes
from gantheory.claims.maps.separated_modes import BridgeSlope as BridgeSlope, ServedMass as ServedMass
from gantheory.claims.maps.three_pieces import ThreePieces as ThreePieces
from gantheory.claims.maps.unequal_pieces import LeastVariation as LeastVariation, PieceMasses as PieceMasses
from gantheory.claims.noise.asynchrony import AsynchronyIsMomentum as AsynchronyIsMomentum
from gantheory.claims.noise.batches import (
    ExtragradientBatches as ExtragradientBatches,
    ExtragradientFloor as ExtragradientFloor,
)
from gantheory.claims.noise.delays import (
    AverageGain as AverageGain,
    DelayedGrowth as DelayedGrowth,
    DelayLimit as DelayLimit,
)
from gantheory.claims.noise.noise_scale import (
    CriticalBatchStep as CriticalBatchStep,
    NoiseScaleEstimator as NoiseScaleEstimator,
)
from gantheory.claims.noise.stationary import (
    DescentVariance as DescentVariance,
    StepsAndSamples as StepsAndSamples,
)
from gantheory.claims.robustness.few_samples import RobustSamples as RobustSamples
from gantheory.claims.robustness.instance_noise import NoiseIsPenalty as NoiseIsPenalty
from gantheory.claims.robustness.linear_classifiers import (
    OneSampleError as OneSampleError,
    ReliabilityTradeoff as ReliabilityTradeoff,
    RobustError as RobustError,
    SignAttack as SignAttack,
)
from gantheory.claims.robustness.lipschitz import (
    ConvolutionNorm as ConvolutionNorm,
    LipschitzProduct as LipschitzProduct,
    NormalisedGradient as NormalisedGradient,
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
    ConvexPushforward as ConvexPushforward,
    Corners as Corners,
    Cosine as Cosine,
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
    HierarchicalMixture as HierarchicalMixture,
    HighDimensional as HighDimensional,
    HoelderDensity as HoelderDensity,
    Isometric as Isometric,
    KleinBottle as KleinBottle,
    Map as Map,
    MaybeDensity as MaybeDensity,
    MinFunnels as MinFunnels,
    Mixture as Mixture,
    MoebiusBand as MoebiusBand,
    Moons as Moons,
    NoisyCircles as NoisyCircles,
    NuisanceAxis as NuisanceAxis,
    OverlapRing as OverlapRing,
    ParetoRadial as ParetoRadial,
    Pinwheel as Pinwheel,
    Plate as Plate,
    Potential as Potential,
    Product as Product,
    Pushforward as Pushforward,
    Quantised as Quantised,
    RadialPower as RadialPower,
    RandomMixture as RandomMixture,
    RezendeMohamed as RezendeMohamed,
    Ring as Ring,
    SCurve as SCurve,
    Segments as Segments,
    Shear as Shear,
    SinhArcsinh as SinhArcsinh,
    Sphere as Sphere,
    Spikes as Spikes,
    Spirals as Spirals,
    StackedModes as StackedModes,
    Standardised as Standardised,
    Steps as Steps,
    Student as Student,
    SwissRoll as SwissRoll,
    Tempered as Tempered,
    Tent as Tent,
    Torus as Torus,
    Triangles as Triangles,
    Twist as Twist,
    UniformBox as UniformBox,
    WithNoise as WithNoise,
    dials as dials,
)
from gantheory.dynamics import (
    SGD as SGD,
    Adam as Adam,
    Alternating as Alternating,
    Anchored as Anchored,
    Averaged as Averaged,
    Budget as Budget,
    Clipped as Clipped,
    Competitive as Competitive,
    Consensus as Consensus,
    CosineDecay as CosineDecay,
    CrossingTheCurl as CrossingTheCurl,
    Delayed as Delayed,
    Elastic as Elastic,
    Entropic as Entropic,
    ExpectationMaximisation as ExpectationMaximisation,
    ExtraGradient as ExtraGradient,
    FastExtraGradient as FastExtraGradient,
    FollowTheRidge as FollowTheRidge,
    GeometricStaleness as GeometricStaleness,
    Halpern as Halpern,
    HamiltonianDescent as HamiltonianDescent,
    HistoricalAveraging as HistoricalAveraging,
    InverseTime as InverseTime,
    LinearDecay as LinearDecay,
    Linearised as Linearised,
    LookAhead as LookAhead,
    Momentum as Momentum,
    OpponentLookAhead as OpponentLookAhead,
    Optimistic as Optimistic,
    PastExtraGradient as PastExtraGradient,
    PerPlayer as PerPlayer,
    PowerIterated as PowerIterated,
    Projected as Projected,
    ProximalPoint as ProximalPoint,
    RMSProp as RMSProp,
    Rule as Rule,
    SameBatch as SameBatch,
    Schedule as Schedule,
    Scheduled as Scheduled,
    Simultaneous as Simultaneous,
    Staleness as Staleness,
    Step as Step,
    Stepping as Stepping,
    SymplecticAdjustment as SymplecticAdjustment,
    Trajectory as Trajectory,
    UniformStaleness as UniformStaleness,
    Unrolled as Unrolled,
    simulate as simulate,
)
from gantheory.dynamics.diagnostics import (
    basin_radius as basin_radius,
    best_response_gap as best_response_gap,
    convergence_exponent as convergence_exponent,
    convergence_factor as convergence_factor,
    duality_gap as duality_gap,
    field_spectrum as field_spectrum,
    integrate as integrate,
    jacobian_parts as jacobian_parts,
    path_angle as path_angle,
    phase_diagram as phase_diagram,
    phase_portrait as phase_portrait,
    rotation as rotation,
    step_spectrum as step_spectrum,
    vector_field as vector_field,
)
from gantheory.estimate import Estimate as Estimate
from gantheory.files import verify_samples as verify_samples, write_samples as write_samples
from gantheory.games import (
    DRAGAN as DRAGAN,
    FGAN as FGAN,
    LQGAN as LQGAN,
    R1 as R1,
    R2 as R2,
    Adversarial as Adversarial,
    AdversarialGame as AdversarialGame,
    AlphaDivergence as AlphaDivergence,
    Bilinear as Bilinear,
    DiracGAN as DiracGAN,
    FourPlayer as FourPlayer,
    Game as Game,
    Generates as Generates,
    GradientPenalty as GradientPenalty,
    Hinge as Hinge,
    KernelGame as KernelGame,
    LeastSquares as LeastSquares,
    LikelihoodGame as LikelihoodGame,
    LinearField as LinearField,
    LinearQuadraticGaussian as LinearQuadraticGaussian,
    Logistic as Logistic,
    MaximumLikelihoodCost as MaximumLikelihoodCost,
    Minimax as Minimax,
    NonSaturating as NonSaturating,
    Objective as Objective,
    Penalty as Penalty,
    Quadratic as Quadratic,
    RandomQuadratic as RandomQuadratic,
    Relativistic as Relativistic,
    RobustRegression as RobustRegression,
    Saddle as Saddle,
    SmoothedLabels as SmoothedLabels,
    StochasticBilinear as StochasticBilinear,
    TwoGaussians as TwoGaussians,
    VariationalGame as VariationalGame,
    Wasserstein as Wasserstein,
    WithExpectedNoise as WithExpectedNoise,
    WithInstanceNoise as WithInstanceNoise,
    WithLikelihood as WithLikelihood,
    WithPenalty as WithPenalty,
)
from gantheory.metrics import (
    LearningOutcome as LearningOutcome,
    energy_distance as energy_distance,
    learning_outcome as learning_outcome,
    mode_coverage as mode_coverage,
    negative_log_likelihood as negative_log_likelihood,
    quality_share as quality_share,
    sliced_wasserstein as sliced_wasserstein,
)
from gantheory.models import (
    CNF as CNF,
    MADE as MADE,
    MAF as MAF,
    MLP as MLP,
    NAF as NAF,
    NICE as NICE,
    NSF as NSF,
    SOS as SOS,
    VAE as VAE,
    BatchNorm as BatchNorm,
    Boxed as Boxed,
    ConvCritic as ConvCritic,
    ConvGenerator as ConvGenerator,
    Dequantised as Dequantised,
    Flow as Flow,
    GaussianMixtureModel as GaussianMixtureModel,
    GeneratorDensity as GeneratorDensity,
    Glow as Glow,
    Inverse as Inverse,
    LayerNorm as LayerNorm,
    Likelihood as Likelihood,
    Maxout as Maxout,
    Model as Model,
    Network as Network,
    Normalisation as Normalisation,
    Normalised as Normalised,
    Orthonormal as Orthonormal,
    PixelCNN as PixelCNN,
    Planar as Planar,
    Radial as Radial,
    RealNVP as RealNVP,
    ReferenceBatchNorm as ReferenceBatchNorm,
    SpectralNorm as SpectralNorm,
    StudentBase as StudentBase,
    Sylvester as Sylvester,
    VirtualBatchNorm as VirtualBatchNorm,
    WeightNorm as WeightNorm,
    match_parameters as match_parameters,
)
from gantheory.notation import Noun as Noun, parse as parse
from gantheory.random import Key as Key
from gantheory.report import (
    write_claims as write_claims,
    write_report as write_report,
    write_simulation as write_simulation,
)
from gantheory.statistics import power_fit as power_fit, rate_fit as rate_fit
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
