"""A script and what comes of it, in a line of a test."""

from __future__ import annotations

from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import Compiled, DtmfError
from dtmfdsl.decompiler import read_strings
from dtmfdsl.program import Pause, Program


def texts(script: str, **values: str) -> tuple[str, ...]:
    """The strings of a script in the default dialect."""
    return dtmfdsl.compile(script, values=values).texts


def codes(script: str, **values: str) -> list[str]:
    """The codes of everything that is wrong with a script."""
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(script, values=values)
    assert "Traceback" not in str(caught.value)
    return [found.code for found in caught.value.diagnostics]


def heard(compiled: Compiled) -> Program:
    """What the strings of a compiled script mean, with the waits beside them."""
    program = Program()
    for chunk in compiled.chunks:
        program += Program((Pause(chunk.wait_ms),)) + read_strings(chunk.text, compiled.dialect)
    return program + Program((Pause(compiled.last_wait_ms),))


def joined(steps: list[str | int]) -> list[str | int]:
    """Steps with neighbours of one kind added up."""
    whole: list[str | int] = []
    for step in steps:
        if (whole and isinstance(whole[-1], str) and isinstance(step, str)) or (
            whole and isinstance(whole[-1], int) and isinstance(step, int)
        ):
            whole[-1] += step
        else:
            whole.append(step)
    return whole


def file_codes(path: Path) -> list[str]:
    """The codes of everything that is wrong with a script file."""
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile_file(path)
    return [found.code for found in caught.value.diagnostics]
