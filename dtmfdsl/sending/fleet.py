"""Many deliveries at once: a heap of what is due when, without I/O, and a driver with a pool of threads."""

from __future__ import annotations

import heapq
import queue
import threading
from collections.abc import Callable, Sequence

import attrs

from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.delivery import Ask, Delivery, Done, Send, Wait
from dtmfdsl.sending.interrupts import on_interrupt
from dtmfdsl.sending.outcomes import UNANSWERED, Kind, Outcome


@attrs.frozen
class Job:
    """A request that is due for one of the calls."""

    number: int
    action: Send


@attrs.frozen
class _Answer:
    """How a job ended, and when it began and ended."""

    number: int
    outcome: Outcome
    sent_ms: float
    answered_ms: float


class Fleet:
    """Paces many deliveries. `spacing_ms` is the least time between any two requests of all of them.

    Each delivery keeps the carrier's limit by itself. Where the carrier wants fewer requests of two of them
    all the same, its limit is for all of them together: from then on each goes `interval_ms` after the answer
    to the one before, so that the carrier sees them that far apart however long they are on their way.

    `next` gives a `Job` to do now, a `Wait`, or None if nothing can be done before an answer; `finished`
    tells when there is nothing left. Times are milliseconds on one clock, as for a `Delivery`.
    """

    def __init__(self, deliveries: Sequence[Delivery], spacing_ms: float = 0, interval_ms: float = 1000):
        self.deliveries = deliveries
        self.spacing_ms = spacing_ms
        self.interval_ms = interval_ms
        self._slot = float("-inf")
        self._too_many: set[int] = set()
        self._out = 0
        self._left = len(deliveries)
        self._heap: list[tuple[float, int]] = [(float("-inf"), number) for number in range(len(deliveries))]

    @property
    def finished(self) -> bool:
        return not self._left

    @property
    def together(self) -> bool:
        """Whether the carrier's limit has turned out to be for all calls together."""
        return len(self._too_many) > 1

    def next(self, now_ms: float) -> Job | Wait | None:
        while self._heap:
            due, number = self._heap[0]
            if due > now_ms:
                return Wait(due)
            action = self.deliveries[number].next(now_ms)
            match action:
                case Done():
                    heapq.heappop(self._heap)
                    self._left -= 1
                case Wait(until_ms):
                    heapq.heapreplace(self._heap, (until_ms, number))
                case Ask(until_ms=until_ms):  # nobody attends to many calls: a cue is a pause
                    heapq.heapreplace(self._heap, (until_ms, number))
                case Send():
                    if self.together and self._out:
                        return None
                    if now_ms < self._slot:
                        return Wait(self._slot)
                    heapq.heappop(self._heap)
                    self._out += 1
                    self._slot = max(self._slot, now_ms) + self.spacing_ms
                    return Job(number, action)
        return None

    def record(self, number: int, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        """How a job ended; its call is due again."""
        self.deliveries[number].record(outcome, sent_ms, answered_ms)
        heapq.heappush(self._heap, (answered_ms, number))
        self._out -= 1
        if outcome.too_many:
            self._too_many.add(number)
        if self.together:
            pause = max(self.spacing_ms, self.interval_ms, outcome.retry_after_ms or 0)
            self._slot = max(self._slot, answered_ms + pause)

    def interrupt(self) -> None:
        """Ends every delivery that has not ended. What is on its way must be recorded first."""
        for delivery in self.deliveries:
            delivery.interrupt()
        self._heap = [(float("-inf"), number) for _, number in self._heap]


def run_fleet(
    fleet: Fleet,
    post: Callable[[Job], Outcome],
    clock: Clock,
    *,
    workers: int = 32,
    ended: Callable[[int], None] = lambda number: None,
) -> None:
    """Drives a fleet: `post` makes the request of a job, in one of `workers` threads.

    A job that fails in an unforeseen way is an unknown outcome of its call, and no other call's business.
    Ctrl-C starts no further request and waits for those on their way; a second one does not wait, and leaves
    theirs unknown. It is not raised.
    """
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    answers: queue.SimpleQueue[_Answer | None] = queue.SimpleQueue()
    under_way: set[int] = set()
    interrupts = 0

    def interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        answers.put(None)  # to wake whoever waits for one

    def work() -> None:
        while job := jobs.get():
            sent = clock.now_ms()
            try:
                outcome = post(job)
            except Exception as error:
                outcome = Outcome(Kind.UNKNOWN, f"the sender failed ({type(error).__name__})")
            answers.put(_Answer(job.number, outcome, sent, clock.now_ms()))

    def record(answer: _Answer) -> None:
        under_way.remove(answer.number)
        fleet.record(answer.number, answer.outcome, answer.sent_ms, answer.answered_ms)
        ended(answer.number)

    workers = max(workers, 1)
    # Daemons: a request that nobody waits for any more does not keep the process.
    pool = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(fleet.deliveries)))]
    for thread in pool:
        thread.start()
    try:
        with on_interrupt(interrupt):
            while interrupts < 2:
                now = clock.now_ms()
                free = not interrupts and len(under_way) < workers
                step = fleet.next(now) if free else None
                if isinstance(step, Job):
                    under_way.add(step.number)
                    jobs.put(step)
                    continue
                if not (step or under_way):
                    break
                try:
                    answer = answers.get(timeout=clock.seconds(step.until_ms - now) if step else None)
                except queue.Empty:
                    continue
                if answer:
                    record(answer)
            for number in tuple(under_way):
                record(_Answer(number, UNANSWERED, now, now))
            if interrupts:
                fleet.interrupt()
    finally:
        for _ in pool:
            jobs.put(None)
