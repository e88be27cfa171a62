"""Children's data is visible only with permission to read the child.

Everything that returns data is called by users who may read more or fewer of the children.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import frappe
import pytest
from frappe.desk import query_report

from school_dialer.audience import student_access
from school_dialer.base import clock
from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.desk import audience, campaigns, linked, pins, recipients, rules
from school_dialer.help_desk import timeline
from school_dialer.patches import names_out_of_conditions
from school_dialer.privacy import student_rows
from school_dialer.reporting import digest, rehearsal
from tests.integration import factories as make
from tests.integration import statements
from tests.integration.privacy import children
from tests.integration.privacy.children import ATTENDANCE, EVENT, FEES
from tests.integration.roles import attempts
from tests.integration.roles.conftest import a_request as plain_request  # noqa: F401

pytestmark = pytest.mark.exhaustive

MODULE = "School Dialer"
ROLES = (
	"Dialer Manager",
	"Dialer Agent",
	"Dialer Compliance Officer",
	"Dialer Emergency Approver",
	"System Manager",
)
WITHOUT = ("Dialer Manager", "every role")
"""Users who may read no student.

The first has the role that was found to see debts, the second all of the app's roles.
"""
REGISTRAR = "Academics User"
"""Education's role that reads students, fees and attendance."""
BEGIN_THEIR_OWN = (
	"desk.campaigns.pause",
	"desk.campaigns.cancel",
	"desk.campaigns.undo_correction",
	*(
		f"desk.inbox.manual_calls.{method}"
		for method in ("call", "claim", "give_up", "keep", "note_outcome", "release", "take_next", "undo")
	),
)
"""Methods that begin a transaction of their own, without the test's records.

They return nothing, a number, a name or a state.
"""
ELSEWHERE = ("webhooks.", "desk.exports.")
"""Methods that are not called here.

The first are the carrier's. The second pass on to exports of Frappe, which read what its lists read.
"""
REFUSED = (frappe.ValidationError, frappe.PermissionError, frappe.exceptions.TooManyRequestsError)


