"""Every code with which Twilio refuses or fails to deliver a call or text, and what follows from it.

Codes and their meanings come from Twilio's error dictionary, https://www.twilio.com/docs/api/errors, one page
per code. The code takes precedence over the HTTP status: 21608 arrives as both 400 and 403. A code that is
not in the table becomes `UNKNOWN_CODE`: no recipient is marked because of it, and it is not retried forever.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from school_dialer.base.wording import Wording as _
from school_dialer.carriers.base import (
	BadNumber,
	CarrierError,
	NotAuthorised,
	RateLimited,
	Refused,
	ResponseUnknown,
	SenderRefused,
	Unsubscribed,
)
from school_dialer.carriers.faults import (
	ACCOUNT,
	CONFIGURATION,
	CONTENT,
	COUNT,
	DISCARD,
	LATER,
	LIST,
	NOTHING,
	OBFUSCATE,
	PERSON,
	REGISTRATION,
	SENDER,
	SLOW,
	STOP,
	UNKNOWN,
	WAIT,
	Fault,
)

logger = logging.getLogger("school_dialer.twilio")

AGAIN = _("We call again while attempts are left.")
SOURCE = "https://www.twilio.com/docs/api/errors/{0}"

NOT_IN_SERVICE = Fault(
	PERSON,
	_("The number is not in service"),
	_("Correct it in the person's record: see Bad Numbers."),
	LIST,
	correct_number=True,
)
NOT_REACHED = replace(NOT_IN_SERVICE, breaker=NOTHING)
OUT_OF_REACH = Fault(
	PERSON,
	_("The phone is off or out of reach"),
	_("Ask the family whether the number is right, or call instead."),
	correct_number=True,
)
NO_TEXTS = Fault(
	PERSON,
	_("The number takes no texts"),
	_("Ask for a mobile number, or call instead."),
	correct_number=True,
)
BLOCKS_US = Fault(
	PERSON,
	_("The phone, or its phone company, blocks our texts"),
	_("Call instead, and ask the family to unblock the school's number."),
)
STOPPED = Fault(
	PERSON,
	_("They stopped texts at the carrier"),
	_("Only the person can undo this."),
	opted_out=True,
)
SPECIAL_NUMBER = Fault(
	PERSON,
	_("This is a special number, such as a premium or service number"),
	_("Correct it in the person's record: see Bad Numbers."),
	correct_number=True,
)
SENDER_REFUSED = Fault(
	SENDER,
	_("The sending number may not be used for this"),
	_("Choose a number that the carrier lists for this channel, in Dialer Settings."),
	COUNT,
)
CREDENTIALS = Fault(
	ACCOUNT,
	_("The carrier refused the account"),
	_("Press Test connection in Dialer Settings."),
	STOP,
)
ACCOUNT_CLOSED = Fault(
	ACCOUNT,
	_("The carrier has suspended or closed the account"),
	_("Sign in to the carrier's console: a payment or an answer may be missing."),
	STOP,
)
SENDING_OFF = replace(ACCOUNT_CLOSED, what=_("The carrier does not let this account send"), breaker=COUNT)
TRIAL = Fault(
	ACCOUNT,
	_("A trial account reaches only numbers that were verified at the carrier"),
	_("Upgrade the account at the carrier."),
	COUNT,
)
REGION = Fault(
	ACCOUNT,
	_("The account may not reach that country"),
	_("Switch the country on in the carrier's console, under geographic permissions."),
	COUNT,
)
BLOCKED_BY_TWILIO = Fault(
	ACCOUNT,
	_("The carrier blocks this number for the account"),
	_("Complete the account's business profile at the carrier, or ask its support to unblock the number."),
	COUNT,
)
NO_DISCARD = Fault(
	ACCOUNT,
	_("The account cannot discard the words of texts"),
	_("Nothing: texts go out without it. The checklist in Dialer Settings says so."),
	COUNT,
	lacks=DISCARD,
)
NO_OBFUSCATE = Fault(
	ACCOUNT,
	_("The account cannot hide the numbers of texts"),
	_("Nothing: texts go out without it. The checklist in Dialer Settings says so."),
	COUNT,
	lacks=OBFUSCATE,
)
UNREGISTERED = Fault(
	REGISTRATION,
	_("The sending number is not registered for texts to people"),
	_(
		"Register it at the carrier (A2P 10DLC, in its console under Trust Hub), "
		"and wait until it is approved."
	),
	COUNT,
)
TOLL_FREE = replace(
	UNREGISTERED,
	what=_("The toll-free number is not verified for texts"),
	todo=_("Submit its toll-free verification in the carrier's console, and wait until it is approved."),
)
FILTERED = Fault(
	CONTENT,
	_("A telephone company filtered the message"),
	_("Register the sending number for texts to people with the carrier, and shorten links."),
	COUNT,
)
WORDS = Fault(
	CONTENT,
	_("The carrier does not accept the words of the message"),
	_("Shorten the message, and take special characters and links out of it."),
	COUNT,
)
REQUEST = Fault(
	CONFIGURATION,
	_("The carrier does not accept how the request is made"),
	_("Check the public URL and the carrier settings in Dialer Settings."),
	COUNT,
)
ADDRESS = replace(
	REQUEST,
	what=_("The carrier does not accept the site's public address"),
	todo=_("Correct the public URL in Dialer Settings, and press Test webhooks."),
)
OVERRUN = Fault(
	LATER,
	_("The carrier was overrun"),
	_("Nothing: the pace was lowered, and they are tried again."),
	SLOW,
)
TOO_MANY_CALLS = replace(
	OVERRUN,
	what=_("The account has too many calls at once"),
	todo=_("Lower Maximum calls at once, or complete the account's business profile at the carrier."),
)
DAILY_CAP = Fault(
	LATER,
	_("The sending number has reached its limit for texts"),
	_("Wait until tomorrow, or ask the carrier for a higher limit."),
	WAIT,
	ends="America/Los_Angeles",
)
"""A telephone company's limit for its own customers, until midnight Pacific. Others still get their texts."""
ACCOUNT_CAP = replace(
	DAILY_CAP, what=_("The carrier account has reached its limit of the day for texts"), ends=""
)
EXPIRED = Fault(
	LATER,
	_("The text waited too long at the carrier and was not sent"),
	AGAIN,
	again=True,
)
UNEXPLAINED = Fault(
	UNKNOWN,
	_("The phone company did not say why"),
	AGAIN,
	COUNT,
	again=True,
)
UNKNOWN_CODE = Fault(
	UNKNOWN,
	_("The carrier refused it for a reason that this app does not know"),
	_("Look the code up in the carrier's error dictionary, or ask the carrier."),
	COUNT,
	again=True,
)

