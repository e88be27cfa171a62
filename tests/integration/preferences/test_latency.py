"""How long opt-outs take, for the report and for the alert."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
import pytest

from dev.demo import stage
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.replies import confirmation_requests, opt_out_timing, overdue, reviews
from school_dialer.school_dialer.report.opt_out_log_and_latency import opt_out_log_and_latency as report
from tests.integration import factories as make

pytestmark = pytest.mark.dates

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def morning(monkeypatch):
	"""Set the clock to a school morning: no time of day is stored twice then, as in the night in autumn."""
	monkeypatch.setitem(frappe.conf, stage.CLOCK_KEY, stage.to_last_morning(datetime.now(timezone.utc)))


def stop(
	phone: str, source: str = "Text", ago: timedelta = timedelta(), sent_after: timedelta | None = None
) -> str:
	"""Record an opt-out that was said `ago`, and return the event's name.

	With `sent_after`, its confirmation was sent that long after it was recorded.
	"""
	event = ledger.opt_out(phone, evidence=Evidence(source, wording="STOP"), received_at=clock.now() - ago)
	confirmation_requests.request_text(confirmation_requests.OPT_OUT_CONFIRMATION, phone, consent_event=event)
	if sent_after is not None:
		sent = frappe.db.get_value("Consent Event", event, "effective_at") + sent_after
		frappe.db.set_value("Dialer Notice", {"consent_event": event}, {"status": "Sent", "sent_at": sent})
	return event


def rows(**filters) -> dict[str, dict]:
	return {row["event"]: row for row in report.execute(filters)[1]}


def test_the_report_says_when_it_was_said_held_and_confirmed(phone):
	event = stop(phone, ago=timedelta(minutes=90), sent_after=timedelta(minutes=2))
	row = rows()[event]
	assert row["minutes_to_effect"] == pytest.approx(90, abs=0.5)
	assert row["minutes_to_confirmation"] == pytest.approx(92, abs=0.5)
	assert (row["confirmed_by"], row["text_status"], row["source"]) == ("Text", "Sent", "Text")
	assert phone[2:] not in str(row) and row["number"].endswith(phone[-2:])


@pytest.mark.parametrize(
	("said", "held", "minutes"),
	[
		(datetime(2026, 3, 8, 1), datetime(2026, 3, 8, 4), 120),
		(datetime(2025, 11, 1, 12), datetime(2025, 11, 2, 12), 25 * 60),
		(datetime(2026, 5, 12, 12), datetime(2026, 5, 12, 12, 0, 30), 0.5),
		(datetime(2026, 5, 12, 12), datetime(2026, 5, 12, 11), 0),
	],
)
def test_a_night_on_which_the_clocks_are_changed_counts_what_passed(monkeypatch, said, held, minutes):
	monkeypatch.setattr(frappe.local, "dialer_system_zone", ZoneInfo("America/Chicago"), raising=False)
	assert opt_out_timing.minutes(said, held) == minutes


def test_a_key_or_the_page_is_confirmed_on_the_spot(phone):
	event = stop(phone, "Keypad")
	row = rows()[event]
	assert row["confirmed_by"] == "On the spot" and row["confirmed_at"] == row["effective_at"]
	event = stop(make.phone(), "Agent")
	waiting = rows()[event]
	assert waiting["confirmed_at"] is None and waiting["text_status"] == "Waiting"


def test_the_report_is_filtered_by_day_and_source(phone):
	event = stop(phone, "E-mail")
	today = frappe.utils.getdate(clock.db_now())
	assert event in rows(from_date=str(today), to_date=str(today), source="E-mail")
	assert event not in rows(source="Keypad")
	assert event not in rows(to_date=str(today - DAY))
	with pytest.raises(frappe.ValidationError, match="lies after"):
		rows(from_date=str(today), to_date=str(today - DAY))


def test_the_summary_counts_and_shows_the_longest(phone):
	stop(phone, "E-mail", ago=timedelta(days=3))
	_columns, found, _message, _chart, summary = report.execute({})
	values = {each["label"]: each for each in summary}
	assert values["Opt-outs"]["value"] == len(found)
	assert values["Longest until effective (minutes)"]["value"] >= 3 * 24 * 60
	assert values["Longest until effective (minutes)"]["indicator"] == "Red"


def test_a_wrong_number_is_in_the_report(phone):
	event = ledger.wrong_number(phone, evidence=Evidence("Agent", note="dentist"))
	assert rows()[event]["kind"] == "Wrong Number"


@pytest.mark.parametrize(
	("role", "allowed"),
	[
		("Dialer Compliance Officer", True),
		("Dialer Manager", True),
		("System Manager", True),
		("Dialer Agent", False),
		("Dialer Emergency Approver", False),
	],
)
def test_who_may_open_the_report(role, allowed):
	doc = frappe.get_doc("Report", "Opt-out Log and Latency")
	assert (role in {row.role for row in doc.roles}) is allowed


@pytest.fixture
def before() -> overdue.OverdueOptOuts:
	return overdue.find_overdue(clock.now())


def later(**more) -> overdue.OverdueOptOuts:
	return overdue.find_overdue(clock.now() + timedelta(**more))


def test_an_opt_out_in_order_hangs_nowhere(phone):
	event = stop(phone, sent_after=timedelta(minutes=1))
	(mine,) = [
		each
		for each in opt_out_timing.stops(clock.db_now() - DAY, clock.db_now() + DAY)
		if each.event == event
	]
	for age in (0, 1, 2, 9):
		assert not overdue._hangs_unconfirmed(mine, age * DAY, DAY)


def test_a_late_record_is_counted_on_its_day(phone, before):
	stop(phone, ago=timedelta(days=2))
	assert overdue.find_overdue(clock.now()).late == before.late + 1
	assert later(days=3).late == 0


def test_a_confirmation_that_waits_is_counted_every_day(phone):
	then = later(days=2).not_confirmed, later(days=5).not_confirmed
	stop(phone)
	assert (later(days=2).not_confirmed, later(days=5).not_confirmed) == (then[0] + 1, then[1] + 1)


def test_a_confirmation_that_failed_is_counted_once(phone):
	then = [later(hours=hours).not_confirmed for hours in (12, 36, 72)]
	event = stop(phone)
	frappe.db.set_value("Dialer Notice", {"consent_event": event}, "status", "Not Sent")
	now = [later(hours=hours).not_confirmed for hours in (12, 36, 72)]
	assert [after - earlier for after, earlier in zip(now, then, strict=True)] == [0, 1, 0]


def test_open_reviews_are_counted_until_closed(phone):
	then = later(days=2)
	event = ledger.opt_out(phone, evidence=Evidence("Text", wording="stop?"))
	unsure = reviews.ask_for_review(
		reviews.UNSURE, reference_doctype="Consent Event", reference_name=event, consent_event=event
	)
	unknown = reviews.ask_for_review(
		reviews.NOT_KNOWN, reference_doctype="Consent Event", reference_name=event
	)
	now = later(days=2)
	assert (now.not_recorded, now.not_reviewed) == (then.not_recorded + 1, then.not_reviewed + 1)
	assert later(hours=1).not_recorded <= now.not_recorded - 1
	for name in (unsure, unknown):
		reviews.close(name, "done")
	assert later(days=2).not_recorded == then.not_recorded


def test_the_officers_are_told_in_counts(phone, monkeypatch):
	officer = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{frappe.generate_hash(length=10)}@school.example",
			"first_name": "Officer",
			"send_welcome_email": 0,
			"roles": [{"role": "Dialer Compliance Officer"}],
		}
	).insert()
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(overdue, "find_overdue", lambda at: overdue.OverdueOptOuts(0, 0, 0, 0))
	overdue.daily()
	assert not frappe.db.exists("Notification Log", {"for_user": officer.name})
	monkeypatch.setattr(overdue, "find_overdue", lambda at: overdue.OverdueOptOuts(1, 0, 3, 0))
	overdue.daily()
	(subject,) = frappe.get_all("Notification Log", {"for_user": officer.name}, pluck="subject")
	assert "one request to stop without" in subject and "3 opt-outs not confirmed" in subject
	assert "late" not in subject


def test_the_allowed_time_is_the_sites_to_set(monkeypatch):
	assert overdue.allowed() == DAY
	monkeypatch.setitem(frappe.conf, overdue.ALLOWED_KEY, 2)
	assert overdue.allowed() == timedelta(hours=2)
