"""Diagnostics for other programs: what `check --output-format` writes on standard output."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import dtmfdsl
from dtmfdsl.cli import jsonoutput
from dtmfdsl.cli.streams import say
from dtmfdsl.diagnostics import Diagnostic, clean
from dtmfdsl.explanations import explanations
from dtmfdsl.source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def show(form: str, found: Iterable[Diagnostic]) -> None:
    """Writes diagnostics as `json`, as workflow commands of `github`, or as `sarif`."""
    found = [diagnostic.masked() for diagnostic in found]
    match form:
        case "github":
            for diagnostic in found:
                say(_workflow_command(diagnostic))
        case "sarif":
            jsonoutput.show(_sarif(found))
        case _:
            jsonoutput.show([diagnostic.as_dict() for diagnostic in found])


def _sentences(diagnostic: Diagnostic) -> str:
    """The message with its code, notes and help, a line each."""
    lines = [f"{diagnostic.message} [{diagnostic.code}]", *(note.message for note in diagnostic.notes)]
    return "\n".join(clean(line) for line in (*lines, diagnostic.way_out) if line)


def _workflow_command(diagnostic: Diagnostic) -> str:
    """A command that a GitHub workflow shows beside the line.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions has its form, and the
    runner's own toolkit the escapes: of the message, and further ones of a property.
    """
    properties: dict[str, object] = {}
    if diagnostic.span:
        region = _region(diagnostic.span)
        properties = {"file": clean(diagnostic.span.source.name), "line": region["startLine"]}
        if region["endLine"] == region["startLine"]:  # columns of different lines are not accepted
            properties |= {"col": region["startColumn"], "endColumn": region["endColumn"]}
        else:
            properties["endLine"] = region["endLine"]
    pairs = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items())
    return f"::{diagnostic.severity}{' ' * bool(pairs)}{pairs}::{_escaped(_sentences(diagnostic))}"


def _escaped(text: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _sarif(found: list[Diagnostic]) -> dict[str, Any]:
    """A log of the Static Analysis Results Interchange Format, version 2.1.0 (an OASIS standard)."""
    explained = explanations()
    codes = sorted({diagnostic.code for diagnostic in found})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": explained[code].title},
            "help": {"text": explained[code].as_text()},
        }
        for code in codes
    ]
    driver = {"name": "dtmfdsl", "version": dtmfdsl.__version__, "rules": rules}
    results = [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    span, fix = diagnostic.span, diagnostic.suggestion
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": {"text": _sentences(diagnostic)},
    }
    if span:
        result["locations"] = [{"physicalLocation": _location(span)}]
    if related := [
        {"physicalLocation": _location(note.span), "message": {"text": clean(note.message)}}
        for note in diagnostic.notes
        if note.span
    ]:
        result["relatedLocations"] = related
    if span and fix is not None:
        replacement = {"deletedRegion": _region(span), "insertedContent": {"text": fix}}
        changes = [{"artifactLocation": _artifact(span), "replacements": [replacement]}]
        result["fixes"] = [{"artifactChanges": changes}]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(span), "region": _region(span)}


def _artifact(span: Span) -> dict[str, str]:
    """The file as a URI: relative to the current folder if it was named so."""
    name = span.source.name
    return {"uri": ("file://" if os.path.isabs(name) else "") + quote(os.fsencode(name.replace(os.sep, "/")))}


def _region(span: Span) -> dict[str, int]:
    """Lines and columns count from 1, and the end is exclusive."""
    line, column = span.position
    end_line, end_column = span.source.position(max(span.start, span.end))
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
