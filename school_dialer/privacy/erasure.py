"""Erasure at a person's request.

What may be removed is removed, and what the law requires to be kept stays. The report says each in a
sentence.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import create_batch

from school_dialer.audience import mail_address
from school_dialer.base import clock, states
from school_dialer.base.database.rows import update_each
from school_dialer.base.without_permission import delete_for_good, note_access
from school_dialer.calls import recording_retention
from school_dialer.campaigns import rehearsals
from school_dialer.inbound.absences import reports as absences
from school_dialer.inbound.conversations import conversation
from school_dialer.privacy import consent_drives, consent_forms, holds, person, scrub
from school_dialer.privacy.person import Subject
from school_dialer.proof_log import log

CHUNK = 200
OVER = {
	"Dialer Call Log": f" and status_rank >= {states.FINAL_RANK}",
	"Dialer Recipient": " and status not in ('" + "', '".join(states.OPEN) + "')",
	"Dialer Notice": " and status in ('Sent', 'Not Sent')",
	"Dialer Review": " and status = 'Done'",
	conversation.MESSAGE: " and " + conversation.MESSAGE_IS_OVER,
	conversation.DOCTYPE: " and " + conversation.IS_OVER,
	"Dialer Manual Call": " and status = 'Done'",
	"Dialer Answer": "",
	"Dialer Rule Case": " and status != 'Waiting'",
}
OWN_ROW = """(person_doctype = %(kind)s and person in %(names)s)
	or (phone in %(phones)s and (%(any)s or ifnull(person, '') = ''))"""
"""The condition that a recipient is the subject's, and not another person's (`split`)."""
UNDER_WAY = {
	"Dialer Call Log": f" and status_rank < {states.FINAL_RANK}",
	"Dialer Recipient": " and status in ('" + "', '".join(states.OPEN) + "')",
}


@dataclass
class Report:
	"""The result of an erasure, in sentences.

	`removed` says what was or would be removed, and `kept` what stays and why. `held`: a legal hold forbids
	the erasure.
	"""

	removed: list[str] = field(default_factory=list)
	kept: list[str] = field(default_factory=list)
	held: bool = False
	done: bool = False


def erase(subject: Subject, *, really: bool) -> Report:
	"""Erase the subject's personal data, or only report what would be erased. The caller commits."""
	report = Report()
	if is_held(subject):
		report.held = True
		report.kept.append(
			_("Everything: a legal hold is in force, and evidence under it may not be deleted.")
		)
		return report
	name_what_stays(subject, report)
	for doctype, over in OVER.items():
		clear_rows(doctype, over, subject, report, really)
	clear_rows(absences.DOCTYPE, f" and {absences.over()}", subject, report, really)
	clear_parties(subject, report, really)
	clear_links(subject, report, really)
	consent_forms.clear(subject, report.removed, report.kept, really)
	clear_own_numbers(subject, report, really)
	clear_pin(subject, report, really)
	clear_reviews(subject, report, really)
	consent_drives.clear(subject, report.removed, really)
	if really:
		rehearsals.erase()
	report.done = really
	if not report.removed:
		report.removed.append(_("Nothing: no personal data is left that may be removed."))
	return report


def is_held(subject: Subject) -> bool:
	held = holds.in_force()
	return bool(held.phones & set(subject.phones)) or (
		subject.person in held.people if subject.person else False
	)


def clear_rows(doctype: str, over: str, subject: Subject, report: Report, really: bool) -> None:
	left = " and " + scrub.still_personal(doctype, unlink=True)
	rows = person.rows_about(subject, doctype, scrub.COLUMNS[doctype].removeprefix("name, "), over + left)
	theirs, among = split(rows, subject, doctype)
	if really:
		for start in range(0, len(theirs), CHUNK):
			scrub.scrub_rows(doctype, theirs[start : start + CHUNK], unlink=True, why=log.REQUEST)
		names = subject.names
		update_each(doctype, {row.name: {"students": without(row.students, names)} for row in among})
		if doctype == "Dialer Answer":
			recording_retention.discard([row.name for row in among])
		if doctype in ("Dialer Answer", "Dialer Call Log", conversation.MESSAGE):
			recording_retention.delete_soon()
	if count := sum(1 for row in rows if row.get("recording")):
		report.removed.append(
			_(
				"{0} recordings of spoken words, at the carrier. What it does not delete at once is tried "
				"again each hour."
			).format(count)
		)
	if theirs:
		report.removed.append(
			_(
				"Name, number and links to records in {0} rows of {1}. The decision stays, without personal "
				"facts."
			).format(len(theirs), _(doctype))
		)
	if among:
		report.removed.append(
			_("The student's record among those in {0} rows of {1} of other people.").format(
				len(among), _(doctype)
			)
		)


