"""`prove` and `simulate` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dtmfdsl.cli import main

ACME = """\
phone acme {
    answers within 1..3s
    keys arrive after 50..400ms
    menu main {
        says "For billing, press 1" for 5.5..7s
        keys are lost while it speaks
        on 1 -> billing
        on 0 -> operator
        on silence for 5s -> again
        after 3 tries -> operator
    }
    menu billing {
        starts after 100..900ms
        says "For your balance, press 3" for 4..5s
        keys ahead are kept
        on 3 -> card
    }
    menu card {
        starts after 100..900ms
        says "Enter your card number" for 3..4.2s
        between keys 3s
        on 16 digits -> balance
    }
    end balance
    end operator
}
"""
CARD = "4999123456789018"
SCRIPT = """\
use "acme.dtmf"
secret card: 16 digits
wait 10s
press 1
wait 1s
press 3
wait {}
press $card
expect at balance
"""
EXACT = ["--dialect", "exact", "--key", "93..600ms"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("acme.dtmf").write_text(ACME)
    Path("good.dtmf").write_text(SCRIPT.format("2s"))
    Path("bad.dtmf").write_text(SCRIPT.format("500ms"))
    return tmp_path


@pytest.fixture
def prove(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> tuple[int, Any]:
        status = main([*arguments, *EXACT, "--json"])
        return status, json.loads(capsys.readouterr().out)

    return run


def test_a_proof_as_json(prove: Any) -> None:
    status, found = prove("prove", "good.dtmf")
    assert status == 0
    assert set(found) == {"verdict", "histories", "first_lost", "witness", "margins", "assumed"}
    assert (found["verdict"], found["first_lost"], found["witness"]) == ("proved", None, None)
    # Earliest key of main at 10.143 s against 10 s; latest at 11 s against 1 + 5.5 + 5 s.
    assert found["margins"][0] == {"line": 4, "press": 1, "early_ms": 143, "late_ms": 500}
    assert [each["line"] for each in found["margins"]] == [4, 6, 8]
    assert "main: keys ahead are lost" in found["assumed"]


def test_a_failure_as_json_replays(prove: Any) -> None:
    status, found = prove("prove", "bad.dtmf")
    assert status == 1
    assert found["verdict"] == "can-fail"
    lost = found["first_lost"]
    assert (lost["line"], lost["press"], lost["key"], lost["menu"]) == (8, 3, 1, "card")
    assert lost["why"].startswith("can come up to ")
    assert set(found["witness"]) >= {"answers", "keys.arrive", "key", "main.says", "card.starts"}
    settings = [part for name, ms in found["witness"].items() for part in ("--set", f"{name}={ms}ms")]
    status, replayed = prove("simulate", "bad.dtmf", *settings)
    assert status == 1
    assert {**replayed["first_lost"], "why": None} == {**lost, "why": None}


def test_a_sweep_and_least_waits_as_json(prove: Any) -> None:
    script = ("prove", "--map", "acme.dtmf", "-e", "wait 9s; press 1")
    assert prove(*script, "--sweep", "main.says=0..20s") == (1, {"fails": [[571.5, 4000], [6143, 20000]]})
    assert prove(*script, "--least-waits") == (0, {"waits_ms": [9858]})
    Path("acme.dtmf").write_text(ACME.replace("within 1..3s", "within 1..6s"))
    parts = {"answers": 5000, "main.says": 1500, "keys.arrive": 350, "key": 507}
    none = {"spread_ms": 7357, "listening_ms": 5000, "parts": parts}
    assert prove(*script, "--least-waits") == (1, {"none": none})


def test_what_cannot_be_decided_is_said_so(prove: Any) -> None:
    status, found = prove("prove", "good.dtmf", "--limit", "1ms", "--least-waits")
    assert (status, found) in [
        (3, {"verdict": "cannot-tell"}),
        (0, prove("prove", "good.dtmf", "--least-waits")[1]),
    ]


def test_many_calls_are_a_rate(prove: Any) -> None:
    status, found = prove("simulate", "good.dtmf", "--calls", "50")
    assert (status, found["arrived"], found["lost"]) == (0, 50, [])
    status, found = prove("simulate", "--map", "acme.dtmf", "-e", "wait 4s; press 1", "--calls", "50")
    assert (status, found["arrived"]) == (1, 0)
    assert found["lost"] == [{"line": 1, "press": 1, "key": 1, "calls": 50}]


@pytest.mark.parametrize(
    "command",
    [["prove"], ["prove", "--json"], ["simulate"], ["simulate", "--json"], ["prove", "--least-waits"]],
)
@pytest.mark.parametrize("script", ["good.dtmf", "bad.dtmf"])
def test_no_key_of_a_secret_is_shown(
    command: list[str],
    script: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DTMF_CARD", CARD)
    main([*command, script, *EXACT])
    captured = capsys.readouterr()
    assert "made-up" not in captured.err
    for shown in (captured.out, captured.err):
        assert CARD not in shown
        assert not any(f"key {key}" in shown for key in set(CARD) - {"1", "3"})


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["-e", "press 1"], "there is no map"),
        (["--map", "acme.dtmf", "-e", "press 1", "--to", "balanse"], "there is no such place in the map"),
        (["--map", "acme.dtmf", "-e", "press 1", "--key", "600..93ms"], "the range ends before it begins"),
        (["--map", "acme.dtmf", "-e", "press 1", "--key", "often"], "this is not a range of times"),
        (["--map", "two.dtmf", "-e", "press 1"], "name one before the place"),
    ],
)
def test_wrong_usage(
    arguments: list[str], reason: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("two.dtmf").write_text(ACME + ACME.replace("phone acme", "phone other"))
    assert main(["prove", *arguments]) == 2
    assert reason in capsys.readouterr().err
    assert (
        main(["prove", "--map", "two.dtmf", "-e", "wait 10s; press 1", *EXACT, "--to", "other.billing"]) == 0
    )


def test_a_length_that_no_call_has_cannot_be_set(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = ["simulate", "--map", "acme.dtmf", "-e", "press 1"]
    assert main([*script, "--set", "mian.says=1s"]) == 2
    assert "there is no length mian.says" in capsys.readouterr().err
    assert main([*script, "--set", "main.says=soon"]) == 2
