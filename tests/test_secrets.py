"""A canary: a secret's digits stand in the compiled string and in nothing else that anyone can see."""

from __future__ import annotations

import asyncio
import copy
import io
import json
import pickle
import re
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
import dtmfdsl.sending
from dtmfdsl import Diagnostic, DtmfError, Span
from dtmfdsl import source as source_module
from dtmfdsl.cli import main
from dtmfdsl.cli.rewriting import show_diff
from dtmfdsl.compiler import to_program
from dtmfdsl.dialects.chunks import Chunk
from dtmfdsl.language.secrets import secret_spans
from dtmfdsl.notation import SecretText
from dtmfdsl.program import Program
from dtmfdsl.sending import BANDWIDTH_V1, Credentials
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


def holders() -> list[object]:
    """Objects that hold the secret."""
    compiled = dtmfdsl.compile(SCRIPT, values={"pin": CANARY})
    plan = dtmfdsl.sending.plan_call(SCRIPT, values={"pin": CANARY})
    credentials = BANDWIDTH_V1.credentials(dict.fromkeys(BANDWIDTH_V1.variables, CANARY))
    return [compiled, compiled.chunks[0], compiled.program, compiled.texts, plan, plan.steps[0], credentials]


@pytest.mark.parametrize("index", range(7))
def test_no_secret_is_in_a_pickle_or_a_captured_local(index: int) -> None:
    holder = holders()[index]
    with pytest.raises(TypeError, match="a secret cannot be pickled"):
        pickle.dumps(holder)
    plain = (
        attrs.asdict(holder, recurse=False)
        if attrs.has(type(holder))
        else vars(holder)
        if hasattr(holder, "__dict__")
        else holder
    )
    assert clean(spread(repr(plain)))
    if not isinstance(holder, Program | Credentials):
        assert copy.deepcopy(holder) == holder or not isinstance(holder, Chunk)
    try:
        raise ValueError
    except ValueError as error:
        captured = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "holder = " in captured
    assert clean(spread(captured)), captured


def test_what_has_no_secret_is_pickled() -> None:
    compiled = dtmfdsl.compile("press 1; wait 3s; press 59#")
    assert pickle.loads(pickle.dumps(compiled)).texts == compiled.texts


@pytest.mark.parametrize("value", [CANARY + "1", CANARY + "x", "1." + CANARY])
def test_no_frame_of_ours_shows_a_value(value: str) -> None:
    for kind in ("8 digits", "letters", "4 keys"):
        with pytest.raises(DtmfError) as caught:
            dtmfdsl.compile(f"secret pin: {kind}; press $pin; press $nix", values={"pin": value})
        error = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        ours = [frame for frame in error.stack if "tests" not in frame.filename]
        assert len(ours) > 1
        for frame in ours:
            assert clean(spread(str(frame.locals))), (frame.name, frame.locals)


VALUES, ROWS = {"pin": CANARY}, [{"call_id": "c", "pin": CANARY}]
CREDENTIALS = dict.fromkeys(BANDWIDTH_V1.variables, CANARY)
sending = dtmfdsl.sending


async def send_async(**options: Any) -> None:
    await sending.send_async(SCRIPT, "c", **options)


FRONT_DOORS: dict[str, Callable[[], object]] = {
    "compile_file": lambda: dtmfdsl.compile_file("examples/voicemail.dtmf", values=VALUES),
    "lower": lambda: dtmfdsl.lower(dtmfdsl.parse("press 1"), VALUES),
    "to_program": lambda: to_program("wait 1", values=VALUES).valid(),
    "plan_call": lambda: sending.plan_call(SCRIPT + "wait 1", values=VALUES),
    "plan_calls": lambda: sending.plan_calls(ROWS, script=SCRIPT + "wait 1"),
    "unknown option": lambda: sending.plan_calls(ROWS, script=SCRIPT, values=VALUES, nix=1),  # type: ignore[call-arg]
    "send": lambda: sending.send(SCRIPT, "c", values=VALUES, credentials=CREDENTIALS, base_url="x"),
    "send_async": lambda: asyncio.run(send_async(values=VALUES, credentials=CREDENTIALS, base_url="x")),
    "send_many": lambda: sending.send_many(ROWS, script=SCRIPT, credentials=CREDENTIALS, base_url="x"),
    "the environment": lambda: sending.send(SCRIPT, "c", values=VALUES, base_url="x"),
}  # fmt: skip


