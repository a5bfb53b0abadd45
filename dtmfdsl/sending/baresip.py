"""The SIP phone: the installed program baresip, driven over its own standard input and output.

docs/sip.md says why this program, and why in this way.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import struct
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.sending.play import NotPressed
from dtmfdsl.sending.sip import Account, is_here, unreached

MODULES = ("stdio", "account", "menu", "g711", "aufile", "aubridge")
SAMPLES = 8000
"""Samples of sound a second, as G.711 has them."""

QUEUE_SECONDS = 0.5
"""How long after the press of a key a hang-up could still cut it."""

REGISTERED_SECONDS = 600
"""How long the server is to know of us. The phone asks again in time, and withdraws when it ends."""

START_SECONDS = 30
PRESS_SECONDS = 10
LEAVE_SECONDS = 5
"""How long to wait for the program to be ready, to begin a key, and to end. Usually it takes milliseconds."""

_READY = re.compile(r"baresip is ready\.")
KEEP = 'cat; rm -rf -- "$0"; echo /quit'
"""What the keeper of the program's standard input does, in the language of the shell."""

_REGISTERED = re.compile(r"\S+: (?:\(prio [0-9]+\) )?\{[0-9]+/[^}]*\} 2[0-9][0-9] ")
_UNREGISTERED = re.compile(r"(?:\x1b\[[0-9;]*m)?reg: ")
_RINGS = re.compile(r"call: SIP Progress: 18[0-3] ")
_ANSWERED = re.compile(r"\S+: Call established: ")
_CLOSED = re.compile(r"\S+: (?:session closed: (?:([3-6][0-9][0-9]) )?|Call with \S+ terminated )")
_PRESSED = re.compile(r"audio: send DTMF digit: '")


