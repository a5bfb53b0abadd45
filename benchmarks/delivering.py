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
        theirs = partial(bare, url, headers=headers, **ask)  # type: ignore[operator]
        ours = partial(sender.post, "c", "1WWW,59#")
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
    dialect = get_dialect("bandwidth-v1")
    offsets = [random.uniform(500, 500 + WINDOW_MS) for _ in range(CALLS)]
    chunk = Chunk("1", "1")

    def plan(offset: float) -> Plan:
        nothing = Bounds(0, 0)
        return Plan(
            (Step(chunk, nothing, (Pause(int(offset)),)), Step(chunk, nothing, (Pause(GAP_MS),))), dialect
        )

    clock = RealClock()
    fleet = Fleet([Delivery(plan(offset)) for offset in offsets])
    due: list[float] = []
    late: list[float] = []
    threads: list[int] = []
    workers = 4
    yes = Outcome(Kind.ACCEPTED, "accepted")

    def post(job: Job) -> Outcome:
        now, number = clock.now_ms(), job.number
        late.append(now - due[number])
        due[number] = now + GAP_MS
        if len(late) % 1000 == 0:
            threads.append(threading.active_count())
        return yes

    # The deliveries begin when they are first asked, which takes a moment for so many.
    start = clock.now_ms()
    for delivery in fleet.deliveries:
        delivery.next(start)
    due.extend(start + int(offset) for offset in offsets)
    run_fleet(fleet, post, clock, workers=workers)
    late.sort()
    return late[len(late) * 99 // 100], max(threads) - workers


def rows(rounds: int) -> Iterator[Row]:
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


def at_least(name: str, target: float, workers: int, rounds: int, once: bool) -> Row:
    def find() -> Finding:
        ratio = throughput(workers, rounds, once)
        return Finding(f"{ratio:.2f}x", ratio >= target)

    return Row(name, f"≥ {target:g}x", find)
