"""Values for a script's params: from the command line, a file, the environment, or asked for."""

from __future__ import annotations

import argparse
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dtmfdsl.tree import Param


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


def given(options: argparse.Namespace) -> tuple[dict[str, str], frozenset[str]]:
    """The values of `--values` and `--set`, and the names that came by the latter.

    No error here repeats a value. Raises Refusal for an assignment without `=`, DtmfError for the file.
    """
    from dtmfdsl.cli.output import Refusal

    values = _read(options.values) if options.values else {}
    exposed = set()
    for assignment in options.assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise Refusal("--set takes NAME=VALUE")
        values[name.strip().removeprefix("$")] = value
        exposed.add(name.strip().removeprefix("$"))
    return values, frozenset(exposed)


def ask(param: Param) -> str | None:
    """The value in the environment, `DTMF_PIN` for `$pin`; else, of a secret, what is typed unseen."""
    value = os.environ.get(f"DTMF_{param.name.name.upper()}")
    if value is not None or not param.secret:
        return value
    if sys.stdin is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    from getpass import getpass

    try:
        return getpass(f"{param.name.name} ({param.kind}): ")
    except EOFError:
        return None


def _read(path: str) -> dict[str, str]:
    """A TOML file of names and texts."""
    import tomllib

    from dtmfdsl.diagnostics import Diagnostic, DtmfError
    from dtmfdsl.files import read_file

    source = read_file(path)
    try:
        table = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        # TOML's own message may repeat a piece of the file.
        raise DtmfError(
            Diagnostic(
                "bad-values", f"{path} is not a TOML file of values", help='a line of it reads: pin = "1234"'
            )
        ) from None
    for name, value in table.items():
        if not isinstance(value, str):
            raise DtmfError(
                Diagnostic(
                    "keys-not-text",
                    f"`{name}` in {path} is not text",
                    help=f'put its value in double quotes, {name} = "…": a number loses its leading zeros',
                )
            )
    return table
