"""Claims: statements whose two sides are computed apart, and the hunt for their counterexamples.

The library's own stand in the folders below, one claim or closely knit family a file, one folder a part.
"""

from gantheory.claims.check import Verdict, check
from gantheory.claims.claim import Claim
from gantheory.claims.curve import Curve
from gantheory.claims.listing import claims


__all__ = ["Claim", "Curve", "Verdict", "check", "claims"]
