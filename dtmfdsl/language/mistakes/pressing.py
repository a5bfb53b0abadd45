"""`press`, and what is wrong with keys, whatever statement they stand in."""

from __future__ import annotations

import re
import unicodedata

from dtmfdsl.diagnostics import Diagnostic, closest, did_you_mean
from dtmfdsl.language.mistakes.patterns import NAME, STRING, WORD, any_case_of
from dtmfdsl.language.mistakes.rule import Around, Found, Here, Row, Rules, Statement, first
from dtmfdsl.language.mistakes.waiting import duration
from dtmfdsl.language.mistakes.words import FILLERS, NUMBERS, SYNONYMS, accepted, quoted
from dtmfdsl.language.mistakes.written import count_at, written
from dtmfdsl.language.verbs import WHOSE
from dtmfdsl.notation import KEY_NAMES, KEYS, LOOKALIKES, UNITS, read_keys, spell

NAMING_RULE = "a name is a lower-case letter, then lower-case letters, digits or `_`"

_POLITE = ("please", "now", "again", "code")
_NO_KEY = r"`\g<0>` is not a key"
_KEY_NAME = "|".join(KEY_NAMES)
_WORDS = (*KEY_NAMES, "every", "for", "spell")
# Keys and pause characters in one word, with a pause that is no single comma.
_DIALED = r"(?=\S*(?:[wWp]|,,))(?=\S*[0-9*#]|\S*[wW]{2}|[wW,]+(?!\S))(?P<wrong>[0-9A-D*#wWp,]+)(?!\S)"
_DIAL_STRING = r"`\g<0>` is a carrier's dial string"
_AS_IT_IS = (
    "how long a comma, a `w` or a `p` is depends on who wrote it: "
    rf'to use it as it is, write `raw "\g<0>" as {WHOSE}` with their dialect, or decompile it into a script'
)


def _repeated(found: Found) -> str | None:
    count = count_at(found.string, found.start(2))
    if not count or count[1] != found.end():
        return None
    return f"repeat {count[0]} {{ press {found[1].strip('()')} }}"


def _clause(statement: Statement) -> Diagnostic | None:
    """A second `every` or `for`, or one without its duration or label, where reading stopped."""
    text = statement.text
    for clause in re.finditer(r"[ \t](every|for)(?!\w)(?=([ \t]*))", text):
        word, start, after = clause[1], clause.start(1), clause.end(2)
        if statement.offset not in (start, after):
            continue
        if re.search(rf"[ \t]{word}(?!\w)", text[: clause.start()]):
            message, help = f"`{word}` stands here twice", f"leave one out: a `press` has one `{word}`"
            return statement.error("unexpected-text", message, clause.span(1), help=help)
        if word == "every":
            return duration(statement, word, after)
        return _label(statement, start, after)
    return None


def _label(statement: Statement, start: int, after: int) -> Diagnostic:
    """A `for` without a label in double quotes. It begins at `start`, and the label at `after`."""
    end = statement.end_of(r"(?:(?!\bevery\b)[^{])*", after)
    label, span = statement.text[after:end].strip(), (start, end)
    message = "`for` needs a label in double quotes"
    if not label:
        return statement.error("missing-string", message, span, help='such as `for "Prescriptions"`')
    held = written(f"press {label}").values
    if any(not isinstance(value, str) for value in held):
        message = "`for` gives a label, and no time: how long a tone lasts is up to the carrier"
        help = "to wait after the keys, add a step, such as `wait 2s`"
        return statement.error("missing-string", message, span, help=help)
    if held:
        help = f"if it is a label, put it in quotes: `for {quoted(label)}`; another key is a step of its own"
        return statement.error("missing-string", message, span, help=help)
    return statement.error("missing-string", message, span, fix=f"for {quoted(label)}")


