"""A rule's message speaks of the records that the rule noticed, and of no others."""

from datetime import timedelta
from decimal import Decimal

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.base import source_of
from school_dialer.automation.kind import Trigger, kind_of
from school_dialer.automation.kinds import absence
from school_dialer.messages import catalogue, context
from school_dialer.messages.field import Money, PerStudent, Several, Subject
from school_dialer.messages.render import render
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.rules import School, campaigns_of, serve

pytestmark = [pytest.mark.dates]

RESULT = "{{ result_course }}, {{ result_score }} of {{ result_maximum }}"
EVERYONE = {"only_of_doctype": None, "only_of": None}
EACH_RESULT = "{% each student %}" + RESULT + ". {% endeach %}"


def scored(families: School, child: str, course: str, score: int, **more) -> str:
	name = f"{families.tag}-{child}-{course}"
	row = {
		"name": name,
		"assessment_plan": f"{families.tag}-{course}",
		"student": f"{families.tag}-{child}",
		"course": course,
		"total_score": score,
		"maximum_score": 100,
		"docstatus": 1,
	}
	Bulk().insert("Assessment Result", [{**row, **more}])
	return more.get("name") or name


def low_grades(families: School):
	return rules.rule(
		families,
		kind="Low grade",
		purpose="Academic",
		template=make.template("Academic"),
		below_percent=50,
		run_at="00:00:00",
		weekends=1,
	)


def campaign_of(doc) -> str:
	serve(doc)
	(campaign,) = campaigns_of(doc)
	return campaign


def values_of(families: School, campaign: str, *names: str, child: str = "C0") -> dict:
	student = f"{families.tag}-{child}"
	guardian = frappe.db.get_value("Student Guardian", {"parent": student}, "guardian")
	subject = Subject("k", "Guardian", guardian, "Maria", (student,), campaign=campaign, purpose="Academic")
	return context.read_values([subject], names)["k"]


def said(families: School, campaign: str, words: str = RESULT, child: str = "C0") -> str:
	names = ("result_course", "result_score", "result_maximum")
	values = values_of(families, campaign, *names, child=child)
	return render(words, values, catalogue.fields(), "en", "voice").text


def one(value: PerStudent):
	((_student, _called, found),) = value.items
	return found


def test_the_low_result_is_said_and_not_the_latest(families):
	scored(families, "C0", "Math", 40)
	campaign = campaign_of(low_grades(families))
	scored(families, "C0", "Music", 95, creation="2999-01-01 10:00:00")
	assert said(families, campaign) == "Math, 40 of 100"
	assert one(values_of(families, "", "result_course")["result_course"]) == "Music", (
		"without a rule, the latest"
	)


def test_another_try_says_what_the_rule_noticed(families):
	scored(families, "C0", "Math", 40)
	campaign = campaign_of(low_grades(families))
	scored(families, "C0", "Music", 95, creation="2999-01-01 10:00:00")
	again = make.campaign()
	again.db_set("resends", campaign)
	assert said(families, again.name) == "Math, 40 of 100"


def test_two_low_results_are_both_said(families):
	scored(families, "C0", "Math", 40)
	scored(families, "C0", "Art", 30)
	scored(families, "C0", "Music", 95, creation="2999-01-01 10:00:00")
	campaign = campaign_of(low_grades(families))
	heard = said(families, campaign, EACH_RESULT).rstrip(".").split(". ")
	assert sorted(heard) == ["Art, 30 of 100", "Math, 40 of 100"]


def test_a_result_that_was_corrected_gives_way_to_no_other(families):
	name = scored(families, "C0", "Math", 40)
	scored(families, "C0", "Art", 30)
	scored(families, "C0", "Music", 95, creation="2999-01-01 10:00:00")
	doc = low_grades(families)
	campaign = campaign_of(doc)
	frappe.db.set_value("Assessment Result", name, "docstatus", 2)
	assert said(families, campaign) == "Art, 30 of 100"
	student = f"{families.tag}-C0"
	assert source_of(frappe.get_doc("Dialer Campaign", campaign)).withdrawn([student]) == {}
	assert sorted(
		frappe.get_all("Dialer Rule Case", {"rule": doc.name}, pluck="status", order_by="status")
	) == ["In Campaign", "Withdrawn"]
	frappe.db.set_value("Assessment Result", {"student": student, "course": "Art"}, "docstatus", 2)
	assert set(source_of(frappe.get_doc("Dialer Campaign", campaign)).withdrawn([student])) == {student}
	assert one(values_of(families, campaign, "result_course")["result_course"]) is None


def test_a_result_that_was_amended_and_is_low_again_is_said_as_it_is_now(families):
	name = scored(families, "C0", "Math", 40)
	campaign = campaign_of(low_grades(families))
	frappe.db.set_value("Assessment Result", name, "docstatus", 2)
	scored(families, "C0", "Math", 45, name=f"{name}-1")
	assert source_of(frappe.get_doc("Dialer Campaign", campaign)).withdrawn([f"{families.tag}-C0"]) == {}
	assert said(families, campaign) == "Math, 45 of 100"


def bill(families: School, name: str, amount: int, days: int) -> None:
	row = {
		"name": f"{families.tag}-{name}",
		"student": f"{families.tag}-C0",
		"due_date": rules.today() + timedelta(days=days),
		"outstanding_amount": amount,
		"docstatus": 1,
		"currency": "USD",
	}
	Bulk().insert("Fees", [row])


