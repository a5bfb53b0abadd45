"""The stand-in for Bandwidth v1: what it takes and refuses on the wire."""

from __future__ import annotations

import base64
import json

import attrs
import pytest
from wire import ACCOUNT, PATH, Clock, ask, send

from dtmfdsl.testline import BANDWIDTH_V1, TestLine


def test_a_good_request_is_answered_with_200_and_nothing(line: TestLine) -> None:
    answer = send(line, "007#*,W")
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "0")
    assert line.keys("c-1") == "007#*"
    (request,) = line.requests
    assert (request.number, request.call_id, request.method, request.path) == (1, "c-1", "POST", PATH)
    assert (request.status, request.at_ms, request.played, request.fault) == (200, 0, True, None)
    assert request.headers["Authorization"] == ACCOUNT
    assert json.loads(request.body) == {"dtmfOut": "007#*,W"}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic !!",
        "Bearer dC10ZXN0OnMtdGVzdA==",
        "Basic " + base64.b64encode(b"t-test:wrong").decode(),
    ],
)
def test_wrong_credentials_are_refused(line: TestLine, authorization: str | None) -> None:
    answer = send(line, Authorization=authorization)
    assert answer.status == 401
    assert answer.error["category"] == "authentication"
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert line.keys("c-1") == ""


def test_the_scheme_of_the_credentials_may_be_written_in_any_case(line: TestLine) -> None:
    assert send(line, Authorization=ACCOUNT.replace("Basic", "bASIC")).status == 200


def test_an_error_has_the_documented_shape(line: TestLine) -> None:
    line.calls["c-1"] = "completed"
    assert send(line).error == {
        "category": "forbidden",
        "code": "call-invalid-state",
        "message": "Unable to update call `c-1`. Invalid call state `completed`",
        "details": [
            {"name": "requestMethod", "value": "POST"},
            {"name": "remoteAddress", "value": "127.0.0.1"},
            {"name": "requestPath", "value": "users/u-test/calls/c-1/dtmf"},
        ],
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/v1/users/u-test/calls/c-1", 404, "resource-not-found"),
        ("POST", "/v1/users/u-test/calls/c-1/dtmf/", 404, "resource-not-found"),
        ("POST", "/v1/users/u-test/calls//dtmf", 404, "resource-not-found"),
        ("POST", "/v2/users/u-test/calls/c-1/dtmf", 404, "resource-not-found"),
        ("POST", "/", 404, "resource-not-found"),
        ("GET", PATH, 405, "method-not-allowed"),
        ("DELETE", PATH, 405, "method-not-allowed"),
        ("POST", PATH.replace("u-test", "u-other"), 401, "user-access-denied"),
    ],
)
def test_other_addresses_and_methods_are_refused(
    line: TestLine, method: str, path: str, status: int, code: str
) -> None:
    answer = ask(line, method, path, b'{"dtmfOut": "1"}')
    assert (answer.status, answer.error["code"]) == (status, code)
    assert [request.played for request in line.requests] == [False]
    assert line.keys("c-1") == ""


def test_a_path_is_decoded_after_it_is_split(line: TestLine) -> None:
    assert send(line, "1", "c%201%2F2%23x").status == 200
    assert send(line, "2", "c-1%2Fdtmf").status == 200
    assert [request.call_id for request in line.requests] == ["c 1/2#x", "c-1/dtmf"]
    assert (line.keys("c 1/2#x"), line.keys("c-1/dtmf"), line.keys("c-1")) == ("1", "2", "")


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_a_body_of_another_type_is_refused(line: TestLine, kind: str | None) -> None:
    assert send(line, Content_Type=kind).status == 415
    assert line.keys("c-1") == ""


def test_a_type_may_have_a_charset(line: TestLine) -> None:
    assert send(line, Content_Type="Application/JSON; charset=utf-8").status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b'"1"',
        b"[]",
        b"{}",
        b"{",
        b"\xff",
        b"[" * 50_000,
        b'{"dtmfOut": 12}',
        b'{"dtmfOut": null}',
        b'{"dtmfOut": ["1"]}',
        b'{"dtmfOut": {"dtmfOut": "1"}}',
        b'{"DtmfOut": "1"}',
        b'{"dtmfOut": "1", "more": 2}',
        b'{"dtmfOut": "1", "dtmfOut": "1"}',
        b'{"dtmfOut": ""}',
        b'{"dtmfOut": "a"}',
        b'{"dtmfOut": "E"}',
        b'{"dtmfOut": "1 2"}',
        b'{"dtmfOut": "1-2"}',
        b'{"dtmfOut": "%23"}',
        b'{"dtmfOut": "1\\n"}',
        b'{"dtmfOut": "\\ud800"}',
        '{"dtmfOut": "１"}'.encode(),
        json.dumps({"dtmfOut": "1" * 93}).encode(),
    ],
)
def test_a_body_that_is_not_one_string_of_the_dialect_is_refused(line: TestLine, body: bytes) -> None:
    answer = ask(line, "POST", PATH, body)
    assert (answer.status, answer.error["code"], answer.error["category"]) == (
        400,
        "validation-error",
        "bad-request",
    )
    assert line.keys("c-1") == ""


def test_every_character_and_92_of_them_are_taken(line: TestLine) -> None:
    text = "0123456789ABCD*#,wW".ljust(92, "7")
    assert send(line, text).status == 200
    assert line.keys("c-1") == text.replace(",wW", "")


@pytest.mark.parametrize(
    ("state", "status"),
    [("started", 403), ("completed", 403), ("rejected", 403), ("active", 200), ("transferring", 200)],
)
def test_only_a_call_that_is_up_takes_keys(line: TestLine, state: str, status: int) -> None:
    line.calls["c-1"] = state
    assert send(line).status == status
    assert line.keys("c-1") == ("1" if status == 200 else "")


def test_a_strict_line_knows_its_calls_alone() -> None:
    with TestLine(strict=True) as line:
        line.calls["c-1"] = "active"
        assert send(line).status == 200
        answer = send(line, call="c-2")
        assert (answer.status, answer.error["code"]) == (404, "call-not-found")


def test_the_reset_can_be_in_seconds(clock: Clock) -> None:
    with TestLine(clock=clock, stand_in=attrs.evolve(BANDWIDTH_V1, reset_in_seconds=True)) as line:
        send(line)
        assert send(line).headers["X-RateLimit-Reset"] == "1700000007"
