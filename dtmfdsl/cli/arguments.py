"""The parser of the command line: what each command file says of itself, and what they share."""

from __future__ import annotations

import argparse

from dtmfdsl.cli import check, compile, completion, decompile, dialects, explain, format

COMMANDS = (compile, check, format, decompile, explain, dialects, completion)


def make_parser() -> argparse.ArgumentParser:
    """The whole command line; the chosen command's `run` stands in the result."""
    parser = argparse.ArgumentParser(
        prog="dtmfdsl",
        description="Phone-key scripts in words, compiled to the strings that carriers accept.",
        epilog="Exit status: 0 fine, 1 the script is wrong or would be reformatted, 2 wrong usage.",
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2]
        summary = (command.__doc__ or "").partition("\n")[0]
        sub = commands.add_parser(name, help=summary.rstrip("."), description=command.__doc__)
        command.configure(sub)
        sub.set_defaults(run=command.run)
    return parser
