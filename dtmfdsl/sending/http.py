"""One request over HTTP, made once, and what is known of it afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from dtmfdsl.sending.carriers.carrier import Asked, Credentials, Request, is_here
from dtmfdsl.sending.clock import Clock
from dtmfdsl.sending.connections import Adapter, exchange
from dtmfdsl.sending.interrupts import Answered
from dtmfdsl.sending.outcomes import Kind, Outcome

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
LARGEST_BODY = 65_536

_PROXY_REFUSED = Outcome(Kind.REFUSED, "the proxy asks for a user name and password (status 407)")


def make_session(base_url: str, workers: int = 1) -> requests.Session:
    """A session for `workers` requests at once, which repeats none.

    The environment's proxy and certificates are looked up here, once: `requests` would do it for every
    request, which is a quarter of the time that one takes. No proxy is asked for an address of this machine:
    it would read what need not be secure there.
    """
    session = requests.Session()
    adapter = Adapter(pool_connections=1, pool_maxsize=workers, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.proxies = {} if is_here(base_url) else dict(requests.utils.get_environ_proxies(base_url))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    session.trust_env = False
    return session


def repeats(session: requests.Session, url: str) -> bool:
    """Whether a session repeats requests to this address by itself."""
    retries = getattr(session.get_adapter(url), "max_retries", None)
    return retries is not None and retries.total not in (0, False)


def guard(session: requests.Session, url: str) -> None:
    """Gives a session our connections to this address, in the place of those that `requests` makes.

    An adapter of another class belongs to its author, and stays. It has our connections if it is derived from
    `Adapter`.
    """
    adapter = session.get_adapter(url)
    if type(adapter) is HTTPAdapter:
        size = adapter._pool_maxsize  # type: ignore[attr-defined]
        session.mount(url, Adapter(pool_maxsize=size, max_retries=adapter.max_retries))


def post(
    session: requests.Session,
    request: Request,
    carrier: Asked,
    credentials: Credentials,
    *,
    clock: Clock,
    answer_seconds: float,
) -> Outcome:
    """Makes one request, once, and returns what is known of it. An error in making it is an outcome too.

    It waits `CONNECT_SECONDS` for a connection, and `answer_seconds` for all of an answer. A 2xx is known by
    its status and headers alone, unless the request needs its body. Certificates are checked whatever the
    session's settings are, redirects are not followed, and no cookie is sent or kept. Raises Answered for an
    interrupt that comes when the status is known.
    """
    authentication = carrier.authentication(request, credentials, clock.wall_ms())
    body = _Body(request.body)
    try:
        with (
            exchange(clock, needs_body=request.needs_body),
            session.request(
                request.method,
                request.url,
                data=body,
                headers={**request.headers, **authentication},
                auth=_as_it_is,
                timeout=(CONNECT_SECONDS, answer_seconds),
                allow_redirects=False,
                verify=session.verify or True,
                stream=True,
            ) as answer,
        ):
            content, interrupt = _read(answer)
            if answer.status_code == requests.codes.proxy_authentication_required:
                outcome = _PROXY_REFUSED
            else:
                outcome = carrier.read(answer.status_code, answer.headers, content, clock.wall_ms())
            if interrupt:
                raise Answered(outcome)
            return outcome
    except Exception as error:  # whatever it was, the keys may have been sent before
        return _lost(error) if body.was_read else _never_left(error)


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps `requests` from replacing the carrier's authentication by a session's or a .netrc file's.

    It is the last to see a request: cookies of the session are removed here.
    """
    prepared.headers.pop("Cookie", None)
    return prepared


def _read(answer: requests.Response) -> tuple[bytes, bool]:
    """As much of a body as comes, and whether an interrupt ended it. It may break off, or never end."""
    content = b""
    try:
        for piece in answer.iter_content(LARGEST_BODY):
            content += piece
            if len(content) >= LARGEST_BODY:
                break
    except requests.RequestException:
        pass
    except KeyboardInterrupt:
        return content, True
    return content, False


class _Body:
    """A request's body that knows whether it was read.

    It is read when the headers were sent. Before that no key can have left this machine, whatever failed: a
    connection, a proxy or a handshake.
    """

    def __init__(self, content: bytes):
        self.content = content
        self.was_read = False

    def __len__(self) -> int:
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        self.was_read = True
        yield self.content


def _lost(error: Exception) -> Outcome:
    """The outcome of a request without an answer. The error's own text is not shown."""
    if isinstance(error, requests.Timeout):
        return Outcome(Kind.UNKNOWN, "no answer in time")
    if isinstance(error, requests.RequestException):
        return Outcome(Kind.UNKNOWN, "the connection was lost after sending began")
    return Outcome(Kind.UNKNOWN, f"the sender failed ({type(error).__name__})")


def _never_left(error: Exception) -> Outcome:
    """The outcome of a request that was not sent. One with a wrong address or certificate is not repeated."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    match error:
        case (
            requests.exceptions.InvalidURL()
            | requests.exceptions.MissingSchema()
            | requests.exceptions.InvalidSchema()
            | urllib3.exceptions.LocationParseError()
        ):
            return Outcome(Kind.REFUSED, "the base URL, or the proxy's, is not an address that can be used")
        case requests.exceptions.InvalidHeader() | UnicodeEncodeError():
            return Outcome(Kind.REFUSED, "the credentials hold a character that no header can")
        case requests.exceptions.ProxyError() if "Tunnel connection failed: 407" in str(reason):
            return _PROXY_REFUSED
        case requests.exceptions.ProxyError():
            return Outcome(Kind.NOT_EXECUTED, "no connection through the proxy")
        case requests.exceptions.SSLError() if "CERTIFICATE_VERIFY_FAILED" in str(reason):
            return Outcome(Kind.REFUSED, "the carrier's certificate cannot be trusted")
        case requests.exceptions.SSLError():
            return Outcome(Kind.NOT_EXECUTED, "no secure connection to the carrier")
        case requests.RequestException() if isinstance(reason, urllib3.exceptions.NameResolutionError):
            return Outcome(Kind.NOT_EXECUTED, "no connection to the carrier: its name is not known")
        case requests.RequestException():
            return Outcome(Kind.NOT_EXECUTED, "no connection to the carrier")
        case OSError():
            return Outcome(Kind.REFUSED, "the certificates to check the carrier's cannot be read")
    return Outcome(Kind.REFUSED, f"the sender failed ({type(error).__name__})")
