"""What `use` brings in, through a loader: from disk, and from memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl import DtmfError, limits
from dtmfdsl.semantics.uses import read_uses
from dtmfdsl.source import Source, Span

LINE = {
    "main.dtmf": 'use "lib/bank.dtmf"\npress $menu\nlogin(12)\n',
    "lib/bank.dtmf": 'use "../keys.dtmf"\nlet menu = 3 $end\ndefine login(id) { press $id $end }\n',
    "keys.dtmf": "let end = #\n",
}


class Counting(dtmfdsl.Memory):
    """Files in memory, and which of them were asked for."""

    def __init__(self, files: dict[str, str]):
        super().__init__(files)
        self.asked: list[str] = []

    def load(self, path: str, user: Source, span: Span) -> Source:
        self.asked.append(path)
        return super().load(path, user, span)


def main_of(files: dict[str, str]) -> Source:
    return Source("main.dtmf", files["main.dtmf"], "main.dtmf")


def test_memory_and_disk_mean_the_same(tmp_path: Path) -> None:
    for name, text in LINE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    on_disk = dtmfdsl.compile_file(tmp_path / "main.dtmf")
    in_memory = dtmfdsl.compile(main_of(LINE), loader=dtmfdsl.Memory(LINE))
    assert on_disk.texts == in_memory.texts == ("3#12#",)


def test_nothing_else_touches_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dtmfdsl.compile("press 1")  # whatever is loaded once

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("the disk was touched")

    for name in ("stat", "lstat", "open", "readlink", "listdir"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(os.path, "realpath", refuse)
    assert dtmfdsl.compile(main_of(LINE), loader=dtmfdsl.Memory(LINE)).texts == ("3#12#",)


def test_a_file_is_read_once_for_each_file_that_uses_it() -> None:
    files = {
        "main.dtmf": 'use "a.dtmf"\nuse "b.dtmf"\nrepeat 2 { use "a.dtmf" }\ndefine f() { use "a.dtmf" }\n',
        "a.dtmf": 'use "b.dtmf"\nlet a = 1\n',
        "b.dtmf": "let b = 1\npress 1\n",
    }
    loader = Counting(files)
    compiled = dtmfdsl.compile(main_of(files), loader=loader)
    assert sorted(loader.asked) == ["a.dtmf", "b.dtmf", "b.dtmf"]
    assert [warning.code for warning in compiled.warnings] == ["not-run"]


def test_what_is_wrong_is_part_of_the_result() -> None:
    script = dtmfdsl.parse('use "lost.dtmf"\npress 1\n')
    uses = read_uses(script, dtmfdsl.Memory({}))
    (use, _) = script.body
    found = uses.of(use, script.source)  # type: ignore[arg-type]
    assert isinstance(found, DtmfError)
    assert [each.code for each in found.diagnostics] == ["no-such-file"]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_circle_is_reported_and_ends(length: int) -> None:
    files = {f"{n}.dtmf": f'use "{(n + 1) % length}.dtmf"\n' for n in range(length)}
    files["main.dtmf"] = 'use "0.dtmf"\npress 1\n'
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(main_of(files), loader=dtmfdsl.Memory(files))
    (found,) = caught.value.diagnostics
    assert found.code == "use-circle"
    assert found.message.count("→") == length


def test_a_script_that_uses_itself_is_a_circle() -> None:
    files = {"main.dtmf": 'use "main.dtmf"\n'}
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile(main_of(files), loader=dtmfdsl.Memory(files))
    assert [found.code for found in caught.value.diagnostics] == ["use-circle"]
    assert str(caught.value.diagnostics[0].span) == "main.dtmf:1:1"


@pytest.mark.parametrize(
    ("deep", "codes"), [(limits.NESTING - 2, []), (limits.NESTING - 1, ["nested-too-deeply"])]
)
def test_files_use_files_only_so_deep(deep: int, codes: list[str]) -> None:
    files = {f"{n}.dtmf": f'use "{n + 1}.dtmf"\n' for n in range(deep)}
    files |= {"main.dtmf": 'use "0.dtmf"\n', f"{deep}.dtmf": "let a = 1\n"}
    found = dtmfdsl.check(main_of(files), loader=dtmfdsl.Memory(files))
    assert [each.code for each in found] == codes


def test_a_folder_that_is_allowed_bounds_all_files(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "outside.dtmf").write_text("let a = 1\n")
    script = tmp_path / "inner" / "main.dtmf"
    script.write_text('use "../outside.dtmf"\npress $a\n')
    source = Source("main.dtmf", script.read_text(), str(script))
    assert [found.code for found in dtmfdsl.check(source)] == ["use-outside"]
    for loader in (dtmfdsl.Disk(outside=True), dtmfdsl.Disk(str(tmp_path))):
        assert dtmfdsl.compile(source, loader=loader).texts == ("1",)
