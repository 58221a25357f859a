"""Which steps of a run are kept, or probed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from gantheory.sweeps import Linear, Log, Values


ENDLESS = 2**62
"""The last step of a run that only time ends."""


@dataclass(frozen=True)
class Recorded:
    """Some steps: a range, which may be long, and single ones."""

    every: range
    single: frozenset[int]

    def __contains__(self, step: int) -> bool:
        return step in self.every or step in self.single

    def __len__(self) -> int:
        return len(self.every) + sum(step not in self.every for step in self.single)

    def within(self, first: int, last: int) -> list[int]:
        """Return those from ``first`` to ``last``, in order."""
        low, stride = self.every.start, self.every.step
        begin, end = (max(0, -(-(bound - low) // stride)) for bound in (first, last + 1))
        return sorted({*self.every[begin:end], *(step for step in self.single if first <= step <= last)})

    def after(self, step: int) -> int:
        """Return the first one after a step, or `ENDLESS`."""
        low, stride = self.every.start, self.every.step
        later = max(low, low + (step - low) // stride * stride + stride)
        place = bisect_right(self._sorted, step)
        single = self._sorted[place] if place < len(self._sorted) else ENDLESS
        return min(later if later in self.every else ENDLESS, single)

    @cached_property
    def _sorted(self) -> list[int]:
        return sorted(self.single)


NEVER = Recorded(range(0), frozenset())


def recorded_steps(
    record: int | Log | Linear | Values | None, first: int, last: int, *, name: str = "record"
) -> Recorded:
    """Return the steps to record among ``first`` to ``last``."""
    if record is None:
        return Recorded(range(0), frozenset({first, last}))
    if isinstance(record, (Log, Linear, Values)):
        wanted = {round(value) for value in record.values()}
        if not wanted or min(wanted) < 0 or max(wanted) > last:
            raise ValueError(f"{name} asks for steps outside 0 to {last}: {record}")
        return Recorded(range(0), frozenset(wanted))
    if isinstance(record, bool) or not isinstance(record, int) or record < 1:
        raise ValueError(f"{name} must be None, a number of steps from 1 or a sweep noun, got {record!r}")
    begin = -(-first // record) * record
    return Recorded(range(begin, last + 1, record), frozenset({first, last}))


def probed_steps(probe_at: int | Log | Linear | Values | None, first: int, last: int) -> Recorded:
    """Return the steps to probe among ``first`` to ``last``: by default the doubles of 1, and both ends."""
    if probe_at is not None:
        return recorded_steps(probe_at, first, last, name="probe_at")
    doubles = {2**k for k in range(last.bit_length()) if first <= 2**k <= last}
    return Recorded(range(0), frozenset({first, last, *doubles}))


def whole_steps(steps: int) -> int:
    """Return a number of steps, checked."""
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ValueError(f"steps must be a whole number of at least 0, got {steps!r}")
    return steps
