"""What Frappe adds to forms, prints, and reports of other records, as users who may not read those ask."""

import json
from collections.abc import Iterator

import frappe
import pytest
from frappe.desk import query_report
from frappe.www import printview

from tests.integration.privacy import children
from tests.integration.privacy.children import EVENT
from tests.security.asking import Answer, Seat, seat
from tests.security.methods import Method

READS = ("Academics User",)
FORM = "frappe.desk.form.load.getdoc"
WHO = {
	"website user": (),
	"agent": ("Dialer Agent",),
	"teacher": ("Dialer Teacher",),
	"approver": ("Dialer Emergency Approver",),
	"one child's manager": ("Dialer Manager", *READS),
}
"""Users and their roles. The last is limited to one student, the others may read none."""


@pytest.fixture
def scene() -> Iterator[children.Scene]:
	with seat("Administrator"):
		yield children.scene()


def users(scene: children.Scene) -> Iterator[tuple[str, Seat]]:
	for who, roles in WHO.items():
		frappe.set_user("Administrator")
		limits = [("Student", scene.mine.student)] if roles[1:] else []
		yield who, Seat(children.user(*roles, allow=limits))


def ask(one: Seat, path: str, **arguments) -> Answer:
	return one.ask(Method(path, frappe.get_attr(path)), arguments)


def said(answer: Answer) -> str:
	return answer.failed + answer.text


def task(one: Seat, doctype: str, name: str) -> str:
	"""Let the user note a task of their own about a record, which takes no right on that."""
	frappe.set_user(one.user)
	about = {"reference_type": doctype, "reference_name": name, "allocated_to": one.user}
	return frappe.get_doc({"doctype": "ToDo", "description": "A task", **about}).insert().name


def meeting(one: Seat, student: str) -> str:
	frappe.set_user(one.user)
	of_child = {"reference_doctype": "Student", "reference_docname": student}
	values = {"doctype": "Event", "subject": "A meeting", "starts_on": frappe.utils.now()}
	return frappe.get_doc({**values, "event_type": "Private", "event_participants": [of_child]}).insert().name


def test_no_title_of_a_link_shows_what_its_user_may_not_read(scene):
	campaign, other = scene.campaigns[EVENT], scene.other
	title = frappe.db.get_value("Dialer Campaign", campaign, "title")
	for who, one in users(scene):
		about = ask(one, FORM, doctype="ToDo", name=task(one, "Student", other.student))
		assert other.student in said(about) and other.name not in said(about), who
		if frappe.has_permission("Event", "create"):  # In Frappe 16, users of the Desk only.
			met = ask(one, FORM, doctype="Event", name=meeting(one, other.student))
			assert other.student in said(met) and other.name not in said(met), who
		if who in ("website user", "teacher"):  # Who read no campaign.
			answer = ask(one, FORM, doctype="ToDo", name=task(one, "Dialer Campaign", campaign))
			assert campaign in said(answer) and title not in said(answer), who
	frappe.set_user("Administrator")
	reader = Seat(children.user(*READS))
	about = ask(reader, FORM, doctype="ToDo", name=task(reader, "Student", other.student))
	assert other.name in said(about)


def test_no_print_shows_a_title_that_its_user_may_not_read(scene):
	"""Check the titles that Frappe gives to a print, also of a record that it keeps in its cache."""
	frappe.get_cached_doc("Student", scene.other.student)
	for who, one in users(scene):
		doc = frappe.get_doc("ToDo", task(one, "Student", scene.other.student))
		printview.set_link_titles(doc)
		titles = doc.get("__link_titles")
		assert scene.other.name not in json.dumps(titles), who


def test_no_column_of_a_report_shows_what_its_user_may_not_read(scene):
	"""Check a column that the user adds to a report, of records to which it links."""
	path = f"{query_report.__name__}.get_data_for_custom_field"
	for who, one in users(scene):
		answer = said(ask(one, path, doctype="Student", field="student_name"))
		assert not children.leaks(answer, (scene.other.name, *scene.other.of_family)), who
	frappe.set_user("Administrator")
	reader = Seat(children.user(*READS))
	assert scene.other.name in said(ask(reader, path, doctype="Student", field="student_name"))


def test_submitted_records_are_listed_to_who_may_read_them(scene):
	path, names = (
		"frappe.desk.form.linked_with.get_submitted_linked_docs",
		(scene.other.bill, scene.other.absence),
	)
	for who, one in users(scene):
		answer = said(ask(one, path, doctype="Student", name=scene.other.student))
		assert not children.leaks(answer, names), who
	frappe.set_user("Administrator")
	reader = Seat(children.user(*READS, "Accounts Manager", "Education Manager"))
	assert scene.other.absence in said(ask(reader, path, doctype="Student", name=scene.other.student))


def test_what_is_read_for_a_user_is_not_kept_for_others(scene):
	"""Check Frappe's cache of documents, from which the dialer takes a campaign while it calls."""
	campaign, student, file = scene.campaigns[EVENT], scene.other.student, "/private/files/a.csv"
	frappe.db.set_value("Dialer Campaign", campaign, "audience_file", file, update_modified=False)
	for cached in (True, False):
		for doctype, name in (("Dialer Campaign", campaign), ("Student", student)):
			frappe.clear_document_cache(doctype, name)
			if cached:
				frappe.get_cached_doc(doctype, name)
		for who, one in users(scene):
			ask(one, FORM, doctype="Dialer Campaign", name=campaign)
			for about in (("Dialer Campaign", campaign), ("Student", student)):
				printview.set_link_titles(frappe.get_doc("ToDo", task(one, *about)))
			frappe.set_user("Administrator")
			assert frappe.get_cached_doc("Dialer Campaign", campaign).audience_file == file, who
			assert len(frappe.get_cached_doc("Student", student).guardians) == 1, who
			if not cached:
				frappe.clear_document_cache("Dialer Campaign", campaign)
				frappe.clear_document_cache("Student", student)
	frappe.clear_document_cache("Dialer Campaign", campaign)


def test_no_search_passes_by_the_users_permissions(scene):
	"""Check the argument by which a browser asks Frappe 15 for what is beyond them."""
	path, other = "frappe.desk.search.search_widget", scene.other
	asked = {
		"Student": (other.student, ["student_name", "student_mobile_number"]),
		"Guardian": (other.guardian, ["mobile_number"]),
		"Fees": (other.bill, ["student_name", "outstanding_amount"]),
		"Student Attendance": (other.absence, ["student_name", "status"]),
	}
	limited, reader = dict(users(scene))["one child's manager"], Seat(children.user(*READS))
	for doctype, (name, fields) in asked.items():
		filters = json.dumps([[doctype, "name", "=", name]])
		arguments = {"doctype": doctype, "filters": filters, "filter_fields": json.dumps(fields), "txt": ""}
		arguments |= {"ignore_user_permissions": "1", "page_length": "99"}
		for one, found in ((limited, False), (reader, True)):
			for of_dialer in (arguments, {**arguments, "reference_doctype": doctype}):
				assert (name in ask(one, path, **of_dialer).text) == found, (doctype, found)
		linked = {"doctype": doctype, "txt": name, "ignore_user_permissions": "1"}
		assert name not in ask(limited, "frappe.desk.search.search_link", **linked).text.replace(
			f'"{name}"', ""
		)
		through = {"method": path, "source_name": doctype, "target_doc": name}
		assert name not in ask(limited, "frappe.model.mapper.make_mapped_doc", **through).text
