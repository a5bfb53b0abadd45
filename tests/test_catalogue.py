"""The catalogue of diagnostic codes: complete, and true in every example."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import dtmfdsl
from dtmfdsl.catalogue import CATALOGUE, GROUPS, Entry
from dtmfdsl.cli import main

PACKAGE = Path(dtmfdsl.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
ENTRIES = [pytest.param(entry, id=code) for code, entry in CATALOGUE.items()]
MAKERS = ("Diagnostic", "of", "NotationError", "error", "_error", "mend", "stop")


def codes_in(source: str) -> set[str]:
    """The codes with which a module makes diagnostics."""
    codes = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", None))
        given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
        if name in MAKERS and given:
            codes |= constants(given[0])
    return codes


def constants(value: ast.expr) -> set[str]:
    """The codes that an expression can be; none for one that is handed on from elsewhere."""
    match value:
        case ast.Constant(value=str(code)):
            return {code}
        case ast.IfExp():
            return constants(value.body) | constants(value.orelse)
        case ast.Name(id="code") | ast.Attribute(attr="code"):
            return set()
    raise AssertionError(f"line {value.lineno}: a code that this test cannot read: {ast.unparse(value)}")


def test_every_code_is_explained_and_no_other() -> None:
    # The argument parser and the test line have errors of their own kind.
    modules = [
        path
        for path in PACKAGE.rglob("*.py")
        if path.name not in ("catalogue.py", "arguments.py") and path.parent.name != "testline"
    ]
    codes = set[str]().union(*(codes_in(path.read_text(encoding="utf-8")) for path in modules))
    assert set(CATALOGUE) == codes


def test_no_code_twice() -> None:
    codes = [entry.code for _, entries in GROUPS for entry in entries]
    assert sorted(codes) == list(CATALOGUE)


@pytest.mark.parametrize("entry", ENTRIES)
def test_wrong_example_is_wrong(entry: Entry, run_example: Callable) -> None:
    codes = run_example(entry.how, entry.wrong, **entry.options).codes
    if entry.code == "too-many-mistakes":  # which never comes alone
        assert codes.count(entry.code) == 1
    else:
        assert codes == (entry.code,)


@pytest.mark.parametrize("entry", ENTRIES)
def test_right_example_is_right(entry: Entry, run_example: Callable) -> None:
    assert run_example(entry.how, entry.right, **entry.options).shown == ""


@pytest.mark.parametrize("entry", ENTRIES)
def test_form(entry: Entry) -> None:
    assert entry.title[0] == entry.title[0].lower()
    assert entry.title[-1] not in ".!?"
    assert entry.meaning[-1] == "."
    assert len(entry.code) < 24, "explain lists the codes in a column of that width"
    assert all(len(line) <= 88 for line in entry.as_text().splitlines())


@pytest.mark.parametrize("entry", ENTRIES)
def test_explain_prints_it(entry: Entry, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", entry.code]) == 0
    assert capsys.readouterr().out == entry.as_text() + "\n"
    assert main(["explain", f"[{entry.code}]"]) == 0
    assert capsys.readouterr().out == entry.as_text() + "\n"


def test_explain_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [
        [code, entry.title] for code, entry in CATALOGUE.items()
    ]


def test_explain_says_when_there_is_no_such_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "unknown-kee"]) == 2
    assert "did you mean `unknown-key`?" in capsys.readouterr().err


def test_the_page_is_up_to_date() -> None:
    maker = load(DOCS / "make_diagnostics.py")
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page()


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
