"""The interface every carrier implements. Other apps add carriers through the hook ``dialer_carriers``.

A carrier accepts only a `Permit`: without an ALLOW from the gate for this number at this moment, no request
can be made.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from school_dialer.carriers.faults import Fault
from school_dialer.compliance.permit import NotPermitted, Permit
from school_dialer.moved import renamed, warn_of


@dataclass(frozen=True, slots=True)
class Account:
	"""Carrier credentials and connection settings.

	``base_url`` replaces the carrier's own address in Simulated mode and is None otherwise. ``timeout`` is in
	seconds. ``space`` is the host of the account's own API, for carriers that give each customer one.
	``api_key`` and ``api_secret`` are used for requests in place of the token, for carriers that have such
	keys; "" for none.
	"""

	account_sid: str
	auth_token: str
	base_url: str | None = None
	timeout: float = 10.0
	space: str = ""
	api_key: str = ""
	api_secret: str = ""

	def __repr__(self) -> str:
		return f"Account({self.account_sid[:4]}…)"


@dataclass(frozen=True, slots=True)
class Voice:
	"""The URLs and options of one voice call.

	The carrier fetches TwiML from ``answer_url`` and posts status callbacks to ``status_url``.
	``ring_timeout`` is in seconds. With ``detect_voicemail``, the carrier requests ``answer_url`` once a
	machine's greeting has ended. With ``detected_url`` too, it requests ``answer_url`` at once, listens
	meanwhile, and posts who answered to ``detected_url``. ``fallback_url`` serves a message that does not
	depend on this site; "" if there is none.
	"""

	answer_url: str
	status_url: str
	ring_timeout: int
	detect_voicemail: bool
	fallback_url: str = ""
	detected_url: str = ""


@dataclass(frozen=True, slots=True)
class Text:
	"""The content and options of one text message.

	``discard`` asks the carrier to delete the body, and ``obfuscate`` to hide the recipient's number, once
	the text has been sent.
	"""

	body: str
	status_url: str
	discard: bool = False
	obfuscate: bool = False

	def __repr__(self) -> str:
		return "Text(…)"


@dataclass(frozen=True, slots=True)
class Placed:
	"""A call or text as the carrier reports it.

	``to`` is the number as the carrier shows it (see `may_be`), or empty if it shows none. ``created_at`` is
	aware; None means the carrier did not report it, so the request may have been made at any time.
	``error_code`` gives the reason for a failure. ``answered_by`` and ``duration`` (seconds) are set for a
	call that has ended, with the same values its status callbacks carry. ``lacks`` lists the privacy features
	the message was sent without because the carrier refused it with them. ``service`` is the Messaging
	Service the text was submitted to. ``price`` is what the carrier bills, "" until it knows.
	"""

	sid: str
	status: str
	to: str = ""
	created_at: datetime | None = None
	error_code: str = ""
	answered_by: str = ""
	duration: int | None = None
	lacks: tuple[str, ...] = ()
	service: str = ""
	price: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedText:
	"""A text that a person sent to one of the account's numbers, as the carrier lists it.

	``phone`` is the person's number, ``to`` the account's. Both may be masked, and ``body`` empty, if the
	account hides them. ``media`` counts pictures and files. ``at`` (aware) is when the carrier received it.
	"""

	sid: str
	phone: str
	to: str
	body: str
	media: int
	at: datetime

	def __repr__(self) -> str:
		return f"ReceivedText({self.sid})"


@dataclass(frozen=True, slots=True)
class ReceivedCall:
	"""A call that a person made to one of the account's numbers, and that is over, as the carrier lists it.

	``phone`` is what the carrier shows of the caller, ``to`` the account's number. ``at`` is aware.
	"""

	sid: str
	phone: str
	to: str
	at: datetime

	def __repr__(self) -> str:
		return f"ReceivedCall({self.sid})"


@dataclass(frozen=True, slots=True)
class Incoming:
	"""Where the carrier reports the texts to one of the account's numbers, and asks what to do with calls.

	``text`` and ``voice`` are addresses as they were entered there, "" if it reports nothing, and None if the
	number cannot receive this at all. An address that is not asked by POST has its method before it.
	"""

	sid: str
	number: str
	text: str | None
	voice: str | None


@dataclass(frozen=True, slots=True)
class AccountState:
	"""The state of the carrier account.

	``active``: the account may place calls. ``trial``: it can only call numbers that were verified with the
	carrier.
	"""

	name: str
	active: bool = True
	trial: bool = False


def may_be(shown: str, number: str) -> bool:
	"""Return whether a number as shown by the carrier could be ``number``.

	The carrier may mask digits with X. A number that is not shown could be any number.
	"""
	return not shown or (
		len(shown) == len(number)
		and all(digit in ("X", expected) for digit, expected in zip(shown, number, strict=True))
	)


def may_be_any(shown: str, numbers: Collection[str]) -> bool:
	"""Return whether a number as shown by the carrier is one of these, or could be if it is masked."""
	is_masked = not shown or "X" in shown
	return shown in numbers or (is_masked and any(may_be(shown, number) for number in numbers))


RECORDING_ID = re.compile(r"RE[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A carrier's id of a recording: Twilio's, or the UUID of SignalWire's."""
MESSAGING_SERVICE = re.compile(r"MG[0-9a-f]{32}")


