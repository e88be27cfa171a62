"""A carrier that rings no phone, so that a site in Simulated mode can be tried without an account.

It keeps nothing and asks nothing of the network. The id of a call says how it ends, which the last digit of
the number decides. `calls.pretend_line` lets it happen, in a background job.
"""

import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timezone
from typing import NoReturn

from school_dialer.carriers.base import (
	Account,
	AccountState,
	Placed,
	ReceivedCall,
	ReceivedText,
	Text,
	Voice,
)
from school_dialer.carriers.faults import Fault
from school_dialer.compliance.permit import Permit

ID = re.compile(r"PX[abnv][0-9a-f]{28}")
PREFIX = "PX"
ANSWERED, BUSY, NO_ANSWER, VOICEMAIL = "a", "b", "n", "v"
BY_LAST_DIGIT = {"7": NO_ANSWER, "8": BUSY, "9": VOICEMAIL}
"""How calls to numbers with these last digits end. A person answers all others."""
SPOKEN = "webhooks.twilio.voice"
"""Whose words it fetches: those of campaigns and tests. Other calls ask for what only a person can press."""


def how_it_ends(sid: str) -> str | None:
	"""Return how the call with this id ends, or None if it is not of this carrier."""
	return sid[len(PREFIX)] if ID.fullmatch(sid) else None


class PretendCarrier:
	"""Accepts each call and text, and knows of nothing else."""

	name = "pretend"

	def __init__(self, account: Account):
		self.account = account

	@staticmethod
	def fault_of(code: int | str | None) -> Fault | None:
		return None

	def call(self, permit: Permit, voice: Voice, at: datetime) -> Placed:
		permit.spend(at)
		ends = BY_LAST_DIGIT.get(permit.to[-1], ANSWERED) if SPOKEN in voice.answer_url else NO_ANSWER
		return accepted(ends, permit, at)

	def text(self, permit: Permit, text: Text, at: datetime) -> Placed:
		permit.spend(at)
		return accepted(ANSWERED, permit, at)

	def list_recent(
		self, channel: str, numbers: Collection[str], sender: str, since: datetime
	) -> Sequence[Placed]:
		"""Return nothing. A request whose response was not recorded rang no phone."""
		return ()

	def list_placed(self, channel: str, sender: str, since: datetime) -> Sequence[Placed]:
		return ()

	def fetch_status(self, channel: str, sid: str) -> Placed | None:
		"""Return a call or text as one that waits: only the background job ends it."""
		return Placed(sid, "queued") if how_it_ends(sid) else None

	def list_dialed(self, sid: str) -> Sequence[Placed]:
		return ()

	def list_received(self, numbers: Collection[str], since: datetime) -> Sequence[ReceivedText]:
		return ()

	def list_received_calls(self, numbers: Collection[str], since: datetime) -> Sequence[ReceivedCall]:
		return ()

	def cancel(self, channel: str, sid: str) -> str:
		return "canceled" if how_it_ends(sid) else ""

	def recording_address(self, sid: str) -> NoReturn:
		raise ValueError("not a recording's id")

	def fetch_recording(self, sid: str, most: int) -> bytes | None:
		return None

	def delete_recording(self, sid: str) -> None:
		"""Do nothing: there is none."""

	def check(self) -> AccountState:
		return AccountState("")

	def clock(self) -> datetime | None:
		return None

	def calls_per_second(self, sender: str) -> float | None:
		return None


def accepted(ends: str, permit: Permit, at: datetime) -> Placed:
	return Placed(f"{PREFIX}{ends}{secrets.token_hex(14)}", "queued", permit.to, at.astimezone(timezone.utc))
