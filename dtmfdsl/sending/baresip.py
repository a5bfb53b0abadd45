"""The SIP phone: the installed program baresip, driven over its own standard input and output.

docs/sip.md says why this program, and why in this way.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import wave
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.play import NotPressed
from dtmfdsl.sending.sip import Account, Line, is_here, unreached

MODULES = ("stdio", "account", "menu", "g711", "aufile", "aubridge")
SAMPLES = 8000
"""Samples of sound a second, as G.711 has them."""

START_SECONDS = 10
PRESS_SECONDS = 2
LEAVE_SECONDS = 2
"""How long to wait for the program to be ready, for a key to begin, and for a call to end."""

_READY = re.compile(r"baresip is ready\.")
_RINGS = re.compile(r"call: SIP Progress: 18[0-3] ")
_ANSWERED = re.compile(r"\S+: Call established: ")
_CLOSED = re.compile(r"\S+: session closed: (?:([3-6][0-9][0-9]) )?")
_TERMINATED = re.compile(r"\S+: Call with \S+ terminated ")
_PRESSED = re.compile(r"audio: send DTMF digit: '")


class Baresip:
    """A `Phone`. A call lasts at most `longest_ms` milliseconds: as long as the silence that it sends."""

    # The program sends a key in at least 9 packets, and 3 that end it, of 20 ms each: TXC_DIGIT_MIN and TXC_END
    # of its library. What comes faster is queued, and so comes later and later. 20 ms are to spare.
    tone_ms = 180
    gap_ms = 80
    settle_ms = 500
    queue_ms = 500

    def __init__(self, program: Process, keeper: Process, folder: Path):
        self.line = Line.FREE
        self.reason = ""
        self._program = program
        self._keeper = keeper
        self._folder = folder
        self._ready = False
        self._pressed = 0
        self._news = asyncio.Event()
        self._hearing = asyncio.create_task(self._hear())

    @classmethod
    @asynccontextmanager
    async def open(cls, account: Account, address: str, longest_ms: float) -> AsyncIterator[Baresip]:
        """A phone that is ready to dial `address`. Afterwards its call and its processes are ended.

        Raises DtmfError if the program is not installed, or does not start.
        """
        program, modules = _installed()
        with TemporaryDirectory(prefix="dtmfdsl-", ignore_cleanup_errors=True) as name:
            folder = Path(name)  # which only its owner may enter
            _configure(folder, modules, account, is_here(address), longest_ms)
            phone = cls(*await _started(program, folder), folder)
            try:
                await phone._until(lambda: phone._ready, START_SECONDS)
                folder.joinpath("accounts").unlink()  # it was read, and holds the password
                if not phone._ready:
                    message = "the program baresip does not start"
                    raise DtmfError.of("no-phone", message, help="try it by itself: baresip -v")
                yield phone
            finally:
                await phone._close()

    async def dial(self, address: str) -> None:
        self.line = Line.CALLING
        self._command(f"/dial {address}")

    async def changed(self) -> None:
        before = self.line
        await self._until(lambda: self.line is not before)

    async def press(self, key: str) -> None:
        if self.line is not Line.ANSWERED:
            raise NotPressed(self.reason or "there is no call")
        before = self._pressed
        self._command(f"/sndcode {key}")
        await self._until(lambda: self._pressed > before or self.line is not Line.ANSWERED, PRESS_SECONDS)
        if self._pressed > before:
            return
        if self.line == Line.ENDED:  # the program does one thing after the other, and had no call any more
            raise NotPressed(self.reason)
        raise ConnectionError(self.reason or "the phone did not confirm the key")

    async def hang_up(self) -> None:
        self._command("/hangup")
        await self._until(lambda: self.line.over, LEAVE_SECONDS)

    async def _until(self, met: Callable[[], bool], seconds: float | None = None) -> None:
        """Returns when it is met, or the time or the program is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not met() and self.line is not Line.LOST:
                    self._news.clear()
                    await self._news.wait()

    def _command(self, line: str) -> None:
        if self._keeper.stdin:
            with suppress(ConnectionError):  # what is lost is not confirmed
                self._keeper.stdin.write(f"{line}\n".encode())

    async def _hear(self) -> None:
        """Reads what the program reports, until it ends. Nothing of it is shown: it repeats the keys."""
        stdout = self._program.stdout
        while stdout and (line := await stdout.readline()):
            self._take(line.decode(errors="replace"))
            self._news.set()
        self._over(Line.LOST, "the phone ended in the middle")
        self._news.set()

    def _take(self, line: str) -> None:
        if _PRESSED.match(line):
            self._pressed += 1
        elif _READY.match(line):
            self._ready = True
        elif _RINGS.match(line) and self.line is Line.CALLING:
            self.line = Line.RINGING
        elif _ANSWERED.match(line) and not self.line.over:
            self.line = Line.ANSWERED
        elif self.line is Line.ANSWERED and (_CLOSED.match(line) or _TERMINATED.match(line)):
            self._over(Line.ENDED, "the call is over")
        elif found := _CLOSED.match(line):
            status = found[1]
            self._over(*(unreached(int(status)) if status else (Line.FAILED, "the far end was not reached")))

    def _over(self, line: Line, reason: str) -> None:
        if not self.line.over:
            self.line, self.reason = line, reason

    async def _close(self) -> None:
        """Ends the processes, whatever comes."""
        program, keeper = self._program, self._keeper
        try:
            if keeper.stdin:
                keeper.stdin.close()  # which hangs up
            with suppress(TimeoutError):
                await asyncio.wait_for(program.wait(), LEAVE_SECONDS)
        finally:
            for process in (program, keeper):
                with suppress(ProcessLookupError):
                    process.kill()
            self._hearing.cancel()
            await asyncio.wait([self._hearing, *map(asyncio.ensure_future, (program.wait(), keeper.wait()))])


