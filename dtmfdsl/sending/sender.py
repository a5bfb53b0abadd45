"""The plain driver of a delivery: a `requests.Session`, a clock, and one request in flight."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import attrs
import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3.connection import HTTPConnection

from dtmfdsl.diagnostics import Diagnostic, DtmfError
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Carrier, Credentials, escaped, is_address
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.sending.delivery import Ask, Delivery, Done, Send, Wait
from dtmfdsl.sending.interrupts import Patience, on_interrupt
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import UNANSWERED, Kind, Outcome

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
KEEPALIVE_SECONDS = 15
LARGEST_BODY = 65_536


class _KeptAlive(HTTPAdapter):
    """An adapter whose idle connections are not forgotten on their way during a long wait.

    A router that forgets one says so only to the next request, which is then in doubt.
    """

    _OPTIONS = (
        *HTTPConnection.default_socket_options,
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        *(
            (socket.IPPROTO_TCP, getattr(socket, name), KEEPALIVE_SECONDS)
            for name in ("TCP_KEEPIDLE", "TCP_KEEPALIVE", "TCP_KEEPINTVL")
            if hasattr(socket, name)
        ),
    )

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, socket_options=self._OPTIONS)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, socket_options=self._OPTIONS)


def make_session(base_url: str, workers: int = 1) -> requests.Session:
    """A session for so many requests at once, which repeats none.

    The environment's proxy and certificates are looked up here, once: `requests` would for every request,
    which is a quarter of what one takes.
    """
    session = requests.Session()
    adapter = _KeptAlive(pool_connections=1, pool_maxsize=workers, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.proxies = dict(requests.utils.get_environ_proxies(base_url))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
    session.trust_env = False
    return session


class Watcher:
    """Hears of everything as it happens. This one does nothing; a display overrides what it shows.

    `tick_ms` is how often it wants to hear that time passes, or None for not at all.
    """

    tick_ms: float | None = None

    def sending(self, action: Send) -> None: ...
    def ended(self, action: Send, outcome: Outcome, now_ms: float) -> None: ...
    def waiting(self, until_ms: float, now_ms: float) -> None: ...


AskPerson = Callable[[str, float], object]
"""Called with a cue and the milliseconds left for it; returns when it is heard or the time is over."""


@attrs.frozen
class Sender:
    """Sends the chunks of a delivery, one at a time.

    The session is given or made, and kept alive; timeouts are always set, certificates always checked,
    redirects never followed. It must not repeat requests by itself: that could press keys twice.
    """

    credentials: Credentials
    carrier: Carrier = BANDWIDTH_V1
    base_url: str = attrs.field(default=attrs.Factory(lambda self: self.carrier.base_url, takes_self=True))
    session: requests.Session = attrs.field(
        default=attrs.Factory(lambda self: make_session(self.base_url), takes_self=True), repr=False
    )
    clock: Clock = attrs.field(factory=RealClock, repr=False)
    answer_seconds: float = ANSWER_SECONDS

    def __attrs_post_init__(self) -> None:
        if not is_address(self.base_url):
            message = "this base URL is not one of http or https to which a path can be added"
            raise DtmfError(Diagnostic("bad-address", message, help="such as https://example.org"))
        url = self.carrier.request(self.base_url, self.credentials.user_id, "c", "").url
        retries = getattr(self.session.get_adapter(url), "max_retries", None)
        if retries is not None and retries.total not in (0, False):
            message = "this session repeats requests by itself, which could press keys twice"
            help = "mount an adapter with max_retries=0"
            raise DtmfError(Diagnostic("session-repeats", message, help=help))

    def run(
        self,
        delivery: Delivery,
        call_id: str,
        *,
        journal: Journal | None = None,
        watcher: Watcher | None = None,
        ask: AskPerson | None = None,
    ) -> Delivery:
        """Drives a delivery to its end and returns it. An interrupt ends it and is not raised.

        A Ctrl-C while a request is under way waits for its answer; a second one does not, and leaves the
        outcome unknown. Raises DtmfError, before anything is sent, for an id that cannot be part of an
        address, and for a plan in a dialect that the carrier does not speak.
        """
        escaped(call_id, "call id")
        speaks, planned = self.carrier.dialect, delivery.plan.dialect.name
        if planned != speaks:
            message = f"this plan is in {planned}, and {self.carrier.name} speaks {speaks}"
            raise DtmfError(Diagnostic("other-dialect", message, help="plan it for the carrier's dialect"))
        if journal:
            journal.progress(call_id)
        watcher = watcher or Watcher()
        try:
            while not isinstance(action := delivery.next(self.clock.now_ms()), Done):
                match action:
                    case Send():
                        self._send(delivery, action, call_id, journal, watcher)
                    case Ask() if ask:
                        ask(action.cue, action.until_ms - self.clock.now_ms())
                        delivery.cue_over(self.clock.now_ms())
                    case Wait() | Ask():  # nobody to be asked: a cue is a pause
                        self._wait(action.until_ms, watcher)
        except KeyboardInterrupt:
            delivery.interrupt()
        return delivery

    def _send(
        self, delivery: Delivery, action: Send, call_id: str, journal: Journal | None, watcher: Watcher
    ) -> None:
        """Sends a chunk, and records how that ended before an interrupt is heard."""
        watcher.sending(action)
        patience = Patience()
        outcome = UNANSWERED

        def post() -> Outcome:
            return patience.wait(lambda: self.post(call_id, action.step.chunk.text), UNANSWERED)

        with on_interrupt(patience.hear):
            sent = self.clock.now_ms()
            try:
                outcome = journal.around(call_id, action, post) if journal else post()
            finally:
                now = self.clock.now_ms()
                delivery.record(outcome, sent, now)
        watcher.ended(action, outcome, now)
        if patience.interrupts:
            raise KeyboardInterrupt

    def _wait(self, until_ms: float, watcher: Watcher) -> None:
        while (now := self.clock.now_ms()) < until_ms:
            watcher.waiting(until_ms, now)
            left = until_ms - now
            self.clock.sleep_ms(left if watcher.tick_ms is None else min(left, watcher.tick_ms))

    def post(self, call_id: str, text: str) -> Outcome:
        """Makes one request, once, and says what is known of it afterwards."""
        request = self.carrier.request(self.base_url, self.credentials.user_id, call_id, text)
        body = _Body(request.body)
        try:
            with self.session.request(
                request.method,
                request.url,
                data=body,
                headers={"Content-Type": request.content_type},
                auth=HTTPBasicAuth(self.credentials.token.encode(), self.credentials.secret.encode()),
                timeout=(CONNECT_SECONDS, self.answer_seconds),
                allow_redirects=False,
                verify=self.session.verify or True,
                stream=True,
            ) as answer:
                # The status says it all but for why; what comes after it may break off, or never end.
                content = b""
                with suppress(requests.RequestException):
                    for piece in answer.iter_content(LARGEST_BODY):
                        content += piece
                        if len(content) >= LARGEST_BODY:
                            break
                return self.carrier.outcome(answer.status_code, answer.headers, content, self.clock.wall_ms())
        except Exception as error:  # whatever it was, the keys may have gone out before it
            return _lost(error) if body.asked_for else _never_left(error)


class _Body:
    """A request's body that knows whether anybody has asked for it yet.

    It is asked for when the headers are out, so that before it nothing that could be played has left, however
    a connection, a proxy or a handshake failed.
    """

    def __init__(self, content: bytes):
        self.content = content
        self.asked_for = False

    def __len__(self) -> int:
        return len(self.content)

    def __iter__(self) -> Iterator[bytes]:
        self.asked_for = True
        yield self.content


def _lost(error: Exception) -> Outcome:
    """What is known when there was no answer to a request. The error's own text is not shown."""
    if isinstance(error, requests.Timeout):
        return Outcome(Kind.UNKNOWN, "no answer in time")
    if isinstance(error, requests.RequestException):
        return Outcome(Kind.UNKNOWN, "the connection was lost after sending began")
    return Outcome(Kind.UNKNOWN, f"the sender failed ({type(error).__name__})")


def _never_left(error: Exception) -> Outcome:
    """Why a request never left. Asking again may help, but not against a wrong address or certificate."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    match error:
        case (
            requests.exceptions.InvalidURL()
            | requests.exceptions.MissingSchema()
            | requests.exceptions.InvalidSchema()
            | urllib3.exceptions.LocationParseError()
        ):
            return Outcome(Kind.REFUSED, "the base URL, or the proxy's, is not an address that can be used")
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
