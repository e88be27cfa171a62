"""The absence rule does not call about what a guardian reported, and calls again when that is over."""

from datetime import datetime, timedelta

import frappe
import pytest

from school_dialer.audience.base import source_of
from school_dialer.automation import cases, scheduler
from school_dialer.automation import rule as actions
from school_dialer.automation.kind import Trigger
from school_dialer.base import clock
from school_dialer.base.database.db_thread import DbThread
from school_dialer.consent.lock import number_lock
from school_dialer.inbound.absences import reports as absences
from school_dialer.inbound.absences.kinds import ABSENCE, LATE, PAGE
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.rules import cases_of, serve, today

pytestmark = pytest.mark.dates

KIND = "Student Leave Application"


@pytest.fixture
def report(classroom, phones):
	"""Return a function that files and commits a report of Eva's guardian."""

	def file(child: str = "Eva", kind: str = ABSENCE, **more) -> str:
		with number_lock([phones[1]]):
			name = absences.file(
				absences.New(
					**{
						"student": f"{classroom.tag}-{child}",
						"student_name": child,
						"kind": kind,
						"first": today(),
						"last": today(),
						"channel": PAGE,
						"source": frappe.generate_hash(length=12),
						"phone": phones[1],
						**more,
					}
				)
			)
		frappe.db.commit()
		return name

	return file


def why(doc) -> dict[str, str]:
	rows = frappe.db.sql("select student, reason from `tabDialer Rule Case` where rule = %s", doc.name)
	return {student.split("-", 1)[1]: reason for student, reason in rows}


def others(doc) -> list[str]:
	return [one["why"] for one in actions.dry_run(doc, today())["others"]]


def test_no_call_about_a_reported_child(classroom, report, queries):
	for child in ("Ana", "Luis", "Eva"):
		classroom.mark(child)
	report()
	doc = rules.rule(classroom)
	serve(doc)
	assert set(cases_of(doc)) == {"Ana", "Luis"}
	assert others(doc) == ["The guardian reported it."]


@pytest.mark.parametrize("end", [absences.withdraw, absences.reject])
def test_a_report_that_ended_lets_it_call_again(classroom, report, end, pass_time):
	classroom.mark("Eva")
	name = report()
	doc = rules.rule(classroom)
	serve(doc)
	assert not cases_of(doc)
	pass_time(minutes=1)
	end(name, by="office")
	serve(doc)
	assert cases_of(doc) == {"Eva": "In Campaign"}


def test_an_absence_that_was_marked_long_before_is_not_too_late(classroom, report, pass_time):
	classroom.mark("Eva")
	name = report()
	doc = rules.rule(classroom, latest_minutes=30)
	pass_time(minutes=50)
	absences.withdraw(name, by="office")
	serve(doc)
	assert cases_of(doc) == {"Eva": "In Campaign"}


def test_a_late_arrival_holds_until_its_time_and_the_wait(classroom, report, pass_time):
	classroom.mark("Eva")
	at = (clock.db_now() + timedelta(minutes=30)).time().replace(microsecond=0)
	report(kind=LATE, expected=at)
	doc = rules.rule(classroom, grace_minutes=10, latest_minutes=5)
	serve(doc)
	assert not cases_of(doc)
	pass_time(minutes=32)
	serve(doc)
	assert cases_of(doc) == {"Eva": "Waiting"}
	pass_time(minutes=41)
	serve(doc)
	assert cases_of(doc) == {"Eva": "In Campaign"}


def renamed(classroom, merge: bool) -> str:
	"""Give Eva's record another name, or merge it into another one, and return the child's name by then."""
	if merge:
		classroom.family("Ella")
	frappe.rename_doc("Student", f"{classroom.tag}-Eva", f"{classroom.tag}-Ella", force=True, merge=merge)
	frappe.db.commit()
	return "Ella"


@pytest.mark.parametrize("merge", [False, True])
def test_a_report_holds_under_the_students_new_name(classroom, report, merge):
	classroom.mark("Eva")
	report()
	renamed(classroom, merge)
	doc = rules.rule(classroom)
	serve(doc)
	assert not cases_of(doc) and others(doc) == ["The guardian reported it."]


