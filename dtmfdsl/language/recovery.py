"""A text with mistakes: explains each of them, and reads the rest as if they were not there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from typing import TypeAlias

import attrs
import lark

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic
from dtmfdsl.language import mistakes
from dtmfdsl.language.mistakes.patterns import NAME, STRING, any_of
from dtmfdsl.language.mistakes.rule import same
from dtmfdsl.language.mistakes.spoken import Lacking, spoken
from dtmfdsl.language.mistakes.written import LENGTH, Written, written
from dtmfdsl.language.statements import CONTROLS, Piece, control_characters, pieces, separated
from dtmfdsl.language.tree import Item
from dtmfdsl.source import Source, Span

Read: TypeAlias = Callable[[str], tuple[Item, ...]]
"""Reads the items of a text's body. Raises lark.UnexpectedInput if it cannot."""

FIXES = 4
"""Apply at most this many fixes in turn, to check that a suggestion leads to a valid statement."""

_VALUE = rf"(?<!\w)(?:param|secret|let)[ \t]+({NAME})[ \t]*[:=]"

_DECLARES = rf"{any_of(('let', 'param', 'secret', 'use'))}"

_SECRETS = ("secret-default", "bad-kind")

FAR = 1000
LEAPS = 3
"""With more than `FAR` statements to come, try to read them all at once; at most `LEAPS` times."""


def recover(source: Source, stop: int, read: Read) -> tuple[tuple[Item, ...], list[Diagnostic], set[str]]:
    """Reads a text with a mistake at offset `stop`: each statement from there alone, then all valid ones.

    Returns the valid items, the mistakes, and the names that the invalid statements may define.
    """
    diagnostics = control_characters(source)
    # A control character has been reported. From here on it is a blank.
    source = attrs.evolve(source, text=re.sub(CONTROLS, " ", source.text))
    text = separated(source.text)
    found, unbalanced = pieces(source, text)
    diagnostics += unbalanced
    sentences = found if text == source.text else pieces(source, source.text)[0]
    opening = next((each.start for each in found if not re.match(_DECLARES, each.text)), 0)
    names = frozenset(re.findall(_VALUE, source.text))
    at = _index(found, stop)
    defined: set[str] = set()
    invalid = [piece for piece in found if piece.unmatched]
    defined.update(name for piece in invalid for name in mistakes.names_defined(piece.text))
    leaps = LEAPS
    before: Piece | None = None
    understood = -1
    while at < len(found) and len(diagnostics) <= limits.DIAGNOSTICS:
        piece = found[at]
        at += 1
        fault: tuple[int, frozenset[str]] | None = None
        if stop >= 0 and len(piece.text) > limits.STATEMENT_EXPLAINED:
            fault = stop - piece.start, frozenset()
        elif not piece.unmatched:
            fault = _fault(piece, read)
        if fault:
            invalid.append(piece)
            defined.update(mistakes.names_defined(piece.text))
            if not (before and mistakes.goes_on(before, piece)):
                sentence = sentences[_index(sentences, piece.start)]
                mistake = _explain(piece, *fault, read)
                if sentence.start != understood:  # else its first mistake has the way out
                    meant = _meant(
                        sentence,
                        read,
                        names,
                        opening=sentence.start <= opening,
                        followed=sentence is not sentences[-1],
                    )
                    mistake = _as_meant(mistake, piece, sentence, meant, read)
                    understood = sentence.start if isinstance(meant, str) else understood
                diagnostics.append(mistake)
            if len(found) - at > FAR and leaps:
                leaps -= 1
                try:
                    return read(_without(text, invalid)), diagnostics, defined
                except lark.UnexpectedInput as error:
                    at = max(at, _index(found, error.pos_in_stream or 0))
        before = piece if fault else None
        stop = -1
    if len(diagnostics) > limits.DIAGNOSTICS:
        return (), diagnostics, defined
    try:
        return read(_without(text, invalid)), diagnostics, defined
    except lark.UnexpectedInput as error:
        return (), diagnostics or [mistakes.unexpected(source, error.pos_in_stream or 0)], defined


def _index(found: list[Piece], offset: int) -> int:
    """The index of the last piece that begins at or before an offset; 0 if none does."""
    return max(bisect_right(found, offset, key=lambda piece: piece.start) - 1, 0)


def _without(text: str, invalid: list[Piece]) -> str:
    """The text with blanks in the place of some pieces. All else keeps its place."""
    rest = list(text)
    for start, end in (stretch for piece in invalid for stretch in piece.extent):
        rest[start:end] = [character if character in "\r\n" else " " for character in rest[start:end]]
    return "".join(rest)


def _fault(piece: Piece, read: Read) -> tuple[int, frozenset[str]] | None:
    """The offset where a statement cannot be read, and the terminals allowed there; None if it is valid."""
    before = len(piece.around)
    try:
        read(piece.as_script(piece.text))
    except lark.UnexpectedCharacters as error:
        return (error.pos_in_stream or 0) - before, frozenset(error.allowed or ())
    except lark.UnexpectedToken as error:
        return (error.pos_in_stream or 0) - before, frozenset(error.accepts or error.expected)
    return None


