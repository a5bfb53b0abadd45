"""The TOML file of `--values`."""

from __future__ import annotations

import tomllib

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.loader import read_file


def read(path: str) -> dict[str, str]:
    """The values in a TOML file of names and texts. Raises DtmfError, which repeats none, for any other."""
    source = read_file(path, ordinary=False)  # a pipe keeps a secret off the disk
    try:
        table = tomllib.loads(source.text)
    except (ValueError, RecursionError):
        # TOML's own message may repeat a piece of the file.
        raise DtmfError.of(
            "bad-values", f"{path} is not a TOML file of values", help='a line of it reads: pin = "1234"'
        ) from None
    for name, value in table.items():
        if not isinstance(value, str):
            raise DtmfError.of(
                "keys-not-text",
                f"{f'`{name}`' if name.isidentifier() else 'a value'} in {path} is not text",
                help='put it in double quotes, pin = "…": a number loses its leading zeros',
            )
    return table
