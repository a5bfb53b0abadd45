"""The commands, and the parser of the command line."""

from __future__ import annotations

import argparse
import os

import dtmfdsl
from dtmfdsl.cli.late import late
from dtmfdsl.cli.streams import Refusal, tell

COMMANDS = {
    "compile": "Compile a script: a string a line, ready to send",
    "check": "Show everything that is wrong with scripts, and fix what is safe",
    "format": "Rewrite scripts in canonical form, in place",
    "decompile": "Turn a dial string back into a script",
    "send": "Send a script's keys on a live call, each at most once",
    "testline": "Run a stand-in for the carrier on this machine, to try programs on",
    "explain": "Say what a diagnostic code means, with a wrong and a right example",
    "dialects": "List the dialects: their keys, pauses and limits",
    "completion": "Print the completion script of a shell",
}
"""Every command and the first line of its help. The file of its name is imported when it is asked for."""


def run(arguments: list[str]) -> int:
    """Runs a command line that asks for more than the version."""
    try:
        parser = make_parser(arguments[:1])
        options, unknown = parser.parse_known_args(arguments)
        if unknown:  # only options are repeated: the rest may be a PIN
            names = [word.partition("=")[0] for word in unknown if word.startswith("-")]
            parser.error(f"unrecognized arguments: {' '.join(names) or 'too many'}")
        status: int = options.run(options)
        return status
    except Refusal as refusal:
        tell(f"dtmfdsl: {refusal}")
        return 2
    except SystemExit as stop:  # argparse
        return stop.code if isinstance(stop.code, int) else 2


def make_parser(chosen: list[str]) -> argparse.ArgumentParser:
    """The parser of the `chosen` commands, or of only the names of all; `run` stands in its result."""
    parser = argparse.ArgumentParser(
        prog="dtmfdsl",
        formatter_class=_formatter,
        description="Phone-key scripts in words, compiled to the strings that carriers accept.",
        epilog="Exit status: 0 fine, 1 the script is wrong or would be reformatted, 2 wrong usage.",
    )
    parser.add_argument("--version", action="version", version=f"dtmfdsl {dtmfdsl.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in [name for name in chosen if name in COMMANDS] or COMMANDS:
        sub = commands.add_parser(
            name, help=COMMANDS[name], add_help=name in chosen, formatter_class=_formatter
        )
        if name in chosen:
            command = late(name)
            details = (command.__doc__ or "").partition("\n")[2].strip()
            sub.description = f"{COMMANDS[name]}.\n\n{details}".strip()
            command.configure(sub)
            sub.set_defaults(run=command.run)
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    """The standard layout in the terminal's width, for which argparse would load half the library."""
    try:
        columns = os.get_terminal_size().columns
    except (OSError, ValueError):
        columns = 80
    return argparse.HelpFormatter(prog, max_help_position=28, width=min(columns, 100) - 2)
