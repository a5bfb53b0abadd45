"""Tokens that are fetched: when, how often, and what it means if there is none."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from lines import FakeClock
from rawserver import RawServer, headers_of

import dtmfdsl
from dtmfdsl.sending import CARRIERS, Kind, Outcome, Status
from dtmfdsl.sending.carriers.carrier import Token
from dtmfdsl.sending.tokens import Fetch, Tokens
from dtmfdsl.testline import STAND_INS, TestLine

BANDWIDTH = CARRIERS["bandwidth"]
GRANT = BANDWIDTH.grant(BANDWIDTH.credentials(STAND_INS["bandwidth"].account))
SCRIPT = 'press 1; wait up to 20s for "a"; press 2; wait up to {} for "b"; press 3'


@pytest.mark.parametrize(("last", "fetched"), [("30m", 1), ("58m", 1), ("59m", 2)])
def test_a_token_is_fetched_once_and_again_a_minute_before_its_end(
    last: str, fetched: int, clock: FakeClock
) -> None:
    with TestLine(stand_in=STAND_INS["bandwidth"], clock=clock) as line:
        to: dict[str, Any] = {"base_url": line.base_url, "credentials": line.credentials, "clock": clock}
        report = dtmfdsl.send(
            dtmfdsl.sending.plan_call(SCRIPT.format(last), carrier="bandwidth", attended=True),
            "c",
            carrier="bandwidth",
            **to,
        )
        assert report.status is Status.COMPLETE
        assert line.keys("c") == "123"
        paths = [request.path for request in line.requests]
        assert paths.count("/api/v1/oauth2/token") == fetched
        assert len(paths) == 3 + fetched
        assert "token-test" not in repr((report, line.requests))


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", Status.INCOMPLETE, "wrong credentials"),
        (b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", Status.INCOMPLETE, "wrong credentials"),
        (b"HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", Status.INCOMPLETE, "gave no access token (status 503), 2 times"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", Status.INCOMPLETE, "gave no access token (status 200), 2 times"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", Status.INCOMPLETE, "no access token"),
        (b"", Status.INCOMPLETE, "no access token: the connection was lost after sending began, 2 times"),
    ],
)  # fmt: skip
def test_without_a_token_nothing_was_sent_whatever_became_of_its_request(
    answer: bytes, status: Status, reason: str, clock: FakeClock
) -> None:
    account = STAND_INS["bandwidth"].account
    with RawServer(answer) as server:
        to: dict[str, Any] = {"base_url": server.base_url, "credentials": account, "clock": clock, "tries": 2}
        report = dtmfdsl.send("press 7391", "c", carrier="bandwidth", **to)
    assert report.status is status
    assert reason in report.reason
    for request in server.requests:
        assert request.startswith(b"POST /api/v1/oauth2/token HTTP/1.1\r\n")
        assert headers_of(request.partition(b"\r\n\r\n")[0])["authorization"].startswith("Basic ")
        assert request.endswith(b"\r\n\r\ngrant_type=client_credentials")
        assert b"7391" not in request


def test_the_token_of_the_vendor_comes_from_another_host() -> None:
    assert GRANT
    assert GRANT.request("https://voice.bandwidth.com").url == "https://api.bandwidth.com/api/v1/oauth2/token"
    assert GRANT.request("http://127.0.0.1:1/").url == "http://127.0.0.1:1/api/v1/oauth2/token"
    user = {"BW_ACCOUNT_ID": "a", "BW_USERNAME": "u", "BW_PASSWORD": "p"}
    assert BANDWIDTH.grant(BANDWIDTH.credentials(user)) is None


def test_many_threads_fetch_one_token_and_a_token_is_not_shown() -> None:
    assert GRANT
    tokens, fetches, gate = Tokens(), [], threading.Barrier(4, timeout=60)
    both = threading.Barrier(2)

    def fetch(asked: Fetch) -> Outcome:
        fetches.append(asked)
        with suppress(threading.BrokenBarrierError):  # nobody else comes here meanwhile
            both.wait(timeout=0.1)
        return asked.read(200, {}, b'{"access_token": "s3cret", "expires_in": 3600}', 0)

    def get(_: int) -> str | Outcome:
        gate.wait()
        return tokens.get(GRANT, 0, fetch)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(get, range(4))) == {"s3cret"}
    assert len(fetches) == 1
    assert "s3cret" not in repr((Token("s3cret", 0), tokens, fetches))
    assert tokens.get(GRANT, 3_539_999, fetch) == "s3cret"
    assert len(fetches) == 1
    assert tokens.get(GRANT, 3_540_000, fetch) == "s3cret"
    assert len(fetches) == 2
    refused = Tokens().get(GRANT, 0, lambda asked: asked.read(403, {}, b"", 0))
    assert isinstance(refused, Outcome)
    assert refused.kind is Kind.REFUSED
