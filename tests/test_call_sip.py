"""`dtmfdsl call --carrier sip`, as far as it needs no phone; the rest is in `sending/test_baresip.py`."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from dtmfdsl.cli import main, sip
from dtmfdsl.cli.call import configure
from dtmfdsl.cli.input import duration

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


def others() -> dict[str, list[str]]:
    """Each option of `call` that a phone has no use for, with a value that is not the usual one."""
    parser = argparse.ArgumentParser(add_help=False)
    configure(parser)
    values = {"rounding": "error", "faults": "429", "callee": "busy"}
    found = {}
    for action in parser._actions:
        if action.option_strings and action.dest not in sip._TAKEN:
            option = action.option_strings[0]
            given = (
                []
                if action.nargs == 0
                else [values.get(action.dest, "3s" if action.type is duration else "3")]
            )
            found[option] = [option, *given]
    return found


@pytest.mark.parametrize("option", others().values(), ids=lambda option: option[0])
def test_options_that_mean_nothing_to_a_phone_are_refused_with_a_reason(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"{option[0]} does not go with sip: " in refused(capsys, *TO, *option)


def test_a_journal_that_exists_is_not_begun_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = tmp_path / "j"
    journal.touch()
    assert main([*CALL, *TO, "--journal", str(journal)]) == 1
    told = capsys.readouterr().err
    assert "[journal-exists]" in told
    assert "a call by SIP cannot be resumed" in told
    assert "--resume" not in told
    assert main([*CALL, *TO, "--journal", str(tmp_path)]) == 1
    assert "cannot be resumed" in capsys.readouterr().err


SCRIPT = 'secret pin: 4 digits\npress $pin for "PIN"\nwait 2.5s\npress 9\nwait up to 30s for "menu"'


def test_a_dry_run_shows_whom_it_would_call_and_when_it_would_press_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # no phone is needed
    values = tmp_path / "values.toml"
    values.write_text('pin = "4711"')
    command = ["call", "-e", SCRIPT, "--carrier", "sip", "--dry-run", "--values", str(values)]
    assert main([*command, "--to", "+15550100", "--answer-within", "30s"]) == 0
    assert capsys.readouterr() == (
        "calls sip:+15550100@127.0.0.1 from sip:near@127.0.0.1, for at most 30s\n"
        "500ms after the answer:\n"
        "  at 0s: • (PIN)\n"
        "  at 260ms: • (PIN)\n"
        "  at 520ms: • (PIN)\n"
        "  at 780ms: • (PIN)\n"
        "      wait 2.5s, by the sender's clock\n"
        "  at 3.54s: 9\n"
        "      wait 30s, by the sender's clock\n"
        "hangs up after 33.8s\n",
        "",
    )
    monkeypatch.delenv("SIP_URI")
    assert main([*command, "--to", "+15550100"]) == 0  # nor an account
    assert "calls sip:+15550100@example.invalid from" in capsys.readouterr().out
    assert main([*command, "--to", "15 55"]) == 2


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
