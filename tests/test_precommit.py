"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit on a repository of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The hooks are `language: python`, for which pre-commit would make an environment from an index. The tests have
# none: there, the same hooks run the command that is installed from the built wheel.
CONFIG = """\
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
      - id: dtmfdsl-check
        language: system
        args: {arguments}
      - id: dtmfdsl-format
        language: system
"""


class Repository:
    """A repository whose commits are the hooks' to check."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{
                f"GIT_{who}_{what}": "a@b.example"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        }
        hooks = self.make("hooks")
        shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
        self.git("add", ".", at=hooks)
        self.git("commit", "-qm", "Hooks", at=hooks)
        self.hooks, self.revision = hooks, self.git("rev-parse", "HEAD", at=hooks).stdout.strip()
        self.scripts = self.make("scripts")

    def make(self, name: str) -> Path:
        self.git("init", "-q", name, at=self.folder)
        return self.folder / name

    def git(self, *arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
        return self.run("git", *arguments, at=at, check=True)

    def run(self, *command: str, at: Path, check: bool = False) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=at, env=self.environment, check=check, capture_output=True, text=True
        )

    def check(self, arguments: str = "[]") -> subprocess.CompletedProcess[str]:
        config = CONFIG.format(hooks=self.hooks, revision=self.revision, arguments=arguments)
        (self.scripts / ".pre-commit-config.yaml").write_text(config)
        self.git("add", ".", at=self.scripts)
        return self.run("pre-commit", "run", at=self.scripts)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_the_hooks_check_and_format_the_scripts_of_a_commit(repository: Repository) -> None:
    wrong, messy = repository.scripts / "wrong.dtmf", repository.scripts / "messy.dtmf"
    wrong.write_text("press a\n")
    messy.write_text("press 1;press 2\n")
    (repository.scripts / "notes.txt").write_text("press a\n")
    done = repository.check()
    assert done.returncode == 1, done.stderr
    assert "wrong.dtmf:1:7: error: `a` is not a key" in done.stdout
    assert "reformatted messy.dtmf" in done.stdout
    assert "notes.txt" not in done.stdout
    assert messy.read_text() == "press 1\npress 2\n"
    assert wrong.read_text() == "press a\n"
    done = repository.check("[--fix]")
    assert done.returncode == 1, "the commit is made anew with what was fixed"
    assert wrong.read_text() == "press A\n"
    done = repository.check("[--fix]")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Passed") == 2


def test_a_commit_without_scripts_passes(repository: Repository) -> None:
    (repository.scripts / "notes.txt").write_text("press a\n")
    done = repository.check()
    assert (done.returncode, done.stdout.count("Skipped")) == (0, 2)


def test_the_manifest_is_valid() -> None:
    command = [
        Path(sys.executable).with_name("pre-commit"),
        "validate-manifest",
        ROOT / ".pre-commit-hooks.yaml",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
