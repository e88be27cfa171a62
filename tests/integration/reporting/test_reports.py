"""What the reports show for a campaign whose every call is known."""

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType

import frappe
import pytest
from frappe.utils import add_days

import school_dialer
from school_dialer.base import clock
from school_dialer.base.database.rows import insert
from school_dialer.base.phone import mask
from school_dialer.consent import ledger
from school_dialer.reporting import coverage
from tests.integration import factories as make
from tests.integration.reporting.conftest import begin

pytestmark = pytest.mark.dates

EPOCH = "1970-01-01"
REPORTS = Path(school_dialer.__file__).parent / "school_dialer" / "report"
MANAGER, AGENT, OFFICER = "Dialer Manager", "Dialer Agent", "Dialer Compliance Officer"


def run(name: str, **filters) -> tuple[list[dict], dict, dict]:
	"""Run the report, and return its rows, its figures by label, and its chart."""
	columns, rows, _message, chart, summary, *_more = module_of(name).execute(filters)
	known = {column["fieldname"] for column in columns}
	assert all(column["as_text"] for column in columns)
	assert all(column["align"] == ("right" if is_number(column) else "left") for column in columns)
	for row in rows:
		assert {column["fieldname"] for column in columns if column["fieldtype"] == "Int"} <= row.keys()
		assert known & row.keys()
	return rows, {one["label"]: one["value"] for one in summary}, chart


def module_of(name: str) -> ModuleType:
	scrubbed = frappe.scrub(name)
	return import_module(f"school_dialer.school_dialer.report.{scrubbed}.{scrubbed}")


def reports() -> set[str]:
	"""Return the names of the app's reports."""
	return {json.loads(file.read_text())["name"] for file in REPORTS.glob("*/*.json")}


def is_number(column: dict) -> bool:
	return column["fieldtype"] in ("Int", "Float", "Currency", "Percent")


def only(rows: list[dict], **values) -> dict:
	(row,) = [row for row in rows if all(row[key] == value for key, value in values.items())]
	return row


def test_results_count_each_household_once(ran):
	ledger.opt_out(ran.answered[0], evidence=make.evidence("Keypad", wording="9"))
	rows, figures, chart = run("Campaign Results", campaign=ran.name)
	row = only(rows, campaign=ran.name)
	assert (row["people"], row["reached"], row["not_reached"], row["blocked"]) == (10, 3, 3, 4)
	assert (row["waiting"], row["cancelled"], row["unknown"]) == (0, 0, 0)
	assert row["share"] == 50.0 and row["attempts"] == 5 and row["opt_outs"] == 1
	assert figures["Reached"] == 3 and figures["People"] == 10
	values = {one["name"]: one["values"] for one in chart["data"]["datasets"]}
	assert values == {"Reached": [3], "Not reached": [3], "Blocked": [4], "Waiting": [0]}


def test_an_opt_out_during_two_campaigns_is_one(ran):
	again = make.campaign(ran.answered)
	begin(again, ran.started)
	day = {"from_date": str(ran.started.date()), "to_date": str(ran.started.date())}
	before = run("Campaign Results", **day)[1]["Opt-outs during it"]
	for number in ran.answered[:2]:
		ledger.opt_out(number, evidence=make.evidence("Keypad", wording="9"))
	rows, figures, _chart = run("Campaign Results", **day)
	assert [only(rows, campaign=name)["opt_outs"] for name in (ran.name, again.name)] == [2, 2]
	assert figures["Opt-outs during it"] - before == 2


def test_results_are_filtered(ran):
	assert run("Campaign Results", campaign=ran.name, channel="Text")[0] == []
	assert run("Campaign Results", campaign=ran.name, purpose="Fees")[0] == []
	yesterday = str((ran.started - timedelta(days=1)).date())
	assert run("Campaign Results", campaign=ran.name, from_date=yesterday, to_date=yesterday) == (
		[],
		{
			"Campaigns": 0,
			"People": 0,
			"Reached": 0,
			"Reached %, of those who may be called": "0%",
			"Blocked": 0,
			"Opt-outs during it": 0,
		},
		None,
	)
	with pytest.raises(frappe.ValidationError, match="lies after"):
		run("Campaign Results", from_date="2026-03-02", to_date="2026-03-01")


def test_blocked_people_count_under_their_main_reason(ran):
	rows, figures, _chart = run("Blocked Calls by Reason", campaign=ran.name)
	assert {row["code"]: row["people"] for row in rows if row["people"]} == {
		"NO_CONSENT": 2,
		"OPTED_OUT": 1,
		"INVALID_NUMBER": 1,
	}
	assert figures["Blocked people"] == sum(row["people"] for row in rows) == 4
	row = only(rows, code="NO_CONSENT")
	assert row["reason"] == "No consent on file" and row["share"] == 50.0
	assert row["remedy"] == "Ask for consent and record it in Contact Consent."
	assert row["also"] == 1, "without a number there is no consent either"


