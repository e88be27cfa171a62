"""The codes with which SignalWire refuses or fails to deliver a call or text, and what follows from them.

The codes are those of its Compatibility API,
https://developer.signalwire.com/rest/compatibility-api/overview/error-codes. Most mean what they mean at
Twilio. Those that mean something else, or do not exist there, are in `OWN`.
"""

from dataclasses import replace
from functools import partial

from school_dialer.base.wording import Wording as _
from school_dialer.carriers import twilio_errors
from school_dialer.carriers.faults import ACCOUNT, COUNT, STOP, Fault
from school_dialer.carriers.twilio_errors import (
	CREDENTIALS,
	OVERRUN,
	REQUEST,
	STOPPED,
	UNREGISTERED,
)

SOURCE = "https://developer.signalwire.com/rest/compatibility-api/overview/error-codes"
NO_CREDIT = Fault(
	ACCOUNT,
	_("The account has no credit left"),
	_("Add credit to the account at the carrier."),
	STOP,
)
NOT_ENABLED = Fault(
	ACCOUNT,
	_("The carrier has not enabled this for the account"),
	_("Ask the carrier to enable it for the account."),
	COUNT,
)
TOO_DEAR = replace(
	NOT_ENABLED,
	what=_("The text costs more than the account allows"),
	todo=_("Raise the highest price of a text in the carrier's console."),
)

SHARED = (
	*(
		20003,
		20404,
		20429,
		10002,
		21210,
		21212,
		21217,
		21219,
		21601,
		21602,
		21603,
		21604,
		21610,
		21611,
		21617,
	),
	*(30002, 30003, 30005, 30006, 30007, 30008, 30022, 30027),
)
"""Codes with Twilio's meaning."""
OWN: dict[int, Fault] = {
	4001: NO_CREDIT,
	10000: REQUEST,
	10001: NOT_ENABLED,
	10004: CREDENTIALS,
	15002: OVERRUN,
	21717: UNREGISTERED,
	30004: STOPPED,
	30010: TOO_DEAR,
}
"""30004 is "Message blocked or opted out": which of the two is not known, so it counts as an opt-out."""
SHARED_FAULTS: dict[int, Fault] = {code: twilio_errors.FAULTS[code] for code in SHARED}
FAULTS: dict[int, Fault] = {
	code: replace(fault, source=SOURCE) for code, fault in {**SHARED_FAULTS, **OWN}.items()
}


fault_of = partial(twilio_errors.fault_in, FAULTS)
translated = partial(twilio_errors.translated, explain=fault_of, name="SignalWire")
"""Convert an error of SignalWire's: see `twilio_errors.translated`."""
