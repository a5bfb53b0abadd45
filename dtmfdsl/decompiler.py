"""The way up: dial strings to a script."""

from __future__ import annotations

from collections.abc import Sequence

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, DtmfError, in_order
from dtmfdsl.dialects import Dialect, get_dialect
from dtmfdsl.language.formatter import to_text
from dtmfdsl.loader import as_text
from dtmfdsl.program import Event, Program, check_size
from dtmfdsl.semantics.lifting import lift
from dtmfdsl.source import Source, Span


def decompile(strings: str | Sequence[str], dialect: str | Dialect = "bandwidth-v1") -> str:
    """The script that a dial string means, or several strings, played one after the other.

    Raises DtmfError with everything in the strings that the dialect does not allow, and if there are more
    than `limits.STRING_CHARACTERS` characters.
    """
    return to_text(lift(read_strings(strings, dialect)))


def read_strings(strings: str | Sequence[str], dialect: str | Dialect = "bandwidth-v1") -> Program:
    """The program that dial strings mean, one after the other. Raises DtmfError as `decompile` does."""
    target = get_dialect(dialect)
    texts = strings if isinstance(strings, list | tuple) else [strings]
    if sum(len(as_text(text)) for text in texts) > limits.STRING_CHARACTERS:
        message = f"dial strings of more than {limits.STRING_CHARACTERS:,} characters are no call's"
        raise DtmfError.of("string-too-long", message, help="give the strings of one call")
    events: list[Event] = []
    wrong: list[Diagnostic] = []
    for number, text in enumerate(texts, 1):
        source = Source("<string>" if len(texts) == 1 else f"<string {number}>", text)
        try:
            events += target.decode(text, Span(source, 0, len(text))).events
        except DtmfError as error:
            wrong += error.diagnostics
            if len(wrong) > limits.DIAGNOSTICS:
                break
    if wrong:
        raise DtmfError(in_order(wrong))
    program = Program(tuple(events))
    check_size(program)
    return program