@pytest.mark.parametrize(("times", "shown"), [(1, 0), (2, 1)])
def test_a_number_that_the_network_does_not_know_twice_is_bad(ran, times, shown):
	number = make.phone()
	for _ in range(times):
		name = frappe.generate_hash(length=12)
		row = {"name": name, "direction": "Outbound", "channel": "Voice", "phone": number, "verdict": "ALLOW"}
		row |= {"campaign": ran.name, "placed_at": clock.db_now(), "students": "[]", "sip_code": "404"}
		insert("Dialer Call Log", [row | {"status": "failed", "status_rank": 90}])
	rows = [row for row in run("Bad Numbers")[0] if row["number"] == number]
	assert len(rows) == shown and all("404" in row["detail"] for row in rows)


def test_bad_numbers_lead_to_the_record(ran):
	number = make.phone()
	contact = frappe.get_doc(
		{
			"doctype": "Contact",
			"first_name": "Rosa",
			"phone_nos": [{"phone": number, "is_primary_mobile_no": 1}],
		}
	).insert()
	make.consent(number, person_doctype="Contact", person=contact.name)
	ledger.wrong_number(number, evidence=make.evidence("Inbound Call", wording="wrong number"))
	rows, _figures, _chart = run("Bad Numbers")
	wrong = only(rows, person=contact.name)
	assert (wrong["problem"], wrong["number"], wrong["on_record"]) == ("Someone else's", number, "Yes")
	dead = only(rows, number=ran.dead)
	assert (
		dead["problem"] == "Not in service"
		and "Invalid 'To'" in dead["detail"]
		and dead["campaign"] == ran.name
	)
	invalid = only(rows, number="call the office", campaign=ran.name)
	assert invalid["problem"] == "Not a number"
	frappe.db.set_value("Contact", contact.name, "mobile_no", make.phone())
	assert contact.name not in [row["person"] for row in run("Bad Numbers")[0]], "it was corrected"
	assert only(run("Bad Numbers", corrected=1)[0], person=contact.name)["on_record"] == "No, corrected"


def test_an_agent_sees_masked_numbers(ran, as_role):
	as_role(AGENT)
	rows, _figures, _chart = run("Bad Numbers", campaign=ran.name)
	assert ran.dead not in str(rows) and "call the office" not in str(rows)
	assert only(rows, problem="Not in service")["number"] == mask(ran.dead)


def test_costs_are_the_carriers_where_it_told_them(ran, prices):
	row = only(run("Call Costs", campaign=ran.name)[0], group=ran.name)
	assert (row["calls"], row["texts"], row["minutes"]) == (5, 0, 7)
	assert row["billed"] == 0 and row["estimated"] == pytest.approx(7 * 0.02)
	log = frappe.db.get_value("Dialer Call Log", {"campaign": ran.name, "phone": ran.answered[2]})
	frappe.db.set_value("Dialer Call Log", log, "price", "-0.05500")
	row = only(run("Call Costs", campaign=ran.name)[0], group=ran.name)
	assert row["billed"] == pytest.approx(0.055) and row["estimated"] == pytest.approx(4 * 0.02)
	assert row["total"] == pytest.approx(0.135) and row["each"] == pytest.approx(0.135 / 4)
	month = clock.db_now().strftime("%Y-%m")
	assert only(run("Call Costs", campaign=ran.name, by="Month")[0], group=month)["total"] == pytest.approx(
		0.135
	)
	assert only(run("Call Costs", campaign=ran.name, by="Channel")[0], group="Voice")["calls"] == 5
	with pytest.raises(frappe.ValidationError, match="Choose one of"):
		run("Call Costs", by="campaign; drop table")


def test_activity_is_that_of_staff(ran, as_role):
	user = as_role(MANAGER, OFFICER)
	today = str(clock.db_now().date())
	before = run("Agent Activity", user=user, from_date=today)[0]
	assert before == []
	for source, count in (("Agent", 2), ("Keypad", 3)):
		for _index in range(count):
			ledger.opt_out(make.phone(), evidence=make.evidence(source, actor=user, wording="stop"))
	make.consent(make.phone())
	frappe.db.set_value(
		"Dialer Campaign", ran.name, {"requested_by": user, "approved_by": user, "approved_at": ran.started}
	)
	row = only(run("Agent Activity", user=user, from_date=today)[0], user=user)
	assert (row["opt_outs"], row["consents"], row["started"], row["approved"], row["total"]) == (
		2,
		1,
		1,
		1,
		5,
	)


