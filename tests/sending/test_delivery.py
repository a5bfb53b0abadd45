"""The delivery on a fake clock: nothing goes before it may, and waits keep to the millisecond."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import attrs
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from lines import ACCEPTED, BANDWIDTH, BUSY, LOST, Fixed, plan_of, texts

from dtmfdsl.program import Program
from dtmfdsl.sending.delivery import AwaitCue, Delivery, Done, Send, Sleep, Start, State
from dtmfdsl.sending.outcomes import Kind, Outcome, Status
from dtmfdsl.sending.plan import SPARE_MS, make_plan
from dtmfdsl.timing import playing_time


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
            case Sleep(until_ms) | AwaitCue(until_ms=until_ms):
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
    assert delivery.next(100) == Sleep(1_300)  # a hundred, and twice 600
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
    assert resumed.next(0) == Sleep(4 * 600 + 300_000)
    # What was tried goes when it cannot play any more: the pause before it was spent.
    assert Delivery(plan, start=Start(1)).next(0) == Sleep(1_000 + 300_000)
    assert Delivery(plan, start=Start(1, tried=True)).next(0) == Sleep(1_000)
    assert Delivery(plan, start=Start(1, tried=True, may_play=True)).next(0) == Sleep(4 * 600)
    assert Delivery(plan, start=Start(0, tried=True, may_play=True)).next(0) == Sleep(1_000)


def test_a_cue_is_not_over_before_it_is_asked_for() -> None:
    plan = plan_of('press 1; wait 5m; wait up to 12s for "PIN"; press 2', attended=True)
    delivery = Delivery(plan)
    delivery.next(0)
    delivery.record(ACCEPTED, 0, 0)
    for now in (0, 700, 300_599):
        assert delivery.next(now) == Sleep(300_600)
        delivery.cue_over(now)
    assert delivery.next(300_600) == AwaitCue(1, "PIN", 312_600)
    delivery.cue_over(300_600)
    assert isinstance(delivery.next(300_600), Send)


def test_one_that_had_all_accepted_waits_only_for_its_end() -> None:
    plan = plan_of("press 1; wait 5m")
    delivery = Delivery(plan, start=Start(1))
    assert delivery.all_accepted
    assert delivery.next(0) == Sleep(1_000 + 300_000)
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
            self.store = json.dumps(Delivery(plan).state.as_dict())

        def __getattr__(self, name: str) -> Any:
            def call(*arguments: Any) -> Any:
                state = State.from_dict(json.loads(self.store))
                delivery = Delivery.restored(plan, attrs.evolve(state, out=False), jitter=self.jitter)
                delivery._state = state  # the driver is alive, and answers for it
                result = getattr(delivery, name)(*arguments)
                self.store = json.dumps(delivery.state.as_dict())
                return result

            return call

    kept = Delivery(plan, jitter=random.Random(seed))
    stored = Stored()
    assert drive(kept, 5, answers, took) == drive(stored, 5, answers, took)  # type: ignore[arg-type]
    assert State.from_dict({**json.loads(stored.store), "out": False}) == attrs.evolve(kept.state, out=False)


def test_a_request_without_a_recorded_outcome_is_not_made_again() -> None:
    plan = plan_of(THREE)
    delivery = Delivery(plan)
    drive_until_send(delivery)
    restored = Delivery.restored(plan, State.from_dict(json.loads(json.dumps(delivery.state.as_dict()))))
    assert restored.next(0) == Done(Status.UNKNOWN)
    assert restored.reason == "the outcome of the request was not recorded"
    again = Delivery.restored(plan, restored.state)
    assert (again.next(0), again.reason) == (Done(Status.UNKNOWN), restored.reason)
    doubtful = Delivery(plan, start=Start(0, may_play=True))
    assert Delivery.restored(plan, doubtful.state).next(0) == doubtful.next(0) == Sleep(1_000)


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
    assert delivery.next(1_000) == AwaitCue(1, "a", 9_600)
    for _ in range(2):
        delivery.cue_over(1_500)
    assert delivery.next(1_500) == AwaitCue(1, "b", 10_500)
    assert isinstance(delivery.next(10_500), Send)  # over by itself
    delivery.cue_over(10_500)
    delivery.record(ACCEPTED, 10_500, 10_500)
    delivery.cue_over(10_600)  # a plain pause comes next
    assert delivery.next(11_500) == Sleep(10_500 + 600 + 300_000)
    delivery.interrupt()
    assert Delivery.restored(plan, delivery.state).status is Status.INTERRUPTED


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
        assert delivery.next(0) == Sleep(1_000)  # not before the first has played, nor within the limit
        assert delivery.next(1_000) == AwaitCue(1, "PIN", 12_600)
        delivery.cue_over(heard_at)
        assert isinstance(delivery.next(goes_at), Send)
    delivery = Delivery(plan)
    delivery.next(0)
    delivery.record(ACCEPTED, 0, 0)
    assert isinstance(delivery.next(12_600), Send)


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


def repeating(**options: Any) -> Delivery:
    """A delivery to a carrier that ignores repeats by their ids for ten seconds."""
    ids = iter("abcdef")
    options = {"new_id": lambda: next(ids), "repeat_ms": 10_000, "jitter": Fixed(0), **options}
    return Delivery(plan_of(THREE), **options)


def ids_of(
    delivery: Delivery, outcomes: list[Outcome], now: float = 0, took: float = 40
) -> list[tuple[int, str]]:
    """Plays all outcomes and no more; the step and the id of each request."""
    sent = []
    while outcomes and not isinstance(action := delivery.next(now), Done):
        match action:
            case Send():
                sent.append((action.index, action.id))
                delivery.record(outcomes.pop(0), now, now + took)
                now += took
            case Sleep(until_ms) | AwaitCue(until_ms=until_ms):
                now = until_ms
    return sent


def test_what_is_in_doubt_goes_again_with_its_id_where_the_carrier_knows_repeats() -> None:
    delivery = repeating()
    sent = ids_of(delivery, [ACCEPTED, LOST, BUSY, ACCEPTED, LOST, ACCEPTED])
    assert sent == [(0, "a"), (1, "b"), (1, "b"), (1, "b"), (2, "c"), (2, "c")]
    assert delivery.all_accepted
    assert not delivery.state.doubt


@pytest.mark.parametrize(
    "last",
    [BUSY, LOST, Outcome(Kind.REFUSED, "no such call"), Outcome(Kind.UNKNOWN, "failed", final=True), None],
)
def test_a_doubt_stays_however_its_repeats_end(last: Outcome | None) -> None:
    delivery = repeating(tries=2)
    assert ids_of(delivery, [LOST, last or ACCEPTED] if last else [LOST])[0] == (0, "a")
    if last is None:
        delivery.interrupt()
    assert delivery.status is Status.UNKNOWN
    assert delivery.reason.startswith(LOST.reason)


def test_what_is_in_doubt_is_not_repeated_too_late() -> None:
    slow = repeating(tries=99)
    assert len(ids_of(slow, [LOST] * 99, took=4_001)) == 2  # the third would begin after 10,002 ms
    assert (slow.status, slow.index) == (Status.UNKNOWN, 0)
    late = repeating()
    late.next(0)
    late.record(LOST, 0, 100)
    assert isinstance(late.next(100), Sleep)
    assert late.next(10_001) == Done(Status.UNKNOWN)  # the machine slept
    assert late.reason == LOST.reason
    final = repeating()
    assert len(ids_of(final, [Outcome(Kind.UNKNOWN, "failed", final=True)] * 2)) == 1
    assert len(ids_of(repeating(repeat_ms=0), [LOST] * 2)) == 1


def test_an_id_too_old_for_the_carrier_is_replaced_if_nothing_was_executed() -> None:
    busy = Outcome(Kind.NOT_EXECUTED, "no connection to the carrier", 6_000)
    sent = ids_of(repeating(tries=9), [busy] * 4)
    assert sent == [(0, "a"), (0, "a"), (0, "b"), (0, "b")]


def test_an_id_survives_a_store_and_a_resume() -> None:
    delivery = repeating()
    delivery.next(0)
    delivery.record(LOST, 0, 100)
    state = State.from_dict(json.loads(json.dumps(delivery.state.as_dict())))
    restored = Delivery.restored(delivery.plan, state, new_id=lambda: "z", repeat_ms=10_000)
    assert isinstance(sleep := restored.next(100), Sleep)
    assert isinstance(send := restored.next(sleep.until_ms), Send)
    assert (send.id, send.attempt) == ("a", 2)
    resumed = Delivery(delivery.plan, start=Start(1, tried=True, id="k"), new_id=lambda: "z")
    assert isinstance(sleep := resumed.next(0), Sleep)
    assert isinstance(send := resumed.next(sleep.until_ms), Send)
    assert send.id == "k"


def test_a_request_carries_how_long_the_line_must_stay() -> None:
    plan = plan_of("press 1; wait 5m; press 23; wait 5m")
    # The next goes when the one before has played at the latest: 600 ms a key, not 93.
    assert [plan.stays_ms(index) for index in (0, 1)] == [300_000 + 507 + SPARE_MS, 300_000 + 2 * 507]
    action = Delivery(plan).next(0)
    assert isinstance(action, Send)
    assert action.stays_ms == 300_507 + SPARE_MS
