"""Theory imports nothing of gantheory and nothing of torch."""

import subprocess
import sys


BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        own = name.startswith("gantheory.") and name.split(".")[1] != "theory"
        if own or name.split(".")[0] == "torch":
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Block())
from gantheory import theory

theory.dirac_fate("nsgan", 0.1)
theory.optimal_value([0.5, 0.5], [0.25, 0.75])
theory.largest_step(theory.dirac_jacobian(weight=0.3), rule="alternating")
print(all(getattr(theory, name) for name in theory.__all__))
"""


def test_theory_runs_with_torch_and_the_rest_of_the_library_blocked():
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr
