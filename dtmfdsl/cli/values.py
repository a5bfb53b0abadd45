"""Values for a script's params: from the command line, a file, the environment, or asked for."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Collection, Mapping

from dtmfdsl.cli.late import late
from dtmfdsl.cli.streams import Refusal, tell
from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.language.tree import Param
from dtmfdsl.semantics.values import Lookup, read_value

_TRIES = 3
"""How often a secret is asked for."""


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
    options: argparse.Namespace,
    params: Collection[str],
    environment: Mapping[str, str] = os.environ,
    *,
    prompt: bool = True,
) -> Lookup:
    """Looks a param up in the file of `--values`, then the environment; then, a secret is asked for unseen.

    `params` are the names of all. The file may hold more than one script needs, and what is nearly the name
    of one is probably a slip: raises DtmfError for it, even if there is a default, and if the file cannot be
    read. Without `prompt`, nothing is asked for on the terminal.
    """
    values: Mapping[str, str] = late("valuesfile").read(options.values) if options.values else {}
    others = [name for name in values if name.isidentifier() and name not in params]

    def find(param: Param) -> str | None:
        name = param.name.name
        value = values.get(name, environment.get(f"DTMF_{name.upper()}"))
        if value is None and (near := closest(name, others)):
            message = f"{options.values} has no `{name}`, but `{near}`"
            raise DtmfError.of("unknown-value", message, help=did_you_mean(name, ""))
        return _asked(param) if value is None and param.secret and prompt else value

    return find


def _asked(param: Param) -> str | None:
    """A secret that is typed at the terminal and not shown; None without a terminal, or at its end.

    One that does not fit is asked for again; the last one is taken as it is, and the script's error follows.
    `getpass` drops what else was typed, before and after, so that no line of it is left to a shell.
    """
    if sys.stdin is None or sys.stderr is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    value = None
    for tries_left in reversed(range(_TRIES)):
        try:
            value = getpass.getpass(f"{param.name.name} ({param.kind}): ")
        except EOFError:
            return None
        try:
            read_value(param, value)
        except DtmfError as error:
            if tries_left:
                tell(f"{error.diagnostics[0].message}: type it again")
            continue
        break
    return value
