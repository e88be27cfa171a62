"""Notify the registrar and agents.

For a number that belongs to someone else they get a ToDo that names the record to correct; for a family's
message that awaits review they get a notification. Neither contains a number or the family's words.
"""

from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer.audience import on_record
from school_dialer.base import roles
from school_dialer.base.jobs import job, report
from school_dialer.base.roles import AGENT
from school_dialer.base.without_permission import write_notice
from school_dialer.consent.events import WRONG_NUMBER
from school_dialer.consent.replies import reviews
from school_dialer.help_desk import routes
from school_dialer.inbound.conversations import belonging, conversation
from school_dialer.inbound.conversations import school as school_of
from school_dialer.schools import approvers, registry, staff
from school_dialer.schools import rows as school_rows
from school_dialer.schools.belonging import of_records
from school_dialer.schools.belonging import of_students as belonging_of_students

NAMING_PEOPLE = ("Consent Event", "Dialer Recipient", "Dialer Call Log")
"""Where the dialer recorded whose number it is.

A wrong-number event removes the name from Contact Consent.
"""
MOST_RECORDS = 5
Who = tuple[str | None, str | None]
URGENT = "dialer_urgent"
"""The event in `public/js/urgent.js`."""


def on_consent_event(doc, method: str | None = None) -> None:
	"""Enqueue ToDos for a wrong number (hook `dialer_consent_recorded`).

	The work is done by a job after the commit, so that its errors cannot undo the event. Hooks of an earlier
	version, which are cached until an update is done, call it as a document event.
	"""
	if doc.kind == WRONG_NUMBER and (any(registrars()) or of_schools()):
		frappe.enqueue(
			"school_dialer.help_desk.registrar.open_todos",
			queue="short",
			enqueue_after_commit=True,
			event=doc.name,
		)


def on_review(name: str) -> None:
	"""Enqueue a notification of a new review (hook `dialer_review_asked`).

	The job runs after the commit, so that its errors cannot undo the review. A number that changed hands is a
	task for the registrar instead.
	"""
	if frappe.db.get_value(reviews.DOCTYPE, name, "reason") == reviews.REASSIGNED:
		if any(registrars()) or of_schools():
			frappe.enqueue(
				"school_dialer.help_desk.registrar.open_todos_for_review",
				queue="short",
				enqueue_after_commit=True,
				review=name,
			)
		return
	frappe.enqueue(
		"school_dialer.help_desk.registrar.ring", queue="short", enqueue_after_commit=True, review=name
	)


@job
def ring(review: str) -> None:
	"""Notify every agent and registrar, or the managers if there is neither (background job).

	In a district, those of the family's school and of the district.
	"""
	row = frappe.db.get_value(reviews.DOCTYPE, review, ["reason", "phone"], as_dict=True)
	if not row or not row.reason:
		return
	subject = _("A family's message is waiting for someone to look at it: {0}.").format(_(row.reason))
	staff.ring(agents(school_of.of_call(row.phone), alone=False), subject, reviews.DOCTYPE, review)


def on_conversation(name: str) -> None:
	"""Enqueue a notification that a conversation waits (hook `dialer_conversation_waiting`).

	An urgent one also appears at once on the screens of those who answer families.
	"""
	if frappe.db.get_value(conversation.DOCTYPE, name, "urgent"):
		for user in sorted(answering(name)):
			frappe.publish_realtime(URGENT, {"conversation": name}, user=user, after_commit=True)
	frappe.enqueue(
		"school_dialer.help_desk.registrar.ring_for_conversation",
		queue="short",
		enqueue_after_commit=True,
		name=name,
	)


@job
def ring_for_conversation(name: str) -> None:
	"""Assign the conversation, and notify those who have it or else all who answer (background job)."""
	try:
		routes.assign(name)
		# It stays assigned, even if no one can be notified.
		frappe.db.commit()
	except Exception as error:
		report("route of a conversation", error)
	if not (row := frappe.db.get_value(conversation.DOCTYPE, name, ["status", "urgent"], as_dict=True)):
		return
	subject = (
		_("Urgent: a family needs an answer now.")
		if row.urgent
		else _("A family wrote and is waiting for an answer.")
	)
	if row.status == conversation.WAITING:
		staff.ring(answering(name), subject, conversation.DOCTYPE, name)


def answering(name: str) -> set[str]:
	"""Return those a conversation is assigned to and who see it, or else those who answer for its school.

	For an urgent one, those are the school's and the district's. With a family of several schools, as long as
	it is not known which one it is about, those of each school, too.
	"""
	fields = ["_assign", "school", "urgent", "of_several_schools", "phone"]
	row = frappe.db.get_value(conversation.DOCTYPE, name, fields, as_dict=True)
	assigned = set(frappe.parse_json(row._assign or "[]"))
	if assigned and (users := school_rows.readers(assigned, conversation.DOCTYPE, name)):
		return users
	users = agents(row.school, alone=not row.urgent)
	if row.of_several_schools and not row.school:
		of_each = set().union(*map(agents, school_of.of_children(row.phone)))
		users |= school_rows.readers(of_each, conversation.DOCTYPE, name)
	return users


