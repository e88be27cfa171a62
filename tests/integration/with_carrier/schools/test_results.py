"""The report Results by School and the results of a district's campaign, against a count of every row."""

import json
from collections import Counter, defaultdict
from datetime import datetime, time, timedelta

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.consent import ledger
from school_dialer.consent.replies.opt_out_timing import STOPS
from school_dialer.desk import campaigns as desk
from school_dialer.reporting import coverage
from school_dialer.reporting.district import schools
from school_dialer.school_dialer.report.results_by_school import results_by_school as report
from school_dialer.schools import users
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, set_settings
from tests.integration.with_carrier.running import dial, prepare

pytestmark = pytest.mark.dates

COUNTED = ("called", "tried", "reached", "blocked", "opt_outs", "calls", "texts", "cost")
FIELDS = ["name", "campaign", "school", "students", "person_doctype", "person"]
PRICES = {"price_per_minute": 0.5, "price_per_segment": 0.25, "currency": "USD"}


@pytest.fixture
def two(school):
	before = {field: frappe.db.get_single_value("Dialer Settings", field) for field in PRICES}
	set_settings(PRICES)
	with districts.district("North", "South", committed=True) as made:
		districts.change(made[0], monthly_limit=100)
		yield made
	set_settings(before)


@pytest.fixture
def ran(carrier, answering, two) -> list:
	"""Run campaigns of the district and of each school; some opt out, and some may not be called."""
	mothers = [make.unlisted_phone() for _ in range(3)]
	pupils = SchoolClass([{f"Rosa{index}": [mother]} for index, mother in enumerate(mothers)])
	for index, name in enumerate((*two, None)):
		frappe.db.set_value("Student", pupils.student(index), "dialer_school", name)
	of_district = pupils.campaign(max_attempts=1)
	answered, refused = (make.phone() for _ in range(2))
	make.consent(answered)
	north = make.campaign([answered, refused], school=two[0])
	south = make.campaign([make.phone()], school=two[1])
	for number in (*mothers[:2], answered):
		answering(number, "answers")
	answering(mothers[2], "busy")
	for doc in (of_district, north, south):
		prepare(doc)
		dial(carrier)
	event = ledger.opt_out(mothers[1], evidence=make.evidence("Text"))
	assert event
	ledger.opt_out(make.phone(), evidence=make.evidence("Text"))
	frappe.db.commit()
	return [of_district, north, south]


def today() -> tuple[datetime, datetime]:
	begin = datetime.combine(clock.db_now().date(), time())
	return begin, begin + timedelta(days=1)


def school_of_row(row) -> str:
	"""Return the school in which a recipient counts, as the report's page says it."""
	students = json.loads(row.students or "[]")
	first = students and frappe.db.get_value("Student", students[0], "dialer_school")
	own = None
	if row.person_doctype in schools.OWN_RECORDS and row.person:
		own = frappe.db.get_value(row.person_doctype, row.person, "dialer_school")
	campaign = frappe.db.get_value("Dialer Campaign", row.campaign, "school")
	return row.school or campaign or first or own or ""


def within(field: str, begin: datetime, before: datetime) -> list[list]:
	"""Return list filters. Frappe's "between" would count the whole of the last day."""
	return [[field, ">=", begin], [field, "<", before]]


