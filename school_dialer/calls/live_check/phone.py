"""The operator's phone during the check: what is placed to it, and what comes back from it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import frappe

from school_dialer import clock, gate
from school_dialer.calls import sample_call
from school_dialer.calls.live_check.verdicts import READ
from school_dialer.campaigns import message_content
from school_dialer.carriers.base import Text, Voice
from school_dialer.states import FINAL_RANK

POLL = 0.5


@dataclass
class Phone:
	"""``number`` is E.164 and the one that ``user`` has verified; ``template`` names the words that are said; ``patience`` in seconds."""

	number: str
	user: str
	template: str
	patience: float
	poll: float = POLL
	since: int = 0
	"""The number of the event in the ledger after which their answers are looked for."""

	def __post_init__(self):
		self.since = self.last_event()

	def place(self, channel: str) -> str:
		"""One call or text to it, through the gate. Returns its log; raises as `test_call.place_to_self` does."""
		header = frappe._dict(name=None, channel=channel, purpose="General", template=self.template)

		def message(row) -> Voice | Text:
			return message_content.example(header, row)

		return sample_call.place_to_self(header, self.user, message)

	def followed(self, log: str) -> dict:
		"""The log when it has ended, or as it is when patience ends. A text may be final without its report: "sent" is waited on."""
		return self.wait_for(lambda: read_call_log(log), lambda found: found["status_rank"] >= FINAL_RANK)

	def last_event(self) -> int:
		"""The number of the latest event in the ledger of this phone, 0 for none."""
		found = frappe.get_all(
			"Consent Event", {"phone": self.number}, pluck="seq", order_by="seq desc", limit=1
		)
		return found[0] if found else 0

	def texted(self, kind: str) -> frappe._dict | None:
		"""What the person at the phone has texted since the last of these, as an event of this kind in the ledger; None when nothing
		came in time."""

		def found() -> frappe._dict | None:
			events = frappe.get_all(
				"Consent Event",
				{"phone": self.number, "kind": kind, "seq": (">", self.since), "source": "Text"},
				["name", "seq", "scope"],
				order_by="seq",
				limit=1,
			)
			return events[0] if events else None

		event = self.wait_for(found, bool)
		if event:
			self.since = event.seq
		return event

	def reasons(self, channel: str) -> tuple[str, ...]:
		"""Why it may not be called or texted now; empty when it may."""
		question = gate.EligibilityCheck("check", self.number, None, None)
		asked = gate.ask(gate.CallContext(channel, "General"), [question], clock.now())["check"]
		return () if asked.decision.allowed else tuple(asked.decision.codes)

	def wait_for(self, look: Callable, enough: Callable):
		"""What is found once it is enough, or in the end. Each look is at what others have committed by then."""
		until = time.monotonic() + self.patience
		while True:
			frappe.db.rollback()
			found = look()
			if enough(found) or time.monotonic() > until:
				return found
			time.sleep(self.poll)


def read_call_log(log: str) -> dict:
	return frappe.db.get_value("Dialer Call Log", log, list(READ), as_dict=True)
