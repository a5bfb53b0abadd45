"""Drives a fleet with a pool of threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import attrs

from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.interrupts import on_interrupt
from dtmfdsl.sending.outcomes import UNANSWERED, Kind, Outcome


@attrs.frozen
class _Answer:
    """How a job ended, and when it began and ended."""

    number: int
    outcome: Outcome
    sent_ms: float
    answered_ms: float


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
