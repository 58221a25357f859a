"""What is measured on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gantheory.dynamics.recorded import ENDLESS, Recorded, probed_steps
from gantheory.estimate import Estimate
from gantheory.sweeps import Linear, Log, Values


if TYPE_CHECKING:
    from gantheory.dynamics.run import Run


Probe = Callable[[Any], Estimate]


@dataclass(frozen=True)
class Probes:
    """Metrics by name, the steps at which they are taken, and how a run is shown to them."""

    metrics: Mapping[str, Probe]
    steps: Recorded
    view: Callable[[Run], Any]

    @classmethod
    def wanted(
        cls,
        metrics: Mapping[str, Probe] | None,
        probe_at: int | Log | Linear | Values | None,
        first: int,
        last: int,
        view: Callable[[Run], Any],
    ) -> Probes:
        """Return the probes among the steps ``first`` to ``last``, checked."""
        wanted = {} if metrics is None else metrics
        fits = isinstance(wanted, Mapping) and all(
            isinstance(n, str) and callable(m) for n, m in wanted.items()
        )
        if not fits:
            raise ValueError(
                "probes map a name to a function of the trajectory so far, such as "
                f'{{"modes": lambda runs: mode_coverage(runs, ring)}}, got {metrics!r:.200}'
            )
        return cls(dict(wanted), probed_steps(probe_at, first, last), view)

    def after(self, step: int) -> int:
        """Return the next step to probe."""
        return self.steps.after(step) if self.metrics else ENDLESS

    def take(self, run: Run, *, ended: bool = False) -> None:
        """Measure where the run stands, if that is wanted, or the run has ended there, and it is not known yet."""
        if run.step not in self.steps and not ended:
            return
        missing = [name for name in self.metrics if run.step not in run.probes.get(name, {})]
        if not missing:
            return
        seen = self.view(run.snapshot())
        for name in missing:
            try:
                value = self.metrics[name](seen)
            except Exception as failure:
                failure.add_note(f"in the probe {name!r}, at step {run.step}")
                raise
            if not isinstance(value, Estimate):
                raise ValueError(
                    f"the probe {name!r} must return an Estimate, as metrics do, got {value!r:.80}"
                )
            run.probes.setdefault(name, {})[run.step] = value