def test_the_bill_that_is_due_is_said_and_no_later_one(families):
	bill(families, "soon", 50, 2)
	bill(families, "later", 200, 40)
	doc = rules.rule(
		families, kind="Fees due", purpose="Fees", template="Fees due", days=3, run_at="00:00:00", weekends=1
	)
	values = values_of(families, campaign_of(doc), "fee_due", "fee_due_date", "fees_total_due")
	assert one(values["fee_due"]) == values["fees_total_due"] == Money(Decimal("50.0"), "USD")
	assert one(values["fee_due_date"]) == rules.today() + timedelta(days=2)


@pytest.fixture
def few(families) -> str:
	"""Return a group of two children, too few to be a mass."""
	name = f"{families.tag}-few"
	members = [{"student": f"{families.tag}-{child}", "active": 1} for child in ("C0", "C1")]
	group = {"name": name, "student_group_name": name, "group_based_on": "Activity", "students": members}
	Bulk().insert("Student Group", [group])
	return name


def plan(families: School, group: str, doctype: str, course: str, days: int, **more) -> str:
	name = f"{families.tag}-{course}"
	row = {
		"name": name,
		"student_group": group,
		"course": course,
		"schedule_date": rules.today() + timedelta(days=days),
		"from_time": "10:00:00",
		"docstatus": 1,
		**more,
	}
	Bulk().insert(doctype, [row])
	return name


def ahead(families: School, group: str, kind: str, days: int, **more):
	return rules.rule(
		families,
		kind=kind,
		purpose="Academic",
		template=make.template("Academic"),
		days=days,
		run_at="00:00:00",
		weekends=1,
		only_of=group,
		**more,
	)


@pytest.mark.parametrize(
	("kind", "doctype", "field"),
	[
		("Exam ahead", "Assessment Plan", "next_exam"),
		("Class ahead", "Course Schedule", "next_lesson"),
	],
)
def test_the_exam_or_class_that_is_ahead_is_said_and_no_earlier_one(families, few, kind, doctype, field):
	course = f"{families.tag}-trip"
	Bulk().insert("Course", [{"name": course, "course_name": course}])
	plan(families, few, doctype, "Earlier", 1)
	plan(families, few, doctype, course, 3)
	campaign = campaign_of(ahead(families, few, kind, 3, only_course=course))
	values = values_of(families, campaign, field, f"{field}_date")
	assert one(values[field]) == course
	assert one(values[f"{field}_date"]) == rules.today() + timedelta(days=3)


def test_two_exams_of_one_day_are_both_said(families, few):
	for course in ("Art", "Math"):
		plan(families, few, "Assessment Plan", course, 1)
	campaign = campaign_of(ahead(families, few, "Exam ahead", 1))
	found = one(values_of(families, campaign, "next_exam")["next_exam"])
	assert isinstance(found, Several) and set(found) == {"Art", "Math"}


def test_the_event_of_the_rule_is_said_and_not_the_next_one(families):
	for subject, days in (("Book fair", 1), ("Open day", 2)):
		event = {"doctype": "Event", "subject": subject, "event_type": "Public", "event_category": "Event"}
		starts_on = f"{rules.today() + timedelta(days=days)} 18:00:00"
		frappe.get_doc({**event, "starts_on": starts_on}).insert()
	doc = rules.rule(
		families,
		kind="Event ahead",
		purpose="Event",
		template="Event reminder",
		days=2,
		run_at="00:00:00",
		weekends=1,
		audience_source="Guardians of a Student Group",
		audience_name=families.group,
		**EVERYONE,
	)
	serve(doc)
	for campaign in campaigns_of(doc):
		details = frappe.db.get_value("Dialer Campaign", campaign, "details")
		values = values_of(families, campaign, "next_event", "next_event_date")
		assert details.startswith(values["next_event"])
	assert values_of(families, "", "next_event")["next_event"] != "Open day"


def test_a_lesson_from_which_a_leave_excuses_is_not_said_to_be_missed(families):
	lessons = {}
	for course, begin in (("Art", "09:00:00"), ("Music", "10:00:00")):
		lessons[course] = plan(families, families.group, "Course Schedule", course, 0, from_time=begin)
	attended = {course: families.mark("C0", course_schedule=name) for course, name in lessons.items()}
	doc = rules.rule(families)
	campaign = campaign_of(doc)
	frappe.db.set_value("Dialer Rule Case", {"rule": doc.name}, "records", attended["Music"])
	assert one(values_of(families, campaign, "absent_courses")["absent_courses"]) == ["Music"]


def test_the_records_of_an_absence_are_in_one_order(families, monkeypatch):
	for begin in ("09:00:00", "10:00:00"):
		lesson = plan(families, families.group, "Course Schedule", f"At {begin}", 0, from_time=begin)
		families.mark("C0", course_schedule=lesson)
	kind, days = kind_of(rules.rule(families)), [rules.today()]
	(found,) = kind.found(days).occasions
	real = absence.read_absences
	monkeypatch.setattr(absence, "read_absences", lambda *asked: list(reversed(real(*asked))))
	assert len(found.records) == 2 and kind.found(days).occasions == [found]


def test_a_rule_of_another_app_may_name_no_records():
	assert Trigger("key", "student").written() is None