class Baresip:
    """A `Phone`. `program` is the name of the program or its path."""

    # Its library sends a key in at least 9 packets of 20 ms, and 3 that end it: TXC_DIGIT_MIN and TXC_END.
    # What comes faster is queued, and so comes later and later. 20 ms are to spare.
    tone_ms = 180
    gap_ms = 80
    settle_ms = 500

    def __init__(self, program: str = "baresip") -> None:
        self.program = program
        self.state: CallState | None = None
        self.why = ""
        self._transport = ""
        """That of the account, which the program adds to an address by itself."""
        self._keeper: Process | None = None
        self._ready = self._registered = self._lost = False
        self._pressed = 0
        self._quiet = 0.0
        """When the last key has sounded, by the clock of the event loop in seconds."""
        self._news = asyncio.Event()

    @asynccontextmanager
    async def running(self, account: Account, address: str, longest_ms: float) -> AsyncIterator[None]:
        program, modules = _installed(self.program)
        self._transport = account.transport
        with TemporaryDirectory(prefix="dtmfdsl-", ignore_cleanup_errors=True) as name:
            folder = Path(name)  # which only its owner may enter
            _configure(folder, modules, account, is_here(address), longest_ms)
            started, self._keeper = await _started(program, folder)
            hearing = asyncio.create_task(self._hear(started))
            try:
                await self._until(lambda: self._ready or self._lost, START_SECONDS)
                folder.joinpath("accounts").unlink()  # it was read, and holds the password
                if not self._ready:
                    message = "the program baresip does not start"
                    raise DtmfError.of("no-phone", message, help="try it by itself: baresip -v")
                if account.registers:
                    await self._until(lambda: self._registered or self._over, START_SECONDS)
                    if not self._registered:
                        self._refuse()
                yield
            finally:
                await _end(started, self._keeper)
                await hearing

    def dial(self, address: str) -> None:
        if not self._over:
            self._command(f"/dial {address.removesuffix(self._transport)}")

    async def press(self, key: str) -> None:
        if self._over:
            raise NotPressed(self.why)
        before = self._pressed
        self._command(f"/sndcode {key}")
        self._quiet = asyncio.get_running_loop().time() + QUEUE_SECONDS
        await self._until(lambda: self._pressed > before or self._over, PRESS_SECONDS)
        if self._pressed > before:
            return
        if self._over and not self._lost:  # it does one thing after the other, and was told the key last
            raise NotPressed(self.why)
        raise ConnectionError(self.why or "the phone did not confirm the key")

    async def hang_up(self) -> None:
        await self._until(lambda: self._over, self._quiet - asyncio.get_running_loop().time())
        self._command("/hangup")

    async def over(self) -> None:
        await self._until(lambda: self._over)

    def _refuse(self) -> None:
        self.state, self.why = CallState.FAILED, "the server did not register the account"
        self._news.set()

    @property
    def _over(self) -> bool:
        return self._lost or self.state not in (None, CallState.RINGING, CallState.ANSWERED)

    async def _until(self, met: Callable[[], bool], seconds: float | None = None) -> None:
        """Returns when it is met, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not met():
                    self._news.clear()
                    await self._news.wait()

    def _command(self, line: str) -> None:
        if self._keeper and self._keeper.stdin:
            with suppress(ConnectionError):  # what is lost is not confirmed
                self._keeper.stdin.write(f"{line}\n".encode())

    async def _hear(self, program: Process) -> None:
        """Reads what the program reports, until it ends. Nothing of it is shown: it repeats the keys."""
        line = b"..."
        while program.stdout and line:
            with suppress(ValueError):  # a line that is too long, of which nothing is wanted
                line = await program.stdout.readline()
                self._take(line.decode(errors="replace"))
                self._news.set()
        self._lost = True
        if self.state in (None, CallState.RINGING, CallState.ANSWERED):
            answered = self.state is CallState.ANSWERED
            self.state = CallState.ENDED if answered else CallState.FAILED
            self.why = "the program baresip ended"
        self._news.set()

    def _take(self, line: str) -> None:
        if _PRESSED.match(line):
            self._pressed += 1
        elif _READY.match(line):
            self._ready = True
        elif self._over:
            pass
        elif _REGISTERED.match(line):
            self._registered = True
        elif _UNREGISTERED.match(line) and not self._registered:
            self._refuse()
        elif _RINGS.match(line):
            self.state = CallState.RINGING
        elif _ANSWERED.match(line):
            self.state = CallState.ANSWERED
        elif found := _CLOSED.match(line):
            if self.state is CallState.ANSWERED:
                self.state, self.why = CallState.ENDED, "the far end hung up"
            elif found[1]:
                self.state, self.why = unreached(int(found[1]))
            else:
                self.state, self.why = CallState.FAILED, "the far end was not reached"


async def _end(program: Process, keeper: Process) -> None:
    """Ends the processes, whatever comes."""
    try:
        if keeper.stdin:
            keeper.stdin.close()  # which hangs up
        with suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_SECONDS):
                await program.wait()
                await keeper.wait()
    finally:
        for process in (program, keeper):
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
        await asyncio.gather(program.wait(), keeper.wait())


def _installed(name: str) -> tuple[str, Path]:
    """The program, and the folder of its modules. Raises DtmfError if they are not there."""
    help = "apt install baresip-core (Debian), dnf install baresip (Fedora), brew install baresip (macOS)"
    program = shutil.which(name)
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
    """Writes what the program reads.

    Without a source of sound it would send no keys, and at the end of the sound it ends the call. So it sends
    silence, for as long as the call may last.
    """
    silence, length = folder / "silence.wav", (int(longest_ms // 1000) + 1) * SAMPLES * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SAMPLES, 2 * SAMPLES, 2, 16)
    with open(silence, "wb") as sound:
        sound.write(struct.pack("<4sI4s", b"RIFF", 36 + length, b"WAVE") + form)
        sound.write(struct.pack("<4sI", b"data", length))
        sound.truncate(44 + length)  # zeros, which take no room on the disk
    lines = [
        f"module_path {modules}",
        "module stdio.so",
        "module g711.so",
        "module aubridge.so",
        "module aufile.so",
        "module_tmp account.so",
        "module_app menu.so",
        f"audio_source aufile,{silence}",
        f"sip_cafile {DEFAULT_CA_BUNDLE_PATH}",  # by which a certificate is checked, from version 1.1 on
        "sip_verify_server yes",
        "audio_player aubridge,sink",
        "audio_alert aubridge,sink",
        "ringback_disabled yes",
        "statmode_default off",
        "call_max_calls 1",
        *(["net_interface 127.0.0.1", "sip_listen 127.0.0.1:0"] if here else ["sip_listen 0.0.0.0:0"]),
    ]
    parameters = {
        "auth_user": account.user,
        "auth_pass": account.password and f'"{account.password}"',
        "outbound": account.proxy and f'"{account.proxy}"',
        "regint": str(REGISTERED_SECONDS * account.registers),
        "answermode": "manual",
        "audio_codecs": "pcmu/8000/1,pcma/8000/1",
    }
    given = "".join(f";{name}={value}" for name, value in parameters.items() if value)
    written = f"<{account.uri}>{given}\n"
    for name, text in (("config", "\n".join(lines) + "\n"), ("accounts", written), ("contacts", "")):
        with open(folder / name, "w", encoding="utf-8", opener=_own) as file:
            file.write(text)


def _own(path: str, flags: int) -> int:
    """Opens a file that only its owner may read."""
    return os.open(path, flags, 0o600)


async def _started(program: str, folder: Path) -> tuple[Process, Process]:
    """The program, and the keeper of its standard input.

    The keeper passes on what we write. When we end, in whatever way, it removes the folder, which has been
    read, and lets the program hang up and quit.
    Both are in a session of their own: a Ctrl-C is ours to answer. Their environment is almost empty, because
    ours may hold the password.
    """
    spawn = partial(asyncio.create_subprocess_exec, env={"PATH": os.defpath}, start_new_session=True)
    read, write = os.pipe()
    try:
        keeper = await spawn("/bin/sh", "-c", KEEP, folder, stdin=PIPE, stdout=write, stderr=DEVNULL)
        try:
            return await spawn(program, "-f", str(folder), stdin=read, stdout=PIPE, stderr=STDOUT), keeper
        except OSError as error:
            keeper.kill()
            await keeper.wait()
            message = f"the program baresip cannot be started: {error.strerror}"
            raise DtmfError.of("no-phone", message, help="install it anew") from None
    finally:
        os.close(read)
        os.close(write)
