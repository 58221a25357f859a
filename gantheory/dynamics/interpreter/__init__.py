"""Small games at the machine's own speed: a step is traced, folded to a program, and run in blocks."""

from gantheory.dynamics.interpreter.standing import pack, unpack
from gantheory.dynamics.interpreter.trace import Interpreted, interpret


__all__ = ["Interpreted", "interpret", "pack", "unpack"]
