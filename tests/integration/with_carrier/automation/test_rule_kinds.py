"""Rules of all kinds: what each looks for and when, what is refused, and who may enable one."""

import json
from datetime import timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.automation import kind as kinds
from school_dialer.automation import rule as actions
from school_dialer.automation import run, scheduler
from school_dialer.automation.kind import kind_of
from school_dialer.base import clock
from school_dialer.desk import campaigns
from school_dialer.desk import rules as desk
from school_dialer.messages import speech
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.rules import School, campaigns_of, serve

pytestmark = [pytest.mark.dates, pytest.mark.exhaustive]


@pytest.mark.story
def test_a_rule_that_is_on_does_not_change(families):
	doc = rules.rule(families)
	doc.most_number = 5000
	with pytest.raises(frappe.ValidationError, match="Switch it off"):
		doc.save()
	actions.switch_off(doc)
	doc.reload()
	doc.most_number = 60
	doc.enabled = 1
	doc.save()
	assert not doc.enabled


@pytest.mark.story
@pytest.mark.parametrize(
	("values", "says"),
	[
		({"purpose": "Emergency"}, "calls about Attendance"),
		({"purpose": "Fees"}, "calls about Attendance"),
		({"most_percent": 0}, "a person is asked"),
		({"most_percent": 51}, "a person is asked"),
		({"most_number": 0}, "a person is asked"),
		({"template": "Fees notice"}, "Fees notice"),
		({"kind": "Horoscope"}, "Horoscope"),
		({"kind": "Low grade", "purpose": "Academic", "template": None, "below_percent": 0}, "percent"),
		({"kind": "Missing documents", "purpose": "General", "template": None}, "Choose the fields"),
		(
			{
				"kind": "Missing documents",
				"purpose": "General",
				"template": None,
				"required_fields": "User.api_secret",
			},
			"User.api_secret",
		),
		(
			{
				"kind": "Missing documents",
				"purpose": "General",
				"template": None,
				"required_fields": "Student.name`='' or 1=1 -- ",
			},
			"not a field",
		),
		({"kind": "Recurring", "purpose": "General", "template": None, "cron": "* * * * *"}, "times a day"),
		({"kind": "Recurring", "purpose": "General", "template": None, "cron": "every day"}, "not a cron"),
		({"kind": "Class ahead", "purpose": "Event", "template": None}, "Name the course"),
	],
)
def test_bad_rules_are_refused_with_what_to_do(families, values, says):
	with pytest.raises(frappe.ValidationError, match=says):
		rules.rule(families, on=False, **values)


def test_only_who_may_run_campaigns_switches_on_approves_or_looks(families, as_role):
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	for role in ("Dialer Agent", "Dialer Compliance Officer", "Dialer Emergency Approver"):
		as_role(role)
		for press in (
			lambda: desk.switch_on(doc.name),
			lambda: desk.switch_off(doc.name),
			lambda: desk.approve(name, 2),
			lambda: desk.drop(name, "no"),
			lambda: desk.dry_run(doc.name, str(rules.today())),
		):
			with pytest.raises(frappe.PermissionError):
				press()
		frappe.set_user("Administrator")
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	manager = as_role("Dialer Manager")
	assert desk.cases(name)["count"] == 2
	assert desk.runs(doc.name)["runs"][0]["cases"] == {"Waiting": 2}
	desk.approve(name, 2)
	frappe.set_user("Administrator")
	assert frappe.db.get_value("Dialer Rule Run", name, "reviewed_by") == manager


def test_no_one_writes_runs_cases_or_the_links_of_campaigns_by_hand(families, as_role):
	doc = rules.rule(families)
	families.mark("C0")
	name = serve(doc)
	(campaign,) = campaigns_of(doc)
	as_role("Dialer Manager")
	made = frappe.get_doc("Dialer Rule Run", name)
	made.approved_count = 1000
	with pytest.raises(frappe.PermissionError):
		made.save()
	copied = frappe.copy_doc(frappe.get_doc("Dialer Campaign", campaign))
	copied.update({"rule": doc.name, "rule_run": name, "deadline": None})
	copied.insert()
	assert (copied.rule, copied.rule_run) == (None, None)
	with pytest.raises(frappe.ValidationError, match="This audience is empty"):
		campaigns.start(copied.name)


