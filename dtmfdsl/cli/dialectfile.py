"""A dialect of one's own, named by its file: `--dialect ./pbx.toml`."""

from __future__ import annotations

from dtmfdsl.cli.output import show
from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.dialects import Dialect
from dtmfdsl.dialects.file import read_dialect


def read(path: str) -> Dialect:
    """The dialect of a file. What is wrong with it is shown, and ends the command with status 1."""
    try:
        return read_dialect(path)
    except DtmfError as error:
        show(error.diagnostics)
        raise SystemExit(1) from None
