"""A message that says "today" is not said on another day: neither by a retry nor after a night's wait."""

from datetime import datetime, time, timedelta

import frappe
import pytest

from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.campaigns import actions
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.plausibility import day_meant, look
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import EARLIER_DAY
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.running import prepare

TODAY = "School ends at noon today."


def said(words: str, purpose: str = "Event") -> str:
	return make.template(purpose, said={"voice": words, "voicemail": words, "text": words})


def end_of(day) -> datetime:
	return datetime.combine(day, time(23, 59, 59))


def deadline_of(doc) -> datetime | None:
	return frappe.db.get_value("Dialer Campaign", doc.name, "deadline")


@pytest.mark.parametrize("words", [TODAY, "There is no school tomorrow.", "Hoy no hay clases.", "今天停课。"])
def test_it_stops_with_the_day_that_the_words_mean(carrier, words):
	doc = make.campaign(template=said(words))
	actions.start(doc.name)
	assert deadline_of(doc) == end_of(clock.db_now().date())


def test_details_count_and_other_words_stop_nothing(carrier):
	plain = make.campaign(template=said("The concert is on Thursday."))
	detailed = make.campaign(
		template=said('News. {{ campaign_details | default("Call us.") }}'), details="The bus is late today."
	)
	for doc in (plain, detailed):
		actions.start(doc.name)
	assert deadline_of(plain) is None and deadline_of(detailed)


def test_an_earlier_end_stays_and_a_later_one_does_not(carrier):
	early, late = clock.db_now() + timedelta(minutes=30), clock.db_now() + timedelta(days=3)
	docs = [make.campaign(template=said(TODAY), deadline=one.replace(microsecond=0)) for one in (early, late)]
	for doc in docs:
		actions.start(doc.name)
	assert deadline_of(docs[0]) == early.replace(microsecond=0)
	assert deadline_of(docs[1]) == end_of(clock.db_now().date())


def test_a_scheduled_one_means_the_day_of_its_start(carrier):
	at = clock.db_now().replace(microsecond=0) + timedelta(days=2)
	doc = make.campaign(template=said(TODAY), scheduled_at=at)
	actions.schedule(doc.name, agreed=agreed_of(doc))
	assert deadline_of(doc) == end_of(at.date())


def test_a_start_now_means_today_though_it_was_scheduled_for_another_day(carrier):
	at = clock.db_now().replace(microsecond=0) + timedelta(days=2)
	doc = make.campaign(template=said(TODAY), scheduled_at=at)
	actions.schedule(doc.name, agreed=agreed_of(doc))
	actions.start(doc.name, agreed=agreed_of(frappe.get_doc("Dialer Campaign", doc.name)))
	assert deadline_of(doc) == end_of(clock.db_now().date())


def test_one_that_would_end_before_its_start_is_not_scheduled(carrier):
	now = clock.db_now().replace(microsecond=0)
	values = {"deadline": now + timedelta(days=1), "scheduled_at": now + timedelta(days=2)}
	doc = make.campaign(template=said("The concert is on Thursday."), **values)
	with pytest.raises(frappe.ValidationError, match="before the start"):
		actions.schedule(doc.name, agreed=agreed_of(doc))


@pytest.mark.parametrize(("words", "days", "asked"), [(TODAY, 1, 1), (TODAY, 0, 0), ("No school.", 1, 0)])
def test_trying_again_on_a_later_day_asks_about_the_words(carrier, words, days, asked):
	first, again = make.campaign(template=said(words)), make.campaign(template=said(words))
	frappe.db.set_value("Dialer Campaign", first.name, "started_at", clock.db_now() - timedelta(days=days))
	again.resends = first.name
	assert [one.code for one in day_meant.look(Facts.of(again))] == [EARLIER_DAY] * asked


def agreed_of(doc) -> list[str]:
	return [one.key for one in look.findings(doc)]


def test_an_emergency_goes_on(carrier):
	numbers = [make.unlisted_phone()]
	doc = emergencies.approved(numbers, template=said(TODAY, "Emergency"))
	assert deadline_of(doc) is None


def test_a_correction_goes_on(carrier):
	doc = make.campaign(template=said(TODAY))
	doc.corrects = make.campaign(template=said(TODAY)).name
	day_meant.end_with_it(doc, clock.db_now())
	assert deadline_of(doc) is None


def test_who_was_not_reached_that_day_is_not_called_the_next(carrier, answering, set_clock):
	number = make.unlisted_phone()
	make.consent(number)
	answering(number, "no-answer")
	doc = make.campaign([number], template=said(TODAY), max_attempts=3)
	prepare(doc)
	dispatcher.run()
	carrier.wait_until_idle()
	set_clock(clock.now() + timedelta(days=1))
	frappe.db.rollback()
	assert doc.name not in [one.name for one in due_campaigns()]
	scheduler.expire_past_deadline()
	(row,) = make.recipients(doc.name, "status", "outcome")
	assert (row.status, row.outcome) == ("Not Reached", "deadline")
	assert len([one for one in carrier.log("call") if one["to"] == number]) == 1
	frappe.db.set_value("Dialer Campaign", doc.name, "status", states.CANCELLED)
	frappe.db.commit()