def test_the_form_hears_the_sentence_before_it_is_saved(families):
	words = desk.read_aloud(
		{
			"kind": "Fees due",
			"purpose": "Fees",
			"days": 3,
			"run_at": "17:00:00",
			"channel": "Text",
			"most_number": 9,
		}
	)
	assert words.startswith(
		"Each school day at 17:00, for fees due within 3 days, text the guardians about fees"
	)
	assert desk.read_aloud({"kind": "Fees due"}) == ""


def test_a_rule_of_once_a_day_looks_once_and_not_before_its_time(families, pass_time):
	now = clock.db_now()
	soon = (now + timedelta(minutes=10)).strftime("%H:%M:%S")
	doc = rules.rule(
		families, kind="Exam ahead", purpose="Academic", template=academic(), run_at=soon, weekends=1
	)
	assert scheduler.due_now(doc, kind_of(doc)) is None
	pass_time(minutes=11)
	due = scheduler.due_now(doc, kind_of(doc))
	assert due.covers == [rules.today()]
	plan = exam(families, rules.today() + timedelta(days=1))
	found = kind_of(doc).found(due.covers)
	assert len(found.occasions) == len(families.students)
	frappe.db.sql("update `tabAssessment Plan` set docstatus = 2 where name = %s", plan)
	assert not kind_of(doc).found(due.covers).occasions


def test_a_run_that_was_missed_for_too_long_says_so(families, pass_time):
	at = (clock.db_now() + timedelta(minutes=30)).strftime("%H:%M:%S")
	doc = rules.rule(
		families,
		kind="Exam ahead",
		purpose="Academic",
		template=academic(),
		run_at=at,
		weekends=1,
		latest_minutes=60,
	)
	exam(families, rules.today() + timedelta(days=1))
	pass_time(minutes=30 + 60 + 10)
	name = run.open_run(doc, scheduler.due_now(doc, kind_of(doc)))
	assert run.find_triggers(doc, kind_of(doc), name) is None
	run.advance(doc, name)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Missed"
	assert not campaigns_of(doc)


def academic() -> str:
	return make.template("Academic")


def exam(families: School, day) -> str:
	plan = f"{families.tag}-exam"
	Bulk().insert(
		"Assessment Plan",
		[{"name": plan, "student_group": families.group, "schedule_date": day, "docstatus": 1}],
	)
	return plan


def test_fees_that_are_due_and_overdue(families):
	child, other = families.students[:2]
	due = rules.today() + timedelta(days=2)
	Bulk().insert(
		"Fees",
		[
			{
				"name": f"{families.tag}-F0",
				"student": child,
				"due_date": due,
				"outstanding_amount": 5,
				"docstatus": 1,
			},
			{
				"name": f"{families.tag}-F1",
				"student": other,
				"due_date": due,
				"outstanding_amount": 0,
				"docstatus": 1,
			},
		],
	)
	fees = rules.rule(families, on=False, kind="Fees due", purpose="Fees", template="Fees notice", days=3)
	found = kind_of(fees).found([rules.today()])
	assert [one.student for one in found.occasions] == [child]
	assert found.others == {other: "The fees are paid."}
	late = rules.rule(families, on=False, kind="Fees overdue", purpose="Fees", template="Fees notice", days=1)
	assert not kind_of(late).found([rules.today()]).occasions
	assert len(kind_of(late).found([due + timedelta(days=1)]).occasions) == 1


def test_low_grades_and_missing_documents(families):
	child, other = families.students[:2]
	Bulk().insert(
		"Assessment Result",
		[
			{"name": f"{families.tag}-R{index}", "assessment_plan": "P", "student": student,
				"total_score": score, "maximum_score": 100, "docstatus": 1}
			for index, (student, score) in enumerate([(child, 49), (other, 50)])
		],
	)  # fmt: skip
	low = rules.rule(
		families, on=False, kind="Low grade", purpose="Academic", template=academic(), below_percent=50
	)
	assert [one.student for one in kind_of(low).found([rules.today()]).occasions] == [child]
	frappe.db.set_value("Student", child, "student_email_id", "a@b.example")
	lacking = rules.rule(
		families,
		on=False,
		kind="Missing documents",
		purpose="General",
		template="General message",
		required_fields="Student.student_email_id",
	)
	assert {one.student for one in kind_of(lacking).found([rules.today()]).occasions} == set(
		families.students
	) - {child}
	assert "records lack" in lacking.sentence


