"""A second rule does not call the same guardians about the same thing again on the same day."""

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.base import source_of
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.automation import cases, heard_already, run
from school_dialer.automation import rule as actions
from school_dialer.automation.kind import Kind
from school_dialer.automation.kinds.absence import Absence
from school_dialer.base import clock
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.rules import School, campaigns_of, cases_of, serve

pytestmark = pytest.mark.dates

CHILDREN = tuple(f"C{index}" for index in range(6))


def guardian_of(families: School, child: str, place: int = 0) -> str:
	links = frappe.get_all(
		"Student Guardian", {"parent": f"{families.tag}-{child}"}, pluck="guardian", order_by="idx"
	)
	return links[place]


def call(families: School, campaign: str, *children: str, status: str = "Reached", over: bool = True) -> None:
	"""Let a campaign have called the first guardian of each of these children, with this result."""
	for child in children:
		guardian = guardian_of(families, child)
		row = {
			"doctype": "Dialer Recipient",
			"name": frappe.generate_hash(length=20),
			"campaign": campaign,
			"phone": families.phones[guardian],
			"household_key": families.phones[guardian],
			"person_doctype": "Guardian",
			"person": guardian,
			"status": status,
			"attempts": 1,
			"students": frappe.as_json([f"{families.tag}-{child}"]),
		}
		frappe.get_doc(row).db_insert()
	values = {"planned_at": clock.db_now(), "status": "Completed" if over else "Running"}
	frappe.db.set_value("Dialer Campaign", campaign, values)


def has_called(families: School, doc, *children: str, **result) -> str:
	"""Let this rule have called about these children. Return its campaign."""
	serve(doc)
	(campaign,) = campaigns_of(doc)
	call(families, campaign, *children, **result)
	return campaign


def first_rule(families: School, *children: str, **result) -> str:
	"""Let a rule have called about the absence of these children. Return its title."""
	doc = rules.rule(families)
	for child in children:
		families.mark(child)
	has_called(families, doc, *children, **result)
	return doc.title


def parents(families: School, child: str) -> tuple[str, str]:
	"""Give a child a second guardian. Return both."""
	families.family(child)
	return guardian_of(families, child, 0), guardian_of(families, child, 1)


def audience(campaign: str) -> set[str]:
	people, _after = source_of(frappe.get_doc("Dialer Campaign", campaign)).chunk("", 10)
	return {one.person for one in people}


def low_result(families: School, child: str, course: str) -> None:
	row = {
		"name": f"{families.tag}-{child}-{course}",
		"assessment_plan": f"{families.tag}-{course}",
		"student": f"{families.tag}-{child}",
		"total_score": 40,
		"maximum_score": 100,
		"docstatus": 1,
	}
	Bulk().insert("Assessment Result", [row])


def low_grades(families: School, **values):
	asked = {"kind": "Low grade", "purpose": "Academic", "below_percent": 50, "run_at": "00:00:00"}
	return rules.rule(families, template=make.template("Academic"), weekends=1, **asked, **values)


def documents(families: School, *fields: str):
	"""Return a rule about these fields of C0."""
	group = f"{families.tag}-one"
	if not frappe.db.exists("Student Group", group):
		member = {"student": f"{families.tag}-C0", "active": 1}
		row = {"name": group, "student_group_name": group, "group_based_on": "Activity", "students": [member]}
		Bulk().insert("Student Group", [row])
	asked = {"kind": "Missing documents", "purpose": "General", "template": "General message"}
	required = "\n".join(f"Student.{field}" for field in fields)
	return rules.rule(
		families, required_fields=required, only_of=group, run_at="00:00:00", weekends=1, **asked
	)


def test_who_heard_it_is_not_called_again(families):
	title = first_rule(families, *CHILDREN)
	families.mark("C9")
	second = rules.rule(families)
	serve(second)
	serve(second)
	assert cases_of(second) == {**dict.fromkeys(CHILDREN, "Skipped"), "C9": "In Campaign"}
	reasons = set(frappe.get_all("Dialer Rule Case", {"rule": second.name}, pluck="reason", order_by="name"))
	assert f"Heard already today, by the rule {title}." in reasons
	assert len(campaigns_of(second)) == 1


def test_who_was_not_reached_is_called(families):
	first_rule(families, *CHILDREN, status="Not Reached")
	second = rules.rule(families)
	serve(second)
	assert set(cases_of(second).values()) == {"In Campaign"}


def test_while_another_rule_still_calls_a_case_waits_and_is_not_too_late(families, pass_time):
	title = first_rule(families, "C0", status="Retry", over=False)
	second = rules.rule(families, latest_minutes=10)
	serve(second)
	pass_time(minutes=8)
	serve(second)
	assert cases_of(second) == {"C0": "Waiting"}
	why = frappe.db.get_value("Dialer Rule Case", {"rule": second.name}, "reason")
	assert why == f"Held back while the rule {title} calls."
	pass_time(minutes=16)
	frappe.db.set_value("Dialer Recipient", {"person": guardian_of(families, "C0")}, "status", "Not Reached")
	serve(second)
	assert cases_of(second) == {"C0": "In Campaign"}


