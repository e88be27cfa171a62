"""No method of any app returns a row about a child to a user who may not read it, however it is called."""

import json
import re

import frappe
import pytest

from school_dialer.desk import linked
from school_dialer.privacy import hidden_rows
from school_dialer.schools import rows as school_rows
from tests.integration.privacy import children
from tests.integration.privacy.children import ATTENDANCE, EVENT
from tests.security.asking import Seat, seat
from tests.security.methods import Method, Probe, found

READS = ("Academics User",)
WHO = {
	"website user": (),
	"instructor": ("Instructor",),
	"agent": ("Dialer Agent",),
	"approver": ("Dialer Emergency Approver",),
	"system manager": ("System Manager",),
}
"""Users who may read no student, by their roles."""
READ_TABLE = re.compile(r"(?:from|join)\s+`tab([^`]+)`", re.IGNORECASE)
GIVEN = ("form", "lean filters", "filters")


@pytest.fixture
def scene():
	"""Two families with rows of every kind, seen from a seat that rolls them back."""
	with seat("Administrator"):
		yield children.scene()


def user(*roles: str, **values) -> Seat:
	frappe.set_user("Administrator")
	return Seat(children.user(*roles, **values))


def ask(one: Seat, path: str, **arguments) -> str:
	"""Return all that the method answered."""
	answer = one.ask(Method(path, frappe.get_attr(path)), arguments)
	return answer.failed + answer.text


def attacks(scene) -> list[tuple[str, dict]]:
	"""Return what a penetration test did: each got rows about children without a right on any."""
	campaign, child = scene.campaigns[ATTENDANCE], scene.other
	of_campaign = [["Dialer Recipient", "campaign", "=", campaign]]
	through = {"source_names": json.dumps(["Dialer Campaign"]), "target_doc": campaign}
	return [
		("frappe.desk.form.linked_with.get", {"doctype": "Dialer Campaign", "docname": campaign}),
		("frappe.model.mapper.map_docs", {"method": "frappe.desk.form.linked_with.get", **through}),
		(
			"frappe.desk.search.search_widget",
			{
				"doctype": "Dialer Recipient",
				"txt": "",
				"filters": json.dumps(of_campaign),
				"filter_fields": json.dumps(["person_name", "students", "campaign"]),
				"ignore_user_permissions": "1",
				"page_length": "999",
			},
		),
		(
			"frappe.desk.query_report.get_data_for_custom_field",
			{"doctype": "Dialer Recipient", "field": "person_name", "names": json.dumps([])},
		),
		("frappe.client.get", {"doctype": "Dialer Recipient", "filters": json.dumps({"campaign": campaign})}),
		(
			"frappe.client.get_value",
			{
				"doctype": "Dialer Recipient",
				"fieldname": json.dumps(["person_name", "students"]),
				"filters": json.dumps({"person": child.guardian}),
			},
		),
	]


@pytest.mark.parametrize("who", WHO)
def test_the_attacks_that_got_rows_get_none(scene, who):
	one = user(*WHO[who])
	for path, arguments in attacks(scene):
		told = ask(one, path, **arguments)
		assert not leaks(told, (*scene.mine.of_family, *scene.other.of_family)), path


def test_who_may_read_the_children_gets_them(scene):
	"""Check the attack itself: what it asks for is there."""
	one = user("Dialer Compliance Officer", "Dialer Manager", *READS)
	shown = [path for path, arguments in attacks(scene) if scene.other.tag in ask(one, path, **arguments)]
	assert "frappe.desk.form.linked_with.get" in shown and "frappe.client.get_value" in shown


def test_a_count_says_of_no_child_that_they_were_absent(scene):
	path, answers = "frappe.client.get_count", []
	child, invented = scene.other.guardian_name, "No such person"
	for name in (child, invented):
		filters = {"campaign": scene.campaigns[ATTENDANCE], "person_name": name}
		frappe.local.message_log = []
		one = user("Instructor")
		arguments = {"doctype": "Dialer Recipient", "filters": json.dumps(filters)}
		answers.append(one.ask(Method(path, frappe.get_attr(path)), arguments))
		frappe.set_user(one.user)
		# Frappe's own method, which another method may call, counts without a permission check.
		assert frappe.db.count("Dialer Recipient", filters) == 0
	assert answers[0].echoes_only(child, answers[1], invented)


