"""Text to tree. Lark reads, the `_Builder` makes nodes as it goes, and mistakes become diagnostics."""

from __future__ import annotations

import re
from functools import cache
from sys import intern
from typing import Any, cast

import lark

from dtmfdsl import limits, mistakes
from dtmfdsl.diagnostics import Diagnostic, DtmfError, in_order
from dtmfdsl.notation import unquote
from dtmfdsl.source import Source
from dtmfdsl.tables import make_parser
from dtmfdsl.tree import (
    Blank,
    Call,
    Comment,
    Define,
    Duration,
    Item,
    Keys,
    Let,
    Name,
    Pace,
    Param,
    Part,
    Press,
    Raw,
    Repeat,
    Script,
    Spell,
    Time,
    Use,
    Value,
    Wait,
)

_REMARK = r"//([^\r\n]*)|\r\n|\r|\n"


def parse(text: str | Source) -> Script:
    """The tree of a script.

    Raises DtmfError with every mistake of syntax in the text.
    """
    source = text if isinstance(text, Source) else Source("<script>", mistakes.as_text(text))
    script, diagnostics, _ = read(source)
    if diagnostics:
        raise DtmfError(in_order(diagnostics))
    return script


def read(source: Source) -> tuple[Script, list[Diagnostic], frozenset[str]]:
    """The tree of what can be read, the mistakes in the rest, and the names the rest would have defined."""
    if unreadable := mistakes.unreadable(source):
        return Script(source=source), [unreadable], frozenset()
    try:
        return _parse(source.text, source), [], frozenset()
    except lark.UnexpectedInput as error:
        return _read_around(source, error)


def _parse(text: str, source: Source) -> Script:
    # The grammar ends every line with a newline, so that a last comment needs no rule of its own.
    body = cast("tuple[Item, ...]", _lark().parse(text + "\n"))
    return Script(body, source=source, start=0, end=len(source.text))


def _read_around(
    source: Source, first: lark.UnexpectedInput
) -> tuple[Script, list[Diagnostic], frozenset[str]]:
    """Reads a text with mistakes in it: each statement by itself, then all that are sound together."""
    diagnostics = mistakes.control_characters(source)
    if diagnostics:
        # They are said; with blanks in their place the rest can be looked at.
        source_text = re.sub(mistakes.CONTROLS, " ", source.text)
        script, others, names = read(Source(source.name, source_text, source.path))
        return script, diagnostics + others, names
    defined: set[str] = set()
    rest = list(source.text)
    pieces, unbalanced = mistakes.pieces(source)
    diagnostics += unbalanced
    for piece in pieces:
        if piece.end < (first.pos_in_stream or 0) and not piece.unmatched:
            continue
        fault = None if piece.unmatched else _fault(piece)
        if fault is not None:
            diagnostics.append(mistakes.explain(source, piece, *fault))
            defined.update(mistakes.names_defined(piece.text))
        if fault is not None or piece.unmatched:
            for start, end in piece.extent:
                rest[start:end] = [c if c in "\r\n" else " " for c in rest[start:end]]
        if len(diagnostics) > limits.DIAGNOSTICS:
            break
    try:
        script = _parse("".join(rest), source)
    except lark.UnexpectedInput as error:
        script = Script(source=source)
        if not diagnostics:
            diagnostics.append(mistakes.unexpected(source, error.pos_in_stream or 0))
    return script, diagnostics, frozenset(defined)


def _fault(piece: mistakes.Piece) -> tuple[int, frozenset[str]] | None:
    """Where in a statement reading stops, and which terminals could have stood there; None if it is sound."""
    text = piece.text + ("}" if piece.opens else "")
    try:
        _lark().parse(text + "\n")
    except lark.UnexpectedCharacters as error:
        return error.pos_in_stream or 0, frozenset(error.allowed or ())
    except lark.UnexpectedToken as error:
        return error.pos_in_stream or 0, frozenset(error.accepts or error.expected)
    return None


@cache
def _lark() -> lark.Lark:
    return make_parser(_Builder())