def _string(statement: Statement) -> Diagnostic | None:
    """Quotes around keys, or around letters that `spell` should have."""
    found = re.match(rf"{STRING}|'[^']*'?", statement.rest)
    if not found:
        return None
    inner = found[0].strip("\"'")
    span = (statement.offset, statement.offset + found.end())
    inner = LOOKALIKES.get(inner) or NUMBERS.get(inner.lower(), inner)
    if accepted(read_keys, inner):
        return statement.error("string-as-keys", "keys stand without quotes", span, fix=inner)
    letters = accepted(spell, inner) and not re.search("[0-9]", inner)
    fixed = f"spell {quoted(inner)}" if letters else None
    help = f"to press its letters on the keypad, write `{fixed}`" if fixed else None
    return statement.error("string-as-keys", "a text in quotes is not a key", span, fix=fixed, help=help)


def _hash_comment(statement: Statement) -> Diagnostic | None:
    """`press 5 # English`: somebody's comment. A single word that we know is no comment."""
    read = statement.text[: statement.offset]
    before = read.rstrip(" \t")
    word = re.match(WORD, statement.rest)
    if not word or not re.search(r"[ \t]#$|#[ \t]+$", read):
        return None
    lower = word[0].lower()
    if {*statement.rest.lower().split()} <= {*FILLERS, *_POLITE} or lower in ("to", "followed"):
        return None
    if lower in ("and", "then", *NUMBERS) or closest(lower, _WORDS, 0.75):
        return None
    message = "`#` is a key; a comment starts with `//`"
    rest = statement.text[len(before) :].strip()
    help = f"for a comment, write `// {rest}` without the `#`; for the key, `# // {rest}`"
    return statement.error("hash-comment", message, (len(before) - 1, len(statement.text)), help=help)


def _lookalike(statement: Statement) -> Diagnostic | None:
    """A character that looks like a key, among keys or by itself; a letter that begins no word."""
    character = statement.rest[:1]
    word = statement.end_of(WORD, statement.offset) - statement.offset
    if re.fullmatch("[a-d]{2,}", statement.text[slice(*statement.run)]):
        return None
    among = {*statement.text[slice(*statement.run)]} <= {*KEYS, *LOOKALIKES, *"-.()"}
    if character not in LOOKALIKES or not (among or word < 2):
        return None
    key = LOOKALIKES[character]
    help = f"write `{key}`" + (": the tones A-D are upper case" if character in "abcd" else "")
    span = (statement.offset, statement.offset + 1)
    return statement.error("unknown-key", f"`{character}` is not a key", span, fix=key, help=help)


def _digit(found: Found) -> str | None:
    """The digit that a character is in another form, such as `①`."""
    digit = unicodedata.digit(found[0], None)
    return None if digit is None else str(digit)


def _vanity(statement: Statement) -> Diagnostic | None:
    """A number whose last keys are letters, such as `1-800-FLOWERS`."""
    start, end = statement.run
    found = re.fullmatch(r"([0-9][0-9.-]*?)-?([A-Za-z]{2,}(?:-[A-Za-z]+)*)", statement.text[start:end])
    if not found:
        return None
    message = "letters are not keys, though a keypad has them"
    return statement.error("unknown-key", message, (start, end), fix=f"{found[1]} spell {quoted(found[2])}")


def _near_key_name(statement: Statement) -> Diagnostic | None:
    """`poud`, which may be `pound`, or a word that names no key."""
    word = re.match(WORD, statement.rest)
    meant = word and closest(word[0].lower(), KEY_NAMES, 0.75)
    if not (word and meant):
        return None
    span = (statement.offset, statement.offset + word.end())
    help = did_you_mean(meant, "")
    return statement.error("unknown-key", f"`{word[0]}` is not a key", span, help=help)


def _from_its_start(statement: Statement) -> Diagnostic | None:
    """`Back` begins with a key, and is a word."""
    start, end = statement.run
    if statement.offset != start + 1 or not re.fullmatch("[A-D]?[a-z]+", statement.text[start:end]):
        return None
    return first(_NO_KEY_RULES, statement.at(start)) if statement.rest else None