def test_a_case_waits_for_another_rule_no_longer_than_its_own_limit(families, pass_time):
	first_rule(families, "C0", status="Retry", over=False)
	second = rules.rule(families, latest_minutes=10)
	serve(second)
	pass_time(minutes=11)
	serve(second)
	assert cases_of(second) == {"C0": "In Campaign"}


def test_what_waited_for_another_rule_is_not_called_about_hours_later(families, pass_time, as_role):
	manager = as_role("Dialer Manager")
	frappe.set_user("Administrator")
	first_rule(families, "C0", status="Retry", over=False)
	second = rules.rule(families, latest_minutes=10)
	serve(second)
	pass_time(minutes=25)
	serve(second)
	assert cases_of(second) == {"C0": "Too Late"}
	assert frappe.db.count("Notification Log", {"for_user": manager}) == 1


def test_a_paused_rule_silences_no_other(families):
	first_rule(families, "C0", status="Retry", over=False)
	second = rules.rule(families)
	serve(second)
	assert cases_of(second) == {"C0": "Waiting"}
	frappe.db.sql(
		"update `tabDialer Campaign` set status = 'Paused' where rule_run like %s",
		f"%-{rules.today()}",
	)
	serve(second)
	assert cases_of(second) == {"C0": "In Campaign"}


def test_what_still_waits_when_its_day_is_over_is_too_late_and_alerted(families, as_role):
	manager = as_role("Dialer Manager")
	frappe.set_user("Administrator")
	first_rule(families, "C0", status="Retry", over=False)
	second = rules.rule(families)
	name = serve(second)
	assert name not in cases.runs_waiting_before(rules.today())
	yesterday = frappe.utils.add_days(rules.today(), -1)
	frappe.db.set_value("Dialer Rule Run", name, {"day": yesterday, "status": "Needs Review"})
	frappe.db.set_value("Dialer Rule Case", {"run": name}, "day", yesterday)
	assert name not in cases.runs_waiting_before(rules.today()), "it waits for a person"
	frappe.db.set_value("Dialer Rule Run", name, "status", "Open")
	assert name in cases.runs_waiting_before(rules.today())
	run.end_day(name)
	assert cases_of(second) == {"C0": "Too Late"}
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Done"
	assert frappe.db.count("Notification Log", {"for_user": manager}) == 1
	assert name not in cases.runs_waiting_before(rules.today())


def test_a_rule_that_says_so_calls_again(families):
	first_rule(families, "C0")
	second = rules.rule(families, again_after_other_rules=1)
	serve(second)
	assert cases_of(second) == {"C0": "In Campaign"}


def test_where_everyone_is_to_be_reached_only_who_heard_it_is_left_out(families):
	_mother, father = parents(families, "C0")
	first_rule(families, "C0")
	everyone = rules.rule(families, reach="Everyone")
	serve(everyone)
	(campaign,) = campaigns_of(everyone)
	assert audience(campaign) == {father}
	one_is_enough = rules.rule(families, reach=ONE_GUARDIAN)
	serve(one_is_enough)
	assert cases_of(one_is_enough) == {"C0": "Skipped"}


def test_who_shares_the_number_has_heard_it_too(families):
	mother, father = parents(families, "C0")
	frappe.db.set_value("Guardian", father, "mobile_number", families.phones[mother])
	first_rule(families, "C0")
	everyone = rules.rule(families, reach="Everyone")
	serve(everyone)
	assert cases_of(everyone) == {"C0": "Skipped"}


def test_who_shares_the_number_and_may_not_hear_of_the_child_has_not_heard_it(families):
	mother, father = parents(families, "C0")
	frappe.db.set_value("Guardian", father, "mobile_number", families.phones[mother])
	link = {"parent": f"{families.tag}-C0", "guardian": father}
	frappe.db.set_value("Student Guardian", link, "dialer_contact_permission", "Emergency Only")
	first_rule(families, "C0")
	thing = (f"{families.tag}-C0:{rules.today()}", f"{families.tag}-C0")
	heard = heard_already.heard_today(rules.rule(families), rules.today(), [thing])
	assert heard.guardians == {thing: {mother}}


def test_a_guardian_who_is_no_longer_on_record_is_not_left_to_call(families):
	_mother, father = parents(families, "C0")
	frappe.db.delete("Guardian", {"name": father})
	first_rule(families, "C0")
	everyone = rules.rule(families, reach="Everyone")
	serve(everyone)
	assert cases_of(everyone) == {"C0": "Skipped"}