@pytest.mark.parametrize("merge", [False, True])
def test_a_student_who_is_renamed_is_called_about_once(classroom, merge):
	classroom.mark("Eva")
	doc = rules.rule(classroom)
	serve(doc)
	name = renamed(classroom, merge)
	(campaign,) = frappe.get_all("Dialer Campaign", {"rule": doc.name}, pluck="name")
	source = source_of(frappe.get_doc("Dialer Campaign", campaign))
	assert source.withdrawn({f"{classroom.tag}-{name}"}) == {}, "the call is not taken back"
	serve(doc)
	assert cases_of(doc) == {name: "In Campaign"}
	assert frappe.db.count("Dialer Campaign", {"rule": doc.name}) == 1


def test_two_records_of_a_student_that_are_merged_are_called_about_once(classroom):
	classroom.family("Ella")
	classroom.mark("Eva")
	doc = rules.rule(classroom, again_for_siblings=1)
	serve(doc)
	run = frappe.db.get_value("Dialer Rule Case", {"rule": doc.name}, "run")
	found = Trigger(f"{classroom.tag}-Ella:{today()}", f"{classroom.tag}-Ella")
	cases.notice(frappe.get_doc("Dialer Rule Run", run), [found], timedelta(hours=1))
	frappe.rename_doc("Student", f"{classroom.tag}-Eva", f"{classroom.tag}-Ella", force=True, merge=True)
	states = frappe.get_all("Dialer Rule Case", {"rule": doc.name}, pluck="status", order_by="status")
	assert states == ["In Campaign", "Skipped"]


def test_unapproved_reports_count_unless_the_rule_says_no(classroom, report):
	classroom.mark("Eva")
	name = report()
	doc = rules.rule(classroom, unapproved_reports=0)
	serve(doc)
	assert cases_of(doc) == {"Eva": "In Campaign"}
	absences.approve(name)
	assert others(doc)


def test_a_withdrawn_reports_leave_does_not_excuse(classroom, report):
	set_settings({"absence_leave": "Submitted"})
	classroom.mark("Eva")
	name = report()
	leave = frappe.db.get_value(absences.DOCTYPE, name, "leave_application")
	assert frappe.db.get_value(KIND, leave, "docstatus") == 1
	absences.withdraw(name, by="office")
	assert frappe.db.get_value(KIND, leave, "docstatus") == 2
	frappe.db.set_value(KIND, leave, "docstatus", 1)
	frappe.db.set_value("Student Attendance", {"student": f"{classroom.tag}-Eva"}, "docstatus", 1)
	frappe.db.set_value("Student Attendance", {"student": f"{classroom.tag}-Eva"}, "leave_application", None)
	doc = rules.rule(classroom)
	serve(doc)
	assert cases_of(doc) == {"Eva": "In Campaign"}


def test_the_office_settles_a_report_by_its_leave(classroom, report):
	first = report()
	leave = frappe.get_doc(KIND, frappe.db.get_value(absences.DOCTYPE, first, "leave_application"))
	leave.submit()
	assert frappe.db.get_value(absences.DOCTYPE, first, "status") == "Approved"
	leave.reload()
	leave.cancel()
	row = frappe.db.get_value(absences.DOCTYPE, first, ["status", "ended_by"], as_dict=True)
	assert (row.status, row.ended_by) == ("Rejected", "Administrator")


def test_a_deleted_draft_rejects_its_report(classroom, report):
	name = report()
	frappe.delete_doc(KIND, frappe.db.get_value(absences.DOCTYPE, name, "leave_application"))
	assert frappe.db.get_value(absences.DOCTYPE, name, "status") == "Rejected"


def test_days_that_staff_changed_are_the_reports(classroom, report):
	name = report(last=today() + timedelta(days=2))
	leave = frappe.get_doc(KIND, frappe.db.get_value(absences.DOCTYPE, name, "leave_application"))
	leave.to_date = today()
	leave.submit()
	assert frappe.db.get_value(absences.DOCTYPE, name, "to_day") == today()


