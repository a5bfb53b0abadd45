"""Compiles every script in this folder, shows each beside its strings, and reads them back; renders each as
sound, and hears it; and sends them over HTTP to a test line on this machine, whose clock runs fast.

Then it calls a number, which rings, is answered, and is played a script. At last, the times of one script
stand in a table, and in a picture if this is given a file for it.

The examples' secrets get made-up values here, and are shown as bullets.
"""

from __future__ import annotations

import sys
from pathlib import Path

import dtmfdsl
from dtmfdsl.cli import main as dtmfdsl_command
from dtmfdsl.compiler import to_program
from dtmfdsl.decompiler import read_strings
from dtmfdsl.loader import read_file
from dtmfdsl.notation import counted, write_duration
from dtmfdsl.program import Program, Tones
from dtmfdsl.sending import RealClock, Status
from dtmfdsl.testline import STAND_INS, TestLine

MADE_UP = {"pin": "4711", "passcode": "4711"}
SPEED = 100
DRAWN = Path(__file__).with_name("conference.dtmf")
RULE = "─" * 78


def main() -> int:
    with TestLine(speed=SPEED) as line:
        for path in sorted(Path(__file__).parent.glob("*.dtmf")):
            lookup = lambda param: MADE_UP.get(param.name.name)  # noqa: E731
            program = to_program(read_file(path), lookup=lookup).valid().program
            print(f"{RULE}\n{path.name}\n{RULE}\n{path.read_text(encoding='utf-8')}")
            if not program:
                print("→ nothing to send: this file is for others to use\n")
            elif not (read_back(path, program) and sent(path, program, line)):
                return 1
    return timed(sys.argv[1:]) if called() else 1


def timed(pictures: list[str]) -> int:
    """Shows when each key of a script sounds by two carriers, and draws it."""
    print(f"{RULE}\nWhen each key of {DRAWN.name} sounds\n{RULE}")
    command = ["timeline", str(DRAWN), "--dialect", "bandwidth-v1,asterisk"]
    status = dtmfdsl_command(command)
    for path in pictures:
        status = status or dtmfdsl_command([*command, "--svg", path])
        print(f"→ drawn: {path}")
    return status


def read_back(path: Path, program: Program) -> bool:
    """Shows the strings of a script, and whether they mean what it means."""
    compiled = dtmfdsl.compile(program)
    for warning in compiled.warnings:
        print(dtmfdsl.render(warning))
    for number, chunk in enumerate(compiled.chunks, 1):
        print(f"→ {number}/{len(compiled.chunks)}  {chunk.shown}  ({len(chunk.text)} characters)")
    same = read_strings(compiled.texts, compiled.dialect).steps() == program.steps()
    print(f"  read back: {'the same keys and the same silences' if same else 'NOT THE SAME'}")
    return same and heard(compiled)


def heard(compiled: dtmfdsl.Compiled) -> bool:
    """Makes a script sound, listens to it, and shows whether it was heard as it was meant."""
    sound = dtmfdsl.listen(dtmfdsl.to_wav(compiled, with_secrets=True))
    same = sound.program(compiled.dialect).steps() == read_strings(compiled.texts, compiled.dialect).steps()
    length = write_duration(sound.length_ms)
    print(f"  rendered as {length} of sound, and heard: {'the same' if same else 'NOT THE SAME'}")
    return same


def sent(path: Path, program: Program, line: TestLine) -> bool:
    """Sends a script to the test line, and shows whether it was heard as it was meant."""
    to = {"base_url": line.base_url, "credentials": line.credentials, "clock": RealClock(SPEED)}
    report = dtmfdsl.send(program, path.stem, **to)
    meant = "".join(event.keys for event in program.events if isinstance(event, Tones))
    heard = line.keys(path.stem)
    well = report.status is Status.COMPLETE and heard == meant and not line.collisions(path.stem)
    requests = counted(report.strings, "request")
    print(f"  sent in {requests}: {'every key heard once, in order' if well else 'NOT HEARD AS MEANT'}\n")
    return well


def called() -> bool:
    """Places a call by the test line of a carrier, and shows whether it was heard as it was meant."""
    script = "call +1 (555) 010-0100; wait 2s; press 1; wait 3s; press 59#"
    print(f"{RULE}\na call that is placed\n{RULE}\n{script}\n")
    with TestLine(stand_in=STAND_INS["telnyx"], speed=SPEED) as line:
        here = {"base_url": line.base_url, "credentials": line.credentials, "clock": line.clock}
        report = dtmfdsl.call(script, carrier="telnyx", caller="+15550199", **here)
        well = report.status is Status.COMPLETE and report.hung_up and line.keys(report.placed) == "159#"
        print(f"→ by telnyx, whose creating request holds the whole script: {report.summary}")
        print(f"  {'answered, every key heard once, and hung up' if well else 'NOT HEARD AS MEANT'}")
        for heard in line.report(report.placed, show_keys=True):
            print(f"  {heard}")
    return well


if __name__ == "__main__":
    sys.exit(main())
