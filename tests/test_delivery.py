"""The plan and the delivery on a fake clock: nothing goes before it may, and waits keep to the millisecond."""

from __future__ import annotations

import heapq
import json
import random
from itertools import pairwise
from typing import Any

import attrs
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.decompiler import read_strings
from dtmfdsl.program import Pause, Program
from dtmfdsl.sending.delivery import Ask, Delivery, Done, Send, Start, Wait
from dtmfdsl.sending.fleet import Fleet, Job
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.plan import Plan, make_plan
from dtmfdsl.timing import Bounds, playing_time, starts

BANDWIDTH = dtmfdsl.get_dialect("bandwidth-v1")
ACCEPTED = Outcome(Kind.ACCEPTED, "accepted")
BUSY = Outcome(Kind.NOT_EXECUTED, "too many requests", 2_500)
LOST = Outcome(Kind.UNKNOWN, "no answer in time")


def plan_of(script: str, **options: bool) -> Plan:
    return make_plan(dtmfdsl.lower(dtmfdsl.parse(script)), BANDWIDTH, **options)


def texts(plan: Plan) -> list[str]:
    return [step.chunk.text for step in plan.steps]


# The plan


def test_a_short_script_is_one_request_with_its_pauses_in_the_string() -> None:
    plan = plan_of("wait 8s; press 1; wait 7s; press 2; wait 2s")
    assert texts(plan) == ["WWWWWWWW1WWWWWWW2WW"]
    assert (plan.steps[0].pauses, plan.last) == ((), ())
    assert plan.steps[0].playing.earliest_ms == 17_000 + 2 * 93
    assert plan.steps[0].playing.latest_ms == 17_000 + 2 * 600


def test_a_long_pause_is_the_senders_when_that_makes_fewer_requests() -> None:
    plan = plan_of("press 1; wait 5m 0.3s; press 2")
    assert texts(plan) == ["1", "2"]
    assert [step.pauses for step in plan.steps] == [(), (Pause(300_300),)]
    assert not plan.warnings  # the sender needs no rounding
    assert texts(plan_of("wait 5m; press 1")) == ["1"]
    assert plan_of("press 1; wait 5m").last == (Pause(300_000),)


def test_a_pause_stays_the_carriers_when_it_saves_nothing() -> None:
    plan = plan_of("press 1; wait 20s; press 2; wait 20s; press 3")
    assert len(plan.steps) == 1
    both = plan_of("press 1; wait 80s; press 2; wait 20s; press 3")
    assert [step.pauses for step in both.steps] == [(), ()]


@given(strategies.programs("0123456789ABCD*#", 500, longest=30))
def test_a_plan_has_the_programs_keys_and_silences_and_no_more_requests_than_its_strings(
    program: Program,
) -> None:
    compiled = dtmfdsl.compile(program)
    if not program:
        with pytest.raises(DtmfError, match="presses no key"):
            make_plan(program, BANDWIDTH)
        return
    plan = make_plan(program, BANDWIDTH)
    assert len(plan.steps) <= max(len(compiled.texts), 0)
    heard = Program()
    for step in plan.steps:
        heard = heard + Program(step.pauses) + read_strings([step.chunk.text])
    heard = heard + Program(plan.last)
    assert heard.steps() == program.steps()


def test_cues_are_asked_for_when_attended_and_pauses_when_not() -> None:
    script = 'press 1; wait up to 12s for "PIN"; wait 1s; press 2'
    assert texts(plan_of(script)) == ["1" + "W" * 13 + "2"]
    attended = plan_of(script, attended=True)
    assert texts(attended) == ["1", "W2"]
    assert attended.steps[1].pauses == (Pause(12_000, "PIN"),)


