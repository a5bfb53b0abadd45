"""Many calls in a pool of threads."""

from __future__ import annotations

import signal
import threading

import requests
from lines import BANDWIDTH, PATIENCE, TWO, command, sender_to, text_of
from requests.adapters import HTTPAdapter

import dtmfdsl
from dtmfdsl.sending.clock import RealClock
from dtmfdsl.sending.delivery import Delivery
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.http import make_session
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.plan import make_plan
from dtmfdsl.sending.pool import run_fleet
from dtmfdsl.testline import TestLine


def test_two_hundred_calls_over_http() -> None:
    program = dtmfdsl.lower(dtmfdsl.parse("press 1; wait 5m; press 23"))
    plan = make_plan(program, BANDWIDTH)
    clock = RealClock(3_000)
    with TestLine(speed=3_000) as line, requests.Session() as session:
        session.mount("http://", HTTPAdapter(pool_maxsize=16))
        sender = sender_to(line, clock, session=session)
        fleet = Fleet([Delivery(plan) for _ in range(200)])
        line.misbehave("close-after", call_id="c-7")
        run_fleet(fleet, lambda job: sender.post(command(f"c-{job.number}", text_of(job))), clock, workers=16)
        statuses = [delivery.status for delivery in fleet.deliveries]
        assert statuses[7] is Status.UNKNOWN
        assert statuses.count(Status.COMPLETE) == 199
        assert all(line.keys(f"c-{number}") == "123" for number in range(200) if number != 7)
        assert not any(line.collisions(f"c-{number}") for number in range(200))


def test_no_more_workers_post_at_once_than_there_are_and_each_end_is_reported() -> None:
    plan = make_plan(dtmfdsl.lower(dtmfdsl.parse("press 1; wait 5m; press 2")), BANDWIDTH)
    clock = RealClock(10_000)
    both = threading.Barrier(2, timeout=PATIENCE)
    under_way = most = 0
    lock = threading.Lock()
    reported: list[int] = []

    def post(job: Job) -> Outcome:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        both.wait()
        with lock:
            under_way -= 1
        return Outcome(Kind.ACCEPTED, "accepted")

    run_fleet(Fleet([Delivery(plan) for _ in range(6)]), post, clock, workers=2, ended=reported.append)
    assert most == 2
    assert sorted(reported) == sorted([*range(6)] * 2)


def test_a_limit_for_all_calls_together_is_kept_once_it_is_known() -> None:
    """An account that may make one request a second, whatever the call: all get through, within their tries."""
    with TestLine(speed=200, shared_limit=True) as line, make_session(line.base_url, 8) as session:
        clock = RealClock(200)
        sender = sender_to(line, clock, session=session)
        fleet = Fleet([Delivery(TWO) for _ in range(12)])
        run_fleet(fleet, lambda job: sender.post(command(f"c-{job.number}", text_of(job))), clock, workers=8)
        assert all(delivery.status is Status.COMPLETE for delivery in fleet.deliveries)
        assert all(line.keys(f"c-{number}") == "12345" for number in range(12))
        assert 1 <= sum(request.status == 429 for request in line.requests) <= 16


def test_after_an_interrupt_no_request_is_begun_and_the_second_leaves_those_on_their_way_unknown() -> None:
    posted: list[int] = []

    def post(job: Job) -> Outcome:
        posted.append(job.number)
        if job.number == 1:
            for _ in range(interrupts):
                hear = signal.getsignal(signal.SIGINT)
                assert callable(hear)
                hear(signal.SIGINT, None)
            silent.wait(PATIENCE if interrupts == 2 else 0)
        return Outcome(Kind.ACCEPTED, "accepted")

    for interrupts in (1, 2):
        posted.clear()
        silent = threading.Event()
        fleet = Fleet([Delivery(TWO) for _ in range(3)])
        run_fleet(fleet, post, RealClock(100_000_000), workers=1)
        statuses = [delivery.status for delivery in fleet.deliveries]
        assert 2 not in posted
        assert statuses[1] is (Status.UNKNOWN if interrupts == 2 else Status.INTERRUPTED)
        assert statuses[2] is Status.INTERRUPTED
        assert fleet.next(9e12) is None
        assert fleet.finished
        silent.set()


def test_one_bad_post_stops_no_other_call() -> None:
    plan = make_plan(dtmfdsl.press("1"), BANDWIDTH)
    fleet = Fleet([Delivery(plan) for _ in range(3)])

    def post(job: Job) -> Outcome:
        if job.number == 1:
            raise RuntimeError("a bug")
        return Outcome(Kind.ACCEPTED, "accepted")

    run_fleet(fleet, post, RealClock(10_000), workers=2)
    assert [delivery.status for delivery in fleet.deliveries] == [
        Status.COMPLETE,
        Status.UNKNOWN,
        Status.COMPLETE,
    ]
