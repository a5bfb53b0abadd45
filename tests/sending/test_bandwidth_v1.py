"""Bandwidth v1: how it is asked, and how its answers read."""

from __future__ import annotations

import base64
import json

import pytest
from lines import ACCOUNT, FakeClock, command, sender_to

from dtmfdsl import DtmfError
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Credentials
from dtmfdsl.sending.carriers.bandwidth_v1 import SECRET, TOKEN, USER_ID
from dtmfdsl.sending.outcomes import Kind, Outcome
from dtmfdsl.sending.sender import Sender
from dtmfdsl.testline import TestLine


def test_the_seven_facts_of_the_wire(line: TestLine, clock: FakeClock) -> None:
    assert sender_to(line, clock).post(command("c 1/2#x", "007#*,W")).kind is Kind.ACCEPTED
    (request,) = line.requests
    assert request.method == "POST"
    assert request.path == f"/v1/users/{line.credentials[USER_ID]}/calls/c%201%2F2%23x/dtmf"
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert (
        headers["authorization"]
        == "Basic "
        + base64.b64encode(f"{line.credentials[TOKEN]}:{line.credentials[SECRET]}".encode()).decode()
    )
    assert headers["content-type"] == "application/json"
    assert json.loads(request.body) == {"dtmfOut": "007#*,W"}
    assert line.keys("c 1/2#x") == "007#*"


@pytest.mark.parametrize("call_id", ["", ".", "..", "a\nb", "\0"])
def test_an_id_that_could_lead_elsewhere_is_refused(line: TestLine, clock: FakeClock, call_id: str) -> None:
    with pytest.raises(DtmfError, match="cannot be part"):
        sender_to(line, clock).post(command(call_id, "1"))
    assert not line.requests


def test_a_user_id_is_escaped_or_refused_too(line: TestLine, clock: FakeClock) -> None:
    line.credentials = Credentials({**line.credentials, USER_ID: "u/1 ü"})
    assert sender_to(line, clock).post(command("c-1", "1")).kind is Kind.ACCEPTED
    assert line.requests[0].path == "/v1/users/u%2F1%20%C3%BC/calls/c-1/dtmf"
    with pytest.raises(DtmfError, match="cannot be part"):
        Sender(Credentials({**ACCOUNT, USER_ID: ".."}))


def test_credentials_are_utf_8(line: TestLine, clock: FakeClock) -> None:
    line.credentials = Credentials({**line.credentials, TOKEN: "t-ü", SECRET: "s-€"})
    assert sender_to(line, clock).post(command("c-1", "1")).kind is Kind.ACCEPTED


def test_a_reset_is_read_in_milliseconds_and_in_seconds() -> None:
    for header, wait in (
        ("1700000002500", 2_500),
        ("1700000003", 3_000),
        ("1699999999", 0),
        ("17000000025000", 120_000),
        ("999999999999", 0),  # twelve digits are milliseconds
        ("soon", None),
    ):
        outcome = BANDWIDTH_V1.read(429, {"X-RateLimit-Reset": header}, b"", 1_700_000_000_000)
        assert outcome == Outcome(Kind.NOT_EXECUTED, "too many requests", wait, too_many=True)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "accepted"), (201, "accepted"), (202, "accepted"), (204, "accepted"), (300, "unknown"), (302, "unknown"),
        (303, "unknown"), (307, "refused"), (308, "refused"), (400, "refused"), (401, "refused"), (404, "refused"),
        (408, "unknown"), (409, "refused"), (413, "refused"), (429, "not executed"), (500, "unknown"), (504, "unknown"),
    ],
)  # fmt: skip
def test_what_each_status_means(status: int, kind: str) -> None:
    assert BANDWIDTH_V1.read(status, {}, b"", 0).kind == kind


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"code": 7}', b'{"code": "1234 5678"}', b"\xff", b'{"message": "7391"}']
)
@pytest.mark.parametrize(
    "status", [200, 202, 302, 400, 401, 403, 404, 408, 409, 415, 429, 500, 502, 503, 504, 599]
)
def test_any_answer_is_read_without_repeating_it(status: int, body: bytes) -> None:
    outcome = BANDWIDTH_V1.read(status, {}, body, 0)
    assert "7391" not in outcome.reason
    assert "1234" not in outcome.reason
    if outcome.kind is Kind.NOT_EXECUTED:
        assert status == 429
