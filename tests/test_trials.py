"""What people met with the first version, row by row: see data/trials.toml."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
from commands import feed

from dtmfdsl.cli import main

ROWS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "trials.toml").read_text("utf-8")
)["row"]
FIELDS = set(
    "typed command files stdin env source missing fixed plays left out exit says never once columns".split()
)


def parameter(row: dict[str, Any]) -> Any:
    """A row as a parameter: one that the product does not do yet must fail."""
    name = row.get("typed") or shlex.join(row["command"])
    missing = row.get("missing")
    marks = [pytest.mark.xfail(strict=True, reason=missing)] if missing else []
    return pytest.param(row, id=name, marks=marks)


@pytest.mark.parametrize("row", [parameter(row) for row in ROWS])
def test_a_row(
    row: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        try:
            status = main(list(words))
        except SystemExit as refused:
            status = int(refused.code or 0)
        return status, *capsys.readouterr()

    assert set(row) <= FIELDS
    monkeypatch.chdir(tmp_path)
    for name, text in row.get("files", {}).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, value in row.get("env", {}).items():
        monkeypatch.setenv(name, value)
    feed(monkeypatch, row.get("stdin", ""))

    if typed := row.get("typed"):
        _, _, shown = run("check", "-e", typed)
        _, fixed, _ = run("check", "--fix", "--quiet", "-e", typed)
        assert fixed.removesuffix("\n") == row.get(
            "fixed", typed if row.get("left") else fixed.removesuffix("\n")
        )
        if "plays" in row:
            assert run("compile", "-e", fixed)[:2] == (0, row["plays"] + "\n")
        shown += fixed
    else:
        status, out, err = run(*row["command"])
        assert status == row.get("exit", 0), err
        assert out == row.get("out", out)
        shown = out + err
    for part in row.get("says", []):
        assert part in shown
    for part in row.get("never", []):
        assert part not in shown
    if "once" in row:
        assert shown.count(row["once"]) == 1
    if "columns" in row:
        # An option with its choices is never broken, nor is any other word.
        long = [line for line in shown.splitlines() if len(line) > row["columns"]]
        assert all(re.fullmatch(r"\s*\S+|\s*\[?--\S+ \S+", line) for line in long), long
