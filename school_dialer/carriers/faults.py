"""What a carrier's error code says: whose fault it was, what staff read, and what the dialer does. Pure: no Frappe here."""

from dataclasses import dataclass

from school_dialer.wording import Wording

PERSON, SENDER, ACCOUNT, REGISTRATION = "person", "sender", "account", "registration"
CONTENT, CONFIGURATION, LATER, UNKNOWN = "content", "configuration", "try later", "unknown"
SCHOOLS = (SENDER, ACCOUNT, REGISTRATION, CONTENT, CONFIGURATION)
"""Kinds of faults that everybody on the list would meet: nothing was delivered, no attempt counts, and the breaker counts them."""

NOTHING, LIST, COUNT, STOP, SLOW = "nothing", "list", "count", "stop", "slow"
"""What the breaker does: nothing; pause when too much of the list is like this; count it with its like, and pause when they are
many; pause at once; slow down, and pause when it does not end."""


@dataclass(frozen=True, slots=True)
class Fault:
	"""``what`` happened and ``todo``, in English, to be translated where they are read (`wording`). ``source`` is the carrier's own page.

	``opted_out``: the carrier holds the person's opt-out. ``correct_number``: the number on record does not serve. ``lacks`` names the privacy feature (`DISCARD`, `OBFUSCATE`) that the
	account does not have. ``again``: a new attempt later may succeed, and counts as one.
	"""

	kind: str
	what: Wording
	todo: Wording
	breaker: str = NOTHING
	channel: str = "Any"
	source: str = ""
	opted_out: bool = False
	correct_number: bool = False
	lacks: str = ""
	again: bool = False

	@property
	def of_the_school(self) -> bool:
		return self.kind in SCHOOLS

	@property
	def of_the_person(self) -> bool:
		return self.kind == PERSON


DISCARD, OBFUSCATE = "discard", "obfuscate"
"""Features of an account: that the words of a text are discarded, and its number obfuscated, once it was sent."""