@pytest.fixture
def school_class() -> dict:
	"""Return the audience of a student group with three guardians of two students.

	One guardian consented, one opted out, and one was not asked. One speaks Spanish.
	"""
	numbers = [make.phone() for _each in range(3)]
	names = [
		frappe.get_doc(
			{"doctype": "Guardian", "guardian_name": f"Test {number[-4:]}", "mobile_number": number}
		)
		.insert()
		.name
		for number in numbers
	]
	frappe.db.set_value("Guardian", names[0], "dialer_language", "es")
	students = []
	for some in (names[:2], names[1:]):
		student = frappe.get_doc(
			{
				"doctype": "Student",
				"first_name": "Test",
				"student_email_id": f"{frappe.generate_hash(length=8)}@school.example",
				"guardians": [
					{"guardian": name, "guardian_name": name, "relation": "Mother"} for name in some
				],
			}
		).insert()
		students.append(student.name)
	group = group_of(students)
	make.consent(numbers[0])
	make.consent(numbers[1])
	ledger.opt_out(numbers[1], evidence=make.evidence("Text", wording="STOP"))
	return {"audience": "Guardians of a Student Group", "audience_name": group}


def group_of(students: list[str]) -> str:
	"""Insert a student group of these students."""
	year = frappe.get_doc(
		{
			"doctype": "Academic Year",
			"academic_year_name": f"Test {frappe.generate_hash(length=6)}",
			"year_start_date": "2025-08-01",
			"year_end_date": "2026-06-30",
		}
	).insert()
	group = frappe.get_doc(
		{
			"doctype": "Student Group",
			"student_group_name": f"Test {frappe.generate_hash(length=6)}",
			"group_based_on": "Activity",
			"academic_year": year.name,
			"students": [{"student": name, "student_name": "Test", "active": 1} for name in students],
		}
	).insert()
	return group.name


def test_coverage_counts_people_once_and_each_group(school_class):
	rows, figures, _chart = run("Consent Coverage", by="Student Group", **school_class)
	row = only(rows, group=school_class["audience_name"])
	assert (row["people"], row["consented"], row["opted_out"], row["not_asked"]) == (3, 1, 1, 1)
	assert row["share"] == 33.3 and figures["People, each once"] == 3
	languages = {
		row["group"]: row["people"] for row in run("Consent Coverage", by="Language", **school_class)[0]
	}
	assert languages["es"] == 1 and sum(languages.values()) == 3


def test_coverage_by_purpose_knows_what_needs_a_signature(school_class):
	rows = run("Consent Coverage", by="Purpose", **school_class)[0]
	assert {row["group"]: row["consented"] for row in rows}["General"] == 1
	written = only(rows, group="Fundraising")
	assert (written["consented"], written["lapsed"], written["opted_out"]) == (0, 1, 1)
	assert {row["group"] for row in rows} == set(coverage.COVERED)


def test_coverage_refuses_what_it_does_not_know(school_class):
	for filters in ({"by": "Shoe size"}, {"audience": "Everybody"}, {"channel": "Fax"}, {"purpose": "Spam"}):
		with pytest.raises(frappe.ValidationError):
			run("Consent Coverage", **{**school_class, **filters})


def test_the_opt_out_log_has_a_chart_by_day(ran):
	_rows, _figures, chart = run("Opt-out Log and Latency")
	texts = next(one for one in chart["data"]["datasets"] if one["name"] == "Text")
	assert texts["values"][-1] >= 1


LONG_AGO = {"from_date": add_days(EPOCH, -2), "to_date": EPOCH, "day": EPOCH}
NEVER_EMPTY = {"Results by School", "Reach by Group"}
"""They have a row for each school, or for all students together."""
NONE_SUCH = {
	"Addresses to Correct": {"problem": "none such"},
	"Consent by Person": {"person_name": "none such"},
	"Student Reach": {"language": "none such"},
	"Students without a School": {"problem": "none such"},
}


@pytest.mark.parametrize("name", sorted(reports() - NEVER_EMPTY))
def test_an_empty_report_says_why_and_what_to_do(name):
	filters = {**LONG_AGO, **NONE_SUCH.get(name, {})}
	if name == "Campaign Answers":
		filters["campaign"] = make.campaign([make.phone()]).name
	if name == "Consent Coverage":
		filters |= {"audience": "Guardians of a Student Group", "audience_name": group_of([])}
	_columns, rows, message, *_more = module_of(name).execute(filters)
	assert not rows and message.endswith("."), name