def test_cues_one_after_the_other_are_asked_for_one_after_the_other() -> None:
    script = 'wait up to 3s for "a"; wait up to 4s for "b"; wait 5m; press 1; wait up to 2s for "c"'
    plan = plan_of(script, attended=True)
    assert plan.steps[0].pauses == (Pause(3_000, "a"), Pause(4_000, "b"), Pause(300_000))
    assert plan.last == (Pause(2_000, "c"),)
    assert plan_of(script).steps[0].pauses == (Pause(307_000),)
    delivery = Delivery(plan)
    assert delivery.next(0) == Ask(0, "a", 3_000)
    delivery.cue_over(1_000)
    assert delivery.next(1_000) == Ask(0, "b", 5_000)
    assert delivery.next(5_500) == Wait(305_000)
    delivery.cue_over(6_000)  # no cue is asked for: a plain pause is kept to its end
    assert delivery.next(6_000) == Wait(305_000)
    assert delivery.next(305_000) == Send(0, plan.steps[0], 1)
    delivery.record(ACCEPTED, 305_000, 305_000)
    assert delivery.next(306_000) == Ask(1, "c", 307_600)
    delivery.cue_over(306_500)
    assert delivery.next(306_500) == Done(Status.COMPLETE)


def test_the_fingerprint_tells_shapes_apart_and_knows_no_key() -> None:
    script = "secret pin: 4 digits; press $pin; wait 2s; press #"
    one, other = (
        make_plan(dtmfdsl.compile(script, values={"pin": pin}).program, BANDWIDTH).fingerprint
        for pin in ("1234", "9876")
    )
    assert one == other
    for another in (
        "press 1234; wait 2s; press #",
        "press 9876; wait 2s; press #",
        "press 1234; wait 2.5s; press #",
    ):
        assert plan_of(another).fingerprint != one
    assert (
        plan_of("press 1; wait 2s; press 2").fingerprint != plan_of("press 9; wait 2s; press 8").fingerprint
    )
    # Nor are those the same that differ in what the sender keeps to itself.
    cue = 'press 1; wait up to 5m for "x"; press 2'
    prints = [
        plan_of("press 1; wait 5m; press 2").fingerprint,
        plan_of("press 1; wait 6m; press 2").fingerprint,
        plan_of(cue, attended=True).fingerprint,
        plan_of(cue.replace("x", "y"), attended=True).fingerprint,
        plan_of("press 1; wait 5m").fingerprint,
        plan_of("press 1; wait 6m").fingerprint,
        plan_of("press 12").fingerprint,
        make_plan(dtmfdsl.press("12"), dtmfdsl.get_dialect("vonage")).fingerprint,
    ]
    assert len(set(prints)) == len(prints)
    assert plan_of(cue).fingerprint == prints[0]


def test_the_warnings_of_a_plan_are_those_of_its_strings() -> None:
    plan = plan_of("press 1; wait 1.2s; press 2; wait 5m 0.3s; press 3; wait 700ms; press 4")
    assert [warning.message for warning in plan.warnings] == [
        "wait 1.2s became 1.5s in bandwidth-v1",
        "wait 700ms became 1s in bandwidth-v1",
    ]


def test_playing_times_add_up() -> None:
    documented = attrs.evolve(BANDWIDTH, tone_ms=(100, 200), gap_ms=(40, 400), pause_adds=True)
    assert playing_time("12W", documented) == Bounds(1_280, 2_200)
    assert playing_time("12W", attrs.evolve(documented, pause_adds=False)) == Bounds(1_200, 2_200)
    assert [span.latest_ms for span in starts("1W,2", BANDWIDTH)] == [0, 600, 1600, 2100, 2700]
    for dialect in dtmfdsl.DIALECTS.values():
        span = playing_time("12#", dialect)
        assert 0 < span.earliest_ms <= span.latest_ms


# The delivery


def drive(
    delivery: Delivery, now: float, outcomes: list[Outcome], took: float = 40
) -> list[tuple[float, str]]:
    """Plays all outcomes, then acceptances; the time and the text of each request."""
    sent: list[tuple[float, str]] = []
    left = list(outcomes)
    while not isinstance(action := delivery.next(now), Done):
        match action:
            case Send(step=step):
                sent.append((now, step.chunk.text))
                delivery.record(left.pop(0) if left else ACCEPTED, now, now + took)
                now += took
            case Wait(until_ms) | Ask(until_ms=until_ms):
                assert until_ms > now
                now = until_ms
    return sent


THREE = "press 1; wait 5m; press 2 every 1s; wait 5m; press 3456; wait 5m"


