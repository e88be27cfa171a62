"""Notify the registrar and agents.

For a number that belongs to someone else they get a ToDo that names the record to correct; for a family's
message that awaits review they get a notification. Neither contains a number or the family's words.
"""

from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer import roles, staff
from school_dialer.audience import on_record
from school_dialer.consent.events import WRONG_NUMBER
from school_dialer.consent.replies import reviews
from school_dialer.jobs import job
from school_dialer.roles import AGENT
from school_dialer.without_permission import write_notice

NAMING_PEOPLE = ("Consent Event", "Dialer Recipient", "Dialer Call Log")
"""Where the dialer recorded whose number it is.

A wrong-number event removes the name from Contact Consent.
"""
MOST_RECORDS = 5


def on_consent_event(doc, method: str | None = None) -> None:
	"""Enqueue ToDos for a wrong number (doc_events of Consent Event `after_insert`).

	The work is done by a job after the commit, so that its errors cannot undo the event.
	"""
	if doc.kind == WRONG_NUMBER and any(registrars()):
		frappe.enqueue(
			"school_dialer.help_desk.registrar.open_todos",
			queue="short",
			enqueue_after_commit=True,
			event=doc.name,
		)


def on_review(name: str) -> None:
	"""Enqueue a notification of a new review (hook `dialer_review_asked`).

	The job runs after the commit, so that its errors cannot undo the review.
	"""
	frappe.enqueue(
		"school_dialer.help_desk.registrar.ring", queue="short", enqueue_after_commit=True, review=name
	)


@job
def ring(review: str) -> None:
	"""Notify every agent and registrar, or the managers if there is neither (background job)."""
	reason = frappe.db.get_value(reviews.DOCTYPE, review, "reason")
	if not reason:
		return
	user, role = registrars()
	users = staff.with_roles(AGENT, *([role] if role else [])) | ({user} if user else set())
	users = users or staff.with_roles(roles.MANAGER)
	subject = _("A family's message is waiting for someone to look at it: {0}.").format(_(reason))
	staff.ring(staff.wanting(users, "enabled") or users, subject, reviews.DOCTYPE, review)


def registrars() -> tuple[str | None, str | None]:
	"""Return the user and the role in Dialer Settings."""
	user, role = (
		frappe.db.get_single_value("Dialer Settings", field) for field in ("registrar", "registrar_role")
	)
	return user, role


@job
def open_todos(event: str) -> None:
	"""Create a ToDo for each record that holds this event's number (background job).

	If no record holds it, one ToDo says so.
	"""
	user, role = registrars()
	doc = frappe.get_doc("Consent Event", event)
	places = list(where_it_stands(doc))[:MOST_RECORDS]
	for place in places:
		field = frappe.get_meta(place.doctype).get_label(place.field)
		open_todo(
			_(
				'A phone number belongs to someone else ("{0}"). Ask the family for the right one and '
				"correct it."
			).format(_(field)),
			user,
			role,
			place,
		)
	if not places:
		link = frappe.utils.get_link_to_form("Consent Event", doc.name, _("the event"))
		open_todo(
			_(
				"A phone number belongs to someone else, and is on no record that the dialer knows: {0}."
			).format(link),
			user,
			role,
		)


def where_it_stands(event) -> Iterator[on_record.Known]:
	"""Yield the records that hold the number now.

	Candidates are the event's own record and the people called at this number.
	"""
	known = []
	if event.reference_doctype in on_record.RECORDS and is_there(
		event.reference_doctype, event.reference_name
	):
		known += on_record.known_on(event.reference_doctype, event.reference_name)
	for doctype, name in dict.fromkeys(people_called(event.phone)):
		if doctype in on_record.PHONE_FIELDS and frappe.db.exists("DocType", doctype):
			known += on_record.numbers_of(doctype, [name])
	yield from dict.fromkeys(one for one in known if one.phone == event.phone)


def is_there(doctype: str, name: str) -> bool:
	return bool(frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, name))


def people_called(phone: str) -> Iterator[tuple[str, str]]:
	for doctype in NAMING_PEOPLE:
		filters = {"phone": phone, "person": ("is", "set")}
		rows = frappe.get_all(
			doctype,
			filters,
			["person_doctype", "person"],
			distinct=True,
			order_by="person",
			limit=MOST_RECORDS,
		)
		yield from ((row.person_doctype, row.person) for row in rows if row.person_doctype)


def open_todo(text: str, user: str | None, role: str | None, place: on_record.Known | None = None) -> None:
	"""Create a ToDo unless the record already has the same one open."""
	todo = {
		"doctype": "ToDo",
		"status": "Open",
		"description": text,
		"allocated_to": user or None,
		"role": role or None,
		"reference_type": place and place.doctype,
		"reference_name": place and place.name,
		"assigned_by": frappe.session.user if frappe.session.user != "Guest" else "Administrator",
	}
	same = {
		key: todo[key] for key in ("status", "description", "reference_type", "reference_name") if todo[key]
	}
	if not frappe.db.exists("ToDo", same):
		write_notice(todo)


tell = open_todos
"""Jobs that were queued before 1.0.0 call this name."""