def is_service(sender: str) -> bool:
	"""Return whether a sender is a Messaging Service rather than an E.164 number.

	The carrier picks the sending number for a Messaging Service's texts from a pool.

	https://www.twilio.com/docs/messaging/services
	"""
	return MESSAGING_SERVICE.fullmatch(sender) is not None


class CarrierError(Exception):
	"""A request to the carrier failed.

	``code`` is the carrier's own error code, ``status`` the HTTP status, and ``fault`` what the code means.
	The message contains no phone number and no credential.
	"""

	def __init__(
		self, message: str, code: int | None = None, status: int | None = None, fault: Fault | None = None
	):
		super().__init__(message)
		self.code = code
		self.status = status
		self.fault = fault


class Refused(CarrierError):
	"""Definitely not placed, because of this recipient or for an unknown reason."""


class BadNumber(Refused):
	"""The number is not assigned, or cannot be reached on this channel."""


class Unsubscribed(Refused):
	"""The carrier has an opt-out on file for this number (Twilio 21610)."""


class RateLimited(CarrierError):
	"""Definitely not placed: over the account's rate limit (HTTP 429) or its limit on concurrent calls.

	May be retried later.
	"""


class SenderRefused(CarrierError):
	"""Definitely not placed, because of the school's number, account, registration, message or settings."""


class NotAuthorised(SenderRefused):
	"""The credentials or the account are wrong, so no other request will be placed either."""


class ResponseUnknown(CarrierError):
	"""The request may have been accepted: timeout, broken connection or 5xx. Look it up; never repeat it."""


class ConnectionFailed(CarrierError):
	"""No connection was made, so nothing was placed."""


class UnknownAccount(CarrierError):
	"""Dialer Settings no longer have the account that made this call. Nothing was asked."""


TWILIO_HEADERS = ("X-Twilio-Signature",)
"""Where a carrier that does not say otherwise puts the signature of its webhooks."""


