"""What the commands share on the way in: scripts from files, standard input or the command line."""

from __future__ import annotations

import argparse
import sys

from dtmfdsl import limits
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Dialect, get_dialect
from dtmfdsl.loader import from_bytes, read_file
from dtmfdsl.source import Source


def add_scripts(parser: argparse.ArgumentParser, many: bool) -> None:
    """The arguments by which a command is given its script, or scripts."""
    parser.add_argument(
        "files" if many else "file",
        metavar="FILE",
        nargs="*" if many else "?",
        help="a script; - is standard input",
    )
    parser.add_argument("-e", metavar="TEXT", dest="text", help="the script itself, instead of a file")


def add_dialect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dialect", metavar="NAME", default="bandwidth-v1", help="the carrier's dialect (bandwidth-v1)"
    )


def add_spelling(parser: argparse.ArgumentParser) -> None:
    """The options that say how a script becomes strings."""
    parser.add_argument(
        "--rounding",
        choices=["up", "error"],
        default="up",
        help="lengthen waits that the dialect cannot write (up), or refuse them (error)",
    )
    parser.add_argument("--half-second", metavar="CHAR", help="the character to write half a second as")
    parser.add_argument(
        "--allow-outside", action="store_true", help="let `use` read files outside the script's folder"
    )


def dialect_of(options: argparse.Namespace) -> Dialect:
    """The dialect of `--dialect`, with the character of `--half-second`. Raises Refusal if there is none."""
    try:
        return get_dialect(options.dialect, half_second=getattr(options, "half_second", None))
    except DtmfError as error:
        (found,) = error.diagnostics
        raise Refusal(f"{found.message}: {found.help}") from None


def chosen(options: argparse.Namespace) -> list[str | None]:
    """The files named on the command line; None stands for the text of `-e`."""
    files = [*options.files] if hasattr(options, "files") else [options.file] if options.file else []
    if options.text is not None:
        files.append(None)
    if not files:
        raise Refusal("name a script file, - for standard input, or give the script with -e TEXT")
    if len(files) > 1 and not hasattr(options, "files"):
        raise Refusal("give a file or -e TEXT, not both")
    return files


def load(file: str | None, text: str | None) -> Source:
    """One of the `chosen` as a source. Raises DtmfError if it cannot be read."""
    if file is None:
        return Source("<-e>", (text or "").removeprefix("\ufeff"))
    return read_input() if file == "-" else read_file(file)


def read_input() -> Source:
    """Standard input as a source. Raises DtmfError if it cannot be read."""
    content = b"" if sys.stdin is None else sys.stdin.buffer.read(limits.SOURCE_BYTES + 1)
    return from_bytes(content, "<stdin>")


def positive(text: str) -> float:
    """An option's value as a number above zero, for argparse."""
    value = float(text)
    if not 1e-3 <= value < 1e9:
        raise ValueError
    return value


positive.__name__ = "positive number"  # as argparse says it