def agents(school: str | None = None, alone: bool = True) -> set[str]:
	"""Return every agent and registrar who wants notifications, or the managers if there is neither.

	In a district they are those of this school, and if it has none of its own, or not `alone`, the
	district's. If none of them wants any, all are returned.
	"""
	user, role = registrars()
	users = staff.with_roles(AGENT, *([role] if role else [])) | ({user} if user else set())
	users = users or staff.with_roles(roles.MANAGER)
	users = of_school(users, school, alone) or users
	return staff.wanting(users, "enabled") or users


def of_school(users: set[str], school: str | None, alone: bool) -> set[str]:
	"""Return those of these users who answer for this school, or for the district."""
	acting = approvers.acting_for(users, school)
	if not (office := registry.find(school)):
		return acting
	of_own = acting & set(approvers.permitted(users))
	of_own |= {office.registrar} if office.registrar else set()
	return of_own if of_own and alone else acting | of_own


def registrars() -> tuple[str | None, str | None]:
	"""Return the district's user and role, in Dialer Settings."""
	user, role = (
		frappe.db.get_single_value("Dialer Settings", field) for field in ("registrar", "registrar_role")
	)
	return user, role


def of_schools() -> dict[str, str]:
	"""Return the registrar of each school of the district that has its own."""
	if not registry.is_district():
		return {}
	return {school.name: school.registrar for school in registry.schools().values() if school.registrar}


def responsible(places: list[on_record.NumberOnRecord]) -> dict[on_record.NumberOnRecord, list[Who]]:
	"""Return the registrars of each record: those of its students' schools, or else the district's."""
	of_each = of_schools()
	students = (
		{place: belonging.children_of([(place.doctype, place.name)]) for place in places} if of_each else {}
	)
	schools = belonging_of_students({student for children in students.values() for student in children})
	who_answers = {}
	for place in places:
		named = {schools.get(student, "") for student in students.get(place, ())} or {school_of_record(place)}
		users = sorted({of_each[school] for school in named if school in of_each})
		who_answers[place] = [(user, None) for user in users] or [registrars()]
	return who_answers


def school_of_record(place: on_record.NumberOnRecord) -> str:
	return of_records(place.doctype, [place.name]).get(place.name, "")


def registrar_of(phone: str) -> tuple[str | None, str | None]:
	"""Return the registrar of the school that called this number (E.164) last, or the district's."""
	of_each = of_schools()
	school = school_of.school_of_each([school_of.FamilyNumber(phone)])[0] if of_each else ""
	return (of_each[school], None) if school in of_each else registrars()


@job
def open_todos(event: str) -> None:
	"""Create a ToDo for each record that holds this event's number (background job).

	If no record holds it, one ToDo says so. They go to the registrar of the students' school.
	"""
	doc = frappe.get_doc("Consent Event", event)
	places = list(where_it_stands(doc))[:MOST_RECORDS]
	words = _(
		'A phone number belongs to someone else ("{0}"). Ask the family for the right one and correct it.'
	)
	open_for_records(places, words)
	if not places:
		link = frappe.utils.get_link_to_form("Consent Event", doc.name, _("the event"))
		open_todo(
			_(
				"A phone number belongs to someone else, and is on no record that the dialer knows: {0}."
			).format(link),
			*registrar_of(doc.phone),
		)


@job
def open_todos_for_review(review: str) -> None:
	"""Create a ToDo for each record that holds the number of this review (background job).

	A look-up says that it changed hands. If no record holds it, the review itself is the task.
	"""
	row = frappe.db.get_value(reviews.DOCTYPE, review, ["phone", "reference_doctype"], as_dict=True)
	if not row or not row.phone:
		return
	asked = frappe._dict(phone=row.phone, reference_doctype=None, reference_name=None)
	words = _(
		'A look-up says that a phone number changed hands ("{0}"). It is not called any more. Ask the family '
		"for their number: only their own answer or a signed form makes this one right again."
	)
	open_for_records(list(where_it_stands(asked))[:MOST_RECORDS], words)


def open_for_records(places: list[on_record.NumberOnRecord], words: str) -> None:
	"""Create one ToDo for each record and registrar. `words` has a place for the field's label."""
	for place, several in responsible(places).items():
		field = frappe.get_meta(place.doctype).get_label(place.field)
		for who in several:
			open_todo(words.format(_(field)), *who, place)


def where_it_stands(event) -> Iterator[on_record.NumberOnRecord]:
	"""Yield the records that hold the number now.

	Candidates are the event's own record and the people called at this number.
	"""
	numbers = []
	if event.reference_doctype in on_record.RECORDS and is_there(
		event.reference_doctype, event.reference_name
	):
		numbers += on_record.numbers_on(event.reference_doctype, event.reference_name)
	for doctype, name in dict.fromkeys(people_called(event.phone)):
		if doctype in on_record.PHONE_FIELDS and frappe.db.exists("DocType", doctype):
			numbers += on_record.numbers_of(doctype, [name])
	yield from dict.fromkeys(number for number in numbers if number.phone == event.phone)


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


def open_todo(
	text: str, user: str | None, role: str | None, place: on_record.NumberOnRecord | None = None
) -> None:
	"""Create a ToDo unless the record already has the same one open. In a district, for the same person."""
	if not (user or role):
		return
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
	if user and registry.is_district():
		same["allocated_to"] = user
	if not frappe.db.exists("ToDo", same):
		write_notice(todo)


tell = open_todos
"""Jobs that were queued before 1.0.0 call this name."""
