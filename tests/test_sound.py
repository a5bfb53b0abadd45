"""A script as sound, and a recording as a script: each is the other's inverse."""

from __future__ import annotations

import io
import json
import math
import os
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import wave
from array import array
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest
import strategies
from hypothesis import example, given, settings
from hypothesis import strategies as st
from terminals import Session

import dtmfdsl
from dtmfdsl import limits
from dtmfdsl.audio import listen as listening
from dtmfdsl.audio.goertzel import Plain
from dtmfdsl.audio.score import score
from dtmfdsl.audio.tones import PAIRS
from dtmfdsl.audio.wav import CODINGS, Coding, encoder, read_wav, wav_header
from dtmfdsl.cli import main
from dtmfdsl.cli.render import PLAYERS
from dtmfdsl.dialects import DIALECTS
from dtmfdsl.notation import KEYS
from dtmfdsl.program import Program

ROOT = Path(__file__).parents[1]

# ITU-T Q.23, figure 1.
KEYPAD = """
        1209 1336 1477 1633
    697  1    2    3    A
    770  4    5    6    B
    852  7    8    9    C
    941  *    0    #    D
"""

keys_texts = st.text(st.sampled_from(KEYS), min_size=1, max_size=12)


def compiled(script: str | Program = "press 1", dialect: str = "exact", **options: Any) -> dtmfdsl.Compiled:
    return dtmfdsl.compile(script, dialect=dialect, waits="beside", **options)


def keys_of(content: bytes) -> str:
    return "".join(key.key for key in dtmfdsl.listen(content).keys)


def samples_of(content: bytes) -> list[int]:
    """The samples of a file of 16 bits, by Python's own reader."""
    with wave.open(io.BytesIO(content)) as file:
        return list(array("h", file.readframes(file.getnframes())))


def wav(data: bytes, *, form: int = 1, bits: int = 16, channels: int = 1, rate: int = 8000) -> bytes:
    """A WAV file, written from its description in Microsoft's mmreg.h."""
    frame = bits // 8 * channels
    header = struct.pack("<HHIIHH", form, channels, rate, rate * frame, frame, bits)
    body = (
        b"WAVEfmt " + struct.pack("<I", len(header)) + header + b"data" + struct.pack("<I", len(data)) + data
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_each_key_has_the_tones_of_its_row_and_its_column() -> None:
    columns, *rows = (line.split() for line in KEYPAD.split("\n") if line.strip())
    table = {
        key: (int(row), int(column)) for row, *keys in rows for key, column in zip(keys, columns, strict=True)
    }
    assert table == PAIRS


# There and back


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=12)
@given(st.data())
def test_what_is_rendered_is_heard_as_the_same_program(name: str, data: st.DataObject) -> None:
    dialect = DIALECTS[name]
    step_ms = math.lcm(dialect.step_ms, 100)
    program = data.draw(strategies.programs(dialect.keys, step_ms))
    # The gap of freeclimb is as long as its pause, which replaces it: nobody can hear which it was.
    gap_ms = 100 if name == "freeclimb" else None
    result = compiled(program, name)
    heard = dtmfdsl.listen(dtmfdsl.to_wav(result, gap_ms=gap_ms)).program(name, gap_ms=gap_ms)
    assert heard.steps() == program.steps()


def test_what_a_carrier_waits_before_the_first_key_is_no_pause() -> None:
    late = attrs.evolve(DIALECTS["asterisk"], lead_ms=400)
    for program in (dtmfdsl.press("1"), dtmfdsl.wait("500ms") + dtmfdsl.press("1")):
        sound = dtmfdsl.to_wav(dtmfdsl.compile(program, dialect=late))
        assert dtmfdsl.listen(sound).program(late).steps() == program.steps()


