"""A user of the website neither sees nor changes what staff and the dialer note on students."""

import json

import frappe
import pytest

from school_dialer.audience import barred
from school_dialer.privacy import portal as guard
from school_dialer.setup import custom_fields
from tests.integration.privacy import children, portal
from tests.security.asking import Answer, Seat, seat
from tests.security.methods import Method

LINK, ORDER = "Student Guardian", "dialer_contact_permission"


@pytest.fixture
def scene():
	"""Two families with a court order and an answer noted on each student, rolled back."""
	with seat("Administrator"):
		made = children.scene()
		portal.note_on(made)
		yield made


@pytest.fixture
def guardian(scene) -> Seat:
	"""The second guardian of a child whose first one is barred."""
	return Seat(portal.guardian_of(scene.mine))


def ask(one: Seat, path: str, **arguments) -> Answer:
	given = {
		name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()
	}
	return one.ask(Method(path, frappe.get_attr(path)), given)


def ways(child: children.Child) -> list[tuple[str, dict]]:
	"""Return requests that show a student, or find one by the court order."""
	named = {"doctype": "Student", "name": child.student}
	of_links = {"doctype": LINK, "parent": "Student", "filters": {"parent": child.student}}
	by_order = {"parent": child.student, ORDER: portal.order_on(child)}
	tagged = {"doctype": "Tag Link", "filters": {"document_name": child.student}, "fields": ["*"]}
	return [
		("frappe.client.get", named),
		("frappe.desk.form.load.getdoc", named),
		("frappe.desk.form.load.get_docinfo", named),
		("frappe.www.printview.get_html_and_style", {"doc": "Student", "name": child.student}),
		("frappe.client.get_list", {**of_links, "fields": ["*"]}),
		("frappe.client.get_list", {**of_links, "fields": ["guardian", ORDER]}),
		("frappe.client.get_list", {**of_links, "filters": by_order, "fields": ["name"]}),
		("frappe.client.get_count", {**of_links, "filters": by_order}),
		("frappe.client.get_value", {**of_links, "fieldname": ORDER}),
		("frappe.desk.form.load.get_communications", named),
		("frappe.client.get_list", tagged),
		("frappe.desk.reportview.get", {"doctype": "Student", "fields": [f"`tab{LINK}`.`{ORDER}`"]}),
		("frappe.client.get_list", {"doctype": "Student", "fields": ["*"], "limit_page_length": 0}),
		("frappe.client.get_list", {"doctype": "Student", "fields": ["name", "_comments"]}),
		("frappe.client.get_list", {"doctype": "Student", "fields": ["name", "_user_tags"]}),
		("frappe.client.get_value", {**named, "filters": child.student, "fieldname": "_comments"}),
	]


def test_the_guardian_sees_no_court_order_and_no_answer(scene, guardian):
	for child in scene.children:
		for path, arguments in ways(child):
			answer = ask(guardian, path, **arguments)
			told = answer.failed + answer.text
			given = json.dumps(arguments)
			assert not [one for one in portal.hidden(child) if one in told and one not in given], path
	filtered = [ask(guardian, path, **arguments) for path, arguments in ways(scene.other)[6:8]]
	assert all(answer.failed for answer in filtered)


def test_the_guardian_still_reads_what_education_shows(scene, guardian):
	answer = ask(guardian, "frappe.client.get", doctype="Student", name=scene.mine.student)
	assert not answer.failed and scene.mine.name in answer.text and scene.mine.guardian in answer.text


@pytest.mark.parametrize("roles", [(), ("Guardian",)], ids=["without a role", "without Student"])
def test_who_may_not_read_a_record_is_shown_nothing_of_it(scene, roles):
	"""Check the records of Frappe that a form shows beside a document: e-mails, comments, tags, versions."""
	portal.guardian_of(scene.mine)  # Makes the roles.
	outsider = Seat(children.user(*roles))
	rows = [("Student", child.student, child.tag) for child in scene.children]
	for doctype, by_student in scene.rows.items():
		for student, name in by_student.items():
			tag = f"{student}{len(rows)}x"
			portal.write_about(doctype, name, tag)
			rows.append((doctype, name, tag))
	assert len(rows) > 2
	for doctype, name, tag in rows:
		for method in ("getdoc", "get_docinfo", "get_communications"):
			path, named = f"frappe.desk.form.load.{method}", {"doctype": doctype, "name": name}
			told = ask(outsider, path, **named)
			assert not [one for one in portal.WRITTEN if f"{tag}{one}" in told.failed + told.text], path
			assert f"{tag}mail" in ask(Seat("Administrator"), path, **named).text


def test_staff_see_both(scene):
	frappe.set_user("Administrator")
	teacher = Seat(children.user("Instructor"))
	answer = ask(teacher, "frappe.desk.form.load.getdoc", doctype="Student", name=scene.mine.student)
	assert all(one in answer.text for one in portal.noted_on(scene.mine))


def save(one: Seat, student: str, change) -> None:
	"""Save a student as a page of a school does on which families correct their own record."""
	frappe.set_user(one.user)
	doc = frappe.get_doc("Student", student)
	assert {row.get(ORDER) for row in doc.guardians} == {None}
	change(doc)
	doc.flags.ignore_mandatory = True
	doc.save(ignore_permissions=True)
	frappe.set_user("Administrator")


@pytest.mark.parametrize("again", [False, True], ids=["the same rows", "new rows"])
def test_what_the_guardian_saves_leaves_the_court_order(scene, guardian, again):
	link = {"parent": scene.mine.student, "guardian": scene.mine.guardian}
	frappe.db.set_value(LINK, link, ORDER, barred.BY_COURT_ORDER)

	def change(doc) -> None:
		doc.middle_name = "Corrected"
		doc.guardians[0].set(ORDER, "All")
		if again:
			doc.set("guardians", [{"guardian": row.guardian, "relation": "Others"} for row in doc.guardians])

	save(guardian, scene.mine.student, change)
	assert frappe.db.get_value(LINK, link, ORDER) == barred.BY_COURT_ORDER
	assert frappe.db.get_value("Student", scene.mine.student, "middle_name") == "Corrected"


def test_a_guardian_whom_the_guardian_adds_gets_no_rights_by_it(scene, guardian):
	stranger = scene.other.guardian
	frappe.db.set_value(LINK, {"parent": scene.mine.student}, ORDER, barred.BY_COURT_ORDER)

	def change(doc) -> None:
		row = {"guardian": stranger, "relation": "Others", "dialer_may_receive_records": "Yes"}
		doc.append("guardians", {**row, "dialer_contact_order": 1})

	save(guardian, scene.mine.student, change)
	link = {"parent": scene.mine.student, "guardian": stranger}
	kept = frappe.db.get_value(LINK, link, guard.COLUMNS, as_dict=True)
	assert kept[ORDER] == "All" and not kept.dialer_may_receive_records and not kept.dialer_contact_order


def test_every_field_on_a_childs_link_to_a_guardian_is_withheld():
	assert {field["fieldname"] for field in custom_fields.FIELDS[LINK]} == set(guard.COLUMNS)
