"""Many deliveries at once: a heap of what is due when, without I/O, and a driver with a pool of threads."""

from __future__ import annotations

import heapq
import queue
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import attrs

from dtmfdsl.sending.delivery import Ask, Delivery, Done, Send, Wait
from dtmfdsl.sending.outcomes import Kind, Outcome
from dtmfdsl.sending.sender import Clock


@attrs.frozen
class Job:
    """A request that is due for one of the calls."""

    number: int
    action: Send


class Fleet:
    """Paces many deliveries. `spacing_ms` is the least time between any two requests of all of them.

    `next` gives a `Job` to do now, a `Wait`, or None if all that is left waits for answers; `finished` tells
    when there is nothing left. Times are milliseconds on one clock, as for a `Delivery`.
    """

    def __init__(self, deliveries: Sequence[Delivery], spacing_ms: float = 0):
        self.deliveries = deliveries
        self.spacing_ms = spacing_ms
        self._slot = float("-inf")
        self._left = len(deliveries)
        self._heap: list[tuple[float, int]] = [(float("-inf"), number) for number in range(len(deliveries))]

    @property
    def finished(self) -> bool:
        return not self._left

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
                    if now_ms < self._slot:
                        return Wait(self._slot)
                    heapq.heappop(self._heap)
                    self._slot = max(self._slot, now_ms) + self.spacing_ms
                    return Job(number, action)
        return None

    def record(self, number: int, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        """How a job ended; its call is due again."""
        self.deliveries[number].record(outcome, sent_ms, answered_ms)
        heapq.heappush(self._heap, (answered_ms, number))

    def interrupt(self) -> None:
        for delivery in self.deliveries:
            delivery.interrupt()
        self._heap = [(float("-inf"), number) for _, number in self._heap]


def run_fleet(
    fleet: Fleet,
    post: Callable[[int, str], Outcome],
    clock: Clock,
    *,
    workers: int = 32,
    ended: Callable[[int], None] = lambda number: None,
) -> None:
    """Drives a fleet: `post` sends a text for the delivery of that number, in one of `workers` threads.

    An interrupt lets the requests on their way end, and starts no others. A job that fails in an unforeseen
    way is an unknown outcome of its call, and no other call's business.
    """
    answers: queue.SimpleQueue[tuple[int, Outcome, float, float]] = queue.SimpleQueue()

    def work(job: Job) -> None:
        sent = clock.now_ms()
        outcome = Outcome(Kind.UNKNOWN, "the sender failed")
        try:
            outcome = post(job.number, job.action.step.chunk.text)
        finally:
            answers.put((job.number, outcome, sent, clock.now_ms()))

    def take(timeout: float | None) -> bool:
        try:
            number, outcome, sent, answered = answers.get(timeout=timeout)
        except queue.Empty:
            return False
        fleet.record(number, outcome, sent, answered)
        ended(number)
        return True

    flying = 0
    with ThreadPoolExecutor(workers, thread_name_prefix="send") as pool:
        while True:
            try:
                if flying == workers:
                    flying -= take(None)
                step = fleet.next(clock.now_ms())
                if fleet.finished:
                    return
                if isinstance(step, Job):
                    flying += 1
                    pool.submit(work, step)
                else:
                    flying -= take(None if step is None else clock.seconds(step.until_ms - clock.now_ms()))
            except KeyboardInterrupt:
                while flying:
                    flying -= take(None)
                fleet.interrupt()
