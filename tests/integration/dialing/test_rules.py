"""Rules: what they notice, when they ask a human, what they start, and that nothing starts twice."""

from datetime import timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer import clock
from school_dialer.automation import rule as actions
from school_dialer.automation import run, scheduler
from school_dialer.automation.kind import kind_of
from school_dialer.automation.run import NotWaiting
from school_dialer.desk import campaigns
from school_dialer.desk import rules as desk
from tests.integration import factories as make
from tests.integration.dialing import rules
from tests.integration.dialing.rules import School, campaigns_of, cases_of, serve


@pytest.fixture
def families(school) -> School:
	"""Twelve children; two of them are brother and sister."""
	made = School()
	made.family("Ana", "Luis")
	for index in range(10):
		made.family(f"C{index}")
	made.opens()
	return made


@pytest.fixture
def pass_time(monkeypatch):
	real = clock.offset

	def by(**delta) -> None:
		shift = timedelta(**delta)
		monkeypatch.setattr(clock, "now", lambda: clock.datetime.now(clock.UTC) + real() + shift)

	return by


def test_a_rule_reads_as_a_sentence(families):
	doc = rules.rule(families, on=False, grace_minutes=30, most_percent=15, most_number=50)
	assert doc.sentence == (
		f"When a student of {families.group} is marked absent without approved leave, wait 30 minutes, then call the "
		"guardians about attendance with “Attendance notice”, once a day; stop and ask me when more than 15 % or 50 "
		"students are absent."
	)


def test_an_absence_is_called_once_and_siblings_share_the_call(families):
	doc = rules.rule(families)
	families.mark("Ana")
	families.mark("Luis")
	families.mark("C0", "Present")
	serve(doc)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	assert cases_of(doc) == {"Ana": "In Campaign", "Luis": "In Campaign"}
	made = frappe.get_doc("Dialer Campaign", campaign)
	assert (made.status, made.purpose, made.requested_by) == ("Preparing", "Attendance", "Administrator")
	assert made.deadline.date() == rules.today()


def test_leave_drafts_and_corrections_are_not_called(families):
	doc = rules.rule(families)
	families.mark("C0")
	families.leave("C0")
	frappe.get_doc("Student Attendance", families.mark("C1")).cancel()
	serve(doc)
	assert not campaigns_of(doc) and not cases_of(doc)


def test_it_waits_for_the_grace_period_and_a_correction_within_it(families, pass_time):
	doc = rules.rule(families, grace_minutes=30)
	mistaken = families.mark("C0")
	families.mark("C1")
	serve(doc)
	assert cases_of(doc) == {"C0": "Waiting", "C1": "Waiting"} and not campaigns_of(doc)
	frappe.get_doc("Student Attendance", mistaken).cancel()
	pass_time(minutes=31)
	serve(doc)
	assert cases_of(doc) == {"C0": "Withdrawn", "C1": "In Campaign"}


def test_periods_of_a_day_are_one_absence(families):
	doc = rules.rule(families)
	first = families.mark("C0")
	frappe.db.sql("update `tabStudent Attendance` set course_schedule = 'first' where name = %s", first)
	second = frappe.copy_doc(frappe.get_doc("Student Attendance", first))
	second.course_schedule = "second"
	second.docstatus = 1
	second.name = f"{first}-2"
	second.db_insert()
	serve(doc)
	assert cases_of(doc) == {"C0": "In Campaign"}
	frappe.get_doc("Student Attendance", first).cancel()
	assert cases_of(doc) == {"C0": "In Campaign"}


def test_cancelled_and_amended_is_still_one_call(families):
	doc = rules.rule(families)
	first = families.mark("C0")
	serve(doc)
	frappe.get_doc("Student Attendance", first).cancel()
	assert cases_of(doc) == {"C0": "Withdrawn"}
	families.mark("C0")
	serve(doc)
	assert cases_of(doc) == {"C0": "In Campaign"}, "nobody was told yet, so it is told now"
	assert len(campaigns_of(doc)) == 2


