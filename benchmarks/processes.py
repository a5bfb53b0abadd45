"""What the command line costs: whole processes on the wall clock, and what they import."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from measure import Finding, Row, pairs, ratio_row

from dtmfdsl.cli.commands import COMMANDS
from dtmfdsl.dialects import table

HEAVY = {"requests", "urllib3", "numpy", "rich", "click", "matplotlib"}
"""Packages that compiling, checking, formatting and helping must not import."""

SCRIPT = 'press 1 for "Balance"\nwait 3.5s\npress {number}#\n'

BARE_HELP = f"""
import argparse
parser = argparse.ArgumentParser(prog="bare", description="A parser and nothing else.")
commands = parser.add_subparsers(title="commands", metavar="COMMAND")
for number in range({len(COMMANDS)}):
    commands.add_parser(f"command{{number}}", help="Do the same as the one before it, once more")
parser.parse_args(["--help"])
"""
"""The least that printing the help of a command line with subcommands takes."""

PYTHON = sys.executable


class Shell:
    """Runs commands in a folder of its own, with caches of its own where the system allows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "call.dtmf"
        self.runs = 0
        self.environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        if path := os.environ.get("PYTHONPATH"):
            entries = [os.path.abspath(entry) for entry in path.split(os.pathsep) if entry]
            self.environment["PYTHONPATH"] = os.pathsep.join(entries)

    def run(self, command: list[str], expected: int = 0) -> str:
        """Run it and give what it says on standard error; another exit status than expected is an error."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode != expected:
            raise RuntimeError(f"exit status {done.returncode}: {done.stderr}")
        return done.stderr

    def write_script(self) -> None:
        """Write a script that no earlier run has seen, lest a kept result be measured."""
        self.runs += 1
        self.file.write_text(SCRIPT.format(number=1000 + self.runs), encoding="utf-8")

    def wall(self, command: list[str]) -> float:
        """How long the command takes from start to end."""
        self.write_script()
        start = perf_counter()
        self.run(command)
        return perf_counter() - start


def program() -> list[str]:
    """The installed command if there is one beside the interpreter, else the module."""
    found = shutil.which("dtmfdsl", path=str(Path(PYTHON).parent))
    return [found] if found else [PYTHON, "-m", "dtmfdsl"]


def imported(report: str) -> set[str]:
    """The top-level packages in what `-X importtime` reports."""
    lines = [line for line in report.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def slowdown(shell: Shell, command: list[str], code: str, rounds: int) -> float:
    """The command's time, to that of a line of Python; first runs fill the caches, uncounted."""
    yardstick = [PYTHON, "-c", code]
    for each in (yardstick, command):
        shell.wall(each)
    return pairs(partial(shell.wall, yardstick), partial(shell.wall, command), rounds).ratio


def cold_start(shell: Shell, rounds: int) -> float:
    """The time of `compile` with all dialects, to that of the same product with three."""

    def command(name: str) -> list[str]:
        """Runs a copy of the product, which is made in a folder of this name."""
        shutil.copytree(Path(table.__file__).parents[1], shell.folder / name / "dtmfdsl")
        code = f"import sys; sys.path.insert(0, {name!r}); from dtmfdsl.cli import run; run()"
        return [PYTHON, "-c", code, "compile", str(shell.file)]

    everything, few = command("all"), command("three")
    file = shell.folder / "three" / "dtmfdsl" / "dialects" / "table.py"
    rows = file.read_text(encoding="utf-8")
    rows = re.sub(r"(?ms)^(?!BANDWIDTH_V1|TWILIO |VONAGE)\w+ = Dialect\(.*?^\)\n", "", rows)
    rows = re.sub(r"(?s)(?<=for dialect in )\(.*?\n    \)", "(BANDWIDTH_V1, TWILIO, VONAGE)", rows)
    file.write_text(rows, encoding="utf-8")
    for each in (few, everything):
        shell.wall(each)
    return pairs(partial(shell.wall, few), partial(shell.wall, everything), rounds).ratio


def fixing(shell: Shell, rounds: int) -> float:
    """The time of `check --fix` of 1,000 files, to that of `check`: each of 20 lines, one of them wrong."""
    scripts = shell.folder / "scripts"
    scripts.mkdir()

    def wall(option: str, expected: int) -> float:
        for number in range(1000):
            lines = [f"press {number}", "wait 2s"] * 9 + ["press 1", "wait 2"]
            (scripts / f"{number}.dtmf").write_text("\n".join(lines), encoding="utf-8")
        start = perf_counter()
        shell.run([PYTHON, "-m", "dtmfdsl", "check", str(scripts), "--quiet", option], expected)
        return perf_counter() - start

    return pairs(partial(wall, "--json", 1), partial(wall, "--fix", 0), min(rounds, 7)).ratio


def imports(shell: Shell) -> Finding:
    """Which heavy packages the quick commands import between them."""
    found: set[str] = set()
    file = str(shell.file)
    for arguments in (["compile", file], ["check", file], ["format", file], ["--help"]):
        shell.write_script()
        report = shell.run([PYTHON, "-X", "importtime", "-m", "dtmfdsl", *arguments])
        found |= imported(report) & HEAVY
    return Finding(", ".join(sorted(found)) or "none", not found)


def rows(rounds: int) -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        shell = Shell(Path(folder))
        compiling = [PYTHON, "-m", "dtmfdsl", "compile", str(shell.file)]
        libraries = "import lark, attrs"
        contests = [
            (f"`compile` of three lines, to `{libraries}`", compiling, libraries, 1.35),
            ("`--help`, to a bare argparse with as many commands", [*program(), "--help"], BARE_HELP, 1.05),
            ("`--version`, to `pass`", [*program(), "--version"], "pass", 1.1),
        ]
        for name, command, code, target in contests:
            yield ratio_row(name, target, partial(slowdown, shell, command, code, rounds))
        title = f"`compile` of three lines with {len(table.DIALECTS)} dialects, to the same with 3"
        yield ratio_row(title, 1.02, partial(cold_start, shell, rounds))
        yield ratio_row("`check --fix` of 1,000 files, to `check`", 3, partial(fixing, shell, rounds))
        yield Row("imports of heavy packages", "none", partial(imports, shell))
