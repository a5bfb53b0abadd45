"""Every carrier: a file each, and here one row each."""

from dtmfdsl.diagnostics import DtmfError, closest, did_you_mean
from dtmfdsl.notation import without_keys
from dtmfdsl.sending.carriers.asterisk import ASTERISK
from dtmfdsl.sending.carriers.azure import AZURE
from dtmfdsl.sending.carriers.bandwidth import BANDWIDTH
from dtmfdsl.sending.carriers.bandwidth_v1 import BANDWIDTH_V1 as BANDWIDTH_V1
from dtmfdsl.sending.carriers.calling import Caller as Caller
from dtmfdsl.sending.carriers.calling import NewCall as NewCall
from dtmfdsl.sending.carriers.carrier import Carrier as Carrier
from dtmfdsl.sending.carriers.carrier import Command as Command
from dtmfdsl.sending.carriers.carrier import Credentials as Credentials
from dtmfdsl.sending.carriers.carrier import Request as Request
from dtmfdsl.sending.carriers.infobip import INFOBIP
from dtmfdsl.sending.carriers.jambonz import JAMBONZ
from dtmfdsl.sending.carriers.plivo import PLIVO
from dtmfdsl.sending.carriers.telnyx import TELNYX
from dtmfdsl.sending.carriers.twilio import TWILIO
from dtmfdsl.sending.carriers.vonage import VONAGE

CARRIERS: dict[str, Carrier] = {
    carrier.name: carrier
    for carrier in (
        *(BANDWIDTH_V1, BANDWIDTH, TWILIO, TELNYX, VONAGE),
        *(PLIVO, INFOBIP, AZURE, ASTERISK, JAMBONZ),
    )
}
"""Every carrier by its name."""


def get_carrier(name: str | Carrier) -> Carrier:
    """The carrier of that name, or itself. Raises DtmfError if there is none."""
    if isinstance(name, Carrier):
        return name
    if name in CARRIERS:
        return CARRIERS[name]
    if name == "sip":  # no API, but a phone of one's own
        help = "`call_by_sip` of dtmfdsl calls by SIP; on the command line, `call --carrier sip`"
        raise DtmfError.of("unknown-carrier", "sip has no API to send by", help=help)
    help = did_you_mean(closest(name, CARRIERS), f"there are {', '.join(CARRIERS)}")
    raise DtmfError.of("unknown-carrier", f"sending by `{without_keys(name)}` is not supported", help=help)
