"""What Frappe tells one user in notifications, and what its search finds, as other users ask for it."""

import json
from collections.abc import Iterator

import frappe
import pytest
from frappe.desk.doctype.notification_log import notification_log
from frappe.utils import global_search

from tests.integration.privacy import children
from tests.security.asking import Answer, Seat, seat
from tests.security.methods import Method, named

READS = ("Academics User",)
NEWS, TODO, TABLE = "Notification Log", "ToDo", "__global_search"
LINK = named("frappe.client.validate_link", "frappe.client.validate_link_and_fetch")
WHO = {
	"website user": (),
	"agent": ("Dialer Agent",),
	"teacher": ("Dialer Teacher",),
	"approver": ("Dialer Emergency Approver",),
	"System Manager": ("System Manager",),
}
"""Users who may read no student, by their roles."""


@pytest.fixture
def scene() -> Iterator[children.Scene]:
	with seat("Administrator"):
		yield children.scene()


def user(*roles: str) -> Seat:
	frappe.set_user("Administrator")
	return Seat(children.user(*roles))


def ask(one: Seat, path: str, **arguments) -> Answer:
	return one.ask(Method(path, frappe.get_attr(path)), arguments)


def said(answer: Answer) -> str:
	return answer.failed + answer.text


# Notifications.


def told(one: Seat, child: children.Child) -> str:
	"""Notify this user of a child, and return the notification's name, which is the next number."""
	frappe.set_user("Administrator")
	values = {"doctype": NEWS, "type": "Alert", "for_user": one.user, "subject": f"About {child.name}"}
	return str(frappe.get_doc(values).insert(ignore_permissions=True).name)


def questions(name: str) -> list[tuple[str, dict]]:
	of_name = {"doctype": NEWS, "name": name}
	filters = json.dumps([[NEWS, "name", "=", name]])
	return [
		("frappe.client.get", of_name),
		("frappe.client.get_value", {"doctype": NEWS, "filters": filters, "fieldname": "subject"}),
		("frappe.desk.form.load.getdoc", of_name),
		("frappe.desk.reportview.get", {"doctype": NEWS, "filters": filters, "fields": '["*"]'}),
		("frappe.www.printview.get_html_and_style", {"doc": NEWS, "name": name}),
		(
			LINK,
			{"doctype": NEWS, "docname": name, **dict.fromkeys(("fields", "fields_to_fetch"), '["subject"]')},
		),
	]


def test_no_one_reads_another_users_notifications(scene):
	"""Check names that anyone can guess: they are 1, 2, 3."""
	officer = user("Dialer Compliance Officer", *READS)
	name = told(officer, scene.other)
	for who, roles in WHO.items():
		one = user(*roles)
		for path, arguments in questions(name):
			assert scene.other.name not in said(ask(one, path, **arguments)), (who, path)
	shown = {
		path
		for path, arguments in questions(name)
		if scene.other.name in said(ask(officer, path, **arguments))
	}
	assert {"frappe.client.get", "frappe.desk.form.load.getdoc", "frappe.desk.reportview.get"} <= shown


def test_no_one_marks_another_users_notifications_as_read(scene):
	"""Check a notification of an emergency, which its approver would not see as new."""
	approver = user("Dialer Emergency Approver")
	name, path = told(approver, scene.other), f"{notification_log.__name__}.mark_as_read"
	mark = Method(path, frappe.get_attr(path))
	for one, read in ((user(), 0), (user("Dialer Manager"), 0), (user("System Manager"), 0), (approver, 1)):
		one.ask(mark, {"docname": name}, keep=True)
		frappe.set_user("Administrator")
		assert frappe.db.get_value(NEWS, name, "read") == read


# Permissions, and points.


def test_no_one_learns_to_whom_another_user_is_limited(scene):
	path = "frappe.core.doctype.user_permission.user_permission.get_user_permissions"
	limited = Seat(children.user("Dialer Manager", *READS, allow=[("Student", scene.other.student)]))
	for who, roles in WHO.items():
		if who != "System Manager":  # Who gives these permissions.
			one = user(*roles)
			assert scene.other.student not in said(ask(one, path, user=limited.user)), who
			mapped = {"method": path, "source_name": limited.user}
			assert scene.other.student not in said(ask(one, "frappe.model.mapper.make_mapped_doc", **mapped))
	for one in (limited, user("System Manager")):
		assert scene.other.student in said(ask(one, path, user=limited.user))
	assert scene.other.student in said(ask(limited, path))


def test_what_a_point_is_given_for_is_shown_to_those_only_who_may_read_the_record(scene):
	points = "Energy Point Log"
	if not frappe.db.exists("DocType", points):  # Frappe 16 has none.
		return
	reason = {"reason": f"{scene.other.tag}reason", "type": "Review", "points": 1, "user": "Administrator"}
	about = {"reference_doctype": "Student", "reference_name": scene.other.student}
	name = frappe.get_doc({"doctype": points, **reason, **about}).insert().name
	for who in set(WHO) - {"System Manager"}:
		for path, arguments in (
			("frappe.client.get", {"doctype": points, "name": name}),
			("frappe.client.get_list", {"doctype": points, "fields": '["*"]', "limit_page_length": 0}),
		):
			assert reason["reason"] not in said(ask(user(*WHO[who]), path, **arguments)), (who, path)
	assert reason["reason"] in said(ask(user(*READS), path, **arguments))


# Search.


@pytest.fixture
def noted(scene) -> Iterator[tuple[Seat, children.Scene]]:
	"""A task of an officer about each child, as Frappe's search keeps it, and the officer.

	The table of the search takes part in no transaction.
	"""
	officer, names = user("Dialer Compliance Officer", *READS), []
	frappe.set_user("Administrator")
	for child in scene.children:
		values = {"doctype": TODO, "description": f"Call {child.name}", "allocated_to": officer.user}
		names.append(frappe.get_doc(values).insert().name)
		row = (TODO, names[-1], f"Description : Call {child.name}", 0)
		frappe.db.sql(
			f"insert into `{TABLE}` (doctype, name, content, published) values (%s, %s, %s, %s)", row
		)
	yield officer, scene
	frappe.set_user("Administrator")
	frappe.db.delete(TABLE, {"doctype": TODO, "name": ("in", names)})


def test_the_search_finds_what_its_user_may_read_only(noted):
	officer, scene = noted
	path = f"{global_search.__name__}.search"
	for who in set(WHO) - {"System Manager"}:  # Who sees everyone's tasks in Frappe's list.
		one = user(*WHO[who])
		for child in scene.children:
			for more in ({}, {"doctype": TODO}):
				found = said(ask(one, path, text=child.name, **more))
				assert f"Call {child.name}" not in found, who
	assert f"Call {scene.other.name}" in said(ask(officer, path, text=scene.other.name))