_NO_KEY_RULES: Rules = (
    Around(r"\S*\.\.\S*|(?<=[ \t])\.\.+(?!\S)", "key-range", r"`\g<0>` is a range, and keys have none",
           help="write out the keys to press, one after the other"),
    _lookalike,
    Around(rf"(?:([0-9A-D*#]+)({_KEY_NAME})|({_KEY_NAME})([0-9A-D*#]+))(?!\S)", "unknown-key",
           r"`\g<0>` runs together", fix=r"\1\3 \2\4"),
    Here(r"[-.](?!\S)", "unknown-key", r"`\g<0>` may only stand between keys", fix="", help="leave it out"),
    Here(r"[^\x00-\x7f]", "unknown-key", _NO_KEY, fix=_digit),
    Here(r"[a-d]{2,}(?!\w)", "unknown-key", _NO_KEY,
         help=lambda m: f'the tones A-D are upper case: `{m[0].upper()}`; for letters, `spell "{m[0]}"`'),
    Around(r"(?=\S*[EF])[0-9A-F*#]*[0-9*#][0-9A-F*#]*(?!\S)", "unknown-key",
           r"`\g<0>` has keys that no phone has",
           help="some programs write `E` for `*` and `F` for `#`: write the keys"),
    _vanity,
    Here("[–—‐‑−]", "unknown-key", r"`\g<0>` is not a key: between keys stands the short `-`", fix="-"),
    Here(r"\+", "unknown-key", _NO_KEY, fix="",
         help="leave it out: from abroad, a phone dials `011` or `00` in its place"),
    Here("&", "unknown-key", _NO_KEY,
         help="keys follow one another, as in `press 12`; another step stands after `;`: `press 1; press 2`"),
    Here(r"%([A-Za-z]\w*)%|<([A-Za-z]\w*)>", "bad-name", r"`\g<0>` is how another language uses a name",
         fix=lambda m: f"${(m[1] or m[2]).lower()}"),
    Here(",", "unknown-key", _NO_KEY,
         help="keys follow one another without commas; a next step stands on its own line, or after `;`"),
    Here(r"(?!\{)[\W\d]", "unknown-key", _NO_KEY, help="keys are 0-9, *, # and the tones A-D"),
    Here(any_case_of(NUMBERS), "unknown-key", _NO_KEY, fix=lambda m: NUMBERS[m[0].lower()]),
    Here(rf"(?P<wrong>{WORD})[ \t]*\(", "unknown-key", r"`\1` is not a key",
         help=r"to run a define, write `\1(…)` without `press`"),
    Here(any_case_of(FILLERS), "unknown-key", r"`\g<0>` is for people, and not a key", fix="",
         help="leave it out"),
    Here(any_case_of(("or", "either")), "unknown-key", "a script presses one thing, and does not choose",
         help="choose one of them, and leave the other out"),
    Here(r"(?:to|and[ \t]+to)[ \t]+([a-z]++(?:[ \t]+[a-z]+)*+)$", "unknown-key",
         "what a key is for is a label", fix=lambda m: f"for {quoted(m[1])}"),
    Here(any_case_of(("slowly", "slow", "each", "apart")), "unknown-key", _NO_KEY,
         help="for a silence between keys, say how long: `press 123 every 1s`"),
    Here(any_case_of(("ext", "extension", "x")), "unknown-key", _NO_KEY,
         help="an extension is a step of its own, after a wait: `press 5551212; wait 3s; press 33`"),
    Here(r"followed[ \t]+by[ \t]+(?:the[ \t]+)?", "unknown-key",
         "keys simply follow one another", fix="", help="leave it out"),
    Here(rf"{any_case_of(_POLITE)}(?![ \t]*[*#])", "unknown-key",
         r"`\g<0>` is for people, and not a key", fix="", help="leave it out"),
    Here(any_case_of(("and", "then")), "unknown-key", _NO_KEY,
         help="keys follow one another; the next step stands on a line of its own"),
    Here(any_case_of(UNITS), "unknown-key", _NO_KEY,
         help="a wait is a step of its own: `press 1; wait 2s`"),
    Here(any_case_of(SYNONYMS), "unknown-key", _NO_KEY,
         help=lambda m: f"a next step stands on its own line, or after `;`: `{SYNONYMS[m[0].lower()]} …`"),
    Here(WORD, "unknown-key", _NO_KEY, fix=lambda m: closest(m[0].lower(), ("every", "spell"), 0.75)),
    _near_key_name,
    Here(r"[a-z][a-z0-9]*(?!\w)", "unknown-key", _NO_KEY,
         help=r"for the keys of a name, write `$\g<0>`; "
              r'to press its letters on the keypad, write `spell "\g<0>"`'),
    Here(rf"{NAME}(?!\w)", "unknown-key", _NO_KEY, help=r"for the keys of a name, write `$\g<0>`"),
    Here(r"[A-Za-z][A-Za-z0-9]*(?!\w)", "unknown-key", _NO_KEY,
         help=r'to press its letters on the keypad, write `spell "\g<0>"`'),
    Here(WORD, "unknown-key", _NO_KEY),
)  # fmt: skip

