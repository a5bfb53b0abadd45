"""What the commands share on the way in: scripts from files, standard input or the command line."""

from __future__ import annotations

import argparse
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dtmfdsl.dialects import Dialect
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


def dialect_of(options: argparse.Namespace) -> Dialect:
    """The dialect of `--dialect`, with the character of `--half-second`. Raises Refusal if there is none."""
    from dtmfdsl.cli.output import Refusal
    from dtmfdsl.diagnostics import DtmfError
    from dtmfdsl.dialects import get_dialect

    try:
        dialect = get_dialect(options.dialect)
        half_second = getattr(options, "half_second", None)
        return dialect if half_second is None else dialect.preferring(half_second)
    except DtmfError as error:
        (found,) = error.diagnostics
        raise Refusal(f"{found.message}: {found.help}") from None


def chosen(options: argparse.Namespace) -> list[str | None]:
    """The files named on the command line; None stands for the text of `-e`."""
    from dtmfdsl.cli.output import Refusal

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
    from dtmfdsl import limits
    from dtmfdsl.loader import as_source, read_file
    from dtmfdsl.source import Source

    if file is None:
        return Source("<-e>", (text or "").removeprefix("\ufeff"))
    if file == "-":
        content = b"" if sys.stdin is None else sys.stdin.buffer.read(limits.SOURCE_BYTES + 1)
        return as_source(content, "<stdin>")
    return read_file(file)


def positive(text: str) -> float:
    """An option's value as a number above zero, for argparse."""
    value = float(text)
    if not 1e-3 <= value < 1e9:
        raise ValueError
    return value


positive.__name__ = "positive number"  # as argparse says it
