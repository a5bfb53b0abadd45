"""What a carrier is: its requests, its credentials, and what its answers mean. No I/O."""

from __future__ import annotations

import json
import math
import re
import shlex
from abc import ABC, abstractmethod
from base64 import b64encode
from collections import UserDict
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import quote, urlsplit

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.notation import SecretText, mask
from dtmfdsl.sending.carriers.ids import NO_ID
from dtmfdsl.sending.outcomes import Kind, Outcome

ACCESS_TOKEN = "access token"  # noqa: S105 - a name
"""The name that a token of a carrier's `grant` has among the credentials."""

LONGEST_WAIT_MS = 120_000
"""A carrier that asks for a longer wait than this is not believed, because its clock or ours may be wrong."""


class Credentials(UserDict[str, str]):
    """The account: values by the names of a carrier's variables. No value is ever shown, or pickled."""

    def __setitem__(self, name: str, value: str) -> None:
        self.data[name] = SecretText(value)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self)})"


@attrs.frozen(kw_only=True)
class Command:
    """What a carrier is asked to do: to play the string `text` on the call `call_id`.

    `id` is one of `new_id`. It is the same whenever this string of this delivery is sent again, and no other
    command has it. `to` is the participant who hears the keys, for a carrier that has to know. The line
    must stay for at least `stays_ms` milliseconds after the string has played.
    """

    call_id: str
    text: str = attrs.field(repr=False)
    id: str = NO_ID
    to: str | None = None
    stays_ms: int = 0


@attrs.frozen
class Request:
    """A request as it will be made, without its authentication. Its body holds keys, and is not shown.

    `needs_body`: what a success means is in the answer's body, and not in its status and headers alone.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)
    needs_body: bool = False


@attrs.frozen
class Token:
    """A password for some time: until `until_ms`, in milliseconds since the epoch. It is not shown."""

    value: str = attrs.field(repr=False)
    until_ms: float


class Asked(Protocol):
    """What a request over HTTP needs to know of whom it asks."""

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]: ...

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome: ...


class Grant(ABC):
    """How a carrier is asked for a token, with which its requests are then authenticated."""

    @abstractmethod
    def request(self, base_url: str) -> Request:
        """The request for a token. `base_url` is that of the carrier's other requests."""

    @abstractmethod
    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        """As for a carrier."""

    @abstractmethod
    def token(self, status: int, body: bytes, wall_ms: float) -> Token | str:
        """The token of an answer, or the reason why there is none."""


@attrs.frozen(kw_only=True)
class Carrier(ABC):
    """A carrier, and all that is particular to it: nothing else knows its fields or headers.

    It plays strings of `dialect`, of at most `limit` characters if that is not the dialect's own limit. Two
    requests of a call are at least `interval_ms` milliseconds apart, and two of an account `spacing_ms`.
    `promises` is what it means that a request was accepted, as a sentence.

    `variables` are the names of its credentials in the environment; each of `alternatives` can stand in their
    place. `curl_options` authenticate on a command line, with `"$NAME"` in the place of each credential. The
    usual address is `base_url`. If an account has an address of its own, `address_variable` holds it, and
    `base_url` stands for it on a command line: `$` and a name.

    Where the carrier documents that it ignores a repeat by its id, a request in doubt may be repeated for
    `repeat_ms` milliseconds after the first. It may have to know the `participant` of a call who hears the
    keys: see `Command`. If a request `replaces` what runs on the call, that has this
    name, and whoever sends must have allowed it.
    """

    name: str
    dialect: str
    base_url: str
    interval_ms: int
    variables: tuple[str, ...]
    curl_options: str
    promises: str
    alternatives: tuple[tuple[str, ...], ...] = ()
    address_variable: str = ""
    limit: int | None = None
    spacing_ms: float = 0
    repeat_ms: int = 0
    participant: bool = False
    replaces: str = ""

    @abstractmethod
    def request(self, base_url: str, credentials: Credentials, command: Command) -> Request:
        """The request that asks for a command. `base_url` has passed `is_address`.

        Raises DtmfError for an id that could reach another endpoint: see `escaped`.
        """

    @abstractmethod
    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        """The headers that authenticate a request, made anew for each.

        `wall_ms` is the wall clock, in milliseconds since the epoch, for tokens that expire.
        """

    @abstractmethod
    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        """What an answer means. The reason repeats nothing of the body, which may echo the keys.

        The names of `headers` have no case. `body` may be cut short. `wall_ms` is the wall clock, in
        milliseconds since the epoch, for headers that name a time.
        """

    def grant(self, credentials: Credentials) -> Grant | None:
        """How a token for these credentials is fetched. It is then among them, as `ACCESS_TOKEN`."""
        return None

    def credentials(self, variables: Mapping[str, str]) -> Credentials:
        """This carrier's credentials, out of all variables.

        Raises DtmfError that names those that are missing or cannot be right. It shows no value.
        """
        ways = (self.variables, *self.alternatives)
        counts = [sum(bool(variables.get(name)) for name in way) for way in ways]
        complete = [way for way, count in zip(ways, counts, strict=True) if count == len(way)]
        names = complete[0] if complete else ways[counts.index(max(counts))]
        if missing := [name for name in names if not variables.get(name)]:
            message = f"{self.name} needs credentials that are not set: {', '.join(missing)}"
            help = "set them in the environment or an --env-file; from Python, give `credentials`"
            if others := " or ".join(" and ".join(way) for way in ways if way != names):
                help += f". {others} would do too"
            raise DtmfError.of("no-credentials", message, help=help)
        for name in names:
            self.check_credential(name, variables[name])
        return Credentials({name: variables[name] for name in names})

    def check_credential(self, name: str, value: str) -> None:
        """Raises DtmfError for a value that cannot be right. It shows no value."""
        if not value.isprintable() or value != value.strip():
            message = f"{name} holds a character that no credential has"
            raise DtmfError.of("no-credentials", message, help="look for a line break or a blank at its end")

    def address(self, variables: Mapping[str, str]) -> str:
        """The carrier's address, or that of the account. Raises DtmfError if that is not set, or is none."""
        if not self.address_variable:
            return self.base_url
        if not (value := variables.get(self.address_variable, "")):
            message = f"{self.name} has an address for each account, and {self.address_variable} is not set"
            raise DtmfError.of("no-credentials", message, help="set it, or give --base-url")
        url = value if "://" in value else f"https://{value}"
        if not is_address(url):
            message = f"{self.address_variable} is not an address of http or https, without @, ? and #"
            raise DtmfError.of("bad-address", message, help="such as https://example.org")
        return url

    def check(self, call_id: str, dialect: str, to: str | None = None) -> None:
        """Raises DtmfError for what cannot be asked of this carrier.

        That is an id that cannot be part of an address, a participant who is missing, and another dialect.
        """
        self.request(self.base_url, self._names, Command(call_id=call_id, text="", to=to))
        if dialect != self.dialect:
            message = f"this plan is in {dialect}, but {self.name} speaks {self.dialect}"
            raise DtmfError.of("other-dialect", message, help="plan it for the carrier's dialect")

    def curl(self, base_url: str, command: Command) -> str:
        """The request as a `curl`, with the text as it is and the variables' names for credentials."""
        return self.as_curl(self.request(base_url, self._names, command), self._names)

    def as_curl(self, request: Request, names: Credentials) -> str:
        """A request as a `curl`, that was made with these names in the place of credentials."""
        body = request.body.decode().replace(quote(mask("1")), mask("1"))
        marks = {escaped(value, name): f'"{value}"' for name, value in names.items()}
        if self.address_variable:
            marks[self.base_url] = f'"{self.base_url}"'
        hidden = {name: f'"{name}"' for name in names.values()}
        return " ".join(
            [
                f"curl -X {request.method} {self.curl_options}",
                *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()),
                f"--data {_for_shell(body, hidden)}",
                _for_shell(request.url, marks),
            ]
        )

    @property
    def _names(self) -> Credentials:
        """In the place of credentials where they must not be shown, or do not matter."""
        return Credentials({name: f"${name}" for name in self.variables})