def test_an_absence_of_another_day_is_not_called(families):
	doc = rules.rule(families)
	families.mark("C0", day=rules.today() - timedelta(days=1))
	serve(doc)
	assert not cases_of(doc)


def test_what_was_missed_too_long_is_not_called_late(families, pass_time, as_role):
	manager = as_role("Dialer Manager")
	frappe.set_user("Administrator")
	doc = rules.rule(families, latest_minutes=60)
	families.mark("C0")
	pass_time(minutes=90)
	serve(doc)
	assert cases_of(doc) == {"C0": "Too Late"} and not campaigns_of(doc)
	assert frappe.db.count("Notification Log", {"for_user": manager}) == 1


def test_a_mass_asks_a_human_and_nothing_starts(families):
	doc = rules.rule(families, most_number=3)
	for index in range(4):
		families.mark(f"C{index}")
	name = serve(doc)
	serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	assert not campaigns_of(doc)
	with pytest.raises(NotWaiting, match="4 by now, not 3"):
		run.approve(name, 3)
	run.approve(name, 4)
	serve(doc)
	assert len(campaigns_of(doc)) == 1
	assert set(cases_of(doc).values()) == {"In Campaign"}


def test_more_after_the_yes_asks_again_and_pauses(families):
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	run.approve(name, 2)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	families.mark("C2")
	serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	assert frappe.db.get_value("Dialer Campaign", campaign, "status") == "Paused"
	assert cases_of(doc)["C2"] == "Waiting"
	run.approve(name, 3)
	assert frappe.db.get_value("Dialer Campaign", campaign, "status") == "Preparing"
	serve(doc)
	assert cases_of(doc)["C2"] == "In Campaign"


def test_a_no_calls_nobody_and_what_comes_later_is_asked_about(families):
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	with pytest.raises(frappe.MandatoryError):
		run.drop(name, " ")
	run.drop(name, "The register was wrong.")
	serve(doc)
	assert set(cases_of(doc).values()) == {"Dropped"} and not campaigns_of(doc)
	families.mark("C2")
	serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	assert cases_of(doc)["C2"] == "Waiting"


def test_a_whole_class_marked_absent_is_a_mass(families):
	doc = rules.rule(families, most_percent=15, most_number=50)
	for child in ("Ana", "Luis", *(f"C{index}" for index in range(8))):
		families.mark(child)
	name = serve(doc)
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"


def test_a_family_that_was_called_is_not_called_again_for_a_sibling_unless_the_rule_says_so(families):
	doc = rules.rule(families)
	families.mark("Ana")
	serve(doc)
	called(families, campaigns_of(doc)[0], "Ana")
	families.mark("Luis")
	serve(doc)
	assert cases_of(doc)["Luis"] == "Skipped"
	again = rules.rule(families, again_for_siblings=1)
	frappe.db.sql("delete from `tabStudent Attendance` where student = %s", f"{families.tag}-Luis")
	serve(again)
	called(families, campaigns_of(again)[0], "Ana")
	families.mark("Luis")
	serve(again)
	assert cases_of(again)["Luis"] == "In Campaign"


def called(families: School, campaign: str, child: str) -> None:
	guardian, number = next(iter(families.phones.items()))
	row = {
		"doctype": "Dialer Recipient",
		"name": frappe.generate_hash(length=20),
		"campaign": campaign,
		"phone": number,
		"household_key": number,
		"person_doctype": "Guardian",
		"person": guardian,
		"status": "Reached",
		"attempts": 1,
		"students": frappe.as_json([f"{families.tag}-{child}"]),
	}
	frappe.get_doc(row).db_insert()