class _Builder:
    """Lark calls the method named like a rule with its children, like a terminal with its token.

    It builds and never judges: an error raised here would lose the rest of the script. Positions come
    from named tokens, because Lark keeps none when it calls back while reading.
    """

    # Bodies. A separator becomes None, or the comments and blank lines it holds.

    def SEP(self, token: lark.Token) -> tuple[Item, ...] | None:
        if len(token) == 1:
            return None
        text = token.value
        offset = token.start_pos or 0
        if "/" not in text:
            ends = text.count("\n") or text.count("\r")
            return (Blank(start=offset, end=offset + len(text)),) if ends > 1 else None
        items: list[Item] = []
        ends = 0
        for match in re.finditer(_REMARK, text):
            if match[1] is None:
                ends += 1
                continue
            start, end = match.span()
            if ends > 1:
                items.append(Blank(start=offset, end=offset + start))
            remark = match[1].rstrip(" \t")
            trailing = not (ends or items)
            items.append(Comment(remark, trailing, start=offset + start, end=offset + end))
            ends = 0
        if ends > 1:
            items.append(Blank(start=offset, end=offset + len(text)))
        return tuple(items)

    def start(self, children: list[Any]) -> tuple[Item, ...]:
        body = _body(children)
        if body and isinstance(first := body[0], Comment) and first.trailing:
            return Comment(first.text, start=first.start, end=first.end), *body[1:]
        return body

    def block(self, children: list[Any]) -> tuple[tuple[Item, ...], int]:
        return _body(children[:-1]), children[-1].end_pos

    # Statements

    def PRESS_STMT(self, token: lark.Token) -> Press:
        text = intern(token[6:].lstrip(" \t"))
        end = token.end_pos or 0
        start = end - len(text)
        kind: type[Name | Keys] = Name if text[0] == "$" else Keys
        part = kind(text.lstrip("$"), start=start, end=end)
        return Press((part,), start=token.start_pos or 0, end=end)

    def WAIT_STMT(self, token: lark.Token) -> Wait:
        text = intern(token[5:].lstrip(" \t"))
        end = token.end_pos or 0
        start = end - len(text)
        kind: type[Name | Duration] = Name if text[0] == "$" else Duration
        time = kind(text.lstrip("$"), start=start, end=end)
        return Wait(time, start=token.start_pos or 0, end=end)

    def press(self, children: list[Any]) -> Press:
        verb, *parts, every_word, every, for_word, label = children
        return _press(verb, parts, every, label)

    def press_for_every(self, children: list[Any]) -> Press:
        verb, *parts, for_word, label, every_word, every = children
        press = _press(verb, parts, None, label)
        return Press(press.parts, every, press.label, start=press.start, end=every.end)

    def wait(self, children: list[Any]) -> Wait:
        verb, time = children
        return Wait(time, start=verb.start_pos, end=time.end)

    def wait_for(self, children: list[Any]) -> Wait:
        verb, time, for_word, cue = children
        return Wait(time, unquote(cue), start=verb.start_pos, end=cue.end_pos)

    def pace(self, children: list[Any]) -> Pace:
        verb, time = children
        return Pace(time, start=verb.start_pos, end=time.end)

    def repeat(self, children: list[Any]) -> Repeat:
        head, (body, end) = children
        return Repeat(int(head.split()[1]), body, start=head.start_pos, end=end)

    def let(self, children: list[Any]) -> Let:
        verb, name, value = children
        return Let(_name(name), value, start=verb.start_pos, end=_end(value))

    def param(self, children: list[Any]) -> Param:
        verb, name, kind, default = children
        return Param(
            _name(name),
            re.sub(r"\s*\.\.\s*", "..", " ".join(kind.split())),
            default,
            verb.type == "SECRET",
            start=verb.start_pos,
            end=kind.end_pos if default is None else _end(default),
        )

    def define(self, children: list[Any]) -> Define:
        verb, head, *names, _, (body, end) = children
        name = head[:-1].rstrip(" \t")
        names = [_name(token) for token in names if token is not None]
        start = head.start_pos
        return Define(
            Name(name, start=start, end=start + len(name)), tuple(names), body, start=verb.start_pos, end=end
        )

    def call(self, children: list[Any]) -> Call:
        head, *values, closing = children
        arguments = tuple(value for value in values if value is not None)
        return Call(head[:-1].rstrip(" \t"), arguments, start=head.start_pos, end=closing.end_pos)

    def use(self, children: list[Any]) -> Use:
        verb, path = children
        return Use(unquote(path), start=verb.start_pos, end=path.end_pos)

    def raw(self, children: list[Any]) -> Raw:
        verb, text, _, dialect = children
        return Raw(unquote(text), str(dialect), start=verb.start_pos, end=dialect.end_pos)

    # Values

    def keys(self, children: list[Any]) -> tuple[Part, ...]:
        return tuple(children)

    def KEYS(self, token: lark.Token) -> Keys:
        text = token.lstrip(" \t.-")
        end = token.end_pos or 0
        return Keys(_single_blanks(text), start=end - len(text), end=end)

    def VAR(self, token: lark.Token) -> Name:
        text = token.lstrip(" \t.-")
        end = token.end_pos or 0
        return Name(intern(text[1:]), start=end - len(text), end=end)

    def SPELL(self, token: lark.Token) -> Spell:
        text = token.lstrip(" \t")
        end = token.end_pos or 0
        return Spell(unquote(text[text.index('"') :]), start=end - len(text), end=end)

    AND_KEYS, AND_VAR, AND_SPELL = KEYS, VAR, SPELL

    def DURATION(self, token: lark.Token) -> Duration:
        return Duration(_single_blanks(token), start=token.start_pos or 0, end=token.end_pos or 0)


def _body(children: list[Any]) -> tuple[Item, ...]:
    items: list[Item] = []
    for child in children:
        if child is None:
            continue
        if type(child) is tuple:
            items.extend(child)
        else:
            items.append(child)
    if items and type(items[0]) is Blank:
        del items[0]
    if items and type(items[-1]) is Blank:
        del items[-1]
    return tuple(items)


def _press(verb: lark.Token, parts: list[Part], every: Time | None, label: lark.Token | None) -> Press:
    end = label.end_pos if label is not None else (every or parts[-1]).end
    text = None if label is None else unquote(label)
    return Press(tuple(parts), every, text, start=verb.start_pos or 0, end=end or 0)


def _name(token: lark.Token) -> Name:
    return Name(str(token), start=token.start_pos or 0, end=token.end_pos or 0)


def _end(value: Value) -> int:
    return value[-1].end if isinstance(value, tuple) else value.end


def _single_blanks(text: str) -> str:
    return " ".join(text.split()) if " " in text or "\t" in text else intern(str(text))
