"""A message that says "today" is not said on another day: neither by a retry nor after a night's wait."""

from datetime import datetime, time, timedelta

import frappe
import pytest

from school_dialer import clock, scheduler, states
from school_dialer.campaigns import actions
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.plausibility import look
from school_dialer.dispatch import dispatcher
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


def agreed_of(doc) -> list[str]:
	return [one.key for one in look.findings(doc)]


def test_an_emergency_goes_on(carrier):
	numbers = [make.unlisted_phone()]
	doc = emergencies.approved(numbers, template=said(TODAY, "Emergency"))
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
