"""Whole scripts and what comes of them, as files in tests/cases.

cases/valid: `NAME.dtmf` formats to `NAME.formatted.dtmf` and compiles to the strings in `NAME.DIALECT.txt`,
one a line, with the warnings in `NAME.DIALECT.warnings.txt` if there are any. `NAME.toml` holds keyword
arguments of `compile`, and the `dialects` if they are not all.

cases/invalid: `CODE.VARIANT.HOW`, where HOW is one of the ways in which `run_example` runs an example, is
refused or warned of with the text in `….golden.txt`; a name with `several` shows several mistakes in one run.
The first case of a code is its wrong example in docs/diagnostics: test_explanations.py compares it with
`CODE.golden.txt`. The files here are further variants.

`pytest --update` writes the golden files anew; the difference is for you to judge.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dtmfdsl
from dtmfdsl.loader import read_file
from examples import EXAMPLES

CASES = Path(__file__).with_name("cases")
VALID = sorted(path for path in (CASES / "valid").glob("*.dtmf") if not path.name.endswith(".formatted.dtmf"))
INVALID = sorted(path for path in (CASES / "invalid").iterdir() if path.suffix not in (".toml", ".txt"))


def options_of(case: Path) -> dict[str, Any]:
    path = case.with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def load(case: Path) -> dtmfdsl.Source:
    """The case as a source, named without its folder."""
    return read_file(case, name=case.name)


def beside(case: Path, ending: str) -> Path:
    return case.with_name(case.name.removesuffix(case.suffix) + ending)


EACH_VALID = pytest.mark.parametrize("case", [pytest.param(case, id=case.stem) for case in VALID])
EACH_STRING = pytest.mark.parametrize(
    ("case", "dialect"),
    [
        pytest.param(case, dialect, id=f"{case.stem}-{dialect}")
        for case in VALID
        for dialect in options_of(case).get("dialects", dtmfdsl.DIALECTS)
    ],
)


@EACH_VALID
def test_format(case: Path, golden: Callable) -> None:
    formatted = dtmfdsl.format(load(case))
    golden(beside(case, ".formatted.dtmf"), formatted)
    assert dtmfdsl.format(formatted) == formatted
    assert dtmfdsl.parse(formatted) == dtmfdsl.parse(load(case))


@EACH_STRING
def test_compile(case: Path, dialect: str, golden: Callable) -> None:
    options = {**options_of(case), "dialect": dialect}
    options.pop("dialects", None)
    compiled = dtmfdsl.compile(load(case), **options)
    golden(beside(case, f".{dialect}.txt"), "".join(f"{text}\n" for text in compiled.texts))
    golden(
        beside(case, f".{dialect}.warnings.txt"),
        "".join(f"{dtmfdsl.render(warning)}\n" for warning in compiled.warnings),
    )


@EACH_STRING
def test_decompile(case: Path, dialect: str) -> None:
    strings = beside(case, f".{dialect}.txt")
    texts = strings.read_text(encoding="utf-8").split() if strings.exists() else []
    half_second = options_of(case).get("half_second")
    for text in texts:
        script = dtmfdsl.decompile(text, dialect)
        again = dtmfdsl.compile(script, dialect=dialect, half_second=half_second, rounding="error")
        assert again.texts == (text,)
        assert dtmfdsl.format(script) == script
    whole = dtmfdsl.compile(dtmfdsl.decompile(texts, dialect), dialect=dialect, half_second=half_second)
    assert "".join(whole.texts) == "".join(texts)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in INVALID])
def test_diagnostics(case: Path, golden: Callable, run_example: Callable) -> None:
    text = case.read_bytes().decode()
    code, *variant, how = case.name.split(".")
    outcome = run_example(how, text, f"{code}.dtmf", **options_of(case))
    if variant:
        assert code in outcome.codes
    else:
        assert code.startswith("several-")
        assert len(outcome.codes) > 1
    golden(beside(case, ".golden.txt"), outcome.shown)


def test_no_two_cases_share_a_golden_file() -> None:
    assert len({beside(case, "") for case in INVALID}) == len(INVALID)


def test_no_file_is_left_over() -> None:
    """Every file belongs to a case."""
    expected = {path for path in CASES.rglob("*") if path.parent.name == "used" or path.name[0] == "."}
    for case in VALID:
        expected |= {case, beside(case, ".toml"), beside(case, ".formatted.dtmf")}
        for dialect in options_of(case).get("dialects", dtmfdsl.DIALECTS):
            expected |= {beside(case, f".{dialect}.txt"), beside(case, f".{dialect}.warnings.txt")}
    expected |= {CASES / "invalid" / f"{code}.golden.txt" for code in EXAMPLES}
    for case in INVALID:
        expected |= {case, beside(case, ".toml"), beside(case, ".golden.txt")}
    assert {path for path in CASES.rglob("*") if path.is_file()} <= expected