@pytest.mark.parametrize("door", FRONT_DOORS)
def test_no_frame_of_a_front_door_shows_what_it_was_given(door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BANDWIDTH_V1.variables:
        monkeypatch.setenv(name, CANARY)
    with pytest.raises((DtmfError, TypeError)) as caught:
        FRONT_DOORS[door]()
    error = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in error.stack if "dtmfdsl" in Path(frame.filename).parts]
    assert ours
    for frame in ours:
        assert clean(spread(str(frame.locals))), (frame.name, frame.locals)


def test_a_secret_text_is_its_text() -> None:
    secret = SecretText(CANARY)
    assert (secret, hash(secret), str(secret), f"{secret}") == (CANARY, hash(CANARY), CANARY, CANARY)
    assert repr([secret]) == f"['{'•' * len(CANARY)}']"
    assert copy.copy(secret) is copy.deepcopy(secret) is secret


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


# A secret where it should not be

WORDS = "password Passwort passwd passcode passphrase pass pwd pin PIN Pin credential token code secret sercet".split()
FORMS = """
{word} pin: 10 digits = {secret}
{word}: {secret}
{word}: "{secret}"
{word} = {secret}
{word}={secret}; press a
${word} = {secret}
{word} {secret}, then press 2
{word} is {secret}
my {word} is {secret}
the {word}, {secret}, then pound
let {word} = {secret} x
let {word} be {secret}
param {word}: 10 digits = {secret} x
secret {word}: 10 digits = {secret}
secret {word}: 10 digits {secret}
set {word} {secret}
export DTMF_{word}={secret}
let user_{word} = {secret}; press a
enter {word} {secret}
enter your {word} ({secret})
press {word} {secret}
press {secret} // my {word}; and more
press {secret} for {word}
press {secret}a // {word}
press a // {word}; it is {secret}
# {word}: {secret}; press a
say {secret} for "{word}"
wait 3 seconds for the {word}, press {secret} and the pound key
""".strip().split("\n")

COMMANDS = """check; check --json; check --output-format sarif; check --output-format github; check --diff;
format --diff; format --check; compile; compile --json""".split(";")

secrets = st.text("0123456789", min_size=8, max_size=12).filter(lambda digits: len({*digits}) > 4)


def parted(digits: str, mark: str) -> str:
    return mark.join(digits[at : at + 3] for at in range(0, len(digits), 3))


def shows(text: str, digits: str) -> bool:
    """Whether four of the digits stand in a row, with or without marks between them."""
    text = re.sub("[ .()-]", "", text)
    return any(digits[at : at + 4] in text for at in range(len(digits) - 3))


@given(
    st.sampled_from(FORMS),
    st.sampled_from(WORDS),
    secrets,
    st.sampled_from(["", "", "-", " ", "."]),
    st.sampled_from(COMMANDS),
)
def test_a_secret_in_a_script_by_mistake_is_not_shown(
    form: str, word: str, digits: str, mark: str, command: str
) -> None:
    text = form.format(word=word, secret=parted(digits, mark) if mark else digits)
    shown = io.StringIO(), io.StringIO()
    with redirect_stdout(shown[0]), redirect_stderr(shown[1]):
        status = main([*command.split(), "-e", text])
    out, err = (stream.getvalue() for stream in shown)
    assert not shows(err, digits)
    assert not shows(out, digits) or (command.startswith("compile") and status == 0)
    for found in dtmfdsl.check(text):
        assert not shows(dtmfdsl.render(found), digits)
        assert not shows(json.dumps(found.as_dict()), digits)


def test_what_is_no_secret_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for text in (
        "wait 12000 ms for PIN",
        "press 59 for pin; press 5551234567",
        "repeat 3 { press 5551234567 a }",
        "define login(id, code) { press $cod }",
        "press 5551234567 for select, a",
        "pin(1)",
        "secret pin: 4 digits // has four\npress $pn",
    ):
        main(["check", "-e", text])
        shown = capsys.readouterr().err
        assert "•" not in shown, shown


def test_a_way_out_is_shown_without_the_secret_and_still_fixes() -> None:
    text = "let pin be 83619402"
    span = Span(Source("s", text, hiding=secret_spans), 8, 10)
    for suggestion in ("let pin = 83619402", "let pin = 836-194-02", "let pin = 99"):
        found = Diagnostic("missing-value", "m", span, suggestion=suggestion)
        masked = suggestion if suggestion.endswith("99") else re.sub(r"\d", "•", suggestion)
        assert f"help: write `{masked.replace('-', masked[-1])}`" in dtmfdsl.render(found)
        assert found.as_dict()["suggestion"] == (suggestion if masked == suggestion else None)
    assert dtmfdsl.fix(text).text == "let pin = 83619402"