def test_a_wait_of_the_senders_keeps_to_the_millisecond_and_the_request_is_taken_off() -> None:
    plan = plan_of(THREE)
    sent = drive(Delivery(plan), 5_000, [], took=340)
    # From one request to the next: what the string plays at the longest, and the wait; not the request.
    assert [at for at, _ in sent] == [5_000, 305_600, 606_200]


def test_a_slow_answer_delays_the_next_until_it_has_certainly_played() -> None:
    plan = plan_of(THREE)
    sent = drive(Delivery(plan), 0, [], took=400_000)
    assert [at for at, _ in sent] == [0, 401_000, 802_000]


def test_the_delivery_ends_when_all_has_played_and_the_last_wait_is_over() -> None:
    delivery = Delivery(plan_of(THREE))
    drive(delivery, 0, [])
    assert delivery.status is Status.COMPLETE
    delivery = Delivery(plan_of("press 12"))
    assert isinstance(delivery.next(0), Send)
    delivery.record(ACCEPTED, 0, 100)
    assert delivery.next(100) == Wait(1_300)  # a hundred, and twice 600
    assert delivery.next(1_300) == Done(Status.COMPLETE)


def test_what_was_not_executed_goes_again_when_the_server_says() -> None:
    plan = plan_of("press 1")
    sent = drive(Delivery(plan, jitter=Fixed(0)), 0, [BUSY, BUSY])
    assert [at for at, _ in sent] == [0, 2_540, 5_080]
    sent = drive(Delivery(plan, jitter=Fixed(1)), 0, [BUSY])
    assert [at for at, _ in sent] == [0, 2_590]  # not all at the same moment
    at_once = Outcome(Kind.NOT_EXECUTED, "too many requests", 0)
    sent = drive(Delivery(plan, jitter=Fixed(0)), 0, [at_once])
    assert [at for at, _ in sent] == [0, 1_040]  # nor within the limit


def test_without_a_word_of_the_server_the_pauses_grow_and_are_jittered() -> None:
    busy = Outcome(Kind.NOT_EXECUTED, "no connection to the carrier")
    sent = drive(Delivery(plan_of("press 1"), tries=9, jitter=Fixed(0.5)), 0, [busy] * 8, took=0)
    gaps = [after - before for (before, _), (after, _) in pairwise(sent)]
    assert gaps == [1000, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000]


def test_it_gives_up_after_so_many_tries_or_when_time_is_up() -> None:
    delivery = Delivery(plan_of("press 1"), tries=3)
    assert len(drive(delivery, 0, [BUSY] * 9)) == 3
    assert delivery.status is Status.INCOMPLETE
    assert delivery.reason == "too many requests, 3 times"
    delivery = Delivery(plan_of("press 1"), tries=9, deadline_ms=6_000)
    assert len(drive(delivery, 50_000, [BUSY] * 9)) == 3
    assert "no time is left" in delivery.reason
    delivery = Delivery(plan_of("press 1"), tries=1)
    assert len(drive(delivery, 0, [BUSY] * 9)) == 1
    assert delivery.reason == "too many requests"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(LOST, Status.UNKNOWN), (Outcome(Kind.REFUSED, "no such call"), Status.INCOMPLETE)],
)
def test_it_stops_at_what_is_no_acceptance(outcome: Outcome, status: Status) -> None:
    delivery = Delivery(plan_of(THREE))
    assert len(drive(delivery, 0, [ACCEPTED, outcome])) == 2
    assert (delivery.status, delivery.index, delivery.reason) == (status, 1, outcome.reason)
    delivery.record(ACCEPTED, 0, 0)  # too late to change anything
    delivery.interrupt()
    assert delivery.next(9e9) == Done(status)
    assert (delivery.status, delivery.index, delivery.outcomes[1]) == (status, 1, outcome)


def test_one_taken_up_again_waits_until_what_went_before_has_played() -> None:
    plan = plan_of("press 1; wait 5m; press 2345; wait 5m; press 6")
    assert Delivery(plan).next(0) == Send(0, plan.steps[0], 1)
    resumed = Delivery(plan, start=Start(2))
    assert resumed.next(0) == Wait(4 * 600 + 300_000)
    # What was tried goes when it cannot play any more: the pause before it was spent.
    assert Delivery(plan, start=Start(1)).next(0) == Wait(1_000 + 300_000)
    assert Delivery(plan, start=Start(1, tried=True)).next(0) == Wait(1_000)
    assert Delivery(plan, start=Start(1, tried=True, may_play=True)).next(0) == Wait(4 * 600)
    assert Delivery(plan, start=Start(0, tried=True, may_play=True)).next(0) == Wait(1_000)


