"""What the commands share on the way out: diagnostics on standard error, JSON on standard output."""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from dtmfdsl.diagnostics import Diagnostic


class Refusal(Exception):
    """A command line that makes no sense; the exit status is 2."""


def prepare_output() -> None:
    """Scripts and strings go out as UTF-8; in messages, what the terminal cannot show is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")


def tell(message: str) -> None:
    """Says something on standard error, if there is one: without it, `print` would use standard output.

    What is under way is more than what is said of it: a message that nobody can read stops nothing.
    """
    if sys.stderr is None:
        return
    try:
        print(message, file=sys.stderr)
    except OSError:
        drop(sys.stderr)


def drop(stream: TextIO | None) -> None:
    """Sends what is still written on a stream nowhere, the interpreter's last flush included."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):  # there is no such stream, or no file behind it
        return


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Draws diagnostics on standard error, in colour on a terminal."""
    from dtmfdsl.diagnostics import render

    colour = sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for diagnostic in diagnostics:
        tell(render(diagnostic, colour))


def show_json(value: object) -> None:
    """Writes a value on standard output as JSON."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))
