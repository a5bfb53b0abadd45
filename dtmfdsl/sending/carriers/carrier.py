"""What a carrier is: how it is asked to play a string, who asks, and how its answers read. No I/O."""

from __future__ import annotations

import re
import shlex
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.outcomes import Outcome


class Credentials(Mapping[str, str]):
    """Who asks: values by the names of a carrier's variables. No value is ever shown."""

    def __init__(self, values: Mapping[str, str]):
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self)})"


@attrs.frozen
class Request:
    """A request as it will be made, but for what proves who asks. Its body holds keys, and is not shown."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Carrier(ABC):
    """A carrier, and all that is particular to it: nothing else knows a field or a header of one.

    It plays strings of `dialect`, and its usual address is `base_url`. No two requests of a call are made
    within `interval_ms` milliseconds. `variables` are the environment's names of the credentials that it
    wants. `curl_options` prove who asks on a command line, with `"$NAME"` in the place of each credential.
    """

    name: str
    dialect: str
    base_url: str
    interval_ms: int
    variables: tuple[str, ...]
    curl_options: str

    @abstractmethod
    def request(self, base_url: str, credentials: Credentials, call_id: str, text: str) -> Request:
        """The request that plays `text`. `base_url` has passed `is_address`.

        Raises DtmfError for an id that could reach another endpoint: see `escaped`.
        """

    @abstractmethod
    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        """The headers that prove who asks, made anew for each request.

        `wall_ms` is the wall clock, in milliseconds since the epoch, for tokens that expire.
        """

    @abstractmethod
    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        """What an answer means. Its reason repeats nothing of the body, which may echo the keys.

        `headers` may be asked for in any case. `body` may be cut short. `wall_ms` is the wall clock, in
        milliseconds since the epoch, for headers that name a time.
        """

    def credentials(self, variables: Mapping[str, str]) -> Credentials:
        """The credentials that this carrier wants, picked from among variables.

        Raises DtmfError that names those which are missing, or cannot be right. It shows no value.
        """
        missing = [name for name in self.variables if not variables.get(name)]
        if missing:
            message = f"{self.name} wants credentials that are not set: {', '.join(missing)}"
            help = "set them in the environment or an --env-file; from Python, give `credentials`"
            raise DtmfError.of("no-credentials", message, help=help)
        for name in self.variables:
            if not variables[name].isprintable():
                message = f"{name} holds a character that no credential has"
                raise DtmfError.of("no-credentials", message, help="look for a line break at its end")
        return Credentials({name: variables[name] for name in self.variables})

    def curl(self, base_url: str, call_id: str, text: str) -> str:
        """The request as a `curl` command, with `text` as it is and the variables' names for credentials."""
        named = Credentials({name: f"${name}" for name in self.variables})
        request = self.request(base_url, named, call_id, text)
        marks = {escaped(value, name): f'"{value}"' for name, value in named.items()}
        pieces = re.split(f"({'|'.join(map(re.escape, marks))})", request.url)
        return " ".join(
            [
                f"curl -X {request.method} {self.curl_options}",
                *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()),
                f"--data {shlex.quote(request.body.decode())}",
                "".join(marks.get(piece) or shlex.quote(piece) for piece in pieces if piece),
            ]
        )


def basic(user: str, password: str) -> dict[str, str | bytes]:
    """The header of HTTP's basic authentication (RFC 7617), in UTF-8."""
    return {"Authorization": b"Basic " + b64encode(f"{user}:{password}".encode())}


def is_address(url: str) -> bool:
    """Whether a base URL is one to which a path can be added, and has no password that could be shown."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return usable and url.isprintable() and not any(mark in url for mark in "@?#\\ ")


def escaped(value: str, what: str) -> str:
    """An id as one segment of a path. Raises DtmfError if it cannot be one."""
    wrong = any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value)
    if wrong or value in ("", ".", ".."):
        raise DtmfError.of("bad-id", f"this {what} cannot be part of an address", help=f"check the {what}")
    return quote(value, safe="")
