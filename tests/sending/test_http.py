"""One request over real HTTP: what goes over the wire, and what is known of it afterwards."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import attrs
import pytest
import requests
import trustme
from lines import ACCOUNT, FAULTS, SAFE, FakeClock, Relay, command, dead_address, sender_to
from requests.adapters import HTTPAdapter

from dtmfdsl import DtmfError
from dtmfdsl.sending.http import make_session
from dtmfdsl.sending.outcomes import Kind, Outcome
from dtmfdsl.sending.sender import Sender
from dtmfdsl.testline import TestLine


def test_the_environments_proxy_is_asked_and_nothing_else_of_it(
    line: TestLine, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("default login wrong password wrong")
    monkeypatch.setenv("HOME", str(tmp_path))
    with Relay(line) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.address}")
        monkeypatch.delenv("no_proxy", raising=False)
        with make_session("http://carrier.example") as session:
            sender = Sender(
                line.credentials,
                base_url="http://carrier.example",
                session=session,
                clock=clock,
                insecure_http=True,
            )
            assert sender.post(command("c-1", "12")).kind is Kind.ACCEPTED
    assert line.requests[0].headers.get("Host") == "carrier.example"
    assert proxy.served == 1


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "127.1.2.3", "[::1]"])
def test_no_proxy_reads_what_is_for_this_machine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(variable, "http://proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    assert make_session(f"http://{name}:8080").proxies == {}
    assert make_session("http://carrier.example").proxies["http"] == "http://proxy.example:3128"


def test_an_unforeseen_failure_is_a_doubt(line: TestLine, clock: FakeClock) -> None:
    sender = sender_to(line, clock)
    sender.session.hooks["response"] = [lambda answer, **options: 1 / 0]
    assert sender.post(command("c-1", "12")) == Outcome(Kind.UNKNOWN, "the sender failed (ZeroDivisionError)")
    assert line.keys("c-1") == "12"


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("error", [requests.ConnectionError, requests.ReadTimeout, RuntimeError])
def test_the_text_of_an_error_is_not_shown(
    line: TestLine, clock: FakeClock, error: type[Exception], asked: bool
) -> None:
    class Failing(HTTPAdapter):
        def send(self, request: requests.PreparedRequest, *rest: Any, **options: Any) -> requests.Response:
            body = b"".join(request.body) if asked else request.body.content
            raise error(f"sent {body!r}")

    session = requests.Session()
    session.mount("http://", Failing())
    outcome = sender_to(line, clock, session=session).post(command("c-1", "7391"))
    assert (outcome.kind is Kind.UNKNOWN) == asked
    assert error is not requests.ReadTimeout or not asked or outcome.reason == "no answer in time"
    assert "7391" not in repr(outcome)


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("verify", [None, False])
def test_certificates_are_checked_whatever_the_session_says(
    line: TestLine,
    clock: FakeClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
    verify: bool | None,
) -> None:
    authority = trustme.CA()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(tmp_path / "authority.pem")
    if verify is False:  # and there is nothing that it could be trusted by
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        trusted = False
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Relay(line, context) as relay:
        session = make_session(relay.base_url)
        if verify is not None:
            session.verify, session.trust_env = verify, True
        outcome = sender_to(line, clock, session=session, base_url=relay.base_url).post(command("c-1", "12"))
    assert outcome.kind is (Kind.ACCEPTED if trusted else Kind.REFUSED)
    assert line.keys("c-1") == ("12" if trusted else "")


def test_credentials_do_not_follow_a_redirect(line: TestLine, clock: FakeClock) -> None:
    line.misbehave("redirect")
    assert sender_to(line, clock).post(command("c-1", "12")).kind is Kind.REFUSED
    assert len(line.requests) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_the_outcome_of_a_request_is_true(line: TestLine, clock: FakeClock, fault: str) -> None:
    line.misbehave(fault)
    outcome = sender_to(line, clock).post(command("c-1", "12"))
    heard = line.keys("c-1")
    line.release()
    match outcome.kind:
        case Kind.ACCEPTED:
            assert heard == "12"
        case Kind.NOT_EXECUTED:
            assert heard == ""
        case Kind.REFUSED:
            assert heard == ""
        case Kind.UNKNOWN:
            assert fault not in SAFE
    assert (outcome.kind is Kind.NOT_EXECUTED) == (fault in SAFE)
    assert "12" not in outcome.reason


def test_an_answer_that_does_not_come_in_time_is_a_doubt(clock: FakeClock) -> None:
    with TestLine(clock=clock) as line:
        line.misbehave("no-answer-after")
        sender = attrs.evolve(sender_to(line, clock), answer_seconds=0.1)
        assert sender.post(command("c-1", "12")) == Outcome(Kind.UNKNOWN, "no answer in time")


def test_where_no_server_listens_nothing_was_executed(clock: FakeClock) -> None:
    with TestLine(clock=clock) as line:
        sender = sender_to(line, clock)
    assert sender.post(command("c-1", "12")).kind is Kind.NOT_EXECUTED
    assert (
        Sender(ACCOUNT, base_url="https://no-such-host.invalid", clock=clock).post(command("c", "1")).kind
        is Kind.NOT_EXECUTED
    )
    for url in (
        "nonsense",
        "ftp://x",
        "http://",
        "http://:pw@h",
        "http://h?",
        "http://h/#f",
        "http://h:99999",
        "http://h\\x",
        "http://h/a b",
        "http://h/\nx",
    ):
        with pytest.raises(DtmfError, match="bad-address"):
            Sender(ACCOUNT, base_url=url, clock=clock)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("200 OK\r\nContent-Length: 100", Kind.ACCEPTED), ("200 OK\r\nTransfer-Encoding: chunked", Kind.ACCEPTED),
        ("202 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3", Kind.ACCEPTED),
        ("429 No\r\nContent-Length: 100", Kind.NOT_EXECUTED), ("404 No\r\nContent-Length: 100", Kind.REFUSED),
        ('503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n19\r\ncode":"call-unavailable"}\r\n0\r\n', Kind.REFUSED),
        ("503 No\r\nContent-Length: 100", Kind.UNKNOWN), ("307 No\r\nLocation: /x\r\nContent-Length: 9", Kind.REFUSED),
    ],
)  # fmt: skip
def test_a_status_counts_even_if_what_comes_after_it_breaks_off(
    line: TestLine, clock: FakeClock, head: str, kind: Kind
) -> None:
    with Relay(line, answer=f"HTTP/1.1 {head}\r\n\r\nabc".encode()) as relay:
        assert sender_to(line, clock, base_url=relay.base_url).post(command("c-1", "12")).kind is kind


@pytest.mark.parametrize("loses", [False, True])
def test_a_proxy_that_loses_the_answer_leaves_a_doubt(line: TestLine, clock: FakeClock, loses: bool) -> None:
    """urllib3 reports a proxy that cannot be reached, though the request had gone through it."""
    with Relay(line, loses=loses) as proxy:
        session = make_session(line.base_url)
        session.proxies = {"http": f"http://{proxy.address}"}
        outcome = sender_to(line, clock, session=session).post(command("c-1", "12"))
    assert outcome.kind is (Kind.UNKNOWN if loses else Kind.ACCEPTED)
    assert line.keys("c-1") == "12"


@pytest.mark.parametrize("way", ["no tls", "dead proxy", "dead proxy for tls", "proxy that refuses"])
def test_what_never_left_was_certainly_not_executed(line: TestLine, clock: FakeClock, way: str) -> None:
    session = make_session(line.base_url)
    url = line.base_url
    with Relay(line) as proxy:
        match way:
            case "no tls":
                url = url.replace("http:", "https:")
            case "dead proxy":
                session.proxies = {"http": f"http://{dead_address()}"}
            case "dead proxy for tls":
                session.proxies = {"https": f"http://{dead_address()}"}
                url = url.replace("http:", "https:")
            case "proxy that refuses":
                session.proxies = {"https": f"http://{proxy.address}"}
                url = url.replace("http:", "https:")
        outcome = sender_to(line, clock, session=session, base_url=url).post(command("c-1", "12"))
    assert outcome.kind is Kind.NOT_EXECUTED, outcome
    assert line.keys("c-1") == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verify": "/nowhere/at/all"}, "certificates"),
        ({"proxies": {"https": "foo:bar"}}, "the proxy's"),
        ({"auth": "wrong"}, None),
    ],
)
def test_what_cannot_be_sent_at_all_is_refused_and_not_tried_again(
    line: TestLine, clock: FakeClock, change: dict[str, Any], said: str | None
) -> None:
    session = make_session(line.base_url)
    for name, value in change.items():
        setattr(session, name, value)
    url = line.base_url.replace("http:", "https:") if said else "https://a..b"
    outcome = sender_to(line, clock, session=session, base_url=url).post(command("c-1", "12"))
    assert outcome.kind is Kind.REFUSED
    assert (said or "not an address") in outcome.reason