def test_without_a_leave_the_report_counts_alone(classroom, report):
	first = report()
	assert frappe.db.get_value(absences.DOCTYPE, first, "leave_application")
	second = report(kind=ABSENCE, phone="+13125550143")
	problem = frappe.db.get_value(absences.DOCTYPE, second, "leave_problem")
	assert "covers these days already" in problem
	classroom.mark("Eva")
	doc = rules.rule(classroom)
	serve(doc)
	assert not cases_of(doc)


@pytest.mark.parametrize(("first", "last"), [(-1, 0), (0, -1), (15, 15), (0, 10), (-400, 400), (3650, 3650)])
def test_days_are_bounded(report, reports, first, last):
	days = {"first": today() + timedelta(days=first), "last": today() + timedelta(days=last)}
	with pytest.raises(absences.BadDays):
		report(**days)
	assert not reports()


def test_what_is_delivered_again_is_one_report(report, reports):
	assert report(source="SM1") == report(source="SM1")
	assert report(source="SM2") == report(source="SM3")
	assert len(reports()) == 1


def test_a_report_after_planning_stops_the_call(school_with, planned, posted, carrier):
	made = school_with(3)
	for child in ("C0", "C1", "C2"):
		made.mark(child)
	_rule, campaign = planned(made)
	number = made.phones[f"{made.tag}-G1"]
	with number_lock([number]):
		absences.file(
			absences.New(
				f"{made.tag}-C1", "C1", ABSENCE, today(), today(), PAGE, frappe.generate_hash(length=12)
			)
		)
	frappe.db.commit()
	rows = {row.phone: row for row in make.recipients(campaign, "phone", "status", "outcome")}
	assert (rows[number].status, rows[number].outcome) == ("Cancelled", "The guardian reported it.")
	dispatcher.run()
	carrier.wait_until_idle()
	assert not posted(number)
	assert sum(len(posted(one)) for one in made.phones.values()) == 2
	frappe.db.delete(absences.DOCTYPE, {"student": f"{made.tag}-C1"})
	frappe.db.commit()


def test_no_request_leaves_after_a_report_was_saved(school_with, planned, carrier, set_pace):
	count = 12
	made = school_with(2 * count + 2)
	for index in range(2 * count + 2):
		made.mark(f"C{index}", "Absent" if index < count else "Present")
	set_pace(6)
	planned(made)
	saved: dict[str, datetime] = {}
	with DbThread() as other:
		calling = other.submit(dispatcher.run)
		for index in reversed(range(count)):
			source = frappe.generate_hash(length=12)
			absences.file(absences.New(f"{made.tag}-C{index}", "C", ABSENCE, today(), today(), PAGE, source))
			frappe.db.commit()
			saved[made.phones[f"{made.tag}-G{index}"]] = datetime.now().astimezone()
		calling.result()
	left = {
		entry["to"]: datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))
		for entry in carrier.log("call")
	}
	assert [number for number, at in saved.items() if number in left and left[number] > at] == []
	frappe.db.delete(absences.DOCTYPE, {"student": ("like", f"{made.tag}-%")})
	frappe.db.commit()


def test_a_text_in_the_morning_keeps_the_family_from_being_called(school_with, say, posted, planned, carrier):
	made = school_with(3)
	frappe.db.commit()
	texting, *others = made.phones.values()
	say(texting, "My daughter is sick today")
	assert "Noted" in say(texting, "1")
	for child in ("C0", "C1", "C2"):
		made.mark(child)
	planned(made)
	dispatcher.run()
	carrier.wait_until_idle()
	assert not posted(texting) and all(posted(number) for number in others)
	frappe.db.delete(absences.DOCTYPE, {"student": ("like", f"{made.tag}-%")})
	frappe.db.commit()


def test_a_report_before_planning_makes_no_campaign_about_it(school_with, report):
	made = school_with(1)
	made.mark("C0")
	absences.file(
		absences.New(f"{made.tag}-C0", "C0", ABSENCE, today(), today(), PAGE, frappe.generate_hash(length=12))
	)
	doc = rules.rule(made)
	frappe.db.commit()
	scheduler.run_rules()
	assert not rules.campaigns_of(doc)
	frappe.db.delete(absences.DOCTYPE, {"student": f"{made.tag}-C0"})
	frappe.db.commit()
