"""The front door for many calls: a row each in, a report each out."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.language.tree import Param
from dtmfdsl.sending import Call, RealClock, Report, Status, plan_calls, send_many
from dtmfdsl.testline import STAND_INS, TestLine

SPEED = 5_000
SCRIPT = "secret pin: 4 digits; press 1; wait 5m; press $pin #"
ROWS = [{"call_id": "a", "pin": "8642"}, {"call_id": "b", "pin": "5678"}]


def to(line: TestLine, **more: Any) -> dict[str, Any]:
    return {
        "base_url": line.base_url, "credentials": line.credentials, "clock": RealClock(SPEED), **more,
    }  # fmt: skip


def test_each_row_has_a_report_and_a_bad_one_stops_no_other() -> None:
    text = "call_id, pin\na,8642\nb,12\nc,\n,9\na,9999\n..,1111\nd,5555,6\ne\nf,4321\n"
    rows = csv.DictReader(text.splitlines(), skipinitialspace=True)
    ended: list[Report] = []
    with TestLine(speed=SPEED) as line:
        line.misbehave("close-after", call_id="f", at=2)
        over: list[int] = []
        reports = dtmfdsl.send_many(
            rows,
            script=SCRIPT,
            values={"pin": "0000"},
            ended=ended.append,
            over=lambda: over.append(len(ended)),
            **to(line),
        )
        assert (line.keys("a"), line.keys("f")) == ("18642#", "14321#")
        assert {request.call_id for request in line.requests} == {"a", "f"}
    assert [(report.call_id, report.status, report.accepted) for report in reports] == [
        ("a", Status.COMPLETE, 2), ("b", Status.NOT_SENT, 0), ("c", Status.NOT_SENT, 0), ("", Status.NOT_SENT, 0),
        ("a", Status.NOT_SENT, 0), ("..", Status.NOT_SENT, 0), ("d", Status.NOT_SENT, 0), ("e", Status.NOT_SENT, 0),
        ("f", Status.UNKNOWN, 1),
    ]  # fmt: skip
    assert [report.reason for report in reports[1:8] if report.status is Status.NOT_SENT] == [
        "`$pin` must be 4 digits, but has 2 keys",
        "`$pin` has no value (4 digits)",  # a blank is not what `values` has
        "this row has no call id",
        "this call is in an earlier row",
        "this call id cannot be part of an address",
        *["this row has more or fewer values than the first line has names"] * 2,
    ]
    assert {report.call_id for report in ended} == {"a", "f"}
    assert over == [len(ended)]
    assert "8642" not in repr(reports)


def test_a_script_that_is_wrong_whatever_its_values_are_sends_nothing() -> None:
    with TestLine() as line:
        for rows, script in (
            (ROWS, "secret pin: 4 digits; press $pin; press a"),
            (ROWS, None),
            ([], "press a"),
        ):
            with pytest.raises(DtmfError):
                dtmfdsl.send_many(rows, script=script, **to(line))
        assert not line.requests


def test_a_lookup_is_asked_once_and_not_for_what_a_row_names() -> None:
    asked: list[str] = []

    def lookup(param: Param) -> str:
        asked.append(param.name.name)
        return "7777"

    script = "secret pin: 4 digits; param code: 4 digits; press $pin $code"
    blank = {"call_id": "c", "pin": " "}
    calls = plan_calls([*ROWS, blank], script=script, lookup=lookup)
    assert [call.plan.steps[0].chunk.text if call.plan else call.reason for call in calls[:2]] == [
        "86427777",
        "56787777",
    ]
    assert "`$pin` has no value" in calls[2].reason
    assert asked == ["code"]


def test_what_was_planned_is_sent_as_it_is_and_once() -> None:
    (planned,) = plan_calls([{"call_id": "a"}], script=SCRIPT, values={"pin": "8642"})
    with TestLine(speed=SPEED) as line:
        reports = dtmfdsl.send_many([planned, Call("z", planned.plan), planned], **to(line))
        assert [report.status for report in reports] == [Status.COMPLETE, Status.COMPLETE, Status.NOT_SENT]
        assert reports[2].reason == "this call is in an earlier row"
        assert (line.keys("a"), line.keys("z")) == ("18642#", "18642#")


def test_all_share_a_journal_and_each_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with TestLine(speed=SPEED) as line:
        line.misbehave("close-after", call_id="a", at=2)
        line.misbehave("409", call_id="b", at=2)
        first = dtmfdsl.send_many(ROWS, script=SCRIPT, **to(line, journal=path))
        assert [report.status for report in first] == [Status.UNKNOWN, Status.INCOMPLETE]
        rows = [*ROWS, {"call_id": "new", "pin": "1111"}]
        again = dtmfdsl.send_many(rows, script=SCRIPT, **to(line, journal=path), resume=True)
        assert [(report.status, report.undecided) for report in again] == [
            (Status.UNKNOWN, True),
            (Status.COMPLETE, False),
            (Status.COMPLETE, False),
        ]
        assert (again[0].accepted, again[0].strings) == (1, 2)
        assert again[0].summary == "string 2 of 2, ••••#, may or may not have been played"
        last = dtmfdsl.send_many(rows, script=SCRIPT, **to(line, journal=path), resume=True, doubt="skip")
        assert [report.skipped for report in last] == [(1,), (), ()]
        assert [line.keys(row["call_id"]) for row in rows] == ["18642#", "15678#", "11111#"]
        other = dtmfdsl.send_many(rows, script=SCRIPT + "; wait 9m", **to(line, journal=path), resume=True)
        assert {report.status for report in other} == {Status.NOT_SENT}
        assert "is of another script" in other[0].reason


def test_rows_that_are_all_wrong_begin_no_journal(tmp_path: Path) -> None:
    with TestLine() as line:
        rows = [{"call_id": "a", "pin": "1"}]
        (report,) = dtmfdsl.send_many(rows, script=SCRIPT, **to(line, journal=tmp_path / "j"))
        assert report.status is Status.NOT_SENT
    assert not list(tmp_path.iterdir())


def test_a_blank_is_a_value_where_no_keys_are_one() -> None:
    rows = [{"call_id": "a", "code": ""}, {"call_id": "b", "code": " "}, {"call_id": "c", "code": "12"}]
    for kind, expected in (
        ("0..10 digits", ["1#", "1#", "112#"]),
        ("0..10 digits = 7", ["17#", "17#", "112#"]),
    ):
        calls = plan_calls(rows, script=f"param code: {kind}; press 1 $code #")
        assert [call.plan.steps[0].chunk.text for call in calls if call.plan] == expected


def test_what_is_no_text_is_a_row_of_its_own() -> None:
    rows: Any = [{"call_id": "a", "pin": 8642}, {"call_id": "b", "pin": ["8642"]}, ROWS[1] | {"call_id": "c"}]
    calls = plan_calls(rows, script=SCRIPT)
    assert [call.reason for call in calls] == [
        "`pin` must be text, not int",
        "`pin` must be text, not list",
        "",
    ]


def test_a_program_is_planned_for_each_row_too() -> None:
    calls = plan_calls(ROWS, script=dtmfdsl.press("1") + dtmfdsl.wait("1s"))
    assert [call.plan.steps[0].chunk.text for call in calls if call.plan] == ["1W", "1W"]


def test_each_of_many_calls_has_a_participant_of_its_own() -> None:
    """For a carrier that has to know; another takes `to` for what it is in the script."""
    rows = [
        {"call_id": "c-1", "to": "+15550101", "pin": "12"},
        {"call_id": "c-2", "to": " ", "pin": "34"},
        {"call_id": "c-3", "to": "me", "pin": "56"},
    ]
    script = "param pin: 2 digits; press $pin"
    with TestLine(stand_in=STAND_INS["azure"], speed=SPEED) as line:
        reports = send_many(rows, script=script, carrier="azure", **to(line, to="+15550100"))
        assert [report.status for report in reports] == [Status.COMPLETE, Status.COMPLETE, Status.NOT_SENT]
        assert "who hears the keys" in reports[2].reason
        asked = {request.call_id: json.loads(request.body)["targetParticipant"] for request in line.requests}
        assert {id: each["phoneNumber"]["value"] for id, each in asked.items()} == {
            "c-1": "+15550101",
            "c-2": "+15550100",
        }
        without = send_many([{"call_id": "c-4", "pin": "12"}], script=script, carrier="azure", **to(line))
        assert without[0].status is Status.NOT_SENT
    with TestLine(speed=SPEED) as line:
        rows = [{"call_id": "c-1", "to": "12"}]
        (report,) = send_many(rows, script="param to: 2 digits; press $to", **to(line))
        assert report.status is Status.COMPLETE
        assert line.keys("c-1") == "12"


def test_many_strings_for_documents_have_the_limit_of_a_document() -> None:
    (call,) = plan_calls([{"call_id": "c"}], script="press 1; wait 5m; press 2", carrier="bandwidth")
    assert call.plan
    assert len(call.plan.steps) == 1
