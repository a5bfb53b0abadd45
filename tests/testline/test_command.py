"""The command `dtmfdsl testline`."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading

import pytest
import requests

from dtmfdsl.cli import main
from dtmfdsl.testline import Fault, TestLine


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another thing there")
def test_the_command_reports_what_it_hears_until_ctrl_c() -> None:
    command = [
        sys.executable,
        "-P",
        "-m",
        "dtmfdsl",
        "testline",
        "--speed",
        "100",
        "--fault",
        "429@2",
        "--fault",
        "slow@9",
    ]
    with subprocess.Popen(
        [*command, "--strict", "--call", "c-1", "--call", "c-2=completed", "--show-keys"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(240, process.kill)
        watchdog.start()
        assert process.stdout
        assert process.stderr
        base_url = process.stdout.readline().strip()
        account = [process.stdout.readline().strip() for _ in range(3)]
        assert account == [
            "export BANDWIDTH_USER_ID=u-test",
            "export BANDWIDTH_API_TOKEN=t-test",
            "export BANDWIDTH_API_SECRET=s-test",
        ]

        def post(call_id: str) -> list[str]:
            url = f"{base_url}/v1/users/u-test/calls/{call_id}/dtmf"
            requests.post(url, json={"dtmfOut": "5#"}, auth=("t-test", "s-test"))
            assert process.stdout
            return process.stdout.readline().split()[1:]

        assert post("c-1") == ["call", "c-1", "request", "1:", "200,", "played"]
        assert [process.stdout.readline().split()[1:] for _ in "5#"] == [["call", "c-1", key] for key in "5#"]
        assert post("c-1") == [
            "call",
            "c-1",
            "request",
            "2:",
            "429,",
            "not",
            "played,",
            "misbehaving:",
            "429",
        ]
        assert post("c-2") == ["call", "c-2", "request", "3:", "403,", "not", "played"]
        assert post("c-3") == ["call", "c-3", "request", "4:", "404,", "not", "played"]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        watchdog.cancel()
        assert "call c-1 heard 2 keys\n  request 1: 5# at " in out
        assert err == ""
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--fault", "500"], 2, "there is no fault `500`"),
        (["--fault", "reset-befor"], 2, "did you mean `reset-before`?"),
        (["--fault", "429@0"], 2, "takes the number of a request"),
        (["--fault", "429@"], 2, "takes the number of a request"),
        (["--call", "c=gone"], 2, "--call takes an id and perhaps a state"),
        (["--call", "=active"], 2, "--call takes an id and perhaps a state"),
        (["--port", "70000"], 2, "invalid port value"),
        (["--speed", "0"], 2, "invalid positive number value"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(
    arguments: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["testline", *arguments]) == status
    assert said in capsys.readouterr().err


def test_the_command_reports_a_port_that_is_in_use(
    line: TestLine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["testline", "--port", str(line.port)]) == 1
    assert f"port {line.port} cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["testline", "send"])
def test_the_help_of_a_command_names_every_fault(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    said = re.sub(r"-\s+", "-", capsys.readouterr().out)  # a line may end within a name
    for fault in Fault:
        name, _, when = fault.rpartition("-")
        assert re.search(rf"\b{fault}\b", said) or (when in ("before", "after") and f" {name}" in said)
