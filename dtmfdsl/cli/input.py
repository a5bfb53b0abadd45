"""What the commands share on the way in: scripts from files, standard input or the command line."""

from __future__ import annotations

import argparse
import os
import sys

import dtmfdsl
from dtmfdsl import limits
from dtmfdsl.cli.late import late
from dtmfdsl.cli.settings import DEFAULT_DIALECT, settings_above
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Dialect, get_dialect
from dtmfdsl.loader import from_bytes, read_file
from dtmfdsl.notation import NotationError, read_duration
from dtmfdsl.source import Source


def add_scripts(parser: argparse.ArgumentParser, many: bool) -> None:
    """The arguments by which a command is given its script, or scripts."""
    parser.add_argument(
        "files" if many else "file",
        metavar="FILE",
        nargs="*" if many else "?",
        help=f"a script{', or a folder: every *.dtmf below it' if many else ''}; - is standard input",
    )
    parser.add_argument("-e", metavar="TEXT", dest="text", help="the script itself, instead of a file")
    if many:
        parser.add_argument(
            "--stdin-filename", metavar="NAME", help="the file's name that standard input stands for"
        )
        parser.add_argument("-q", "--quiet", action="store_true", help="show mistakes and nothing else")


def add_dialect(parser: argparse.ArgumentParser) -> None:
    help = f"the carrier's dialect ({DEFAULT_DIALECT}), or a TOML file that describes one"
    parser.add_argument("--dialect", metavar="NAME", help=help)


def add_spelling(parser: argparse.ArgumentParser) -> None:
    """The options that say how a script becomes strings."""
    parser.add_argument(
        "--rounding",
        choices=["up", "error"],
        help="lengthen waits that the dialect cannot write (up), or refuse them (error)",
    )
    parser.add_argument("--half-second", metavar="CHAR", help="the character to write half a second as")
    parser.add_argument(
        "--allow-outside", action="store_true", help="let `use` read files outside the script's folder"
    )


def add_waits(parser: argparse.ArgumentParser) -> None:
    """The option for dialects that cannot write every pause."""
    parser.add_argument(
        "--waits", action="store_true", help="show waits that no string can hold in lines of their own"
    )


def dialect_of(options: argparse.Namespace) -> Dialect:
    """The dialect of a command that takes one script or none. See `settle`."""
    return settle(options, getattr(options, "file", None))


def settle(options: argparse.Namespace, file: str | None) -> Dialect:
    """Fills in what the command line leaves open for a script, and returns the dialect.

    It is what the settings above the script say, or else what is usual. Their character for half a second is
    for their own dialect, not for another of the command line. Raises Refusal for settings that cannot be
    used, and if there is no such dialect or character.
    """
    settings = settings_above(getattr(options, "stdin_filename", None) if file == "-" else file)
    usual = settings.get("dialect", DEFAULT_DIALECT)
    options.dialect = options.dialect or usual
    options.rounding = getattr(options, "rounding", None) or settings.get("rounding", "up")
    options.half_second = getattr(options, "half_second", None)
    if options.half_second is None and getattr(options.dialect, "name", options.dialect) == usual:
        options.half_second = settings.get("half-second")
    options.dialect = dialect = named(options.dialect, options.half_second)
    return dialect


def named(name: str | Dialect, half_second: str | None = None) -> Dialect:
    """The dialect of a name, or of the file that the name is; it writes half a second as that character.

    Raises Refusal if there is none.
    """
    dialect = late("dialectfile").read(name) if is_file(name) else name
    try:
        return get_dialect(dialect, half_second=half_second)
    except DtmfError as error:
        # What was given is not repeated: it may be a misplaced PIN.
        (found,) = error.diagnostics
        what = (
            "half a second is not written so" if found.code == "no-such-pause" else "there is no such dialect"
        )
        raise Refusal(f"{what}: {found.help}") from None


def dial_strings(options: argparse.Namespace) -> list[str]:
    """The strings of the command line, or else of standard input, one a line. Raises DtmfError."""
    strings: list[str] = options.strings
    if strings in ([], ["-"]):
        lines = read_input().text.replace("\r", "\n").split("\n")
        strings = [line.strip() for line in lines if line.strip()] or [""]
    return strings


def is_file(dialect: object) -> bool:
    """Whether a dialect is named by the file that describes it."""
    return isinstance(dialect, str) and dialect.endswith(".toml")


def chosen(options: argparse.Namespace) -> list[str | None]:
    """The files named on the command line, with those in the folders; None stands for the text of `-e`."""
    many = hasattr(options, "files")
    files = [*options.files] if many else [options.file] if options.file else []
    if many:
        files = [*dict.fromkeys(script for file in files for script in _scripts(file))]
    if options.text is not None:
        files.append(None)
    if not files:
        raise Refusal("name a script file, - for standard input, or give the script with -e TEXT")
    if len(files) > 1 and not many:
        raise Refusal("give a file or -e TEXT, not both")
    return files


def _scripts(path: str) -> list[str]:
    """The scripts below a folder, without those in hidden folders; a path that is no folder is itself."""
    if not os.path.isdir(path):
        return [path]

    def refuse(error: OSError) -> None:
        raise Refusal(f"{error.filename} cannot be read: {error.strerror}")

    found: list[str] = []
    for folder, inner, files in os.walk(path, onerror=refuse):
        inner[:] = [name for name in inner if not name.startswith(".")]
        scripts = [name for name in files if name.endswith(".dtmf") and not name.startswith(".")]
        found += [os.path.normpath(os.path.join(folder, name)) for name in scripts]
    if not found:
        raise Refusal(f"there is no script (*.dtmf) in the folder {path}")
    return sorted(found)


def load(file: str | None, text: str | None, stdin_name: str | None = None) -> Source:
    """One of the `chosen` as a source. Raises DtmfError if it cannot be read."""
    if file is None:
        return Source("<-e>", (text or "").removeprefix("\ufeff"))
    if file == "-":
        return read_input(stdin_name)
    try:
        return read_file(file)
    except DtmfError as error:
        if error.diagnostics[0].code == "no-such-file" and _is_script(file):
            help = "give a script itself with -e: dtmfdsl compile -e 'press 1'"
            message = "there is no file of this name, but the name reads as a script"
            raise DtmfError.of("no-such-file", message, help=help) from None
        raise


def _is_script(text: str) -> bool:
    try:
        return bool(dtmfdsl.parse(text).body)
    except DtmfError:
        return False


def read_input(name: str | None = None) -> Source:
    """Standard input as a source, in the place of the file `name`. Raises DtmfError if it cannot be read."""
    content = b"" if sys.stdin is None else sys.stdin.buffer.read(limits.SOURCE_BYTES + 1)
    return from_bytes(content, name or "<stdin>", name)


def duration(text: str) -> float:
    """An option's value as a time in seconds, written with its unit as in the language, for argparse."""
    try:
        milliseconds = read_duration(text.strip())
    except NotationError:
        number = text.strip().replace(".", "", 1).isdecimal()
        reason = "a time needs its unit" if number else "this is not a time"
        raise argparse.ArgumentTypeError(f"{reason}: write it like 90s, 2m or 500ms") from None
    if not 0 < milliseconds < 1e12:
        raise argparse.ArgumentTypeError("a time must be more than 0s, and less than 30 years")
    return milliseconds / 1000


def positive(text: str) -> float:
    """An option's value as a number above zero, for argparse."""
    value = float(text)
    if not 1e-3 <= value < 1e9:
        raise ValueError
    return value


positive.__name__ = "positive number"  # as argparse says it