def _installed() -> tuple[str, Path]:
    """The program, and the folder of its modules. Raises DtmfError if they are not there."""
    help = "apt install baresip-core (Debian), dnf install baresip (Fedora), brew install baresip (macOS)"
    program = shutil.which("baresip")
    if not program:
        message = "calls by SIP need the program baresip, which is not installed"
        raise DtmfError.of("no-phone", message, help=help)
    prefix = Path(program).resolve().parent.parent
    found = sorted([*prefix.glob("lib*/baresip/modules"), *prefix.glob("lib/*/baresip/modules")])
    for modules in found:
        if all(modules.joinpath(f"{name}.so").exists() for name in MODULES):
            return program, modules
    message = f"the modules of baresip that a call needs were not found: {', '.join(MODULES)}"
    raise DtmfError.of("no-phone", message, help=help)


def _configure(folder: Path, modules: Path, account: Account, here: bool, longest_ms: float) -> None:
    """Writes what the program reads. Without a source of sound it would send no keys; so it sends silence."""
    silence = folder / "silence.wav"
    with wave.open(str(silence), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLES)
        for _ in range(int(longest_ms // 1000) + 1):
            sound.writeframes(bytes(2 * SAMPLES))
    lines = [
        f"module_path {modules}",
        "module stdio.so",
        "module g711.so",
        "module aubridge.so",
        "module aufile.so",
        "module_tmp account.so",
        "module_app menu.so",
        f"audio_source aufile,{silence}",
        "audio_player aubridge,sink",
        "audio_alert aubridge,sink",
        "ringback_disabled yes",
        "statmode_default off",
        "call_max_calls 1",
        *(["net_interface 127.0.0.1", "sip_listen 127.0.0.1:0"] if here else ["sip_listen 0.0.0.0:0"]),
    ]
    password = f';auth_pass="{account.password}"' if account.password else ""
    written = f"<{account.uri}>{password};regint=0;answermode=manual;audio_codecs=pcmu/8000/1,pcma/8000/1\n"
    for name, text in (("config", "\n".join(lines) + "\n"), ("accounts", written), ("contacts", "")):
        with open(folder / name, "w", encoding="utf-8", opener=_own) as file:
            file.write(text)


def _own(path: str, flags: int) -> int:
    """Opens a file that only its owner may read."""
    return os.open(path, flags, 0o600)


async def _started(program: str, folder: Path) -> tuple[Process, Process]:
    """The program, and the keeper of its standard input.

    The keeper passes on what we write. When we end, in whatever way, it lets the program hang up and quit.
    Both are in a session of their own: a Ctrl-C is ours to answer. Their environment is empty, as it would
    hold the password.
    """
    spawn = partial(
        asyncio.create_subprocess_exec,
        env={"PATH": os.environ.get("PATH", os.defpath)},
        start_new_session=True,
    )
    read, write = os.pipe()
    try:
        keeper = await spawn("sh", "-c", "cat; echo /quit", stdin=PIPE, stdout=write, stderr=DEVNULL)
        return await spawn(program, "-f", str(folder), stdin=read, stdout=PIPE, stderr=STDOUT), keeper
    finally:
        os.close(read)
        os.close(write)
