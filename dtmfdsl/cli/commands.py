"""The commands, and the parser of the command line."""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

import dtmfdsl
from dtmfdsl.cli.streams import Refusal, tell

COMMANDS = {
    "compile": "Compile a script: a string a line, ready to send",
    "check": "Show everything that is wrong with scripts, and nothing else",
    "format": "Rewrite scripts in canonical form, in place",
    "decompile": "Turn a dial string back into a script",
    "send": "Send a script's keys on a live call, each at most once",
    "testline": "Run a stand-in for the carrier on this machine, to try programs on",
    "explain": "Say what a diagnostic code means, with a wrong and a right example",
    "dialects": "List the dialects: their keys, pauses and limits",
    "completion": "Print the completion script of a shell",
}
"""Every command and the first line of its help. The file of its name is imported when it is asked for.

This is the one place where a module is imported late: whoever asks for help, or for one command, must not
wait for all of them.
"""


class Parser(argparse.ArgumentParser):
    """The standard parser. Of what it does not know it repeats only the options: the rest may be a PIN."""

    def error(self, message: str) -> NoReturn:
        what, colon, arguments = message.partition("unrecognized arguments: ")
        if colon:
            options = [word.partition("=")[0] for word in arguments.split() if word.startswith("-")]
            message = f"{what}unrecognized arguments: {' '.join(options) or 'too many'}"
        super().error(message)


def run(arguments: list[str]) -> int:
    """Runs a command line that asks for more than the version."""
    try:
        options = make_parser(arguments[:1]).parse_args(arguments)
        status: int = options.run(options)
        return status
    except Refusal as refusal:
        tell(f"dtmfdsl: {refusal}")
        return 2
    except SystemExit as stop:  # argparse
        return stop.code if isinstance(stop.code, int) else 2


def make_parser(chosen: list[str]) -> argparse.ArgumentParser:
    """The parser, with all that it knows of the `chosen` commands. A command's `run` stands in its result."""
    parser = Parser(
        prog="dtmfdsl",
        formatter_class=_formatter,
        description="Phone-key scripts in words, compiled to the strings that carriers accept.",
        epilog="Exit status: 0 fine, 1 the script is wrong or would be reformatted, 2 wrong usage.",
    )
    parser.add_argument("--version", action="version", version=f"dtmfdsl {dtmfdsl.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if name in chosen:
            command = __import__(f"dtmfdsl.cli.{name}", fromlist=["run"])
            description = f"{summary}.\n\n{(command.__doc__ or '').partition(chr(10))[2].strip()}".strip()
            sub = commands.add_parser(name, help=summary, description=description, formatter_class=_formatter)
            command.configure(sub)
            sub.set_defaults(run=command.run)
        else:
            commands.add_parser(name, help=summary, add_help=False)
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    """The standard layout in the terminal's width, for which argparse would load half the library."""
    try:
        columns = os.get_terminal_size().columns
    except (OSError, ValueError):
        columns = 80
    return argparse.HelpFormatter(prog, max_help_position=28, width=min(columns, 100) - 2)
