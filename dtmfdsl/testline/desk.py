"""How a stand-in takes orders for calls: what it is asked to place, and how it tells of a call. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from urllib.parse import unquote

import attrs

from dtmfdsl.sending.outcomes import CallState
from dtmfdsl.testline.server import Answer, Incoming


class Operation(StrEnum):
    """What a request is for."""

    KEYS = "keys"
    CREATE = "create"
    LOOK = "look"
    HANG_UP = "hang-up"


@attrs.frozen
class Order:
    """A call that is asked for: as `NewCall`, but as the carrier reads it."""

    to: str
    caller: str
    rings_s: float | None = None
    text: str = attrs.field(default="", repr=False)
    stays_ms: float | None = None
    detect: bool = False


@attrs.frozen
class Callee:
    """Who is called, and what becomes of a call: it rings for `rings_ms`, and then it is `end`.

    If it is answered, by a machine too, it is over `drops_ms` after the answer, if that is not None.
    """

    end: CallState = CallState.ANSWERED
    rings_ms: float = 2000
    drops_ms: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.end in (CallState.RINGING, CallState.ENDED, CallState.GONE, CallState.DETECTING):
            raise ValueError("a call ends in another way")


@attrs.frozen(kw_only=True)
class Desk:
    """A carrier's side of placing calls. Each route is a method and a pattern of a path with a group `call`.

    `account` is what placing needs beside the credentials, invented. `order` reads the order of a request, or
    is None for one that cannot be taken. `words` are the carrier's for the states of a call: one without a
    word is answered by `gone`. `hangs_up` tells a hang-up from a string, if they have the same route.
    """

    create: tuple[str, str]
    look: tuple[str, str]
    hang_up: tuple[str, str]
    order: Callable[[Incoming], Order | None]
    created: Callable[[str], Answer]
    words: Mapping[CallState, str]
    state: Callable[[str], Answer]
    ended: Answer
    gone: Answer = attrs.field(factory=lambda: Answer(404))
    account: Mapping[str, str] = attrs.field(factory=dict)
    hangs_up: Callable[[Incoming], bool] = lambda request: True

    def operation(self, request: Incoming) -> tuple[Operation, str] | None:
        """What a request is for, if it is not for keys, and the call that it names, or ""."""
        for operation, (method, path) in (
            (Operation.CREATE, self.create),
            (Operation.LOOK, self.look),
            (Operation.HANG_UP, self.hang_up),
        ):
            found = request.method == method and re.fullmatch(path, request.path)
            if found and (operation is not Operation.HANG_UP or self.hangs_up(request)):
                return operation, unquote(found.groupdict().get("call") or "")
        return None

    def told(self, state: CallState) -> Answer:
        """The answer to a look at a call that stands so."""
        return self.state(self.words[state]) if state in self.words else self.gone
