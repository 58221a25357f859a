"""Networks at the machine's own speed: a step is traced, and every member goes through it in a core's cache."""

from gantheory.dynamics.tape.choice import LEAST, Choice, choose
from gantheory.dynamics.tape.trace import Taped


__all__ = ["LEAST", "Choice", "Taped", "choose"]
