"""A canary: a secret's digits stand in the compiled string and in nothing else that anyone can see."""

from __future__ import annotations

import io
import json
import pickle
import sys
import traceback
from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.cli import main
from dtmfdsl.compiler import to_program
from dtmfdsl.source import Source

CANARY = "73914862"
SCRIPT = 'secret pin: 8 digits\nwait 1.2s\npress 5 $pin # every 1s for "PIN"\npress 9\n'
LEAKS = [CANARY[at : at + 4] for at in range(len(CANARY) - 3)]
"""Any four of its digits in a row are a leak; more than four bullets are none."""


def clean(text: str) -> bool:
    return not any(leak in text for leak in LEAKS)


def spread(text: str) -> str:
    """The text without pause characters, so that a paced secret is found too."""
    return "".join(character for character in text if character not in ",wWp")


# Everything that can go wrong with a secret's value, or with the script around it.
WRONG = {
    "too few": ("secret pin: 9 digits\npress $pin", CANARY, {}),
    "too many": ("secret pin: 4..6 digits\npress $pin", CANARY, {}),
    "no digits": ("secret pin: 9 digits\npress $pin", CANARY + "#", {}),
    "no key": ("secret pin: 8 digits\npress $pin", CANARY + "x", {}),
    "odd sign": ("secret pin: 8 digits\npress $pin", CANARY + "\ud800\n;", {}),
    "no duration": ("param pin: duration\nsecret other: 8 digits\nwait $pin; press $other", "1s", {}),
    "as a duration": ("secret pin: 8 digits\nwait $pin", CANARY, {}),
    "as a pace": ("secret pin: 8 digits\npress 1 every $pin", CANARY, {}),
    "key lacking": ("secret pin: keys\npress $pin", CANARY + "A", {"dialect": "vonage"}),
    "elsewhere": ("secret pin: 8 digits\npress $pin $nix\nwait 1.0001s", CANARY, {}),
    "syntax too": ("secret pin: 8 digits\npress $pin\nwait 3", CANARY, {}),
    "unknown": ("press 1", CANARY, {}),
    "in a define": ("secret pin: 8 digits\ndefine f(x) { wait $x }\nf($pin)", CANARY, {}),
    "rounding": (SCRIPT, CANARY, {"rounding": "error"}),
    "recursion": ("secret pin: 8 digits\ndefine f(x) { press $x; f($x) }\nf($pin)", CANARY, {}),
    "too long": (
        "secret pin: 8 digits\nlet a = $pin $pin\nrepeat 99999 { repeat 999 { press $a } }",
        CANARY,
        {},
    ),
}


@pytest.mark.parametrize(("script", "value", "options"), WRONG.values(), ids=WRONG.keys())
def test_no_error_shows_a_secret(script: str, value: str, options: dict[str, str]) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(script, values={"pin": value}, **options)  # type: ignore[arg-type]
    error = caught.value
    shown = [
        str(error),
        repr(error),
        repr(error.diagnostics),
        json.dumps([d.as_dict() for d in error.diagnostics]),
    ]
    shown += [dtmfdsl.render(found, colour=True) for found in error.diagnostics]
    shown += traceback.format_exception(error)
    assert all(clean(text) for text in shown), shown
    assert pickle.loads(pickle.dumps(error)).diagnostics == error.diagnostics


def test_no_object_shows_a_secret() -> None:
    script = dtmfdsl.parse(SCRIPT)
    compiled = dtmfdsl.compile(script, values={"pin": CANARY})
    lowered = to_program(Source("s", SCRIPT), values={"pin": CANARY})
    program, warnings = lowered.program, lowered.diagnostics
    codes, _ = compiled.dialect.encode(program)
    seen = [compiled, compiled.chunks, compiled.chunks[0], program, program.events, codes, warnings, script]
    seen += [event.span for event in program.events]
    for thing in seen:
        assert clean(spread(repr(thing))), repr(thing)
        assert clean(spread(str(thing))), str(thing)
    assert CANARY in spread(compiled.texts[0])
    assert compiled.chunks[0].shown.count("•") == len(CANARY)


def test_lifting_gives_a_secret_a_name_and_not_its_keys() -> None:
    program = dtmfdsl.compile(SCRIPT, values={"pin": CANARY}).program
    lifted = dtmfdsl.lift(program)
    text = dtmfdsl.to_text(lifted)
    assert clean(text)
    assert clean(repr(lifted))
    assert text.startswith("secret pin: 8 digits\n")
    assert dtmfdsl.lower(dtmfdsl.parse(text), {"pin": CANARY}) == program


def test_two_secrets_of_one_name_stay_apart() -> None:
    program = dtmfdsl.press("1111", secret=True) + dtmfdsl.press("2222", secret=True)
    text = dtmfdsl.to_text(dtmfdsl.lift(program))
    assert "secret secret: 4 digits\nsecret secret_2: 4 digits\n" in text
    assert "1111" not in text + repr(program)


