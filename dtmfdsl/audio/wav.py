"""WAV files: the samples of usual ones, and the bytes of new ones.

Python's `wave` reads no mu-law, A-law or floating point, and from 3.13 on there is no `audioop` to turn them
into samples. Here, whatever a file holds becomes 16-bit or floating samples by moving whole rows of bytes.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Literal, TypeAlias

import attrs

from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.notation import counted

Coding: TypeAlias = Literal["pcm", "mulaw", "alaw"]
"""How samples are written: 16-bit linear, or 8-bit as ITU-T G.711 has it."""

CODINGS: tuple[Coding, ...] = ("pcm", "mulaw", "alaw")

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
"""The numbers of formats in a file (RFC 2361, mmreg.h)."""

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
"""Samples in a second: the telephone's rate, and the most that is usual."""

MOST_CHANNELS = 64

_UNKNOWN_SIZES = (0, 0x7FFF_F000, 0xFFFF_FFFF)
"""From here on, or if 0, the size of the samples is what a program writes that cannot know it yet."""

_CONVERT = "convert it first: `sox FILE -e signed -b 16 call.wav` or `ffmpeg -i FILE call.wav`"


def _mu_law(code: int) -> int:
    """The 16-bit sample of a mu-law byte (G.711, table 2)."""
    code = ~code & 0xFF
    size = (((code & 15) << 3) + 132 << (code >> 4 & 7)) - 132
    return -size if code & 128 else size


def _a_law(code: int) -> int:
    """The 16-bit sample of an A-law byte (G.711, table 1)."""
    code ^= 0x55
    exponent = code >> 4 & 7
    size = ((code & 15) << 4) + 8
    if exponent:
        size = size + 256 << exponent - 1
    return size if code & 128 else -size


_EXPANDED = {
    "mulaw": [_mu_law(code) for code in range(256)],
    "alaw": [_a_law(code) for code in range(256)],
}


@attrs.frozen
class Recording:
    """The samples of each channel, `rate` in a second; `full` is the sample at full scale."""

    rate: int
    full: float
    channels: tuple[array[float] | array[int], ...] = attrs.field(repr=False)
    warnings: tuple[Diagnostic, ...] = ()


@attrs.frozen
class _Format:
    number: int
    channels: int
    rate: int
    sample_bytes: int


def read_wav(content: bytes) -> Recording:
    """The samples of a WAV file: 8, 16, 24 or 32 bits, floating point, mu-law or A-law, any channels.

    A file that was cut short is read as far as it goes, with a warning. Raises DtmfError for what is no WAV
    file, and for samples that are coded in another way.
    """
    view = memoryview(content)
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise DtmfError.of("not-wav", "this is not a WAV file", help=_CONVERT)
    format: _Format | None = None
    for name, start, size in _chunks(view):
        if name == b"fmt ":
            format = _read_format(view[start : start + size])
        elif name == b"data":
            if format is None:
                break
            return _read_samples(view[start:], size, format)
    missing = "samples" if format else "a description of its samples"
    raise DtmfError.of("broken-wav", f"this WAV file ends before {missing}", help="make or copy it again")


