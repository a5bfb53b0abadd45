"""Text to tree. Lark reads, the `_Builder` makes nodes as it goes, and mistakes become diagnostics."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from sys import intern
from typing import Any, TypeVar, cast

import attrs
import lark

from dtmfdsl.diagnostics import Diagnostic, DtmfError, in_order
from dtmfdsl.language import tree
from dtmfdsl.language.grammar import make_parser
from dtmfdsl.language.secrets import secret_spans
from dtmfdsl.language.unreadable import unreadable
from dtmfdsl.loader import as_source
from dtmfdsl.notation import unquote
from dtmfdsl.source import Source

_Plain = TypeVar("_Plain", tree.Keys, tree.Duration)

_REMARK = r"//([^\r\n]*)|\r\n|\r|\n"


@attrs.frozen(eq=False, repr=False)
class Parsed:
    """What could be read of a text: its tree, the mistakes in the rest, and the names the rest may define."""

    script: tree.Script
    diagnostics: tuple[Diagnostic, ...] = ()
    half_defined: frozenset[str] = frozenset()


def parse(text: str | Source) -> tree.Script:
    """The tree of a script. A byte-order mark at its start is no part of it.

    Raises DtmfError with every mistake of syntax in the text.
    """
    parsed = read(as_source(text))
    if parsed.diagnostics:
        raise DtmfError(in_order(parsed.diagnostics))
    return parsed.script


def read(source: Source) -> Parsed:
    """Reads a text as far as it can be read. What is wrong is part of the result, and nothing is raised."""
    if unfit := unreadable(source):
        return Parsed(tree.Script(source=source), (unfit,))
    source = attrs.evolve(source, hiding=secret_spans)  # for whoever shows a line of it
    try:
        with uncollected():
            return Parsed(_script(_items(source.text), source))
    except lark.UnexpectedInput as error:
        # Most scripts have no mistake, and importing the rules of mistakes is a twentieth of a short run.
        from dtmfdsl.language.recovery import recover

        items, diagnostics, half_defined = recover(source, error.pos_in_stream or 0, _items)
        return Parsed(_script(items, source), tuple(diagnostics), frozenset(half_defined))


@contextmanager
def uncollected() -> Iterator[None]:
    """Reading and compiling make many objects and no cycles: looking for them takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _script(items: tuple[tree.Item, ...], source: Source) -> tree.Script:
    return tree.Script(items, source=source, start=0, end=len(source.text))


def _items(text: str) -> tuple[tree.Item, ...]:
    # The grammar ends every line with a newline, so that a last comment needs no rule of its own.
    return cast("tuple[tree.Item, ...]", _lark().parse(text + "\n"))


@cache
def _lark() -> lark.Lark:
    return make_parser(_Builder())