@pytest.mark.parametrize(("content", "status"), [("Generic", "In Campaign"), ("Full", "Skipped")])
def test_who_heard_only_generic_words_is_called(families, content, status):
	first_rule(families, "C0")
	log = {"doctype": "Dialer Call Log", "name": frappe.generate_hash(length=16), "direction": "Inbound"}
	values = {"channel": "Voice", "status": "completed", "status_rank": 90, "content": content}
	frappe.get_doc({**log, **values}).db_insert()
	frappe.db.set_value(
		"Dialer Recipient", {"person": guardian_of(families, "C0")}, "last_call_log", log["name"]
	)
	second = rules.rule(families)
	serve(second)
	assert cases_of(second) == {"C0": status}


@pytest.mark.parametrize(("channel", "status"), [("Voice", "In Campaign"), ("Text", "Skipped")])
def test_a_text_that_may_not_name_the_absence_leaves_it_to_a_call(families, channel, status):
	families.mark("C0")
	campaign = has_called(families, rules.rule(families), "C0")
	frappe.db.set_value("Dialer Recipient", {"campaign": campaign}, "channel", "Text")
	second = rules.rule(families)
	frappe.db.set_value("Dialer Rule", second.name, "channel", channel)
	serve(second)
	assert cases_of(second) == {"C0": status}


def test_who_heard_of_one_result_hears_of_another_one(families):
	mother, father = parents(families, "C0")
	low_result(families, "C0", "Math")
	has_called(families, low_grades(families), "C0")
	low_result(families, "C0", "Art")
	second = low_grades(families, reach="Everyone")
	serve(second)
	(campaign,) = campaigns_of(second)
	assert audience(campaign) == {mother, father}


def test_the_test_of_a_rule_counts_who_heard_of_another_result(families):
	low_result(families, "C0", "Math")
	has_called(families, low_grades(families), "C0")
	low_result(families, "C0", "Art")
	found = actions.dry_run(low_grades(families, on=False), rules.today())
	assert (found["students"], found["called"], found["heard"]) == (1, 1, 1)


def test_rules_about_other_documents_are_about_other_things(families):
	has_called(families, documents(families, "student_email_id"), "C0")
	same, other = documents(families, "student_email_id"), documents(families, "student_mobile_number")
	for doc in (same, other):
		serve(doc)
	assert (cases_of(same), cases_of(other)) == ({"C0": "Skipped"}, {"C0": "In Campaign"})


def test_each_rule_of_a_kind_calls_unless_the_kind_says_that_its_keys_mean_the_same(families, monkeypatch):
	first_rule(families, "C0")
	monkeypatch.setattr(Absence, "same_for_all_rules", Kind.same_for_all_rules)
	second = rules.rule(families)
	serve(second)
	assert cases_of(second) == {"C0": "In Campaign"}


def test_the_day_before_does_not_count(families):
	first_rule(families, "C0")
	yesterday = frappe.utils.add_days(rules.today(), -1)
	frappe.db.sql(
		"update `tabDialer Rule Case` set day = %s where student = %s", (yesterday, f"{families.tag}-C0")
	)
	second = rules.rule(families)
	serve(second)
	assert cases_of(second) == {"C0": "In Campaign"}


def test_the_test_of_a_rule_says_how_many_heard_it(families):
	first_rule(families, *CHILDREN)
	families.mark("C9")
	found = actions.dry_run(rules.rule(families, on=False), rules.today())
	assert (found["heard"], found["again"], found["called"], found["students"]) == (6, False, 1, 1)
	assert len([one for one in found["others"] if one["why"].startswith("Heard already today")]) == 6
	again = actions.dry_run(rules.rule(families, on=False, again_after_other_rules=1), rules.today())
	assert (again["heard"], again["again"], again["called"]) == (6, True, 7)
	assert sum(one["heard"] for one in again["people"]) == 6


@pytest.mark.parametrize(
	("again", "says"),
	[
		(0, "Waits for a person: 2 found. 6 guardians already heard this today, and are not called."),
		(
			1,
			"Waits for a person: 8 found. "
			"6 of their guardians already heard this today, and would be called again.",
		),
	],
)
def test_the_brake_says_how_many_heard_it(families, again, says):
	first_rule(families, *CHILDREN)
	families.mark("C8")
	families.mark("C9")
	second = rules.rule(families, most_number=1, again_after_other_rules=again)
	for _time in range(2):
		name = serve(second)
		assert frappe.db.get_value("Dialer Rule Run", name, ["status", "message"]) == ("Needs Review", says)


def test_the_brake_says_it_also_when_nothing_waits_any_more(families):
	first_rule(families, *CHILDREN)
	marked = [families.mark(child) for child in ("C8", "C9")]
	second = rules.rule(families, most_number=1)
	serve(second)
	for name in marked:
		frappe.get_doc("Student Attendance", name).cancel()
	for _time in range(2):
		name = serve(second)
		says = "Waits for a person: 0 found. 6 guardians already heard this today, and are not called."
		assert frappe.db.get_value("Dialer Rule Run", name, ["status", "message"]) == ("Needs Review", says)
