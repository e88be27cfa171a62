"""Which families come onto the list, when, and what takes them off it."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils.background_jobs import get_queue

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.campaigns import completing
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.desk import campaigns
from school_dialer.manual_calls import claiming, listing, outcomes, work
from school_dialer.reporting import digest
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.running import QUEUES, dial, prepare

pytestmark = pytest.mark.dates


def test_all_tries_used(unreached):
	doc, rows = unreached(2)
	assert {(row.status, row.why, row.purpose) for row in rows.values()} == {
		(work.WAITING, listing.ALL_TRIED, "Event")
	}
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.COMPLETED


def test_the_digest_counts_the_families(unreached):
	doc, _rows = unreached(2)
	(line,) = [text for text, _link in digest.to_do() if "phoned" in text]
	still = frappe.db.count("Dialer Manual Call", {"status": ("!=", work.DONE)})
	assert line == f"{still} families have to be phoned"
	for row in frappe.get_all("Dialer Manual Call", {"campaign": doc.name}, pluck="name"):
		frappe.db.set_value("Dialer Manual Call", row, "status", work.DONE)
	assert line not in [text for text, _link in digest.to_do()]
	frappe.db.rollback()


def test_each_family_once_however_often_the_list_is_filled(unreached, of_list):
	doc, rows = unreached(2)
	for _time in range(3):
		listing.fill()
	frappe.db.commit()
	assert [row.name for row in of_list(doc).values()] == [row.name for row in rows.values()]


def test_the_end_of_a_campaign_asks_for_the_list(school):
	number = make.unlisted_phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	frappe.db.sql("update `tabDialer Recipient` set status = 'Not Reached' where campaign = %s", doc.name)
	empty_queues()
	assert completing.complete_if_done(doc.name)
	frappe.db.commit()
	asked = [job.kwargs for name in QUEUES for job in get_queue(name).jobs]
	assert any(
		one["method"] == "school_dialer.manual_calls.listing.fill_soon"
		and one["kwargs"]["campaign"] == doc.name
		for one in asked
	)


def empty_queues() -> None:
	for name in QUEUES:
		get_queue(name).empty()


def test_only_chosen_purposes(unreached, of_list):
	set_settings({"phone_event": 0})
	doc, rows = unreached()
	assert rows == {}
	set_settings({"phone_event": 1})
	listing.fill_soon(doc.name)
	assert len(of_list(doc)) == 1


def test_who_was_reached_is_not_listed(carrier, answering, of_list):
	number = make.unlisted_phone()
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	listing.fill_soon(doc.name)
	assert of_list(doc) == {}


def test_for_want_of_consent_a_person_calls(carrier, of_list):
	number = make.unlisted_phone()
	doc = make.campaign([number])
	prepare(doc)
	frappe.db.set_value("Dialer Campaign", doc.name, "status", states.COMPLETED)
	listing.fill_soon(doc.name)
	assert of_list(doc)[number].why == listing.NOT_CALLED


@pytest.mark.parametrize("how", ["opted out", "wrong number"])
def test_who_may_not_be_phoned_is_on_record_and_never_offered(carrier, of_list, how):
	number = make.unlisted_phone()
	make.consent(number)
	if how == "opted out":
		ledger.opt_out(number, evidence=make.evidence("Agent"))
	else:
		ledger.wrong_number(number, evidence=make.evidence("Agent"))
	doc = make.campaign([number])
	prepare(doc)
	frappe.db.set_value("Dialer Campaign", doc.name, "status", states.COMPLETED)
	listing.fill_soon(doc.name)
	row = of_list(doc)[number]
	assert (row.status, row.outcome) == (work.DONE, work.NOT_PERMITTED) and "OPTED_OUT" in row.refused


def test_an_opt_out_takes_a_family_off_the_list(unreached, of_list):
	doc, rows = unreached(2)
	stopped, other = rows
	ledger.opt_out(stopped, evidence=make.evidence("Agent"))
	frappe.db.commit()
	found = of_list(doc)
	assert (found[stopped].status, found[stopped].outcome) == (work.DONE, work.NOT_PERMITTED)
	assert found[other].status == work.WAITING


@pytest.mark.parametrize(
	("status", "outcome"), [("Reached", work.BY_MACHINE), ("Cancelled", work.NOT_NEEDED)]
)
def test_who_is_reached_later_leaves(unreached, of_list, status, outcome):
	doc, rows = unreached()
	(row,) = rows.values()
	frappe.db.set_value("Dialer Recipient", row.recipient, "status", status)
	listing.fill()
	frappe.db.commit()
	found = of_list(doc)[row.phone]
	assert (found.status, found.outcome) == (work.DONE, outcome)


def test_a_canceled_campaign_leaves(unreached, of_list):
	doc, _rows = unreached()
	frappe.db.set_value("Dialer Campaign", doc.name, "status", states.CANCELLED)
	listing.fill()
	frappe.db.commit()
	assert {row.outcome for row in of_list(doc).values()} == {work.NOT_NEEDED}


def test_after_a_week_no_one_is_left(unreached, of_list, pass_time):
	doc, _rows = unreached()
	pass_time(days=7, minutes=1)
	listing.fill()
	frappe.db.commit()
	assert {row.outcome for row in of_list(doc).values()} == {work.GIVEN_UP}


def test_a_text_in_place_of_the_call_is_enough(carrier, answering, of_list):
	number = make.unlisted_phone()
	make.consent(number)
	answering(number, "no answer", text={"delivery": "delivered"})
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	(recipient,) = make.recipients(doc.name)
	values = frappe.get_doc("Dialer Recipient", recipient.name).as_dict()
	text = frappe.generate_hash(length=12)
	frappe.db.sql(
		"""insert into `tabDialer Recipient` (name, campaign, status, channel, fallback_of, household_key)
		values (%s, %s, 'Reached', 'Text', %s, %s)""",
		(text, doc.name, values.name, text),
	)
	listing.fill_soon(doc.name)
	assert of_list(doc) == {}


def test_past_the_deadline(carrier, of_list):
	number = make.unlisted_phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	listing.fill_soon(doc.name)
	assert of_list(doc) == {}
	past = clock.to_db(clock.now() - timedelta(minutes=1))
	frappe.db.set_value("Dialer Campaign", doc.name, "deadline", past)
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Not Reached', outcome = 'deadline' where campaign = %s",
		doc.name,
	)
	listing.fill_soon(doc.name)
	assert of_list(doc)[number].why == listing.DEADLINE


@pytest.mark.story
def test_an_emergency_does_not_wait_for_the_last_try(carrier, answering, of_list):
	tried, fresh = make.unlisted_phone(), make.unlisted_phone()
	for number in (tried, fresh):
		make.consent(number)
	doc = emergencies.approved([tried, fresh], max_attempts=5)
	frappe.db.commit()
	planner.run(doc.name)
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Retry', attempts = 1 where campaign = %s and phone = %s",
		(doc.name, tried),
	)
	listing.fill_soon(doc.name)
	assert of_list(doc) == {}
	ago = clock.to_db(clock.now() - listing.TOO_SLOW)
	frappe.db.set_value("Dialer Campaign", doc.name, "started_at", ago)
	listing.fill_soon(doc.name)
	found = of_list(doc)
	assert list(found) == [tried] and found[tried].why == listing.TAKES_LONG


def test_those_who_phone_hear_of_an_emergency_once(unreached, clerk):
	user = clerk()
	doc, rows = unreached(2, purpose="Emergency")
	listing.fill()
	frappe.db.commit()
	rung = frappe.get_all("Notification Log", {"for_user": user, "document_name": doc.name}, pluck="subject")
	assert len(rung) == 1 and "not reached" in rung[0]
	assert not [one for one in rows if one[-4:] in rung[0]]


def committed(work_done):
	found = retried(work_done)
	frappe.db.commit()
	return found


def test_the_campaign_shows_who_is_with_people(unreached, clerk):
	doc, _rows = unreached(3)
	user = clerk()
	name = committed(lambda: claiming.next_family(user, []))
	committed(lambda: outcomes.note(name, user, outcomes.Noted(work.REACHED)))
	committed(lambda: claiming.next_family(user, []))
	shown = campaigns.progress(doc.name)["by_people"]
	assert shown == {"waiting": 1, "with_people": 1, "outcomes": {"Reached": 1}}


def test_outside_of_hours_a_family_waits_for_them(unreached, of_list, set_clock, school_day):
	evening = clock.now().replace(hour=5, minute=0) + timedelta(days=1)
	number = make.unlisted_phone("312")
	doc = make.campaign([number])
	prepare(doc)
	frappe.db.set_value("Dialer Campaign", doc.name, "status", states.COMPLETED)
	frappe.db.commit()
	set_clock(evening)
	listing.fill_soon(doc.name)
	row = of_list(doc)[number]
	assert row.status == work.WAITING and row.not_before > clock.db_now()


def test_a_fixed_number_of_queries_for_a_chunk(unreached, queries):
	counts = []
	for count in (2, 12):
		doc, rows = unreached(count)
		assert len(rows) == count
		frappe.db.sql("delete from `tabDialer Manual Call` where campaign = %s", doc.name)
		counts.append(queries(listing.fill_from, frappe.get_cached_doc("Dialer Campaign", doc.name)))
	assert counts[1] <= counts[0]
