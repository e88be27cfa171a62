"""Adopt calls and texts that the carrier knows: each gets a call log, and its recipient is not called again.

What was said in a call is not known any more. So a call that was answered counts as the call, whether or not
the message was heard to its end; one that no one answered counts as an attempt.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert, stamp, update_each
from school_dialer.base.database.transactions import begin_read_committed
from school_dialer.base.phone import mask
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.parties import rows as parties
from school_dialer.campaigns.retries import fields_of, line_of
from school_dialer.campaigns.standstill import may_have_been_called
from school_dialer.carriers.base import Placed
from school_dialer.consent import reported_opt_outs
from school_dialer.gate import planned
from school_dialer.outbound.attempts import results, settling, status_updates
from school_dialer.outbound.attempts.status_updates import StatusUpdate
from school_dialer.recovery.belonging import FOLLOW_UP, Belonging, Candidate, belonging
from school_dialer.recovery.candidates import Candidates
from school_dialer.settings import carrier_faults
from school_dialer.settings.carrier_accounts import CarrierAccount

CHUNK = 200
UNHEARD = ("busy", "no-answer", "failed", "undelivered")
"""Ends after which the usual rules say whether and when the household is called again."""
CANCELED = "canceled"


@dataclass
class Batch:
	"""What one chunk of one account, channel, and sender writes."""

	account: CarrierAccount
	channel: str
	sender: str
	logs: list[dict] = field(default_factory=list)
	recipients: dict[str, dict] = field(default_factory=dict)
	moved: list[tuple[str, Placed]] = field(default_factory=list)
	ends: list[tuple[str, str, Placed]] = field(default_factory=list)
	"""(recipient, log, what the carrier has)"""
	in_doubt: set[str] = field(default_factory=set)
	followed: set[str] = field(default_factory=set)
	opted_out: list[str] = field(default_factory=list)


class Adoption:
	"""One reconcile: `restored` is the name of its Dialer Restore, `since` (aware) from when on it looks."""

	def __init__(self, restored: str, since: datetime):
		self.restored = restored
		self.candidates = Candidates(since)

	def adopt(self, account: CarrierAccount, channel: str, sender: str, chunk: list[Placed]) -> int:
		"""Adopt one chunk, and commit. Returns how many were new or had an open log."""
		frappe.db.commit()
		begin_read_committed()
		logs = self._known([placed.sid for placed in chunk])
		new = [placed for placed in chunk if placed.sid not in logs]
		self.candidates.of({placed.to for placed in new})
		batch = Batch(account, channel, sender)
		for placed in chunk:
			if placed.sid not in logs:
				self._take(batch, placed)
			elif logs[placed.sid].status_rank < states.FINAL_RANK:
				self._move_known(batch, logs[placed.sid], placed)
		write(batch)
		self.candidates.read_again(batch.recipients)
		frappe.db.commit()
		for log in batch.opted_out:
			reported_opt_outs.record_of_carrier(log)
			frappe.db.commit()
		return len(batch.logs) + len(batch.moved)

	def _known(self, sids: list[str]) -> dict[str, frappe._dict]:
		rows = frappe.get_all(
			"Dialer Call Log",
			{"carrier_sid": ("in", [*sids, ""]), "direction": "Outbound"},
			["name", "carrier_sid", "status_rank", "recipient"],
			order_by="name",
		)
		return {row.carrier_sid: row for row in rows}

	def _move_known(self, batch: Batch, log, placed: Placed) -> None:
		batch.moved.append((log.name, placed))
		if log.recipient:
			batch.ends.append((log.recipient, log.name, placed))

	def _take(self, batch: Batch, placed: Placed) -> None:
		match = belonging(batch.channel, placed, self.candidates.fitting(placed.to))
		chosen = match.chosen
		for other in match.others:
			other.kept_back = True
			batch.in_doubt.add(other.name)
		if chosen and match.kind != FOLLOW_UP and lost_log_of(chosen, placed):
			log = chosen.row.last_call_log
			chosen.row.last_rank = states.FINAL_RANK
			batch.moved.append((log, placed))
		else:
			values = self.log_of(batch, placed, match)
			log = values["name"]
			batch.logs.append(values)
		if carrier_faults.reports_opt_out(placed.error_code, batch.account.id):
			batch.opted_out.append(log)
		if not chosen:
			return
		if match.kind == FOLLOW_UP:
			chosen.follows = False
			batch.followed.add(chosen.name)
		elif placed.status != CANCELED and chosen.is_open:
			self._settle(batch, chosen, log, placed)

	def _settle(self, batch: Batch, chosen: Candidate, log: str, placed: Placed) -> None:
		chosen.kept_back = False
		batch.in_doubt.discard(chosen.name)
		chosen.status = states.RETRY if placed.status in UNHEARD else states.REACHED
		chosen.row.last_call_log = log
		fields = {
			"attempts": chosen.row.attempts,
			"last_call_log": log,
			"status": states.DIALING,
			"claim": None,
			**fields_of(line_called(chosen, placed)),
		}
		batch.recipients[chosen.name] = planned.resealed(chosen.row, fields)
		batch.ends.append((chosen.name, log, placed))

	def log_of(self, batch: Batch, placed: Placed, match: Belonging) -> dict:
		"""Return the fields of the log of a call or text that no log has."""
		row = match.chosen.row if match.chosen else frappe._dict(students=())
		counts = match.chosen is not None and match.kind != FOLLOW_UP and placed.status != CANCELED
		if counts:
			row.attempts += 1
		status = placed.status if placed.status in states.RANK else "queued"
		final = states.is_final(status)
		line = line_called(match.chosen, placed) if match.chosen else None
		phone = line.phone if line else ("" if "X" in placed.to else placed.to)
		at = clock.to_db(placed.created_at or clock.now())
		return {
			"name": frappe.generate_hash(length=16),
			**stamp(),
			"direction": "Outbound",
			"adopted": 1,
			"restored": self.restored,
			"channel": batch.channel,
			"purpose": row.purpose,
			"campaign": row.campaign,
			"recipient": row.name,
			"attempt": row.attempts if counts else 0,
			"attempt_key": f"{row.name}:{row.attempts}" if counts else None,
			"sender": batch.sender,
			"phone": phone or None,
			"phone_masked": mask(phone) if phone else placed.to[:140],
			"person_doctype": (line and line.person_doctype) or None,
			"person": (line and line.person) or None,
			"person_name": (line and line.person_name) or None,
			"language": (line and line.language) or None,
			"students": json.dumps(row.students),
			"school": row.school,
			"template": row.template,
			"status": status,
			"status_rank": states.rank(status),
			"placed_at": at,
			"ended_at": at if final else None,
			"answered_by": placed.answered_by or None,
			"duration": placed.duration or 0,
			"error_code": placed.error_code or None,
			"error_message": _("Found at the carrier after a restore."),
			"price": placed.price or None,
			"carrier": batch.account.carrier,
			"carrier_account": batch.account.id,
			"carrier_sid": placed.sid,
			"reasons": "",
			"fields_used": "[]",
		}


def lost_log_of(chosen: Candidate, placed: Placed) -> bool:
	"""Return whether the recipient's last log is one whose response was lost, and this may be the call."""
	row = chosen.row
	return (
		row.last_call_log is not None
		and row.last_rank is not None
		and row.last_rank <= states.rank(states.LOST)
		and row.last_phone in chosen.phones
	)


