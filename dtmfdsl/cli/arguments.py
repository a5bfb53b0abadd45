"""The parser of the command line: what each command file says of itself, and what they share."""

from __future__ import annotations

import argparse
import os

import dtmfdsl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """The standard parser, repeating of what it does not know the options alone: the rest may be a PIN."""

    def error(self, message: str) -> NoReturn:
        what, colon, arguments = message.partition("unrecognized arguments: ")
        if colon:
            options = [word.partition("=")[0] for word in arguments.split() if word.startswith("-")]
            message = f"{what}unrecognized arguments: {' '.join(options) or 'too many'}"
        super().error(message)


COMMANDS = (
    "compile",
    "check",
    "format",
    "decompile",
    "send",
    "testline",
    "explain",
    "dialects",
    "completion",
)


def make_parser(arguments: list[str] | None = None) -> argparse.ArgumentParser:
    """The parser; the chosen command's `run` stands in its result.

    If the arguments begin with a command, it knows that one alone, because loading the others takes time.
    """
    parser = Parser(
        prog="dtmfdsl",
        formatter_class=_formatter,
        description="Phone-key scripts in words, compiled to the strings that carriers accept.",
        epilog="Exit status: 0 fine, 1 the script is wrong or would be reformatted, 2 wrong usage.",
    )
    parser.add_argument("--version", action="version", version=f"dtmfdsl {dtmfdsl.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    chosen = arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS
    for name in chosen:
        command = __import__(f"dtmfdsl.cli.{name}", fromlist=["run"])
        summary = (command.__doc__ or "").partition("\n")[0]
        sub = commands.add_parser(
            name, help=summary.rstrip("."), description=command.__doc__, formatter_class=_formatter
        )
        command.configure(sub)
        sub.set_defaults(run=command.run)
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    """The standard layout in the terminal's width, which argparse would load half the library to find out."""
    try:
        columns = os.get_terminal_size().columns
    except (OSError, ValueError):
        columns = 80
    return argparse.HelpFormatter(prog, max_help_position=28, width=min(columns, 100) - 2)
