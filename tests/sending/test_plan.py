"""The plan: as few requests as there can be, and nothing of the program lost."""

from __future__ import annotations

import attrs
import pytest
import strategies
from hypothesis import given
from lines import ACCEPTED, BANDWIDTH, plan_of, texts

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.decompiler import read_strings
from dtmfdsl.program import Pause, Program
from dtmfdsl.sending.delivery import AwaitCue, Delivery, Done, Send, Sleep
from dtmfdsl.sending.outcomes import Status
from dtmfdsl.sending.plan import make_plan
from dtmfdsl.timing import Bounds, playing_time, starts


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
    assert delivery.next(0) == AwaitCue(0, "a", 3_000)
    delivery.cue_over(1_000)
    assert delivery.next(1_000) == AwaitCue(0, "b", 5_000)
    assert delivery.next(5_500) == Sleep(305_000)
    delivery.cue_over(6_000)  # no cue is asked for: a plain pause is kept to its end
    assert delivery.next(6_000) == Sleep(305_000)
    assert delivery.next(305_000) == Send(0, plan.steps[0], 1)
    delivery.record(ACCEPTED, 305_000, 305_000)
    assert delivery.next(306_000) == AwaitCue(1, "c", 307_600)
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
    assert playing_time("12W", attrs.evolve(documented, pause_adds=False)) == Bounds(1_240, 1_800)
    assert playing_time("12W", attrs.evolve(documented, pause_adds=None)) == Bounds(1_240, 2_200)
    assert [span.latest_ms for span in starts("1W,2", BANDWIDTH)] == [0, 600, 1600, 2100, 2700]
    for dialect in dtmfdsl.DIALECTS.values():
        span = playing_time("12#", dialect)
        assert 0 < span.earliest_ms <= span.latest_ms


def test_the_labels_of_a_string_are_those_of_its_presses() -> None:
    script = 'press 1 for "A"; press 2; wait 5m; press 3 for "B"; press 4 for "C"; press 5 for "B"; wait 3m'
    assert [step.labels for step in plan_of(script).steps] == [("A",), ("B", "C")]
    cut = plan_of(f'press {"1" * 100} for "long"; wait 1s; press 2 for "D"')
    assert [step.labels for step in cut.steps] == [("long",), ("long", "D")]
    assert cut.steps[1].shown == "1" * 8 + "W2 (long, D)"
    secret = dtmfdsl.compile('secret pin: 4 digits; press $pin for "PIN"', values={"pin": "7391"}).program
    assert make_plan(secret, BANDWIDTH).steps[0].shown == "•••• (PIN)"
    assert plan_of('press 1 for "A"').fingerprint == plan_of("press 1").fingerprint
