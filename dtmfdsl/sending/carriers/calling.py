"""What a carrier that places calls is: how a call is created, looked at and hung up. No I/O."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Literal

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.carriers.carrier import Carrier, Credentials, Request, judged
from dtmfdsl.sending.outcomes import CallState, Created, Kind, Outcome, Seen


@attrs.frozen(kw_only=True)
class NewCall:
    """A call that is asked for: from the number `caller` to the number `to`.

    It rings for at most `rings_s` seconds. When it is answered, `text` is played, a string of the carrier's,
    or nothing, which takes at most `plays_ms` milliseconds; then the line must stay for at least `stays_ms`.
    With `detect`, the carrier is to find out whether a machine answered. `answer_url` is an address of the
    user's, which a carrier asks what to do when the call is answered.
    """

    to: str = attrs.field(repr=False)
    caller: str = attrs.field(repr=False)
    rings_s: int = 60
    text: str = attrs.field(default="", repr=False)
    plays_ms: int = 0
    stays_ms: int = 0
    detect: bool = False
    answer_url: str = ""


@attrs.frozen(kw_only=True)
class Caller(Carrier):
    """A carrier that places calls too.

    `calling` are the names of what it needs for that beside the credentials. A number has its country code,
    after a `+` that goes to the carrier ("needed") or does not ("left out"), or is as it was written, such as
    an extension. `takes_script`: a creation can hold the whole script, of at most `script_limit` characters.
    It can tell a machine from a person if it `detects`. It may need an `answer_url`. Two creations of an
    account are at least `creating_ms` apart. `no_calls` is the reason why it places none at all.
    """

    calling: tuple[str, ...] = ()
    plus: Literal["needed", "left out", "as written"] = "needed"
    takes_script: bool = False
    script_limit: int | None = None
    detects: bool = False
    answer_url: bool = False
    creating_ms: float = 0
    no_calls: str = ""

    @abstractmethod
    def create(self, base_url: str, credentials: Credentials, call: NewCall) -> Request:
        """The request that places a call. Its numbers have passed `numbered`."""

    @abstractmethod
    def created(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        """What its answer means: as `read`. An acceptance is a `Created` with the call's id.

        A call that is created twice is two calls. So an acceptance without an id is a doubt, and
        `NOT_EXECUTED` is for what is documented so.
        """

    @abstractmethod
    def look(self, base_url: str, credentials: Credentials, call_id: str) -> Request:
        """The request that asks how a call stands."""

    @abstractmethod
    def seen(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        """What its answer means. An acceptance is a `Seen` with the call's state."""

    @abstractmethod
    def hang_up(self, base_url: str, credentials: Credentials, call_id: str, answered: bool) -> Request:
        """The request that ends a call, which was seen to be answered or not."""

    def hung_up(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        """What its answer means. It is asked again until it is accepted or the call is seen to be over."""
        return _of_call(judged(status, {}), "hung up")

    def account(self, variables: Mapping[str, str]) -> Credentials:
        """The credentials, and what placing needs beside them. Raises DtmfError as `credentials` does."""
        found = self.credentials(variables)
        if missing := [name for name in self.calling if not variables.get(name)]:
            message = f"to place calls, {self.name} needs what is not set: {', '.join(missing)}"
            help = "set it in the environment or an --env-file; from Python, give `credentials`"
            raise DtmfError.of("no-credentials", message, help=help)
        for name in self.calling:
            self.check_credential(name, variables[name])
        return Credentials({**found, **{name: variables[name] for name in self.calling}})

    def curl_call(self, base_url: str, call: NewCall) -> str:
        """The request that places a call as a `curl`: see `curl`."""
        names = Credentials({**self._names, **{name: f"${name}" for name in self.calling}})
        return self.as_curl(self.create(base_url, names, call), names)

    def numbered(self, number: str) -> str:
        """A number as this carrier takes it. Raises DtmfError for one that lacks the `+`."""
        match self.plus:
            case "needed" | "left out" if not number.startswith("+"):
                message = f"{self.name} takes numbers with their country code, such as +15550100"
                help = "write the number with a `+`: without, it could ring in another country"
                raise DtmfError.of("bad-number", message, help=help)
            case "left out":
                return number.removeprefix("+")
        return number


def created(outcome: Outcome, call_id: object) -> Outcome:
    """The outcome of a creation whose answer names the call so."""
    if outcome.kind is not Kind.ACCEPTED:
        return _of_call(outcome, "placed")
    if not isinstance(call_id, str) or not call_id:
        return Outcome(Kind.UNKNOWN, "the answer does not name the call")
    return Created(Kind.ACCEPTED, "calling", call_id=call_id)


def not_placed(refusals: Mapping[int, str]) -> dict[int, str]:
    """The refusals of a carrier's other requests in the words for a creation, where there is no call yet."""
    return {status: _NOT_PLACED.get(status, reason) for status, reason in refusals.items()}


_NOT_PLACED = {
    400: "the carrier does not take this value",
    403: "not allowed for this account",
    404: "there is no such account, or nothing at this address",
    409: "the carrier reports a conflict",
    422: "the carrier does not take this value",
}


def _of_call(outcome: Outcome, done: str) -> Outcome:
    """The outcome of a request by which a call is `done` something, in the words for that."""
    reason = outcome.reason.replace("the keys were played", f"it was {done}")
    return attrs.evolve(outcome, reason=reason.replace("the keys were not played", f"it was not {done}"))


def seen(outcome: Outcome, state: object, states: Mapping[str, CallState]) -> Outcome:
    """The outcome of a look at a call whose answer has this word for its state."""
    if outcome.kind is not Kind.ACCEPTED:
        reason = outcome.reason
        if outcome.kind is Kind.UNKNOWN:  # the rest of it is of keys
            reason = reason.partition(":")[0].partition(", and")[0]
        return attrs.evolve(outcome, reason=reason)
    known = states.get(state) if isinstance(state, str) else None
    said = CallState.ANSWERED if known is CallState.DETECTING else known
    return Seen(Kind.ACCEPTED, said or "the carrier has another word for its state", state=known)
