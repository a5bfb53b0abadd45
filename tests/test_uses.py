"""Scripts that use other scripts: which names they bring in, and whose file a mistake is in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from compiling import file_codes

import dtmfdsl
from dtmfdsl import DtmfError, limits
from dtmfdsl.cli import main
from dtmfdsl.semantics.uses import read_uses
from dtmfdsl.source import Source, Span


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "base.dtmf").write_text("let one = 1\nparam who: 2 digits = 22\n")
    (tmp_path / "shared.dtmf").write_text(
        'use "sub/base.dtmf"\nlet two = $one $one\ndefine go_on(k) { press $k $two; wait $gap }\nlet gap = 1s\n'.replace(
            "; wait $gap", ""
        )
    )
    return tmp_path


def test_use_takes_names_and_a_define_keeps_its_own_file(folder: Path) -> None:
    main = folder / "main.dtmf"
    main.write_text(
        'use "shared.dtmf"\nuse "sub/base.dtmf"\nlet one1 = 9\ngo_on(5)\npress $who $gap_ $one'.replace(
            " $gap_", ""
        )
    )
    assert dtmfdsl.compile_file(main).texts == ("511221",)
    assert dtmfdsl.compile_file(main, values={"who": "44"}).texts == ("511441",)


def test_what_a_used_file_uses_is_not_passed_on(folder: Path) -> None:
    main = folder / "main.dtmf"
    main.write_text('use "shared.dtmf"\npress $one')
    with pytest.raises(DtmfError, match="no name"):
        dtmfdsl.compile_file(main)


def test_the_same_file_twice_is_fine_and_two_files_with_one_name_are_not(folder: Path) -> None:
    main = folder / "main.dtmf"
    main.write_text('use "sub/base.dtmf"\nuse "sub/../sub/base.dtmf"\npress $one')
    assert dtmfdsl.compile_file(main).texts == ("1",)
    (folder / "other.dtmf").write_text("let one = 2")
    main.write_text('use "sub/base.dtmf"\nuse "other.dtmf"')
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile_file(main)
    (found,) = caught.value.diagnostics
    assert [str(note.span).rpartition("/")[2] for note in found.notes] == ["base.dtmf:1:5", "other.dtmf:1:5"]


def test_keys_in_a_used_file_are_not_pressed_and_a_warning_reports_it(folder: Path) -> None:
    main = folder / "main.dtmf"
    (folder / "acting.dtmf").write_text("let a = 1\npress 2\n")
    main.write_text('use "acting.dtmf"\npress $a')
    compiled = dtmfdsl.compile_file(main)
    assert compiled.texts == ("1",)
    assert [warning.code for warning in compiled.warnings] == ["not-run"]


def test_mistakes_in_a_used_file_are_reported_with_its_name(folder: Path) -> None:
    main = folder / "main.dtmf"
    (folder / "broken.dtmf").write_text("let a = 4x\nlet b = 1\n")
    main.write_text('use "broken.dtmf"\npress $a $b $c')
    with pytest.raises(DtmfError) as caught:
        dtmfdsl.compile_file(main)
    assert [
        (found.code, Path(found.span.source.name).name) for found in caught.value.diagnostics if found.span
    ] == [
        ("unknown-key", "broken.dtmf"),
        ("unknown-name", "main.dtmf"),
    ]


def test_files_that_use_each_other(tmp_path: Path) -> None:
    for one, other in ("ab", "bc", "ca"):
        (tmp_path / f"{one}.dtmf").write_text(f'use "{other}.dtmf"\n')
    assert file_codes(tmp_path / "a.dtmf") == ["use-circle"]
    (tmp_path / "me.dtmf").write_text('use "me.dtmf"')
    assert file_codes(tmp_path / "me.dtmf") == ["use-circle"]


@pytest.mark.parametrize("path", ["../../x", "../script.dtmf", "/etc/passwd", "sub/../../x", "link.dtmf"])
def test_use_does_not_leave_the_folder(tmp_path: Path, path: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "script.dtmf").write_text("let a = 1\n")
    (inside / "link.dtmf").symlink_to(tmp_path / "script.dtmf")
    (inside / "main.dtmf").write_text(f'use "{path}"\n')
    assert file_codes(inside / "main.dtmf") == ["use-outside"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("missing.dtmf", "no-such-file"),
        (".", "not-a-file"),
        ("a\\\\0b", "no-such-file"),
        ("x" * 300, "unreadable-file"),
    ],
)
def test_use_of_a_file_that_is_not_a_script(tmp_path: Path, path: str, code: str) -> None:
    (tmp_path / "main.dtmf").write_text(f'use "{path}"\n')
    assert file_codes(tmp_path / "main.dtmf") == [code]


def test_a_pipe_is_not_used(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.dtmf")
    (tmp_path / "main.dtmf").write_text('use "pipe.dtmf"\n')
    assert file_codes(tmp_path / "main.dtmf") == ["not-a-file"]


def test_a_used_file_looks_in_its_own_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sub" / "more.dtmf").write_text('use "base.dtmf"\ndefine both() { press $one }\n')
    (folder / "main.dtmf").write_text('use "sub/more.dtmf"\nboth()')
    monkeypatch.chdir(folder.parent)
    assert dtmfdsl.compile_file(folder / "main.dtmf").texts == ("1",)
    monkeypatch.chdir(folder)
    assert dtmfdsl.compile('use "sub/more.dtmf"\nboth()').texts == ("1",)


def test_a_mistake_in_a_used_file_names_it_as_the_script_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub" / "wrong.dtmf").write_text("press x")
    (folder / "main.dtmf").write_text('use "sub/../sub/wrong.dtmf"')
    monkeypatch.chdir(folder.parent)
    with pytest.raises(DtmfError, match=f"^{folder.name}/sub/wrong.dtmf:1:7: error"):
        dtmfdsl.compile_file(f"{folder.name}/main.dtmf")


def test_use_may_leave_the_folder_where_that_is_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main_file = folder / "sub" / "main.dtmf"
    main_file.write_text('use "../shared.dtmf"\ngo_on(1)')
    assert main(["compile", str(main_file)]) == 1
    assert "[use-outside]" in capsys.readouterr().err
    assert main(["compile", str(main_file), "--allow-outside"]) == 0
    assert capsys.readouterr().out == "111\n"
    assert main(["check", str(main_file), "--allow-outside"]) == 0


# Through a loader


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
