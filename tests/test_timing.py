"""When each key of a string sounds, at the earliest and at the latest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise

import attrs
import pytest
import strategies
from hypothesis import assume, given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl.compiler import encode
from dtmfdsl.dialects import DIALECTS, Dialect
from dtmfdsl.notation import mask
from dtmfdsl.program import Pause, Program, Tones
from dtmfdsl.semantics.lowering import Lowered
from dtmfdsl.sending import CARRIERS, Carrier, Kind, Outcome, make_plan
from dtmfdsl.sending.delivery import AwaitCue, Delivery, Done, Send, Sleep
from dtmfdsl.sending.front import dialect_for
from dtmfdsl.timing import (
    ASSUMED_GAP_MS,
    ASSUMED_TONE_MS,
    Bounds,
    TimedChunk,
    TimedKey,
    Timeline,
    key_time,
    key_time_before_pause,
    playing_time,
    starts,
    timeline,
)

DOCUMENTED = attrs.evolve(DIALECTS["twilio"], tone_ms=(100, 200), gap_ms=(40, 400), pause_adds=True)
REPLACED = attrs.evolve(DOCUMENTED, pause_adds=False)
dialects = st.sampled_from([*DIALECTS.values(), DOCUMENTED, REPLACED])


@st.composite
def strings(draw: st.DrawFn) -> tuple[Dialect, str]:
    dialect = draw(dialects)
    return dialect, draw(strategies.strings(dialect))


@given(strings())
def test_each_character_takes_its_time(case: tuple[Dialect, str]) -> None:
    dialect, text = case
    at = starts(text, dialect)
    assert at[0] == Bounds(dialect.lead_ms, dialect.lead_ms)
    assert at[-1] == playing_time(text, dialect)
    waits = {character: ms for character, _, ms in dialect.waits}
    pauses = waits | dict(dialect.pauses)
    silences: list[int | None] = []
    heard: list[bool] = []
    for written, count in re.findall(r"(\{([0-9]+)\}|.)", text):
        unit = dialect.counted.unit_ms if dialect.counted else 0
        silences += [0] * (len(written) - 1) + [int(count) * unit if count else pauses.get(written)]
        heard += [written in waits] * len(written)
    before = [following is not None for following in [*silences[1:], None]]
    for ms, sooner, pause_follows, (one, other) in zip(silences, heard, before, pairwise(at), strict=True):
        took = other.earliest_ms - one.earliest_ms, other.latest_ms - one.latest_ms
        key = (key_time_before_pause if pause_follows else key_time)(dialect)
        # What waits for an event may hear it at once.
        assert took == ((key.earliest_ms, key.latest_ms) if ms is None else (0 if sooner else ms, ms))


@pytest.mark.parametrize(
    ("dialect", "key"),
    [(DOCUMENTED, Bounds(140, 600)), (REPLACED, Bounds(140, 600)), (DIALECTS["vonage"], Bounds(93, 600))],
)
def test_a_key_takes_a_tone_and_the_gap(dialect: Dialect, key: Bounds) -> None:
    assert key_time(dialect) == key


@pytest.mark.parametrize(
    ("dialect", "key"),
    [
        (DOCUMENTED, Bounds(140, 600)),
        (REPLACED, Bounds(100, 200)),
        (attrs.evolve(DOCUMENTED, pause_adds=None), Bounds(100, 600)),
        (DIALECTS["vonage"], Bounds(93, 600)),
    ],
)
def test_only_a_pause_replaces_the_gap_of_the_key_before_it(dialect: Dialect, key: Bounds) -> None:
    assert key_time_before_pause(dialect) == key
    usual = key_time(dialect)
    pause = dict(dialect.pauses)[pause_of(dialect)]
    assert playing_time(f"12{pause_of(dialect)}3", dialect) == usual + key + Bounds(pause, pause) + usual


def pause_of(dialect: Dialect) -> str:
    return dialect.pauses[0][0]


def test_real_strings_take_the_time_that_is_documented() -> None:
    # Bandwidth's own example, with its usual interval: `2` begins half a second after the end of `1`.
    assert starts("1w2", DIALECTS["bandwidth"])[2] == Bounds(700, 700)
    # Measured on Asterisk from the first key on: a tone, a gap and 3.5 s.
    first, *_, fifth = starts("1WWWw5", DIALECTS["asterisk"])[:-1]
    assert (first, fifth.latest_ms - first.latest_ms) == (Bounds(100, 100), 3700)


@pytest.mark.parametrize(
    ("missing", "key"),
    [({"tone_ms": None}, Bounds(90, 600)), ({"gap_ms": None}, Bounds(143, 600))],
)
def test_of_what_is_half_documented_the_other_half_is_assumed(missing: dict[str, None], key: Bounds) -> None:
    assert key_time(attrs.evolve(DOCUMENTED, **missing)) == key


SCRIPT = 'press 1 for "English"\nwait 1s\nwait up to 500ms for "your PIN"\npress 59#\nwait 500ms\npress 2\n'


def table(line: Timeline) -> list[tuple[object, ...]]:
    """Each key with the times of its start, and each pause with those of its start and end."""
    rows: list[tuple[object, ...]] = []
    for item in line.items:
        if isinstance(item, TimedKey):
            rows.append((item.shown, *item.start.as_list()))
        elif not isinstance(item, TimedChunk):
            rows.append((item.waiting, *item.start.as_list(), *item.end.as_list()))
    return rows


# All of these are computed by hand.
def test_a_dialect_whose_pauses_replace_the_gap() -> None:
    line = dtmfdsl.compile(SCRIPT, dialect="bandwidth").timeline()
    assert table(line) == [
        ("1", 0, 0),
        ("carrier", 200, 200, 1200, 1200),
        ("carrier", 1200, 1200, 1700, 1700),
        ("5", 1700, 1700),
        ("9", 2300, 2300),
        ("#", 2900, 2900),
        ("carrier", 3100, 3100, 3600, 3600),
        ("2", 3600, 3600),
    ]
    assert (line.keys[0].end, line.ends) == (Bounds(200, 200), Bounds(4200, 4200))


def test_a_dialect_whose_pauses_add_to_the_gap_and_that_begins_with_quiet() -> None:
    line = dtmfdsl.compile(SCRIPT, dialect="asterisk").timeline()
    assert table(line) == [
        ("1", 100, 100),
        ("carrier", 300, 300, 1300, 1300),
        ("carrier", 1300, 1300, 1800, 1800),
        ("5", 1800, 1800),
        ("9", 2000, 2000),
        ("#", 2200, 2200),
        ("carrier", 2400, 2400, 2900, 2900),
        ("2", 2900, 2900),
    ]
    assert line.ends == Bounds(3100, 3100)


def test_a_dialect_whose_tone_is_known_but_neither_the_gap_nor_the_rule() -> None:
    line = dtmfdsl.compile(SCRIPT, dialect="telnyx").timeline()
    assert table(line) == [
        ("1", 0, 0),
        ("carrier", 250, 650, 1250, 1650),
        ("carrier", 1250, 1650, 1750, 2150),
        ("5", 1750, 2150),
        ("9", 2043, 2800),
        ("#", 2336, 3450),
        ("carrier", 2586, 4100, 3086, 4600),
        ("2", 3086, 4600),
    ]
    assert (line.keys[-1].end, line.ends) == (Bounds(3336, 4850), Bounds(3379, 5250))


@pytest.mark.parametrize(
    ("tone_ms", "gap_ms", "onsets", "ends"),
    [(100, 100, [0, 240, 1440, 1680], 1880), (180, 80, [0, 260, 1520, 1780], 2040)],
)
def test_a_line_with_a_least_cadence(tone_ms: int, gap_ms: int, onsets: list[int], ends: int) -> None:
    compiled = dtmfdsl.compile("press 12; wait 1s; press 34", dialect="sip", waits="beside")
    line = compiled.timeline(tone_ms=tone_ms, gap_ms=gap_ms)
    assert [key.start for key in line.keys] == [Bounds(onset, onset) for onset in onsets]
    assert line.ends == Bounds(ends, ends)
    assert [pause.waiting for pause in line.pauses] == ["sender"]


def test_in_a_string_too_keys_keep_the_least_cadence_and_a_pause_counts_towards_it() -> None:
    dialect = attrs.evolve(DIALECTS["asterisk"], lead_ms=0, cadence_ms=600)
    line = dtmfdsl.compile("press 12; wait 500ms; press 3; wait 1s; press 4", dialect=dialect).timeline()
    assert [key.start.latest_ms for key in line.keys] == [0, 600, 1300, 2500]


def test_a_request_stands_between_two_strings() -> None:
    compiled = dtmfdsl.compile("press 1; wait 5s; press 2", dialect="azure", waits="beside")
    first, second = compiled.timeline().chunks
    assert (first.send, first.start, first.playing) == (Bounds(0, 0), Bounds(0, 0), Bounds(93, 600))
    # The sender counts from when it asked: the string may have begun a second later.
    assert (second.send, second.start) == (Bounds(4600, 5600), Bounds(4600, 6600))
    assert [(chunk.plays_ms, chunk.next_ms) for chunk in compiled.chunks] == [
        ((93, 600), 5600), ((93, 600), 600),
    ]  # fmt: skip
    # An interval between requests counts from one to the next; a pause is part of it.
    line = compiled.timeline(request_ms=0, interval_ms=8000)
    assert [chunk.send for chunk in line.chunks] == [Bounds(0, 0), Bounds(8000, 8000)]


def test_a_wait_before_the_first_string_and_one_after_the_last_are_the_senders() -> None:
    line = dtmfdsl.compile("wait 2s; press 1; wait 3s", dialect="azure", waits="beside").timeline()
    assert table(line) == [
        ("sender", 0, 0, 2000, 2000), ("1", 2000, 3000), ("sender", 2000, 3600, 5000, 6600),
    ]  # fmt: skip
    assert line.ends == Bounds(4600, 6600)


def test_the_number_to_call_is_no_key_of_the_call() -> None:
    compiled = dtmfdsl.compile("call 18005550199; wait 2s; press 12", dialect="phone")
    line = compiled.timeline()
    assert compiled.text == "18005550199,12"
    assert [key.shown for key in line.keys] == ["1", "2"]
    assert line.keys[0].start == Bounds(2000, 2000)
    assert compiled.chunks[0].plays_ms == (2186, 3200)


def test_whoever_hears_a_cue_may_go_on_at_once() -> None:
    program = dtmfdsl.press("1") + dtmfdsl.wait("12s", cue="your PIN") + dtmfdsl.press("2")
    plan = make_plan(program, DIALECTS["asterisk"], attended=True)
    line = plan.timeline(program, request_ms=0)
    assert [(pause.waiting, pause.length, pause.cue) for pause in line.pauses] == [
        ("listener", Bounds(0, 12_000), "your PIN")
    ]
    assert line.keys[1].start == Bounds(300 + 100, 300 + 12_000 + 100)
    program = dtmfdsl.press("1") + dtmfdsl.wait("60s", cue="go on") + dtmfdsl.press("2")
    line = dtmfdsl.compile(program, dialect="phone").timeline()
    assert [(pause.waiting, pause.length) for pause in line.pauses] == [("listener", Bounds(0, 60_000))]
    assert line.keys[1].start == Bounds(93, 60_600)


def test_every_silence_has_its_statement() -> None:
    compiled = dtmfdsl.compile('press 12 every 700ms for "box"\nwait 1s\nwait up to 700ms for "a beep"\n')
    assert [(pause.line, pause.cue, pause.length.latest_ms) for pause in compiled.timeline().pauses] == [
        (1, None, 1000), (2, None, 1000), (3, "a beep", 1000),
    ]  # fmt: skip
    assert [(key.line, key.label) for key in compiled.timeline().keys] == [(1, "box"), (1, "box")]


def test_the_nominal_times_are_times_and_no_ranges() -> None:
    line = dtmfdsl.compile("press 12; wait 1s; press 3", dialect="vonage").nominal()
    assert [key.start for key in line.keys] == [Bounds(0, 0), Bounds(200, 200), Bounds(1400, 1400)]
    line = dtmfdsl.compile("press 12; wait 1s; press 3", dialect="bandwidth").nominal(tone_ms=60, gap_ms=50)
    assert [key.start for key in line.keys] == [Bounds(0, 0), Bounds(110, 110), Bounds(1170, 1170)]
    assert [key.end for key in line.keys] == [Bounds(60, 60), Bounds(170, 170), Bounds(1230, 1230)]


RANGES = [DOCUMENTED, REPLACED, attrs.evolve(DOCUMENTED, pause_adds=None, lead_ms=30, limit=5)]
RANGES.append(attrs.evolve(DIALECTS["exact"], counted=None, limit=1, cadence_ms=240))


@st.composite
def sent(draw: st.DrawFn) -> tuple[dtmfdsl.Compiled, Program]:
    """A program with a secret, in a dialect that can say it."""
    dialect = draw(st.sampled_from([*DIALECTS.values(), *RANGES]))
    program = draw(strategies.programs(dialect.keys, max(dialect.step_ms, 100), 4))
    if dialect.number:  # keys at the beginning may be a number to call
        program = dtmfdsl.wait("2s") + program
    return encode(Lowered(program, ()), dialect), program


@given(sent())
def test_times_are_in_order_and_nothing_is_left_out(case: tuple[dtmfdsl.Compiled, Program]) -> None:
    compiled, program = case
    line = compiled.timeline()
    assert "".join(key.key for key in line.keys) == "".join(
        event.keys for event in program.events if isinstance(event, Tones)
    )
    for item in line.items:
        times = (
            [item.start, item.start + item.playing]
            if isinstance(item, TimedChunk)
            else [item.start, item.end]
        )
        assert all(time.earliest_ms <= time.latest_ms for time in times)
        assert times[0].earliest_ms <= times[1].earliest_ms
        assert times[0].latest_ms <= times[1].latest_ms
    for key, other in pairwise(line.keys):
        assert key.end.earliest_ms <= other.start.earliest_ms
        assert key.end.latest_ms <= other.start.latest_ms
    if line.keys:
        assert line.keys[-1].end.earliest_ms <= line.ends.earliest_ms
        assert line.keys[-1].end.latest_ms <= line.ends.latest_ms
    assert [chunk.playing.as_list() for chunk in line.chunks] == [[*c.plays_ms] for c in compiled.chunks]
    cues = {cue for _, cue, _ in compiled.dialect.waits}
    said = [pause for pause in line.pauses if pause.cue not in cues or not pause.cue]
    asked = sum(event.ms for event in program.events if isinstance(event, Pause) and event.cue in cues)
    assert sum(pause.length.latest_ms for pause in said) >= program.pause_ms - asked


@given(sent())
def test_a_string_lasts_as_long_as_what_is_in_it(case: tuple[dtmfdsl.Compiled, Program]) -> None:
    compiled, _ = case
    line, dialect = compiled.timeline(), compiled.dialect
    for index, chunk in enumerate(line.chunks):
        keys = [key for key in line.keys if key.chunk == index]
        pauses = [pause for pause in line.pauses if pause.chunk == index]
        whole = Bounds(dialect.lead_ms, dialect.lead_ms)
        starts = {pause.start.as_list()[1] for pause in pauses}
        for key in keys:
            followed = key.start.latest_ms + key_time_before_pause(dialect).latest_ms in starts
            whole += key_time_before_pause(dialect) if followed else key_time(dialect)
        for pause in pauses:
            whole += pause.length
        assert chunk.playing == whole


def lived(compiled: dtmfdsl.Compiled, draw: st.DataObject, request_ms: int) -> Iterator[tuple[str, float]]:
    """When each key begins in one call, whose tones, gaps and requests have lengths within what is known."""
    dialect = compiled.dialect

    def of(bounds: tuple[int, int]) -> int:
        return draw.draw(st.integers(*bounds))

    tone, gap = of(dialect.tone_ms or ASSUMED_TONE_MS), of(dialect.gap_ms or ASSUMED_GAP_MS)
    adds = (
        draw.draw(st.booleans())
        if dialect.pause_adds is None and dialect.tone_ms
        else dialect.pause_adds is not False
    )
    clock = began = over = 0.0
    for index, chunk in enumerate(compiled.chunks):
        if index:
            answered = began + of((0, request_ms))
            latest = playing_time(compiled.chunks[index - 1].text, dialect).latest_ms
            asked = max(clock + latest + chunk.wait_ms, answered + latest)
        else:
            asked = clock + chunk.wait_ms
        clock = asked
        began = asked + (of((0, request_ms)) if index or chunk.wait_ms else 0)
        over = began + dialect.lead_ms
        silences = dialect.silences_of(chunk.text)
        for at, silence in enumerate(silences):
            if silence is None:
                yield chunk.text[at], over
                paused = at + 1 < len(silences) and silences[at + 1] is not None
                over += tone + (gap if adds or not paused else 0)
            else:
                over += silence


@given(
    st.data(),
    st.sampled_from(
        [*RANGES, *(DIALECTS[name] for name in ("telnyx", "azure", "bandwidth", "vonage", "chime"))]
    ),
)
def test_every_call_that_can_be_lies_within_the_bounds(data: st.DataObject, dialect: Dialect) -> None:
    program = data.draw(strategies.programs(dialect.keys, max(dialect.step_ms, 100), 4))
    compiled = encode(Lowered(program, ()), dialect)
    line = compiled.timeline(request_ms=700)
    call = list(lived(compiled, data, 700))
    assert len(call) == len(line.keys)
    # The zero of times is where the first string begins to play.
    for (_, onset), key in zip(call, line.keys, strict=True):
        assert key.start.earliest_ms <= onset <= key.start.latest_ms
    pairs = list(combinations(range(len(call)), 2))
    for one, other in data.draw(st.lists(st.sampled_from(pairs), max_size=20)) if pairs else []:
        apart = line.between(line.keys[one], line.keys[other])
        assert apart.earliest_ms <= call[other][1] - call[one][1] <= apart.latest_ms


@given(st.data(), st.sampled_from([*CARRIERS.values()]), st.booleans())
def test_whatever_the_sender_does_lies_within_the_timeline_of_its_plan(
    data: st.DataObject, carrier: Carrier, attended: bool
) -> None:
    dialect = dialect_for({"carrier": carrier})
    program = data.draw(strategies.programs(dialect.keys, max(dialect.step_ms, 100), 4))
    assume(program.events)
    plan = make_plan(program, dialect, attended=attended)
    line = plan.timeline(program, interval_ms=carrier.interval_ms, request_ms=5000)  # longer than most pauses
    delivery = Delivery(plan, interval_ms=carrier.interval_ms)
    now, zero, chunks = 0.0, 0.0, iter(line.chunks)
    while not isinstance(action := delivery.next(now), Done):
        match action:
            case Send():
                chunk, (begins, answered) = (
                    next(chunks),
                    sorted(data.draw(st.tuples(*[st.integers(0, 5000)] * 2))),
                )
                if action.step is plan.steps[0] and not action.step.pauses:
                    zero = begins  # times count from when the first string begins
                else:
                    assert chunk.send.earliest_ms <= now - zero <= chunk.send.latest_ms
                assert chunk.start.earliest_ms <= now + begins - zero <= chunk.start.latest_ms
                delivery.record(Outcome(Kind.ACCEPTED, "accepted"), now, now + answered)
                now += answered
            case AwaitCue(until_ms=until_ms):
                now += data.draw(st.integers(0, round(until_ms - now)))
                delivery.cue_over(now)
            case Sleep(until_ms):
                now = until_ms
    assert next(chunks, None) is None


def test_more_keys_than_the_program_has_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="more keys"):
        timeline(dtmfdsl.press("1"), DIALECTS["vonage"], [("12", "12", ())])


def test_a_secret_is_masked_in_all_that_shows_times() -> None:
    program = dtmfdsl.press("1") + dtmfdsl.press("73914862", secret=True)
    line = dtmfdsl.compile(program).timeline()
    assert "".join(key.shown for key in line.keys) == "1" + mask("73914862")
    assert "".join(key.key for key in line.keys) == "173914862"
    for shown in (repr(line), str(line.as_dict())):
        assert re.findall(r"shown[':= ]+'(.)'", shown) == ["1", *"••••••••"]