def _chunks(view: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """The name of each part of a file, where its content starts, and how long it says that is."""
    at = 12
    while at + 8 <= len(view):
        name, size = struct.unpack_from("<4sI", view, at)
        yield name, at + 8, size
        at += 8 + size + size % 2


def _read_format(view: memoryview) -> _Format:
    if len(view) < 16:
        message = "the description of the samples in this WAV file is too short"
        raise DtmfError.of("broken-wav", message, help="make or copy it again")
    number, channels, rate, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", view)
    if number == EXTENSIBLE and len(view) >= 26:
        (number,) = struct.unpack_from("<H", view, 24)
    sizes = {PCM: (1, 2, 3, 4), FLOAT: (4, 8), MU_LAW: (1,), A_LAW: (1,)}.get(number, ())
    if not sizes:
        message = f"the samples of this WAV file are coded in a way that is not read (format {number})"
        raise DtmfError.of("unread-wav", message, help=_CONVERT)
    sample_bytes, rest = divmod(frame_bytes, channels or 1)
    if not 1 <= channels <= MOST_CHANNELS or rest or sample_bytes not in sizes or bits > sample_bytes * 8:
        message = f"{counted(channels, 'channel')} of {counted(bits, 'bit')} are not read from a WAV file"
        raise DtmfError.of("unread-wav", message, help=_CONVERT)
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        message = f"this WAV file has {counted(rate, 'sample')} in a second"
        help = f"{LOWEST_RATE:,} to {HIGHEST_RATE:,} are read; `sox FILE -r 8000 call.wav` changes it"
        raise DtmfError.of("unread-wav", message, help=help)
    return _Format(number, channels, rate, sample_bytes)


def _read_samples(view: memoryview, size: int, format: _Format) -> Recording:
    warnings: tuple[Diagnostic, ...] = ()
    if size > len(view) and size < _UNKNOWN_SIZES[1]:
        message = "this WAV file ends before the samples that it promises"
        help = "what is there was read; copy the file again if it should be longer"
        warnings = (Diagnostic("cut-wav", message, help=help, severity="warning"),)
    if size != 0:
        view = view[:size]
    frame = format.channels * format.sample_bytes
    data = bytes(view[: len(view) // frame * frame])
    samples = _decoded(data, format)
    full = 1.0 if format.number == FLOAT else 32768.0
    channels = tuple(samples[channel :: format.channels] for channel in range(format.channels))
    return Recording(format.rate, full, channels, warnings)


def _decoded(data: bytes, format: _Format) -> array[float] | array[int]:
    """The samples as 16-bit or floating ones."""
    samples: array[float] | array[int]
    if format.number == FLOAT:
        samples = array("f" if format.sample_bytes == 4 else "d", data)
    else:
        samples = array("h", _sixteen_bits(data, format))
    if sys.byteorder == "big":
        samples.byteswap()
    if format.number == FLOAT:  # what is no number, or none of a sound, would spoil what stands beside it
        samples = array(samples.typecode, [each if -1e6 < each < 1e6 else 0.0 for each in samples])
    return samples


def _sixteen_bits(data: bytes, format: _Format) -> bytes:
    """The bytes of samples as those of 16-bit ones. Of wider ones, the upper 16 bits are enough for tones."""
    width = format.sample_bytes
    if width == 2:
        return data
    halves = bytearray(len(data) // width * 2)
    if width > 2:
        halves[0::2], halves[1::2] = data[width - 2 :: width], data[width - 1 :: width]
    elif format.number == PCM:  # of 8 bits, and without a sign
        halves[1::2] = data.translate(bytes(code ^ 128 for code in range(256)))
    else:
        expanded = _EXPANDED["mulaw" if format.number == MU_LAW else "alaw"]
        halves[0::2] = data.translate(bytes(sample & 255 for sample in expanded))
        halves[1::2] = data.translate(bytes(sample >> 8 & 255 for sample in expanded))
    return bytes(halves)


def encoder(coding: Coding) -> Callable[[list[int]], bytes]:
    """What turns 16-bit samples into bytes of a file."""
    if coding == "pcm":
        return lambda samples: struct.pack(f"<{len(samples)}h", *samples)
    codes = sorted((sample, code) for code, sample in enumerate(_EXPANDED[coding]))
    # A sample becomes the nearest of the 256; the middle between two belongs to the upper one.
    middles = [(one + other + 1) // 2 for (one, _), (other, _) in pairwise(codes)]
    return lambda samples: bytes(codes[bisect(middles, sample)][1] for sample in samples)


def wav_header(coding: Coding, rate: int, size: int) -> bytes:
    """What stands in a file before `size` bytes of samples of one channel, `rate` in a second."""
    width = 2 if coding == "pcm" else 1
    number = {"pcm": PCM, "mulaw": MU_LAW, "alaw": A_LAW}[coding]
    format = struct.pack("<HHIIHH", number, 1, rate, rate * width, width, width * 8)
    if coding != "pcm":  # other formats have an extension, here an empty one, and count their samples
        format += struct.pack("<H", 0)
    chunks = struct.pack("<4sI", b"fmt ", len(format)) + format
    if coding != "pcm":
        chunks += struct.pack("<4sII", b"fact", 4, size)
    whole = 4 + len(chunks) + 8 + size + size % 2
    return struct.pack("<4sI4s", b"RIFF", whole, b"WAVE") + chunks + struct.pack("<4sI", b"data", size)
