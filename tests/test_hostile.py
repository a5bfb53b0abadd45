"""Input that means harm, or comes from a broken pipeline: a clear error each, no traceback, no hang.

Each takes seconds at most. pytest's limit of minutes ends a hang; nothing here measures speed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import codes, file_codes
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError, Pause, Program, Tones, limits
from dtmfdsl.cli import main
from dtmfdsl.language import fixer
from dtmfdsl.language.parser import Parsed, read
from dtmfdsl.language.unreadable import unreadable
from dtmfdsl.source import Source


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{" * 50_000, "nested-too-deeply"),
        ("repeat 2 {" * 50_000, "nested-too-deeply"),
        ("}" * 50_000, "unopened-block"),
        ("press " + "1" * 20_000_000, "source-too-large"),
        ("repeat 99999 { " * 40 + "press 1" + "}" * 40, "too-many-steps"),
        ("repeat 99999 { repeat 99999 { wait 1s } }", "too-many-steps"),
        ("repeat 99999 { wait 10s }", "too-long"),
        ("wait 999999999999s", "too-long"),
        ("wait " + "9" * 1000 + "s", "too-long"),
        ("repeat 99999999999999999999 { press 1 }", "bad-repeat"),
        ("press " + "1" * 10_001, "too-many-keys"),
        ("repeat 500 { press " + "1" * 9_999 + " }", "too-many-keys"),
        (
            "let a = 1\n"
            + "".join(f"let {chr(98 + n)} = ${chr(97 + n)} ${chr(97 + n)}\n" for n in range(25)),
            "too-many-keys",
        ),
        (
            "define d0() { wait 1s }\n"
            + "".join(f"define d{n}() {{ d{n - 1}(); d{n - 1}() }}\n" for n in range(1, 40)),
            "too-many-steps",
        ),
        (
            "define d0() { }\n" + "".join(f"define d{n}() {{ d{n - 1}() }}\n" for n in range(1, 400)),
            "nested-too-deeply",
        ),
        ("press 1\0", "control-character"),
        ("press 1 // \0", "control-character"),
        ('press 1 for "\0"', "control-character"),
        ("press \ud800", "not-unicode"),
        ("// \udfff", "not-unicode"),
        ('"' * 99_999, "unexpected-text"),
        ("(" * 100_000, "unexpected-text"),
        ("press " + "(" * 100_000, "unexpected-text"),
        ("$" * 100_000, "unexpected-text"),
        ("press " * 100_000, "unexpected-text"),
        ('press 1 for "' + '\\"' * 300_000, "unexpected-text"),
        (('press 1 for "' + '\\"' * 5_000 + "\n") * 100, "unexpected-text"),
        ("secret " * 200_000, "unexpected-text"),
        ("wait " + "9" * 1_500_000, "unexpected-text"),
        ("enter " + "1" * 1_500_000, "unexpected-text"),
        ('press spell "' + "é" * 300_000 + '"', "cannot-spell"),
        ('press spell "' + "a" * 300_000 + '"', "too-many-keys"),
        ("let a = " + "0" * 9_999 + "\n" + "press $a 1\n" * 100_000, "too-many-keys"),
        ("param x: 999999999 digits", "bad-kind"),
        (
            "".join(f"let {'a' * 180}{n:04} = 1\n" for n in range(400))
            + "".join(f"press ${'a' * 100}b{'a' * 79}{n:04}\n" for n in range(98)),
            "unknown-name",
        ),
        (
            "let a = " + "0" * 9_990 + "\n" + "".join(f"let b{n} = $a 1\n" for n in range(80_000)),
            "too-many-keys",
        ),
        ("".join(f"param b{n}: 10000 digits = {'1' * 10}\n" for n in range(20_000)), "wrong-kind"),
        ("\0" * 1_400_000, "control-character"),
        ("}" * 1_400_000, "unopened-block"),
        ("press x\n" + "f();" * 300_000, "unknown-key"),
        ("press x\n" + "press $a$b$c\n" * 80_000, "unknown-key"),
        (
            "".join(f"let n{n} = 1\n" for n in range(70_000))
            + "".join(f"define q{n}() {{ zz{n}() }}\n" for n in range(98)),
            "unknown-name",
        ),
        (
            "".join(f"let n{n} = 1\n" for n in range(600))
            + "define bottom() { press $zznope }\n"
            + "bottom();" * 100_000,
            "unknown-name",
        ),
        (
            "define d0() { press 1 }\n"
            + "".join(
                f"define d{n}() {{ " + "repeat 1 { " * 20 + f"d{n - 1}()" + " }" * 20 + " }\n"
                for n in range(1, 25)
            ),
            "nested-too-deeply",
        ),
        ("".join(f"define d{n}() {{ d{(n + 1) % 30_000}() }}\n" for n in range(30_000)), "recursion"),
        ("\n".join(f"press $n{n}" for n in range(20_000)), "unknown-name"),
        ("let a = 1\n" * 20_000, "defined-twice"),
        ("x\n" * 100_000, "unknown-statement"),
        ("define f(a) { press $a }\nf(" + "1," * 700_000 + "1)", "source-too-large"),
        ("f(" + "1," * 700_000 + "1)", "source-too-large"),
        ("press " + "$a" * 700_000, "source-too-large"),
        ("let a=1;" * 150_000, "source-too-large"),
    ],
    ids=lambda value: (
        value[:24].replace("\0", "NUL").encode("ascii", "replace").decode() if len(value) > 24 else None
    ),
)
def test_hostile_text_ends_in_its_own_error(text: str, code: str) -> None:
    assert code in codes(text)


def test_an_int_is_not_keys_and_the_error_explains_why() -> None:
    with pytest.raises(DtmfError, match="leading zeros"):
        dtmfdsl.press(7)  # type: ignore[arg-type]
    with pytest.raises(DtmfError, match="leading zeros"):
        dtmfdsl.compile("param pin: 4 digits; press $pin", values={"pin": 1234})  # type: ignore[dict-item]
    with pytest.raises(DtmfError, match="unit"):
        dtmfdsl.wait(3)  # type: ignore[arg-type]


def test_many_mistakes_are_counted_not_listed() -> None:
    found = codes("\n".join(["wait 3"] * 5_000))
    assert len(found) == limits.DIAGNOSTICS + 1
    assert found[-1] == "too-many-mistakes"


# Files


def test_files_that_use_the_next_twice(tmp_path: Path) -> None:
    for n in range(46):
        (tmp_path / f"{n}.dtmf").write_text(f'use "{n + 1}.dtmf"\n' * 2 + f"let a{n} = 1\n")
    (tmp_path / "46.dtmf").write_text("let a = 1\n")
    assert dtmfdsl.compile_file(tmp_path / "0.dtmf").texts == ()
    (tmp_path / "big.dtmf").write_text("".join(f"let n{n} = 1\n" for n in range(80_000)))
    (tmp_path / "bigs.dtmf").write_text('use "big.dtmf"\n' * 3_000)
    assert dtmfdsl.compile_file(tmp_path / "bigs.dtmf").texts == ()
    (tmp_path / "often.dtmf").write_text('use "46.dtmf"\n' * 50_000)
    assert dtmfdsl.compile_file(tmp_path / "often.dtmf").texts == ()


def test_words_are_counted_up_to_the_limit_and_not_in_comments() -> None:
    full = "$a" * limits.WORDS
    assert unreadable(Source("", full + "// a, b")) is None
    found = unreadable(Source("", full + ' "b"'))
    assert found is not None
    assert found.code == "source-too-large"
    assert found.span is not None
    assert found.span.text == '"b"'


def test_a_text_of_many_mistakes_is_read_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counting(source: Source) -> Parsed:
        sizes.append(len(source.text))
        return read(source)

    monkeypatch.setattr(fixer, "read", counting)
    text = "wait 1\n" * 100_000
    fixed = dtmfdsl.fix(text)
    assert len(fixed.changes) >= limits.DIAGNOSTICS
    assert sum(size for size in sizes if size >= len(text)) <= fixer.READ_AGAIN + 2 * len(text)


@pytest.mark.parametrize("text", ["\n", ";", "//\n", "f();", "press 1\n\n"], ids=repr)
def test_a_large_script_of_little(text: str) -> None:
    dtmfdsl.parse(text * (1_400_000 // len(text)))


def test_programs_from_python_meet_the_limits() -> None:
    for program in (
        dtmfdsl.wait("9999999999s"),
        dtmfdsl.press("1" * 9_999) * 200,
    ):
        with pytest.raises(DtmfError):
            dtmfdsl.compile(program)
    with pytest.raises(DtmfError):
        dtmfdsl.press("1") * 10**9
    with pytest.raises(DtmfError):
        Program((Pause(3500.0),))  # type: ignore[arg-type]
    with pytest.raises(DtmfError):
        Program((Tones(12),))  # type: ignore[arg-type]
    with pytest.raises(DtmfError):
        dtmfdsl.lower("press 1")  # type: ignore[arg-type]
    with pytest.raises(DtmfError):
        dtmfdsl.compile("press 1", values={1: "2"})  # type: ignore[dict-item]
    for wrong in (lambda: Pause(-1), lambda: Tones("12", -1)):
        with pytest.raises(DtmfError, match="not negative"):
            Program((wrong(),))
    with pytest.raises(DtmfError):
        dtmfdsl.press("")
    with pytest.raises(DtmfError):
        dtmfdsl.wait("3s", cue=3)  # type: ignore[arg-type]
    with pytest.raises(DtmfError):
        dtmfdsl.compile("press 1", values=["1"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("strings", "dialect"),
    [
        ("x" * 1_000_000, "twilio"),
        (["xx"] * 200_000, "twilio"),
        ("12p1p" * 300_000, "vonage"),
        (["12p"] * 300_000, "vonage"),
    ],
    ids=["one run", "many strings", "long", "many"],
)
def test_endless_strings(strings: str | list[str], dialect: str) -> None:
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.decompile(strings, dialect)
    assert len(str(caught.value)) < 100_000


def test_a_long_chain_of_files(tmp_path: Path) -> None:
    for n in range(100):
        (tmp_path / f"{n}.dtmf").write_text(f'use "{n + 1}.dtmf"\n')
    assert file_codes(tmp_path / "0.dtmf") == ["nested-too-deeply"]


@given(st.text(max_size=60))
def test_any_text_compiles_or_gets_a_diagnostic(text: str) -> None:
    try:
        dtmfdsl.compile(text)
    except DtmfError as error:
        assert error.diagnostics
        assert str(error)


WORDS = 'press wait for every repeat 3 { } ( ) let param secret x $x = : 4 digits 3s 3,5 " // ; \n # star use raw as up to define 1W,'.split(
    " "
)


@given(st.lists(st.sampled_from([*WORDS, " ", "1", "press 1\n"]), max_size=25).map(" ".join))
def test_any_heap_of_words_compiles_or_gets_a_diagnostic_with_a_place(text: str) -> None:
    try:
        dtmfdsl.compile(text)
    except DtmfError as error:
        for found in error.diagnostics:
            assert found.span is not None, found
            assert 0 <= found.span.start <= found.span.end <= len(text)


@pytest.mark.parametrize("argument", ["/dev/null", "/dev/zero", ".", "no such file", "\ud800"])
def test_the_command_survives_any_file(
    argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # `format .` rewrites whatever scripts lie there
    for command in ("compile", "check", "format"):
        assert main([command, "--", argument]) in (0, 1, 2)
        assert "Traceback" not in capsys.readouterr().err


def test_a_fix_is_judged_by_what_follows_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a line is, each of its fixes looks at a little of it."""
    line = "wait 3; wait 4; " + "press 1; " * 1_000
    looked_at = []

    def cut(text: str, *, spoken: bool) -> object:
        looked_at.append(len(text))
        return real(text, spoken=spoken)

    real = fixer._cut
    monkeypatch.setattr(fixer, "_cut", cut)
    assert dtmfdsl.fix(line).text.startswith("wait 3s; wait 4s; press 1; ")
    assert max(looked_at) < fixer.AHEAD + 100