def _for_shell(text: str, marks: Mapping[str, str]) -> str:
    """A text as one word of a shell. Each of the marks goes in, as it is, in the place of its name."""
    pieces = re.split(f"({'|'.join(map(re.escape, marks))})", text)
    return "".join(marks.get(piece) or shlex.quote(piece) for piece in pieces if piece) or "''"


def basic(user: str, password: str) -> dict[str, str | bytes]:
    """The header of HTTP's basic authentication (RFC 7617), in UTF-8."""
    return {"Authorization": b"Basic " + b64encode(f"{user}:{password}".encode())}


def bearer(token: str) -> dict[str, str | bytes]:
    """The header of authentication by a token (RFC 6750)."""
    return {"Authorization": f"Bearer {token}"}


def in_json(value: object) -> bytes:
    """A body in JSON."""
    return json.dumps(value, ensure_ascii=False).encode()


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def from_json(body: bytes) -> object:
    """What a body in JSON holds; None for any other body."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def judged(status: int, refusals: Mapping[int, str], wait_ms: int | None = None) -> Outcome:
    """The outcome that a status alone means, where the carrier documents these `refusals`.

    Any 2xx is an acceptance. That a 429 was not executed is documented by few carriers, so here it is a
    doubt; `wait_ms` is the time that the carrier asks to wait after it. What no page explains is a doubt too.
    """
    if 200 <= status < 300:
        return Outcome(Kind.ACCEPTED, "accepted")
    if status in refusals:
        return Outcome(Kind.REFUSED, refusals[status])
    if status in (307, 308):  # the same request elsewhere; after 303, it would have been executed
        return Outcome(Kind.REFUSED, "the address has moved, and credentials are not sent to another")
    if status == 429:
        reason = "too many requests, and it is not documented that the keys were not played"
        return Outcome(Kind.UNKNOWN, reason, wait_ms, too_many=True)
    reason = f"the carrier failed (status {status}): it is unknown whether the keys were played"
    return Outcome(Kind.UNKNOWN, reason)


def seconds_left(written: str) -> int | None:
    """The milliseconds of a header that holds seconds from now, at most `LONGEST_WAIT_MS`, or None."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", written):
        return None
    return min(math.ceil(float(written) * 1000), LONGEST_WAIT_MS)


def under(base_url: str, path: str) -> str:
    """An address that ends with this path, whether a user wrote it so or not."""
    base_url = base_url.rstrip("/")
    return base_url if base_url.endswith(path) else base_url + path


def is_address(url: str) -> bool:
    """Whether a path can be added to a base URL, and it has no password that could be shown."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return usable and url.isprintable() and not any(mark in url for mark in "@?#\\ ")


def is_secure(url: str) -> bool:
    """Whether nobody can read on the way what is sent to a base URL: by https, or inside this machine."""
    return urlsplit(url).scheme == "https" or is_here(url)


def is_here(url: str) -> bool:
    """Whether a base URL is of this machine: on loopback."""
    name = urlsplit(url).hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:  # another name
        return False


def escaped(value: str, what: str) -> str:
    """An id as one segment of a path. Raises DtmfError if it cannot be one."""
    wrong = any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value)
    if wrong or value in ("", ".", ".."):
        raise DtmfError.of("bad-id", f"this {what} cannot be part of an address", help=f"check the {what}")
    return quote(value, safe="")
