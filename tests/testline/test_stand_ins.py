"""Every stand-in refuses what its carrier would refuse, and its words are read as what they are."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
from expectations import EXPECTED, ID
from lines import FakeClock
from sending.test_carriers import SOMEBODY, line_of, sender_for

from dtmfdsl.sending import CARRIERS, Command, Kind
from dtmfdsl.sending.carriers.ids import new_id
from dtmfdsl.testline import STAND_INS, TestLine

EACH = pytest.mark.parametrize("name", STAND_INS)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def command(name: str, text: str | None = None, **more: Any) -> Command:
    asked: dict[str, Any] = {"call_id": "c-1", "text": text or EXPECTED[name].text, "id": ID, "to": SOMEBODY}
    return Command(**{**asked, **more})


@EACH
def test_a_call_in_another_state_is_refused(name: str, clock: FakeClock) -> None:
    stand_in = STAND_INS[name]
    assert set(stand_in.playing) < set(stand_in.states)
    assert not stand_in.ended or stand_in.ended in stand_in.states
    for state in ("", *stand_in.states):
        with line_of(name, clock) as (line, sender):
            line.strict = True
            if state:
                line.calls["c-1"] = state
            kind = sender.post(command(name)).kind
            sender.session.close()
            assert (kind is Kind.ACCEPTED) == bool(line.keys("c-1")) == (state in stand_in.playing), state
            assert kind in (Kind.ACCEPTED, Kind.REFUSED)
            assert state or line.requests[-1].status == 404


@EACH
def test_another_account_is_refused(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        account = dict(line.credentials)
        for changed in STAND_INS[name].account:
            wrong = account[changed][:-1] + ("A" if account[changed][-1] != "A" else "B")
            if name == "azure":
                wrong = account[changed].replace("a2V5", "b2V5")
            sender = sender_for(CARRIERS[name], {**account, changed: wrong}, line.base_url, clock)
            outcome = sender.post(command(name))
            sender.session.close()
            assert outcome.kind is Kind.REFUSED, changed
            assert "credentials" in outcome.reason or "there is no such" in outcome.reason
        assert line.keys("c-1") == ""


@EACH
@pytest.mark.parametrize("text", ["7!", "e", "\N{BULLET}", "1" * 70_000])
def test_a_wrong_value_is_refused(name: str, text: str, clock: FakeClock) -> None:
    carrier = CARRIERS[name]
    with line_of(name, clock) as (line, sender):
        outcome = sender.post(command(name, text))
        sender.session.close()
        if name == "asterisk" and "7" in text:
            assert line.keys("c-1") == "7"  # it skips what it does not know
        elif outcome.kind is Kind.ACCEPTED:
            assert len(text) > 9
            assert carrier.limit is None
        else:
            assert outcome.kind is Kind.REFUSED
            assert line.keys("c-1") == ""


@EACH
def test_what_is_no_request_of_the_carrier_plays_nothing(name: str, clock: FakeClock) -> None:
    with TestLine(stand_in=STAND_INS[name], clock=clock) as line:
        account = CARRIERS[name].credentials(line.credentials)
        request = CARRIERS[name].request(line.base_url, account, command(name))
        path = request.url.removeprefix(line.base_url)
        headers = {**request.headers, **CARRIERS[name].authentication(request, account, clock.wall_ms())}
        for method, where, body in (
            ("DELETE", path, request.body),
            (request.method, f"{path}/more", request.body),
            (request.method, path, b""),
            (request.method, path, b"{}"),
            (request.method, path, b"\xff"),
        ):
            connection = http.client.HTTPConnection("127.0.0.1", line.port, timeout=240)
            connection.request(method, where, body, headers)  # type: ignore[arg-type]
            assert 400 <= connection.getresponse().status < 500
            connection.close()
        assert line.keys("c-1") == ""
        assert not any(received.played for received in line.requests)


@pytest.mark.parametrize("name", ["telnyx", "azure"])
def test_a_repeat_is_ignored_for_a_while(name: str, clock: FakeClock) -> None:
    forgets_ms = STAND_INS[name].repeat_ms
    with line_of(name, clock) as (line, sender):
        for wait_ms, id, heard in (
            (0, ID, "1"),
            (forgets_ms - 1, ID, "1"),
            (0, new_id(5), "11"),
            (1, ID, "111"),
        ):
            clock.sleep_ms(wait_ms)
            assert sender.post(command(name, "1", id=id)).kind is Kind.ACCEPTED
            assert line.keys("c-1") == heard
            assert line.requests[-1].played == (wait_ms != forgets_ms - 1)
        clock.sleep_ms(forgets_ms)
        for fault, heard in (("500-before", "111"), ("500-after", "1111"), ("slow", "1111")):
            line.misbehave(fault)
            sender.post(command(name, "1", id=ID))
            # After its 500, azure executes a repeat again.
            assert line.keys("c-1") == heard + ("1" if (name, fault) == ("azure", "slow") else "")
        sender.session.close()
