"""The rows of sending: requests through the sender beside bare ones, and how late ten thousand calls are."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

import requests
from measure import Finding, Row
from requests.adapters import HTTPAdapter

from dtmfdsl.dialects import get_dialect
from dtmfdsl.dialects.chunks import Chunk
from dtmfdsl.program import Pause
from dtmfdsl.sending import (
    Command,
    Delivery,
    Fleet,
    Job,
    Kind,
    Outcome,
    Plan,
    RealClock,
    Sender,
    make_session,
    run_fleet,
)
from dtmfdsl.sending.plan import Step
from dtmfdsl.testline import BANDWIDTH_V1
from dtmfdsl.timing import Bounds

CALLS = 10_000
WINDOW_MS = 4_000
GAP_MS = 2_000
LIMIT = 200
"""Requests a second of a made-up account."""

YES = Outcome(Kind.ACCEPTED, "accepted")
REQUESTS = 25
"""Requests of each worker in one round."""


@contextmanager
def yes_server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("server.py"))], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def session(workers: int) -> requests.Session:
    made = requests.Session()
    made.mount("http://", HTTPAdapter(pool_maxsize=workers))
    return made


def rate(post: Callable[[], object], workers: int, count: int) -> float:
    """Requests a second when so many threads make `count` requests each."""

    def work() -> None:
        for _ in range(count):
            post()

    start = perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work) for _ in range(workers)]:
            done.result()
    return workers * count / (perf_counter() - start)


def throughput(workers: int, rounds: int, once: bool) -> float:
    """How many times as fast the sender is as bare requests, `once` each with a session of its own."""
    ratios = []
    with yes_server() as base:
        url = f"{base}/v1/users/u/calls/c/dtmf"
        ask = {"data": b'{"dtmfOut": "1WWW,59#"}', "auth": ("t", "s"), "timeout": 20}
        headers = {"Content-Type": "application/json"}
        kept = session(workers)
        account = BANDWIDTH_V1.carrier.credentials(BANDWIDTH_V1.account)
        sender = Sender(account, base_url=base, session=make_session(base, workers))
        bare = requests.post if once else kept.post
        command = Command(call_id="c", text="1WWW,59#")
        theirs = partial(bare, url, headers=headers, **ask)  # type: ignore[operator]
        ours = partial(sender.post, command)
        for post in (theirs, ours):
            rate(post, workers, 2)
        before = rate(theirs, workers, REQUESTS)
        for _ in range(rounds):
            mine = rate(ours, workers, REQUESTS)
            after = rate(theirs, workers, REQUESTS)
            ratios.append(2 * mine / (before + after))
            before = after
    return median(ratios)


def lateness() -> tuple[float, int]:
    """The 99th percentile of how late a request is made, in milliseconds, and the threads beside the pool."""
    random = Random(3)
    offsets = [random.uniform(500, 500 + WINDOW_MS) for _ in range(CALLS)]
    clock = RealClock()
    fleet = Fleet([Delivery(two_requests(int(offset))) for offset in offsets])
    due: list[float] = []
    late: list[float] = []
    threads: list[int] = []
    workers = 4

    def post(job: Job) -> Outcome:
        now, number = clock.now_ms(), job.number
        late.append(now - due[number])
        due[number] = now + GAP_MS
        if len(late) % 1000 == 0:
            threads.append(threading.active_count())
        return YES

    # The deliveries begin when they are first asked, which takes a moment for so many.
    start = clock.now_ms()
    for delivery in fleet.deliveries:
        delivery.next(start)
    due.extend(start + int(offset) for offset in offsets)
    run_fleet(fleet, post, clock, workers=workers)
    late.sort()
    return late[len(late) * 99 // 100], max(threads) - workers


def paced_lateness(calls: int) -> float:
    """As `lateness`, but all calls begin at once, and the account may make `LIMIT` requests a second.

    A request is late if its time has come, the limit has room for it, and it is not made.
    """
    spacing_ms = 1000 / LIMIT
    clock = RealClock()
    fleet = Fleet([Delivery(two_requests(0)) for _ in range(calls)], spacing_ms=spacing_ms)
    due = [clock.now_ms()] * calls
    made: list[tuple[float, float]] = []

    def post(job: Job) -> Outcome:
        now = clock.now_ms()
        made.append((now, due[job.number]))
        due[job.number] = now + GAP_MS
        return YES

    run_fleet(fleet, post, clock, workers=4)
    made.sort()
    free = [float("-inf"), *(now + spacing_ms for now, _ in made)]
    late = sorted(now - max(its, room) for (now, its), room in zip(made, free, strict=False))
    return late[len(late) * 99 // 100]


def two_requests(offset_ms: int) -> Plan:
    """A plan of two requests: one after this time, in milliseconds, and another after `GAP_MS`."""
    chunk, nothing = Chunk("1", "1"), Bounds(0, 0)
    steps = [Step(chunk, nothing, (Pause(ms),) if ms else ()) for ms in (offset_ms, GAP_MS)]
    return Plan(tuple(steps), get_dialect("bandwidth-v1"))


def rows(rounds: int, paced: int) -> Iterator[Row]:
    for workers in (1, 32):
        yield at_least(
            f"requests through the sender, {workers} at once, to a bare session", 0.9, workers, rounds, False
        )
    yield at_least("requests through the sender, to one-off requests", 1.6, 1, rounds, True)

    def find() -> Finding:
        p99, threads = lateness()
        text = f"{p99:.1f} ms, {threads} threads"
        return Finding(
            text, p99 <= 5 and threads <= 2, f"Lateness is that of {2 * CALLS:,} requests of {CALLS:,} calls."
        )

    yield Row(f"lateness of {CALLS:,} calls, 99th percentile", "≤ 5 ms, ≤ 2 threads", find)

    def find_paced() -> Finding:
        p99 = paced_lateness(paced)
        return Finding(f"{p99:.1f} ms", p99 <= 5)

    title = f"lateness of {paced:,} calls, {LIMIT} requests a second in all, 99th percentile"
    yield Row(title, "≤ 5 ms", find_paced)


def at_least(name: str, target: float, workers: int, rounds: int, once: bool) -> Row:
    def find() -> Finding:
        ratio = throughput(workers, rounds, once)
        return Finding(f"{ratio:.2f}x", ratio >= target)

    return Row(name, f"≥ {target:g}x", find)
