"""A compiled script as sound."""

from __future__ import annotations

from math import cos, pi, sin
from types import UnionType

from dtmfdsl import limits
from dtmfdsl.audio.score import lengths, score
from dtmfdsl.audio.tones import PAIRS
from dtmfdsl.audio.wav import CODINGS, HIGHEST_RATE, LOWEST_RATE, Coding, encoder, wav_header
from dtmfdsl.compiler import Compiled
from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.program import Tones

RATE = 8_000
"""Samples in a second, as a telephone has them."""

LEVEL_DB = -10.0
"""The level of both tones together, in decibels below a sine at full scale: about -10 dBm0 for each tone."""

LEVELS_DB = (-40.0, -3.0)
"""At the greatest, the peaks of two equal tones reach full scale."""

TWISTS_DB = (-8.0, 4.0)
"""How much louder the column's tone may be than the row's, in decibels (ITU-T Q.24, annex A)."""

LENGTHS_MS = (20, 60_000)
"""How long a tone or a gap may be, in milliseconds. Receivers need 40 of each (ITU-T Q.24)."""

EDGE_MS = 2
"""In so long a tone rises and falls, in milliseconds: a sudden edge would click."""


def to_wav(
    compiled: Compiled,
    *,
    tone_ms: int | None = None,
    gap_ms: int | None = None,
    rate: int = RATE,
    coding: Coding = "pcm",
    level_db: float = LEVEL_DB,
    twist_db: float = 0.0,
    with_secrets: bool = False,
) -> bytes:
    """A WAV file of one channel in which a compiled script plays as its carrier would play it.

    Tones and gaps are as long as the dialect documents, or else 100 ms; `tone_ms` and `gap_ms` say otherwise.
    `level_db` is that of both tones together below a sine at full scale, and `twist_db` how much louder the
    column's tone is, in decibels. Raises DtmfError for a value that is out of range, for a script that is
    longer than a file holds, and for one with a secret, which anybody could hear, unless `with_secrets`.
    """
    _check(compiled, with_secrets)
    tone_ms, gap_ms = lengths(compiled.dialect, tone_ms, gap_ms)
    _in_range("a tone", tone_ms, LENGTHS_MS, "milliseconds", int)
    _in_range("a gap", gap_ms, LENGTHS_MS, "milliseconds", int)
    _in_range("the level", level_db, LEVELS_DB, "decibels")
    _in_range("the twist", twist_db, TWISTS_DB, "decibels")
    _in_range("the rate", rate, (LOWEST_RATE, HIGHEST_RATE), "samples in a second", int)
    if coding not in CODINGS:
        help = did_you_mean(closest(str(coding), CODINGS), f"it is one of {', '.join(CODINGS)}")
        raise DtmfError.of("bad-sound", "there is no such coding", help=help)
    played = score(compiled, tone_ms=tone_ms, gap_ms=gap_ms)
    encode = encoder(coding)
    nothing = encode([0])
    width = len(nothing)
    count = played.length_ms * rate // 1000
    if count * width > limits.SOUND_BYTES:
        message = f"{played.length_ms // 60_000:,} minutes are more than a file of sound may hold"
        raise DtmfError.of("too-long", message, help="shorten the pauses, or take a lower rate")
    sounds = {
        key: encode(_tone(key, tone_ms, rate, level_db, twist_db)) for key in {n.key for n in played.notes}
    }
    pieces = []
    at = 0
    for note in played.notes:
        start = note.start_ms * rate // 1000
        sound = sounds[note.key]
        pieces += [nothing * (start - at), sound]
        at = start + len(sound) // width
    pieces.append(nothing * (count - at))
    size = count * width
    return b"".join([wav_header(coding, rate, size), *pieces, b"\0" * (size % 2)])


def _check(compiled: Compiled, with_secrets: bool) -> None:
    if not isinstance(compiled, Compiled):
        raise DtmfError.of("bad-sound", "this is not a compiled script", help="`compile` makes one of a text")
    if with_secrets:
        return
    for event in compiled.program.events:
        if isinstance(event, Tones) and event.secrets:
            message = f"whoever hears the keys of `${event.secrets[0].name}` can read them"
            raise DtmfError.of("secret-sound", message, event.span, help="allow it with --with-secrets")


def _in_range(
    what: str, value: float, bounds: tuple[float, float], unit: str, kind: type | UnionType = int | float
) -> None:
    if not isinstance(value, kind) or not bounds[0] <= value <= bounds[1]:
        help = f"it is at least {bounds[0]:,g} and at most {bounds[1]:,g} {unit}"
        raise DtmfError.of("bad-sound", f"{what} cannot be {value!r} {unit}", help=help)


def _tone(key: str, tone_ms: int, rate: int, level_db: float, twist_db: float) -> list[int]:
    """The samples of a key, with edges of half a cosine."""
    count = tone_ms * rate // 1000
    edge = EDGE_MS * rate // 1000
    both = 10 ** (level_db / 20)
    ratio = 10 ** (twist_db / 20)
    row_level = 32767 * both / (1 + ratio * ratio) ** 0.5
    column_level = row_level * ratio
    row, column = (2 * pi * frequency / rate for frequency in PAIRS[key])
    samples = []
    for index in range(count):
        inside = min(index + 0.5, count - index - 0.5)
        shape = 0.5 - 0.5 * cos(pi * inside / edge) if inside < edge else 1.0
        sample = shape * (row_level * sin(row * index) + column_level * sin(column * index))
        samples.append(max(-32768, min(round(sample), 32767)))
    return samples
