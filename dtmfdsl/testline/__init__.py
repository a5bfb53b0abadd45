"""A stand-in for the carriers on loopback, to try scripts and programs on."""

import types

from dtmfdsl.testline.asterisk import ASTERISK
from dtmfdsl.testline.azure import AZURE
from dtmfdsl.testline.bandwidth import BANDWIDTH
from dtmfdsl.testline.bandwidth_v1 import BANDWIDTH_V1 as BANDWIDTH_V1
from dtmfdsl.testline.desk import Callee as Callee
from dtmfdsl.testline.desk import Desk as Desk
from dtmfdsl.testline.desk import Operation as Operation
from dtmfdsl.testline.desk import Order as Order
from dtmfdsl.testline.faults import Fault as Fault
from dtmfdsl.testline.infobip import INFOBIP
from dtmfdsl.testline.jambonz import JAMBONZ
from dtmfdsl.testline.line import Collision as Collision
from dtmfdsl.testline.line import Heard as Heard
from dtmfdsl.testline.line import LineEvent as LineEvent
from dtmfdsl.testline.line import Received as Received
from dtmfdsl.testline.line import TestLine as TestLine
from dtmfdsl.testline.plivo import PLIVO
from dtmfdsl.testline.stand_in import StandIn as StandIn
from dtmfdsl.testline.telnyx import TELNYX
from dtmfdsl.testline.twilio import TWILIO
from dtmfdsl.testline.vonage import VONAGE

STAND_INS: dict[str, StandIn] = {
    each.carrier.name: each
    for each in (
        *(BANDWIDTH_V1, BANDWIDTH, TWILIO, TELNYX, VONAGE),
        *(PLIVO, INFOBIP, AZURE, ASTERISK, JAMBONZ),
    )
}
"""Every stand-in by the name of its carrier."""

__all__ = [  # pyright: ignore
    name for name, value in globals().items() if name[0] != "_" and not isinstance(value, types.ModuleType)
]


def __dir__() -> list[str]:
    """What the package offers, without its files."""
    return sorted(__all__)
