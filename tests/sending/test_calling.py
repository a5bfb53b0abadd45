"""Every carrier that places calls: its exact requests, what each answer means, and every end of a call."""

from __future__ import annotations

import asyncio
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from expectations import CALL, CALL_ID, EXPECTED, EXPECTED_CALLS, WALL_MS, Answer
from lines import FAULTS, FakeClock, keys_in
from requests.structures import CaseInsensitiveDict
from sending.test_carriers import BASE_URL, line_of, read_body

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending import (
    CARRIERS,
    Caller,
    CallState,
    Credentials,
    Kind,
    NewCall,
    Report,
    Send,
    Status,
    Watcher,
)
from dtmfdsl.sending.carriers import Request
from dtmfdsl.sending.outcomes import Created, Outcome, Seen
from dtmfdsl.testline import STAND_INS, Callee, Operation, TestLine

CALLERS = {name: carrier for name, carrier in CARRIERS.items() if isinstance(carrier, Caller)}
EACH = pytest.mark.parametrize("name", EXPECTED_CALLS)
TO, FROM = "+15550100", "+15550199"
SCRIPT = "press 12; wait 3s; press 4"


def called(line: TestLine, script: Any = SCRIPT, **options: Any) -> Report:
    given = {
        "carrier": line.stand_in.carrier,
        "to": TO,
        "caller": FROM,
        "base_url": line.base_url,
        "credentials": line.credentials,
        "clock": line.clock,
        "answer_url": "https://a.invalid/x",
    }
    return dtmfdsl.call(script, **{**given, **options})


def numbered(carrier: Caller) -> NewCall:
    return attrs.evolve(CALL, to=carrier.numbered(CALL.to), caller=carrier.numbered(CALL.caller))


def account_of(name: str) -> Credentials:
    return CALLERS[name].account({**EXPECTED[name].account, **EXPECTED_CALLS[name].account})


def asked(request: Request) -> tuple[str, str, Any]:
    body = read_body(request.body, dict(request.headers)) if request.body else None
    return request.method, request.url.removeprefix(BASE_URL), body


def read(reading: Any, answer: Answer) -> Outcome:
    status, body, headers = (*answer, {})[:3]
    outcome: Outcome = reading(status, CaseInsensitiveDict(headers), body.encode(), WALL_MS - 0.0)
    return outcome


def test_every_carrier_places_calls_or_has_a_reason_why_not() -> None:
    assert set(CALLERS) == set(CARRIERS)
    assert {name for name, carrier in CALLERS.items() if not carrier.no_calls} == set(EXPECTED_CALLS)


@EACH
def test_the_requests_of_a_call_are_just_these(name: str) -> None:
    carrier, expected = CALLERS[name], EXPECTED_CALLS[name]
    account = account_of(name)
    for base_url in (BASE_URL, f"{BASE_URL}/"):
        create = carrier.create(base_url, account, numbered(carrier))
        assert asked(create) == expected.create
        assert create.needs_body == (name != "bandwidth-v1")  # whose id is in a header
        look = carrier.look(base_url, account, CALL_ID)
        assert asked(look) == (*expected.look, None)
        assert look.needs_body
        assert asked(carrier.hang_up(base_url, account, CALL_ID, True)) == expected.hang_up
        ringing = expected.ringing or expected.hang_up
        assert asked(carrier.hang_up(base_url, account, CALL_ID, False)) == ringing
        for request in (create, look):
            assert carrier.authentication(request, account, WALL_MS)
            assert CALL.to not in repr(request)
    assert carrier.detects == (expected.detects is not None)
    if carrier.detects:
        detecting = carrier.create(BASE_URL, account, attrs.evolve(numbered(carrier), detect=True))
        assert asked(detecting)[2] == expected.create[2] | expected.detects