@pytest.mark.parametrize("who", [*WHO, "one child's manager"])
def test_no_method_returns_a_row_about_a_child(scene, who, counted):
	"""Put the rows of every DocType to every method in several ways, one DocType after another."""
	if who in WHO:
		one, hidden = user(*WHO[who]), (*scene.mine.of_family, *scene.other.of_family)
	else:
		only = [("Student", scene.mine.student)]
		one, hidden = user("Dialer Manager", *READS, allow=only), scene.other.secrets
	methods = [method for method in found() if method.takes_a_doctype]
	doctypes, asked, leaked = sorted(scene.rows), 0, []
	for place, method in enumerate(methods):
		for turn, way in enumerate(GIVEN):
			doctype = doctypes[(place + turn) % len(doctypes)]
			probe = Probe(doctype, scene.rows[doctype][scene.other.student], "name", scene.other.tag)
			known = {"form": lambda probe=probe: probe.form({}, ["*"], "name", None)}
			arguments = known[way]() if way in known else dict(probe.ways())[way]
			answer = one.ask(method, method.arguments(arguments))
			asked += 1
			given = json.dumps(arguments, default=str)
			leaked += [
				(method.path, way, doctype)
				for text in leaks(answer.failed + answer.text, hidden)
				if text not in given
			]
	counted(f"{who}: {len(methods)} methods asked about rows of children {asked} times, {len(leaked)} leaks")
	assert asked and not leaked


def leaks(text: str, hidden: tuple[str, ...]) -> list[str]:
	return [one for one in hidden if one in text]


def test_a_locked_row_is_narrowed_too(scene):
	one = user("Dialer Agent")
	frappe.set_user(one.user)
	row = scene.rows["Dialer Recipient"][scene.other.student]
	assert not frappe.db.get_value("Dialer Recipient", row, "name", for_update=True)
	frappe.set_user("Administrator")
	assert frappe.db.get_value("Dialer Recipient", row, "name", for_update=True)


def test_what_a_hidden_row_keeps_from_a_list_stays_out_of_it(scene):
	"""Check our own condition on another DocType, which excludes what belongs to hidden conversations."""
	conversation = scene.rows["Dialer Conversation"][scene.other.student]
	message = frappe.db.get_value("Dialer Conversation Message", {"conversation": conversation})
	values = {"doctype": "Communication", "subject": "Hello", "communication_medium": "Other"}
	hidden, other = (frappe.get_doc(values).insert().name for _one in range(2))
	frappe.db.set_value("Dialer Conversation Message", message, "communication", hidden)
	frappe.set_user(user("Inbox User").user)
	assert frappe.get_list("Communication", {"name": ("in", (hidden, other))}, pluck="name") == [other]


def test_a_court_order_is_shown_to_those_only_who_may_read_its_student(scene):
	"""Check the table itself, whose rows Frappe lists to all who may read any Student."""
	for child in scene.children:
		of_child = {"parent": child.student}
		frappe.db.set_value("Student Guardian", of_child, "dialer_contact_permission", f"{child.tag}order")
	limited = user("Dialer Manager", *READS, allow=[("Student", scene.mine.student)])
	for one, hidden in ((limited, [scene.other]), (user(*READS), [])):
		shown = [child for child in scene.children if child not in hidden]
		# Some releases of Frappe answer a child table's "*" with the names of its rows alone.
		for fields, expected in ((["*"], (shown, [])), (["parent", "dialer_contact_permission"], (shown,))):
			arguments = {"doctype": "Student Guardian", "fields": json.dumps(fields), "parent": "Student"}
			answer = ask(one, "frappe.client.get_list", limit_page_length=0, **arguments)
			assert [child for child in scene.children if f"{child.tag}order" in answer] in expected
	frappe.set_user(limited.user)
	loaded = frappe.get_doc("Student", scene.mine.student)
	assert [row.dialer_contact_permission for row in loaded.guardians] == [f"{scene.mine.tag}order"]


