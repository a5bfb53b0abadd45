"""Every carrier: its exact requests, what its answers mean, and that no fault makes a report untrue."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
import requests
from expectations import EXPECTED, ID, WALL_MS, Answer
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from lines import FAULTS, PATIENCE, FakeClock, keys_in
from rawserver import RawServer, headers_of
from requests.structures import CaseInsensitiveDict

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.sending import CARRIERS, Carrier, Command, Credentials, Journal, Kind, Outcome, Plan, Status
from dtmfdsl.sending.delivery import Send
from dtmfdsl.sending.front import delivery_of, planned
from dtmfdsl.sending.sender import Sender, Watcher
from dtmfdsl.testline import STAND_INS, LineEvent, Received, TestLine
from dtmfdsl.testline.server import Incoming

EACH = pytest.mark.parametrize("name", CARRIERS)
BASE_URL = "https://h.invalid"
SOMEBODY = "+15550100"


def test_every_carrier_has_a_row_of_expectations() -> None:
    assert set(EXPECTED) == set(CARRIERS) == set(STAND_INS)


@EACH
def test_the_request_of_a_carrier_is_just_this(name: str) -> None:
    carrier, expected = CARRIERS[name], EXPECTED[name]
    account = carrier.credentials({**expected.account, "OTHER": "x"})
    assert account == expected.account
    for base_url in (BASE_URL, f"{BASE_URL}/"):
        request = carrier.request(base_url, account, expected.command)
        authentication = carrier.authentication(request, account, WALL_MS)
        found = {key: as_text(value) for key, value in {**request.headers, **authentication}.items()}
        assert (request.method, request.url) == (expected.method, BASE_URL + expected.path)
        assert found == expected.headers
        assert read_body(request.body, found) == expected.body
        assert request.needs_body == any(200 <= answer[0] < 300 for answer in expected.unknown)
        assert expected.text not in repr(request)
        assert not any(
            value in repr((request, account)) for value in expected.account.values() if len(value) > 3
        )


@EACH
def test_a_request_arrives_as_it_was_meant(name: str, clock: FakeClock) -> None:
    expected = EXPECTED[name]
    with RawServer(answer_of(expected.accepted[0])) as server:
        sender = sender_for(CARRIERS[name], expected.account, server.base_url, clock)
        assert sender.post(expected.command).kind is Kind.ACCEPTED
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    line, headers = head.decode().split("\r\n")[0], headers_of(head)
    assert line == f"{expected.method} {expected.path} HTTP/1.1"
    assert read_body(body, {"Content-Type": headers["content-type"]}) == expected.body
    for key, value in expected.headers.items():
        assert headers[key.lower()] == value or name == "azure"  # whose signature is of another host


@EACH
def test_each_class_of_answers_means_this(name: str) -> None:
    expected = EXPECTED[name]
    for kind, answer in expected.answers:
        outcome = read(CARRIERS[name], answer)
        assert outcome.kind is kind, answer
        assert "7391" not in outcome.reason
        assert outcome.reason
        assert outcome.too_many == (answer[0] == 429)
    for answer, wait_ms in expected.waits:
        assert read(CARRIERS[name], answer).retry_after_ms == wait_ms, answer


@EACH
@pytest.mark.parametrize(
    "body", ["", "[]", '{"errors": 7}', '{"code": [7391]}', "[" * 100_000, "\0", '{"status": {}}']
)
def test_any_answer_is_read_without_failing_and_without_repeating_it(name: str, body: str) -> None:
    for status in (200, 202, 204, 301, 307, 400, 404, 409, 422, 429, 500, 503):
        outcome = read(CARRIERS[name], (status, body))
        assert "7391" not in outcome.reason
        # Only these two document it.
        assert outcome.kind is not Kind.NOT_EXECUTED or (status == 429 and name in ("bandwidth-v1", "twilio"))


@EACH
@pytest.mark.parametrize("call_id", ["", ".", "..", "a\nb", "\0", "\ud800"])
def test_an_id_that_could_lead_elsewhere_is_refused(name: str, call_id: str) -> None:
    carrier = CARRIERS[name]
    with pytest.raises(DtmfError, match="cannot be part of an address"):
        carrier.check(call_id, carrier.dialect, SOMEBODY)
    carrier.check("c-1", carrier.dialect, SOMEBODY)
    with pytest.raises(DtmfError, match="this plan is in other"):
        carrier.check("c-1", "other", SOMEBODY)


@EACH
def test_a_missing_or_impossible_credential_is_named_and_not_shown(name: str) -> None:
    carrier, account = CARRIERS[name], EXPECTED[name].account
    for missing in account:
        rest = {key: value for key, value in account.items() if key != missing}
        with pytest.raises(DtmfError, match=missing):
            carrier.credentials(rest)
        for wrong in ("se\ncret", "secret ", " "):
            with pytest.raises(DtmfError, match=missing) as caught:
                carrier.credentials({**account, missing: wrong})
            assert [found.code for found in caught.value.diagnostics] == ["no-credentials"]
            assert "cret" not in str(caught.value).replace("CRET", "").replace("secret", "")


@pytest.mark.parametrize("name", [name for name in CARRIERS if name != "azure"])  # its key is in Base64
def test_a_credential_that_no_header_can_hold_is_refused(name: str, clock: FakeClock) -> None:
    with line_of(name, clock) as (line, _):
        last = CARRIERS[name].variables[-1]
        account = {**line.credentials, last: line.credentials[last] + "\N{PEDESTRIAN}"}
        wrong = sender_for(CARRIERS[name], account, line.base_url, clock)
        outcome = wrong.post(Command(call_id="c-1", text="1"))
        assert outcome.kind is Kind.REFUSED
        assert "credentials" in outcome.reason
        assert line.keys("c-1") == ""


@EACH
def test_what_a_carrier_promises_is_a_sentence_and_it_knows_its_address(name: str) -> None:
    carrier = CARRIERS[name]
    assert len(carrier.promises.split()) > 8
    variables = EXPECTED[name].account | {carrier.address_variable: "h.invalid/x"} | EXPECTED[name].account
    address = carrier.address(variables)
    assert address.startswith("https://")
    if carrier.address_variable:
        with pytest.raises(DtmfError, match=carrier.address_variable):
            carrier.address({})
        assert carrier.base_url.startswith("$")
        for wrong in ("ftp://h", "https://u:hidden@h", "https://h/?hidden", "https://h:99999"):
            given = variables[carrier.address_variable].replace("https://h.invalid/", wrong)
            given = wrong if given == "h.invalid/x" else given
            with pytest.raises(DtmfError, match=carrier.address_variable) as caught:
                carrier.address({carrier.address_variable: given})
            assert [found.code for found in caught.value.diagnostics] == ["bad-address"]
            assert "hidden" not in str(caught.value)


@EACH
@pytest.mark.parametrize("fault", FAULTS)
def test_the_outcome_of_a_request_is_true_whatever_the_line_does(
    name: str, fault: str, clock: FakeClock
) -> None:
    text = EXPECTED[name].text
    with line_of(name, clock) as (line, sender):
        line.misbehave(fault)
        outcome = sender.post(Command(call_id="c-1", text=text, id=ID, to=SOMEBODY))
        heard = line.keys("c-1")
        assert true(outcome, heard != ""), outcome
        assert heard in ("", keys_in(text, CARRIERS[name]))
        assert (outcome.kind is Kind.NOT_EXECUTED) == (fault == "429" and name in ("bandwidth-v1", "twilio"))
        assert text not in outcome.reason
        sender.session.close()


# Each: the answer in the place of {ok} and {body}, which are those of an acceptance; and what is executed.
RAW = {
    "whole": (b"HTTP/1.1 {ok} OK\r\nContent-Length: {length}\r\n\r\n{body}", {}),
    "no-reason": (b"HTTP/1.1 {ok}\r\nContent-Length: {length}\r\n\r\n{body}", {}),
    "to-the-end": (b"HTTP/1.0 {ok} OK\r\n\r\n{body}", {}),
    "continued": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 {ok} OK\r\nContent-Length: {length}\r\n\r\n{body}",
        {},
    ),
    "body-cut": (b"HTTP/1.1 {ok} OK\r\nContent-Length: 999\r\n\r\n{half}", {}),
    "body-reset": (b"HTTP/1.1 {ok} OK\r\nContent-Length: 999\r\n\r\n{half}", {"resets": True}),
    "chunk-cut": (b"HTTP/1.1 {ok} OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", {}),
    "not-gzip": (b"HTTP/1.1 {ok} OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n{body}", {}),
    "header-cut": (b"HTTP/1.1 {ok} OK\r\nContent-Le", {}),
    "status-cut": (b"HTTP/1.1 {ok}", {}),
    "version-cut": (b"HTTP/1", {}),
    "nothing": (b"", {}),
    "reset": (b"", {"resets": True}),
    "never-read": (b"", {"reads": False}),
    "never-read-reset": (b"", {"reads": False, "resets": True}),
    "not-http": (b"ready\r\n> \r\n", {}),
    "html-error": (b"HTTP/1.1 502 Bad\r\nContent-Length: 15\r\n\r\n<html>no</html>", {}),
    "see-other": (b"HTTP/1.1 303 Other\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", {}),
    "no-number": (b"HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n", {}),
    "huge-header": (b"HTTP/1.1 {ok} OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", {}),
}


@EACH
@pytest.mark.parametrize("fault", RAW)
def test_the_outcome_of_a_request_is_true_on_bare_sockets_too(
    name: str, fault: str, clock: FakeClock
) -> None:
    """Here every request that was read whole has played its keys, whatever the answer is."""
    expected, (form, how) = EXPECTED[name], RAW[fault]
    status, body = expected.accepted[0][:2]
    answer = form.replace(b"{ok}", b"%d" % status).replace(b"{length}", b"%d" % len(body))
    answer = answer.replace(b"{body}", body.encode()).replace(b"{half}", body.encode()[: len(body) // 2])
    with RawServer(answer, **how) as server:
        sender = sender_for(CARRIERS[name], expected.account, server.base_url, clock)
        outcome = sender.post(expected.command)
        sender.session.close()
    assert len(server.requests) == (1 if server.reads else 0)
    assert true(outcome, bool(server.requests)), outcome
    if fault in ("whole", "no-reason", "to-the-end", "continued"):
        assert outcome.kind is Kind.ACCEPTED
    if fault in ("nothing", "reset", "not-http", "html-error", "see-other", "version-cut", "no-number"):
        assert outcome.kind is Kind.UNKNOWN


SCRIPT = 'press 12#; wait up to 20s for "a"; press 345; wait up to 20s for "b"; press 67'


class Crash(BaseException):
    """The end of a process."""


class Sending(RuleBasedStateMachine):
    """Faults, interrupts, crashes and resumes in any order: each key is heard once, and reports are true."""

    carrier: ClassVar[Carrier]
    plan: ClassVar[Plan]

    @initialize()
    def begin(self) -> None:
        self.clock = FakeClock()
        self.opened = line_of(self.carrier.name, self.clock)
        self.line, self.sender = self.opened.__enter__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = f"{self.folder.name}/journal"
        self.keys = [keys_in(step.chunk.text, self.carrier) for step in self.plan.steps]
        self.journal: Journal | None = Journal(self.path, resume=False)
        self.journal.begin({"c": self.plan})
        self.take_up(None)

    def take_up(self, doubt: str | None) -> None:
        assert self.journal
        options: Any = {"clock": self.clock, "doubt": doubt, "tries": 3}
        self.delivery = delivery_of(self.plan, "c", self.carrier, self.journal, options)

    @precondition(lambda self: self.journal is not None)
    @rule(faults=st.lists(st.sampled_from(FAULTS), max_size=3), requests=st.integers(1, 4))
    def run(self, faults: list[str], requests: int) -> None:
        """Runs until this many requests were made, of which these misbehave; then Ctrl-C comes."""
        for fault in faults:
            self.line.misbehave(fault)

        class Impatient(Watcher):
            left = requests

            def sending(self, action: Send) -> None:
                self.left -= 1

            def waiting(self, until_ms: float, now_ms: float) -> None:
                if self.left <= 0:
                    raise KeyboardInterrupt

        self.sender.run(self.delivery, "c", journal=self.journal, watcher=Impatient())

    @precondition(lambda self: self.journal is not None)
    @rule(within=st.booleans(), fault=st.sampled_from(FAULTS))
    def crash(self, within: bool, fault: str) -> None:
        """The process is gone, perhaps between a request and its record; its journal stays."""
        assert self.journal
        self.line.misbehave(fault)
        if within:
            gone = self.sender.session.hooks["response"] = [lambda answer, **options: self.die(answer)]
            with suppress(Crash):
                self.sender.run(self.delivery, "c", journal=self.journal)
            gone.clear()
        self.journal.close()
        self.journal = None

    def die(self, answer: requests.Response) -> None:
        """What is written after this is not."""
        assert self.journal
        answer.close()
        self.journal.file.close()
        self.journal.file = open("/dev/null", "rb+")  # noqa: SIM115 - closed as the journal's
        raise Crash

    @precondition(lambda self: self.journal is None)
    @rule(after_ms=st.sampled_from([0, 5_000, 90_000]))
    def resume(self, after_ms: float) -> None:
        self.clock.sleep_ms(after_ms)
        self.journal = Journal(self.path, resume=True)
        self.journal.begin({"c": self.plan})
        progress = self.journal.progress("c")
        heard, before = self.line.keys("c"), "".join(self.keys[: progress.start.step])
        # A person has listened to the call, and knows.
        assert heard == before or (progress.in_doubt and heard == before + self.keys[progress.start.step])
        self.take_up("repeat" if heard == before else "skip")

    @invariant()
    def each_key_is_heard_once_and_what_is_reported_is_so(self) -> None:
        if not hasattr(self, "delivery"):
            return
        heard, step = self.line.keys("c"), self.delivery.index
        assert not self.line.collisions("c")
        before = "".join(self.keys[:step])
        match self.delivery.status:
            case Status.UNKNOWN:
                assert heard in (before, before + self.keys[step])
            case _ if self.journal:
                assert heard == before
        assert "".join(self.keys).startswith(heard)

    def teardown(self) -> None:
        if hasattr(self, "line"):
            if self.journal:
                self.journal.close()
            self.sender.session.close()
            self.opened.__exit__(None, None, None)
            self.folder.cleanup()


def machine(carrier: Carrier) -> type:
    plan = planned(SCRIPT, {"carrier": carrier}, attended=True)
    assert len(plan.steps) > 2
    made = type(f"Sending by {carrier.name}", (Sending,), {"carrier": carrier, "plan": plan})
    made.TestCase.settings = settings(max_examples=50, stateful_step_count=8, deadline=None)
    return made.TestCase


for _name, _carrier in CARRIERS.items():
    globals()[f"TestSendingBy{_name.replace('-', '').title()}"] = machine(_carrier)


@EACH
@pytest.mark.parametrize("fault", FAULTS)
def test_a_delivery_whatever_strikes_its_second_string(name: str, fault: str, clock: FakeClock) -> None:
    """Where the carrier knows repeats, a doubt settles itself; elsewhere a person must decide."""
    carrier = CARRIERS[name]
    plan = planned(SCRIPT, {"carrier": carrier}, attended=True)
    with line_of(name, clock) as (line, sender):
        line.misbehave(fault, at=2)
        options: Any = {"clock": clock}
        delivery = sender.run(delivery_of(plan, "c", carrier, None, options), "c")
        heard = [keys_in(step.chunk.text, carrier) for step in plan.steps]
        before = "".join(heard[: delivery.index])
        assert line.keys("c") in (
            (before, before + heard[delivery.index]) if delivery.status is Status.UNKNOWN else (before,)
        )
        assert not line.collisions("c")
        knows_repeats = name == "telnyx" or (name == "azure" and not fault.startswith("5"))
        if knows_repeats and fault not in ("redirect", "echo", "409"):
            assert delivery.status is Status.COMPLETE, delivery.reason
        sender.session.close()


@pytest.mark.parametrize("name", ["telnyx", "azure"])
@pytest.mark.parametrize(("after_ms", "same"), [(1_000, True), (29_000, True), (61_000, False)])
def test_a_string_that_is_resumed_keeps_its_id_while_the_carrier_knows_it(
    name: str, after_ms: float, same: bool, clock: FakeClock, tmp_path: Path
) -> None:
    """Later, the carrier would refuse the old one for its age."""
    with line_of(name, clock) as (line, sender):
        to: dict[str, Any] = {"base_url": line.base_url, "credentials": line.credentials, "to": SOMEBODY}
        to |= {"carrier": name, "clock": clock, "journal": tmp_path / "j", "session": sender.session}
        line.misbehave("no-answer-before")
        report = dtmfdsl.send("press 1", "c", **to, tries=1)
        assert report.status is Status.UNKNOWN
        clock.sleep_ms(after_ms)
        report = dtmfdsl.send("press 1", "c", **to, resume=True, doubt="repeat")
        assert report.status is Status.COMPLETE
        ids = [STAND_INS[name].repeat_id(incoming(each)) for each in line.requests if each.call_id == "c"]
        assert len(ids) == 2
        assert (ids[0] == ids[1]) == same
        assert line.keys("c") == "1"
        sender.session.close()


@pytest.mark.parametrize("name", ["telnyx", "azure"])
def test_repeats_end_before_the_carrier_forgets_the_first(name: str, clock: FakeClock) -> None:
    """Each answer is waited for in vain, for most of a minute in all."""
    plan = planned("press 12", {"carrier": name})
    with line_of(name, clock, silent_ms=21_000) as (line, sender):
        line.misbehave("no-answer-after", times=99)
        options: Any = {"clock": clock, "tries": 99}
        delivery = sender.run(delivery_of(plan, "c", CARRIERS[name], None, options), "c")
        assert line.keys("c") == "12"
        assert len(line.requests) > 1
        assert clock.now_ms() < 120_000
        assert (delivery.status, delivery.index) == (Status.UNKNOWN, 0)
        sender.session.close()


def incoming(request: Received) -> Incoming:
    target = f"{request.path}?{request.query}"
    return Incoming(request.method, target, request.headers, request.body.encode(), "")


def true(outcome: Outcome, played: bool) -> bool:
    """Whether what an outcome reports is so."""
    match outcome.kind:
        case Kind.ACCEPTED:
            return played
        case Kind.NOT_EXECUTED | Kind.REFUSED:
            return not played
        case Kind.UNKNOWN:
            return True


def read(carrier: Carrier, answer: Answer) -> Outcome:
    status, body, headers = (*answer, {})[:3]
    return carrier.read(status, CaseInsensitiveDict(headers), body.encode(), WALL_MS - 0.0)  # type: ignore[arg-type]


def as_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def read_body(body: bytes, headers: dict[str, str]) -> Any:
    match headers["Content-Type"]:
        case "application/json":
            return json.loads(body)
        case "application/x-www-form-urlencoded":
            return parse_qs(body.decode())
    return body.decode()


def answer_of(answer: Answer) -> bytes:
    body = answer[1].encode()
    return b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n%s" % (answer[0], len(body), body)


def sender_for(carrier: Carrier, account: dict[str, str], base_url: str, clock: FakeClock) -> Sender:
    session = requests.Session()
    session.trust_env = False
    return Sender(
        Credentials(account),
        carrier,
        base_url=base_url,
        session=session,
        clock=clock,
        answer_seconds=PATIENCE,
        to={"c": SOMEBODY, "c-1": SOMEBODY},
    )


@contextmanager
def line_of(name: str, clock: FakeClock, silent_ms: float = 0) -> Iterator[tuple[TestLine, Sender]]:
    """A line of this carrier that ends after a while what it leaves without an answer, and a sender to it."""

    def release(event: LineEvent) -> None:
        if isinstance(event, Received) and (event.fault or "").startswith("no-answer"):
            clock.sleep_ms(silent_ms)
            line.release()

    line = TestLine(stand_in=STAND_INS[name], clock=clock, slow_ms=1, listener=release)
    with line:
        yield line, sender_for(CARRIERS[name], dict(line.credentials), line.base_url, clock)


PAGE = (Path(__file__).parents[2] / "docs" / "carriers.md").read_text(encoding="utf-8")


@EACH
def test_the_page_of_carriers_has_each_with_its_names_and_what_it_promises(name: str) -> None:
    carrier = CARRIERS[name]
    (section,) = [part for part in PAGE.split("\n## ") if part.startswith(f"{name}\n")]
    words = " ".join(section.split())
    assert f"*Accepted* means: {carrier.promises}." in words
    for variable in (*carrier.variables, *sum(carrier.alternatives, ()), carrier.address_variable):
        assert f"`{variable}`" in section or not variable
    assert "- Sources: " in section
    assert "- Unknown: " in section
    assert f"| [{name}](#{name}) |" in PAGE
    assert (carrier.repeat_ms > 0) == ("in doubt too" in PAGE.partition(f"(#{name}) |")[2].partition("\n")[0])
    assert f"for {carrier.repeat_ms // 1000} s" in PAGE or not carrier.repeat_ms
