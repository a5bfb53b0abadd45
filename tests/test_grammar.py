"""The parse tables on disk: the user's alone, whole or not at all, and never needed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import lark
import pytest

from dtmfdsl.language import grammar as tables
from dtmfdsl.language.mistakes import TERMINALS


class Nothing:
    """A transformer without methods."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tables, "_cache_folder", lambda: str(tmp_path))
    return tmp_path / "dtmfdsl"


def kept(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def parses(parser: lark.Lark) -> bool:
    return parser.parse("press 1\nwait 3.5s\n").data == "start"


def test_tables_are_kept_privately_and_read_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parses(tables.make_parser(Nothing()))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept(folder).stat().st_mode) == 0o600
    monkeypatch.setattr(lark.Lark, "__init__", refuse)
    assert parses(tables.make_parser(Nothing()))


def refuse(*args: object, **options: object) -> None:
    raise AssertionError("the tables were made anew")


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "other"])
def test_damaged_tables_are_made_anew(folder: Path, damage: str) -> None:
    tables.make_parser(Nothing())
    file = kept(folder)
    content = file.read_bytes()
    file.write_bytes(
        {
            "empty": b"",
            "cut": content[:-100],
            "flipped": content[:500] + bytes([content[500] ^ 1]) + content[501:],
            "other": b"cos\nsystem\n(S'exit 1'\ntR.",
        }[damage]
    )
    assert parses(tables.make_parser(Nothing()))
    assert tables._trusted(str(file))


def test_tables_that_others_could_write_are_not_read(folder: Path) -> None:
    tables.make_parser(Nothing())
    file = kept(folder)
    for path, mode in ((file, 0o666), (file, 0o620), (folder, 0o777)):
        before = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        assert tables._trusted(str(file)) is None
        path.chmod(before)
    assert tables._trusted(str(file))


def test_a_link_in_the_place_of_the_file_is_not_followed(folder: Path, tmp_path: Path) -> None:
    tables.make_parser(Nothing())
    file = kept(folder)
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert tables._trusted(str(file)) is None


@pytest.mark.parametrize("where", ["", "relative", "/proc/nowhere", "/dev/null/x"])
def test_without_a_folder_the_text_serves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tables, "_cache_folder", lambda: where)
    assert parses(tables.make_parser(Nothing()))
    assert not list(tmp_path.iterdir())


def test_many_processes_on_an_empty_cache(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import dtmfdsl; print(dtmfdsl.compile('press 1').text)"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    assert [process.communicate()[0] for process in running] == ["1\n"] * 6
    assert len(list((tmp_path / "dtmfdsl").iterdir())) == 1


def test_every_terminal_has_a_name_that_an_author_knows() -> None:
    parser = lark.Lark(tables.grammar_text(), parser="lalr")
    assert {terminal.name for terminal in parser.terminals} | {"$END"} == set(TERMINALS)
