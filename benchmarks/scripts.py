"""Write long scripts for the benchmarks: valid, plain, and the same ones every time.

About 42 of 100 statements press keys and 28 wait. The rest is spread over names, calls, blocks
and raw strings. Comments, blank lines, `;` and nested blocks come at a steady rate, so that a
long script is a short one with more of the same.
"""

from __future__ import annotations

from random import Random

DEEPEST = 3
"""How many blocks may stand inside one another."""

RECENT = 6
"""How many of the latest names of a kind are candidates for the next use."""

WAITS = ["500ms"] * 7 + ["1s"] * 8 + ["1.5s"] * 4 + ["2s"] * 2 + ["2.5s", "3.5s"]
ODD_WAITS = ["1.2s", "800ms"]
PACES = ["500ms", "1s", "1.5s"]
CUES = ["enter your PIN", "main menu", "please hold", "thank you"]
LABELS = ["Billing", "Prescriptions", "Support", "Opening hours"]
RAWS = ["1W2", "59#", "1WW,2#", "ww4"]
REMARKS = ["main menu", "the account", "skip the greeting", "slow line here", "now the code"]

SIMPLE = {"press": 38, "wait": 24, "let": 7, "call": 6, "raw": 2}
BLOCKS = {"repeat": 5, "define": 3}
TOP_ONLY = {"param": 1}
INSIDE_ONLY = {"pace": 14}


class _Writer:
    """Holds the text so far and the names that the next statement may use."""

    def __init__(self, statements: int, seed: int) -> None:
        self.left = statements
        self.random = Random(seed)
        self.parts: list[str] = []
        self.made = {"a": 0, "k": 0, "d": 0, "p": 0}
        self.durations: list[str] = []
        self.keys: list[str] = []
        self.defines: list[tuple[str, bool]] = []

    def chance(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def fresh(self, kind: str) -> str:
        """A name that no other statement defines."""
        self.made[kind] += 1
        return f"{kind}{self.made[kind]}"

    def block(self, size: int, depth: int) -> None:
        """Write statements, nested ones counted, until `size` are written or none are left."""
        seen = len(self.durations), len(self.keys), len(self.defines)
        indent = " " * depth
        stop = self.left - size
        joined = False
        while self.left > max(stop, 0):
            if not joined:
                self.remark(indent)
                self.parts.append(indent)
            kind = self.kind(depth, room=self.left - max(stop, 0))
            self.left -= 1
            if kind in BLOCKS:
                self.nest(kind, indent, depth)
                joined = False
            else:
                self.parts.append(self.simple(kind))
                joined = self.left > max(stop, 0) and self.chance(30)
            if joined:
                self.parts.append("; ")
            elif self.chance(2):
                self.parts.append(f" // {self.random.choice(REMARKS)}\n")
            else:
                self.parts.append("\n")
        del self.durations[seen[0] :], self.keys[seen[1] :], self.defines[seen[2] :]

    def remark(self, indent: str) -> None:
        if self.chance(3):
            self.parts.append("\n")
        if self.chance(4):
            self.parts.append(f"{indent}// {self.random.choice(REMARKS)}\n")

    def kind(self, depth: int, room: int) -> str:
        """Choose the next statement; a block only where its body has room."""
        weights = dict(SIMPLE)
        if depth < DEEPEST and room > 5:
            weights["repeat"] = BLOCKS["repeat"]
        if depth == 0:
            weights |= TOP_ONLY
            if room > 5:
                weights["define"] = BLOCKS["define"]
        else:
            weights |= INSIDE_ONLY
        if not self.defines:
            del weights["call"]
        return self.random.choices(list(weights), list(weights.values()))[0]

    def nest(self, kind: str, indent: str, depth: int) -> None:
        """Write a block with its body; a `define` is offered for calls only after its end."""
        if kind == "repeat":
            self.parts.append(f"repeat {self.random.randint(2, 3)} {{\n")
            self.block(self.random.randint(2, 5), depth + 1)
        else:
            name, timed = self.fresh("d"), self.chance(50)
            self.parts.append(f"define {name}({'a, b' if timed else 'a'}) {{\n")
            self.body(timed, indent + " ")
            self.defines.append((name, timed))
        self.parts.append(f"{indent}}}")

    def body(self, timed: bool, indent: str) -> None:
        """The short body of a `define`; it uses each of its parameters."""
        lines = ["press $a", "wait $b" if timed else self.wait()]
        if self.chance(20):
            lines.insert(0, f"pace {self.random.choice(PACES)}")
        self.left -= len(lines)
        self.parts += [f"{indent}{line}\n" for line in lines]

    def simple(self, kind: str) -> str:
        match kind:
            case "press":
                return self.press()
            case "wait":
                return self.wait()
            case "pace":
                return f"pace {self.random.choice(PACES)}"
            case "let":
                return self.let()
            case "param":
                return self.param()
            case "call":
                return self.call()
            case _:
                return f'raw "{self.random.choice(RAWS)}" as bandwidth-v1'

    def press(self) -> str:
        if self.keys and self.chance(15):
            return f"press ${self.random.choice(self.keys[-RECENT:])}"
        text = f"press {self.some_keys()}"
        if self.chance(4):
            return f"{text} every {self.random.choice(PACES)}"
        if self.chance(3):
            return f'{text} for "{self.random.choice(LABELS)}"'
        return text

    def wait(self) -> str:
        if self.durations and self.chance(15):
            return f"wait ${self.random.choice(self.durations[-RECENT:])}"
        if self.chance(2):
            return f'wait up to {self.random.randint(4, 12)}s for "{self.random.choice(CUES)}"'
        return f"wait {self.random.choice(ODD_WAITS if self.chance(2) else WAITS)}"

    def let(self) -> str:
        if self.chance(50):
            name, value = self.fresh("a"), self.random.choice(WAITS)
            self.durations.append(name)
        else:
            name, value = self.fresh("k"), self.some_keys()
            self.keys.append(name)
        return f"let {name} = {value}"

    def param(self) -> str:
        name = self.fresh("p")
        if self.chance(50):
            self.durations.append(name)
            return f"param {name}: duration = {self.random.choice(WAITS)}"
        self.keys.append(name)
        return f"param {name}: 4 digits = {self.random.randint(1000, 9999)}"

    def call(self) -> str:
        name, timed = self.random.choice(self.defines[-RECENT:])
        arguments = [self.value(self.keys, self.some_keys())]
        if timed:
            arguments.append(self.value(self.durations, self.random.choice(WAITS)))
        return f"{name}({', '.join(arguments)})"

    def value(self, names: list[str], literal: str) -> str:
        return f"${self.random.choice(names[-RECENT:])}" if names and self.chance(40) else literal

    def some_keys(self) -> str:
        """Mostly one key of a menu; else a code, some ending in `#`, or a telephone number."""
        length = self.random.choices([1, 2, 4, 10], [60, 20, 17, 3])[0]
        digits = "".join(self.random.choices("0123456789", k=length))
        if length > 1 and self.chance(50):
            return f"{digits}#"
        return self.random.choice("*#A") if length == 1 and self.chance(10) else digits


def script(statements: int, seed: int = 1) -> str:
    """A script of exactly that many statements, those inside blocks counted too."""
    writer = _Writer(statements, seed)
    writer.block(statements, depth=0)
    return "".join(writer.parts)
