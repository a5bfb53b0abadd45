"""The settings of a project: what it says of its scripts in a dtmfdsl.toml or a pyproject.toml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeAlias

from dtmfdsl.cli.late import late
from dtmfdsl.cli.streams import Refusal

DEFAULT_DIALECT = "bandwidth-v1"

Settings: TypeAlias = Mapping[str, str]
"""What a project says of its scripts by the keys of its table, and as `file`, which file says so."""


def settings_above(file: str | None) -> Settings:
    """The settings in the folder of a file, or the current one, or in the nearest folder above it.

    A TOML parser takes time to load, so that is left until there is a file of settings. Raises Refusal if the
    file is wrong.
    """
    folder = os.path.dirname(os.path.abspath(file or "-"))
    while True:
        for name in ("dtmfdsl.toml", "pyproject.toml"):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and (found := _read(path)):
                return found
        if folder == (folder := os.path.dirname(folder)):
            return {}


def _read(path: str) -> Settings | None:
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}") from None
    if path.endswith("pyproject.toml") and b"dtmfdsl" not in content:
        return None
    settings: Settings | None = late("settingsfile").read(path, content)
    return settings