def split(rows: list, subject: Subject, doctype: str) -> tuple[list, list]:
	"""Return (the subject's own rows, other people's rows that name the student)."""
	if (
		not subject.person
		or subject.person[0] != "Student"
		or doctype
		in ("Dialer Notice", "Dialer Review", "Dialer Rule Case", conversation.MESSAGE, absences.DOCTYPE)
	):
		return rows, []
	theirs = [
		row
		for row in rows
		if (row.person_doctype, row.person) == subject.person
		or (row.phone in subject.phones and not row.person)
	]
	names = {row.name for row in theirs}
	return theirs, [row for row in rows if row.name not in names]


def without(students: str, names: Collection[str]) -> str:
	return json.dumps([name for name in json.loads(students or "[]") if name not in names])


def clear_parties(subject: Subject, report: Report, really: bool) -> None:
	"""Delete the subject from those whom ended rows of other people tell, or tell about.

	The parties of the subject's own rows go with those.
	"""
	where, values = person.condition(subject, "Dialer Party")
	others = f"select name from `tabDialer Recipient` where not ifnull(({OWN_ROW}), 0)"
	values |= {
		"kind": (subject.person or ("none",))[0],
		"names": subject.names,
		"any": subject.person is None,
	}
	names = frappe.db.sql_list(
		"select name from `tabDialer Party` where "
		+ where
		+ f" and parent in ({others}{OVER['Dialer Recipient']})",
		values,
	)
	if not names:
		return
	if really:
		for batch in create_batch(names, CHUNK):
			frappe.db.delete("Dialer Party", {"name": ("in", batch)})
	report.removed.append(
		_("The person, the number, or the student in {0} lines of other rows of Dialer Recipient.").format(
			len(names)
		)
	)


def clear_links(subject: Subject, report: Report, really: bool) -> None:
	"""Delete preference page links, which contain the number and open its choices."""
	if count := delete_rows(subject, "Dialer Preference Link", really):
		report.removed.append(
			_("{0} links to the preference page. They no longer open anything.").format(count)
		)


def clear_own_numbers(subject: Subject, report: Report, really: bool) -> None:
	"""Delete this number as a staff member's verified number for test calls."""
	if count := delete_rows(subject, "Dialer Own Number", really):
		report.removed.append(
			_("{0} codes for test calls to this number. It has to be verified again.").format(count)
		)


def delete_rows(subject: Subject, doctype: str, really: bool) -> int:
	"""Delete the rows of this DocType that hold the number. Return how many there are.

	Without `really`, only counts them.
	"""
	rows = person.rows_about(subject, doctype, "phone")
	if rows and really:
		frappe.db.delete(doctype, {"name": ("in", [row.name for row in rows])})
	return len(rows)


def clear_pin(subject: Subject, report: Report, really: bool) -> None:
	"""Delete the PIN with its hash, which Frappe deletes with the record."""
	rows = person.rows_about(subject, "Dialer PIN", "set_at")
	if not rows:
		return
	if really:
		for row in rows:
			delete_for_good("Dialer PIN", row.name)
	report.removed.append(_("The PIN. Messages that ask for one are not opened until a new one is made."))


def clear_reviews(subject: Subject, report: Report, really: bool) -> None:
	events = [row.name for row in person.rows_about(subject, "Consent Event", "seq")]
	if not events:
		return
	doctype = "Dialer Review"
	reviews = frappe.get_all(
		doctype,
		{"consent_event": ("in", events), "status": "Done", "phone_masked": ("is", "set")},
		pluck="name",
		order_by="name",
	)
	if not reviews:
		return
	if really:
		frappe.db.set_value(doctype, {"name": ("in", reviews)}, "phone_masked", None, update_modified=False)
	report.removed.append(_("The masked number in {0} reviews.").format(len(reviews)))


