"""The one way to import late."""

from __future__ import annotations

from types import ModuleType

from dtmfdsl.cli.streams import Refusal


def late(name: str) -> ModuleType:
    """A module of the command line, imported now.

    `--version` does not wait for the parser of arguments, `--help` not for the commands, and a command not
    for what only one of its options needs. Raises Refusal if a package of the `send` extra is missing.
    """
    try:
        return __import__(f"dtmfdsl.cli.{name}", fromlist=[name])
    except ModuleNotFoundError as error:
        if (error.name or "dtmfdsl").startswith("dtmfdsl"):
            raise
        message = f"`dtmfdsl {name}` needs the package {error.name}: pip install 'dtmfdsl[send]'"
        raise Refusal(message) from None
