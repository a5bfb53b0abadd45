"""Sending a script's chunks on a live call: in order, on time, each key at most once.

`send`, `send_async` and `send_many` are the front doors. Beneath them, `plan`, `shapes`, `delivery`,
`outcomes`, `fleet`, `reports` and `carriers` decide, without I/O; `journal`, `connections`, `http`, `sender`,
`loop` and `pool` act.
"""

try:
    import requests as requests
except ModuleNotFoundError as error:
    message = "sending needs packages that are not installed: pip install 'dtmfdsl[send]'"
    raise ModuleNotFoundError(message, name=error.name) from None

import types

from dtmfdsl.sending.carriers import BANDWIDTH_V1 as BANDWIDTH_V1
from dtmfdsl.sending.carriers import CARRIERS as CARRIERS
from dtmfdsl.sending.carriers import Caller as Caller
from dtmfdsl.sending.carriers import Carrier as Carrier
from dtmfdsl.sending.carriers import Command as Command
from dtmfdsl.sending.carriers import Credentials as Credentials
from dtmfdsl.sending.carriers import NewCall as NewCall
from dtmfdsl.sending.carriers import get_carrier as get_carrier
from dtmfdsl.sending.clock import RealClock as RealClock
from dtmfdsl.sending.connections import Adapter as Adapter
from dtmfdsl.sending.delivery import AwaitCue as AwaitCue
from dtmfdsl.sending.delivery import Delivery as Delivery
from dtmfdsl.sending.delivery import Done as Done
from dtmfdsl.sending.delivery import Send as Send
from dtmfdsl.sending.delivery import Sleep as Sleep
from dtmfdsl.sending.delivery import Start as Start
from dtmfdsl.sending.delivery import State as State
from dtmfdsl.sending.fleet import Fleet as Fleet
from dtmfdsl.sending.fleet import Job as Job
from dtmfdsl.sending.front import call as call
from dtmfdsl.sending.front import call_async as call_async
from dtmfdsl.sending.front import plan_call as plan_call
from dtmfdsl.sending.front import send as send
from dtmfdsl.sending.front import send_async as send_async
from dtmfdsl.sending.http import make_session as make_session
from dtmfdsl.sending.journal import Journal as Journal
from dtmfdsl.sending.many import Call as Call
from dtmfdsl.sending.many import call_many as call_many
from dtmfdsl.sending.many import plan_calls as plan_calls
from dtmfdsl.sending.many import send_many as send_many
from dtmfdsl.sending.outcomes import CallState as CallState
from dtmfdsl.sending.outcomes import Kind as Kind
from dtmfdsl.sending.outcomes import Outcome as Outcome
from dtmfdsl.sending.outcomes import Status as Status
from dtmfdsl.sending.placing import Placing as Placing
from dtmfdsl.sending.plan import Plan as Plan
from dtmfdsl.sending.plan import make_plan as make_plan
from dtmfdsl.sending.pool import run_fleet as run_fleet
from dtmfdsl.sending.reports import Report as Report
from dtmfdsl.sending.sender import Sender as Sender
from dtmfdsl.sending.sender import Watcher as Watcher

__all__ = [  # pyright: ignore
    name for name, value in globals().items() if name[0] != "_" and not isinstance(value, types.ModuleType)
]


def __dir__() -> list[str]:
    """What the package offers, without its files."""
    return sorted(__all__)