class Carrier(Protocol):
	"""What the dialer needs from a carrier.

	A carrier may also have ``signature_headers`` (default: `TWILIO_HEADERS`), the HTTP headers of which one
	signs its webhooks, ``account_id``, a compiled pattern of its account ids, and ``list_incoming(senders)``,
	which returns the `Incoming` of each of these numbers and of each number of these Messaging Services, by
	sender; nothing for a sender that the account does not have.

	``call`` and ``text`` spend the permit at ``at`` (aware UTC) right before the request and raise
	`NotPermitted` if it is no longer valid. Methods that contact the carrier raise `CarrierError` on failure.
	``channel`` is "Voice" or "Text"; ``sid`` is the carrier's id.
	"""

	name: str

	def __init__(self, account: Account): ...

	@staticmethod
	def fault_of(code: int | str | None) -> Fault | None:
		"""Return what one of the carrier's error codes means, or None if there is no code."""

	def call(self, permit: Permit, voice: Voice, at: datetime) -> Placed: ...

	def text(self, permit: Permit, text: Text, at: datetime) -> Placed: ...

	def list_recent(
		self, channel: str, numbers: Collection[str], sender: str, since: datetime
	) -> Sequence[Placed]:
		"""Return what the carrier accepted since ``since`` (aware) that may be for one of these numbers.

		``sender`` is the same as in the permit. The order is undefined.
		"""

	def list_placed(self, channel: str, sender: str, since: datetime) -> Sequence[Placed]:
		"""Return all calls or texts that were requested from this sender since then (aware), oldest first.

		``sender`` is E.164 or, for texts, a Messaging Service. Legs of calls, and texts by which the carrier
		itself answers, are left out. One without a date comes last.
		"""

	def fetch_status(self, channel: str, sid: str) -> Placed | None:
		"""Return the current state of a call or text, or None if the carrier does not know it."""

	def list_dialed(self, sid: str) -> Sequence[Placed]:
		"""Return the calls that this call was connected with, which its TwiML asked for."""

	def list_received(self, numbers: Collection[str], since: datetime) -> Sequence[ReceivedText]:
		"""Return the texts that people sent to these numbers (E.164) since then (aware), oldest first."""

	def list_received_calls(self, numbers: Collection[str], since: datetime) -> Sequence[ReceivedCall]:
		"""Return the ended calls of people to these numbers (E.164) since then (aware), oldest first.

		A carrier of another app need not have it. Calls that came while the site was down are lost then.
		"""

	def cancel(self, channel: str, sid: str) -> str:
		"""Cancel a call that was not answered, or a text that was not sent.

		Return "canceled" if it had not begun, "no-answer" if the phone had begun to ring, and "" if it cannot
		be canceled any more.
		"""

	def recording_address(self, sid: str) -> str:
		"""Return the URL the carrier plays one of its own recordings from, for a <Play> in the same call.

		Raises ValueError if ``sid`` is not a recording id.
		"""

	def fetch_recording(self, sid: str, most: int) -> bytes | None:
		"""Return the audio, or None if the carrier has no recording with this id, or does not have it yet.

		Raises `Refused` if it is larger than ``most`` bytes.
		"""

	def delete_recording(self, sid: str) -> None:
		"""Delete a recording. Idempotent: does not raise if it is already gone."""

	def check(self) -> AccountState:
		"""Fetch the account. Raises `CarrierError` if the carrier cannot be reached or refuses."""

	def clock(self) -> datetime | None:
		"""Return the carrier's own time (aware, to the second), or None if it does not report it.

		Raises `CarrierError` under the same conditions as `check`.
		"""

	def calls_per_second(self, sender: str) -> float | None:
		"""Return how many calls per second the carrier accepts from this number, or None if unknown."""


CarrierResult = Placed | CarrierError | NotPermitted
"""The result of one request: placed, refused, lost, or not sent because its permit was no longer valid."""


OLD_METHODS = {"look": "fetch_status", "placed_to": "list_recent"}


def with_current_methods(carrier: Carrier) -> Carrier:
	"""Let a carrier of another app that has the method names of before 1.0.0 serve, with a warning."""
	for old, new in OLD_METHODS.items():
		if not hasattr(carrier, new) and hasattr(carrier, old):
			warn_of(f"{type(carrier).__name__}.{old}", new)
			setattr(carrier, new, getattr(carrier, old))
	return carrier


__getattr__ = renamed(
	__name__,
	{"AnswerLost": "ResponseUnknown", "TooFast": "RateLimited", "Unreachable": "ConnectionFailed"},
)
"""Carriers of other apps may still raise the errors by their names of before 1.0.0."""
