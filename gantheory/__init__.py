"""gantheory: a laboratory for the theory of generative models.

Names are flat and loaded when they are first used, so that the command line answers at once and
`gantheory.theory` needs no torch.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version as _version


_HOMES = {
    home: tuple(names.split())
    for home, names in {
        "random": "Key",
        "estimate": "Estimate",
        "statistics": "power_fit rate_fit",
        "notation": "Noun parse",
        "sweeps": "design Linear Log Sobol Values Zip",
        "distributions": """
            Affine AlphaStable Banana BentGaussian Bridge Checkerboard Circles Composed Conditional
            ConvexPushforward Corners Cosine Density Dial Dialled dials DisjointCircles Distribution
            Embedded Empirical Facts FlatTorus Funnel GaussianMixture GaussianTube GeneralisedGaussian Grid
            Helix HierarchicalMixture HighDimensional HoelderDensity Isometric KleinBottle Map MaybeDensity
            MinFunnels Mixture MoebiusBand Moons NoisyCircles NuisanceAxis OverlapRing ParetoRadial Pinwheel
            Plate Potential Product Pushforward Quantised RadialPower RandomMixture RezendeMohamed Ring
            SCurve Segments Shear SinhArcsinh SO3 Sphere Spikes Spirals StackedModes Standardised Steps
            Student SwissRoll Tempered Tent Torus Triangles Twist UniformBox WithNoise
        """,
        "files": "verify_samples write_samples",
        "models": """
            BatchNorm Boxed CNF ConvCritic ConvGenerator Dequantised Flow GaussianMixtureModel
            GeneratorDensity Glow Inverse LayerNorm Likelihood MADE MAF match_parameters Maxout MLP Model
            NAF Network NICE Normalisation Normalised NSF Orthonormal PixelCNN Planar Radial RealNVP
            ReferenceBatchNorm SOS SpectralNorm StudentBase Sylvester VAE VirtualBatchNorm WeightNorm
        """,
        "games": """
            Adversarial AdversarialGame AlphaDivergence Bilinear DiracGAN DRAGAN FGAN FourPlayer Game
            Generates GradientPenalty Hinge KernelGame LeastSquares LikelihoodGame LinearField
            LinearQuadraticGaussian Logistic LQGAN MaximumLikelihoodCost Minimax NonSaturating Objective
            Penalty Quadratic R1 R2 RandomQuadratic Relativistic RobustRegression Saddle SmoothedLabels
            StochasticBilinear TwoGaussians VariationalGame Wasserstein WithExpectedNoise WithInstanceNoise
            WithLikelihood WithPenalty
        """,
        "metrics": """
            energy_distance learning_outcome LearningOutcome mode_coverage negative_log_likelihood
            quality_share sliced_wasserstein
        """,
        "dynamics": """
            Adam Alternating Anchored Averaged Budget Clipped Competitive Consensus CosineDecay
            CrossingTheCurl Delayed Elastic Entropic ExpectationMaximisation ExtraGradient FastExtraGradient
            FollowTheRidge GeometricStaleness Halpern HamiltonianDescent HistoricalAveraging InverseTime
            LinearDecay Linearised LookAhead Momentum OpponentLookAhead Optimistic PastExtraGradient
            PerPlayer PowerIterated Projected ProximalPoint RMSProp Rule SameBatch Schedule Scheduled SGD
            simulate Simultaneous Staleness Step Stepping SymplecticAdjustment Trajectory UniformStaleness
            Unrolled
        """,
        "dynamics.diagnostics": """
            basin_radius best_response_gap convergence_exponent convergence_factor duality_gap
            field_spectrum integrate jacobian_parts path_angle phase_diagram phase_portrait rotation
            step_spectrum vector_field
        """,
        "claims": "check Claim Verdict",
        "study": "Finding Result Results run Study",
        "study.tour": "Tour",
        "report": "write_claims write_report write_simulation",
        "claims.distances.critic_slope": "UnitSlope",
        "claims.distances.entropic": "EntropicGaussian SinkhornLimit SinkhornSharp",
        "claims.distances.first_power": "TransportDuality TransportVariation",
        "claims.distances.kernels": "EnergyIsDiscrepancy EnergyUnbiased KernelMean",
        "claims.distances.samples": "MinibatchEnergy MinibatchTransport NearestRate",
        "claims.distances.sliced": "SlicedBound",
        "claims.distances.talagrand": "TransportEntropy",
        "claims.divergences.density_ratio": "GaussianLogit",
        "claims.divergences.disjoint_supports": "DisjointSupports",
        "claims.divergences.dropped_mode": "DroppedMode",
        "claims.divergences.generator_descent": "GeneratorDescent",
        "claims.divergences.heavy_tails": "CriticNoiseTail",
        "claims.divergences.hinge_value": "HingeValue",
        "claims.divergences.label_smoothing": "LabelSmoothing",
        "claims.divergences.least_squares": "LeastSquaresFloor LeastSquaresValue",
        "claims.divergences.logit_slopes": "GeneratorSlope",
        "claims.divergences.mode_collapse": "CoveringFit PointMassIsBest",
        "claims.divergences.moment_matching": "MomentMatching",
        "claims.divergences.optimal_discriminator": "OptimalDiscriminator",
        "claims.divergences.orderings": "DataProcessing DivergenceOrdering JensenShannonMetric",
        "claims.divergences.vanishing_gradient": "VanishingGradient",
        "claims.divergences.variational_bound": "VariationalBound",
        "claims.divergences.wasserstein_generator": "WassersteinContinuity WassersteinEnvelope",
        "claims.dynamics.alternating": "AlternatingAverage AlternatingEnergy AlternatingFactor",
        "claims.dynamics.bilinear_growth": "BilinearGrowth BilinearGrowthBound",
        "claims.dynamics.coincidences": "BilinearCoincidence",
        "claims.dynamics.descent_on_field": """
            Alignment AttractingMaximum ConsensusLimit HamiltonianContraction
        """,
        "claims.dynamics.flows": "CurlFindsDeviation RotationConservesHamiltonian VarianceOrbitsClose",
        "claims.dynamics.halpern": "HalpernBound HalpernTight",
        "claims.dynamics.linear_step": "LinearStep",
        "claims.dynamics.look_ahead_pull": "LookAheadPull",
        "claims.dynamics.memory_factor": "MemoryFactor",
        "claims.dynamics.momentum": """
            AlternatingMomentum HeavyBallDiverges MomentumCriterion NegativeMomentum
        """,
        "claims.dynamics.monotone": "AveragedExtragradient StronglyMonotone",
        "claims.dynamics.quadratic_gap": "QuadraticGap",
        "claims.dynamics.rotation_limits": "AngleLimit BestRotationFactor",
        "claims.gaussians.sign_changes": "SignChanges",
        "claims.gaussians.transport": "GaussianTransport LowRankFit",
        "claims.local_stability.dirac_convergence": "DiracContraction DiracStepLimit",
        "claims.local_stability.dirac_orbits": """
            AlternatingDirac DiracGrowth NonSaturatingCreep NonSaturatingCycle
        """,
        "claims.local_stability.dirac_penalties": "AlternatingR1 GradientPenaltyResponse InstanceNoise",
        "claims.local_stability.consensus": "ConsensusEscape ConsensusFactor ConsensusField",
        "claims.local_stability.saddles": """
            Attractor ConsensusMonotone SaddleAttracts StepSizeLemma TwoTimeScales
        """,
        "claims.evaluation.circle_hole": "CircleHole",
        "claims.evaluation.memorisation": "MemorisedDistance",
        "claims.evaluation.sampling": "AnnealedWeights CriticMetropolis CriticRejection",
        "claims.evaluation.scores": "FrechetBias InceptionScore PrecisionRecall",
        "claims.evaluation.two_samples": "BirthdayBound ClassifierAccuracy",
        "claims.maps.densities": "PeakKept PlanarDeterminant RatioKept",
        "claims.maps.likelihoods": "HiddenNoise ThicknessLikelihood",
        "claims.maps.networks": "MeanStretch TentPieces",
        "claims.maps.separated_modes": "BridgeSlope ServedMass",
        "claims.robustness.instance_noise": "NoiseIsPenalty",
        "claims.robustness.linear_classifiers": """
            OneSampleError ReliabilityTradeoff RobustError SignAttack
        """,
        "claims.robustness.lipschitz": "ConvolutionNorm LipschitzProduct NormalisedGradient",
        "claims.distances.sinkhorn_shape": "SinkhornConvex SinkhornPositive",
        "claims.maps.three_pieces": "ThreePieces",
        "claims.noise.delays": "AverageGain DelayedGrowth DelayLimit",
        "claims.noise.batches": "ExtragradientBatches ExtragradientFloor",
        "claims.noise.noise_scale": "CriticalBatchStep NoiseScaleEstimator",
        "claims.dynamics.performance_estimate": "PerformanceEstimate",
        "claims.dynamics.last_iterate": "AnchoredRate ComonotoneLastIterate LastIterate",
        "claims.local_stability.dirac_flows": """
            ConsensusValley DiracCircle GradientPenaltyCycle NonSaturatingDrift
        """,
        "claims.local_stability.dirac_spectrum": "DiracSpectrum",
        "claims.local_stability.saddle_blocks": "SaddleDamping ZeroSumMonotone",
        "claims.dynamics.bilinear_orbits": """
            AlternatingBorder BilinearCircle OptimisticGain ProximalRotation
        """,
        "claims.dynamics.local_games": "CompetitiveStep CurlField UnrolledSlope",
        "claims.noise.stationary": "DescentVariance StepsAndSamples",
        "claims.noise.asynchrony": "AsynchronyIsMomentum",
        "claims.distances.sample_rates": "EntropicRate TransportRate",
        "claims.evaluation.classifier_tests": "DifferentLawsTest EqualLawsTest",
        "claims.evaluation.weak_critics": "MemorisedFeatures",
        "claims.divergences.unequal_priors": "AnyCritic PriorValue",
        "claims.evaluation.limits_of_scores": "AnnealedBound FrechetBelow InceptionRange",
        "claims.gaussians.transport_maps": "GaussianMap QuadraticCritic",
        "claims.maps.couplings": "CouplingPeak CouplingVolume PointwiseVolume",
        "claims.maps.pieces": "LinePieces StretchRange",
        "claims.maps.unequal_pieces": "LeastVariation PieceMasses",
        "claims.robustness.few_samples": "RobustSamples",
        "claims.local_stability.every_start": "EveryStart",
        "claims.maps.planar_modes": "PlanarModes",
    }.items()
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("claims", "ops", "testing", "theory")

__all__ = [*sorted(_HOME_OF), *_MODULES]  # pyright: ignore[reportUnsupportedDunderAll]
__version__ = _version("gantheory")


def __getattr__(name: str):
    if name in _HOME_OF:
        value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"{__name__}.{name}")
    else:
        failure = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(failure, name=name, obj=sys.modules[__name__])  # so Python suggests the nearest
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
