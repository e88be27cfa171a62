"""Cards and charts of the workspace: correct, permission-checked, and read from an index."""

import json
from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.desk import figures as desk
from school_dialer.reporting import campaigns, coverage, figures, table
from tests.integration import factories as make
from tests.integration.reporting.explain import explained

pytestmark = [pytest.mark.dates, pytest.mark.exhaustive]

AGENT, MANAGER, OFFICER, APPROVER = (
	"Dialer Agent",
	"Dialer Manager",
	"Dialer Compliance Officer",
	"Dialer Emergency Approver",
)


@pytest.fixture
def nothing_before() -> None:
	"""Move earlier calls and campaigns to the past, and delete the coverage figures.

	Other tests date their campaigns by clocks of their own.
	"""
	frappe.db.sql("update `tabDialer Call Log` set placed_at = '2020-01-01' where status_rank = 90")
	frappe.db.sql("update `tabDialer Campaign` set started_at = '2020-01-01' where started_at is not null")
	frappe.db.delete(coverage.DOCTYPE)


@pytest.mark.story
def test_reached_today_counts_people_and_not_machines(nothing_before, ran):
	assert figures.reached_today() == (3, 5) and desk.reached_today() == "60 % of 5"
	hours = desk.calls_by_hour()
	counts = {one["name"]: one["values"] for one in hours["datasets"]}
	hour = clock.db_now().hour
	assert (
		counts["Reached"][hour] == 3 and counts["Voicemail"][hour] == 1 and counts["Not reached"][hour] == 1
	)
	assert sum(map(sum, counts.values())) == 5, "the refused request is no call"


def test_nothing_happened_is_no_chart(nothing_before, morning):
	assert desk.calls_by_hour() == {} and desk.reached_today() == figures.NOTHING
	assert desk.consent_over_time() == {}


def test_outcome_by_campaign_has_the_newest_last(nothing_before, ran):
	chart = desk.outcome_by_campaign()
	assert chart["labels"][-1] == ran.doc.title
	assert {one["name"]: one["values"][-1] for one in chart["datasets"]} == {
		"Reached": 3,
		"Not reached": 3,
		"Blocked": 4,
		"Waiting": 0,
	}


def test_the_share_in_force_within_a_day_is_never_rounded_up(monkeypatch):
	"""Run two years later, so that the last 30 days hold no other test's opt-outs."""
	monkeypatch.setitem(frappe.conf, clock.OFFSET_KEY, timedelta(days=800).total_seconds())
	assert figures.opt_out_sla() == "–"
	for days, share in ((0, "100 %"), (3, "50 %")):
		evidence = make.evidence("E-mail", wording="stop")
		ledger.opt_out(make.phone(), evidence=evidence, received_at=clock.now() - timedelta(days=days))
		assert figures.opt_out_sla() == share
	assert (
		figures.percentage(99_999, 100_000) == "99.9 %"
		and figures.percentage(0, 0) == "–"
		and figures.percentage(2, 2) == "100 %"
	)