def test_a_cut_secret_stays_hidden() -> None:
    with_pin = "secret pin: 100 digits\npress $pin"
    compiled = dtmfdsl.compile(with_pin, values={"pin": CANARY * 12 + "0000"})
    assert len(compiled.chunks) == 2
    assert clean(repr(compiled) + str(compiled.warnings) + "".join(chunk.shown for chunk in compiled.chunks))


def test_a_default_in_the_script_is_refused_and_not_repeated() -> None:
    for default in (CANARY, CANARY + "x", f'spell "{CANARY}"', f"  {CANARY} // why"):
        with pytest.raises(DtmfError) as caught:
            dtmfdsl.compile(f"secret pin: 8 digits = {default}")
        assert "secret-default" in [found.code for found in caught.value.diagnostics]
        assert clean(str(caught.value)), str(caught.value)
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(f"secret pin: 8 digits = {CANARY}; press a")
    assert clean(str(caught.value))


# The command line


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.dtmf"
    path.write_text(SCRIPT)
    return path


def ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, value: str) -> list[str]:
    """Binds the secret by one of the ways there are, and gives the arguments that this takes."""
    if way == "environment":
        monkeypatch.setenv("DTMF_PIN", value)
        return []
    if way == "file":
        (tmp_path / "values.toml").write_text(f'pin = "{value}"\n')
        return ["--values", str(tmp_path / "values.toml")]
    monkeypatch.setattr("getpass.getpass", lambda prompt: value)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    return []


every_way = pytest.mark.parametrize("way", ["environment", "file", "prompt"])


@every_way
def test_compile_shows_a_secret_in_the_string_alone(
    tmp_path: Path,
    script: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    way: str,
) -> None:
    arguments = ["compile", str(script), *ways(tmp_path, monkeypatch, way, CANARY)]
    assert main(arguments) == 0
    plain = capsys.readouterr()
    (string,) = plain.out.splitlines()
    assert CANARY in spread(string)
    assert clean(spread(plain.err)), plain.err
    assert main([*arguments, "--redact"]) == 0
    redacted = capsys.readouterr()
    assert clean(spread(redacted.out + redacted.err))
    assert redacted.out.count("•") == len(CANARY)
    assert main([*arguments, "--redact", "--json"]) == 0
    assert clean(spread(capsys.readouterr().out))
    assert main([*arguments, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    for chunk in report.pop("chunks"):
        assert CANARY in spread(chunk["text"])
    assert clean(spread(json.dumps(report)))


@every_way
@pytest.mark.parametrize("wrong", [key for key in WRONG if key not in ("odd sign", "no duration")])
def test_no_command_shows_a_secret_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: str, wrong: str
) -> None:
    text, value, options = WRONG[wrong]
    path = tmp_path / "wrong.dtmf"
    path.write_text(text)
    flags = [f"--{name}={choice}" for name, choice in options.items()]
    bound = ways(tmp_path, monkeypatch, way, value)
    for arguments in (
        ["compile", str(path), *bound, *flags],
        ["compile", str(path), *bound, *flags, "--json"],
    ):
        main(arguments)
        shown = capsys.readouterr()
        assert wrong == "unknown" or not shown.out.strip() or '"chunks": []' in shown.out
        assert clean(spread(shown.out.replace("\n", "") if wrong != "unknown" else "") + spread(shown.err)), (
            shown
        )
    for command in ("check", "format --check", "format --diff"):
        main([*command.split(), str(path)])
        shown = capsys.readouterr()
        assert clean(spread(shown.out + shown.err)), shown


def test_a_secret_on_the_command_line_is_refused(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", str(script), "--set", f"pin={CANARY}"]) == 1
    shown = capsys.readouterr()
    assert "exposed-secret" in shown.err
    assert clean(shown.out + shown.err)
    assert main(["compile", str(script), "--set", CANARY]) == 2
    assert clean("".join(capsys.readouterr()))


@pytest.mark.parametrize(
    "content",
    [f"pin = {CANARY}", f'pin = "{CANARY}', f"{CANARY}", f'pin = ["{CANARY}"]', f'"{CANARY}" = "{CANARY}'],
)
def test_a_broken_file_of_values_is_not_repeated(
    tmp_path: Path, script: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    values = tmp_path / "values.toml"
    values.write_text(content)
    assert main(["compile", str(script), "--values", str(values)]) == 1
    assert clean("".join(capsys.readouterr()))


def test_explain_dialects_and_completion_never_show_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DTMF_PIN", CANARY)
    for arguments in (
        ["explain"],
        ["explain", "secret-default"],
        ["dialects", "--json"],
        ["completion", "bash"],
        ["--help"],
    ):
        main(arguments)
        assert clean("".join(capsys.readouterr()))


def test_a_script_from_standard_input_shows_no_secret_either(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DTMF_PIN", CANARY + "1")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SCRIPT.encode())))
    assert main(["compile", "-"]) == 1
    assert clean("".join(capsys.readouterr()))
