"""The operator's phone during the live check: what we send to it, and what comes back."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import frappe

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.states import FINAL_RANK, RECEIVED
from school_dialer.calls.live_check.verdicts import READ
from school_dialer.calls.own_number import sample_call
from school_dialer.campaigns import message_content
from school_dialer.carriers.base import Text, Voice
from school_dialer.consent.replies import confirmation_requests
from school_dialer.settings import carrier_settings

POLL = 0.5


@dataclass
class Phone:
	"""The phone under test.

	`number` is E.164 and is the one `user` has verified. `template` names the message to send. `patience` and
	`poll` are in seconds.
	"""

	number: str
	user: str
	template: str
	patience: float
	poll: float = POLL
	since: int = 0
	"""Sequence number of the consent event after which the operator's replies are looked for."""

	def __post_init__(self):
		self.since, self.began, self.placed = self.last_event(), clock.db_now(), ""
		self.seen = frappe.get_all("Dialer Call Log", self.inbound, pluck="name", order_by="name")

	def place(self, channel: str, words: str = "") -> str:
		"""Place one call or send one text through the gate. Return its call log's name.

		`words` is a webhook event from which a call gets its words in place of the usual one. Raises what
		`sample_call.place_to_self` raises.
		"""
		header = frappe._dict(name=None, channel=channel, purpose="General", template=self.template)

		def message(row) -> Voice | Text:
			made = message_content.example(header, row)
			if words:
				return replace(made, answer_url=carrier_settings.webhook_url(words, log=row.log))
			return made

		self.placed = sample_call.place_to_self(header, self.user, message)
		return self.placed

	def attestation(self) -> tuple[str, str | None]:
		"""Return the number that placed the latest call of this check, and how its calls are signed."""
		sender = frappe.db.get_value("Dialer Call Log", self.placed, "sender") if self.placed else ""
		of_number = {"phone_number": sender, "attested_at": (">=", self.began)}
		return sender, frappe.db.get_value("Dialer Sending Number", of_number, "attestation")

	def wait_until_final(self, log: str) -> dict:
		"""Return the call log once it is final, or as it is when `patience` runs out.

		A text may stay at "sent", without a delivery report, until then.
		"""
		return self.wait_for(lambda: read_call_log(log), lambda fields: fields["status_rank"] >= FINAL_RANK)

	def last_event(self) -> int:
		"""Return the sequence number of this phone's latest consent event, or 0."""
		seqs = frappe.get_all(
			"Consent Event", {"phone": self.number}, pluck="seq", order_by="seq desc", limit=1
		)
		return seqs[0] if seqs else 0

	def next_event(self, kind: str, source: str = "Text") -> frappe._dict | None:
		"""Return the next consent event of this kind that the operator texted since the last one.

		`source` may be another than a text. Returns None if none arrived in time. Advances `since` to the
		event found.
		"""

		def look() -> frappe._dict | None:
			events = frappe.get_all(
				"Consent Event",
				{"phone": self.number, "kind": kind, "seq": (">", self.since), "source": source},
				["name", "seq", "scope", "reference_name"],
				order_by="seq",
				limit=1,
			)
			return events[0] if events else None

		event = self.wait_for(look, bool)
		if event:
			self.since = event.seq
			self.seen.append(event.reference_name or "")
		return event

	def rescoped_to(self) -> str | None:
		"""Return to what the operator's STOP was narrowed since, or None."""
		rescope = {"phone": self.number, "kind": "Rescope", "seq": (">", self.since)}
		return frappe.db.get_value("Consent Event", rescope, "scope")

	def question_arrived(self) -> bool:
		"""Return whether the text that confirms the STOP, and asks how much to stop, got to the phone."""
		asked = {
			"phone": self.number,
			"kind": ("in", confirmation_requests.CONFIRMING),
			"creation": (">", self.began),
		}
		log = frappe.db.get_value("Dialer Notice", asked, "call_log", order_by="creation desc")
		return bool(log) and frappe.db.get_value("Dialer Call Log", log, "status") in RECEIVED

	def next_inbound(self, channel: str) -> frappe._dict | None:
		"""Return the next text or call of the operator that arrived, or None if none came in time."""

		def look() -> frappe._dict | None:
			logs = frappe.get_all(
				"Dialer Call Log",
				{**self.inbound, "channel": channel, "name": ("not in", ["", *self.seen])},
				["name", "sender"],
				order_by="placed_at",
				limit=1,
			)
			return logs[0] if logs else None

		log = self.wait_for(look, bool)
		if log:
			self.seen.append(log.name)
		return log

	def was_answered(self) -> bool:
		"""Return whether this site answered the operator's latest text in its response."""
		kept = {"phone": self.number, "kind": confirmation_requests.REPLY, "creation": (">", self.began)}
		return bool(frappe.db.exists("Dialer Notice", kept))

	@property
	def inbound(self) -> dict:
		return {"phone": self.number, "direction": "Inbound"}

	def reasons(self, channel: str) -> tuple[str, ...]:
		"""Return the codes for why this phone may not be called or texted now; empty if it may."""
		question = gate.EligibilityCheck("check", self.number, None, None)
		asked = gate.ask(gate.CallContext(channel, "General"), [question], clock.now())["check"]
		return () if asked.decision.allowed else tuple(asked.decision.codes)

	def wait_for(self, look: Callable, enough: Callable):
		"""Poll `look` until `enough` accepts what it found or `patience` runs out. Return the last find.

		Each attempt starts with a rollback, so that it sees what other transactions have committed.
		"""
		until = time.monotonic() + self.patience
		while True:
			frappe.db.rollback()
			find = look()
			if enough(find) or time.monotonic() > until:
				return find
			time.sleep(self.poll)


def read_call_log(log: str) -> dict:
	return frappe.db.get_value("Dialer Call Log", log, list(READ), as_dict=True)
