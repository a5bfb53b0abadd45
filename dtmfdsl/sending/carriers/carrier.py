"""What a carrier is: its requests, its credentials, and what its answers mean. No I/O."""

from __future__ import annotations

import re
import shlex
from abc import ABC, abstractmethod
from base64 import b64encode
from collections import UserDict
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

import attrs

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.notation import SecretText
from dtmfdsl.sending.outcomes import Outcome


class Credentials(UserDict[str, str]):
    """The account: values by the names of a carrier's variables. No value is ever shown, or pickled."""

    def __setitem__(self, name: str, value: str) -> None:
        self.data[name] = SecretText(value)

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self)})"


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


@attrs.frozen(kw_only=True)
class Carrier(ABC):
    """A carrier, and all that is particular to it: nothing else knows its fields or headers.

    It plays strings of `dialect`, and its usual address is `base_url`. Two requests of a call are at least
    `interval_ms` milliseconds apart. `variables` are the names of its credentials in the environment.
    `curl_options` authenticate on a command line, with `"$NAME"` in the place of each credential.
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
        """The headers that authenticate a request, made anew for each.

        `wall_ms` is the wall clock, in milliseconds since the epoch, for tokens that expire.
        """

    @abstractmethod
    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        """What an answer means. The reason repeats nothing of the body, which may echo the keys.

        The names of `headers` have no case. `body` may be cut short. `wall_ms` is the wall clock, in
        milliseconds since the epoch, for headers that name a time.
        """

    def credentials(self, variables: Mapping[str, str]) -> Credentials:
        """This carrier's credentials, out of all variables.

        Raises DtmfError that names those that are missing or cannot be right. It shows no value.
        """
        if missing := [name for name in self.variables if not variables.get(name)]:
            message = f"{self.name} needs credentials that are not set: {', '.join(missing)}"
            help = "set them in the environment or an --env-file; from Python, give `credentials`"
            raise DtmfError.of("no-credentials", message, help=help)
        for name in self.variables:
            if not variables[name].isprintable():
                message = f"{name} holds a character that no credential has"
                raise DtmfError.of("no-credentials", message, help="look for a line break at its end")
        return Credentials({name: variables[name] for name in self.variables})

    def check(self, call_id: str, dialect: str) -> None:
        """Raises DtmfError for an id that cannot be part of an address, and for another dialect."""
        self.request(self.base_url, self._names, call_id, "")
        if dialect != self.dialect:
            message = f"this plan is in {dialect}, but {self.name} speaks {self.dialect}"
            raise DtmfError.of("other-dialect", message, help="plan it for the carrier's dialect")

    def curl(self, base_url: str, call_id: str, text: str) -> str:
        """The request as a `curl` command, with `text` as it is and the variables' names for credentials."""
        request = self.request(base_url, self._names, call_id, text)
        marks = {escaped(value, name): f'"{value}"' for name, value in self._names.items()}
        pieces = re.split(f"({'|'.join(map(re.escape, marks))})", request.url)
        return " ".join(
            [
                f"curl -X {request.method} {self.curl_options}",
                *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()),
                f"--data {shlex.quote(request.body.decode())}",
                "".join(marks.get(piece) or shlex.quote(piece) for piece in pieces if piece),
            ]
        )

    @property
    def _names(self) -> Credentials:
        """In the place of credentials where they must not be shown, or do not matter."""
        return Credentials({name: f"${name}" for name in self.variables})


def basic(user: str, password: str) -> dict[str, str | bytes]:
    """The header of HTTP's basic authentication (RFC 7617), in UTF-8."""
    return {"Authorization": b"Basic " + b64encode(f"{user}:{password}".encode())}


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
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:  # another name
        return False


def escaped(value: str, what: str) -> str:
    """An id as one segment of a path. Raises DtmfError if it cannot be one."""
    wrong = any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value)
    if wrong or value in ("", ".", ".."):
        raise DtmfError.of("bad-id", f"this {what} cannot be part of an address", help=f"check the {what}")
    return quote(value, safe="")
