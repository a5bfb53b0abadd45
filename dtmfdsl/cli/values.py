"""Values for a script's params: from the command line, a file, the environment, or asked for."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Mapping

from dtmfdsl.cli.late import late
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.language.tree import Param
from dtmfdsl.semantics.values import Lookup


def add_values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        dest="assignments",
        help="the value of a param (not of a secret: others can see the command line)",
    )
    parser.add_argument("--values", metavar="FILE", help='a TOML file of values: pin = "1234"')


def assigned(options: argparse.Namespace) -> dict[str, str]:
    """The values of `--set`. Raises Refusal, which repeats no value, for one without a `=`."""
    values = {}
    for assignment in options.assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise Refusal("--set takes NAME=VALUE")
        values[name.strip().removeprefix("$")] = value
    return values


def asker(
    options: argparse.Namespace, environment: Mapping[str, str] = os.environ, *, prompt: bool = True
) -> Lookup:
    """Looks a param up in the file of `--values`, then the environment; then, a secret is asked for unseen.

    The file may hold more than one script needs. Raises DtmfError if it cannot be read.
    """
    values: Mapping[str, str] = late("valuesfile").read(options.values) if options.values else {}

    def ask(param: Param) -> str | None:
        name = param.name.name
        value = values.get(name, environment.get(f"DTMF_{name.upper()}"))
        if value is not None or not param.secret or not prompt:
            return value
        if sys.stdin is None or sys.stderr is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return None
        try:
            return getpass.getpass(f"{name} ({param.kind}): ")
        except EOFError:
            return None

    return ask