def test_a_cue_is_not_over_before_it_is_asked_for() -> None:
    plan = plan_of('press 1; wait 5m; wait up to 12s for "PIN"; press 2', attended=True)
    delivery = Delivery(plan)
    delivery.next(0)
    delivery.record(ACCEPTED, 0, 0)
    for now in (0, 700, 300_599):
        assert delivery.next(now) == Wait(300_600)
        delivery.cue_over(now)
    assert delivery.next(300_600) == Ask(1, "PIN", 312_600)
    delivery.cue_over(300_600)
    assert isinstance(delivery.next(300_600), Send)


def test_the_labels_of_a_string_are_those_of_its_presses() -> None:
    script = 'press 1 for "A"; press 2; wait 5m; press 3 for "B"; press 4 for "C"; press 5 for "B"; wait 3m'
    assert [step.labels for step in plan_of(script).steps] == [("A",), ("B", "C")]
    cut = plan_of(f'press {"1" * 100} for "long"; wait 1s; press 2 for "D"')
    assert [step.labels for step in cut.steps] == [("long",), ("long", "D")]
    assert cut.steps[1].shown == "1" * 8 + "W2 (long, D)"
    secret = dtmfdsl.compile('secret pin: 4 digits; press $pin for "PIN"', values={"pin": "7391"}).program
    assert make_plan(secret, BANDWIDTH).steps[0].shown == "•••• (PIN)"
    assert plan_of('press 1 for "A"').fingerprint == plan_of("press 1").fingerprint


def test_one_that_had_all_accepted_waits_only_for_its_end() -> None:
    plan = plan_of("press 1; wait 5m")
    delivery = Delivery(plan, start=Start(1))
    assert delivery.all_accepted
    assert delivery.next(0) == Wait(1_000 + 300_000)
    assert delivery.next(301_000) == Done(Status.COMPLETE)
    delivery = Delivery(plan, start=Start(1))
    delivery.next(0)
    delivery.interrupt()
    assert delivery.reason == "interrupted, when all was accepted"


@given(
    strategies.programs("0123456789ABCD*#", 500, longest=60),
    st.lists(st.deferred(lambda: outcomes), max_size=12),
    st.floats(0, 10_000),
    st.integers(0, 2**32),
)
def test_a_delivery_can_be_put_away_at_any_moment(
    program: Program, answers: list[Outcome], took: float, seed: int
) -> None:
    """One that goes through a store after every step does what one that does not does."""
    if not program:
        return
    plan = make_plan(program, BANDWIDTH)

    class Stored:
        def __init__(self) -> None:
            self.jitter = random.Random(seed)
            self.store = json.dumps(Delivery(plan).state())

        def __getattr__(self, name: str) -> Any:
            def call(*arguments: Any) -> Any:
                state = json.loads(self.store)
                delivery = Delivery.restored(plan, {**state, "out": False}, jitter=self.jitter)
                delivery._out = state["out"]  # the driver is alive, and answers for it
                result = getattr(delivery, name)(*arguments)
                self.store = json.dumps(delivery.state())
                return result

            return call

    kept = Delivery(plan, jitter=random.Random(seed))
    stored = Stored()
    assert drive(kept, 5, answers, took) == drive(stored, 5, answers, took)  # type: ignore[arg-type]
    assert {**json.loads(stored.store), "out": False} == {**kept.state(), "out": False}


def test_a_request_that_nobody_recorded_is_not_made_again() -> None:
    plan = plan_of(THREE)
    delivery = Delivery(plan)
    drive_until_send(delivery)
    restored = Delivery.restored(plan, json.loads(json.dumps(delivery.state())))
    assert restored.next(0) == Done(Status.UNKNOWN)
    assert restored.reason == "nobody recorded how the request ended"
    again = Delivery.restored(plan, restored.state())
    assert (again.next(0), again.reason) == (Done(Status.UNKNOWN), restored.reason)
    doubtful = Delivery(plan, start=Start(0, may_play=True))
    assert Delivery.restored(plan, doubtful.state()).next(0) == doubtful.next(0) == Wait(1_000)