def by_hand(begin: datetime, before: datetime) -> dict[str, Counter]:
	"""Count every row of the site, one by one."""
	found: dict[str, Counter] = defaultdict(Counter)
	started = frappe.get_all("Dialer Campaign", within("started_at", begin, before), pluck="name")
	fields = [*FIELDS, "status", "attempts", "fallback_of"]
	for campaign in started:
		for row in frappe.get_all("Dialer Recipient", {"campaign": campaign}, fields):
			if not row.fallback_of:
				counts = found[school_of_row(row)]
				counts["called"] += 1
				counts["tried"] += bool(row.attempts)
				counts["reached"] += row.status == "Reached"
				counts["blocked"] += row.status == "Blocked"
	for log in frappe.get_all(
		"Dialer Call Log",
		[
			*within("placed_at", begin, before),
			["direction", "=", "Outbound"],
			["status_rank", ">=", states.FINAL_RANK],
		],
		["school", "status", "channel", "duration", "price", "transfer_seconds", "campaign"],
	):
		if log.status not in ("refused", "canceled"):
			counts = found[log.school or ""]
			counts["calls" if log.channel == "Voice" else "texts"] += 1
			if log.channel == "Voice" and not log.price:
				counts["cost"] += 0.5 * -(-(log.duration or 0) // 60)
			counts["cost"] += abs(float(log.price or 0)) + 0.5 * -(-(log.transfer_seconds or 0) // 60)
	return found


def opt_outs_by_hand(begin: datetime, before: datetime) -> Counter:
	found: Counter = Counter()
	for event in frappe.get_all(
		"Consent Event",
		[*within("effective_at", begin, before), ["kind", "in", STOPS]],
		["phone", "reference_doctype", "reference_name"],
	):
		of_log = event.reference_doctype == "Dialer Call Log" and frappe.db.get_value(
			"Dialer Call Log", event.reference_name, "school"
		)
		of_number = {"phone": event.phone}
		rows = frappe.get_all("Dialer Recipient", of_number, FIELDS, order_by="name desc", limit=1)
		found[of_log or (school_of_row(rows[0]) if rows else "")] += 1
	return found


def shown() -> dict[str, dict]:
	rows = report.execute({"from_date": today()[0].date(), "to_date": today()[0].date()})[1]
	return {"" if row["school"] == "The district's own" else row["school"]: row for row in rows}


def test_the_report_is_a_count_of_every_row(ran, two):
	begin, before = today()
	rows, expected = shown(), by_hand(begin, before)
	stopped = opt_outs_by_hand(begin, before)
	texts = frappe.db.count("Dialer Call Log", {"placed_at": (">=", begin), "channel": "Text"})
	assert set(expected) <= set(rows)
	for name, counts in expected.items():
		counts["opt_outs"] = stopped[name]
		for field in COUNTED[:-1] if texts else COUNTED:
			assert rows[name][field] == pytest.approx(counts[field]), (name, field)
	north = rows[two[0]]
	assert (north["called"], north["tried"], north["reached"], north["blocked"]) == (3, 2, 2, 1)
	assert rows[two[1]]["opt_outs"] == 1
	assert north["left"] == pytest.approx(100 - north["month"]) and rows[two[1]]["left"] is None


def test_the_rows_add_up_to_the_site(ran):
	begin, before = today()
	rows = shown().values()
	people = frappe.db.sql(
		"""select count(*) from `tabDialer Recipient` recipient join `tabDialer Campaign` campaign
		on campaign.name = recipient.campaign where campaign.started_at >= %s and campaign.started_at < %s
		and recipient.fallback_of is null""",
		(begin, before),
	)[0][0]
	assert sum(row["called"] for row in rows) == people
	everyone = coverage.count(coverage.usual_audience(), None, "Voice", ("General",)).total
	assert sum(row["people"] for row in rows) == everyone.total()
	assert sum(row["consented"] for row in rows) == everyone[coverage.CONSENTED]


def test_filters(ran, two):
	only = {"from_date": today()[0].date(), "to_date": today()[0].date()}
	for more, called in (
		({"purpose": "Event", "channel": "Voice"}, 3),
		({"purpose": "Fees"}, 0),
		({"channel": "Text"}, 0),
	):
		rows = {row["school"]: row for row in report.execute({**only, **more})[1]}
		assert (rows[two[0]]["called"], rows[two[0]]["calls"]) == (called, called and 1), more
	with pytest.raises(frappe.ValidationError):
		report.execute({"purpose": "'"})


def test_a_school_s_manager_sees_their_own_row(ran, two):
	manager = districts.lasting_user("results-north", "Dialer Manager")
	districts.permit(manager, two[0], committed=True)
	frappe.set_user(manager)
	try:
		assert users.of_user() == {two[0]}
		assert set(shown()) == {two[0]}
		assert [row["school"] for row in schools.side_by_side(ran[0])] == [two[0]]
	finally:
		frappe.set_user("Administrator")


def test_the_results_of_a_district_s_campaign_side_by_side(ran, two):
	rows = {row["school"]: row for row in desk.progress(ran[0].name)["schools"]}
	assert set(rows) == {*two, ""}
	assert [rows[name]["reached"] for name in (*two, "")] == [1, 1, 0]
	assert [rows[name]["people"] for name in (*two, "")] == [1, 1, 1]
	assert desk.progress(ran[1].name)["schools"] == []


def test_the_number_of_queries_does_not_grow_with_the_schools(school):
	def queries() -> int:
		before = frappe.db.sql("show session status like 'Questions'")[0][1]
		schools.reach(*today())
		schools.opt_outs(*today())
		schools.costs(*today())
		return int(frappe.db.sql("show session status like 'Questions'")[0][1]) - int(before)

	counts = []
	for names in (("A", "B"), tuple("ABCDEFGH")):
		with districts.district(*names, committed=True):
			queries()
			counts.append(queries())
	assert counts[0] == counts[1]


def test_the_nightly_count_has_a_row_for_each_school(ran, two):
	coverage.daily()
	day = clock.db_now().date()
	people = dict(
		frappe.db.sql("select ifnull(school, ''), people from `tabDialer Coverage` where day = %s", day)
	)
	assert 0 < people[two[0]] < people[""]
	frappe.db.delete("Dialer Coverage", {"school": ("in", two)})
	frappe.db.commit()


def test_with_one_school_the_report_has_one_row_and_the_form_none(school):
	(row,) = report.execute({"from_date": today()[0].date(), "to_date": today()[0].date()})[1]
	expected = sum(by_hand(*today()).values(), Counter())
	assert [row[field] for field in ("called", "tried", "calls")] == [
		expected[field] for field in ("called", "tried", "calls")
	]
	assert schools.side_by_side(make.campaign([make.phone()])) == []