@pytest.fixture
def scene(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	return children.scene()


@pytest.fixture
def readers(scene) -> "Readers":
	"""Return users by what they may read: no student, all, one, or the attendance of one class."""
	every = (*ROLES[:-1], REGISTRAR)
	return Readers(
		{
			"Dialer Manager": partial(children.user, "Dialer Manager"),
			"every role": partial(children.user, *ROLES),
			"all": partial(children.user, *every),
			"one": partial(children.user, *every, allow=[("Student", scene.mine.student)]),
			"class": partial(children.user, *every, allow=[("Student Group", scene.mine.group)]),
		}
	)


class Readers(Mapping):
	"""Users by what they may read, each made on first access."""

	def __init__(self, make: dict[str, Callable[[], str]]):
		self.make, self.made = make, {}

	def __getitem__(self, reader: str) -> str:
		if reader not in self.made:
			self.made[reader] = self.make[reader]()
		return self.made[reader]

	def __iter__(self) -> Iterator[str]:
		return iter(self.make)

	def __len__(self) -> int:
		return len(self.make)


def forbidden(scene, reader: str) -> tuple[str, ...]:
	"""Return the texts that this reader must not see."""
	if reader in WITHOUT:
		return (*scene.mine.of_family, *scene.other.of_family)
	return scene.other.secrets if reader == "one" else ()


def as_user(user: str, ask, *args, **values):
	"""Return what the user gets, or None for a refusal. Roll back what the call wrote."""
	frappe.set_user(user)
	frappe.db.savepoint("asked")
	try:
		return ask(*args, **values)
	except REFUSED:
		return None
	finally:
		frappe.db.rollback(save_point="asked")
		frappe.set_user("Administrator")
		frappe.clear_messages()


def doctypes() -> list[str]:
	kinds = {"module": MODULE, "istable": 0, "issingle": 0}
	return frappe.get_all("DocType", kinds, pluck="name", order_by="name")


def listed(doctype: str) -> list[dict]:
	return frappe.get_list(doctype, fields=["*"], order_by="creation desc")


def form(doctype: str, name: str) -> dict:
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	doc.apply_fieldlevel_read_permissions()
	return doc.as_dict()


def test_every_doctype_that_names_a_person_or_a_student_is_watched(scene):
	"""Check that a new DocType with such a field is listed here. Otherwise its rows follow the students."""
	names = {"student", "students", "person"}
	holding = {doctype for doctype in doctypes() if names & set(frappe.get_meta(doctype).get_valid_columns())}
	assert holding == set(student_rows.HELD)
	assert set(scene.rows) == holding


def test_lists_and_forms_of_every_doctype(scene, readers):
	shown = 0
	for reader, user in readers.items():
		for doctype in doctypes():
			rows = children.told(as_user(user, listed, doctype))
			assert not children.leaks(rows, forbidden(scene, reader)), (reader, doctype)
			for child in scene.children if doctype in scene.rows else ():
				row = scene.rows[doctype][child.student]
				opened = as_user(user, form, doctype, row)
				assert not children.leaks(children.told(opened), forbidden(scene, reader)), (reader, doctype)
				assert (opened is not None) == (f'"{row}"' in rows), (reader, doctype, "list and form differ")
				shown += opened is not None
	assert shown > 20


def test_who_may_read_the_children_sees_all_rows_about_them(scene, readers):
	for doctype, rows in scene.rows.items():
		for child in scene.children:
			assert as_user(readers["all"], form, doctype, rows[child.student]), doctype
		seen = [bool(as_user(readers["one"], form, doctype, rows[child.student])) for child in scene.children]
		assert seen == [True, False], doctype


def test_a_child_who_is_one_of_several(scene, readers):
	"""Check that rows about two children need permission to read both."""
	row = scene.rows["Dialer Recipient"][scene.mine.student]
	both = frappe.as_json([scene.mine.student, scene.other.student])
	values = {"students": both, "person_doctype": "Guardian", "person": scene.mine.guardian}
	frappe.db.set_value("Dialer Recipient", row, values, update_modified=False)
	assert as_user(readers["all"], form, "Dialer Recipient", row)
	assert not as_user(readers["one"], form, "Dialer Recipient", row)
	assert row not in children.told(as_user(readers["one"], listed, "Dialer Recipient"))


def test_a_guardian_of_a_fees_campaign_is_known_by_its_children_only(scene, readers):
	"""Check a row that names no child, because no child may be disclosed to this number.

	Its campaign alone still shows that the family owes fees.
	"""
	fees = frappe.get_all(
		"Dialer Recipient", {"campaign": scene.campaigns[FEES]}, pluck="name", order_by="name"
	)
	for name in fees:
		frappe.db.set_value("Dialer Recipient", name, "students", "[]", update_modified=False)
	for reader, sees in (("every role", False), ("one", False), ("all", True)):
		rows = children.told(as_user(readers[reader], listed, "Dialer Recipient"))
		assert any(name in rows for name in fees) == sees, reader


def test_a_user_permission_on_a_class_narrows_what_is_about_attendance(scene, readers):
	"""Check a user who sees all students in Frappe, but only the attendance of one class."""
	cases = children.told(as_user(readers["class"], rules.cases, scene.runs[ATTENDANCE]))
	assert scene.mine.name in cases and scene.other.name not in cases
	found = as_user(readers["class"], rules.dry_run, scene.rules[ATTENDANCE])
	assert scene.mine.name in children.told(found) and scene.other.name not in children.told(found)
	assert (found["students"], len(found["people"])) == (2, 2)


def test_the_trial_of_a_rule_and_its_cases_count_what_they_do_not_name(scene, readers):
	for purpose in (FEES, ATTENDANCE):
		found = as_user(readers["Dialer Manager"], rules.dry_run, scene.rules[purpose])
		assert (found["students"], found["occasions"], len(found["people"])) == (2, 2, 2)
		assert not children.leaks(children.told(found), forbidden(scene, "Dialer Manager"))
		cases = as_user(readers["Dialer Manager"], rules.cases, scene.runs[purpose])
		assert (cases["rows"], cases["not_shown"], cases["count"]) == ([], 2, 2)
		named = as_user(readers["all"], rules.cases, scene.runs[purpose])
		assert {row.student_name for row in named["rows"]} == {child.name for child in scene.children}
		assert as_user(readers["one"], rules.cases, scene.runs[purpose])["not_shown"] == 1


def test_previews_and_rehearsals(scene, readers):
	for purpose in (FEES, EVENT):
		campaign = scene.campaigns[purpose]
		rehearsal.run(campaign)
		groups = [row["group"] for row in campaigns.preview_audience(campaign)["groups"]]
		assert groups
		for reader, user in readers.items():
			answers = [as_user(user, campaigns.preview_people, campaign, group) for group in groups]
			answers += [as_user(user, campaigns.rehearsal_state, campaign)]
			answers += [as_user(user, campaigns.preview_audience, campaign)]
			assert not children.leaks(children.told(answers), forbidden(scene, reader)), (reader, purpose)
			if reader in ("Dialer Manager", "all"):
				assert sum(map(len, answers[: len(groups)])) == 2, "everybody is counted"
		assert scene.other.tag in children.told(as_user(readers["all"], campaigns.rehearsal_state, campaign))


def reports() -> list[str]:
	return frappe.get_all("Report", {"module": MODULE}, pluck="name", order_by="name")


def test_every_report(scene, readers):
	shown: dict[str, int] = {}
	for reader, user in readers.items():
		for report in reports():
			for filters in (
				{},
				{"campaign": scene.campaigns[FEES]},
				{"campaign": scene.campaigns[ATTENDANCE]},
				{"campaign": scene.campaigns[EVENT]},
				{"student": scene.other.student},
			):
				found = as_user(user, query_report.run, report, filters, ignore_prepared_report=True)
				text = children.told({**(found or {}), "filters": None})
				own = [one for one in filters.values() if one == scene.other.student]
				leaked = [one for one in children.leaks(text, forbidden(scene, reader)) if one not in own]
				assert not leaked, (reader, report, filters)
				if found and reader == "all":
					shown[report] = shown.get(report, 0) + (scene.other.tag in text)
	assert len(shown) == len(reports())
	assert {"Disclosure Log", "Campaign Answers", "Bad Numbers", "Addresses to Correct"} <= set(shown)


def test_reports_show_them_to_who_may_read_them(scene, readers):
	for report in ("Disclosure Log", "Campaign Answers", "Bad Numbers", "Addresses to Correct"):
		filters = {"campaign": scene.campaigns[ATTENDANCE]} if report == "Campaign Answers" else {}
		for reader, expected in (
			("all", (True, True)),
			("one", (True, False)),
			("Dialer Manager", (False, False)),
		):
			found = as_user(readers[reader], query_report.run, report, filters, ignore_prepared_report=True)
			text = children.told(found)
			assert tuple(child.tag in text for child in scene.children) == expected, (report, reader)


def arguments(scene, child) -> list[dict]:
	"""Return the arguments that a method may get about this child: by campaign, by record, by number."""
	rows = {doctype: found[child.student] for doctype, found in scene.rows.items()}
	common = {
		"audience_source": "Guardians of a Student Group",
		"audience_name": child.group,
		"recipient": rows["Dialer Recipient"],
		"answer": rows["Dialer Answer"],
		"template": frappe.db.get_value("Dialer Campaign", scene.campaigns[FEES], "template"),
		"phone": child.phone,
		"group": "ALLOW",
		"filters": {},
		"names": [],
		"language": "en",
		"doc": frappe.get_doc(
			"Dialer Message Template",
			frappe.db.get_value("Dialer Campaign", scene.campaigns[FEES], "template"),
		).as_dict(convert_dates_to_str=True),
	}
	records = [("Student", child.student), ("Guardian", child.guardian), *rows.items()]
	asked = [{"phone": child.phone}, {"phone": child.own_phone}]
	asked += [
		common
		| {"doctype": doctype, "name": name, "docname": name}
		| {"person_doctype": doctype, "person": name, "reference_doctype": doctype, "reference_name": name}
		for doctype, name in records
	]
	for purpose in (FEES, ATTENDANCE):
		own = {
			"campaign": scene.campaigns[purpose],
			"rule": scene.rules[purpose],
			"run_name": scene.runs[purpose],
		}
		asked += [one | own for one in asked[2:4]]
		named = {"doctype": "Dialer Campaign", "docname": scene.campaigns[purpose]}
		asked.append(common | own | named)
		asked.append(common | own | {"doctype": "Dialer Rule Run", "docname": scene.runs[purpose]})
	return asked


def test_every_method(scene, readers, plain_request):  # noqa: F811
	"""Call every whitelisted method of the app with the arguments it needs.

	A method that needs a value not given here cannot be asked about a child.
	"""
	answered: set[str] = set()
	found = attempts.methods()
	assert len(found) > 60
	for reader, user in readers.items():
		for path, method in found.items():
			if path.startswith(ELSEWHERE) or path in BEGIN_THEIR_OWN:
				continue
			known = [*arguments(scene, scene.other), {"rule": named_in_a_rule(scene)}]
			for given in questions(method, known[-1:] if path == "desk.rules.read_aloud" else known[:-1]):
				answer = as_user(user, method, **given)
				if answer is None:
					continue
				answered.add(path)
				repeated = children.told(given)
				leaked = [
					one
					for one in children.leaks(children.told(answer), forbidden(scene, reader))
					if one not in repeated
				]
				assert not leaked, (reader, path, given)
	assert len(answered) > 25, sorted(answered)


def named_in_a_rule(scene) -> dict:
	"""Return the values of an unsaved rule for students by the names of their records."""
	names = {"kind": "People", "doctype": "Student", "names": [child.student for child in scene.children]}
	source = {"audience_source": "Guardians of a Student Group", "audience_name": scene.mine.group}
	filters = frappe.as_json({"only": [names]})
	return {"kind": "Recurring", "purpose": EVENT, "cron": "0 9 * * *", "audience_filters": filters, **source}


def questions(method, asked: list[dict]) -> list[dict]:
	"""Return each distinct set of arguments that this method takes."""
	names = inspect.signature(method).parameters
	needed = set(attempts.required(method))
	given = [{name: one[name] for name in names if name in one} for one in asked if needed <= set(one)]
	return [one for place, one in enumerate(given) if one not in given[:place]]


def test_what_links_to_a_record(scene, readers):
	"""Check our override of a method of Frappe that checks no permission."""
	hook = frappe.get_hooks("override_whitelisted_methods")["frappe.desk.form.linked_with.get"]
	assert hook[-1] == "school_dialer.desk.linked.get"
	shown = 0
	for reader, user in readers.items():
		for doctype, name in (
			("Dialer Campaign", scene.campaigns[EVENT]),
			("Dialer Campaign", scene.campaigns[FEES]),
			("Dialer Rule Run", scene.runs[FEES]),
			("Dialer Rule", scene.rules[ATTENDANCE]),
		):
			found = as_user(user, linked.get, doctype, name)
			assert not children.leaks(children.told(found), forbidden(scene, reader)), (reader, doctype)
			shown += children.told(found).count(scene.mine.tag)
	assert shown


def test_a_pin_opens_no_child_whom_its_maker_may_not_read(scene, readers):
	frappe.set_user(readers["one"])
	assert pins.new_pin("Guardian", scene.mine.guardian)
	with pytest.raises(frappe.PermissionError):
		pins.new_pin("Guardian", scene.other.guardian)


def test_a_recipient_names_only_children_whom_its_maker_may_read(scene, readers):
	"""Check creation, which a call about the child follows. Frappe asks for this right in every way to it."""
	frappe.set_user(readers["one"])
	for child, may in ((scene.mine, True), (scene.other, False)):
		row = {"doctype": "Dialer Recipient", "campaign": scene.campaigns[EVENT], "phone": child.phone}
		about = {"person_doctype": "Guardian", "person": child.guardian, "students": f'["{child.student}"]'}
		assert frappe.has_permission("Dialer Recipient", "create", doc=frappe.get_doc(row | about)) is may


def test_frappes_own_ways_of_asking(scene, readers):
	shown = 0
	for reader, user in readers.items():
		for doctype, rows in scene.rows.items():
			row = rows[scene.other.student]
			title = frappe.get_meta(doctype).get_title_field()
			for ask, given in (
				("frappe.client.get", {"doctype": doctype, "name": row}),
				("frappe.client.get_value", {"doctype": doctype, "filters": row, "fieldname": title}),
				("frappe.client.get_list", {"doctype": doctype, "fields": ["*"], "limit_page_length": 0}),
				(
					"frappe.client.validate_link",
					{"doctype": doctype, "docname": row, "fields": f'["{title}"]'},
				),
				(
					"frappe.client.validate_link_and_fetch",
					{"doctype": doctype, "docname": row, "fields_to_fetch": f'["{title}"]'},
				),
				("frappe.desk.form.load.getdoc", {"doctype": doctype, "name": row}),
				(
					"frappe.desk.search.search_widget",
					{"doctype": doctype, "txt": scene.other.tag, "page_length": 99},
				),
				("frappe.www.printview.get_html_and_style", {"doc": doctype, "name": row}),
			):
				if not hasattr(frappe.get_module(ask.rpartition(".")[0]), ask.rpartition(".")[2]):
					continue  # Frappe 15 has one way to look for titles, Frappe 16 the other.
				frappe.local.response = frappe._dict(docs=[])
				answer = as_user(user, frappe.get_attr(ask), **given)
				text = children.told([answer, [doc.as_dict() for doc in frappe.response.docs]])
				leaked = [
					one for one in children.leaks(text, forbidden(scene, reader)) if one not in str(given)
				]
				assert not leaked, (reader, doctype, ask)
				shown += scene.other.tag in text
	assert shown > 20


def test_timelines_stories_and_the_digest(scene, readers):
	for child in scene.children:
		for doctype, name in (("Student", child.student), ("Guardian", child.guardian)):
			counts = {
				reader: len(as_user(user, timeline.of_person, doctype, name))
				for reader, user in readers.items()
			}
			assert counts["all"] > counts["Dialer Manager"] == 0, (doctype, counts)
	assert counts["one"] == 0
	day = digest.day_of(clock.db_now().date())
	assert day.campaigns and not children.leaks(str(day), forbidden(scene, "Dialer Manager"))


def test_the_order_of_calls_names_no_child(scene, readers):
	lines = [
		ContactPoint(child.own_phone, "Student", child.student, child.name, "en", (child.student,))
		for child in (scene.mine, scene.other)
	]
	row = scene.rows["Dialer Recipient"][scene.mine.student]
	make.parties(row, *lines)
	for reader, sees in (("one", False), ("all", True)):
		mine, other = as_user(readers[reader], recipients.call_order, row)
		assert scene.mine.name in children.told(mine)
		assert (scene.other.name in children.told(other)) == sees
		assert bool(other["about"]) == sees


def test_a_child_who_is_left_out_is_shown_only_to_who_may_read_it(scene, readers):
	row, child = scene.rows["Dialer Recipient"][scene.mine.student], scene.mine
	line = ContactPoint(child.own_phone, "Student", child.student, child.name, "en", (child.student,))
	make.parties(row, line, withheld=(replace(line, students=(scene.other.student,)),))
	(shown,) = as_user(readers["all"], recipients.call_order, row)
	assert (shown["about"], shown["left_out"]) == ([child.name], [scene.other.name])
	assert as_user(readers["one"], recipients.call_order, row) == []


def test_words_that_are_stored_count_students(scene, readers):
	"""Check that stored words name no student, also those of earlier versions.

	All roles can read a campaign, a rule and a saved audience.
	"""
	written = named_in_a_rule(scene)["audience_filters"]
	campaign = frappe.get_doc("Dialer Campaign", scene.campaigns[EVENT])
	campaign.audience_source = "Guardians of a Student Group"
	campaign.update({"audience_filters": written}).save()
	kept = campaign.filters_in_words
	assert kept == "Only: 2 students chosen by name"
	frappe.db.set_value(
		"Dialer Campaign", campaign.name, "filters_in_words", f"Only: the Student {scene.mine.name}"
	)
	for _time in range(2):
		names_out_of_conditions.execute()
		assert frappe.db.get_value("Dialer Campaign", campaign.name, "filters_in_words") == kept
	checked = as_user(readers["all"], audience.check, campaign.audience_source, written)
	assert scene.mine.name in checked["only"][0] and scene.other.name in checked["only"][0]
	assert as_user(readers["one"], audience.check, campaign.audience_source, written) is None


def test_nothing_is_added_for_who_reads_all(scene, readers):
	frappe.set_user(readers["all"])
	assert [student_rows.conditions(doctype) for doctype in student_rows.HELD] == [""] * len(
		student_rows.HELD
	)
	assert student_access.matching("Student") == ""


def test_sets_take_one_query_for_each_doctype(scene, readers):
	frappe.set_user(readers["one"])
	student_access.readable([scene.mine.student])
	asked = [scene.mine.student, *(f"nobody{number}" for number in range(500))]
	with statements.collected() as found:
		assert student_access.readable(asked, ("Fees", "Student Attendance")) == {scene.mine.student}
	assert len([query for query in found if "select distinct" in query]) <= 3


def test_a_campaign_calls_the_same_people_no_matter_who_starts_it(scene, readers):
	for purpose in (FEES, EVENT):
		counts = set()
		for reader in ("Dialer Manager", "one", "all"):
			counts.add(
				as_user(readers[reader], campaigns.preview_audience, scene.campaigns[purpose])["people"]
			)
		assert counts == {2}
