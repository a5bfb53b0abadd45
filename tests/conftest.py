"""What the tests share: golden files, the running of examples, the profiles of Hypothesis."""

from __future__ import annotations

import os
import re
import shlex
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import dtmfdsl
from dtmfdsl.cli import main
from dtmfdsl.explanations import explanations

# Neither a deadline nor a check of how fast examples are drawn: a busy machine is not a failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", unhurried, derandomize=True, max_examples=100)
settings.register_profile("deep", unhurried, max_examples=2000)
settings.load_profile("ci")

FILE_MARK = re.compile(r"^=== (.+) ===\n", re.MULTILINE)
SHOWN_CODE = re.compile(r"(?:^|: )(?:error|warning): .* \[([a-z0-9-]+)\]$", re.MULTILINE)


EXPLAINED = frozenset(explanations())
_make_diagnostic = dtmfdsl.Diagnostic.__init__


def _make_explained_diagnostic(self: dtmfdsl.Diagnostic, code: str, *arguments: Any, **options: Any) -> None:
    assert code in EXPLAINED, f"`{code}` has no explanation in docs/diagnostics"
    _make_diagnostic(self, code, *arguments, **options)


# Every code that any test meets must be explained, however the product came to it.
dtmfdsl.Diagnostic.__init__ = _make_explained_diagnostic


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="write what comes out now into the golden files of tests/cases"
    )


@pytest.fixture(scope="session", autouse=True)
def usual_signals() -> Iterator[None]:
    """Signals as a process finds them at a terminal, also in a background job or under nohup.

    A process inherits that a signal is ignored or blocked, and so would the commands that the tests start. It
    does not inherit a handler: under nohup a hang-up ends those commands, and the tests go on.
    """
    usual = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: lambda number, frame: None,
    }
    ignored = [number for number in usual if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, usual[number])
    blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, usual)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests gives no param a value, and no output a width or colour."""
    for name in [name for name in os.environ if name.startswith("DTMF_")]:
        monkeypatch.delenv(name)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a golden file, or with --update writes it there. No file is an empty text."""

    def compare(path: Path, text: str) -> None:
        if not request.config.getoption("--update"):
            assert text == (path.read_bytes().decode() if path.exists() else "")
        elif text:
            path.write_bytes(text.encode())
        else:
            path.unlink(missing_ok=True)

    return compare


@dataclass
class Outcome:
    """What an example came to: the codes of its diagnostics in order, and all of them as they are shown."""

    codes: tuple[str, ...]
    shown: str


@pytest.fixture
def run_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Outcome]:
    """Runs an example in a folder of its own, in one of these ways.

    "dtmf" is a script that is compiled. The lines of a "string" are decompiled. "python" is code with
    `dtmfdsl` imported. "files" are several, each under a line `=== name ===`; the first is compiled. A
    "command" is a command line with such files under it.
    """
    monkeypatch.chdir(tmp_path)

    def run(how: str, text: str, name: str = "<script>", **options: Any) -> Outcome:
        try:
            match how:
                case "dtmf":
                    result = dtmfdsl.compile(dtmfdsl.Source(name, text), **options)
                case "string":
                    result = dtmfdsl.decompile(text.splitlines(), **options)
                case "python":
                    result = evaluate(text)
                case "files":
                    result = dtmfdsl.compile_file(write_files(text)[0], **options)
                case "command":
                    line, _, files = text.partition("\n")
                    program, *arguments = shlex.split(line.removeprefix("$ "))
                    assert program == "dtmfdsl"
                    write_files(files)
                    main(arguments)
                    shown = capsys.readouterr().err
                    return Outcome(tuple(SHOWN_CODE.findall(shown)), shown)
                case _:
                    raise AssertionError(how)
        except dtmfdsl.DtmfError as error:
            return Outcome(tuple(found.code for found in error.diagnostics), f"{error}\n")
        warnings = getattr(result, "warnings", ())
        shown = "".join(f"{dtmfdsl.render(warning)}\n" for warning in warnings)
        return Outcome(tuple(warning.code for warning in warnings), shown)

    return run


def evaluate(code: str) -> object:
    """Runs statements and returns the value of the last, which is an expression."""
    *statements, expression = code.strip().splitlines()
    scope = {"dtmfdsl": dtmfdsl}
    exec("\n".join(statements), scope)
    return eval(expression, scope)


def write_files(text: str) -> list[str]:
    """Writes the files of a text, each under a line `=== name ===`, here; returns their names."""
    before, *marked = FILE_MARK.split(text)
    assert not before, "the text begins with the name of a file"
    names = marked[::2]
    for name, content in zip(names, marked[1::2], strict=True):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content, encoding="utf-8")
    return names
