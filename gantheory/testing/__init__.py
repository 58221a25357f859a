"""For tests, the library's and anyone's: strategies of hypothesis, solved problems, statistical assertions."""

from gantheory.testing.assertions import assert_rate, assert_same_distribution
from gantheory.testing.nouns import distributions, games, rules
from gantheory.testing.numbers import positive_definite_matrices, probability_vectors
from gantheory.testing.solved import SolvedGame, SolvedTransport, solved_games, solved_transports
from gantheory.testing.theory_forbidden import theory_forbidden


__all__ = [
    "SolvedGame",
    "SolvedTransport",
    "assert_rate",
    "assert_same_distribution",
    "distributions",
    "games",
    "positive_definite_matrices",
    "probability_vectors",
    "rules",
    "solved_games",
    "solved_transports",
    "theory_forbidden",
]