def test_the_first_look_may_be_that_of_somebody_who_may_not_write(
	nothing_before, morning, as_role, monkeypatch
):
	"""Check that the job runs as the user who queued it."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	queued = []
	monkeypatch.setattr(figures.frappe, "enqueue", lambda method, **more: queued.append(method))
	user = as_role(MANAGER)
	desk.consent_coverage()
	assert frappe.session.user == user and "school_dialer.reporting.coverage.daily" in queued
	coverage.daily()
	assert len(coverage.latest(10)) == 1 and desk.consent_coverage().endswith("%")


def test_the_nightly_count_is_one_row_a_day(nothing_before, morning):
	people = {coverage.CONSENTED: 7, coverage.STOPPED: 1, coverage.NOT_ASKED: 2}
	coverage.keep_count(coverage.Counter(people))
	coverage.keep_count(coverage.Counter({**people, coverage.CONSENTED: 8}))
	(row,) = coverage.latest(10)
	assert (row.people, row.consented, row.opted_out, row.not_asked) == (11, 8, 1, 2)
	assert desk.consent_coverage() == "72.7 %"
	chart = desk.consent_over_time()
	assert chart["datasets"][0]["values"] == [8] and len(chart["labels"]) == 1


def test_the_first_look_asks_for_a_count(nothing_before, monkeypatch):
	asked = []
	monkeypatch.setattr(figures, "count_soon", lambda: asked.append(1))
	assert desk.consent_coverage() == "–" and asked == [1]


SEEN = {
	"Dialer Campaigns Running": {AGENT, MANAGER, OFFICER, APPROVER},
	"Dialer Awaiting Approval": {AGENT, MANAGER, OFFICER, APPROVER},
	"Dialer Reached Today": {AGENT, MANAGER, OFFICER, APPROVER},
	"Dialer Consent Coverage": {MANAGER, OFFICER, APPROVER},
	"Dialer Students Not Reached": {MANAGER, OFFICER},
	"Dialer Opt-outs This Week": {AGENT, MANAGER, OFFICER},
	"Dialer Opt-out SLA": {AGENT, MANAGER, OFFICER},
	"Dialer Blocked": {AGENT, MANAGER, OFFICER, APPROVER},
}
CHARTS = {
	"Dialer Calls by Hour": {AGENT, MANAGER, OFFICER, APPROVER},
	"Dialer Outcome by Campaign": {AGENT, MANAGER, OFFICER, APPROVER},
	"Dialer Consent over Time": {MANAGER, OFFICER, APPROVER},
}
REPORTS = {
	"Consent Coverage": {MANAGER, OFFICER},
	"Blocked Calls by Reason": {AGENT, MANAGER, OFFICER, APPROVER},
	"Campaign Results": {AGENT, MANAGER, OFFICER, APPROVER},
	"Bad Numbers": {AGENT, MANAGER, OFFICER},
	"Consent by Person": {AGENT, MANAGER, OFFICER},
	"Addresses to Correct": {MANAGER, OFFICER},
	"Call Costs": {MANAGER, OFFICER},
	"Agent Activity": {MANAGER, OFFICER},
	"Opt-out Log and Latency": {MANAGER, OFFICER},
	"Reach by Group": {MANAGER, OFFICER},
	"Student Reach": {MANAGER, OFFICER},
}


@pytest.mark.parametrize("role", [AGENT, MANAGER, OFFICER, APPROVER])
def test_each_role_has_its_own_workspace(as_role, role):
	as_role(role)
	workspace = frappe.get_doc("Workspace", "School Dialer")
	page = {"name": workspace.name, "title": workspace.title, "public": 1}
	built = frappe.call("frappe.desk.desktop.get_desktop_page", page=json.dumps(page))
	cards = {card.number_card_name for card in built["number_cards"]["items"]}
	assert cards == {name for name, roles in SEEN.items() if role in roles}
	charts = {chart.chart_name for chart in built["charts"]["items"]}
	assert charts == {name for name, roles in CHARTS.items() if role in roles}
	shown = [link for card in built["cards"]["items"] for link in card["links"]]
	lists = {link.link_to for link in shown if link.link_type == "DocType"}
	assert ("Dialer Consent Answer" in lists) is (role != APPROVER)
	links = {link.link_to for link in shown if link.link_type == "Report"}
	assert links & REPORTS.keys() == {name for name, roles in REPORTS.items() if role in roles}


@pytest.mark.parametrize("role", [AGENT, MANAGER, OFFICER, APPROVER])
def test_a_report_with_rows_opens_for_its_roles_and_for_no_other(ran, as_role, role):
	frappe.get_doc({"doctype": "Guardian", "guardian_name": "Test", "mobile_number": ran.silent}).insert()
	as_role(role)
	for name, roles in REPORTS.items():
		if role in roles:
			found = frappe.call("frappe.desk.query_report.run", report_name=name, filters="{}")
			assert found["columns"], name
		else:
			with pytest.raises(frappe.PermissionError):
				frappe.call("frappe.desk.query_report.run", report_name=name, filters="{}")


@pytest.mark.story
@pytest.mark.parametrize(
	("method", "denied"),
	[
		(desk.consent_coverage, AGENT),
		(desk.consent_over_time, AGENT),
		(desk.students_not_reached, AGENT),
		(desk.opt_out_sla, APPROVER),
		(desk.reached_today, "Report Manager"),
		(desk.calls_by_hour, "Report Manager"),
		(desk.outcome_by_campaign, "Report Manager"),
	],
)
def test_a_method_asks_for_permission_itself(as_role, method, denied):
	as_role(denied)
	with pytest.raises((frappe.PermissionError, frappe.ValidationError), match=r"ermission|do not permit"):
		method()


def test_figures_are_read_from_indexes_alone(ran):
	hours = explained(lambda: figures.hours_of(clock.db_now().date()))
	assert len(hours) == 24
	people = explained(lambda: campaigns.by_status([ran.name]))
	for step, index in (*((step, "dialer_ended") for step in hours), (people[0], "dialer_states")):
		assert step.key == index and "Using index" in step.Extra
	(today,) = explained(figures.reached_today)
	assert today.key == "dialer_ended" and "Using index" in today.Extra
	(stops,) = explained(figures.opt_out_sla)
	assert stops.key in ("dialer_acts", "effective_at")


@pytest.mark.parametrize(
	("name", "bars"),
	[("2026-11", 12), ("Spring concert", 6), ("A name of more than a line of text", 5), ("", 20)],
)
def test_a_chart_has_the_bars_whose_names_fit(name, bars):
	rows = [{"title": name}] * 20
	assert len(table.charted(rows, (row["title"] for row in rows))) == bars
	assert table.charted([], []) == []
