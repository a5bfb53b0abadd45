"""What Hypothesis draws from: trees in the parser's normal form, programs, and strings of a dialect."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dtmfdsl.dialects import Dialect
from dtmfdsl.language.tree import (
    After,
    Blank,
    Call,
    Comment,
    Define,
    Dial,
    Digits,
    Duration,
    End,
    Entry,
    Expect,
    GoTo,
    HangUp,
    Item,
    Keys,
    KeysDo,
    Let,
    MapTime,
    Menu,
    MenuItem,
    Name,
    Number,
    OnSilence,
    OnWrongKeys,
    Pace,
    Param,
    Part,
    Phone,
    PhoneItem,
    Place,
    Press,
    Range,
    Raw,
    Repeat,
    Says,
    Script,
    Spell,
    Text,
    Use,
    Value,
    Wait,
)
from dtmfdsl.notation import KEYS
from dtmfdsl.program import Event, Pause, Program, Tones

# What a line of a script can hold: no line ends, no control characters, no half characters.
LINE = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t")
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('"\\'), max_size=8)
names = st.from_regex(r"[a-z][a-z0-9_]{0,4}", fullmatch=True)
STATEMENT_WORDS = (
    "press wait pace repeat let param secret define use raw call hang else expect go phone".split()
)
define_names = names.filter(lambda name: name not in STATEMENT_WORDS)

key = st.sampled_from(KEYS)
keys = st.text(key, min_size=1, max_size=6)
written_keys = st.one_of(
    keys,
    st.sampled_from(
        ["star", "pound 5", "(919) 333-4444", "1-800-555-0199", "59 pound", "star 16 hash", "1.2"]
    ),
).map(Keys)
variables = names.map(Name)
sentences = texts | variables
spelled = sentences.map(Spell)
durations = st.one_of(
    st.builds("{}{}".format, st.integers(0, 999), st.sampled_from(["ms", "s", "m", " seconds", " min"])),
    st.sampled_from(["3.5s", "1m 30s", "1m30s", "0.25 minutes", "2 secs 5 ms"]),
).map(Duration)
times = durations | variables
numbers = st.one_of(
    st.from_regex(r"\+?[0-9]{1,6}", fullmatch=True),
    st.sampled_from(["+1 (800) 555-0199", "(919) 333 4444", "+ 44.20", "1-800-555-0199"]),
).map(Number)


@st.composite
def parts(draw: st.DrawFn) -> tuple[Part, ...]:
    """One or more values of a `press`, no two Keys side by side."""
    drawn: list[Part] = draw(st.lists(written_keys | variables | spelled, min_size=1, max_size=4))
    kept = [part for at, part in enumerate(drawn) if not at or not both_keys(drawn[at - 1], part)]
    return tuple(kept)


def both_keys(one: Part, other: Part) -> bool:
    return isinstance(one, Keys) and isinstance(other, Keys)


numbers_with_plus = numbers.filter(lambda number: number.text[0] == "+")
values: st.SearchStrategy[Value] = durations | parts() | texts.map(Text) | numbers_with_plus
kinds = st.sampled_from(
    "16 digits|4..8 digits|1 digit|6 keys|1..2 keys|0..9 digits|digits|keys|duration|letters|text|number".split(
        "|"
    )
)

places = st.builds(Place, variables, st.none() | variables)

simple: st.SearchStrategy[Item] = st.one_of(
    st.builds(Press, parts(), st.none() | times, st.none() | sentences),
    st.builds(Wait, times, st.none() | sentences),
    st.builds(Pace, times),
    st.builds(Let, variables, values),
    st.builds(Param, variables, kinds, st.none() | values, st.booleans()),
    st.builds(Call, define_names, st.lists(values, max_size=3).map(tuple)),
    st.builds(Use, texts),
    st.builds(Dial, numbers | variables),
    st.builds(HangUp),
    st.builds(Expect, places),
    st.builds(GoTo, places, st.lists(values, max_size=3).map(tuple)),
    st.builds(Raw, texts, st.sampled_from(["bandwidth-v1", "twilio", "no-such-one"])),
)
comments = st.builds(Comment, st.text(LINE, max_size=8).map(lambda text: text.rstrip(" \t")), st.booleans())


def body(statements: st.SearchStrategy[Any], opened: bool) -> st.SearchStrategy[tuple[Any, ...]]:
    """A body in normal form; only in an `opened` block may a trailing comment come first."""

    def normal(items: list[Any]) -> tuple[Any, ...]:
        kept: list[Any] = []
        for item in items:
            before = kept[-1] if kept else None
            if isinstance(item, Blank) and (before is None or isinstance(before, Blank)):
                continue
            if isinstance(item, Comment) and item.trailing:
                alone = isinstance(before, Comment | Blank) or (before is None and not opened)
                item = Comment(item.text, trailing=not alone)
            kept.append(item)
        if kept and isinstance(kept[-1], Blank):
            kept.pop()
        return tuple(kept)

    return st.lists(statements | comments | st.builds(Blank), max_size=6).map(normal)


# Lines of a map.
ranges = st.one_of(
    durations.map(lambda duration: Range(duration.text)),
    st.sampled_from(["5.5..7s", "500ms..2s", "0..1m", "1m 30s..2m 5s"]).map(Range),
)
targets = variables | st.just(Name("hang up"))
stops = st.sampled_from(["stop it", "stop it and are eaten"]).map(KeysDo)
said = st.builds(Says, texts, ranges, st.booleans())
digits = st.sampled_from(["1 digit", "16 digits", "4..8 digits", "4..8 digits #"]).map(Digits)
menu_lines: st.SearchStrategy[MenuItem] = st.one_of(
    said,
    stops,
    st.sampled_from(["wait for its end", "are lost while it speaks", "ahead are kept", "ahead are lost"]).map(
        KeysDo
    ),
    st.builds(MapTime, st.sampled_from(["starts after", "between keys", "whole entry within"]), ranges),
    st.builds(Entry, written_keys | digits, targets, st.none() | ranges),
    st.builds(OnSilence, ranges, targets),
    st.builds(OnWrongKeys, targets) | st.builds(OnWrongKeys, targets, said, st.none() | stops),
    st.builds(After, st.integers(0, 99), st.sampled_from(["tries", "silences", "wrong keys"]), targets),
)
phone_lines: st.SearchStrategy[PhoneItem] = st.one_of(
    st.builds(MapTime, st.sampled_from(["answers within", "keys arrive after"]), ranges),
    st.builds(End, variables),
    st.builds(Menu, variables, body(menu_lines, opened=True)),
)
phones = st.builds(Phone, variables, body(phone_lines, opened=True))


def nested(statements: st.SearchStrategy[Item]) -> st.SearchStrategy[Item]:
    inner = body(statements, opened=True)
    return st.one_of(
        st.builds(Repeat, st.integers(0, 999_999_999), inner),
        st.builds(Define, define_names.map(Name), st.lists(variables, max_size=3).map(tuple), inner),
    )


statements: st.SearchStrategy[Item] = st.recursive(simple | phones, nested, max_leaves=12)
scripts = body(statements, opened=False).map(Script)


def programs(
    keys: str = KEYS, step_ms: int = 1, longest: int = 12, *, calls: bool = False
) -> st.SearchStrategy[Program]:
    """Programs of keys among `keys` and silences that are multiples of `step_ms`.

    With `calls`, some call a number, and some hang up.
    """
    ms = st.integers(0, 9000 // step_ms).map(lambda count: count * step_ms)
    tones: st.SearchStrategy[Event] = st.builds(
        Tones, st.text(st.sampled_from(keys), max_size=longest), st.just(0) | ms, st.none() | texts
    )
    cues = texts.filter(lambda text: bool(text.strip()))
    pauses: st.SearchStrategy[Event] = st.builds(Pause, ms, st.none() | cues)
    events = st.lists(tones | pauses, max_size=12).map(tuple)
    number = st.none() | numbers.map(lambda written: written.number) if calls else st.none()
    return st.builds(Program, events, number, st.booleans() if calls else st.just(False))


def strings(dialect: Dialect) -> st.SearchStrategy[str]:
    """Every string that a dialect allows, with runs, as real ones have."""
    runs = st.builds(
        lambda character, count: character * count, st.sampled_from(dialect.characters), st.integers(1, 5)
    )
    pauses = pauses_of(dialect)
    paced = st.builds(lambda keys, gap: gap.join(keys), keys_of(dialect), pauses)
    limit = dialect.limit or 200
    pieces = st.lists(runs | paced | pauses, min_size=1, max_size=12)

    def joined(pieces: list[str]) -> str:
        text = ""
        for piece in pieces:
            text += piece if len(text + piece) <= limit and not _clash(dialect, text, piece) else ""
        return text

    return pieces.map(joined).filter(bool)


def _clash(dialect: Dialect, before: str, after: str) -> bool:
    """Whether two texts make pauses side by side that no source says anything about."""
    counted = dialect.counted
    return bool(
        counted and counted.most and before.endswith(counted.after) and after.startswith(counted.before)
    )


def keys_of(dialect: Dialect) -> st.SearchStrategy[str]:
    """Keys as a string of the dialect has them."""
    return st.text(st.sampled_from(dialect.keys), min_size=1, max_size=6).map(dialect.spell)


def pauses_of(dialect: Dialect) -> st.SearchStrategy[str]:
    """A silence in the dialect's canonical spelling, if a string can hold it."""
    steps = st.integers(0, 6) if dialect.longest_ms != 0 else st.just(0)
    return steps.map(lambda steps: dialect.write_pause(steps * dialect.step_ms))


def canonical_strings(dialect: Dialect) -> st.SearchStrategy[str]:
    """Strings whose every silence is written in the fewest characters, the preferred ones."""
    pieces = st.lists(st.tuples(pauses_of(dialect), keys_of(dialect)), max_size=8)
    whole = st.builds(lambda pieces, end: "".join(p + k for p, k in pieces) + end, pieces, pauses_of(dialect))
    if dialect.limit == 1:
        return st.sampled_from(dialect.characters)
    limit = dialect.limit or 10_000
    return whole.filter(lambda text: 0 < len(text) <= limit)
