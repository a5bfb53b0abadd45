"""What can be fixed in a text without anybody's help: the suggestions for statements that cannot be read."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

import attrs

from dtmfdsl import limits
from dtmfdsl.diagnostics import Diagnostic, in_order
from dtmfdsl.language.mistakes.undefined import undefined_calls
from dtmfdsl.language.parser import Parsed, read
from dtmfdsl.language.statements import CONTROLS, Piece, pieces, separated
from dtmfdsl.loader import as_source
from dtmfdsl.source import Source, Span

ROUNDS = 30
"""Read and fix a text at most this many times. Each round fixes what one reading reports."""

READ_AGAIN = limits.SOURCE_BYTES
"""The rounds together read at most this many characters, but there is always one."""

AHEAD = 2_000
"""So many characters after a statement show whether a fix leaves what follows as it is."""


@attrs.frozen
class Fixed:
    """A text after its fixes.

    `changes` are the mistakes that were fixed, in the order of the fixes. Their spans are places in the text
    as it was then. `left` are the mistakes of syntax that remain. Of a very long text with many
    mistakes, only some are fixed at once; `more` are those that another `fix` would fix next.
    """

    text: str = attrs.field(repr=False)
    changes: tuple[Diagnostic, ...] = ()
    left: tuple[Diagnostic, ...] = ()
    more: tuple[Diagnostic, ...] = ()


def fix(text: str | Source) -> Fixed:
    """Puts the suggestions for a script's mistakes into its text, until there are none.

    Only statements that cannot be read are changed, and calls of what nobody defines, so that no correct line
    gets another meaning. Line ends stay as they are.
    Raises DtmfError only for what is no text.
    """
    return fix_read(read(as_source(text)))[0]


def fix_read(parsed: Parsed) -> tuple[Fixed, Parsed]:
    """`fix` for a text that has been read, and what can be read of the fixed text."""
    source = parsed.script.source
    changes: list[Diagnostic] = []
    rounds = min(ROUNDS, READ_AGAIN // (len(source.text) + 1) or 1)
    fixed, fixes = _round(source, parsed.diagnostics)
    while fixes and rounds:
        rounds -= 1
        changes += fixes
        source = attrs.evolve(source, text=fixed)
        parsed = read(source)
        fixed, fixes = _round(source, parsed.diagnostics)
    return Fixed(source.text, tuple(changes), in_order(parsed.diagnostics), tuple(fixes)), parsed


def fixable(parsed: Parsed) -> list[Diagnostic]:
    """The mistakes in a text that `fix` would fix, each statement once."""
    return _round(parsed.script.source, parsed.diagnostics)[1]


def _round(source: Source, found: Sequence[Diagnostic]) -> tuple[str, list[Diagnostic]]:
    """The text with the first suggestion for each statement in place, and the mistakes that it fixes."""
    # A control character is a blank to whoever looks at statements.
    blanked = attrs.evolve(source, text=re.sub(CONTROLS, " ", source.text))
    text = separated(blanked.text)
    statements, _ = pieces(blanked, text)
    sentences = statements if text == blanked.text else pieces(blanked, blanked.text)[0]
    likely = [
        (each.span, each.suggestion, each)
        for each in in_order((*found, *undefined_calls(statements)))
        if each.span and each.suggestion is not None
    ]
    fixes: list[Diagnostic] = []
    done: list[str] = []
    end = 0
    for span, suggestion, mistake in likely:
        piece = _around(span, statements) or _around(span, sentences)
        if not piece or piece.start < end or (mistake.code != "unknown-name" and _readable(piece)):
            continue
        suggestion = _in_layout(suggestion, source, piece)
        new = source.text[piece.start : span.start] + suggestion + source.text[span.end : piece.end]
        changed = new != source.text[piece.start : piece.end]
        # A fix that does not make the statement correct is a step for a person to take.
        if changed and not _mistaken(new, piece) and _keeps_to_itself(source, piece, new):
            done += [source.text[end : piece.start], new]
            end = piece.end
            fixes.append(mistake)
    return "".join([*done, source.text[end:]]), fixes


def _around(span: Span, cut: list[Piece]) -> Piece | None:
    """The piece that a span stands in, if it is one alone."""
    at = bisect_right(cut, span.start, key=lambda piece: piece.start) - 1
    return cut[at] if at >= 0 and span.end <= cut[at].end else None


def _readable(piece: Piece) -> bool:
    """Whether a statement by itself is a correct one, which is never changed."""
    return not (piece.unmatched or _mistaken(piece.text, piece))


def _mistaken(text: str, piece: Piece) -> bool:
    """Whether a text in the place of a statement is no correct one."""
    return bool(read(Source("", piece.as_script(text))).diagnostics)


def _in_layout(suggestion: str, source: Source, piece: Piece) -> str:
    """A suggestion of several lines with the line ends of the text and the indentation of its statement."""
    if "\n" not in suggestion:
        return suggestion
    line_end = re.search(r"\r\n|\r|\n", source.text)
    start, _ = source.line_bounds(source.position(piece.start)[0])
    indent = re.compile(r"[ \t]*").match(source.text, start)
    return suggestion.replace("\n", (line_end[0] if line_end else "\n") + (indent[0] if indent else ""))


def _keeps_to_itself(source: Source, piece: Piece, new: str) -> bool:
    """Whether what follows on the line stays as it is: no comment swallows it, no block opens or ends.

    `press 1 # one; press 2` would lose its second statement if `# one` became `// one`.
    """
    _, line_end = source.line_bounds(source.position(piece.end)[0])
    rest = source.text[piece.end : min(line_end, piece.end + AHEAD)]
    whole = separated(piece.text) == piece.text
    before, unbalanced = _cut(piece.text + rest, spoken=whole)
    after, unbalanced_after = _cut(new + rest, spoken=whole)
    follow = [(each.text, each.opens, each.unmatched) for each in before[1:]]
    follow_after = [(each.text, each.opens, each.unmatched) for each in after[len(after) - len(follow) :]]
    return len(unbalanced) == len(unbalanced_after) and follow == follow_after


def _cut(text: str, *, spoken: bool) -> tuple[list[Piece], list[Diagnostic]]:
    return pieces(Source("", text), separated(text) if spoken else text)
