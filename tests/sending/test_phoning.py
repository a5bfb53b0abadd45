"""Calls of a phone: placed, waited for, played on and hung up, and how each end of one is reported."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtualtime import Time, run

import dtmfdsl
from dtmfdsl.sending import (
    Delivery,
    NotPressed,
    Placing,
    Report,
    Status,
    Watcher,
    call_by_sip_async,
    plan_keys,
)
from dtmfdsl.sending.baresip import Baresip
from dtmfdsl.sending.delivery import timetable
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.sending.sip import Account, Phone

ACCOUNT = {"SIP_URI": "sip:near@example.org", "SIP_PASSWORD": "geheim"}


class FakePhone:
    """A phone whose line does what `comes` has: (milliseconds from the dialling, state), one after the other."""

    tone_ms = 100
    gap_ms = 100
    settle_ms = 500

    def __init__(self, loop: Time, *comes: tuple[float, CallState], why: str = "", starts_ms: float = 0):
        self.starts_ms = starts_ms
        self.loop, self.comes, self.then = loop, comes, why
        self.state: CallState | None = None
        self.why = ""
        self.dialled: list[str] = []
        self.keys: list[tuple[str, int]] = []
        self.hung_up_ms: float | None = None
        self.open = False
        self.lasts_ms = 0.0
        self.ended = asyncio.Event()
        self.answered_ms = 0.0

    @asynccontextmanager
    async def running(self, account: Account, address: str, longest_ms: float) -> AsyncIterator[None]:
        await asyncio.sleep(self.starts_ms / 1000)
        self.open, self.lasts_ms = True, longest_ms
        try:
            yield
        finally:
            self.open = False

    def dial(self, address: str) -> None:
        self.dialled.append(address)
        for after_ms, state in self.comes:
            self.loop.call_later(after_ms / 1000, self.become, state)

    def become(self, state: CallState) -> None:
        if self.ended.is_set():
            return
        self.state = state
        if state is CallState.ANSWERED:
            self.answered_ms = self.loop.ms
        elif state is not CallState.RINGING:
            self.why = self.then
            self.ended.set()

    async def press(self, key: str) -> None:
        assert self.open
        if self.state is not CallState.ANSWERED:
            raise NotPressed(self.why)
        self.keys.append((key, round(self.loop.ms - self.answered_ms)))

    async def hang_up(self) -> None:
        self.hung_up_ms = self.loop.ms - self.answered_ms
        self.become(CallState.ENDED)

    async def over(self) -> None:
        await self.ended.wait()


ANSWERS = ((100, CallState.RINGING), (3_000, CallState.ANSWERED))


def called(
    script: str, *comes: tuple[float, CallState], why: str = "", **options: Any
) -> tuple[FakePhone, Report]:
    async def main(loop: Time) -> tuple[FakePhone, Report]:
        phone = FakePhone(loop, *comes, why=why)
        options.setdefault("to", "sip:far@example.org")
        report = await call_by_sip_async(script, credentials=ACCOUNT, phone=phone, clock=loop, **options)
        return phone, report

    return run(main)


def test_fake_and_real_phones_are_phones() -> None:
    def takes(phone: Phone) -> None: ...

    async def main(loop: Time) -> None:
        takes(FakePhone(loop))

    run(main)


def test_keys_begin_when_the_line_has_settled_and_the_hang_up_comes_after_them() -> None:
    phone, report = called("press 1; wait 3.5s; press 59#", *ANSWERS)
    assert phone.dialled == ["sip:far@example.org"]
    assert "".join(key for key, _ in phone.keys) == "159#"
    begins = phone.keys[0][1]
    assert 500 <= begins <= 500 + 2 * 50
    assert [at - begins for _, at in phone.keys] == [0, 3_700, 3_900, 4_100]
    assert phone.hung_up_ms is not None
    assert phone.hung_up_ms >= phone.keys[-1][1] + 200
    assert phone.lasts_ms >= 60_000 + phone.hung_up_ms
    assert not phone.open
    assert (report.status, report.accepted, report.hung_up) == (Status.COMPLETE, 4, True)


@pytest.mark.parametrize(
    ("state", "why", "status", "reason"),
    [
        (CallState.BUSY, "the line was busy", Status.BUSY, "the line was busy"),
        (CallState.REJECTED, "the call was rejected", Status.REJECTED, "the call was rejected"),
        (CallState.NO_ANSWER, "nobody answered", Status.NO_ANSWER, "nobody answered"),
        (CallState.FAILED, "there is no such number", Status.FAILED, "there is no such number"),
        (CallState.FAILED, "", Status.FAILED, "the call failed"),
    ],
)
def test_a_call_that_does_not_come_about(state: CallState, why: str, status: Status, reason: str) -> None:
    phone, report = called("press 1", (50, CallState.RINGING), (700, state), why=why)
    assert (report.status, report.reason, report.accepted) == (status, reason, 0)
    assert not phone.keys
    assert len(phone.dialled) == 1


@pytest.mark.parametrize(("rings", "words"), [(True, "nobody answered"), (False, "it does not even ring")])
def test_a_call_that_is_not_answered_is_given_up_and_hung_up(rings: bool, words: str) -> None:
    phone, report = called("press 1", *ANSWERS[: int(rings)], answer_ms=2_000)
    assert report.status is Status.NO_ANSWER
    assert words in report.reason
    assert "within 2s" in report.reason
    assert phone.hung_up_ms is not None


@given(ends_ms=st.integers(3_001, 20_000))
def test_a_line_that_goes_in_the_middle_is_noticed_at_once_and_reported_truly(ends_ms: int) -> None:
    phone, report = called(
        "press 12; wait 4s; press 34; wait 5s",
        *ANSWERS,
        (ends_ms, CallState.ENDED),
        why="the far end hung up",
    )
    keys = "".join(key for key, _ in phone.keys)
    assert report.accepted == len(keys)
    assert "1234".startswith(keys)
    assert len(phone.dialled) == 1
    played = len(keys) == 4 and ends_ms - 3_000 >= phone.keys[-1][1] + 200
    assert report.status is (Status.COMPLETE if played else Status.DROPPED)
    assert played or "the far end hung up" in report.reason


class Noting(Watcher):
    """Keeps what is over, and when that was."""

    delivery: Delivery | Placing | None = None
    at_ms = 0.0

    def over(self, delivery: Delivery | Placing) -> None:
        self.delivery = delivery
        self.at_ms = asyncio.get_running_loop().time() * 1000 - 1_000


def test_a_line_that_goes_is_noticed_in_the_middle_of_a_long_wait() -> None:
    noting = Noting()
    called("press 1; wait 60min; press 2", *ANSWERS, (9_000, CallState.ENDED), watcher=noting)
    assert 9_000 <= noting.at_ms < 10_000


def test_a_task_that_is_cancelled_hangs_up_and_says_what_was_pressed(tmp_path: Path) -> None:
    async def main(loop: Time) -> FakePhone:
        phone = FakePhone(loop, *ANSWERS)
        calling = call_by_sip_async(
            "press 1; wait 60min; press 2", to="100", credentials=ACCOUNT, phone=phone, clock=loop,
            journal=tmp_path / "j",
        )  # fmt: skip
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(calling, 10)
        return phone

    phone = run(main)
    assert [key for key, _ in phone.keys] == ["1"]
    assert phone.dialled == ["sip:100@example.org"]
    assert phone.hung_up_ms is not None
    assert not phone.open
    lines = [json.loads(line) for line in (tmp_path / "j").read_text().splitlines()]
    assert [(line["event"], line.get("status")) for line in lines] == [
        ("plan", None),
        ("placing", None),
        ("placed", None),
        ("sending", None),
        ("ended", None),
        ("over", "interrupted"),
    ]


def test_a_task_that_is_cancelled_before_the_phone_is_ready_places_no_call() -> None:
    noting = Noting()

    async def main(loop: Time) -> FakePhone:
        phone = FakePhone(loop, *ANSWERS, starts_ms=5_000)
        options: Any = {"credentials": ACCOUNT, "phone": phone, "clock": loop, "watcher": noting}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call_by_sip_async("press 1", to="100", **options), 2)
        return phone

    assert run(main).dialled == []
    assert noting.delivery
    assert noting.delivery.status is Status.INTERRUPTED


def test_the_number_is_that_of_the_script_or_of_to() -> None:
    phone, _ = called("call +1 555 0100; press 1", *ANSWERS, to=None)
    assert phone.dialled == ["sip:+15550100@example.org"]
    phone, _ = called("call +1 555 0100; press 1", *ANSWERS)
    assert phone.dialled == ["sip:far@example.org"]


def test_a_carrier_of_this_name_leads_to_it() -> None:
    with pytest.raises(dtmfdsl.DtmfError, match="`call_by_sip` of dtmfdsl"):
        dtmfdsl.call("press 1", carrier="sip", to="sip:far@127.0.0.1")
    assert dtmfdsl.call_by_sip is dtmfdsl.sending.call_by_sip


def test_the_times_of_its_dialect_are_those_of_the_phone() -> None:
    dialect = dtmfdsl.get_dialect("sip")
    assert (dialect.tone_ms, dialect.gap_ms) == ((Baresip.tone_ms,) * 2, (Baresip.gap_ms,) * 2)
    script = "press 1; wait 3.5s; press 59#"
    times, over = timetable(plan_keys(script, tone_ms=Baresip.tone_ms, gap_ms=Baresip.gap_ms), 0)
    line = dtmfdsl.compile(script, dialect="sip", waits="beside").timeline()
    assert [(key.start.earliest_ms, key.start.latest_ms) for key in line.keys] == [(at, at) for at in times]
    assert (line.ends.earliest_ms, line.ends.latest_ms) == (over, over)


@pytest.mark.parametrize(
    ("script", "options", "code"),
    [
        ("press 1", {"to": None}, "no-number"),
        ("press 1", {"to": "far@example.org"}, "bad-number"),
        ("press 1", {"to": "sip:far@example.org\n/quit"}, "bad-number"),
        ("press x", {}, "unknown-key"),
    ],
)
def test_what_is_wrong_is_said_before_the_phone_rings(script: str, options: Any, code: str) -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        called(script, *ANSWERS, **options)
    assert caught.value.diagnostics[0].code == code
