"""A script and what comes of it, in a line of a test."""

from __future__ import annotations

from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import DtmfError


def texts(script: str, **values: str) -> tuple[str, ...]:
    """The strings of a script in the default dialect."""
    return dtmfdsl.compile(script, values=values).texts


def codes(script: str, **values: str) -> list[str]:
    """The codes of everything that is wrong with a script."""
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(script, values=values)
    assert "Traceback" not in str(caught.value)
    return [found.code for found in caught.value.diagnostics]


def file_codes(path: Path) -> list[str]:
    """The codes of everything that is wrong with a script file."""
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile_file(path)
    return [found.code for found in caught.value.diagnostics]
