"""Real SIP calls on loopback, to far ends that are not ours."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from farends import (
    ASKED,
    ENDED,
    FarEnd,
    answering,
    processes_of,
    reply,
    scripted,
)
from lines import PATIENCE

import dtmfdsl
from dtmfdsl.cli import main
from dtmfdsl.sending import Outcome, Report, Send, Status, Watcher, call_by_sip
from dtmfdsl.sending.baresip import MODULES, Baresip

MISSING = [program for program in ("baresip", "sipp") if not shutil.which(program)]
pytestmark = pytest.mark.skipif(
    bool(MISSING),
    reason=f"a real SIP call needs {' and '.join(MISSING)}: apt install baresip-core sip-tester",
)
CODES = {"0": 0, "*": 10, "#": 11, "A": 12, "B": 13, "C": 14, "D": 15} | {str(n): n for n in range(1, 10)}
"""The event of each key (RFC 4733, table 3)."""


@contextmanager
def captured(folder: Path, address: str) -> Iterator[Callable[[], str]]:
    """Captures the packets on loopback. The result reads the keys in them with tshark, by RFC 4733."""
    if missing := [program for program in ("dumpcap", "tshark") if not shutil.which(program)]:
        pytest.skip(f"reading the packets needs {' and '.join(missing)}: apt install tshark")
    file = folder / "call.pcapng"
    capture = subprocess.Popen(
        ["dumpcap", "-q", "-i", "lo", "-f", "udp", "-w", str(file)], stderr=subprocess.PIPE, text=True
    )

    def read() -> str:
        port, end = address.rpartition(":")[2], time.monotonic() + PATIENCE
        ended = re.compile(rf"BYE sip:[^ ]*:{port} ".encode())
        while not ended.search(file.read_bytes()):  # on a busy machine, packets come to the file later
            assert time.monotonic() < end
        capture.terminate()
        capture.wait()
        fields = [
            part for name in ("udp.srcport", "rtp.timestamp", "rtpevent.event_id") for part in ("-e", name)
        ]
        told = subprocess.run(
            [
                "tshark",
                "-r",
                str(file),
                "-d",
                f"udp.port=={port},sip",
                "-Y",
                "rtpevent",
                "-T",
                "fields",
                *fields,
            ],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        events = dict.fromkeys(told.splitlines())  # each event has many packets, all of the same time
        names = {code: key for key, code in CODES.items()}
        return "".join(names[int(event.split("\t")[2])] for event in events)

    try:
        assert capture.stderr
        said = ""
        while not said.startswith("File:"):
            if not (said := capture.stderr.readline()):
                pytest.skip("packets cannot be captured here: dumpcap has no right to it")
        yield read
    finally:
        capture.kill()
        capture.wait()
        capture.stderr.close()


ACCOUNT = {"SIP_URI": "sip:near@127.0.0.1"}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the phone keeps its files. Nothing is left there afterwards, and no process of it runs."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    assert processes_of(folder) == {}


@pytest.fixture
def far(tmp_path: Path) -> Iterator[FarEnd]:
    with answering(tmp_path / "far") as far:
        yield far


def called(script: str, to: str, **options: Any) -> Report:
    return call_by_sip(script, to=to, credentials=ACCOUNT, **options)


def test_script_and_far_end_agree_on_the_keys(far: FarEnd) -> None:
    report = called("press 1; wait 300ms; press 159#; press *0A BCD every 300ms", far.address)
    far.wait(lambda: far.hung_up)
    assert (report.status, report.accepted, report.hung_up) == (Status.COMPLETE, 11, True)
    assert far.keys == "1159#*0ABCD"


def test_script_and_packets_agree_on_the_keys(far: FarEnd, tmp_path: Path) -> None:
    with captured(tmp_path, far.address) as read:
        called("press 22; wait 1s; press 8*6#", far.address)
        far.wait(lambda: far.hung_up)
        assert read() == far.keys == "228*6#"


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("486 Busy Here", Status.BUSY, "the line was busy"),
        ("600 Busy Everywhere", Status.BUSY, "the line was busy"),
        ("603 Decline", Status.REJECTED, "the call was rejected"),
        ("480 Temporarily Unavailable", Status.NO_ANSWER, "nobody answered"),
        ("404 Not Found", Status.FAILED, "there is no such number or address"),
        ("403 Forbidden", Status.FAILED, "the server does not accept the account"),
        ("500 Fake: Call established: 1", Status.FAILED, "the call failed (SIP status 500)"),
    ],
)
def test_each_way_in_which_a_call_does_not_come_about(
    answer: str, status: Status, reason: str, tmp_path: Path
) -> None:
    with scripted(tmp_path / "far", ASKED + reply(answer) + ENDED) as address:
        report = called("press 1", address)
    assert (report.status, report.reason, report.accepted) == (status, reason, 0)


def test_one_that_rings_and_is_never_answered(tmp_path: Path) -> None:
    cancelled = '\n  <recv request="CANCEL"/>' + reply("200 OK")
    with scripted(tmp_path / "far", ASKED + reply("180 Ringing") + cancelled) as address:
        report = called("press 1", address, answer_ms=1_000)
    assert (report.status, report.reason) == (Status.NO_ANSWER, "nobody answered within 1s")


def test_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SIP_URI", ACCOUNT["SIP_URI"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        to = f"sip:far@127.0.0.1:{silent.getsockname()[1]}"
        assert main(["call", "-e", "press 1", "--carrier", "sip", "--to", to, "--answer-within", "1s"]) == 11
    assert capsys.readouterr().err.splitlines() == [
        "calling",
        "it does not even ring",
        "hanging up: hung up",
        "no answer is known of (it does not even ring) within 1s; nothing was pressed",
        "the call was hung up",
    ]


class After(Watcher):
    """Does something when so many keys were pressed."""

    def __init__(self, number: int, action: Any):
        self.number, self.action = number, action

    def ended(self, action: Send, outcome: Outcome, now_ms: float) -> None:
        self.number -= 1
        if not self.number:
            self.action()


def test_a_far_end_that_hangs_up_in_the_middle_ends_it_at_once(far: FarEnd) -> None:
    watcher = After(2, lambda: far.command("hangup"))
    report = called("press 12; wait 10m; press 3", far.address, watcher=watcher)
    assert (report.status, report.accepted) == (Status.DROPPED, 2)
    assert report.reason.endswith("the far end hung up")


def test_a_far_end_that_hangs_up_when_all_was_played_leaves_it_complete(far: FarEnd) -> None:
    report = called("press 12; wait 1s", far.address, watcher=After(2, lambda: None))
    assert (report.status, report.accepted) == (Status.COMPLETE, 2)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="its process is found in /proc")
def test_a_phone_that_dies_is_reported_and_leaves_nothing(far: FarEnd, temporary: Path) -> None:
    def kill() -> None:
        for process in processes_of(temporary):
            os.kill(process, signal.SIGKILL)

    report = called("press 12; wait 10m; press 3", far.address, watcher=After(2, kill))
    assert (report.status, report.accepted) == (Status.DROPPED, 2)
    assert report.reason.endswith("the program baresip ended")


def command(far: FarEnd, script: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "dtmfdsl", "call", "-e", script, "--carrier", "sip", "--to", far.address],
        env={**os.environ, **(environment or ACCOUNT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_ended_hangs_up_first(far: FarEnd, number: signal.Signals) -> None:
    with command(far, "press 12; wait 10m; press 3") as running:
        far.wait(lambda: far.keys == "12")
        os.killpg(running.pid, number)  # as a terminal does: to all that runs in it
        _, told = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert "interrupted: 2 of 3 accepted, string 3 of 3, 3, was not sent\n" in told
    assert told.endswith("the call was hung up\n")
    far.wait(lambda: far.hung_up)


def test_a_command_that_is_killed_hangs_up_all_the_same(far: FarEnd, temporary: Path) -> None:
    with command(far, "press 1; wait 10m; press 3") as running:
        far.wait(lambda: far.keys == "1")
        running.kill()
        far.wait(lambda: far.hung_up)
        running.communicate()
    while processes_of(temporary):
        pass


@pytest.mark.parametrize("password", ["geheim", "a;b c<d>&=e\\f%41#@'é"])
def test_a_password_answers_a_challenge_and_stands_nowhere(
    password: str, tmp_path: Path, temporary: Path
) -> None:
    given = password.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    challenge = 'WWW-Authenticate: Digest realm="far", nonce="0a1b2c", algorithm=MD5'
    checked = f"""
  <recv request="INVITE"><action>
    <verifyauth assign_to="right" username="near" password="{given}"/>
  </action></recv>
  <nop next="1" test="right"/>"""
    wrong, right = reply("403 Forbidden") + ENDED, '\n  <label id="1"/>' + reply("486 Busy Here") + ENDED
    scenario = ASKED + reply("401 Unauthorized", challenge) + ENDED + checked + wrong + right
    seen = []

    class Looking(Watcher):
        def called(self, action: object, outcome: Outcome) -> None:
            seen.extend(processes_of(temporary).values())
            for file in temporary.rglob("*"):
                seen.append(file.read_bytes() if file.is_file() else b"")

    with scripted(tmp_path / "far", scenario) as address:
        account = {**ACCOUNT, "SIP_PASSWORD": password}
        report = call_by_sip("press 1", to=address, credentials=account, watcher=Looking())
    assert report.status is Status.BUSY
    assert seen
    assert not any(password.encode() in each for each in seen)


@pytest.mark.parametrize("given", ["", ";transport=tcp"])
def test_a_transport_stands_once_in_the_address_that_is_called(given: str, tmp_path: Path) -> None:
    checked = """
  <recv request="INVITE"><action>
    <ereg regexp="^INVITE sip:[^; ]*;transport=tcp SIP" search_in="msg" assign_to="once"/>
  </action></recv>
  <nop next="1" test="once"/>"""
    wrong, right = reply("404 Not Found") + ENDED, '\n  <label id="1"/>' + reply("486 Busy Here") + ENDED
    with scripted(tmp_path / "far", checked + wrong + right, "-t", "t1") as address:
        account = {"SIP_URI": "sip:near@127.0.0.1;transport=tcp"}
        report = call_by_sip("press 1", to=address + given, credentials=account, answer_ms=5_000)
    assert report.status is Status.BUSY


def registrar(answer: str) -> str:
    """A server that takes a call only after it has answered so to a registration with a password."""
    challenge = 'WWW-Authenticate: Digest realm="far", nonce="0a1b2c", algorithm=MD5'
    checked = """
  <recv request="REGISTER"><action>
    <verifyauth assign_to="right" username="other" password="geheim"/>
  </action></recv>
  <nop next="3" test="right"/>"""
    known = reply(answer, "Contact: <sip:near@127.0.0.1>;expires=600")
    withdrawn = '\n  <recv request="REGISTER"/>' + reply("200 OK") if answer == "200 OK" else ""
    registered = '\n  <nop><action><assignstr assign_to="known" value="yes"/></action></nop>'
    asked = ASKED + '\n  <nop next="4" test="known"/>' + reply("403 Forbidden") + ENDED
    return (
        '\n  <Global variables="known"/>\n  <recv request="REGISTER" optional="true" next="1"/>'
        + (
            asked
            + '\n  <nop next="2"/>\n  <label id="4"/>'
            + reply("486 Busy Here")
            + ENDED
            + '\n  <nop next="2"/>\n  <label id="1"/>'
        )
        + (reply("401 Unauthorized", challenge) + checked + reply("404 Not Found") + '\n  <nop next="2"/>')
        + ('\n  <label id="3"/>' + registered + known + withdrawn + '\n  <label id="2"/>')
    )


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        ("200 OK", Status.BUSY, "the line was busy"),
        ("403 Forbidden", Status.FAILED, "the server did not register the account"),
    ],
)
def test_an_account_that_is_to_be_registered_is_before_it_calls(
    answer: str, status: Status, reason: str, tmp_path: Path
) -> None:
    with scripted(tmp_path / "far", registrar(answer)) as address:
        server = address.rpartition("@")[2]
        account = {
            "SIP_URI": "sip:near@far.invalid",  # which no name server knows: all goes to the proxy
            "SIP_PROXY": f"sip:{server}",
            "SIP_AUTH_USER": "other",
            "SIP_PASSWORD": "geheim",
            "SIP_REGISTER": "yes",
        }
        report = call_by_sip("press 1", to=address, credentials=account)
    assert (report.status, report.reason) == (status, reason)


def test_without_the_program_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        called("press 1", "sip:far@127.0.0.1")
    (found,) = caught.value.diagnostics
    assert found.code == "no-phone"
    assert "apt install baresip-core" in str(found.help)


def test_a_program_that_does_not_start_is_an_error_and_its_files_are_ours_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "baresip"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nls -la "$2" >{tmp_path}/listed\nexit 1\n')
    program.chmod(0o755)
    modules = tmp_path / "lib" / "baresip" / "modules"
    modules.mkdir(parents=True)

    def wrong() -> str:
        with pytest.raises(dtmfdsl.DtmfError) as caught:
            called("press 1", "sip:far@127.0.0.1", phone=Baresip(str(program)))
        assert caught.value.diagnostics[0].code == "no-phone"
        return caught.value.diagnostics[0].message

    assert "the modules of baresip" in wrong()
    for name in MODULES:
        modules.joinpath(f"{name}.so").touch()
    umask = os.umask(0)
    try:
        assert "does not start" in wrong()
    finally:
        os.umask(umask)
    listed = {line.split()[-1]: line[:10] for line in (tmp_path / "listed").read_text().splitlines()[1:]}
    assert (listed["."], listed["accounts"], listed["config"]) == ("drwx------", "-rw-------", "-rw-------")
    program.write_bytes(b"")
    assert "cannot be started" in wrong()


def test_a_call_in_an_event_loop_hangs_up_when_it_is_cancelled(far: FarEnd) -> None:
    async def main() -> None:
        calling = asyncio.ensure_future(
            dtmfdsl.sending.call_by_sip_async(
                "press 12; wait 10m; press 3",
                to=far.address,
                credentials=ACCOUNT,
                watcher=After(2, lambda: calling.cancel()),
            )
        )
        with pytest.raises(asyncio.CancelledError):
            await calling

    asyncio.run(main())
    assert far.keys == "12"
    far.wait(lambda: far.hung_up)