def line_called(chosen: Candidate, placed: Placed):
	"""Return the household's line with the number that the carrier names; its current one if it is hidden."""
	current = line_of(chosen.row)
	return next((line for line in chosen.row.lines if line.phone == placed.to), current)


def write(batch: Batch) -> None:
	"""Write the logs, and what follows for their recipients. The caller commits."""
	insert("Dialer Call Log", batch.logs)
	for log, placed in batch.moved:
		status_updates.move_log(log, StatusUpdate.of(placed))
	update_each("Dialer Recipient", batch.recipients)
	unheard = {log for _recipient, log, placed in batch.ends if placed.status in UNHEARD}
	if unheard:
		settling.settle_recipients(sorted(unheard))
	for recipient, log, placed in batch.ends:
		if log not in unheard and placed.status != CANCELED:
			finish(batch.channel, recipient, log, placed)
	heard = [log for _recipient, log, placed in batch.ends if is_heard(batch.channel, placed)]
	if heard:
		attempts = [attempt for attempt in results.read_attempts(heard) if attempt.name]
		rows_of, _strange = parties.read([attempt.name for attempt in attempts])
		informed, _left = informing.heard(attempts, rows_of)
		informing.mark_informed(informed)
	keep_back(batch.in_doubt)
	if batch.followed:
		frappe.db.sql(
			"""update `tabDialer Recipient` set fallback = 'Text', fallback_reason = %s
			where name in %s and ifnull(fallback, '') = ''""",
			(_("sent before the restore"), tuple(sorted(batch.followed))),
		)


def is_heard(channel: str, placed: Placed) -> bool:
	if channel == "Text":
		return placed.status not in (*UNHEARD, CANCELED)
	return placed.status == "completed" and not states.answered_by_machine(placed.answered_by)


def finish(channel: str, recipient: str, log: str, placed: Placed) -> None:
	"""End the recipient whose phone was answered, or rings, or whose text is sent or will be."""
	machine = states.answered_by_machine(placed.answered_by)
	frappe.db.sql(
		"""update `tabDialer Recipient` set status = %(status)s, outcome = %(outcome)s, claim = null
		where name = %(recipient)s and last_call_log = %(log)s and status in %(open)s""",
		{
			"status": states.REACHED if is_heard(channel, placed) else states.NOT_REACHED,
			"outcome": _("voicemail, before the restore") if machine else _("called before the restore"),
			"recipient": recipient,
			"log": log,
			"open": states.OPEN,
		},
	)


def keep_back(recipients: set[str]) -> None:
	if recipients:
		frappe.db.sql(
			"""update `tabDialer Recipient` set status = %s, outcome = %s, claim = null, modified = %s
			where name in %s and status in %s""",
			(
				states.NOT_REACHED,
				may_have_been_called(),
				clock.db_now(),
				tuple(sorted(recipients)),
				states.OPEN,
			),
		)