def test_a_guardian_is_shown_to_those_only_who_may_read_a_child(scene):
	"""Check lists, in which Frappe does not apply a User Permission on Student to guardians, as in forms."""
	limited = user("Dialer Manager", *READS, allow=[("Student", scene.mine.student)])
	alone = frappe.get_doc({"doctype": "Guardian", "guardian_name": f"{scene.other.tag}alone"}).insert()
	for one, shown in ((limited, [scene.mine]), (user(*READS), scene.children)):
		for child in scene.children:
			filters = json.dumps([["Guardian", "name", "=", child.guardian]])
			for path, arguments in (
				("frappe.client.get_value", {"filters": filters, "fieldname": '["mobile_number"]'}),
				("frappe.client.get_list", {"filters": filters, "fields": '["*"]'}),
				("frappe.desk.reportview.get", {"filters": filters, "fields": '["mobile_number"]'}),
				("frappe.client.get", {"name": child.guardian}),
				("frappe.desk.form.load.getdoc", {"name": child.guardian}),
			):
				answer = ask(one, path, doctype="Guardian", **arguments)
				assert (child.phone in answer) == (child in shown), (path, child in shown)
		found = ask(
			one, "frappe.client.get_list", doctype="Guardian", filters=json.dumps({"name": alone.name})
		)
		assert (alone.name in found) == (one is not limited)
	frappe.set_user("Administrator")
	alone.db_set("owner", limited.user)
	found = ask(
		limited, "frappe.client.get_list", doctype="Guardian", filters=json.dumps({"name": alone.name})
	)
	assert alone.name in found


def test_our_conditions_read_rows_of_people_in_full():
	"""Check that a condition which excludes by rows also excludes by those that the user may not read."""
	for roles in ((), ("Dialer Agent",), ("Inbox User", *READS)):
		reader = children.user(*roles)
		for doctype, paths in frappe.get_hooks(
			"permission_query_conditions", app_name="school_dialer"
		).items():
			condition = school_rows.without_trusted(frappe.get_attr(paths[-1])(reader) or "")
			read = {name for name in READ_TABLE.findall(condition) if name in hidden_rows.GUARDED}
			assert not read, (doctype, roles)


def test_a_person_whom_a_hidden_row_names_is_still_linked(scene):
	"""Check that a user deletes no one whom a row names that this user may not read."""
	one = user(*READS, "Education Manager")
	frappe.set_user(one.user)
	with pytest.raises((frappe.LinkExistsError, frappe.PermissionError)):
		frappe.delete_doc("Guardian", scene.other.guardian)


def test_the_links_of_a_record_are_not_refused_for_a_doctype_that_is_not_ones_own(scene):
	"""Check Education's own screen, and an agent's of a campaign."""
	for roles, doctype, name in (
		(READS, "Guardian", scene.other.guardian),
		(("Dialer Agent",), "Dialer Campaign", scene.campaigns[EVENT]),
	):
		frappe.set_user(user(*roles).user)
		found_rows = linked.get(doctype, name)
		assert all(frappe.has_permission(one, "read") for one in found_rows)


def test_every_doctype_about_people_is_guarded():
	"""Check that a DocType with a person, a student, or a number has been thought of."""
	stored = {"module": "School Dialer", "istable": 0, "issingle": 0}
	of_ours = frappe.get_all("DocType", stored, pluck="name")
	columns = {"person", "student", "students", "person_name", "phone"}
	people = {
		doctype
		for doctype in of_ours
		if columns & {field.fieldname for field in frappe.get_meta(doctype).fields}
	}
	assert people <= hidden_rows.GUARDED, people - hidden_rows.GUARDED