def name_what_stays(subject: Subject, report: Report) -> None:
	counts = {
		doctype: len(person.rows_about(subject, doctype, "creation"))
		for doctype in ("Contact Consent", "Consent Event")
	}
	if any(counts.values()):
		report.kept.append(
			_(
				"{0} consent events and {1} rows of what they amount to: they prove consent for as long as a "
				"claim may be brought (four years, 28 USC 1658; do-not-call requests five years, 47 CFR "
				"64.1200(d)(6)), and an opt-out can only be honoured while the number is known."
			).format(counts["Consent Event"], counts["Contact Consent"])
		)
	if disclosures := person.rows_about(subject, "Dialer Disclosure", "student"):
		report.kept.append(
			_(
				"{0} entries of the disclosure log: 34 CFR 99.32(a)(2) asks for them as long as the "
				"student's records are kept."
			).format(len(disclosures))
		)
	if lookups := person.rows_about(subject, "Dialer Number Lookup", "creation"):
		report.kept.append(
			_(
				"{0} look-ups of the number: they prove what was asked before a call (47 CFR 64.1200(m)), "
				"until retention deletes them."
			).format(len(lookups))
		)
	name_what_others_keep(subject, report)
	for doctype, under_way in UNDER_WAY.items():
		if rows := person.rows_about(subject, doctype, "creation", under_way):
			report.kept.append(
				_(
					"{0} rows of {1} that are still under way. Record an opt-out to stop them, and erase "
					"again later."
				).format(len(rows), _(doctype))
			)
	if subject.person:
		report.kept.append(
			_("{0} itself: it is a record of the school, not of the dialer.").format(subject.label)
		)


def name_what_others_keep(subject: Subject, report: Report) -> None:
	"""Add what lies in Frappe's queue, in students' records, and in files with other people."""
	if mails := mails_to(subject):
		report.kept.append(
			_(
				"{0} e-mails in the Email Queue: Frappe deletes them after the days in Log Settings (30, "
				"unless changed)."
			).format(mails)
		)
	if noted := answers_on_records(subject):
		report.kept.append(
			_(
				"{0} comments on students' records with their answers: they are part of the student's record."
			).format(noted)
		)
	for campaign in campaigns_with_files(subject):
		report.kept.append(
			_(
				"The file of the campaign {0}, in which other people stand too. Remove the line by hand, or "
				"wait for retention."
			).format(campaign)
		)


def mails_to(subject: Subject) -> int:
	"""Return the number of emails sent in place of a call that Frappe has not cleared yet."""
	address = mail_address.addresses_of([subject.person]).get(subject.person) if subject.person else None
	if not address:
		return 0
	return frappe.db.sql(
		"""select count(*) from `tabEmail Queue` mail join `tabEmail Queue Recipient` line
			on line.parent = mail.name
		where line.recipient = %s and mail.reference_doctype = 'Dialer Campaign'""",
		address,
	)[0][0]


def answers_on_records(subject: Subject) -> int:
	"""Return the number of comments that `calls.survey_answers` wrote about their answers."""
	return sum(
		len(json.loads(row.students or "[]"))
		for row in person.rows_about(subject, "Dialer Answer", "students")
	)


def campaigns_with_files(subject: Subject) -> list[str]:
	"""Return the campaigns whose list file has the number and still exists."""
	where, values = person.condition(subject, "Dialer Call Log")
	return frappe.db.sql_list(
		"select distinct campaign.name from `tabDialer Campaign` campaign where "
		"ifnull(campaign.audience_file, '') != ''"
		" and campaign.name in (select campaign from `tabDialer Call Log` where " + where + ")"
		" order by campaign.name",
		values,
	)


def log_access(subject: Subject, what: str) -> None:
	"""Record in Frappe's Access Log what was done, who did it and when, without a number or name."""
	document = subject.person[1] if subject.person else None
	doctype = subject.person[0] if subject.person else "Contact Consent"
	note_access(doctype, document, f"{what} at {clock.db_now():%Y-%m-%d %H:%M}")
