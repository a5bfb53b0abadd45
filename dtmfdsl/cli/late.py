"""The one way to import late."""

from __future__ import annotations

from types import ModuleType


def late(name: str) -> ModuleType:
    """A module of the command line, imported now.

    `--version` does not wait for the parser of arguments, `--help` not for the commands, and a command not
    for what only one of its options needs.
    """
    return __import__(f"dtmfdsl.cli.{name}", fromlist=[name])
