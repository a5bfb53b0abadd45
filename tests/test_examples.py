"""Every script in examples/ is valid and formatted, and compiles in every dialect that has its keys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from compiling import heard

import dtmfdsl
from dtmfdsl import DIALECTS, DtmfError
from dtmfdsl.compiler import to_program
from dtmfdsl.loader import read_file

FOLDER = Path(__file__).parent.parent / "examples"
FILES = sorted(FOLDER.glob("*.dtmf"))


def test_the_examples_are_there() -> None:
    assert {
        "vendor-pause",
        "benefits-balance",
        "two-levels",
        "conference",
        "voicemail",
        "dial-by-name",
        "bank",
    } <= {path.stem for path in FILES}


@pytest.mark.parametrize("dialect", [name for name, each in dtmfdsl.DIALECTS.items() if not each.number])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_compiles_and_reads_back(path: Path, dialect: str) -> None:
    lowered = to_program(read_file(path), pretend=True)
    pressed = {key for step in lowered.program.steps() if isinstance(step, str) for key in step}
    if not pressed <= {*DIALECTS[dialect].keys}:
        with pytest.raises(DtmfError, match="no-such-key"):
            dtmfdsl.compile(lowered.program, dialect=dialect, waits="beside")
        return
    compiled = dtmfdsl.compile(lowered.program, dialect=dialect, waits="beside")
    written = [
        step if isinstance(step, str) else DIALECTS[dialect].written(step) for step in lowered.program.steps()
    ]
    assert not lowered.diagnostics
    assert bool(compiled.texts) == (path.stem != "bank")
    assert list(heard(compiled).steps()) == written


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_begins_with_its_purpose_and_is_formatted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("// ")
    assert dtmfdsl.format(text) == text


@pytest.mark.parametrize(
    ("name", "strings"),
    [
        ("balance", ("WWWWWWWW1WWWWWWW5W0W7W7W0W8W1W1#",)),
        ("vendor-number", ("9193334444",)),
        ("vendor-pause", ("1WWW,59#",)),
        ("vendor-paced", ("1W,2W,1W,#",)),
        ("two-levels", ("WWWWWWW1WWWWWWWW,2WWWW5077081111222233",)),
    ],
)
def test_the_strings_are_the_ones_expected(name: str, strings: tuple[str, ...]) -> None:
    assert dtmfdsl.compile_file(FOLDER / f"{name}.dtmf").texts == strings


def test_the_demo_shows_every_example_and_no_secret() -> None:
    shown = subprocess.run(
        [sys.executable, FOLDER / "demo.py"], capture_output=True, text=True, check=True
    ).stdout
    assert all(path.name in shown for path in FILES)
    assert shown.count("read back: the same keys") == len(FILES) - 1
    assert "4711" not in shown
    assert "When each key of conference.dtmf sounds" in shown
