"""The front door for one call: from a script to a report, with a journal and without."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lines import PLAN, FakeClock

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending import Delivery, Kind, Plan, Status, Watcher, make_plan, plan_call, plan_calls
from dtmfdsl.sending.journal import Journal
from dtmfdsl.testline import TestLine

SCRIPT = "secret pin: 4 digits; press 1; wait 5m; press $pin #; wait 5m; press 9"
PIN = {"pin": "7391"}


def to(line: TestLine, clock: FakeClock, **more: Any) -> dict[str, Any]:
    return {"base_url": line.base_url, "credentials": line.credentials, "clock": clock, **more}


def code_of(caught: pytest.ExceptionInfo[DtmfError]) -> str:
    (found,) = caught.value.diagnostics
    return found.code


def test_text_tree_program_and_plan_are_all_sent(line: TestLine, clock: FakeClock) -> None:
    text = "press 1; wait 500ms; press 59#"
    program = dtmfdsl.press("1") + dtmfdsl.wait("500ms") + dtmfdsl.press("59#")
    for n, script in enumerate(
        (text, dtmfdsl.Source("s", text), dtmfdsl.parse(text), program, plan_call(text))
    ):
        report = dtmfdsl.send(script, f"c-{n}", **to(line, clock))
        assert (report.call_id, report.status, report.summary) == (f"c-{n}", Status.COMPLETE, "accepted")
        assert line.keys(f"c-{n}") == "159#"


def test_a_report_has_where_it_stopped_and_shows_no_key(line: TestLine, clock: FakeClock) -> None:
    line.misbehave("503-after", at=2)
    report = dtmfdsl.send(SCRIPT, "c-1", values=PIN, **to(line, clock))
    assert (report.status, report.accepted, report.strings) == (Status.UNKNOWN, 1, 3)
    assert report.summary.startswith("string 2 of 3, ••••#: the carrier failed (status 503)")
    line.calls["c-2"] = "completed"
    report = dtmfdsl.send(SCRIPT, "c-2", values=PIN, **to(line, clock))
    assert report.summary == "string 1 of 3, 1: the call is not active; 0 of 3 accepted"
    assert "7391" not in repr(report) + str(report) + report.summary


def test_the_account_is_the_environments_and_the_address_the_carriers(
    line: TestLine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in line.credentials.items():
        monkeypatch.setenv(name, value)
    assert dtmfdsl.send("press 1", "c-1", base_url=line.base_url, clock=clock).status is Status.COMPLETE
    monkeypatch.delenv("BANDWIDTH_API_TOKEN")
    with pytest.raises(DtmfError, match="BANDWIDTH_API_TOKEN") as caught:
        dtmfdsl.send("press 1", "c-1", base_url=line.base_url, clock=clock)
    assert code_of(caught) == "no-credentials"
    for base_url in ("", "nonsense"):
        with pytest.raises(DtmfError) as caught:
            dtmfdsl.send("press 1", "c-1", **to(line, clock, base_url=base_url))
        assert code_of(caught) == "bad-address"


@pytest.mark.parametrize("doubt", ["repeat", "skip"])
def test_a_journal_takes_it_up_again_and_a_doubt_needs_a_decision(
    line: TestLine, clock: FakeClock, tmp_path: Path, doubt: str
) -> None:
    path = tmp_path / "call.journal"
    arguments = to(line, clock, values=PIN, journal=path)
    line.misbehave("close-before" if doubt == "repeat" else "close-after", at=2)
    assert dtmfdsl.send(SCRIPT, "c-1", **arguments).status is Status.UNKNOWN
    for wrong in (None, "perhaps"):
        with pytest.raises(DtmfError, match="string 2 of 3, ••••#, may or may not") as caught:
            dtmfdsl.send(SCRIPT, "c-1", **arguments, resume=True, doubt=wrong)  # type: ignore[arg-type]
        assert code_of(caught) == "in-doubt"
    report = dtmfdsl.send(SCRIPT, "c-1", **arguments, resume=True, doubt=doubt)  # type: ignore[arg-type]
    assert report.status is Status.COMPLETE
    assert (report.accepted, report.skipped) == ((3, ()) if doubt == "repeat" else (2, (1,)))
    assert report.summary == ("all 3 accepted" if doubt == "repeat" else "2 of 3 accepted, string 2 left out")
    assert line.keys("c-1") == "17391#9"


def test_what_cannot_be_sent_leaves_no_journal(line: TestLine, clock: FakeClock, tmp_path: Path) -> None:
    arguments = to(line, clock, journal=tmp_path / "j")
    vonage = make_plan(dtmfdsl.press("1"), dtmfdsl.get_dialect("vonage"))
    for script, call, code in (
        ("press a", "c-1", "unknown-key"), ("// nothing", "c-1", "empty-program"), ("press 1", "..", "bad-id"),
        (vonage, "c-1", "other-dialect"),
    ):  # fmt: skip
        with pytest.raises(DtmfError) as caught:
            dtmfdsl.send(script, call, **arguments)
        assert code_of(caught) == code
    with pytest.raises(DtmfError, match="no journal to resume"):
        dtmfdsl.send("press 1", "c-1", **to(line, clock), resume=True)
    assert not list(tmp_path.iterdir())
    assert not line.requests


def test_an_outcome_that_the_journal_lacks_is_in_the_report(
    line: TestLine, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Journal._write
    written: list[object] = []

    def failing(self: Journal, *entries: Any) -> None:
        if len(written) == 2:
            raise self._error("unwritable-journal", "the journal cannot be written", None)
        written.append(entries)
        write(self, *entries)

    monkeypatch.setattr(Journal, "_write", failing)
    report = dtmfdsl.send(SCRIPT, "c-1", values=PIN, **to(line, clock, journal=tmp_path / "j"))
    assert (report.status, report.accepted, report.unrecorded) == (Status.INCOMPLETE, 1, Kind.ACCEPTED)


def test_a_watcher_is_called_at_the_beginning_and_the_end(line: TestLine, clock: FakeClock) -> None:
    heard: list[tuple[str, int, Status]] = []

    class Noting(Watcher):
        def begun(self, delivery: Delivery) -> None:
            heard.append(("begun", delivery.index, delivery.status))

        def over(self, delivery: Delivery) -> None:
            heard.append(("over", delivery.index, delivery.status))

    dtmfdsl.send(PLAN, "c-1", **to(line, clock), watcher=Noting())
    assert heard == [("begun", 0, Status.UNDER_WAY), ("over", 3, Status.COMPLETE)]


def test_tries_and_a_deadline_take_effect(line: TestLine, clock: FakeClock) -> None:
    line.misbehave("429", call_id="a", times=5)
    report = dtmfdsl.send("press 1", "a", **to(line, clock), tries=2)
    assert report.reason == "too many requests, 2 times"
    line.misbehave("429", call_id="b")
    assert "no time is left" in dtmfdsl.send("press 1", "b", **to(line, clock), deadline_ms=1).reason


def test_a_cue_is_asked_for(line: TestLine, clock: FakeClock) -> None:
    asked: list[str] = []
    script = 'press 1; wait up to 5m for "PIN"; press 2'
    dtmfdsl.send(script, "c", **to(line, clock), ask=lambda cue, left: asked.append(cue))
    assert asked == ["PIN"]
    first, second = (key.start_ms for key in line.heard("c"))
    assert second - first == 1_000


def test_a_plan_holds_every_warning_and_speaks_the_carriers_dialect() -> None:
    plan = plan_call("press 1; wait 1.2s; press 2", half_second="w")
    assert isinstance(plan, Plan)
    assert [warning.code for warning in plan.warnings] == ["rounded-pause"]
    assert plan.steps[0].chunk.text == "1Ww2"
    with pytest.raises(DtmfError, match="has no pause of"):
        plan_call("press 1; wait 1.2s; press 2", rounding="error")


def test_the_options_of_compile_are_options_of_sending_too(line: TestLine, clock: FakeClock) -> None:
    script = 'use "menu.dtmf"; secret pin: 4 digits; press 1; wait 500ms; open(); press $pin'
    how: dict[str, Any] = {
        "loader": dtmfdsl.Memory({"menu.dtmf": "define open() { press 9 }"}),
        "lookup": lambda param: "7391",
        "half_second": "w",
    }
    assert dtmfdsl.send(script, "c", **to(line, clock), **how).status is Status.COMPLETE
    assert line.keys("c") == "197391"
    assert '"1w97391"' in line.requests[0].body
    (call,) = plan_calls([{"call_id": "d"}], script=script, **how)
    assert call.plan
    assert [step.chunk.text for step in call.plan.steps] == ["1w97391"]
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.send(script, "e", **to(line, clock, values=PIN), **how, exposed=["pin"])
    assert code_of(caught) == "exposed-secret"


def test_an_option_that_there_is_not_is_an_error_before_anything_is_sent(
    line: TestLine, clock: FakeClock, tmp_path: Path
) -> None:
    wrong: dict[str, Any] = to(line, clock, journl=tmp_path / "j")
    for send in (
        lambda: dtmfdsl.send("press 1", "c", **wrong),
        lambda: asyncio.run(dtmfdsl.send_async("press 1", "c", **wrong)),
        lambda: dtmfdsl.send_many([{"call_id": "c"}], script="press 1", **wrong),
        lambda: plan_call("press 1", journal="j"),  # type: ignore[call-arg]
        lambda: plan_calls([{"call_id": "c"}], script="press 1", tries=1),  # type: ignore[call-arg]
    ):
        with pytest.raises(TypeError, match=r"unexpected keyword argument '(journl|journal|tries)'"):
            send()
    assert not line.requests


def test_without_the_packages_of_the_extra_the_error_names_it() -> None:
    code = (
        "import sys; sys.modules['requests'] = None; import dtmfdsl; dtmfdsl.compile('press 1'); dtmfdsl.{}"
    )
    for name in ("send", "send_async", "send_many"):
        ended = subprocess.run(
            [sys.executable, "-P", "-c", code.format(name)], capture_output=True, text=True
        )
        *_, last = ended.stderr.splitlines()
        assert last == (
            "ModuleNotFoundError: sending needs packages that are not installed: pip install 'dtmfdsl[send]'"
        )
