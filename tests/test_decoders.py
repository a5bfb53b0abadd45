"""Sound by other hands: what other decoders hear in ours, and what we hear in tones that sox has made.

The decoders are `multimon-ng` and spandsp, which a short program calls. The Debian packages are named in the
line of `.ci/run` that installs them. Where one is missing, its tests are skipped, and the reason is shown.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from array import array
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

import dtmfdsl
from dtmfdsl.audio.score import score
from dtmfdsl.audio.tones import PAIRS, Note
from dtmfdsl.audio.wav import Coding
from dtmfdsl.loader import read_file

ROOT = Path(__file__).parents[1]
EVERY_KEY = "147*2580369#ABCD"
REPEATED = "1159##00AADD1111"


def program(name: str) -> str:
    """The path of a program, or a skipped test."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def multimon(path: Path) -> str:
    """The keys that multimon-ng hears. Its reader of WAV files is sox."""
    program("sox")
    command = [program("multimon-ng"), "-q", "-t", "wav", "-m", "-a", "DTMF", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "".join(re.findall(r"DTMF: (.)$", found, re.MULTILINE))


@pytest.fixture(scope="session")
def spandsp(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], list[Note]]:
    """What hears keys and their times with spandsp, built from spandsp.c."""
    harness = tmp_path_factory.mktemp("spandsp") / "spandsp"
    source = Path(__file__).with_name("spandsp.c")
    build = [program("cc"), "-o", str(harness), str(source), "-lspandsp", "-lm"]
    built = subprocess.run(build, capture_output=True, text=True)
    if built.returncode:
        pytest.skip(f"spandsp's library is not installed: {built.stderr.splitlines()[0]}")

    def hear(path: Path) -> list[Note]:
        samples = sox("-D", str(path), "-r", "8000", "-b", "16", "-e", "signed", "-t", "raw", "-")
        lines = subprocess.run([harness], input=samples, capture_output=True, check=True).stdout.decode()
        found = re.findall(r"(.) on (\d+)\n\1 off (\d+)\n", lines)
        assert len(found) * 2 == lines.count("\n")
        return [Note(key, int(on) // 8, int(off) // 8) for key, on, off in found]

    return hear


def sox(*arguments: str) -> bytes:
    """What sox writes on standard output. It runs with -R: the same noise each time."""
    return subprocess.run([program("sox"), "-R", *arguments], capture_output=True, check=True).stdout


# What others hear in our sound


@pytest.fixture
def sounds(tmp_path: Path) -> Iterator[tuple[Path, dtmfdsl.Compiled, int]]:
    """Every key, and keys that repeat, at the lengths, levels and codings of the issue."""
    path = tmp_path / "call.wav"

    def every() -> Iterator[tuple[Path, dtmfdsl.Compiled, int]]:
        codings: tuple[Coding, ...] = ("pcm", "mulaw")
        for keys, ms, level, coding in product((EVERY_KEY, REPEATED), (40, 50, 100), (-3, -10, -30), codings):
            compiled = dtmfdsl.compile(f"wait 200ms; press {keys}; wait 200ms", dialect="exact")
            sound = dtmfdsl.to_wav(compiled, tone_ms=ms, gap_ms=ms, level_db=level, coding=coding)
            path.write_bytes(sound)
            yield path, compiled, ms

    return every()


def keys_of(compiled: dtmfdsl.Compiled) -> str:
    return "".join(step for step in compiled.program.steps() if isinstance(step, str))


def test_multimon_reads_every_sound(sounds: Iterator[tuple[Path, dtmfdsl.Compiled, int]]) -> None:
    for path, compiled, ms in sounds:
        assert multimon(path) == keys_of(compiled), ms


def test_spandsp_reads_every_sound_at_its_times(
    sounds: Iterator[tuple[Path, dtmfdsl.Compiled, int]], spandsp: Callable[[Path], list[Note]]
) -> None:
    for path, compiled, ms in sounds:
        agree(spandsp(path), list(score(compiled, tone_ms=ms, gap_ms=ms).notes))


def agree(heard: list[Note], made: list[Note]) -> None:
    """spandsp reports a key 26 to 31 ms after it begins, and its end after about 19."""
    assert [note.key for note in heard] == [note.key for note in made]
    for one, other in zip(heard, made, strict=True):
        assert 0 <= one.start_ms - other.start_ms <= 40
        assert 0 <= one.end_ms - other.end_ms <= 40


EXAMPLES = [path for path in sorted((ROOT / "examples").glob("*.dtmf")) if "press" in path.read_text()]


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
@pytest.mark.parametrize("dialect", ["bandwidth-v1", "asterisk", "bandwidth"])
def test_both_read_every_example(
    path: Path, dialect: str, tmp_path: Path, spandsp: Callable[[Path], list[Note]]
) -> None:
    made_up = {"pin": "4711", "passcode": "4711"}
    names = dtmfdsl.prepare(read_file(path))
    compiled = dtmfdsl.compile(
        names, lookup=lambda param: made_up.get(param.name.name), dialect=dialect, waits="beside"
    )
    if not keys_of(compiled):
        pytest.skip("this file is for others to use")
    sound = tmp_path / "call.wav"
    for lengths in ({"tone_ms": 40, "gap_ms": 40}, {}):
        sound.write_bytes(dtmfdsl.to_wav(compiled, with_secrets=True, **lengths))
        assert multimon(sound) == keys_of(compiled)
        agree(spandsp(sound), list(score(compiled, **lengths).notes))


# What we hear in the sound of others


def tones(
    keys: str = EVERY_KEY + "1159##",
    ms: int = 50,
    *,
    row_db: float = -13,
    column_db: float = -13,
    row_off: float = 0,
    column_off: float = 0,
    snr_db: float | None = None,
    form: tuple[str, ...] = ("-b", "16"),
) -> bytes:
    """A WAV file of keys by sox: tones and gaps of so many milliseconds, and frequencies off by so much.

    Levels are in decibels below a sine at full scale. Noise is so much below both tones together.
    """

    def track(frequencies: list[float], level: float) -> bytes:
        joined = b""
        for frequency in frequencies:
            effects = [
                "synth",
                f"{ms / 1000}",
                "sine",
                f"{frequency}",
                "vol",
                f"{level}dB",
                "pad",
                "0",
                f"{ms / 1000}",
            ]
            joined += sox(
                "-D", "-n", "-r", "8000", "-b", "16", "-c", "1", "-t", "raw", "-e", "signed", "-", *effects
            )
        return joined

    rows = track([PAIRS[key][0] * (1 + row_off) for key in keys], row_db)
    columns = track([PAIRS[key][1] * (1 + column_off) for key in keys], column_db)
    raw = ["-t", "raw", "-r", "8000", "-b", "16", "-e", "signed", "-c", "1"]
    samples = mixed(rows, columns)
    if snr_db is not None:
        noise = array(
            "h", sox("-D", "-n", *raw, "-", "synth", f"{len(samples) / 16_000 + 0.1}", "whitenoise")
        )
        power = 32768**2 / 2 * (10 ** (row_db / 10) + 10 ** (column_db / 10))
        factor = (power / 10 ** (snr_db / 10) / mean_square(noise)) ** 0.5
        samples = mixed(samples, array("h", [round(sample * factor) for sample in noise]).tobytes())
    command = [program("sox"), "-R", "-D", *raw, "-", *form, "-t", "wav", "-"]
    return subprocess.run(command, input=samples, capture_output=True, check=True).stdout


def mean_square(samples: array[int]) -> float:
    return sum(sample * sample for sample in samples) / len(samples)


def mixed(one: bytes, other: bytes) -> bytes:
    """Two tracks of 16-bit samples as one, as long as the shorter."""
    return array("h", [a + b for a, b in zip(array("h", one), array("h", other), strict=False)]).tobytes()


def heard(content: bytes) -> str:
    return "".join(key.key for key in dtmfdsl.listen(content).keys)


ALL = EVERY_KEY + "1159##"

READ = {
    "tones and gaps of 40 ms": {"ms": 40},
    "noise 15 dB below": {"snr_db": 15},
    "noise 15 dB below, 40 ms": {"snr_db": 15, "ms": 40},
    "twist +4 dB": {"row_db": -17, "column_db": -13},
    "twist -8 dB": {"row_db": -13, "column_db": -21},
    "1.5 % too high": {"row_off": 0.015, "column_off": 0.015},
    "1.5 % too low": {"row_off": -0.015, "column_off": -0.015},
    "1.5 % apart": {"row_off": -0.015, "column_off": 0.015},
    "1.5 % too high, twist -8 dB, noise": {
        "row_off": 0.015,
        "column_off": 0.015,
        "row_db": -11,
        "column_db": -19,
        "snr_db": 15,
    },
}
REFUSED = {
    "3.5 % too high": {"row_off": 0.035, "column_off": 0.035},
    "3.5 % too low": {"row_off": -0.035, "column_off": -0.035},
    "the row 3.5 % too high": {"row_off": 0.035},
    "the row 3.5 % too low": {"row_off": -0.035},
    "the column 3.5 % too high": {"column_off": 0.035},
    "the column 3.5 % too low": {"column_off": -0.035},
    "tones and gaps of 20 ms": {"ms": 20},
    "twist +12 dB": {"row_db": -25, "column_db": -13},
    "twist -18 dB": {"row_db": -10, "column_db": -28},
    "noise as loud as the tones": {"snr_db": 0, "row_db": -23, "column_db": -23},
}


@pytest.mark.parametrize("case", READ)
def test_what_q24_lets_pass_is_read(case: str) -> None:
    assert heard(tones(**READ[case])) == ALL  # type: ignore[arg-type]


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_key_is_refused(case: str) -> None:
    assert heard(tones(**REFUSED[case])) == ""  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "form",
    [
        ("-b", "8"),
        ("-b", "24"),
        ("-b", "32"),
        ("-e", "floating-point", "-b", "32"),
        ("-e", "floating-point", "-b", "64"),
        ("-e", "mu-law"),
        ("-e", "a-law"),
        ("-c", "2"),
        ("-r", "44100"),
        ("-r", "11025", "-c", "2", "-b", "24"),
    ],
    ids=" ".join,
)
def test_every_form_that_sox_writes_is_read(form: tuple[str, ...]) -> None:
    assert heard(tones(form=form)) == ALL


def test_sox_reads_every_form_that_we_write(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    compiled = dtmfdsl.compile("press 1; wait 500ms; press 2")
    codings: tuple[Coding, ...] = ("pcm", "mulaw", "alaw")
    for coding in codings:
        path.write_bytes(dtmfdsl.to_wav(compiled, coding=coding))
        back = sox("-D", str(path), "-b", "16", "-e", "signed", "-t", "wav", "-")
        assert dtmfdsl.listen(back) == dtmfdsl.listen(path.read_bytes())


def test_the_page_has_these_figures() -> None:
    page = (ROOT / "docs/sound.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d+) \| \d+ \| \d+ \|$", page, re.MULTILINE))
    assert rows == {**dict.fromkeys(READ, f"{len(ALL)}"), **dict.fromkeys(REFUSED, "0")}


VOICES = (
    "en",
    "en+f3",
    "en+m3",
    "en+whisper",
    "en+croak",
    "en-us+f5",
    "de",
    "es",
    "fr",
    "it+f2",
    "pt",
    "ru",
    "zh",
)


def test_nothing_is_heard_in_twenty_minutes_of_speech(tmp_path: Path) -> None:
    """As it is spoken, and as a telephone carries it."""
    text = (ROOT / "docs/language.md").read_text(encoding="utf-8")
    spoken, carried = tmp_path / "spoken.wav", tmp_path / "carried.wav"
    length_ms = 0
    for number, (voice, speed) in enumerate(product(VOICES, ("130", "190"))):
        part = text[number * 300 :][:1600]
        speak = [program("espeak-ng"), "-v", voice, "-s", speed, "-w", str(spoken), part]
        subprocess.run(speak, check=True, capture_output=True)
        sox("-D", str(spoken), "-r", "8000", "-e", "mu-law", str(carried))
        for path in (spoken, carried):
            found = dtmfdsl.listen(path.read_bytes())
            assert not found.keys, (voice, speed, found)
        length_ms += found.length_ms
    assert length_ms > 20 * 60_000