DIAL_STRING = Row(_DIALED, "dial-string", _DIAL_STRING, help=_AS_IT_IS)

NO_KEYS: Rules = (
    Row(r".*?(?P<wrong>[$#]?\{(\w*)\}|\{\{ ?(\w*) ?\}\})", "bad-name",
        r"`\1` is how another language uses a name", fix=lambda m: f"${(m[2] or m[3] or 'pin').lower()}"),
    _string,
    Here(r"\(([A-Za-z][A-Za-z .'-]*)\)$", "unknown-key",
         "parentheses may only stand around keys", fix=lambda m: f"for {quoted(m[1])}"),
    Here(r"\([^)]*\)", "unknown-key",
         "parentheses may only stand around keys", help="write it like `(919) 333 4444`"),
    Here(r"\(", "unclosed-parenthesis",
         "this `(` is not closed after the keys", help="parentheses stand around keys: `(919) 333 4444`"),
    Here(r"\$([A-Za-z][A-Za-z0-9_]*)(?!\w)", "bad-name", "this is not a name",
         fix=lambda m: f"${m[1].lower()}", help=lambda m: f"write `${m[1].lower()}`: {NAMING_RULE}"),
    Here(r"\$\w*", "bad-name", "this is not a name", help=NAMING_RULE),
    Here(r"spell[ \t]+(\$\w*)", "missing-string", "`spell` needs its letters in double quotes",
         help=r"a name is pressed as it is: `press \1`"),
    Here(r"spell(?!\w)[ \t]*([^\s\";{}]*)", "missing-string",
         "`spell` needs its letters in double quotes",
         fix=lambda m: f"spell {quoted(m[1])}" if m[1] else None),
    Here(r"spell(?!\w)", "missing-string", "`spell` needs its letters in double quotes",
         help='such as `spell "Smith"`'),
    Around(r"\$[a-z][\w-]*(?!\S)", "bad-name",
           r"`\g<0>` is not a name", fix=lambda m: m[0].lower().replace("-", "_")),
    Around(_DIALED, "dial-string", _DIAL_STRING, help=_AS_IT_IS),
    _hash_comment,
    Row(r"press[ \t]+([0-9A-D*#()]+)[ \t]+([×\w].*)$", "unknown-key",
        "a `press` has no count", fix=_repeated),
    _from_its_start,
    *_NO_KEY_RULES,
)  # fmt: skip
"""What stands where a key should, and is none."""

PRESS: Rules = (
    Row(r"press[ \t{]*$", "missing-keys", "`press` needs keys", help="such as `press 59#`"),
    Row(r"press[ \t]+(?P<wrong>every|for)(?!\w)(.*)", "missing-keys",
        "`press` needs keys first", help=r"such as `press 59# \1\2`"),
    Here(rf"every(\${NAME})(?![\w-])", "missing-blank", "`every` needs a blank after it", fix=r"every \1"),
    _clause,
    *NO_KEYS,
)  # fmt: skip