BY_FAULT: tuple[tuple[Fault, str, tuple[int, ...]], ...] = (
	(NOT_IN_SERVICE, "Any", (21211, 21214, 21217, 21401, 21421)),
	(NOT_REACHED, "Voice", (13223, 13224)),
	(NOT_REACHED, "Text", (30005,)),
	(OUT_OF_REACH, "Text", (30003,)),
	(NO_TEXTS, "Text", (21612, 21614, 21635, 30006, 30011)),
	(BLOCKS_US, "Text", (30004,)),
	(STOPPED, "Text", (21610,)),
	(SPECIAL_NUMBER, "Voice", (21202, 13225)),
	(SPECIAL_NUMBER, "Text", (21265, 21266, 21268)),
	(SENDER_REFUSED, "Voice", (21210, 21213, 21264)),
	(SENDER_REFUSED, "Any", (21212,)),
	(
		SENDER_REFUSED,
		"Text",
		(21407, 21601, 21603, 21606, 21607, 21616, 21659, 21660, 21661, 21701, 21703, 21704, 21705),
	),
	(CREDENTIALS, "Any", (20003, 20006, 20008, 20403, 20404)),
	(ACCOUNT_CLOSED, "Any", (10001, 20005)),
	(ACCOUNT_CLOSED, "Text", (30002,)),
	(SENDING_OFF, "Text", (30010, 30037)),
	(TRIAL, "Any", (10002,)),
	(TRIAL, "Voice", (21219, 573005)),
	(TRIAL, "Text", (21267, 21608, 30044, 572005)),
	(REGION, "Voice", (13227, 21203, 21215)),
	(REGION, "Text", (21408,)),
	(BLOCKED_BY_TWILIO, "Voice", (21216,)),
	(BLOCKED_BY_TWILIO, "Text", (30450,)),
	(NO_DISCARD, "Text", (30029,)),
	(NO_OBFUSCATE, "Text", (30030,)),
	(UNREGISTERED, "Text", (30018, 30024, 30033, 30034, 30035, 30040, 30041)),
	(TOLL_FREE, "Text", (30032,)),
	(FILTERED, "Text", (30007, 30038)),
	(WORDS, "Text", (21602, 21605, 21617, 21618, 21619, 21658, 30019)),
	(ADDRESS, "Any", (21205, 21402, 21609)),
	(
		REQUEST,
		"Any",
		(20001, 20004, 20422, 21201, 21206, 21207, 21208, 21209, 21218, 21234, 21403, 21604, 21624, 21626),
	),
	(REQUEST, "Text", (30031, 30045, 90007)),
	(TOO_MANY_CALLS, "Voice", (10004,)),
	(OVERRUN, "Any", (20429,)),
	(OVERRUN, "Text", (14107, 21611, 30001, 30017)),
	(DAILY_CAP, "Text", (30022, 30023, 30027)),
	(ACCOUNT_CAP, "Text", (63038,)),
	(EXPIRED, "Text", (30036,)),
	(UNEXPLAINED, "Text", (30008, 30009, 30410)),
)