SOUNDS: dict[str, st.SearchStrategy[Any]] = {
    "tone_ms": st.integers(40, 200),
    "gap_ms": st.integers(40, 200),
    "rate": st.sampled_from([8000, 11025, 16000, 44100]),
    "coding": st.sampled_from(CODINGS),
    "level_db": st.floats(-30, -3),
    "twist_db": st.floats(-8, 4),
}


@settings(max_examples=60)
@given(keys_texts, st.fixed_dictionaries(SOUNDS), st.integers(0, 400))
def test_times_and_levels_are_heard_as_they_were_made(keys: str, how: dict[str, Any], before: int) -> None:
    result = compiled(f"wait {before}ms; press {keys}; wait 50ms")
    heard = dtmfdsl.listen(dtmfdsl.to_wav(result, **how))
    made = score(result, tone_ms=how["tone_ms"], gap_ms=how["gap_ms"])
    assert [key.key for key in heard.keys] == list(keys)
    assert abs(heard.length_ms - made.length_ms) <= 1
    for key, note in zip(heard.keys, made.notes, strict=True):
        assert abs(key.start_ms - note.start_ms) <= 5
        assert abs(key.end_ms - note.end_ms) <= 5
        assert key.column_db - key.row_db == pytest.approx(how["twist_db"], abs=1.5)
        level = 10 * math.log10(10 ** (key.row_db / 10) + 10 ** (key.column_db / 10))
        assert level == pytest.approx(how["level_db"], abs=1)


def noisy(content: bytes, seed: int, level: float, offset: int) -> bytes:
    source = random.Random(seed)
    samples = [round(sample + source.gauss(0, level)) + offset for sample in samples_of(content)]
    return wav(array("h", [max(-32768, min(sample, 32767)) for sample in samples]).tobytes())


@settings(max_examples=40)
@given(keys_texts, st.integers(0, 9), st.floats(0, 3000), st.sampled_from([0, 15_000]))
@example("1", 0, 0, 15_000)
def test_with_numpy_and_without_the_same_is_heard(keys: str, seed: int, noise: float, offset: int) -> None:
    pytest.importorskip("numpy")
    sound = noisy(
        dtmfdsl.to_wav(compiled(f"wait 3ms; press {keys}"), tone_ms=50, gap_ms=50), seed, noise, offset
    )
    recording = read_wav(sound)
    (samples,) = recording.channels
    one, other = (
        list(listening.keys_of(kind(samples, recording.rate, recording.full), recording.rate, recording.full))
        for kind in (Plain, listening.Fastest)
    )
    assert [key.key for key in one] == [key.key for key in other]
    for plain, fast in zip(one, other, strict=True):
        assert attrs.astuple(plain)[1:] == pytest.approx(attrs.astuple(fast)[1:], abs=1)


