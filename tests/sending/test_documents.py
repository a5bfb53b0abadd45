"""Carriers that take documents: one holds the whole script, or each outlasts the wait for the next."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from lines import FakeClock

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending import CARRIERS, Status, plan_call
from dtmfdsl.sending.carriers.bandwidth import LONGEST_BXML, bxml
from dtmfdsl.sending.carriers.twilio import LONGEST_TWIML, twiml
from dtmfdsl.testline import STAND_INS, Received, TestLine

EACH = pytest.mark.parametrize("name", ["twilio", "bandwidth"])
LIMITS = {"twilio": LONGEST_TWIML, "bandwidth": LONGEST_BXML}


def send(line: TestLine, script: Any, clock: FakeClock, **options: Any) -> dtmfdsl.sending.Report:
    to = {"base_url": line.base_url, "credentials": line.credentials, "clock": clock, "replace": True}
    return dtmfdsl.send(script, "c", carrier=line.stand_in.carrier.name, **to, **options)


def documents(line: TestLine) -> list[str]:
    return [document(request) for request in line.requests if request.call_id]


def document(request: Received) -> str:
    form = parse_qs(request.body)
    return form["Twiml"][0] if "Twiml" in form else request.body


@EACH
def test_one_document_holds_the_whole_script_if_it_fits(name: str, clock: FakeClock) -> None:
    with TestLine(stand_in=STAND_INS[name], clock=clock) as line:
        report = send(line, "press 12; wait 5m; press 345 every 1s; wait 20m; press 6; wait 30s", clock)
        assert report.status is Status.COMPLETE
        (only,) = documents(line)
        assert len(only) <= LIMITS[name]
        assert line.keys("c") == "123456"


@EACH
def test_a_longer_script_has_documents_that_outlast_the_wait_for_the_next(
    name: str, clock: FakeClock
) -> None:
    script = "press 12; wait 700m; press 3; wait 700m; press 45; wait 30s"
    with TestLine(stand_in=STAND_INS[name], clock=clock) as line:
        for fault in ("429",) if name == "twilio" else ():
            line.misbehave(fault, at=2, times=3)
        report = send(line, script, clock)
        assert report.status is Status.COMPLETE, report.reason
        assert line.keys("c") == "12345"
        *others, last = documents(line)
        assert others
        assert all(len(each) <= LIMITS[name] for each in (*others, last))
        pauses = [float(re.findall(r'(?:length|duration)="([0-9.]+)"', each)[-1]) for each in others]
        assert all(pause >= 600 for pause in pauses)
        assert name == "bandwidth" or max(pauses) > 700 * 60
        # The call ends with the script: a late request is refused, and reported so.
        clock.sleep_ms(60_000)
        assert send(line, "press 7", clock).status is Status.INCOMPLETE
        assert line.keys("c") == "12345"


@EACH
def test_a_document_without_its_pause_would_end_the_call(name: str, clock: FakeClock) -> None:
    """What the line does to a sender that forgets it."""
    carrier = CARRIERS[name]
    plan = plan_call('press 1; wait up to 20s for "x"; press 2', carrier=carrier, attended=True)
    with TestLine(stand_in=STAND_INS[name], clock=clock) as line:
        assert send(line, plan_call("press 1", carrier=carrier), clock).status is Status.COMPLETE
        clock.sleep_ms(5_000)
        assert send(line, plan, clock).status is Status.INCOMPLETE
        assert line.keys("c") == "1"


@EACH
def test_a_document_replaces_what_has_not_sounded(name: str, clock: FakeClock) -> None:
    with TestLine(stand_in=STAND_INS[name], clock=clock) as line:
        for script in ("press 12; wait 10s; press 345", "press 6"):
            before = clock.now_ms()
            send(line, script, clock)
            clock.ms = before + 2_000
        assert line.keys("c") == "126"
        assert len(line.collisions("c")) == 1


def test_a_document_begins_with_keys_and_its_pause_is_in_whole_seconds_of_twilio() -> None:
    assert twiml("ww1", 0) == '<Response><Play digits="ww1"/></Response>'
    assert twiml("1", 1) == '<Response><Play digits="1"/><Pause length="1"/></Response>'
    assert twiml("1", 60_001) == '<Response><Play digits="1"/><Pause length="61"/></Response>'
    limit = CARRIERS["twilio"].limit
    assert limit
    assert LONGEST_TWIML - 10 < len(twiml("1" * limit, 86_400_000_000)) <= LONGEST_TWIML


def test_a_bxml_document_has_verbs_of_fifty_characters_and_at_most_64_kb() -> None:
    assert bxml("1" * 101, 0).count("<SendDtmf>") == 3
    assert '<Pause duration="0.5"/>' in bxml("1", 500)
    assert '<Pause duration="0.1"/>' in bxml("1", 1)
    assert '<Pause duration="86400"/>' in bxml("1", 10**12)
    limit = CARRIERS["bandwidth"].limit
    assert limit
    assert LONGEST_BXML - 100 < len(bxml("1" * limit, 86_399_900)) <= LONGEST_BXML


def test_a_carrier_that_replaces_must_be_allowed_to(clock: FakeClock) -> None:
    with TestLine(stand_in=STAND_INS["twilio"], clock=clock) as line:
        to = {"base_url": line.base_url, "credentials": line.credentials, "carrier": "twilio"}
        for how in ({}, {"replace": False}):
            with pytest.raises(DtmfError, match="--replace-twiml"):
                dtmfdsl.send("press 1", "c", **to, **how)
        with pytest.raises(DtmfError, match="replacing the TwiML"):
            dtmfdsl.sending.send_many([{"call_id": "c"}], script="press 1", **to)
        assert not line.requests