def drive_until_send(delivery: Delivery) -> None:
    assert isinstance(delivery.next(0), Send)


def test_what_was_not_asked_for_changes_nothing() -> None:
    plan = plan_of(
        'press 1; wait up to 9s for "a"; wait up to 9s for "b"; press 2; wait 5m; press 3', attended=True
    )
    delivery = Delivery(plan)
    delivery.record(ACCEPTED, 0, 0)  # before there was a Send
    assert delivery.index == 0
    delivery.next(0)
    for _ in range(2):  # the second time, there is no request that it could be of
        delivery.record(ACCEPTED, 0, 0)
    assert delivery.index == 1
    assert delivery.next(1_000) == Ask(1, "a", 9_600)
    for _ in range(2):
        delivery.cue_over(1_500)
    assert delivery.next(1_500) == Ask(1, "b", 10_500)
    assert isinstance(delivery.next(10_500), Send)  # over by itself
    delivery.cue_over(10_500)
    delivery.record(ACCEPTED, 10_500, 10_500)
    delivery.cue_over(10_600)  # a plain pause comes next
    assert delivery.next(11_500) == Wait(10_500 + 600 + 300_000)
    delivery.interrupt()
    assert Delivery.restored(plan, delivery.state()).status is Status.INTERRUPTED


def test_asking_again_changes_nothing() -> None:
    delivery = Delivery(plan_of(THREE))
    assert delivery.next(0) == delivery.next(0)
    delivery.record(ACCEPTED, 0, 10)
    assert delivery.next(20) == delivery.next(20)


def test_a_cue_ends_its_wait_and_its_limit_does_so_by_itself() -> None:
    plan = plan_of('press 1; wait up to 12s for "PIN"; press 2', attended=True)
    for heard_at, goes_at in ((3_000, 3_000), (12_600, 12_600), (99_000, 99_000)):
        delivery = Delivery(plan)
        delivery.next(0)
        delivery.record(ACCEPTED, 0, 0)
        assert delivery.next(0) == Wait(1_000)  # not before the first has played, nor within the limit
        assert delivery.next(1_000) == Ask(1, "PIN", 12_600)
        delivery.cue_over(heard_at)
        assert isinstance(delivery.next(goes_at), Send)
    delivery = Delivery(plan)
    delivery.next(0)
    delivery.record(ACCEPTED, 0, 0)
    assert isinstance(delivery.next(12_600), Send)


class Fixed(random.Random):
    """Always the same jitter."""

    def __init__(self, value: float):
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


outcomes = st.sampled_from(
    [ACCEPTED, ACCEPTED, ACCEPTED, BUSY, LOST, Outcome(Kind.NOT_EXECUTED, "no connection")]
)


@given(
    strategies.programs("0123456789ABCD*#", 500, longest=100),
    st.lists(outcomes, max_size=12),
    st.floats(0, 10_000),
    st.integers(0, 2**32),
)
def test_no_string_goes_before_the_one_before_has_played_nor_within_a_second(
    program: Program, answers: list[Outcome], took: float, seed: int
) -> None:
    if not program:
        return
    plan = make_plan(program, BANDWIDTH)
    delivery = Delivery(plan, jitter=random.Random(seed))
    sent = drive(delivery, 0, answers, took)
    told = [*answers[: len(sent)], *[ACCEPTED] * (len(sent) - len(answers))]
    for (at, text), (after, _), outcome in zip(sent, sent[1:], told, strict=False):
        assert after - at >= 1_000 - 1e-6
        if outcome.kind is Kind.ACCEPTED:
            assert after >= at + took + playing_time(text, BANDWIDTH).latest_ms - 1e-6
    accepted = [text for (_, text), outcome in zip(sent, told, strict=True) if outcome.kind is Kind.ACCEPTED]
    assert accepted == texts(plan)[: len(accepted)]
    assert len(accepted) == delivery.index


# Many


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
    assert fleet.next(10) == Wait(2_510)
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