@EACH
def test_the_curl_of_a_creation_is_that_request_with_the_shells_variables(name: str) -> None:
    carrier, account = CALLERS[name], account_of(name)
    script = f'curl() {{ printf "%s\\0" "$@"; }}; {carrier.curl_call(BASE_URL, numbered(carrier))}'
    out = subprocess.run(["sh", "-c", script], env={**account}, capture_output=True, check=True).stdout
    words = out.decode().split("\0")[:-1]
    request = carrier.create(BASE_URL, account, numbered(carrier))
    assert unquote(words[-1]) == unquote(request.url)  # a shell escapes nothing
    assert words[words.index("--data") + 1] == request.body.decode()


@pytest.mark.parametrize("name", [name for name, carrier in CALLERS.items() if carrier.takes_script])
def test_a_creation_without_the_script_holds_the_line(name: str) -> None:
    carrier = CALLERS[name]
    call = attrs.evolve(numbered(carrier), text="", plays_ms=0, stays_ms=20_000_000)
    _, _, body = asked(carrier.create(BASE_URL, account_of(name), call))
    assert {
        "twilio": ['<Response><Play digits="w"/><Pause length="20000"/></Response>'],
        "telnyx": '<Response><Pause length="20000"/></Response>',
        "vonage": [{"action": "wait", "timeout": seconds} for seconds in (7200, 7200, 5600)],
    }[name] == body.get("Twiml" if name == "twilio" else "Texml" if name == "telnyx" else "ncco")
    if name == "vonage":
        assert "dtmfAnswer" not in body["to"][0]


@EACH
def test_each_answer_to_a_creation_means_this(name: str) -> None:
    carrier, expected = CALLERS[name], EXPECTED_CALLS[name]
    for kind, answers in (
        (Kind.ACCEPTED, expected.created),
        (Kind.REFUSED, expected.refused),
        (Kind.NOT_EXECUTED, expected.not_executed),
        (Kind.UNKNOWN, expected.unknown),
    ):
        for answer in answers:
            outcome = read(carrier.created, answer)
            assert outcome.kind is kind, answer
            assert "7391" not in outcome.reason
            assert "keys" not in outcome.reason
            assert isinstance(outcome, Created) == (kind is Kind.ACCEPTED)
            if isinstance(outcome, Created):
                assert outcome.call_id == CALL_ID


@EACH
def test_each_answer_to_a_look_means_this(name: str) -> None:
    carrier, expected = CALLERS[name], EXPECTED_CALLS[name]
    for answer, state in expected.states:
        outcome = read(carrier.seen, answer)
        assert outcome.kind is Kind.ACCEPTED
        assert isinstance(outcome, Seen)
        assert outcome.state is state, answer
    for status in (401, 403, 429, 500, 503):
        outcome = read(carrier.seen, (status, '{"state": "active", "status": "answered"}'))
        assert outcome.kind is not Kind.ACCEPTED
        assert "keys" not in outcome.reason
    assert read(carrier.hung_up, (204, "")).kind is Kind.ACCEPTED
    for status in (404, 429, 500, 503):
        outcome = read(carrier.hung_up, (status, ""))
        assert outcome.kind is not Kind.ACCEPTED
        assert "keys" not in outcome.reason


@EACH
def test_no_refusal_of_a_creation_is_in_the_words_of_a_call_that_exists(name: str) -> None:
    for status in range(400, 500):
        reason = read(CALLERS[name].created, (status, "{}")).reason
        for word in ("keys", "such call", "the call", "this call", "not active", "in progress"):
            assert word not in reason, (status, reason)


@EACH
def test_what_placing_needs_is_named(name: str) -> None:
    carrier, expected = CALLERS[name], EXPECTED_CALLS[name]
    assert set(expected.account) == set(carrier.calling)
    for variable in carrier.calling:
        with pytest.raises(DtmfError, match=variable):
            carrier.account({**EXPECTED[name].account, **expected.account, variable: ""})
    assert carrier.credentials(EXPECTED[name].account) == EXPECTED[name].account  # `send` needs none of it


