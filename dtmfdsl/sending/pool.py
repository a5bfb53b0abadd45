"""Drives a fleet with a pool of threads."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.interrupts import on_interrupt
from dtmfdsl.sending.outcomes import UNANSWERED, Kind, Outcome


def run_fleet(
    fleet: Fleet,
    post: Callable[[Job], Outcome],
    clock: Clock,
    *,
    workers: int = 32,
    ended: Callable[[int], None] = lambda number: None,
) -> None:
    """Drives a fleet: `post` makes the request of a job, in one of `workers` threads.

    An error in `post` is an unknown outcome of that call, and the others go on. `ended` is called with the
    number of a call after each of its requests. After Ctrl-C no further string is sent, and the answers to
    those already made are waited for; then what was placed is hung up. A second one does not wait, and leaves
    the outcomes unknown. It is not raised.
    """
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    answers: deque[tuple[int, Outcome, float, float]] = deque()
    # Open when there is something to see. Not `SimpleQueue.get` with a timeout, which in Python 3.11 can wait
    # forever if the time is over when it begins to wait; and not a `Condition`, which no signal may notify.
    news = threading.Lock()
    news.acquire()
    under_way: set[int] = set()
    interrupts = 0
    stopped = False

    def wake() -> None:
        with suppress(RuntimeError):  # it is open already
            news.release()

    def interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        wake()

    def work() -> None:
        while job := jobs.get():
            sent = clock.now_ms()
            try:
                outcome = post(job)
            except Exception as error:
                outcome = Outcome(Kind.UNKNOWN, f"the sender failed ({type(error).__name__})")
            answers.append((job.number, outcome, sent, clock.now_ms()))
            wake()

    def record(number: int, outcome: Outcome, sent_ms: float, answered_ms: float) -> None:
        under_way.remove(number)
        fleet.record(number, outcome, sent_ms, answered_ms)
        ended(number)

    workers = max(workers, 1)
    # Daemons: a request that nobody waits for any more does not keep the process alive.
    pool = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(fleet.deliveries)))]
    for thread in pool:
        thread.start()
    try:
        with on_interrupt(interrupt):
            while interrupts < 2:
                now = clock.now_ms()
                if interrupts and not (stopped or under_way):
                    stopped = True
                    fleet.interrupt()
                free = (stopped or not interrupts) and len(under_way) < workers
                step = fleet.next(now) if free else None
                if isinstance(step, Job):
                    under_way.add(step.number)
                    jobs.put(step)
                    continue
                if not (step or under_way):
                    break
                news.acquire(timeout=clock.seconds(step.until_ms - now) if step else -1)
                while answers:
                    record(*answers.popleft())
            for number in tuple(under_way):
                record(number, UNANSWERED, now, now)
            if interrupts:
                fleet.interrupt()
                fleet.interrupt()  # nothing is hung up any more
    finally:
        for _ in pool:
            jobs.put(None)
