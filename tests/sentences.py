"""Sentences that people type in place of a script: read from a file, fixed, and judged by what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from attrs import frozen

import dtmfdsl

VALUES = {"pin": "9753", "card": "8642975308642975", "account": "8070605040", "code": "975310"}
"""Keys that no sentence writes itself, so that a name and the keys in its place are never taken for equal."""


@frozen
class Sentence:
    """What was typed, and the script that was meant: None where the author left a time or a choice out."""

    typed: str
    meant: str | None


@frozen
class Verdict:
    """How a sentence came out of the fixer.

    `kind` is "right", "label" (played as it was meant, with another label), "left" (with mistakes, which is
    right where nothing could be meant) or "wrong" (a correct script other than the one that was meant).
    `to_the_letter` says that its text is also that of the meant script, as `format` writes both.
    """

    kind: str
    sentence: Sentence
    fixed: str
    to_the_letter: bool = False


def read_sentences(path: Path) -> tuple[str, list[Sentence]]:
    """The declarations at the top of a file of sentences, and the sentences."""
    header, _, rest = path.read_text("utf-8").partition("\n> ")
    sentences = []
    for block in f"> {rest}".strip().split("\n\n"):
        parts = {
            typed: "\n".join(lines)
            for typed, lines in groupby(block.split("\n"), key=lambda line: line.startswith("> "))
        }
        typed = "\n".join(line.removeprefix("> ") for line in parts[True].split("\n"))
        sentences.append(Sentence(typed, None if parts[False] == "none" else parts[False]))
    return header + "\n", sentences


def judge(header: str, sentence: Sentence) -> Verdict:
    """Fixes a sentence, and compares what comes out with the script that was meant."""
    text = dtmfdsl.fix(header + sentence.typed).text
    fixed = text.removeprefix(header)
    try:
        played, labels = _played(text)
    except dtmfdsl.DtmfError:
        return Verdict("right" if sentence.meant is None else "left", sentence, fixed)
    if sentence.meant is None:
        return Verdict("wrong", sentence, fixed)
    meant = header + sentence.meant
    meant_played, meant_labels = _played(meant)
    if played != meant_played:
        return Verdict("wrong", sentence, fixed)
    kind = "right" if labels == meant_labels else "label"
    return Verdict(kind, sentence, fixed, dtmfdsl.format(text) == dtmfdsl.format(meant))


def _played(text: str) -> tuple[list[object], list[tuple[int, str]]]:
    """What a script does, key by key, and its labels, each with the count of the keys up to its group's end.

    How keys are grouped is no part of it, and neither are an article before a label and its capitals.
    """
    program = dtmfdsl.compile(text, values=VALUES).program
    steps: list[object] = []
    labels = []
    keys = 0
    for event in program.events:
        if isinstance(event, dtmfdsl.Pause):
            steps.append((event.ms, event.cue))
            continue
        steps += [step for key in event.keys for step in ((event.every_ms, None), key)][1:]
        keys += len(event.keys)
        if event.label is not None:
            labels.append((keys, event.label.casefold().removeprefix("the ").removeprefix("your ")))
    return [program.number, *_joined(steps), program.hangs_up], labels


def _joined(steps: list[object]) -> Iterator[object]:
    """The steps with neighbouring silences as one, and none of no length."""
    for silent, group in groupby(steps, key=lambda step: isinstance(step, tuple) and step[1] is None):
        if not silent:
            yield from group
        elif ms := sum(step[0] for step in group if isinstance(step, tuple)):
            yield ms
