"""What a carrier must be able to do. Other apps add carriers through the hook ``dialer_carriers``.

A carrier takes a `Permit` and nothing less: without the gate's ALLOW for this number, now, no request can be formed.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from school_dialer.carriers.faults import Fault
from school_dialer.compliance.permit import NotPermitted, Permit


@dataclass(frozen=True, slots=True)
class Account:
	"""How to reach the carrier. ``base_url`` replaces the carrier's own address in Simulated mode, else None."""

	account_sid: str
	auth_token: str
	base_url: str | None = None
	timeout: float = 10.0

	def __repr__(self) -> str:
		return f"Account({self.account_sid[:4]}…)"


@dataclass(frozen=True, slots=True)
class Voice:
	"""The answer URL gives the TwiML; callbacks go to the status URL. With ``detect_voicemail`` the answer URL is asked when a machine's
	greeting is over; ``fallback_url`` has words that need nothing of this site, "" for none."""

	answer_url: str
	status_url: str
	ring_timeout: int
	detect_voicemail: bool
	fallback_url: str = ""


@dataclass(frozen=True, slots=True)
class Text:
	"""``discard`` and ``obfuscate``: ask the carrier to forget the words, and to hide the number, once the text was sent."""

	body: str
	status_url: str
	discard: bool = False
	obfuscate: bool = False

	def __repr__(self) -> str:
		return "Text(…)"


@dataclass(frozen=True, slots=True)
class Placed:
	"""``to`` is the number as the carrier shows it (`may_be`), empty when it shows none. ``created_at`` is aware, and None when the carrier
	does not tell: then it may have been at any time. ``error_code`` says why it failed. ``answered_by`` and ``duration`` (seconds) are
	those of a call that has ended, as its callbacks tell them. ``lacks``: privacy features without which it was sent, because the
	carrier refused it with them. ``service``: the Messaging Service that a text was given to.
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


@dataclass(frozen=True, slots=True)
class AccountState:
	"""``active``: it may place calls. ``trial``: it calls only numbers that were verified at the carrier."""

	name: str
	active: bool = True
	trial: bool = False


def may_be(shown: str, number: str) -> bool:
	"""Whether a number as the carrier shows it, with the digits that it hides as X, is this one. One that is not shown may be any."""
	return not shown or (
		len(shown) == len(number)
		and all(one in ("X", other) for one, other in zip(shown, number, strict=True))
	)


MESSAGING_SERVICE = re.compile(r"MG[0-9a-f]{32}")


def is_service(sender: str) -> bool:
	"""Whether a sender is a Messaging Service, for whose texts the carrier chooses a number out of a pool. Others are E.164 numbers.

	https://www.twilio.com/docs/messaging/services
	"""
	return MESSAGING_SERVICE.fullmatch(sender) is not None


class CarrierError(Exception):
	"""The carrier said no. ``code`` is the carrier's own, ``fault`` what it says; the message holds no number and no credential."""

	def __init__(
		self, message: str, code: int | None = None, status: int | None = None, fault: Fault | None = None
	):
		super().__init__(message)
		self.code = code
		self.status = status
		self.fault = fault


class Refused(CarrierError):
	"""Definitely not placed, for a reason that lies with this person, or one that is not known."""


class BadNumber(Refused):
	"""Nobody has this number, or this channel does not reach it."""


class Unsubscribed(Refused):
	"""The carrier knows an opt-out of this number (Twilio 21610)."""


class RateLimited(CarrierError):
	"""Definitely not placed: over the account's rate (HTTP 429) or its calls at once. It may be tried again later."""


class NotForAnybody(CarrierError):
	"""Definitely not placed, for a reason that lies with the school: its number, account, registration, words or settings."""


class NotAuthorised(NotForAnybody):
	"""The credentials or the account are wrong: nothing else will be placed either."""


class ResponseUnknown(CarrierError):
	"""The request may have been accepted: time-out, broken connection, 5xx. Look it up, never repeat it."""


class ConnectionFailed(CarrierError):
	"""No connection was made, so nothing was placed."""


class Carrier(Protocol):
	name: str

	def __init__(self, account: Account): ...

	@staticmethod
	def fault_of(code: int | str | None) -> Fault | None:
		"""What one of the carrier's error codes says. None where there is no code."""

	def call(self, permit: Permit, voice: Voice, at: datetime) -> Placed: ...

	def text(self, permit: Permit, text: Text, at: datetime) -> Placed: ...

	def list_recent(
		self, channel: str, numbers: Collection[str], sender: str, since: datetime
	) -> Sequence[Placed]:
		"""What the carrier accepted since then that may be for one of these numbers, in no order. ``sender`` as in the permit."""

	def fetch_status(self, channel: str, sid: str) -> Placed | None:
		"""What has become of it. None when the carrier does not know it."""

	def cancel(self, channel: str, sid: str) -> bool:
		"""Take back what has not begun. False when it already has."""

	def recording_address(self, sid: str) -> str:
		"""Where the carrier itself plays a recording of its own from, for a <Play> in the same call. Raises ValueError for what is no
		recording's id."""

	def fetch_recording(self, sid: str, most: int) -> bytes | None:
		"""The sound, of at most ``most`` bytes (else `Refused`). None when the carrier has none of this id, or not yet."""

	def delete_recording(self, sid: str) -> None:
		"""Gone on return, also when it was gone before."""

	def check(self) -> AccountState:
		"""Ask for the account. Raises CarrierError when it cannot be reached or refuses."""

	def clock(self) -> datetime | None:
		"""The carrier's own time, aware, to the second. None when it does not tell. Raises CarrierError as `check` does."""

	def calls_per_second(self, sender: str) -> float | None:
		"""The pace at which the carrier accepts calls from this number. None when it does not tell."""


CarrierResult = Placed | CarrierError | NotPermitted
"""What became of one request: placed, refused or lost, or not sent because its permit held no longer."""
