"""Whatever is suggested for a spoiled statement keeps the keys and times that its author wrote."""

from __future__ import annotations

import os
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import scripts

import dtmfdsl
from dtmfdsl import DtmfError
from dtmfdsl.language.mistakes.written import written

EXAMPLES = int(os.environ.get("DTMFDSL_EXAMPLES", "2000"))

WORDS = (
    "please key sign the a your or and then twice to for # ## // • , . ; : ( ) \" ' “ O o l 1 5 # * star pound two three "
    "seconds 2s 500ms wait press enter pause every up 1. & + x3 times slowly number digits ext ① ２ –"
).split()
DIGITS = dict(
    zip("0123456789*#", "zero one two three four five six seven eight nine star pound".split(), strict=True)
)


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A line of a script that somebody wrote as people do: words added, digits in words, capitals, marks."""
    script = dtmfdsl.to_text(draw(scripts))
    lines = [line.strip() for line in script.splitlines() if line.strip()] or ["press 12#"]
    words = draw(st.sampled_from(lines)).split(" ")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words) - 1))
        match draw(
            st.sampled_from(["add", "spoken", "capital", "leave out", "glue", "mark", "quote", "swap"])
        ):
            case "add":
                words.insert(draw(st.integers(0, len(words))), draw(st.sampled_from(WORDS)))
            case "spoken":
                words[at] = re.sub("[0-9*#]", lambda key: f" {DIGITS[key[0]]} ", words[at], count=1).strip()
            case "capital":
                words[at] = draw(st.sampled_from([str.capitalize, str.upper, str.lower]))(words[at])
            case "leave out" if len(words) > 1:
                del words[at]
            case "glue":
                words[at : at + 2] = ["".join(words[at : at + 2])]
            case "mark":
                words[at] += draw(st.sampled_from(list(",.;:!#)&-–/")))
            case "quote":
                words[at] = draw(st.sampled_from(["“{}”", '"{}"', "'{}'", "({})", "<{}>", "{{{}}}"])).format(
                    words[at]
                )
            case _:
                words[at] = words[at][::-1]
    return " ".join(words)


SPOKEN = {word: key for key, word in DIGITS.items()} | {"hash": "#", "asterisk": "*", "oh": "0"}
LIKE = {"1": r"\bl\b|①", "2": "２", "0": r"\b[Oo]\b|(?<=[0-9])[Oo]|[Oo](?=[0-9])", "*": "(?<=.)•"}
UNITS = "ms|msecs?|s|secs?|seconds?|m|mins?|minutes?"


def pressed(line: str) -> tuple[list[str], list[str]]:
    """The digits, `*`, `#` and A-D of a statement and the words for them, in order; and how often to press.

    Far simpler than `written`, with none of its code: a time counts as its digits.
    """
    line = re.sub(r"//.*|/\*.*", "", line)
    if not re.search("(?i)press|wait|enter|every|pause", line):
        line = re.sub(r"^\s*(#|--).*", "", line)
    for meant, looks in LIKE.items():
        line = re.sub(looks, meant, line)
    line = re.sub(r"^\s*(#+|--+)\s*", "", line)  # a comment, or a mark of a list
    line = re.sub(r"^\s*[(]?([0-9]{1,3}|[a-z])[.):]\s*(\[ \])?\s*(?=[A-Za-z])", "", line)
    line = re.sub(r"(?i)\bnumber sign\b", " # ", line)
    line = re.sub(rf"(?i)\ban?\s+(?={UNITS}\b)", " 1 ", line)
    number = "|".join(["[0-9]+", *SPOKEN])
    times = rf"(?i)\b({number})\s*(?:times|x)\b|\bx\s*([0-9]+)|\brepeat\W*({number})\b|\b(twice)\b"
    counts = [next(filter(None, found)).lower() for found in re.findall(times, line)]
    line = re.sub(times, "", line)
    # A key that is named and shown: `pound (#)`.
    line = re.sub(
        rf"(?i)\b({'|'.join(SPOKEN)})\b(\s+[a-z]+)*\s*\(\s*([0-9*#])\s*\)",
        lambda found: found[1] if SPOKEN[found[1].lower()] == found[3] else found[0],
        line,
    )
    keys = []
    for found in re.finditer(
        rf"(?i:(?<![a-z])(?:{'|'.join(SPOKEN)})(?![a-z]))|\d|[*#]|(?<![a-z])[A-D]+(?![a-zA-Z])", line
    ):
        word = found[0]
        keys += [SPOKEN[word.lower()]] if word.lower() in SPOKEN else [*word]
    return keys, sorted(SPOKEN.get(count, {"twice": "2"}.get(count, count)) for count in counts)


def mistakes(text: str) -> tuple[dtmfdsl.Diagnostic, ...]:
    try:
        dtmfdsl.parse(text)
    except DtmfError as error:
        return error.diagnostics
    return ()


@settings(max_examples=EXAMPLES)
@given(spoiled())
def test_every_suggestion_keeps_the_keys_and_the_times(line: str) -> None:
    for found in mistakes(line):
        if found.span is None or found.suggestion is None:
            continue
        # The statement alone: what stands beside it on the line is not its own.
        start = max(line.rfind(mark, 0, found.span.start) for mark in ";{}") + 1
        end = found.span.end + len(re.split("[;{}]", line[found.span.end :])[0])
        wrong = line[start:end]
        fixed = line[start : found.span.start] + found.suggestion + line[found.span.end : end]
        assert written(fixed) == written(wrong), f"{line!r} became {fixed!r}"
        # `a` is an article or a key, an hour has other digits in minutes, and so have names.
        if not re.search(r"(?i)\b[a-d]\b|[0-9]\s*h|^\W*(let|set|param|secret|define|def)", line):
            assert pressed(fixed) == pressed(wrong), f"{line!r} became {fixed!r}"
