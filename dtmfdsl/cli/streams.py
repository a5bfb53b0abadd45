"""Standard output and standard error, where every command writes."""

from __future__ import annotations

import io
import os
import sys


class Refusal(Exception):
    """A command line that makes no sense; the exit status is 2."""


def prepare_output() -> None:
    """Scripts and strings go out as UTF-8; in messages, what the terminal cannot show is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")


def tell(message: str, end: str = "\n") -> None:
    """Writes a message on standard error, if there is one: without it, `print` would use standard output.

    A broken standard error must not stop a delivery.
    """
    if sys.stderr is None:
        return
    try:
        print(message, end=end, file=sys.stderr, flush=True)
    except OSError:
        drop(sys.stderr)


def drop(stream: object) -> None:
    """Sends what is still written on a stream nowhere, the interpreter's last flush included."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):  # there is no such stream, or no file behind it
        return