@EACH
def test_numbers_go_out_as_the_carrier_takes_them(name: str) -> None:
    carrier = CALLERS[name]
    assert carrier.numbered("+15550100") == ("15550100" if name == "vonage" else "+15550100")
    if name == "jambonz":  # its application may know extensions
        assert carrier.numbered("15550100") == "15550100"
    else:
        with pytest.raises(DtmfError, match="country code"):
            carrier.numbered("9195550177")  # a national number, which begins as those of India do


ENDS = {
    CallState.BUSY: Status.BUSY,
    CallState.NO_ANSWER: Status.NO_ANSWER,
    CallState.REJECTED: Status.REJECTED,
    CallState.FAILED: Status.FAILED,
}
WITHOUT_WORD = {
    "bandwidth-v1": {CallState.BUSY: Status.NO_ANSWER, CallState.FAILED: Status.NO_ANSWER},
    "twilio": {CallState.REJECTED: Status.BUSY},
    "telnyx": {CallState.REJECTED: Status.BUSY},
    "jambonz": {CallState.REJECTED: Status.FAILED},
    "plivo": dict.fromkeys(ENDS, Status.FAILED),
    "azure": {CallState.BUSY: Status.FAILED, CallState.REJECTED: Status.FAILED},
}
"""The ends that a carrier does not tell apart, and what is reported of them."""