def test_numpy_is_not_needed(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(dtmfdsl.to_wav(compiled("press 147*2580369#ABCD")))
    code = f"import sys; sys.modules['numpy'] = None; from dtmfdsl.cli import main; main(['listen', {str(path)!r}])"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("16 keys in 3.2s\n", "")


# What is rendered


def test_a_file_is_what_pythons_reader_takes_it_for() -> None:
    content = dtmfdsl.to_wav(compiled("press 12; wait 1s"))
    with wave.open(io.BytesIO(content)) as file:
        assert file.getparams()[:4] == (1, 2, 8000, 11_200)
    assert len(dtmfdsl.to_wav(compiled("press 12; wait 1s"), rate=44_100)) == 44 + 2 * 61_740


def test_an_odd_count_of_bytes_is_made_even() -> None:
    content = dtmfdsl.to_wav(compiled("press 1"), coding="mulaw", rate=11_025)
    assert struct.unpack("<I", content[54:58])[0] == 2205
    assert len(content) == 58 + 2206
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8


@pytest.mark.parametrize("key", KEYS)
def test_a_tone_rises_and_falls_without_a_click(key: str) -> None:
    samples = samples_of(dtmfdsl.to_wav(compiled(f"wait 10ms; press {key}"), tone_ms=50, gap_ms=50))
    assert not any(samples[:80])
    assert not any(samples[480:])
    steps = [abs(other - one) for one, other in pairwise(samples)]
    inside = max(steps[120:440])
    assert max(steps[:96]) < inside
    assert max(steps[464:]) < inside
    assert steps[79] < inside / 20
    assert steps[479] < inside / 20


@pytest.mark.parametrize(("level", "most"), [(-3.0, 32_767), (-10.0, 14_700), (-30.0, 1_480)])
def test_the_level_is_that_of_both_tones_together(level: float, most: int) -> None:
    samples = samples_of(dtmfdsl.to_wav(compiled("press 1"), tone_ms=1000, level_db=level))[400:7600]
    power = sum(sample * sample for sample in samples) / len(samples)
    assert 10 * math.log10(2 * power) - 20 * math.log10(32_768) == pytest.approx(level, abs=0.1)
    assert most * 0.97 <= max(samples) <= most


def test_the_dialect_says_how_long_tones_gaps_and_pauses_are() -> None:
    def times(dialect: str, **options: Any) -> list[tuple[int, int]]:
        result = compiled("press 12; wait 4s; press 3", dialect)
        return [(note.start_ms, note.end_ms) for note in score(result, **options).notes]

    # Its pauses replace the gap; Asterisk's add to it, after 100 ms of quiet; nothing is documented of vonage.
    assert times("bandwidth") == [(0, 200), (600, 800), (4800, 5000)]
    assert times("asterisk") == [(100, 200), (300, 400), (4500, 4600)]
    assert times("vonage") == [(0, 100), (200, 300), (4400, 4500)]
    assert times("vonage", tone_ms=70, gap_ms=30) == [(0, 70), (100, 170), (4200, 4270)]


def test_a_wait_that_no_string_holds_is_silence_too() -> None:
    result = compiled("press 1; wait 2s; press 2; wait 3s", "daily")
    made = score(result)
    assert [(note.start_ms, note.end_ms) for note in made.notes] == [(0, 500), (2600, 3100)]
    assert made.length_ms == 6200


SECRET = "secret pin: 4 digits\npress 1 $pin #\n"


def test_a_secret_is_not_rendered_unless_it_is_asked_for() -> None:
    result = compiled(SECRET, values={"pin": "4711"})
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.to_wav(result)
    (found,) = caught.value.diagnostics
    assert found.code == "secret-sound"
    assert str(found.span).endswith(":2:1")
    assert keys_of(dtmfdsl.to_wav(result, with_secrets=True)) == "14711#"


def test_no_repr_shows_what_was_heard() -> None:
    heard = dtmfdsl.listen(dtmfdsl.to_wav(compiled("press 4711")))
    unseen = [attrs.evolve(key, start_ms=0, end_ms=0, row_db=1, column_db=7) for key in heard.keys]
    for key in "471":
        assert key not in repr(attrs.evolve(heard, keys=unseen, length_ms=0))
    assert heard.shown == "4 keys"


@pytest.mark.parametrize(
    "options",
    [
        {"tone_ms": 19},
        {"tone_ms": 60_001},
        {"tone_ms": 50.0},
        {"level_db": "-10"},
        {"rate": "8000"},
        {"gap_ms": 19},
        {"level_db": -2.9},
        {"level_db": -41},
        {"level_db": math.nan},
        {"twist_db": 4.1},
        {"rate": 7999},
        {"rate": 192_001},
        {"coding": "mu-law"},
    ],
)
def test_what_no_line_carries_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.to_wav(compiled(), **options)
    assert caught.value.diagnostics[0].code == "bad-sound"


def test_what_is_given_must_be_of_its_kind() -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.to_wav("press 1")  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == "bad-sound"
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.listen("call.wav")  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == "not-wav"


def test_a_sound_has_a_greatest_length() -> None:
    longest_ms = limits.SOUND_BYTES // 2 // 192 - 200
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.to_wav(compiled(f"press 1; wait {longest_ms + 1}ms"), rate=192_000)
    assert caught.value.diagnostics[0].code == "too-long"


# What is read


def test_g711_is_that_of_the_recommendation() -> None:
    # Tables 1a and 2a of ITU-T G.711: the ends and the middle, as 16-bit samples.
    assert read_wav(wav(b"\x80\x00\xff\x7f", form=7, bits=8)).channels[0].tolist() == [32124, -32124, 0, 0]
    assert read_wav(wav(b"\xaa\x2a\xd5\x55", form=6, bits=8)).channels[0].tolist() == [32256, -32256, 8, -8]


@pytest.mark.parametrize("coding", CODINGS)
@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=50))
def test_a_sample_is_written_as_the_nearest_there_is(coding: Coding, samples: list[int]) -> None:
    data = encoder(coding)(samples)
    every = encoder(coding)(list(range(-32768, 32768, 4)))
    values = read_wav(wav_header(coding, 8000, len(every)) + every).channels[0]
    (found,) = read_wav(wav_header(coding, 8000, len(data)) + data).channels
    for sample, read in zip(samples, found, strict=True):
        assert abs(sample - read) == min(abs(sample - each) for each in {*values, read})
    assert encoder(coding)(found.tolist()) == data


