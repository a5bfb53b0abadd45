"""Scripts on disk: what is read, and what is not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from compiling import file_codes
from hypothesis import given
from hypothesis import strategies as st

import dtmfdsl
from dtmfdsl import DtmfError, limits
from dtmfdsl.cli import main


def test_files_that_are_not_scripts(tmp_path: Path) -> None:
    assert file_codes(tmp_path) == ["not-a-file"]
    assert file_codes(tmp_path / "missing") == ["no-such-file"]
    assert file_codes(Path("a\0b")) == ["no-such-file"]
    (tmp_path / "latin").write_bytes("wait 1s // héllo".encode("latin-1"))
    assert file_codes(tmp_path / "latin") == ["not-utf-8"]
    (tmp_path / "large").write_bytes(b"press 1\n" * 1_000_000)
    assert file_codes(tmp_path / "large") == ["source-too-large"]
    assert file_codes(Path("/dev/zero")) == ["not-a-file"]
    os.mkfifo(tmp_path / "pipe")  # nobody writes into it: reading would never end
    assert file_codes(tmp_path / "pipe") == ["not-a-file"]
    assert file_codes(tmp_path / "latin" / "script.dtmf") == ["unreadable-file"]
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert file_codes(tmp_path / "loop") == ["unreadable-file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "locked").write_text("press 1")
    (tmp_path / "locked").chmod(0)
    assert file_codes(tmp_path / "locked") == ["unreadable-file"]


def test_a_file_is_read_to_the_letter_without_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "script.dtmf"
    path.write_bytes('\ufeffpress 1 for "é"\r\nwait 1s\rpress x'.encode())
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile_file(path)
    (found,) = caught.value.diagnostics
    assert found.span
    assert found.span.source.text == 'press 1 for "é"\r\nwait 1s\rpress x'
    assert str(found.span) == f"{path}:3:7"


lines = st.lists(st.sampled_from(["", "press 1", "// é"]), max_size=4).map(
    lambda drawn: "\n".join(drawn).encode()
)


@given(lines, lines)
def test_a_file_that_is_not_utf_8_names_the_line_and_the_byte(before: bytes, after: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s"
        path.write_bytes(before + b"\xe9" + after)
        line = len(before.split(b"\n"))
        with pytest.raises(DtmfError, match=f"line {line} holds the byte 0xe9"):
            dtmfdsl.compile_file(path)


def test_a_file_may_be_as_large_as_a_script(tmp_path: Path) -> None:
    path = tmp_path / "large.dtmf"
    path.write_bytes(b"//" + b"x" * (limits.SOURCE_BYTES - 2))
    assert dtmfdsl.compile_file(path).chunks == ()
    path.write_bytes(b"//" + b"x" * (limits.SOURCE_BYTES - 1))
    assert file_codes(path) == ["source-too-large"]


@pytest.mark.parametrize("option", ["--values", "--env-file", "--calls"])
def test_a_pipe_that_nobody_opened_is_refused_at_once(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        assert main(["send", "--test-line", "-e", "press 1", option, str(path)]) in (1, 2)
        assert re.search(f"{path}.* is (a directory|not an ordinary file)", capsys.readouterr().err)


def test_what_the_shell_opens_is_read(tmp_path: Path) -> None:
    """`<(…)` keeps a secret off the disk. What a script or a `use` names must be a file."""
    command = f"{sys.executable} -P -m dtmfdsl compile"
    script = "-e 'secret pin: 4 digits; press $pin'"
    values = f"{command} {script} --values <(echo 'pin = \"0471\"')"
    assert subprocess.run(["bash", "-c", values], capture_output=True, text=True).stdout == "0471\n"
    refused = subprocess.run(["bash", "-c", f"{command} <(echo press 1)"], capture_output=True, text=True)
    assert refused.returncode == 1
    assert "give its content as standard input, with - as the file" in refused.stderr
