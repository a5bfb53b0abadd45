"""Many deliveries at once: a heap of what is due when. No I/O."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence

import attrs

from dtmfdsl.sending.delivery import AwaitCue, Delivery, Done, Sleep
from dtmfdsl.sending.outcomes import Outcome
from dtmfdsl.sending.placing import Ask, Create, Look, Placing


@attrs.frozen
class Job:
    """A request that is due for one of the calls."""

    number: int
    action: Ask


class Fleet:
    """Paces many deliveries. `spacing_ms` is the least time between any two requests of all of them.

    When that leaves no time for all, a call that is under way goes before one that is to
    begin: a late beginning harms less than a late answer to a menu. Among equals, what was due first goes
    first.

    Each delivery keeps the carrier's limit by itself. If the carrier still answers two of them that there are
    too many requests, its limit is for all of them together: from then on each request goes `interval_ms`
    after the answer to the previous one, so that they reach the carrier that far apart. Calls are placed at
    least `creating_ms` apart. At most `looks` looks at calls are under way at once: keys do not wait for
    them.

    `next` returns a `Job` to do now, a `Sleep`, or None if nothing can be done before an answer; `finished`
    is true when nothing is left. Times are milliseconds of one clock, as for a `Delivery`.
    """

    def __init__(
        self,
        deliveries: Sequence[Delivery | Placing],
        spacing_ms: float = 0,
        interval_ms: float = 1000,
        creating_ms: float = 0,
        looks: int = 16,
    ):
        self.deliveries = deliveries
        self.spacing_ms = spacing_ms
        self.interval_ms = interval_ms
        self.creating_ms = creating_ms
        self.looks = looks
        self._looking: set[int] = set()
        self._waiting: deque[int] = deque()
        """Calls to look at, when another look has ended."""
        self._slot = float("-inf")
        self._creating = float("-inf")
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
                heapq.heappush(self._ready, (not self.deliveries[number].begun, due, number))
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
                case Look() if len(self._looking) >= self.looks:
                    self._waiting.append(number)
                case Create() if now_ms < self._creating:
                    heapq.heappush(self._later, (self._creating, number))
                case _:
                    self._out += 1
                    self._slot = now_ms + self.spacing_ms
                    if isinstance(action, Look):
                        self._looking.add(number)
                    if isinstance(action, Create):
                        self._creating = now_ms + self.creating_ms
                    return Job(number, action)

    def record(self, number: int, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        """Records how a job ended; its call is due again."""
        self.deliveries[number].record(outcome, sent_ms, answered_ms)
        heapq.heappush(self._later, (answered_ms, number))
        self._looking.discard(number)
        if self._waiting:
            heapq.heappush(self._later, (answered_ms, self._waiting.popleft()))
        self._out -= 1
        if outcome.too_many:
            self._too_many.add(number)
        if self.together:
            pause = max(self.spacing_ms, self.interval_ms, outcome.retry_after_ms or 0)
            self._slot = max(self._slot, answered_ms + pause)

    def interrupt(self) -> None:
        """Stops every delivery. The outcomes of requests that are out must be recorded first.

        What was placed asks to be hung up, so go on with `next` then; a second time, nothing more is asked.
        """
        for delivery in self.deliveries:
            delivery.interrupt()
        left = [number for number, delivery in enumerate(self.deliveries) if not delivery.finished]
        self._later = [(float("-inf"), number) for number in left]
        self._left = len(left)
        self._ready.clear()
        self._waiting.clear()
