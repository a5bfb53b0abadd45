"""Whatever the statement: secrets, odd characters, strings, comments, how it begins, and what follows it."""

from __future__ import annotations

import re

from dtmfdsl.diagnostics import Diagnostic, closest
from dtmfdsl.language.mistakes.pasted import LIST_MARK, LISTED_KEYS
from dtmfdsl.language.mistakes.patterns import NAME, NUMBER, STRING, any_case_of, any_of
from dtmfdsl.language.mistakes.pressing import DIAL_STRING
from dtmfdsl.language.mistakes.rule import Found, Here, Row, Rules, Statement
from dtmfdsl.language.mistakes.words import (
    CHOICE,
    HELD,
    LEADING,
    RESERVED,
    SPEECH,
    SYNONYMS,
    VERBS,
    accepted,
    one_of,
)
from dtmfdsl.language.mistakes.written import LOOP, REMARK, TRAILING_REMARK, slip_of
from dtmfdsl.notation import read_keys

_HASH_IS_A_KEY = "`#` is a key; a comment starts with `//`"
_COMMENT = "a comment starts with `//`"
_OPEN, _CLOSE = r"(?:/\*+|<!--)", r"(?:\*+/|-->)"
_MARKDOWN = "the marks of Markdown are no part of a script"
_WHOLE = {"expect": "expect at", "go": "go to", "hang": "hang up"}
_STATEMENTS = f"statements are {one_of([f'`{_WHOLE.get(verb, verb)}`' for verb in VERBS])}"
_SMART_QUOTES = "“”„‟«»″＂"
# A `secret`: the verb, also misspelled or after another word, or the kind.
_HIDDEN = r"(?i:\W*(?:\w+[ \t]+)?se?c?re?ts?\b|\W*\w+[ \t]+\w+[ \t]*:[ \t]*secret\b)"


def _odd_character(statement: Statement) -> Diagnostic | None:
    """A character that no statement may hold, but a string may."""
    bare = re.sub(STRING, lambda string: " " * len(string[0]), statement.text)
    for at, character in enumerate(bare):
        if character in _SMART_QUOTES:
            message = f"`{character}` is a typographic quote"
            help = 'a text stands between straight double quotes: `"`'
            return statement.error("smart-quote", message, (at, at + 1), fix='"', help=help)
        if character not in " \t" and not character.isprintable():
            what = "blank is not an ordinary one" if character.isspace() else "character is invisible"
            message = f"this {what} (U+{ord(character):04X})"
            help = "replace it by a space, or delete it; it probably came in with a paste"
            return statement.error("odd-blank", message, (at, at + 1), fix=" ", help=help)
    return None


def _parted(found: Found) -> str:
    """A verb and what was glued to it, without a colon, quotes or parentheses around that."""
    inner = found[2].strip(":=()[]{ \t")
    keys = inner.strip("\"'")
    return f"{found[1]} {keys if accepted(read_keys, keys) else inner}"


def run_on(statement: Statement) -> Diagnostic | None:
    """A second statement where the first should have ended."""
    found = re.match(rf"{any_of(VERBS)}(?![^ \t])", statement.rest)
    if not found or statement.offset <= len(statement.word) + 1:
        return None
    verb = found[0]
    message, help = f"`{verb}` begins a new statement", f"begin a new line, or write `; {verb}`"
    span = (statement.offset, statement.offset + len(verb))
    return statement.error("missing-separator", message, span, fix=f"; {verb}", help=help)


def comment(statement: Statement) -> Diagnostic | None:
    """A `#`, `--` or `/*` after a statement that is complete: somebody's comment."""
    mark = re.match(rf"#+|--+|{_OPEN}", statement.rest)
    if not mark or (
        statement.word == "press"
        and mark[0][0] not in "/<"
        and not re.search(" (?:every|for) ", statement.text)
    ):
        return None
    written = f"// {re.sub(rf'{_CLOSE}$', '', statement.rest[mark.end() :]).strip()}"
    span = (statement.offset, len(statement.text))
    message = _HASH_IS_A_KEY if mark[0][0] == "#" else _COMMENT
    if message == _COMMENT or re.match(TRAILING_REMARK, statement.text):
        return statement.error("hash-comment", message, span, fix=written)
    help = f"for a comment, write `{written}`; the key is a step of its own: `press #`"
    return statement.error("hash-comment", message, span, help=help)