@pytest.mark.parametrize(
	("cron", "opening"),
	[
		("0 18 * * 5", "Each Friday at 18:00,"),
		("30 7 * * 1,3", "Each Monday, Wednesday at 07:30,"),
		("5 9 * * 1-5", "Each Monday, Tuesday, Wednesday, Thursday, Friday at 09:05,"),
		("0 8 * * 7", "Each Sunday at 08:00,"),
		("0 17 * * *", "Each day at 17:00,"),
		("0 17 1 * *", "By the schedule 0 17 1 * *,"),
		("0 17 * * 8", "By the schedule 0 17 * * 8,"),
		("99 17 * * 1", "By the schedule 99 17 * * 1,"),
	],
)
def test_a_schedule_reads_as_weekdays_and_a_time(cron, opening):
	rule = frappe.get_doc({"doctype": "Dialer Rule", "kind": "Recurring", "cron": cron})
	assert kind_of(rule).opening() == opening


@pytest.mark.story
def test_a_recurring_rule_starts_one_campaign_each_time(families, pass_time):
	at = clock.db_now() + timedelta(minutes=20)
	doc = rules.rule(
		families,
		kind="Recurring",
		purpose="General",
		template="General message",
		cron=f"{at.minute} {at.hour} * * *",
		weekends=1,
		audience_source="Guardians of a Student Group",
		audience_name=families.group,
		audience_filters=json.dumps({"except": [{"kind": "Fees", "overdue": True, "over": 1000}]}),
		only_of_doctype=None,
		only_of=None,
	)
	assert f"{at:%H:%M}." in desk.runs(doc.name)["next"]
	serve(doc)
	assert not campaigns_of(doc)
	pass_time(minutes=21)
	serve(doc)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	kept = frappe.db.get_value(
		"Dialer Campaign", campaign, ["audience_name", "filters_in_words"], as_dict=True
	)
	assert kept.audience_name == families.group
	assert kept.filters_in_words.startswith("Not: students with overdue fees")


def test_an_event_of_the_calendar_is_told_once_with_its_details(families):
	day = rules.today() + timedelta(days=1)
	frappe.get_doc(
		{"doctype": "Event", "subject": "Open day", "event_type": "Public", "starts_on": f"{day} 18:00:00"}
	).insert()
	doc = rules.rule(
		families,
		kind="Event ahead",
		purpose="Event",
		template="Event reminder",
		run_at="00:00:00",
		audience_source="Guardians of a Student Group",
		audience_name=families.group,
		only_of_doctype=None,
		only_of=None,
	)
	serve(doc)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	made = frappe.get_doc("Dialer Campaign", campaign)
	assert made.details == f"Open day, {speech.say_date(day, 'en')}, 6:00 PM"
	spanish = next(row.details for row in made.details_translations if row.language == "es")
	assert spanish.startswith(f"Open day, {speech.say_date(day, 'es')}, 6:00")


def test_a_rule_about_a_grade_is_about_those_who_are_enrolled_this_year(families, monkeypatch):
	grade, years = f"{families.tag}-grade", {"Ana": "This year", "Luis": "Last year"}
	rows = [
		{
			"name": f"{families.tag}-{year}",
			"docstatus": 1,
			"student": f"{families.tag}-{child}",
			"program": grade,
			"academic_year": year,
		}
		for child, year in years.items()
	]
	Bulk().insert("Program Enrollment", rows)
	kind = kind_of(frappe._dict(kind="Absence", only_of_doctype="Program", only_of=grade))
	for year, children in (("This year", {"Ana"}), (None, {"Ana", "Luis"})):
		monkeypatch.setattr(kinds, "current_academic_year", lambda year=year: year)
		assert kind.members() == {f"{families.tag}-{child}" for child in children}


def test_the_old_name_of_triggers_still_works():
	with pytest.warns(DeprecationWarning, match="is now Trigger"):
		assert kinds.Occasion is kinds.Trigger
	with pytest.raises(AttributeError):
		kinds.Incident  # noqa: B018
