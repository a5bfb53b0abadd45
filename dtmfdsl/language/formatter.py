"""Tree to canonical text: the parser's inverse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from dtmfdsl.language import tree
from dtmfdsl.language.parser import parse
from dtmfdsl.loader import as_source
from dtmfdsl.notation import quote
from dtmfdsl.source import Source

INDENT = "    "


def format(text: str | Source) -> str:
    """A script in canonical form: a statement a line, blocks indented, comments kept.

    Raises DtmfError if the text is no script. The result reads as the same tree, or AssertionError says
    that this is our mistake, and nothing is changed.
    """
    script = parse(text)
    formatted = to_text(script)
    if formatted != as_source(text).text and parse(formatted) != script:
        raise AssertionError("formatting would change this script; please report it")
    return formatted


def to_text(script: tree.Script) -> str:
    """The text of a tree in canonical form, ending in a newline unless it is empty."""
    return "".join(line + "\n" for line in _lines(script.body))


def _lines(
    body: Iterable[tree.Item | tree.PhoneItem | tree.MenuItem], opening: str | None = None
) -> list[str]:
    """The lines of a body, the line that opens its block first if there is one."""
    lines = [] if opening is None else [opening]
    indent = "" if opening is None else INDENT
    for item in body:
        match item:
            case tree.Comment(trailing=True) if lines:
                lines[-1] += f"  //{item.text}"
            case tree.Comment():
                lines.append(f"{indent}//{item.text}")
            case tree.Blank():
                lines.append("")
            case tree.Repeat():
                inner = _lines(item.body, f"repeat {item.times} {{")
                lines += [line and indent + line for line in [*inner, "}"]]
            case tree.Define():
                names = ", ".join(name.name for name in item.parameters)
                inner = _lines(item.body, f"define {item.name.name}({names}) {{")
                lines += [line and indent + line for line in [*inner, "}"]]
            case tree.Phone() | tree.Menu():
                verb = "phone" if isinstance(item, tree.Phone) else "menu"
                inner = _lines(item.body, f"{verb} {item.name.name} {{")
                lines += [line and indent + line for line in [*inner, "}"]]
            case _:
                lines.append(indent + _statement(item))
    return lines


def _statement(
    item: tree.Press
    | tree.Wait
    | tree.Pace
    | tree.Let
    | tree.Param
    | tree.Call
    | tree.Use
    | tree.Raw
    | tree.Dial
    | tree.HangUp
    | tree.Expect
    | tree.GoTo
    | tree.MapTime
    | tree.End
    | tree.Says
    | tree.KeysDo
    | tree.Entry
    | tree.OnSilence
    | tree.OnWrongKeys
    | tree.After,
) -> str:
    match item:
        case tree.Press():
            every = f" every {_time(item.every)}" if item.every else ""
            label = "" if item.label is None else f" for {_sentence(item.label)}"
            return f"press {_value(item.parts)}{every}{label}"
        case tree.Wait(cue=None):
            return f"wait {_time(item.time)}"
        case tree.Wait():
            return f"wait up to {_time(item.time)} for {_sentence(item.cue or '')}"
        case tree.Pace():
            return f"pace {_time(item.time)}"
        case tree.Let():
            return f"let {item.name.name} = {_value(item.value)}"
        case tree.Param():
            word = "secret" if item.secret else "param"
            default = "" if item.default is None else f" = {_value(item.default)}"
            return f"{word} {item.name.name}: {item.kind}{default}"
        case tree.Call():
            return f"{item.name}({', '.join(_value(value) for value in item.arguments)})"
        case tree.Use():
            return f"use {quote(item.path)}"
        case tree.Raw():
            return f"raw {quote(item.text)} as {item.dialect}"
        case tree.Dial():
            return f"call {_time(item.number)}"
        case tree.HangUp():
            return "hang up"
        case tree.Expect():
            return f"expect at {_place(item.place)}"
        case tree.GoTo():
            values = ", ".join(_value(value) for value in item.values)
            return f"go to {_place(item.place)}" + (f" with {values}" if values else "")
        case tree.MapTime():
            return f"{item.what} {item.time.text}"
        case tree.End():
            return f"end {item.name.name}"
        case tree.Says():
            afresh = " afresh" if item.afresh else ""
            return f"says {quote(item.text)}{afresh} for {item.time.text}"
        case tree.KeysDo():
            return f"keys {item.what}"
        case tree.Entry():
            within = f" within {item.within.text}" if item.within else ""
            return f"on {item.keys.text}{within} -> {item.target.name}"
        case tree.OnSilence():
            return f"on silence for {item.time.text} -> {item.target.name}"
        case tree.OnWrongKeys():
            says = f" {_statement(item.says)}" if item.says else ""
            keys = f", {_statement(item.keys)}" if item.keys else ""
            return f"on wrong keys{says}{keys} -> {item.target.name}"
        case tree.After():
            of = {"tries": "try"}.get(item.of, item.of[:-1]) if item.count == 1 else item.of
            return f"after {item.count} {of} -> {item.target.name}"
        case _:
            assert_never(item)


def _place(place: tree.Place) -> str:
    return f"{place.phone.name}.{place.name.name}" if place.phone else place.name.name


def _value(value: tree.Value) -> str:
    match value:
        case tree.Duration() | tree.Number():
            return value.text
        case tree.Text():
            return quote(value.text)
        case tuple():
            return " ".join(_part(part) for part in value)
        case _:
            assert_never(value)


def _part(part: tree.Keys | tree.Name | tree.Spell) -> str:
    match part:
        case tree.Keys():
            return part.text
        case tree.Name():
            return f"${part.name}"
        case tree.Spell():
            return f"spell {_sentence(part.text)}"
        case _:
            assert_never(part)


def _time(time: tree.Time | tree.Number) -> str:
    return f"${time.name}" if isinstance(time, tree.Name) else time.text


def _sentence(text: tree.Sentence) -> str:
    return f"${text.name}" if isinstance(text, tree.Name) else quote(text)
