"""Drives one delivery in this thread: a `requests.Session`, a clock, and one request at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import attrs
import requests

from dtmfdsl.diagnostics import DtmfError
from dtmfdsl.sending.carriers import BANDWIDTH_V1, Caller, Carrier, Command, Credentials, Request
from dtmfdsl.sending.carriers.carrier import ACCESS_TOKEN, Asked, is_address, is_secure
from dtmfdsl.sending.carriers.ids import new_id
from dtmfdsl.sending.clock import Clock, RealClock
from dtmfdsl.sending.delivery import AwaitCue, Delivery, Send, Sleep
from dtmfdsl.sending.http import ANSWER_SECONDS, guard, make_session, post, repeats
from dtmfdsl.sending.interrupts import Patience, on_interrupt
from dtmfdsl.sending.journal import Journal
from dtmfdsl.sending.outcomes import UNANSWERED, Outcome
from dtmfdsl.sending.placing import Ask, Create, HangUp, Look, Placing
from dtmfdsl.sending.tokens import Fetch, Tokens


class Watcher:
    """Is called for what happens in one delivery. This one does nothing; a display overrides what it shows.

    `begun` is called before anything is sent, and `over` when nothing more is. `waiting` is called at the
    beginning of each wait and then every `tick_ms` milliseconds, if that is not None. `called` is called
    after each request that is not for keys: to place a call, to look at it, to hang it up.
    """

    tick_ms: float | None = None

    def begun(self, delivery: Delivery | Placing) -> None: ...
    def over(self, delivery: Delivery | Placing) -> None: ...
    def called(self, action: Create | Look | HangUp, outcome: Outcome) -> None: ...
    def sending(self, action: Send) -> None: ...
    def ended(self, action: Send, outcome: Outcome, now_ms: float) -> None: ...
    def waiting(self, until_ms: float, now_ms: float) -> None: ...


Driven = TypeVar("Driven", bound=Delivery | Placing)

AskPerson: TypeAlias = Callable[[str, float], object]
"""Called with a cue and the milliseconds left for it; returns when it is heard or the time is over."""


@attrs.frozen
class Sender:
    """Sends the chunks of a delivery, one at a time.

    The session is given or made; timeouts are always set, certificates always checked, redirects never
    followed. It must not repeat requests by itself: that could press keys twice. It waits `answer_seconds`
    for an answer, from its first byte to its last. `to` has the participant who hears the keys, by call id,
    for a carrier that has to know. `insecure_http` allows an address of http:// on another machine. Raises
    DtmfError for an address, a session or credentials that it cannot send with.
    """

    credentials: Credentials
    carrier: Carrier = BANDWIDTH_V1
    base_url: str = attrs.field(
        default=attrs.Factory(lambda self: self.carrier.base_url, takes_self=True), kw_only=True
    )
    session: requests.Session = attrs.field(
        default=attrs.Factory(lambda self: make_session(self.base_url), takes_self=True),
        kw_only=True,
        repr=False,
    )
    clock: Clock = attrs.field(factory=RealClock, kw_only=True, repr=False)
    answer_seconds: float = attrs.field(default=ANSWER_SECONDS, kw_only=True)
    to: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    insecure_http: bool = attrs.field(default=False, kw_only=True)
    _tokens: Tokens = attrs.field(factory=Tokens, init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if not is_address(self.base_url):
            message = "this base URL is not one of http or https to which a path can be added"
            raise DtmfError.of("bad-address", message, help="such as https://example.org")
        if not (self.insecure_http or is_secure(self.base_url)):
            message = "an address of http:// sends the credentials and the keys for anyone to read"
            help = "use https://, or allow it with --insecure-http, in Python `insecure_http=True`"
            raise DtmfError.of("insecure-address", message, help=help)
        some = Command(call_id="c", text="", to="+15550100")  # any that a carrier can ask for
        request = self.carrier.request(self.base_url, self.credentials, some)
        self.carrier.authentication(request, self.credentials, self.clock.wall_ms())
        if repeats(self.session, request.url):
            message = "this session repeats requests by itself, which could press keys twice"
            raise DtmfError.of("session-repeats", message, help="mount an adapter with max_retries=0")
        guard(self.session, self.base_url)

    def run(
        self,
        delivery: Driven,
        call_id: str,
        *,
        journal: Journal | None = None,
        watcher: Watcher | None = None,
        ask: AskPerson | None = None,
    ) -> Driven:
        """Drives a delivery, or a call that is placed, to its end. An interrupt ends it and is not raised.

        `call_id` is the call, or our name of one that is placed. A Ctrl-C during a request waits for its
        answer; a second one does not, and leaves the outcome unknown.
        Raises DtmfError, before anything is sent, as `Carrier.check` does and for a journal of other calls.
        """
        self.carrier.check(call_id, delivery.plan.dialect.name, self.to.get(call_id))
        if journal:
            journal.progress(call_id)
        watcher = watcher or Watcher()
        while not delivery.finished:
            try:
                action = delivery.next(self.clock.now_ms())
                match action:
                    case AwaitCue() if ask:
                        ask(action.cue, action.until_ms - self.clock.now_ms())
                        delivery.cue_over(self.clock.now_ms())
                    case Sleep() | AwaitCue():  # without `ask`, a cue is a pause
                        self.clock.sleep_ms(self.waiting(action, watcher))
                    case Send() | Create() | Look() | HangUp():
                        self._ask(delivery, action, call_id, journal, watcher)
            except KeyboardInterrupt:
                delivery.interrupt()
        return delivery

    def _ask(
        self,
        delivery: Delivery | Placing,
        action: Ask,
        call_id: str,
        journal: Journal | None,
        watcher: Watcher,
    ) -> None:
        """Makes a request. An interrupt takes effect when the outcome is recorded."""
        if isinstance(action, Send):
            watcher.sending(action)
        patience, outcome = Patience(), UNANSWERED
        with on_interrupt(patience.hear):
            sent = self.clock.now_ms()
            try:
                outcome = self.send(call_id, action, journal, patience)
            finally:
                now = self.clock.now_ms()
                delivery.record(outcome, sent, now)
        report(watcher, action, outcome, now)
        if patience.interrupts:
            raise KeyboardInterrupt

    def waiting(self, action: Sleep | AwaitCue, watcher: Watcher) -> float:
        """Calls the watcher; returns the milliseconds until the wait is over, or until its next call."""
        now = self.clock.now_ms()
        watcher.waiting(action.until_ms, now)
        left = action.until_ms - now
        return min(left, watcher.tick_ms or left)

    def send(
        self, call_id: str, action: Ask, journal: Journal | None, patience: Patience | None = None
    ) -> Outcome:
        """Makes the request of an action, between two lines of the journal if there is one."""
        patience = patience or Patience()

        def answer() -> Outcome:
            return patience.wait(lambda: self._asked(call_id, action), UNANSWERED)

        return journal.around(call_id, action, answer) if journal else answer()

    def _asked(self, call_id: str, action: Ask) -> Outcome:
        carrier, base_url, account = self.carrier, self.base_url, self.credentials
        if isinstance(action, Send):
            return self.post(
                Command(
                    call_id=action.call_id or call_id,
                    text=action.step.chunk.text,
                    id=action.id or new_id(self.clock.wall_ms()),
                    to=self.to.get(call_id),
                    stays_ms=action.stays_ms,
                )
            )
        if not isinstance(carrier, Caller):
            raise DtmfError.of("cannot-call", f"{carrier.name} places no calls, and hangs up none", help=None)
        match action:
            case Create(call):
                return self._request(
                    carrier.create(base_url, account, call), _Reading(carrier, carrier.created)
                )
            case Look(id):
                return self._request(carrier.look(base_url, account, id), _Reading(carrier, carrier.seen))
            case HangUp(id, answered):
                request = carrier.hang_up(base_url, account, id, answered)
                return self._request(request, _Reading(carrier, carrier.hung_up))

    def post(self, command: Command) -> Outcome:
        """Makes one request for keys, once, and returns what is known of it afterwards."""
        return self._request(self.carrier.request(self.base_url, self.credentials, command), self.carrier)

    def _request(self, request: Request, asked: Asked) -> Outcome:
        account = self.credentials
        if grant := self.carrier.grant(account):

            def fetch(asked: Fetch) -> Outcome:
                return self._post(grant.request(self.base_url), asked, self.credentials)

            token = self._tokens.get(grant, self.clock.wall_ms(), fetch)
            if isinstance(token, Outcome):
                return token
            account = Credentials({**account, ACCESS_TOKEN: token})
        return self._post(request, asked, account)

    def _post(self, request: Request, asked: Asked, credentials: Credentials) -> Outcome:
        clock, answer_seconds = self.clock, self.answer_seconds
        return post(self.session, request, asked, credentials, clock=clock, answer_seconds=answer_seconds)


@attrs.frozen
class _Reading:
    """A carrier that is asked for something else than keys, and reads the answer so."""

    carrier: Carrier
    reading: Callable[[int, Mapping[str, str], bytes, float], Outcome]

    def authentication(
        self, request: Request, credentials: Credentials, wall_ms: float
    ) -> Mapping[str, str | bytes]:
        return self.carrier.authentication(request, credentials, wall_ms)

    def read(self, status: int, headers: Mapping[str, str], body: bytes, wall_ms: float) -> Outcome:
        return self.reading(status, headers, body, wall_ms)


def report(watcher: Watcher, action: Ask, outcome: Outcome, now_ms: float) -> None:
    """Calls the watcher after a request."""
    if isinstance(action, Send):
        watcher.ended(action, outcome, now_ms)
    else:
        watcher.called(action, outcome)
