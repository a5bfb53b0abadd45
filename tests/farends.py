"""The other end of a SIP call on loopback, which is not ours: Debian's baresip answers, sipp does the rest."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lines import PATIENCE

from dtmfdsl.sending.baresip import MODULES


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class FarEnd:
    """A phone that answers at once, and reports over its control port what it hears."""

    def __init__(self, control: socket.socket, address: str):
        self.control = control
        self.address = address
        self.events: list[dict[str, Any]] = []
        self.heard: list[tuple[str, float]] = []
        """The keys, and when each began, in seconds of `time.monotonic`."""
        self.news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def keys(self) -> str:
        return "".join(key for key, _ in self.heard)

    @property
    def hung_up(self) -> bool:
        return any(event.get("type") == "CALL_CLOSED" for event in self.events)

    def wait(self, met: Callable[[], bool]) -> None:
        with self.news:
            assert self.news.wait_for(met, PATIENCE)

    def command(self, name: str) -> None:
        message = json.dumps({"command": name}).encode()
        self.control.sendall(b"%d:%s," % (len(message), message))

    def _read(self) -> None:
        length = b""
        with self.control.makefile("rb") as file, suppress(OSError, ValueError):
            while byte := file.read(1):
                if byte != b":":
                    length += byte
                    continue
                event = json.loads(file.read(int(length)))
                file.read(1)
                length = b""
                with self.news:
                    self.events.append(event)
                    if event.get("type") == "CALL_DTMF_START":
                        self.heard.append((event["param"], time.monotonic()))
                    self.news.notify_all()


@contextmanager
def answering(folder: Path) -> Iterator[FarEnd]:
    program = Path(str(shutil.which("baresip"))).resolve()
    (modules,) = {found.parent for found in program.parent.parent.glob("lib*/**/baresip/modules/menu.so")}
    folder.mkdir()
    with wave.open(str(folder / "silence.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000 * 120))
    (folder / "contacts").write_text("")
    process = None
    while process is None:  # until both ports were still free when it took them
        sip, control = free_port(), free_port(socket.SOCK_STREAM)
        lines = [
            f"module_path {modules}",
            *(f"module {name}.so" for name in MODULES if name not in ("stdio", "account", "menu")),
            "module_tmp account.so",
            "module_app menu.so",
            "module_app ctrl_tcp.so",
            f"ctrl_tcp_listen 127.0.0.1:{control}",
            f"sip_listen 127.0.0.1:{sip}",
            "net_interface 127.0.0.1",
            f"audio_source aufile,{folder}/silence.wav",
            "audio_player aubridge,far",
            "audio_alert aubridge,far",
        ]
        (folder / "config").write_text("\n".join(lines) + "\n")
        (folder / "accounts").write_text(
            f"<sip:far@127.0.0.1:{sip}>;regint=0;answermode=auto;audio_codecs=pcmu/8000/1\n"
        )
        process = ready([program, "-f", str(folder)])
    try:
        with socket.create_connection(("127.0.0.1", control), PATIENCE) as connection:
            yield FarEnd(connection, f"sip:far@127.0.0.1:{sip}")
    finally:
        process.kill()
        process.wait()


def ready(command: list[str | Path]) -> subprocess.Popen[bytes] | None:
    """A process of baresip that is ready, or None if it has ended. What it prints is thrown away."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = process.stdout
    assert output

    def drain() -> None:
        with output:
            while output.read(4096):
                pass

    for line in iter(output.readline, b""):
        if b"failed to listen" in line:
            process.kill()
        elif line.startswith(b"baresip is ready"):
            threading.Thread(target=drain, daemon=True).start()
            return process
    output.close()
    process.wait()
    return None


REPLY = """
  <send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]{header}
Content-Length: 0

]]></send>"""
ASKED = '\n  <recv request="INVITE"/>'
ENDED = '\n  <recv request="ACK"/>'


def reply(status: str, header: str = "") -> str:
    return REPLY.format(status=status, header=f"\n{header}" if header else "")


@contextmanager
def scripted(folder: Path, scenario: str, *options: str) -> Iterator[str]:
    """A far end that does what a scenario of sipp has: its address."""
    folder.mkdir(exist_ok=True)
    (folder / "scenario.xml").write_text(
        f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="far">{scenario}\n</scenario>\n'
    )
    port = free_port()
    process = subprocess.Popen(
        ["sipp", "-sf", "scenario.xml", "-i", "127.0.0.1", "-p", str(port), "-nostdin", *options],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"sip:far@127.0.0.1:{port}"  # what is asked before it listens is asked again
    finally:
        process.kill()
        process.wait()


def processes_of(folder: Path) -> dict[int, bytes]:
    """The processes that name a folder, where the system lists them: their command line and environment."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            line = process.joinpath("cmdline").read_bytes()
            if str(folder).encode() in line:
                found[int(process.name)] = line + process.joinpath("environ").read_bytes()
    return found