def _after_semicolon(statement: Statement) -> Diagnostic | None:
    """Words behind a `;` that begins a line: a comment, as some languages write it."""
    source, end = statement.piece.source, statement.piece.start
    start, _ = source.line_bounds(source.position(end)[0])
    before = source.text[start:end]
    if not (re.fullmatch(r"[ \t]*;+[ \t]*", before) and re.fullmatch(REMARK, f"# {statement.text}")):
        return None
    return statement.error("hash-comment", _COMMENT, statement.whole, fix=f"// {statement.text}")


def no_block(statement: Statement) -> Diagnostic | None:
    """A block after a statement that takes none."""
    if statement.rest != "{":
        return None
    span = (statement.offset, statement.offset + 1)
    message, help = f"`{statement.word}` takes no block", "only `repeat` and `define` do"
    return statement.error("unexpected-text", message, span, help=help)


def _other_verb(statement: Statement) -> Diagnostic | None:
    """A verb in capitals, with a slip, or as people call it."""
    word = statement.word
    lower = word.lower()
    meant = (
        lower
        if lower in VERBS
        else SYNONYMS.get(lower)
        or SYNONYMS.get(slip_of(lower) or "")
        or closest(lower, [verb for verb in VERBS if verb != "go"])  # too short to be alike
    )
    if not meant:
        return None
    rest = statement.text[len(word) :]
    unit = "s" if meant == "wait" and re.fullmatch(rf"[ \t]*{NUMBER}", rest) else ""
    block = " … }" if statement.piece.opens else ""
    shown = "secret pin: 4 digits" if meant == "secret" else f"{meant}{rest}{unit}{block}"
    message = f"`{word}` is not a statement"
    return statement.error("unknown-statement", message, (0, len(word)), fix=meant, help=f"write `{shown}`")


# Of a `secret` nothing is repeated: its digits may stand anywhere.
ALWAYS: Rules = (
    Row(rf"(?=.*=){_HIDDEN}", "secret-default", "a secret must not stand in the script",
        help="leave the value out; give it by the environment, a file or the prompt"),
    Row(_HIDDEN, "bad-kind", "this is not how a secret is written", help="such as `secret pin: 4 digits`"),
    _odd_character,
    Row(rf'(?:[^"]|{STRING})*+(?P<wrong>".*)', "unclosed-string",
        'this text has no closing `"`', help='end it with `"` on the same line'),
    Here(r'(?<=(?P<wrong>"))[^\W_]', "bad-escape",
         'a `"` ended the text here', fix=r'\\"', help=r'inside a text, write `\\"`'),
    Row(r'(?:[^"]|"(?:[^"\\]|\\["\\])*+")*+"(?:[^"\\]|\\["\\])*+(?P<wrong>\\.)', "bad-escape",
        r'in a text, `\\` may only stand before `"` or another `\\`', help=r"for one, write `\\\\`"),
)  # fmt: skip
"""What no statement may hold."""

VERB: Rules = (
    Row(rf"({any_of(VERBS)})(?![ \t{{]|$)(.*)", "missing-blank",
        r"`\1` needs a blank after it", fix=_parted),
    run_on,
    comment,
)  # fmt: skip
"""What may be wrong after any verb."""

LOOPS: Rules = (
    Row(rf"{LOOP}[ \t]*:[ \t]*(\S.*)", "unknown-statement",
        "`for` is not a statement", fix=r"repeat \1 { \2 }"),
    Row(rf"(?P<wrong>{LOOP})", "unknown-statement", "`for` is not a statement", fix=r"repeat \2"),
)  # fmt: skip
"""A `repeat` as other languages write it."""