def forms(content: bytes) -> dict[str, bytes]:
    """The same sound in every usual form."""
    samples = samples_of(content)
    pcm = array("h", samples).tobytes()
    wide = b"".join(struct.pack("<i", sample << 16) for sample in samples)
    extensible = struct.pack("<HHIIHHHHIH14s", 0xFFFE, 1, 8000, 24000, 3, 24, 22, 24, 4, 1, bytes(14))
    deep = b"".join(wide[at + 1 : at + 4] for at in range(0, len(wide), 4))
    body = b"WAVELIST\x03\0\0\0abc\0fmt " + struct.pack("<I", len(extensible)) + extensible
    body += (
        b"fact\x04\0\0\0" + bytes(4) + b"data" + struct.pack("<I", len(deep)) + deep + b"cue \x04\0\0\0abcd"
    )
    return {
        "8 bits": wav(bytes((sample >> 8) + 128 for sample in samples), bits=8),
        "16 bits": wav(pcm),
        "24 bits": wav(deep, bits=24),
        "32 bits": wav(wide, bits=32),
        "float": wav(array("f", [sample / 32768 for sample in samples]).tobytes(), form=3, bits=32),
        "double": wav(array("d", [sample / 32768 for sample in samples]).tobytes(), form=3, bits=64),
        "stereo": wav(b"".join(pcm[at : at + 2] * 2 for at in range(0, len(pcm), 2)), channels=2),
        "extensible, with other parts": b"RIFF" + struct.pack("<I", len(body)) + body,
        "of no known length": wav(pcm).replace(struct.pack("<I", len(pcm)), b"\xff\xff\xff\xff"),
        "of no length yet": wav(pcm).replace(b"data" + struct.pack("<I", len(pcm)), b"data" + bytes(4)),
        "with an offset": wav(array("h", [sample // 2 + 9000 for sample in samples]).tobytes()),
    }


SIXTEEN = dtmfdsl.to_wav(compiled("press 147*2580369#ABCD; press 1155", "exact"), tone_ms=50, gap_ms=50)
FORMS = forms(SIXTEEN)


@pytest.mark.parametrize("form", FORMS)
def test_every_usual_form_is_read(form: str) -> None:
    heard = dtmfdsl.listen(FORMS[form])
    assert "".join(key.key for key in heard.keys) == "147*2580369#ABCD1155"
    assert heard.length_ms == 2000
    assert heard.keys[0].row_db == pytest.approx(-13 if form != "with an offset" else -19, abs=0.5)
    assert not heard.warnings


def test_what_is_no_number_in_a_recording_is_silence() -> None:
    samples = [sample / 32768 for sample in samples_of(SIXTEEN)]
    samples[410] = math.nan
    samples[420] = math.inf
    samples[430] = -1e300
    assert keys_of(wav(array("d", samples).tobytes(), form=3, bits=64)) == "147*2580369#ABCD1155"


def test_each_channel_is_heard_by_itself() -> None:
    one, other = (
        samples_of(dtmfdsl.to_wav(compiled(script)))
        for script in ("press 12; wait 1s", "wait 500ms; press 3; wait 1s")
    )
    both = array("h", [sample for pair in zip(one, other, strict=False) for sample in pair])
    assert keys_of(wav(both.tobytes(), channels=2)) == "123"


def test_a_file_that_was_cut_short_is_read_as_far_as_it_goes() -> None:
    heard = dtmfdsl.listen(SIXTEEN[: 44 + 8000 * 2])
    assert "".join(key.key for key in heard.keys) == "147*258036"
    assert [each.code for each in heard.warnings] == ["cut-wav"]
    assert heard.length_ms == 1000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-wav"),
        (b"ID3\x03 no sound of ours", "not-wav"),
        (b"RIFF\x04\0\0\0AVI ", "not-wav"),
        (SIXTEEN[:12], "broken-wav"),
        (SIXTEEN[:30], "broken-wav"),
        (SIXTEEN[:36], "broken-wav"),
        (SIXTEEN[:12] + SIXTEEN[36:], "broken-wav"),
        (wav(b"", form=2, bits=8), "unread-wav"),
        (wav(b"", form=1, bits=64), "unread-wav"),
        (wav(b"", form=3, bits=16), "unread-wav"),
        (wav(b"", rate=4000), "unread-wav"),
        (wav(b"", rate=400_000), "unread-wav"),
        (wav(b"", channels=0), "unread-wav"),
        (wav(b"", channels=65), "unread-wav"),
    ],
)
def test_what_is_not_read_is_reported(content: bytes, code: str) -> None:
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.listen(content)
    assert [found.code for found in caught.value.diagnostics] == [code]


SHORT = [each[: len(each) // 8] for each in FORMS.values()]


@given(
    st.sampled_from(SHORT),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=4),
    st.data(),
)
def test_a_broken_file_is_read_or_refused(
    content: bytes, bytes_: list[tuple[int, int]], data: st.DataObject
) -> None:
    broken = bytearray(content)
    for at, byte in bytes_:
        broken[at] = byte
    cut = data.draw(st.integers(0, len(broken)) | st.just(len(broken)))
    try:
        dtmfdsl.listen(bytes(broken[:cut]))
    except dtmfdsl.DtmfError as error:
        assert error.diagnostics[0].code in ("not-wav", "broken-wav", "unread-wav")


def test_a_recording_has_a_greatest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SOUND_BYTES", len(SIXTEEN) - 1)
    with pytest.raises(dtmfdsl.DtmfError) as caught:
        dtmfdsl.listen(SIXTEEN)
    assert caught.value.diagnostics[0].code == "unread-wav"


def test_nothing_is_heard_in_silence() -> None:
    heard = dtmfdsl.listen(wav(bytes(16_000)))
    assert (heard.keys, heard.length_ms) == ((), 1000)
    assert dtmfdsl.listen(wav(b"")).length_ms == 0


@pytest.mark.parametrize(("tone_ms", "read"), [(40, True), (24, False), (20, False)])
def test_a_key_has_a_least_length(tone_ms: int, read: bool) -> None:
    for offset in range(10):
        result = compiled(f"wait {offset}ms; press 147*2580369#ABCD")
        assert (keys_of(dtmfdsl.to_wav(result, tone_ms=tone_ms)) == "147*2580369#ABCD") is read


@pytest.mark.parametrize("gap_ms", [30, 40, 100])
def test_a_repeated_key_is_heard_as_often_as_it_is_pressed(gap_ms: int) -> None:
    for offset in range(10):
        result = compiled(f"wait {offset}ms; press 1111##")
        assert keys_of(dtmfdsl.to_wav(result, tone_ms=40, gap_ms=gap_ms)) == "1111##"


def test_a_tone_that_is_missed_for_ten_milliseconds_goes_on() -> None:
    for offset in range(0, 80, 7):
        samples = samples_of(dtmfdsl.to_wav(compiled("press 5"), tone_ms=200))
        samples[700 + offset : 780 + offset] = [0] * 80
        heard = dtmfdsl.listen(wav(array("h", samples).tobytes()))
        assert [(key.key, round(key.end_ms, -1)) for key in heard.keys] == [("5", 200)]


# The commands


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "call.dtmf").write_text("wait 8s\npress 1\nwait 3.5s\npress 59#\n")
    return tmp_path


def feed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_recording_becomes_the_script_that_it_was(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "call.dtmf", "-o", "call.wav"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["listen", "call.wav", "--show-keys"]) == 0
    assert capsys.readouterr().out == (here / "call.dtmf").read_text()


def test_the_session_of_the_page_is_a_real_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/sound.md").read_text(encoding="utf-8")
    (session,) = re.findall(
        r"^\$ dtmfdsl (render .*)\n\$ dtmfdsl (listen .*)\n((?:.+\n)+)```$", page, re.MULTILINE
    )
    render, listen, script = session
    example = render.split()[1]
    (tmp_path / "examples").mkdir()
    (tmp_path / example).write_text((ROOT / example).read_text())
    monkeypatch.chdir(tmp_path)
    assert main(render.split()) == main(listen.split()) == 0
    assert capsys.readouterr().out == script


def test_keys_are_counted_where_nobody_sees_them(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["render", "call.dtmf", "-o", "call.wav", "--coding", "mulaw", "--rate", "16000"])
    feed(monkeypatch, (here / "call.wav").read_bytes())
    assert main(["listen", "-"]) == 0
    assert capsys.readouterr().out == "4 keys in 12.3s\n"
    assert main(["listen", "call.wav", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["ends_ms"] == 12_300
    assert [key["shown"] for key in shown["keys"]] == ["•"] * 4
    first = shown["keys"][0]
    assert first["start_ms"] == pytest.approx(8000, abs=5)
    assert first["end_ms"] == pytest.approx(8100, abs=5)
    assert main(["listen", "call.wav", "--json", "--show-keys"]) == 0
    keys = json.loads(capsys.readouterr().out)["keys"]
    assert [key["shown"] for key in keys] == ["1", "5", "9", "#"]
    assert [keys[0]["row_db"], keys[0]["column_db"]] == pytest.approx([-13, -13], abs=0.5)


@pytest.mark.parametrize("coding", CODINGS)
def test_nothing_but_when_it_sounds_tells_hidden_keys_apart(
    here: Path, coding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["render", "-e", f"press {KEYS}", "-o", "keys.wav", "--coding", coding])
    assert main(["listen", "keys.wav", "--json"]) == 0
    keys = json.loads(capsys.readouterr().out)["keys"]
    same = {
        (key["shown"], key["start_ms"] % 200, key["end_ms"] % 200, key["row_db"], key["column_db"])
        for key in keys
    }
    assert (len(keys), same) == (16, {("•", 0, 100, None, None)})


def test_keys_are_shown_on_a_terminal(here: Path) -> None:
    main(["render", "call.dtmf", "-o", "call.wav"])
    with Session(sys.executable, "-P", "-m", "dtmfdsl", "listen", str(here / "call.wav")) as session:
        session.read(r"wait 8s\s+press 1\s+wait 3.5s\s+press 59#")


def test_sound_goes_to_a_pipe_and_not_to_a_terminal(here: Path) -> None:
    command = [sys.executable, "-P", "-m", "dtmfdsl"]
    made = subprocess.run(
        [*command, "render", "call.dtmf", "-o", "-"], capture_output=True, check=True
    ).stdout
    assert keys_of(made) == "159#"
    with Session(*command, "render", str(here / "call.dtmf"), "-o", "-") as session:
        session.read("no text for a terminal")
        assert session.process.wait() == 2


def test_a_render_that_goes_nowhere_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "call.dtmf"]) == 2
    assert "-o" in capsys.readouterr().err


def test_a_script_without_keys_is_rendered_with_a_warning(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "-e", "let a = 1", "-o", "none.wav"]) == 0
    assert "[empty-program]" in capsys.readouterr().err
    assert main(["listen", "none.wav"]) == 0
    assert capsys.readouterr().out == "0 keys in 0s\n"