def _meant(
    sentence: Piece, read: Read, names: frozenset[str], *, opening: bool, followed: bool
) -> str | Lacking | None:
    """The statements that a sentence in plain English means, what it lacks, or None for any other text."""
    text = sentence.text
    if len(text) > limits.STATEMENT_EXPLAINED or sentence.opens or sentence.unmatched or sentence.around:
        return None
    meant = spoken(text, names, opening=opening, followed=followed)
    if isinstance(meant, str):
        before, after = written(text), written(meant)
        named = [value for value in after.values if value not in before.values and str(value)[1:] in names]
        if named:  # `your 4-digit PIN` became the `$pin` of this script
            before = written(LENGTH.sub("", text))
        kept = tuple(value for value in after.values if value not in named)
        if not before.same(attrs.evolve(after, values=kept)) or _first_fault(meant, sentence, read):
            return None
    return meant


def _explain(piece: Piece, offset: int, expected: frozenset[str], read: Read) -> Diagnostic:
    """The mistake in a statement. What it suggests has been tried, and loses and adds no key and no time.

    If the suggestion leads to another mistake, that is fixed too, and the suggestion is the whole statement.
    If no way leads to a valid statement, the first suggestion is still a step on the way.
    """
    text, place = piece.text, Span(piece.source, piece.start, piece.end)
    found = step = mistakes.explain(piece, offset, expected)
    if len(text) > limits.STATEMENT_EXPLAINED:
        return found
    meant = written(text)
    origin = piece.start
    for fixes in range(FIXES):
        if step.span is None or step.suggestion is None:
            break
        fixed = text[: step.span.start - origin] + step.suggestion + text[step.span.end - origin :]
        if not same(piece, piece.text, fixed):
            found = found if fixes else attrs.evolve(found, suggestion=None)
            break
        text, origin = fixed, 0
        fault = _first_fault(text, piece, read)
        if not fault:
            if not fixes:
                return found
            text = (text if '"' in text else re.sub("[ \t]+", " ", text)).rstrip()
            help = f"write `{text.rstrip('{ ')}`"
            return attrs.evolve(found, span=place, suggestion=text, help=help)
        step = mistakes.explain(*fault)
    return attrs.evolve(found, help=_true_help(found, meant))


def _as_meant(
    found: Diagnostic, piece: Piece, sentence: Piece, meant: str | Lacking | None, read: Read
) -> Diagnostic:
    """The mistake in a statement with the way out that its sentence leads to, if that is understood.

    That is the whole sentence as statements, where the mistake's own suggestion does not come to the same.
    """
    if meant is None or found.code in _SECRETS:
        return found
    fixed = None
    if found.span and found.suggestion is not None:
        start, end = found.span.start - piece.start, found.span.end - piece.start
        fixed = piece.text[:start] + found.suggestion + piece.text[end:]
    leads_out = fixed is not None and not _first_fault(fixed, piece, read)
    if isinstance(meant, str):
        if fixed and leads_out and piece.text == sentence.text and _alike(fixed, meant):
            return found
        place, help = Span(sentence.source, sentence.start, sentence.end), "; ".join(meant.splitlines())
        return attrs.evolve(found, span=place, suggestion=meant, help=f"write `{help}`")
    if meant.code == "missing-keys":
        return attrs.evolve(found, help=meant.help) if fixed and not leads_out else found
    # A text for people would hide what is missing, and a plain "cannot stand here" does not name it.
    hidden = leads_out and '"' in (found.suggestion or "")
    if meant.alone or hidden or (fixed is None and (not found.help or found.code == "unexpected-text")):
        place = Span(sentence.source, sentence.start + meant.start, sentence.start + meant.end)
        return Diagnostic(meant.code, meant.message, place, help=meant.help)
    return found


def _alike(fixed: str, meant: str) -> bool:
    """Whether a text is as good as one statement: it holds the same, and no blank is left at its end."""
    same = written(fixed) == written(meant) and re.findall(STRING, fixed) == re.findall(STRING, meant)
    calls = fixed.lower().startswith("call ") == meant.startswith("call ")
    return same and calls and fixed == fixed.rstrip() and "\n" not in meant


def _first_fault(text: str, piece: Piece, read: Read) -> tuple[Piece, int, frozenset[str]] | None:
    """The first statement of a text that cannot be read, and its `_fault`. The text was made from a piece."""
    source = Source(piece.source.name, text)
    found, _ = pieces(source, separated(text))
    for each in (*found, Piece(source, 0, len(text), piece.opens)):
        each.around = each.around or piece.around
        if fault := _fault(each, read):
            return each, *fault
    return None


def _true_help(found: Diagnostic, meant: Written) -> str | None:
    """The help of a mistake that no fix has removed: what it says to write is not tried any further."""
    help = found.help or ""
    if found.suggestion is not None:
        shown = found.suggestion.strip()
        return f"write `{shown}`" if shown and help.startswith("write `") else found.help
    says = re.match("write `([^`]+)`(?! or `|: the tones)", help)
    return None if help == "leave it out" or (says and written(says[1]) != meant) else found.help