def test_a_diff_masks_what_a_fix_makes_of_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    text = f"secret pin: 8 digits\npress your PIN {CANARY}a\npress 1234a\n"
    source = Source("s", text)
    show_diff(
        "s", source.text, text.replace(f"your PIN {CANARY}a", f"{CANARY}A").replace("4a", "4A"), "fixed"
    )
    out = capsys.readouterr().out
    assert clean(out)
    assert "-press 1234a\n+press ••••••••A\n+press 1234A\n" in out


def test_letters_and_what_a_message_quotes_are_hidden_too() -> None:
    text = 'password: letters = "hunter"; passphrase is x1y2; press 1'
    source = Source("s", text, hiding=secret_spans)
    assert source.masked("`hunter` is `x1y2`, not `press 1`") == "`••••••` is `••••`, not `press 1`"
    assert source.line(1) == "password: letters = ••••••••; passphrase is ••••; press 1"


def test_many_secrets_are_hidden_too_and_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    count = source_module.MANY + 100
    text = "".join(f"secret p{n}: 6 digits = {730_000 + n}; password: hunter{n}\n" for n in range(count))
    source = Source("s", text, hiding=secret_spans)
    looked_at = []
    pieces = source_module._pieces
    monkeypatch.setattr(source_module, "_pieces", lambda hidden: looked_at.append(hidden) or pieces(hidden))
    for n in (0, 57, count - 1):
        about = (
            f"`{730_000 + n}` is no key: write `press {730_000 + n}; press 73 00 0{n % 10}` or `hunter{n}`"
        )
        assert source.masked(about) == re.sub(
            r"73[ 0-9]+(?=[`;])|hunter\d+", lambda m: re.sub(r"\S", "•", m[0]), about
        )
        assert source.line(n + 1) == f"secret p{n}: 6 digits = ••••••; password: ••••••{'•' * len(str(n))}"
    assert source.masked("`press 1` is for 6 digits") == "`press 1` is for 6 digits"
    assert len(looked_at) == 2 * count


OPTIONS = {
    "compile": "--dialect --rounding --half-second --set --values --allow-outside --redact --pin --",
    "check": "--dialect --output-format --rounding --pin --",
    "format": "--check --pin",
    "decompile": "--dialect --template",
    "explain": "",
    "dialects": "--settings --json",
    "completion": "",
    "testline": "--port --fault --carrier",
    "send": "--timeout --speed --tries --workers --rate --deadline --carrier --fault --base-url --env-file --values "
    "--calls --resume --rounding --half-second --set --pin --",
}


@given(st.sampled_from([*OPTIONS]), secrets, st.data())
def test_a_secret_on_the_command_line_by_mistake_is_not_shown(
    command: str, digits: str, data: st.DataObject
) -> None:
    # What `decompile` is given is what it shows.
    options = OPTIONS[command].split() + [""] * (command != "decompile")
    option = data.draw(st.sampled_from(options))
    secret = data.draw(
        st.sampled_from(
            [digits, f"pin={digits}", f"{digits}#", f"pin {digits}", f"{digits[:4]} {digits[4:]}"]
        )
    )
    ways = [[option, secret], [f"{option}={secret}"]] if option.startswith("--") else [[secret]]
    script = (
        ["-e", "press 1" if command == "send" else SCRIPT] if command in ("compile", "check", "send") else []
    )
    line = ["--dry-run"] if command == "send" else []
    arguments = [command, *line, *script, *data.draw(st.sampled_from(ways))]
    shown = io.StringIO(), io.StringIO()
    with redirect_stdout(shown[0]), redirect_stderr(shown[1]):
        status = main(arguments)
    out, err = (stream.getvalue() for stream in shown)
    assert status in (1, 2) or command in ("check", "dialects", "send")
    assert not shows(out + err, digits), arguments


@pytest.mark.parametrize("key", ["dialect", "rounding", "half-second", CANARY])
def test_a_secret_in_the_settings_is_not_shown(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dtmfdsl.toml").write_text(f'"{key}" = "{CANARY}"')
    (tmp_path / "call.dtmf").write_text("press 1")
    assert main(["check", str(tmp_path / "call.dtmf")]) == 2
    assert clean("".join(capsys.readouterr()))