class _Builder:
    """Lark calls the method named like a rule with its children, like a terminal with its token.

    It builds and never judges: an error raised here would lose the rest of the script. Positions come
    from named tokens, because Lark keeps none when it calls back while reading.
    """

    # Bodies. A separator becomes None, or the comments and blank lines it holds.

    def SEP(self, token: lark.Token) -> tuple[tree.Item, ...] | None:
        if len(token) == 1:
            return None
        text = token.value
        offset = token.start_pos or 0
        if "/" not in text:
            ends = text.count("\n") or text.count("\r")
            return (tree.Blank(start=offset, end=offset + len(text)),) if ends > 1 else None
        items: list[tree.Item] = []
        ends = 0
        for match in re.finditer(_REMARK, text):
            if match[1] is None:
                ends += 1
                continue
            start, end = match.span()
            if ends > 1:
                items.append(tree.Blank(start=offset, end=offset + start))
            remark = match[1].rstrip(" \t")
            trailing = not (ends or items)
            items.append(tree.Comment(remark, trailing, start=offset + start, end=offset + end))
            ends = 0
        if ends > 1:
            items.append(tree.Blank(start=offset, end=offset + len(text)))
        return tuple(items)

    def THEN(self, token: lark.Token) -> None:
        return None

    def start(self, children: list[Any]) -> tuple[tree.Item, ...]:
        body = _body(children)
        if body and isinstance(first := body[0], tree.Comment) and first.trailing:
            return tree.Comment(first.text, start=first.start, end=first.end), *body[1:]
        return body

    def block(self, children: list[Any]) -> tuple[tuple[tree.Item, ...], int]:
        return _body(children[:-1]), children[-1].end_pos

    # Statements

    def PRESS_STMT(self, token: lark.Token) -> tree.Press:
        part = _second_word(token, tree.Keys)
        return tree.Press((part,), start=token.start_pos or 0, end=part.end)

    def WAIT_STMT(self, token: lark.Token) -> tree.Wait:
        time = _second_word(token, tree.Duration)
        return tree.Wait(time, start=token.start_pos or 0, end=time.end)

    def CALL_STMT(self, token: lark.Token) -> tree.Call:
        call = token.rstrip(" \t\r\n;")
        start = token.start_pos or 0
        return tree.Call(intern(call[: call.index("(")].rstrip(" \t")), start=start, end=start + len(call))

    PRESS_LINE, WAIT_LINE, CALL_LINE = PRESS_STMT, WAIT_STMT, CALL_STMT

    def press(self, children: list[Any]) -> tree.Press:
        verb, *parts, every_word, every, for_word, label = children
        return _press(verb, parts, every, label)

    def press_for_every(self, children: list[Any]) -> tree.Press:
        verb, *parts, for_word, label, every_word, every = children
        press = _press(verb, parts, None, label)
        return tree.Press(press.parts, every, press.label, start=press.start, end=every.end)

    def wait(self, children: list[Any]) -> tree.Wait:
        verb, time = children
        return tree.Wait(time, start=verb.start_pos, end=time.end)

    def wait_for(self, children: list[Any]) -> tree.Wait:
        verb, time, for_word, cue = children
        return tree.Wait(time, _sentence(cue), start=verb.start_pos, end=_end_of(cue))

    def pace(self, children: list[Any]) -> tree.Pace:
        verb, time = children
        return tree.Pace(time, start=verb.start_pos, end=time.end)

    def repeat(self, children: list[Any]) -> tree.Repeat:
        head, (body, end) = children
        return tree.Repeat(int(head.split()[1]), body, start=head.start_pos, end=end)

    def let(self, children: list[Any]) -> tree.Let:
        verb, name, value = children
        return tree.Let(_name(name), value, start=verb.start_pos, end=_end(value))

    def param(self, children: list[Any]) -> tree.Param:
        verb, name, kind, default = children
        return tree.Param(
            _name(name),
            re.sub(r"\s*\.\.\s*", "..", " ".join(kind.split())),
            default,
            verb.type == "SECRET",
            start=verb.start_pos,
            end=kind.end_pos if default is None else _end(default),
        )

    def define(self, children: list[Any]) -> tree.Define:
        verb, head, *names, _, (body, end) = children
        name = head[:-1].rstrip(" \t")
        names = [_name(token) for token in names if token is not None]
        start = head.start_pos
        return tree.Define(
            tree.Name(name, start=start, end=start + len(name)),
            tuple(names),
            body,
            start=verb.start_pos,
            end=end,
        )

    def call(self, children: list[Any]) -> tree.Call:
        head, *values, closing = children
        return tree.Call(head[:-1].rstrip(" \t"), tuple(values), start=head.start_pos, end=closing.end_pos)

    def use(self, children: list[Any]) -> tree.Use:
        verb, path = children
        return tree.Use(unquote(path), start=verb.start_pos, end=path.end_pos)

    def raw(self, children: list[Any]) -> tree.Raw:
        verb, text, _, dialect = children
        return tree.Raw(unquote(text), str(dialect), start=verb.start_pos, end=dialect.end_pos)

    def dial(self, children: list[Any]) -> tree.Dial:
        verb, number = children
        return tree.Dial(number, start=verb.start_pos, end=number.end)

    def HANG_UP(self, token: lark.Token) -> tree.HangUp:
        return tree.HangUp(start=token.start_pos or 0, end=token.end_pos or 0)

    def expect(self, children: list[Any]) -> tree.Expect:
        verb, place = children
        return tree.Expect(place, start=verb.start_pos, end=place.end)

    def go_to(self, children: list[Any]) -> tree.GoTo:
        verb, place, *rest = children
        values = tuple(value for value in rest[1:] if value is not None)
        return tree.GoTo(place, values, start=verb.start_pos, end=_end(values[-1]) if values else place.end)

    # Maps

    def phone(self, children: list[Any]) -> tree.Phone:
        head, *body, closing = children
        return tree.Phone(_last_word(head), _body(body), start=head.start_pos, end=closing.end_pos)

    def menu(self, children: list[Any]) -> tree.Menu:
        head, *body, closing = children
        return tree.Menu(_last_word(head), _body(body), start=head.start_pos, end=closing.end_pos)

    def END(self, token: lark.Token) -> tree.End:
        return tree.End(_last_word(token), start=token.start_pos or 0, end=token.end_pos or 0)

    def line_time(self, children: list[Any]) -> tree.MapTime:
        what, time = children
        return tree.MapTime(" ".join(what.split()), time, start=what.start_pos, end=time.end)

    menu_time = line_time

    def says(self, children: list[Any]) -> tree.Says:
        head, text, lasting = children
        afresh = lasting.split()[0] == "afresh"
        start = head.start_pos + head.index("says")
        return tree.Says(unquote(text), _range(lasting), afresh, start=start, end=lasting.end_pos)

    def KEYS_DO(self, token: lark.Token) -> tree.KeysDo:
        at = token.index("keys")
        start = (token.start_pos or 0) + at
        return tree.KeysDo(" ".join(token[at:].split()[1:]), start=start, end=token.end_pos or 0)

    MEANWHILE = KEYS_DO

    def entry(self, children: list[Any]) -> tree.Entry:
        verb, keys, within, target = children
        time = within and _range(within)
        return tree.Entry(keys, target, time, start=verb.start_pos, end=target.end)

    def silence(self, children: list[Any]) -> tree.OnSilence:
        verb, time, target = children
        return tree.OnSilence(time, target, start=verb.start_pos, end=target.end)

    def wrong_keys(self, children: list[Any]) -> tree.OnWrongKeys:
        head, *prompt, target = children
        says, keys = (self.says([head, *prompt[:2]]), prompt[2]) if prompt else (None, None)
        return tree.OnWrongKeys(target, says, keys, start=head.start_pos, end=target.end)

    def after(self, children: list[Any]) -> tree.After:
        head, target = children
        _, count, *of = head.split()
        words = {"try": "tries", "silence": "silences", "wrong": "wrong keys"}
        return tree.After(int(count), words.get(of[0], of[0]), target, start=head.start_pos, end=target.end)

    def PLACE(self, token: lark.Token) -> tree.Place:
        start, end = token.start_pos or 0, token.end_pos or 0
        phone, dot, name = token.rpartition(".")
        return tree.Place(
            tree.Name(str(name), start=end - len(name), end=end),
            tree.Name(str(phone), start=start, end=start + len(phone)) if dot else None,
            start=start,
            end=end,
        )

    def TO(self, token: lark.Token) -> tree.Name:
        text = token.lstrip(" \t->")
        end = token.end_pos or 0
        return tree.Name(" ".join(text.split()), start=end - len(text), end=end)

    def RANGE(self, token: lark.Token) -> tree.Range:
        return _range(token)

    def DIGITS_WANTED(self, token: lark.Token) -> tree.Digits:
        text = re.sub(r"\s*\.\.\s*", "..", " ".join(token.replace("#", " #").split()))
        return tree.Digits(text, start=token.start_pos or 0, end=token.end_pos or 0)

    # Values

    def NUMBER_TO_CALL(self, token: lark.Token) -> tree.Number:
        return tree.Number(_single_blanks(token), start=token.start_pos or 0, end=token.end_pos or 0)

    NUMBER_WITH_PLUS = NUMBER_TO_CALL

    def keys(self, children: list[Any]) -> tuple[tree.Part, ...]:
        return tuple(children)

    def KEYS(self, token: lark.Token) -> tree.Keys:
        text = token.lstrip(" \t.-")
        end = token.end_pos or 0
        return tree.Keys(_single_blanks(text), start=end - len(text), end=end)

    def VAR(self, token: lark.Token) -> tree.Name:
        text = token.lstrip(" \t.-")
        end = token.end_pos or 0
        return tree.Name(intern(text[1:]), start=end - len(text), end=end)

    def SPELL(self, token: lark.Token) -> tree.Spell:
        text = token.lstrip(" \t")
        end = token.end_pos or 0
        start = end - len(text)
        if '"' in text:
            return tree.Spell(unquote(text[text.index('"') :]), start=start, end=end)
        name = text[text.index("$") :]
        return tree.Spell(tree.Name(intern(name[1:]), start=end - len(name), end=end), start=start, end=end)

    def text(self, children: list[Any]) -> tree.Text:
        (token,) = children
        return tree.Text(unquote(token), start=token.start_pos, end=token.end_pos)

    AND_KEYS, AND_VAR, AND_SPELL = KEYS, VAR, SPELL

    def DURATION(self, token: lark.Token) -> tree.Duration:
        return tree.Duration(_single_blanks(token), start=token.start_pos or 0, end=token.end_pos or 0)


