"""What is wrong with scripts, as files in tests/cases/invalid.

`CODE.VARIANT.HOW`, where HOW is one of the ways in which `run_example` runs an example, is refused or warned of
with the text in `….golden.txt`; a name with `several` shows several mistakes in one run. `….toml` holds keyword
arguments. The first case of a code is its wrong example in docs/diagnostics: test_explanations.py compares it
with `CODE.golden.txt`. The files here are further variants.

`pytest --update` writes the golden files anew; the difference is for you to judge.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from examples import EXAMPLES

CASES = Path(__file__).with_name("cases") / "invalid"
INVALID = sorted(path for path in CASES.iterdir() if path.suffix not in (".toml", ".txt"))


def options_of(case: Path) -> dict[str, Any]:
    path = case.with_suffix(".toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def beside(case: Path, ending: str) -> Path:
    return case.with_name(case.name.removesuffix(case.suffix) + ending)


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
    expected = {CASES / f"{code}.golden.txt" for code in EXAMPLES}
    for case in INVALID:
        expected |= {case, beside(case, ".toml"), beside(case, ".golden.txt")}
    assert set(CASES.iterdir()) <= expected