def test_the_dry_run_writes_nothing_and_names_everybody(families):
	doc = rules.rule(families, on=False)
	families.mark("Ana")
	families.mark("Luis")
	families.mark("C0")
	families.leave("C0")
	before = [
		frappe.db.count(one)
		for one in ("Dialer Rule Run", "Dialer Rule Case", "Dialer Campaign", "Dialer Recipient")
	]
	found = actions.dry_run(doc, rules.today())
	assert (found["students"], found["called"], len(found["people"])) == (2, 1, 1)
	assert sorted(found["people"][0]["students"]) == [f"Ana {families.tag}", f"Luis {families.tag}"]
	assert found["others"] == [{"student": f"C0 {families.tag}", "why": "Leave is approved."}]
	number = next(iter(families.phones.values()))
	assert number not in frappe.as_json(found)
	after = [
		frappe.db.count(one)
		for one in ("Dialer Rule Run", "Dialer Rule Case", "Dialer Campaign", "Dialer Recipient")
	]
	assert before == after
	assert actions.dry_run(doc, rules.today() - timedelta(days=1))["students"] == 0


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


def test_nobody_writes_runs_cases_or_the_links_of_campaigns_by_hand(families, as_role):
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
	with pytest.raises(frappe.ValidationError, match="Nobody is in this audience"):
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


@pytest.mark.parametrize(
	("count", "population", "mass"),
	[
		(50, 1000, False),
		(51, 1000, True),
		(9, 9, False),
		(10, 10, True),
		(15, 100, False),
		(16, 100, True),
		(0, 0, False),
	],
)
def test_what_is_a_mass(count, population, mass):
	assert run.is_mass(count, population, 15, 50) is mass


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
	at = (clock.db_now() + timedelta(minutes=1)).strftime("%H:%M:%S")
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
	pass_time(minutes=70)
	name = run.open_run(doc, scheduler.due_now(doc, kind_of(doc)))
	assert run.look(doc, kind_of(doc), name) is None
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


def test_fees_grades_and_documents(families):
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
	Bulk().insert(
		"Assessment Result",
		[
			{"name": f"{families.tag}-R{index}", "assessment_plan": "P", "student": student, "total_score": score,
				"maximum_score": 100, "docstatus": 1}
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


def test_a_recurring_rule_starts_one_campaign_each_time(families, pass_time):
	at = clock.db_now() + timedelta(minutes=2)
	doc = rules.rule(
		families,
		kind="Recurring",
		purpose="General",
		template="General message",
		cron=f"{at.minute} {at.hour} * * *",
		weekends=1,
		audience_source="Guardians of a Student Group",
		audience_name=families.group,
		only_of_doctype=None,
		only_of=None,
	)
	assert desk.runs(doc.name)["next"].endswith(f"{at:%H:%M}.")
	serve(doc)
	assert not campaigns_of(doc)
	pass_time(minutes=3)
	serve(doc)
	serve(doc)
	(campaign,) = campaigns_of(doc)
	assert frappe.db.get_value("Dialer Campaign", campaign, "audience_name") == families.group


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
	assert "Open day" in frappe.db.get_value("Dialer Campaign", campaign, "details")


def test_what_cannot_start_says_why_and_is_tried_again(families, monkeypatch):
	doc = rules.rule(families)
	families.mark("C0")
	frappe.db.sql("update `tabDialer Sending Number` set enabled = 0")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	name = serve(doc)
	assert "number to call from" in frappe.db.get_value("Dialer Rule Run", name, "message")
	assert not campaigns_of(doc) and cases_of(doc) == {"C0": "Waiting"}
	frappe.db.sql("update `tabDialer Sending Number` set enabled = 1")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	serve(doc)
	assert len(campaigns_of(doc)) == 1


def test_a_yes_comes_too_late_on_another_day(families):
	doc = rules.rule(families, most_number=1)
	families.mark("C0")
	families.mark("C1")
	name = serve(doc)
	frappe.db.set_value("Dialer Rule Run", name, "day", rules.today() - timedelta(days=1))
	with pytest.raises(NotWaiting, match="day is over"):
		run.approve(name, 2)
