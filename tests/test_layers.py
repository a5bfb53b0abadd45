"""Who may import whom: a module imports only from lower floors, and at the top of its file."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dtmfdsl

PACKAGE = Path(dtmfdsl.__file__).parent

FLOORS = [
    ["explanations", "limits", "notation", "printable"],
    ["source"],
    ["diagnostics"],
    ["loader"],
    ["language", "program"],
    ["dialects"],
    ["timing"],
    ["picture", "phone"],
    ["semantics"],
    ["compiler", "decompiler"],
    ["audio", "sending"],
    ["testline"],
    [""],
    ["cli"],
    ["__main__"],
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

EACH_CARRIER = sorted(
    {path.stem for path in (PACKAGE / "sending" / "carriers").glob("*.py")}
    - {"__init__", "calling", "carrier", "ids"}
)
"""The file of each carrier, and of its stand-in."""

INSIDE = {
    "language": [
        ["tree", "grammar", "secrets", "verbs"],
        ["unreadable"],
        ["mistakes.patterns", "mistakes.words"],
        ["mistakes.phrases", "mistakes.pasted"],
        ["statements", "mistakes.written"],
        ["mistakes.rule", "mistakes.tokens"],
        ["mistakes.spoken"],
        ["mistakes.waiting", "mistakes.others", "mistakes.undefined"],
        ["mistakes.pressing"],
        ["mistakes.naming", "mistakes.any_statement"],
        ["mistakes.mapped"],
        ["mistakes"],
        ["recovery"],
        ["parser"],
        ["fixer", "formatter"],
    ],
    "dialects": [["chunks", "numbers"], ["codec"], ["dialect"], ["table"], ["file", ""]],
    "phone": [
        ["map", "linear"],
        ["reading", "faults", "drawing", "call", "worlds"],
        ["presses"],
        ["meaning"],
        ["prover"],
        ["margins"],
        [""],
    ],
    "semantics": [["uses", "values", "templates"], ["names"], ["lowering", "lifting", "maps"]],
    "sending": [
        ["clock", "outcomes", "carriers.ids"],
        ["interrupts", "connections", "carriers.carrier"],
        ["carriers.calling"],
        [f"carriers.{name}" for name in EACH_CARRIER],
        ["carriers"],
        ["plan", "http", "tokens"],
        ["delivery"],
        ["placing"],
        ["journal", "fleet", "reports"],
        ["sender", "pool"],
        ["loop", "shapes"],
        ["front"],
        ["many", "play", "sip"],
        ["baresip"],
        ["phoning"],
        [""],
    ],
    "audio": [["tones", "wav"], ["goertzel", "score"], ["arrays"], ["listen", "render"], [""]],
    "testline": [
        ["server", "documents"],
        ["desk"],
        ["faults"],
        ["stand_in"],
        ["plain"],
        EACH_CARRIER,
        ["line"],
        [""],
    ],
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


@pytest.mark.parametrize("module", sorted(name for name in MODULES if room(name) == "language"))
def test_every_file_of_the_language_can_be_the_first_one_that_is_imported(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import dtmfdsl.{module}"], check=True)


def late_imports(tree: ast.AST) -> Iterator[str]:
    """The functions of a module that import something, by a statement or by a call."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = list(ast.walk(function))
            called = {ast.unparse(node.func) for node in inside if isinstance(node, ast.Call)}
            if called & {"__import__", "import_module", "importlib.import_module"} or any(
                isinstance(node, ast.Import | ast.ImportFrom) for node in inside
            ):
                yield getattr(function, "name", "lambda")


def test_nothing_is_imported_late_but_commands_the_front_door_and_what_few_scripts_need() -> None:
    late = {(module, name) for module, tree in MODULES.items() for name in late_imports(tree)}
    assert late == {
        ("cli.late", "late"),
        ("", "__getattr__"),
        ("language.parser", "read"),
        ("semantics.names", "phone"),
    }


def test_nothing_is_imported_for_the_type_checker_alone_but_at_the_front_door() -> None:
    assert {module for module, tree in MODULES.items() if "TYPE_CHECKING" in ast.dump(tree)} == {""}


def test_dir_shows_what_a_package_offers_and_nothing_else() -> None:
    assert [name for name in dir(dtmfdsl) if name[:2] != "__"] == sorted(dtmfdsl.__all__)
    for room in ("sending", "testline", "dialects"):
        package = importlib.import_module(f"dtmfdsl.{room}")
        offered = {
            a.asname or a.name
            for node in MODULES[room].body
            if isinstance(node, ast.ImportFrom)
            for a in node.names
        }
        own = {node.target.id for node in MODULES[room].body if isinstance(node, ast.AnnAssign)}
        assert set(dir(package)) == (offered | own) - {"annotations"}


CORE = ("outcomes", "plan", "delivery", "placing", "fleet", "reports", "carriers")
"""What decides in sending, and does nothing by itself."""


@pytest.mark.parametrize(
    "module", [m for m in MODULES if m.startswith(tuple(f"sending.{name}" for name in CORE))]
)
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
    for node in ast.walk(MODULES[module]):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.split(".")[0] for name in names} & outside
        inside = [
            name.removeprefix("dtmfdsl.sending.") for name in names if name.startswith("dtmfdsl.sending")
        ]
        assert all(name.startswith(CORE) for name in inside), inside


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
