"""Claims: statements whose two sides are computed apart, and the hunt for their counterexamples."""

from gantheory.claims.check import Verdict, check
from gantheory.claims.claim import Claim
from gantheory.claims.dirac_convergence import DiracContraction, DiracStepLimit
from gantheory.claims.optimal_discriminator import OptimalDiscriminator


__all__ = [
    "Claim",
    "DiracContraction",
    "DiracStepLimit",
    "OptimalDiscriminator",
    "Verdict",
    "check",
    "claims",
]


def claims() -> tuple[Claim, ...]:
    """Return every claim that the library makes, in the order of their names.

    Example:
        >>> [type(claim).__name__ for claim in claims()]
        ['DiracContraction', 'DiracStepLimit', 'OptimalDiscriminator']
    """
    kinds = (value for value in map(globals().get, __all__) if isinstance(value, type))
    return tuple(
        claim for kind in kinds if issubclass(kind, Claim) and kind is not Claim for claim in kind.examples()
    )
