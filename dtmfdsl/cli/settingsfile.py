"""A file of settings: a dtmfdsl.toml, or the table `[tool.dtmfdsl]` of a pyproject.toml."""

from __future__ import annotations

import os
import tomllib
from functools import lru_cache

from dtmfdsl.cli.settings import DEFAULT_DIALECT, Settings
from dtmfdsl.cli.streams import Refusal
from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.dialects import get_dialect
from dtmfdsl.notation import without_keys

KEYS = ("dialect", "rounding", "half-second")


@lru_cache(maxsize=8)
def read(path: str, content: bytes) -> Settings | None:
    """The settings in a file; None if it is another project's pyproject.toml.

    Raises Refusal, which names the file and the key, for a key that is no setting and for a bad value.
    """
    try:
        table = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it cannot be read"
        raise Refusal(f"{path} is not TOML: {reason}") from None
    if path.endswith("pyproject.toml"):
        tools = table.get("tool", {})
        if not isinstance(tools, dict) or "dtmfdsl" not in tools:
            return None
        table = tools["dtmfdsl"]
        if not isinstance(table, dict):
            raise Refusal(f"{path}: `tool.dtmfdsl` is not a table of settings")
    for key, value in table.items():
        if key not in KEYS:
            help = did_you_mean(closest(key, KEYS), f"settings are {', '.join(KEYS)}")
            raise Refusal(f"{path}: `{without_keys(key)}` is no setting; {help}")
        if not isinstance(value, str):
            raise Refusal(
                f'{path}: `{without_keys(key)}` is not text in double quotes, such as dialect = "twilio"'
            )
    if (rounding := table.get("rounding", "up")) not in ("up", "error"):
        raise Refusal(f"{path}: `rounding` is `up` or `error`, not `{without_keys(rounding)}`")
    table = dict(table)
    if table.get("dialect", "").endswith(".toml"):  # beside this file; it is read for a script
        table["dialect"] = os.path.join(os.path.dirname(path), table["dialect"])
        return {**table, "file": path}
    try:
        key = "dialect"
        dialect = get_dialect(table.get("dialect", DEFAULT_DIALECT))
        key = "half-second"
        get_dialect(dialect, half_second=table.get("half-second"))
    except DtmfError as error:
        (found,) = error.diagnostics
        raise Refusal(f"{path}: `{key}`: {found.message}; {found.help or ''}") from None
    return {**table, "file": path}