@pytest.mark.skipif(not shutil.which("sox"), reason="there is no sox")
def test_what_is_coded_in_another_way_can_be_converted_as_the_message_says(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["render", "call.dtmf", "-o", "pcm.wav"])
    subprocess.run(["sox", "pcm.wav", "-e", "ms-adpcm", "other.wav"], check=True)
    assert main(["listen", "other.wav"]) == 1
    advised = re.search(r"`(sox FILE [^`]*)`", capsys.readouterr().err)
    assert advised
    subprocess.run(shlex.split(advised[1].replace("FILE", "other.wav")), check=True)
    assert main(["listen", "call.wav", "--show-keys"]) == 0
    assert keys_of(Path("call.wav").read_bytes()) == "159#"


def test_no_sound_replaces_the_script(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (here / "call.dtmf").read_bytes()
    assert main(["render", "call.dtmf", "-o", "call.dtmf"]) == 2
    assert "call.dtmf is read for this script" in capsys.readouterr().err
    assert (here / "call.dtmf").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["render", "call.dtmf", "-o", "x.wav", "--tone", "5ms"], "bad-sound"),
        (["render", "call.dtmf", "-o", "x.wav", "--level", "0"], "bad-sound"),
        (["render", "-e", SECRET, "-o", "x.wav"], "secret-sound"),
        (["listen", "call.dtmf"], "not-wav"),
        (["listen", "none.wav"], "no-such-file"),
        (["listen", "."], "not-a-file"),
    ],
)
def test_what_cannot_be_done_is_a_diagnostic(
    arguments: list[str],
    code: str,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DTMF_PIN", "4711")
    assert main(arguments) == 1
    assert f"[{code}]" in capsys.readouterr().err
    assert not (here / "x.wav").exists()


def test_a_secret_is_heard_if_it_is_asked_for(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTMF_PIN", "4711")
    assert main(["render", "-e", SECRET, "-o", "x.wav", "--with-secrets"]) == 0
    assert keys_of((here / "x.wav").read_bytes()) == "14711#"


def player(folder: Path, status: int) -> None:
    """The first player of the list, which keeps a copy of what it plays."""
    path = folder / PLAYERS[0][0]
    path.write_text(
        f'#!/bin/sh\nfor file; do :; done\n/bin/cp "$file" "{folder}/played.wav"\nexit {status}\n'
    )
    path.chmod(0o755)


def test_it_is_played_where_a_player_is(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(here))
    assert main(["render", "call.dtmf", "--play"]) == 1
    assert PLAYERS[0][0] in capsys.readouterr().err
    player(here, 0)
    assert main(["render", "call.dtmf", "--play", "-o", "call.wav"]) == 0
    assert (here / "played.wav").read_bytes() == (here / "call.wav").read_bytes()
    player(here, 3)
    assert main(["render", "call.dtmf", "--play"]) == 1
    assert "could not play" in capsys.readouterr().err
    assert [name for name in os.listdir(here) if name.startswith("dtmfdsl-")] == []