NO_VERB: Rules = (
    _after_semicolon,
    Row(r"`{3,}\w*$", "unknown-statement", _MARKDOWN, fix="", help="leave this line out"),
    Row(r"(`+)(\w[^`]*)\1$", "unknown-statement", _MARKDOWN, fix=r"\2"),
    Row(rf"(?P<wrong>{LIST_MARK})", "unknown-statement", "the mark of a list is no part of a statement",
        fix="", help="leave it out"),
    Row(r"(?i:(?P<wrong>hold(?!\w))[^{]*[ \t]for[ \t])", "unknown-statement", HELD[0], help=HELD[1]),
    Row(r"(?i:(?P<wrong>if|unless|else|otherwise|when))(?!\w)", "unknown-statement",
        CHOICE[0], help=CHOICE[1]),
    Row(r"(?i:(?P<wrong>say|speak))(?!\w)", "unknown-statement", SPEECH[0], help=SPEECH[1]),
    Row(rf"(?i:(?P<wrong>please[ \t]+(?:now[ \t]+)?)){any_case_of((*VERBS, *SYNONYMS))}", "unknown-statement",
        "`please` begins no statement", fix="", help="leave it out"),
    Row(r"#++\s*([0-9*#].*|$)", "hash-comment", _HASH_IS_A_KEY,
        help=r"for the keys, write `press \g<0>`; for a comment, `// \1`"),
    Row(rf"(#+|--+)[ \t]*(?={LEADING}(?i:{'|'.join((*VERBS, *SYNONYMS))})(?![^\W\d]))(.*)", "hash-comment",
        lambda m: _HASH_IS_A_KEY if m[1][0] == "#" else _COMMENT,
        help=r"for a comment, write `// \2`; for a statement, leave `\1` out"),
    Row(r"#+\s*(.*)", "hash-comment", _HASH_IS_A_KEY, fix=r"// \1"),
    Row(r"--[- ]*(.*)", "hash-comment", _COMMENT, fix=r"// \1"),
    Row(rf"{_OPEN}[ \t]*(.*?)[ \t]*{_CLOSE}[ \t]*(\w.*)", "hash-comment", _COMMENT, fix=r"\2  // \1"),
    Row(rf"{_OPEN}[ \t]*(.*?)[ \t]*(?:{_CLOSE}[ \t]*)?$", "hash-comment", _COMMENT, fix=r"// \1"),
    Row(r"(?P<wrong>/)", "unknown-statement",
        "`/` begins no statement", help="a comment starts with `//`, to the end of the line"),
    Row(rf"(?P<wrong>\*+)[ \t]*{any_case_of((*VERBS, *SYNONYMS))}", "unknown-statement",
        "`*` is a key, and begins no statement",
        help="if it is the mark of a list, leave it out; for the key, write `press *`"),
    Row(r"(?P<wrong>\{)$", "unknown-statement",
        "a block does not begin on a line of its own",
        help="it stands on the line of its `repeat` or `define`"),
    DIAL_STRING,
    Row(LISTED_KEYS, "unknown-statement", "this may be a mark around keys, or keys",
        help="leave it out, or write `press` before it"),
    Row(rf"(?:[0-9A-D*#][0-9A-D*# .()-]*|\${NAME})$", "unknown-statement",
        "a statement begins with a word", fix=r"press \g<0>"),
    Row(r"(?P<wrong>[\W\d])", "unknown-statement", r"`\1` begins no statement"),
    Row(rf"(?P<wrong>{any_of(RESERVED)})", "unknown-statement", r"`\1` is kept for a statement to come"),
    Row(rf"(?!{any_case_of(VERBS)})(\w+)[ \t]*=[ \t]*(?![\"'])(.*)", "unknown-statement",
        r"`\1` is not a statement", fix=lambda m: f"let {m[1].lower()} = {m[2]}"),
    *LOOPS,
    Row(r"(?P<wrong>(?:for|while)(?!\w)[^{]*?)[ \t]*(?:\{$|:|$)", "unknown-statement",
        r"`\1` is not a statement", help="to do something several times, write it like `repeat 3 { … }`"),
    Row(rf"({'|'.join(VERBS)})([0-9][^{{]*+)", "missing-blank",
        r"`\1` needs a blank after it", fix=lambda m: f"{m[1]} {m[2].strip()}"),
    Row(r"(?i:(?P<wrong>hang-?up))(?!\w)", "unknown-statement", r"`\1` is not a statement", fix="hang up"),
    Row(r"(?i:(?P<wrong>go-?to))(?=[ \t])", "unknown-statement", r"`\1` is not a statement", fix="go to"),
    _other_verb,
    Row(rf"(?P<wrong>{NAME})(?:[ \t]+([$0-9*#][\w*#]*))?$", "unknown-statement",
        r"`\1` is not a statement", help=rf"to run a define of that name, write `\1(\2)`; {_STATEMENTS}"),
    Row(r"(?P<wrong>\w+)", "unknown-statement", r"`\1` is not a statement", help=_STATEMENTS),
)  # fmt: skip
"""A statement that does not begin as one."""
