"""Who may import whom: a module imports only from lower floors, and late only in the command line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dtmfdsl

PACKAGE = Path(dtmfdsl.__file__).parent

FLOORS = [
    ["explanations", "limits", "notation", "source"],
    ["diagnostics"],
    ["loader"],
    ["language", "program"],
    ["dialects"],
    ["timing"],
    ["semantics"],
    ["compiler", "decompiler"],
    ["sending"],
    ["testline"],
    [""],
    ["cli"],
    ["__main__"],
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

INSIDE = {
    "language": [
        ["tree", "grammar", "secrets", "statements", "mistakes.patterns", "mistakes.words"],
        ["mistakes.rule"],
        ["mistakes.waiting", "mistakes.others"],
        ["mistakes.pressing"],
        ["mistakes.naming", "mistakes.any_statement"],
        ["mistakes"],
        ["recovery"],
        ["parser"],
        ["fixer", "formatter"],
    ],
    "dialects": [["chunks"], ["codec"], ["dialect"], ["table"], [""]],
    "semantics": [["uses", "values"], ["names"], ["lowering", "lifting"]],
    "sending": [
        ["clock", "interrupts", "outcomes"],
        ["plan", "carriers"],
        ["delivery"],
        ["journal"],
        ["sender"],
        ["fleet"],
    ],
    "testline": [["server"], ["line"]],
}
"""Inside a room: a file imports only from the files below it."""


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


MODULES = {module_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}


def ours(tree: ast.AST) -> Iterator[str]:
    """The modules of ours that a piece of code imports; "" is the package itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                a.name.removeprefix("dtmfdsl").lstrip(".") for a in node.names if a.name.startswith("dtmfdsl")
            )
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dtmfdsl"):
            module = (node.module or "").removeprefix("dtmfdsl").lstrip(".")
            for alias in node.names:
                inner = f"{module}.{alias.name}".lstrip(".")
                yield inner if inner in MODULES else module


def room(module: str) -> str:
    return module.split(".")[0]


def test_every_module_has_a_floor() -> None:
    assert {room(module) for module in MODULES} == set(FLOOR)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_down(module: str) -> None:
    for imported in ours(MODULES[module]):
        if room(imported) == room(module):
            continue
        assert FLOOR[room(imported)] < FLOOR[room(module)], f"{module} imports {imported}"


@pytest.mark.parametrize("house", INSIDE)
def test_imports_go_down_inside_a_room_too(house: str) -> None:
    floor = {f"{house}.{name}".rstrip("."): at for at, names in enumerate(INSIDE[house]) for name in names}
    inside = {module for module in MODULES if module == house or module.startswith(f"{house}.")}
    assert inside - {house} <= set(floor) <= inside
    for module, at in floor.items():
        for imported in ours(MODULES[module]):
            if room(imported) == house:
                assert floor[imported] < at, f"{module} imports {imported}"


@pytest.mark.parametrize("module", sorted(name for name in MODULES if room(name) not in ("cli", "__main__")))
def test_nothing_is_imported_inside_a_function(module: str) -> None:
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            assert not [
                inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)
            ], node.name


@pytest.mark.parametrize("module", ["outcomes", "plan", "delivery", "carriers"])
def test_the_core_of_sending_touches_nothing(module: str) -> None:
    outside = {
        "socket",
        "requests",
        "urllib3",
        "http",
        "time",
        "threading",
        "os",
        "sys",
        "io",
        "select",
        "asyncio",
    }
    for node in ast.walk(MODULES[f"sending.{module}"]):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.split(".")[0] for name in names} & outside


def test_the_dialects_are_a_table_and_nothing_else() -> None:
    rows = [node for node in MODULES["dialects.table"].body if isinstance(node, ast.Assign)]
    calls = [node.value for node in rows if isinstance(node.value, ast.Call)]
    assert {ast.unparse(call.func) for call in calls} == {"Dialect"}
    assert len(calls) == len(dtmfdsl.DIALECTS)


def test_the_front_door_lists_each_name_once_and_truly() -> None:
    source = MODULES[""]
    (block,) = [n for n in source.body if isinstance(n, ast.If)]
    promised = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    homes = {name: f"dtmfdsl.{home}" for home, names in dtmfdsl._HOMES.items() for name in names}
    assert promised == homes
    assert sorted(dtmfdsl.__all__) == sorted(homes)
    assert all(getattr(dtmfdsl, name) is not None for name in homes)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = dtmfdsl.nothing