@EACH
@pytest.mark.parametrize("end", ENDS)
def test_a_call_that_nobody_answers_presses_nothing(name: str, end: CallState, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        line.callee = Callee(end)
        report = called(line)
        assert report.status is WITHOUT_WORD.get(name, {}).get(end, ENDS[end])
        assert "nothing was pressed" in report.summary
        assert report.accepted == 0
        assert line.keys("placed:1") == ""
        assert [request.operation for request in line.requests].count(Operation.CREATE) == 1
        assert not report.stands


@EACH
def test_a_call_that_is_answered_is_played_and_hung_up(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        line.callee = Callee(rings_ms=7_300)
        report = called(line)
        assert (report.status, report.hung_up, report.stands) == (Status.COMPLETE, True, False)
        assert line.keys("placed:1") == "124"
        assert line.state("placed:1") is CallState.ENDED
        assert not line.collisions("placed:1")
        last = line.heard("placed:1")[-1]
        (ended,) = [each for each in line.requests if each.operation is Operation.HANG_UP]
        assert last.end_ms < ended.at_ms  # nothing is cut off
        looks = [each.at_ms for each in line.requests if each.operation is Operation.LOOK]
        assert all(later - before >= 1_000 for before, later in pairwise(looks))
        whole = not any(each.operation is Operation.KEYS and each.played for each in line.requests)
        assert whole == (name in ("twilio", "telnyx", "vonage"))


@EACH
def test_a_long_script_is_heard_to_its_end(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        report = called(line, "press 1; wait 170m; press 2; wait 170m; press 3")
        assert report.status is Status.COMPLETE
        assert line.keys("placed:1") == "123"


@EACH
@pytest.mark.parametrize("drops_ms", [100, 2_500, 4_100])
def test_a_call_that_is_dropped_in_the_middle_is_reported_so(
    name: str, drops_ms: float, clock: FakeClock
) -> None:
    with line_of(name, clock) as (line, _):
        line.callee = Callee(drops_ms=drops_ms)
        report = called(line)
        assert report.status is Status.DROPPED
        assert "over before it was certain" in report.summary
        assert not report.hung_up
        assert not report.stands
        heard = line.keys("placed:1")
        assert "124".startswith(heard)
        assert heard != "124" or drops_ms > 3_600  # it was heard, and that was not certain


@EACH
def test_a_machine_is_told_apart_if_that_is_asked_for(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        line.callee = Callee(CallState.MACHINE)
        if not CALLERS[name].detects:
            with pytest.raises(DtmfError, match="whether a machine answered"):
                called(line, detect_machine=True)
            assert not line.placed
            return
        report = called(line, detect_machine=True)
        assert (report.status, report.hung_up) == (Status.MACHINE, True)
        assert line.keys("placed:1") == ""
        line.callee = Callee()
        assert called(line, detect_machine=True).status is Status.COMPLETE
        assert line.keys("placed:2") == "124"
        line.callee = Callee(CallState.MACHINE)
        assert called(line).status is Status.COMPLETE  # a menu is a machine, too


@EACH
def test_a_call_that_is_kept_stands(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        report = called(line, keep=True)
        assert (report.status, report.hung_up, report.stands) == (Status.COMPLETE, False, True)
        assert line.state("placed:1") is CallState.ANSWERED


class Interrupting(Watcher):
    """Presses Ctrl-C at the first wait."""

    done = False

    def waiting(self, until_ms: float, now_ms: float) -> None:
        if not self.done:
            self.done = True
            raise KeyboardInterrupt


@EACH
def test_a_call_that_is_interrupted_while_it_rings_has_pressed_nothing(name: str, clock: FakeClock) -> None:
    """Also where its keys were in the creation: they were sent, and not pressed."""
    words = "interrupted before the call was seen to be answered"
    with line_of(name, clock) as (line, _):
        report = called(line, watcher=Interrupting())
        assert (report.status, report.summary) == (Status.INTERRUPTED, f"{words}; nothing was pressed")
        assert (report.hung_up, line.keys("placed:1")) == (True, "")
        report = called(line, watcher=Interrupting(), keep=True)
        assert report.stands
        if CALLERS[name].takes_script:  # the carrier presses them by itself when somebody answers
            assert report.status is Status.UNKNOWN
            assert (
                report.summary
                == f"{words}, but it may have been answered, or may yet be, and its keys pressed"
            )
            assert line.keys("placed:2") == "124"
        else:
            assert (report.status, line.keys("placed:2")) == (Status.INTERRUPTED, "")


@EACH
def test_a_script_that_is_sent_can_hang_up(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        given = {"carrier": name, "base_url": line.base_url, "credentials": line.credentials, "clock": clock}
        given |= {"to": TO, "replace": True}
        assert dtmfdsl.send("press 12", "c-1", **given).status is Status.COMPLETE
        assert line.state("c-1") is CallState.ANSWERED or name in ("twilio", "bandwidth")  # documents
        assert dtmfdsl.send("press 12; hang up", "c-2", **given).status is Status.COMPLETE
        assert line.state("c-2") is CallState.ENDED
        (ended,) = [each for each in line.requests if each.operation is Operation.HANG_UP]
        assert ended.at_ms > line.heard("c-2")[-1].end_ms


CREATION_IS_SAFE = ("429",)
"""Faults of which two carriers document that nothing was done."""


@EACH
@pytest.mark.parametrize("fault", FAULTS)
def test_a_creation_is_made_once_whatever_the_line_does(
    name: str, fault: str, clock: FakeClock, tmp_path: Path
) -> None:
    with line_of(name, clock) as (line, _):
        line.misbehave(fault, on="create")
        report = called(line, journal=tmp_path / "j")
        creations = [each for each in line.requests if each.operation is Operation.CREATE]
        assert len(line.placed) <= 1
        again = fault == "429" and name in ("bandwidth-v1", "twilio")
        assert len(creations) == (2 if again else 1)
        if report.status is Status.UNKNOWN:
            assert "unknown whether the call was placed" in report.summary
            with pytest.raises(DtmfError) as caught:  # a person must look
                called(line, journal=tmp_path / "j", resume=True)
            assert [found.code for found in caught.value.diagnostics] == ["call-in-doubt"]
            assert len(line.placed) <= 1
        elif line.placed:
            assert (report.status, line.keys("placed:1")) == (Status.COMPLETE, "124")
        else:
            assert report.status is Status.INCOMPLETE
            assert "the call was not placed" in report.summary
        journal = (tmp_path / "j").read_text()
        assert TO.strip("+") not in journal
        assert FROM.strip("+") not in journal


@EACH
@pytest.mark.parametrize("on", ["look", "hang-up"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_look_and_a_hang_up_are_repeated_until_they_are_answered(
    name: str, on: str, fault: str, clock: FakeClock
) -> None:
    with line_of(name, clock) as (line, _):
        line.misbehave(fault, on=on)
        report = called(line)
        assert report.status is Status.COMPLETE
        assert line.keys("placed:1") == "124"
        assert line.state("placed:1") is CallState.ENDED
        assert not report.stands


@EACH
def test_what_was_not_hung_up_is_reported(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        line.misbehave("500-before", on="hang-up", times=99)
        report = called(line)
        assert report.status is Status.COMPLETE
        assert (report.hung_up, report.stands) == (False, True)


@EACH
def test_a_creation_that_never_left_is_made_again(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        line.stop()
        report = called(line)
        assert report.status is Status.INCOMPLETE
        assert "not placed: no connection to the carrier, 4 times; nothing was pressed" in report.summary
        line.start()


def test_ari_is_refused_with_its_reason(clock: FakeClock) -> None:
    with line_of("asterisk", clock) as (line, _):
        with pytest.raises(DtmfError, match="WebSocket") as caught:
            called(line)
        assert [found.code for found in caught.value.diagnostics] == ["cannot-call"]
        assert not line.requests


@pytest.mark.parametrize("name", ["plivo", "bandwidth", "azure"])
def test_some_carriers_want_an_address_to_ask(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        with pytest.raises(DtmfError, match="--answer-url"):
            called(line, answer_url=None)
        assert not line.requests


def test_keys_of_a_string_that_is_sent_are_those_that_are_heard(clock: FakeClock) -> None:
    carrier = CARRIERS["telnyx"]
    assert keys_in("1W2", carrier) == "12"


def test_a_task_that_is_cancelled_hangs_up_first() -> None:
    async def run(line: TestLine) -> None:
        ready = asyncio.Event()

        class Told(Watcher):
            def ended(self, action: Send, outcome: Outcome, now_ms: float) -> None:
                ready.set()

        given = {"carrier": "infobip", "to": TO, "caller": FROM, "base_url": line.base_url, "watcher": Told()}
        given |= {"credentials": line.credentials, "clock": line.clock}
        task = asyncio.create_task(dtmfdsl.call_async("press 1; wait 600m; press 2", **given))
        await ready.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with TestLine(stand_in=STAND_INS["infobip"], speed=100) as line:
        asyncio.run(run(line))
        assert line.keys("placed:1") == "1"
        assert line.state("placed:1") is CallState.ENDED


def test_a_call_that_was_killed_is_taken_up_by_its_journal(clock: FakeClock, tmp_path: Path) -> None:
    """The second process finds the call by the carrier's id, and goes on with its keys."""

    class Killed(BaseException):
        pass

    class Dies(Watcher):
        def waiting(self, until_ms: float, now_ms: float) -> None:
            if until_ms - now_ms > 100_000:
                raise Killed

    with line_of("infobip", clock) as (line, _):
        script = "press 1; wait 60m; press 2; hang up"
        with pytest.raises(Killed):
            called(line, script, journal=tmp_path / "j", watcher=Dies())
        assert line.state("placed:1") is CallState.ANSWERED
        report = called(line, script, journal=tmp_path / "j", resume=True)
        assert (report.status, report.placed, report.hung_up) == (Status.COMPLETE, "placed:1", True)
        assert line.keys("placed:1") == "12"
        again = called(line, script, journal=tmp_path / "j", resume=True)
        assert (again.status, len(line.placed)) == (Status.COMPLETE, 1)
        with pytest.raises(DtmfError, match="another script"):
            called(line, "press 1", journal=tmp_path / "j", resume=True)
