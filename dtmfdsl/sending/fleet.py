"""Many deliveries at once: a heap of what is due when. No I/O."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import attrs

from dtmfdsl.sending.delivery import AwaitCue, Delivery, Done, Send, Sleep
from dtmfdsl.sending.outcomes import Outcome


@attrs.frozen
class Job:
    """A request that is due for one of the calls."""

    number: int
    action: Send


class Fleet:
    """Paces many deliveries. `spacing_ms` is the least time between any two requests of all of them.

    When that leaves no time for all, a call with keys sent goes before one without: a late beginning harms a
    call less than a late answer to its menu. Among equals, what was due first goes first.

    Each delivery keeps the carrier's limit by itself. If the carrier still answers two of them that there are
    too many requests, its limit is for all of them together: from then on each request goes `interval_ms`
    after the answer to the previous one, so that they reach the carrier that far apart.

    `next` returns a `Job` to do now, a `Sleep`, or None if nothing can be done before an answer; `finished`
    is true when nothing is left. Times are milliseconds of one clock, as for a `Delivery`.
    """

    def __init__(self, deliveries: Sequence[Delivery], spacing_ms: float = 0, interval_ms: float = 1000):
        self.deliveries = deliveries
        self.spacing_ms = spacing_ms
        self.interval_ms = interval_ms
        self._slot = float("-inf")
        self._too_many: set[int] = set()
        self._out = 0
        self._left = len(deliveries)
        self._later: list[tuple[float, int]] = [(float("-inf"), number) for number in range(len(deliveries))]
        self._ready: list[tuple[bool, float, int]] = []

    @property
    def finished(self) -> bool:
        return not self._left

    @property
    def together(self) -> bool:
        """Whether the carrier's limit has turned out to be for all calls together."""
        return len(self._too_many) > 1

    def next(self, now_ms: float) -> Job | Sleep | None:
        while True:
            while self._later and self._later[0][0] <= now_ms:
                due, number = heapq.heappop(self._later)
                state = self.deliveries[number].state
                heapq.heappush(self._ready, (not (state.index or state.attempt), due, number))
            if not self._ready:
                return Sleep(self._later[0][0]) if self._later else None
            # A delivery is asked only when it may send at once: a request that waits may become too late.
            if self.together and self._out:
                return None
            if now_ms < self._slot:
                return Sleep(self._slot)
            *_, number = heapq.heappop(self._ready)
            action = self.deliveries[number].next(now_ms)
            match action:
                case Done():
                    self._left -= 1
                case Sleep(until_ms) | AwaitCue(until_ms=until_ms):  # a cue is a pause here
                    heapq.heappush(self._later, (until_ms, number))
                case Send():
                    self._out += 1
                    self._slot = now_ms + self.spacing_ms
                    return Job(number, action)

    def record(self, number: int, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        """Records how a job ended; its call is due again."""
        self.deliveries[number].record(outcome, sent_ms, answered_ms)
        heapq.heappush(self._later, (answered_ms, number))
        self._out -= 1
        if outcome.too_many:
            self._too_many.add(number)
        if self.together:
            pause = max(self.spacing_ms, self.interval_ms, outcome.retry_after_ms or 0)
            self._slot = max(self._slot, answered_ms + pause)

    def interrupt(self) -> None:
        """Stops every delivery. The outcomes of requests that are out must be recorded first."""
        for delivery in self.deliveries:
            delivery.interrupt()
        self._later, self._ready, self._left = [], [], 0
