"""What a carrier's error code means: who is at fault, what staff read, and what the dialer does.

Pure Python, no Frappe.
"""

from dataclasses import dataclass

from school_dialer.base.wording import Wording

PERSON, SENDER, ACCOUNT, REGISTRATION = "person", "sender", "account", "registration"
CONTENT, CONFIGURATION, LATER, UNKNOWN = "content", "configuration", "try later", "unknown"
SCHOOLS = (SENDER, ACCOUNT, REGISTRATION, CONTENT, CONFIGURATION)
"""Kinds of faults that every recipient on the list would hit. Nothing was delivered, they do not count as
attempts, and the circuit breaker counts them.
"""

NOTHING, LIST, COUNT, STOP, SLOW, WAIT = "nothing", "list", "count", "stop", "slow", "wait"
"""What the circuit breaker does.

- NOTHING: nothing.
- LIST: pause when too much of the list fails this way.
- COUNT: count it together with faults like it, and pause when there are many.
- STOP: pause at once.
- SLOW: slow down, and pause if it does not stop.
- WAIT: let those concerned wait until a limit of the day ends (`Fault.ends`), and go on with all others.
"""


@dataclass(frozen=True, slots=True)
class Fault:
	"""The meaning of one carrier error code.

	``what`` happened and ``todo`` (what to do about it) are in English and are translated where they are read
	(see `wording`). ``source`` is the carrier's own page about the code.

	``opted_out``: the carrier holds the recipient's opt-out. ``correct_number``: the number on record does
	not work. ``lacks``: the privacy feature (`DISCARD`, `OBFUSCATE`) the account does not have. ``again``: a
	later attempt may succeed, and counts as an attempt. ``ends``: the time zone at whose midnight a limit of
	the day ends, or "" if that is not known.
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
	ends: str = ""

	@property
	def of_the_school(self) -> bool:
		return self.kind in SCHOOLS

	@property
	def of_the_person(self) -> bool:
		return self.kind == PERSON


DISCARD, OBFUSCATE = "discard", "obfuscate"
"""Account features that delete the body of a text, and hide its number, once it has been sent."""
