"""Standard output and standard error. Every text of a command leaves through a function of this file.

`say` and `tell` are for what people read, and clean each line of it. `give` is for data, which must arrive to
the letter: a string, a script, JSON, a diff, a CSV. It cleans only what goes to a terminal.
"""

from __future__ import annotations

import io
import os
import sys

from dtmfdsl.printable import printable


class Refusal(Exception):
    """A command line that makes no sense; the exit status is 2."""


def prepare_output() -> None:
    """Scripts and strings go out as UTF-8; in messages, what the terminal cannot show is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")


def has_colour(stream: object) -> bool:
    """Whether to write in colour: on a terminal, unless NO_COLOR is set; elsewhere if FORCE_COLOR is.

    https://no-color.org and https://force-color.org: any value but an empty one counts.
    """
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR") or stream.isatty())  # type: ignore[attr-defined]


def width_of(stream: object) -> int | None:
    """The columns of a terminal, or those that COLUMNS asks for; None if a line may be of any length.

    Where there is no terminal, COLUMNS counts only below the usual 80: programs that start others often set
    it to 80, and what reads the output wants whole lines.
    """
    asked = os.environ.get("COLUMNS", "")
    columns = int(asked[:9]) if asked.isascii() and asked.isdigit() else 0
    try:
        terminal = os.get_terminal_size(stream.fileno()).columns if stream else 0  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):  # no terminal, or no file behind the stream
        return columns if 0 < columns < 80 else None
    return columns or terminal or None


def tell(*lines: str) -> None:
    """Writes lines for people on standard error. See `write_error`."""
    write_error("".join(f"{printable(line)}\n" for line in lines))


def say(*lines: str) -> None:
    """Writes lines for people on standard output."""
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))
    sys.stdout.flush()


def give(text: str) -> None:
    """Writes data on standard output. See `data_for`."""
    sys.stdout.write(data_for(sys.stdout, text))


def give_bytes(content: bytes) -> None:
    """Writes a file that is no text on standard output. Raises Refusal for a terminal."""
    if sys.stdout.isatty():
        raise Refusal("this is no text for a terminal: write it to a file, or into a pipe")
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def data_for(stream: object, text: str) -> str:
    """Data as it may be written: to the letter, but on a terminal without what could control it.

    A script can have comments that would. A file, a pipe and a program get them as they are, because `format`
    must not change what it does not understand, and a call id must be the same in the CSV of outcomes.
    """
    if not stream.isatty():  # type: ignore[attr-defined]
        return text
    return "\n".join(printable(line.rstrip("\r").expandtabs()) for line in text.split("\n"))


def write_error(text: str) -> None:
    """Writes a text that is clean, with styles, on standard error, if there is one.

    A broken standard error must not stop a delivery.
    """
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        drop(sys.stderr)


def drop(stream: object) -> None:
    """Sends what is still written on a stream nowhere, the interpreter's last flush included."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):  # there is no such stream, or no file behind it
        return
