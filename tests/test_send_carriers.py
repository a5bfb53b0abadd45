"""`dtmfdsl send --carrier`: every carrier can be tried without an account, and what each needs is asked for."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from expectations import EXPECTED

from dtmfdsl.cli import main
from dtmfdsl.sending import CARRIERS

EACH = pytest.mark.parametrize("name", CARRIERS)
CANARY = "7391"
SCRIPT = "secret pin: 4 digits\npress 12#\nwait 3s\npress $pin\nwait 1s\n"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DTMF_PIN", CANARY)
    for carrier in CARRIERS.values():
        for variable in (*carrier.variables, *sum(carrier.alternatives, ()), carrier.address_variable):
            monkeypatch.delenv(variable or "NOTHING", raising=False)
    path = tmp_path / "call.dtmf"
    path.write_text(SCRIPT)
    return str(path)


@EACH
def test_a_script_is_sent_to_the_test_line_of_each(
    name: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", script, "--test-line", "--speed", "2000", "--carrier", name]) == 0
    shown = "".join(capsys.readouterr())
    assert CANARY not in shown
    assert "call test-call heard 7 keys" in shown
    assert re.search(r"request \d+: [12]", shown)  # keys that are no secret
    assert f"accepted means: {CARRIERS[name].promises}" in shown
    assert "collision" not in shown


@EACH
def test_a_dry_run_shows_each_request_without_a_secret(
    name: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["send", script, "--dry-run", "--carrier", name, "--to", "+15550100"]) == 0
    shown = capsys.readouterr().out
    assert CANARY not in shown
    commands = [shlex.split(line) for line in shown.splitlines() if line.strip().startswith("curl ")]
    assert commands
    for command in commands:
        assert command[:3] == ["curl", "-X", EXPECTED[name].method]
    assert "•" in commands[-1][commands[-1].index("--data") + 1]
    assert f"accepted means: {CARRIERS[name].promises}" in shown


@EACH
def test_what_a_carrier_needs_is_asked_for_before_anything_is_sent(
    name: str, script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    carrier, account = CARRIERS[name], EXPECTED[name].account
    asked = ["send", script, "--carrier", name, "--call-id", "c", "--replace-twiml"]
    address = ["--base-url", "http://127.0.0.1:1"]
    assert main(asked + address) == 2
    assert any(f"not set: {variable}" in capsys.readouterr().err for variable in carrier.variables[:1])
    for variable, value in account.items():
        monkeypatch.setenv(variable, value)
    to = ["--to", "+15550100"]
    if carrier.participant:
        assert main(asked + address) == 2
        assert "give it with --to" in capsys.readouterr().err
    if carrier.replaces:
        assert main([*asked[:-1], *address, *to]) == 2
        assert "give --replace-twiml" in capsys.readouterr().err
    if carrier.address_variable and carrier.address_variable not in account:
        assert main(asked + to) == 2
        assert f"{carrier.address_variable} is not set" in capsys.readouterr().err
    assert main([*asked, *address, *to, "--tries", "1"]) == 3  # nobody listens there
    assert "no connection to the carrier" in capsys.readouterr().err


@EACH
def test_a_test_line_of_its_own_prints_what_a_sender_needs(name: str, script: str) -> None:
    line = [sys.executable, "-m", "dtmfdsl", "testline", "--carrier", name, "--speed", "2000", "--show-keys"]
    outside = Path(script).parent  # where the product is what is installed
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=outside) as running:
        assert running.stdout
        carrier = CARRIERS[name]
        base_url = running.stdout.readline().strip()
        exports = ""
        while f"export {carrier.variables[-1]}=" not in exports:
            exports += running.stdout.readline()
        to = ["--carrier", name, "--call-id", "c-1", "--to", "+15550100", "--replace-twiml"]
        to += [] if carrier.address_variable else ["--base-url", base_url]
        words = shlex.join([sys.executable, "-m", "dtmfdsl", "send", "-e", "press 1", *to])
        shell = ["sh", "-c", exports + words]
        sent = subprocess.run(shell, capture_output=True, text=True, cwd=outside)
        running.send_signal(signal.SIGINT)
        assert sent.returncode == 0, sent.stderr
        assert "call c-1 heard 1 key\n" in running.stdout.read()