FAULTS: dict[int, Fault] = {
	code: replace(fault, channel=channel, source=SOURCE.format(code))
	for fault, channel, codes in BY_FAULT
	for code in codes
}


def fault_in(faults: Mapping[int, Fault], code: int | str | None) -> Fault | None:
	"""Return the fault for a carrier's error code, given as a number or a string of digits.

	Returns None if there is no code, and `UNKNOWN_CODE` if the code is not in the table.
	"""
	text = str(code or "").strip()
	if not text.isdecimal() or int(text) < 1000:
		return UNKNOWN_CODE if text and not text.isdecimal() else None
	return faults.get(int(text), UNKNOWN_CODE)


fault_of = partial(fault_in, FAULTS)


def translated(
	status: int,
	code: object,
	explain: Callable[[int | str | None], Fault | None] = fault_of,
	name: str = "Twilio",
) -> CarrierError:
	"""Convert an error, by its code first and its HTTP status second.

	`explain` is the carrier's own table of codes, `name` the carrier's. The carrier's message may quote the
	phone number, so only the code is kept.
	"""
	fault = explain(code)
	number = int(str(code)) if fault and str(code).isdecimal() else None
	message = f"{name} error {number or status} (HTTP {status})"
	if fault is None or fault is UNKNOWN_CODE:
		kind, fault = kind_of_status(status, fault)
	else:
		kind = kind_of_fault(fault)
	if fault is UNKNOWN_CODE:
		logger.warning("an error code of the carrier is not in the table: %s (HTTP %s)", number, status)
	return kind(message, number, status, fault)


def kind_of_fault(fault: Fault) -> type[CarrierError]:
	if fault.opted_out:
		return Unsubscribed
	if fault.kind == LATER:
		return RateLimited
	if fault.of_the_school:
		return NotAuthorised if fault.breaker == STOP else SenderRefused
	return BadNumber if fault.breaker == LIST else Refused


def kind_of_status(status: int, fault: Fault | None) -> tuple[type[CarrierError], Fault | None]:
	"""Classify an error by HTTP status when the code says nothing.

	A 403 without a code is about the account; with a code it may be about this one number.
	"""
	if status == 429:
		return RateLimited, OVERRUN
	if status == 401 or (status == 403 and fault is None):
		return NotAuthorised, CREDENTIALS
	if status >= 500:
		return ResponseUnknown, None
	return Refused, fault or UNKNOWN_CODE