def _body(children: list[Any]) -> tuple[Any, ...]:
    items: list[Any] = []
    for child in children:
        if child is None:
            continue
        if type(child) is tuple:
            items.extend(child)
        else:
            items.append(child)
    if items and type(items[0]) is tree.Blank:
        del items[0]
    if items and type(items[-1]) is tree.Blank:
        del items[-1]
    return tuple(items)


def _second_word(token: lark.Token, kind: type[_Plain]) -> _Plain | tree.Name:
    """What follows the verb in the token of a plain statement: keys or a duration, or a name for them."""
    statement = token.rstrip(" \t\r\n;")
    word = intern(statement.split()[1])
    end = (token.start_pos or 0) + len(statement)
    start = end - len(word)
    return (
        tree.Name(intern(word[1:]), start=start, end=end)
        if word[0] == "$"
        else kind(word, start=start, end=end)
    )


def _press(
    verb: lark.Token, parts: list[tree.Part], every: tree.Time | None, label: lark.Token | tree.Name | None
) -> tree.Press:
    end = _end_of(label) if label is not None else (every or parts[-1]).end
    text = None if label is None else _sentence(label)
    return tree.Press(tuple(parts), every, text, start=verb.start_pos or 0, end=end or 0)


def _sentence(written: lark.Token | tree.Name) -> tree.Sentence:
    return written if isinstance(written, tree.Name) else unquote(written)


def _end_of(written: lark.Token | tree.Name) -> int:
    return written.end if isinstance(written, tree.Name) else written.end_pos or 0


def _last_word(token: lark.Token) -> tree.Name:
    """The name that a token such as `menu main` ends in."""
    name = token.split()[-1]
    end = token.end_pos or 0
    return tree.Name(name, start=end - len(name), end=end)


def _range(token: lark.Token) -> tree.Range:
    """The time in a token, after words such as ` afresh for ` or ` within `."""
    text = re.sub(r"[ \t]*(afresh[ \t]+)?(for|within)[ \t]+", "", token, count=1)
    end = token.end_pos or 0
    shown = re.sub(r"\s*\.\.\s*", "..", _single_blanks(text))
    return tree.Range(shown, start=end - len(text), end=end)


def _name(token: lark.Token) -> tree.Name:
    return tree.Name(str(token), start=token.start_pos or 0, end=token.end_pos or 0)


def _end(value: tree.Value) -> int:
    return value[-1].end if isinstance(value, tuple) else value.end


def _single_blanks(text: str) -> str:
    return " ".join(text.split()) if " " in text or "\t" in text else intern(str(text))
