"""`dtmfdsl call --carrier sip`, as far as it needs no phone; the rest is in `sending/test_baresip.py`."""

from __future__ import annotations

import pytest

from dtmfdsl.cli import main

CALL = ["call", "-e", "press 1", "--carrier", "sip"]
TO = ["--to", "sip:far@127.0.0.1"]


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIP_URI", "sip:near@127.0.0.1")
    monkeypatch.setenv("SIP_PASSWORD", "geheim")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*CALL, *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "geheim" not in told.err
    return told.err


@pytest.mark.parametrize(
    "option",
    [
        ["--attended"],
        ["--resume", "j"],
        ["--test-line"],
        ["--dry-run"],
        ["--keep-call"],
        ["--calls", "rows.csv"],
        ["--from", "+15550100"],
        ["--base-url", "https://example.org"],
        ["--answer-url", "https://example.org"],
        ["--detect-machine"],
        ["--fault", "429"],
        ["--rate", "2"],
        ["--results", "out.csv"],
    ],
    ids=lambda option: option[0],
)
def test_options_that_mean_nothing_to_a_phone_are_refused(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"{option[0]} does not go with sip" in refused(capsys, *TO, *option)


def test_an_option_that_is_empty_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--journal is empty" in refused(capsys, *TO, "--journal", "")
    assert "--to is empty" in refused(capsys, "--to", "")


def test_whom_to_call_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "begin the script with `call`, or give --to" in refused(capsys)
    assert "neither a SIP address nor a number" in refused(capsys, "--to", "example.org")


def test_an_account_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SIP_URI")
    assert "SIP_URI is not set" in refused(capsys, *TO)


def test_a_phone_that_is_missing_is_named_and_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "apt install baresip-core" in refused(capsys, *TO)


def test_what_is_wrong_with_the_script_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["call", "-e", "press x", "--carrier", "sip", *TO]) == 1
    assert "[unknown-key]" in capsys.readouterr().err
