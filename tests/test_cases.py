"""What is wrong with scripts, as files in tests/cases/invalid.

`CODE.HOW` or `CODE.VARIANT.HOW`, where HOW is one of `SUFFIXES`, is refused or warned of with the text in
`….golden.txt`; a name with `several` shows several mistakes in one run. `….toml` holds keyword arguments.

`pytest --update` writes the golden files anew; the difference is for you to judge.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dtmfdsl.catalogue import CATALOGUE

CASES = Path(__file__).with_name("cases") / "invalid"
SUFFIXES = {
    ".dtmf": "script",
    ".string": "string",
    ".python": "python",
    ".files": "files",
    ".command": "command",
}
INVALID = sorted(path for path in CASES.iterdir() if path.suffix in SUFFIXES)


def options_of(case: Path) -> dict[str, Any]:
    path = case.with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def beside(case: Path, ending: str) -> Path:
    return case.with_name(case.name.removesuffix(case.suffix) + ending)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in INVALID])
def test_diagnostics(case: Path, golden: Callable, run_example: Callable) -> None:
    text = case.read_bytes().decode()
    outcome = run_example(SUFFIXES[case.suffix], text, case.name, **options_of(case))
    code = case.name.partition(".")[0]
    if code in CATALOGUE:
        assert code in outcome.codes
    else:
        assert code.startswith("several-")
        assert len(outcome.codes) > 1
    golden(beside(case, ".golden.txt"), outcome.shown)


def test_every_code_has_a_case() -> None:
    assert set(CATALOGUE) <= {case.name.partition(".")[0] for case in INVALID}


def test_no_two_cases_share_a_golden_file() -> None:
    assert len({beside(case, "") for case in INVALID}) == len(INVALID)


def test_no_file_is_left_over() -> None:
    """Every file belongs to a case."""
    expected: set[Path] = set()
    for case in INVALID:
        expected |= {case, beside(case, ".toml"), beside(case, ".golden.txt")}
    assert set(CASES.iterdir()) <= expected
