"""Many deliveries on one fake clock."""

from __future__ import annotations

import heapq
import random

from lines import ACCEPTED, BANDWIDTH, LOST, Fixed, plan_of, texts

from dtmfdsl.sending.delivery import Delivery, Sleep
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.timing import playing_time


def test_ten_thousand_calls_on_one_fake_clock() -> None:
    """Answers take up to two seconds, and some requests must be made again."""
    plan = plan_of("press 1; wait 100s; press 2345; wait 100s; press 3")
    fleet = Fleet([Delivery(plan, jitter=random.Random(n)) for n in range(10_000)], spacing_ms=0.5)
    now = 0.0
    answers: list[tuple[float, int, Outcome, float]] = []
    free: dict[int, float] = {}
    sent: dict[int, list[str]] = {}
    last = float("-inf")
    dice = random.Random(7)
    lost = Outcome(Kind.NOT_EXECUTED, "no connection")
    while True:
        step = fleet.next(now)
        if isinstance(step, Job):
            assert now >= last + 0.5 - 1e-6
            assert now >= free.get(step.number, 0) - 1e-6
            last = now
            chunk = step.action.step.chunk.text
            outcome = lost if dice.random() < 0.05 else ACCEPTED
            answered = now + dice.uniform(0, 2_000)
            if outcome is ACCEPTED:
                sent.setdefault(step.number, []).append(chunk)
                free[step.number] = answered + max(playing_time(chunk, BANDWIDTH).latest_ms, 1_000)
            else:
                free[step.number] = now + 1_000
            heapq.heappush(answers, (answered, step.number, outcome, now))
            continue
        if step is None and not answers:
            break
        now = min(step.until_ms if step else float("inf"), answers[0][0] if answers else float("inf"))
        while answers and answers[0][0] <= now:
            answered, number, outcome, began = heapq.heappop(answers)
            fleet.record(number, outcome, began, answered)
    assert all(delivery.status is Status.COMPLETE for delivery in fleet.deliveries)
    assert len(sent) == 10_000
    assert len(plan.steps) == 3
    assert all(got == texts(plan) for got in sent.values())


def test_a_fleet_holds_back_once_the_limit_is_for_all_of_them() -> None:
    fleet = Fleet([Delivery(plan_of("press 1"), jitter=Fixed(0)) for _ in range(4)])
    assert [fleet.next(0).number for _ in range(2)] == [0, 1]  # type: ignore[union-attr]
    too_many = Outcome(Kind.NOT_EXECUTED, "too many requests", 2_500, too_many=True)
    fleet.record(0, too_many, 0, 10)
    assert not fleet.together  # one may be another's doing
    fleet.record(1, too_many, 0, 10)
    assert fleet.together
    assert fleet.next(10) == Sleep(2_510)
    times = []
    now = 2_510.0
    while not fleet.finished:
        step = fleet.next(now)
        if isinstance(step, Job):
            times.append(now)
            assert fleet.next(now) is None  # not before there is an answer to this one
            now += 300
            fleet.record(step.number, ACCEPTED, now - 300, now)
        elif step:
            now = step.until_ms
    assert times == [2_510, 3_810, 5_110, 6_410]


def test_a_fleet_waits_when_all_is_on_its_way_and_interrupts_what_is_not() -> None:
    fleet = Fleet([Delivery(plan_of("press 1; wait 100s; press 2")) for _ in range(3)])
    assert [isinstance(fleet.next(0), Job) for _ in range(3)] == [True] * 3
    assert fleet.next(0) is None
    fleet.record(0, ACCEPTED, 0, 10)
    fleet.record(1, LOST, 0, 10)
    fleet.record(2, ACCEPTED, 0, 10)
    fleet.interrupt()
    assert fleet.next(20) is None
    assert fleet.finished
    assert [delivery.status for delivery in fleet.deliveries] == [
        Status.INTERRUPTED,
        Status.UNKNOWN,
        Status.INTERRUPTED,
    ]


def test_a_call_with_keys_sent_goes_before_one_without() -> None:
    """An account that may make a request a second, and more calls than it has seconds: each keeps its times."""
    plan = plan_of("wait 1s; press 1; wait 100s; press 2")
    fleet = Fleet([Delivery(plan) for _ in range(120)], spacing_ms=1_000)
    now = 0.0
    sent: list[list[float]] = [[] for _ in fleet.deliveries]
    while step := fleet.next(now):
        if isinstance(step, Job):
            sent[step.number].append(now)
            fleet.record(step.number, ACCEPTED, now, now)
        else:
            now = step.until_ms
    assert fleet.finished
    firsts, seconds = zip(*sent, strict=True)
    assert list(firsts) == sorted(firsts)
    between = [second - first for first, second in sent]
    assert max(between) < min(between) + 1_000 < firsts[-1]
    assert len({*firsts, *seconds}) == 240


def test_a_repeat_whose_time_is_over_while_others_go_first_is_not_sent() -> None:
    """Its carrier would not know it as a repeat any more, and the keys would be pressed twice."""
    options = {"jitter": Fixed(0), "new_id": lambda: "id", "repeat_ms": 5_000}
    fleet = Fleet([Delivery(plan_of("press 1"), **options) for _ in range(3)])  # type: ignore[arg-type]
    assert [fleet.next(0).number for _ in range(3)] == [0, 1, 2]  # type: ignore[union-attr]
    too_many = Outcome(Kind.NOT_EXECUTED, "too many requests", too_many=True)
    for number, outcome in enumerate((too_many, LOST, too_many)):
        fleet.record(number, outcome, 0, 10)
    assert fleet.next(10) == Sleep(1_010)
    assert fleet.next(1_010).number == 0  # type: ignore[union-attr]
    assert fleet.next(1_020) is None  # the others wait for its answer, which takes long
    fleet.record(0, ACCEPTED, 1_010, 8_000)
    assert fleet.next(9_000).number == 2  # type: ignore[union-attr]
    assert fleet.deliveries[1].status is Status.UNKNOWN
