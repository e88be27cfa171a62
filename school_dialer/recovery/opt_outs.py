"""Opt-outs that a restored ledger forgot: from the journal, and from texts that the carrier still has."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import frappe
from frappe import _

from school_dialer.base.jobs import alone
from school_dialer.base.refusal import throw
from school_dialer.calls import missed_texts
from school_dialer.carriers.base import CarrierError
from school_dialer.consent import events, journal, journal_file, ledger
from school_dialer.consent.lock import number_lock
from school_dialer.consent.receipts import signed
from school_dialer.continuity.safe_mode import DOCTYPE
from school_dialer.recovery import accounts

CHUNK = 500
READERS_TURN = 60
"""Seconds that another reader of received texts may take."""
SOURCE = "Restored"
NOTE = "From the journal of opt-outs. The event was {0}, recorded from: {1}."
RECEIPT, RECEIPT_NOTE = "Receipt", "From a signed receipt. The event was {0}."
"""Source and note of what a receipt gave back (`presented`)."""


class Unreadable(Exception):
	"""Texts of the carrier could not be handled now."""


def replay(restored: str, files: Iterable[Path]) -> journal_file.Reading:
	"""Record the journal's opt-outs that the ledger does not have, with their own times. Commits by chunk.

	Idempotent. A line that this site did not sign is not read; the result counts those.
	"""
	reading = journal_file.Reading()
	for path in files:
		try:
			with path.open("rb") as source:
				entries = journal_file.read(source, journal.key(), reading)
				while chunk := list(islice(entries, CHUNK)):
					_record(restored, chunk)
		except OSError:
			reading.refused += 1
		reading.begin()
	return reading


def attach(restored: str, file: str) -> int:
	"""Attach a file of the user's own to a Dialer Restore as a copy of the journal. Return its opt-outs.

	Raises a ValidationError unless it is the user's own, private, and attached to nothing, and a line of it
	was signed by this site.
	"""
	name = frappe.db.get_value(
		"File",
		{
			"name": file,
			"owner": frappe.session.user,
			"is_private": 1,
			"attached_to_doctype": ("is", "not set"),
		},
		"name",
	)
	if not name:
		throw(_("Upload a copy of the journal as a private file first."))
	reading = journal_file.Reading()
	with Path(frappe.get_doc("File", name).get_full_path()).open("rb") as source:
		count = sum(1 for _entry in journal_file.read(source, journal.key(), reading))
	if not count:
		throw(_("This file has no opt-out of this site's journal."))
	frappe.db.set_value("File", name, {"attached_to_doctype": DOCTYPE, "attached_to_name": restored})
	return count


def attached(restored: str) -> list[Path]:
	"""Return the copies of the journal that are attached to this Dialer Restore."""
	files = frappe.get_all(
		"File",
		{"attached_to_doctype": DOCTYPE, "attached_to_name": restored, "is_folder": 0},
		["name", "file_url"],
		order_by="creation, name",
	)
	stored = [file.name for file in files if (file.file_url or "").startswith(("/private/files/", "/files/"))]
	return [Path(frappe.get_doc("File", name).get_full_path()) for name in stored]


def _record(restored: str, entries: Sequence[journal_file.Entry]) -> None:
	# No snapshot is older than the locks: another process may have recorded the same events.
	frappe.db.commit()
	with number_lock([entry.phone for entry in entries]):
		recorded = _known(entries)
		drafts = [event_of(restored, entry) for entry in entries if entry.event not in recorded]
		for draft in drafts:
			try:
				ledger.record_many([draft])
			except ledger.LedgerError:
				# A number that is none. The line has this site's signature, so another version wrote it.
				frappe.clear_messages()
		frappe.db.commit()


def _known(entries: Sequence[journal_file.Entry]) -> set[str]:
	"""Return the events among these that the ledger has, as they were or as they were restored.

	One that was restored without the person whom the journal names is another one.
	"""
	names = tuple(entry.event for entry in entries)
	recorded = {
		name for (name,) in frappe.db.sql("select name from `tabConsent Event` where name in %s", (names,))
	}
	notes = {note_of(entry): entry for entry in entries}
	notes |= {RECEIPT_NOTE.format(entry.event): entry for entry in entries}
	rows = frappe.db.sql(
		"select note, person from `tabConsent Event` where source in %s and phone in %s",
		((SOURCE, RECEIPT), tuple({entry.phone for entry in entries})),
	)
	return recorded | {
		notes[note].event for note, person in rows if note in notes and notes[note].person in ("", person)
	}


def note_of(entry: journal_file.Entry) -> str:
	return NOTE.format(entry.event, entry.source)


def event_of(restored: str, entry: journal_file.Entry) -> events.Event:
	"""Return the opt-out as an event of now that was said then, by the person whom it named.

	A stop that names a person holds at their other numbers, also after they gave this one up. The answer to
	how much to stop (Rescope) is recorded as a stop of that extent: it may widen an earlier one, and here
	never narrows it.
	"""
	try:
		at = events.moment(entry.at)
	except ValueError:
		at = None
	evidence = events.Evidence(
		SOURCE, reference_doctype=DOCTYPE, reference_name=restored, note=note_of(entry)
	)
	return stop_as_said(entry, evidence, at)


def stop_as_said(
	stop: journal_file.Entry | signed.Statement, evidence: events.Evidence, at: datetime | None
) -> events.Event:
	"""Return the opt-out of an entry, or of a signed receipt, as an event that was said at that time."""
	return events.Event(
		stop.kind if stop.kind in events.STOPPING else events.OPT_OUT,
		stop.phone,
		evidence,
		stop.channel,
		stop.purpose,
		stop.scope,
		at=at,
		person_doctype=stop.person_doctype or None,
		person=stop.person or None,
	)


def read_texts(since: datetime) -> int:
	"""Handle the texts that the carrier received since then (aware) and the site does not have. Commits.

	Returns how many. Raises `CarrierError` if the carrier does not answer, and `Unreadable` if some could not
	be handled.
	"""
	# The scheduler reads them too, most likely at once after an outage.
	with alone(missed_texts.LOCK, wait=READERS_TURN) as mine:
		if not mine:
			raise Unreadable
		count = 0
		for account, carrier in accounts.carriers():
			if not hasattr(carrier, "list_received"):
				raise CarrierError("The carrier cannot list received texts.")
			received = carrier.list_received(missed_texts.numbers_of(account), since)
			recorded = missed_texts.on_record([text.sid for text in received])
			new = [text for text in received if text.sid not in recorded]
			if not missed_texts.handle(new):
				raise Unreadable
			count += len(new)
	return count


def drop_answered(restored: str) -> None:
	"""Send no notice to a number that was sent a text in the lost time: it was most likely this one."""
	frappe.db.sql(
		"""update `tabDialer Notice` notice
		join `tabDialer Call Log` log on log.phone = notice.phone
		set notice.status = 'Not Sent'
		where notice.status in ('Waiting', 'Sending') and log.restored = %s and log.adopted = 1
		and log.channel = 'Text' and log.campaign is null""",
		restored,
	)
