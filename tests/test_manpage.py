"""The man page: made from the parser, shipped in the wheel, and fit for `man`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dtmfdsl.cli.commands import COMMANDS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "dtmfdsl.1"


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="each Python words a usage in its own way")
def test_the_page_is_what_the_parser_says(golden: Callable[[Path, str], None]) -> None:
    made = subprocess.run(
        [sys.executable, "-P", ROOT / "docs" / "manpage.py"], capture_output=True, check=True
    ).stdout.decode()
    golden(PAGE, made)
    for command in COMMANDS:
        assert f".SS \\fBdtmfdsl {command}\\fR" in made
    assert "\\fB\\-\\-half\\-second\\fR" in made


def test_the_installed_page_is_where_man_looks() -> None:
    installed = Path(sys.prefix) / "share" / "man" / "man1" / "dtmfdsl.1"
    assert installed.read_bytes() == PAGE.read_bytes()


@pytest.mark.skipif(not shutil.which("groff"), reason="there is no groff")
def test_the_page_can_be_set() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Kutf8", "-Tutf8", "-P-c", PAGE], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    text = re.sub(".\b", "", done.stdout)
    assert "dtmfdsl completion bash > ~/.local/share/bash-completion/completions/dtmfdsl\n" in text
    assert "`use`" in text
