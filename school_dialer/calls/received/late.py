"""Handle a text that arrived while this site did not answer, minutes or hours after it was written.

An opt-out takes effect in any case, as of when it was written: a START since then still counts. Anything
else may have been overtaken by what the same person wrote later, and then only the office's staff can judge
it. Nothing is answered by itself any more, except that an opt-out is confirmed.
"""

from dataclasses import replace
from datetime import datetime

import frappe
from frappe.query_builder.functions import Coalesce

from school_dialer.base import clock
from school_dialer.calls import survey_answers
from school_dialer.calls.received import echo, small_talk, texts
from school_dialer.consent import events, ledger
from school_dialer.consent.events import Event
from school_dialer.consent.integrity import stream
from school_dialer.consent.replies.opt_out import OPT_OUT, START, Recognised, recognise
from school_dialer.inbound.conversations import received
from school_dialer.settings import contact_school


def handle(
	number: str, body: str, evidence: ledger.Evidence, at: datetime, media: int, carrier_read: str = ""
) -> None:
	"""Act on a text that `number` (E.164) sent at `at` (aware). The caller holds the number's lock.

	`carrier_read` is STOP, START or HELP if the carrier answered it by itself.
	"""
	school = contact_school.speaking_to(number, evidence.language)
	identity = school.identity or school.name
	own_words = echo.without_ours(body, identity)
	returned = bool(body.strip()) and not own_words
	meaning = texts.meaning_around_ours(body, identity, "") if returned else recognise(own_words)
	meaning = texts.apply_carrier_reading(meaning, carrier_read)
	latest = not was_overtaken(number, at)
	if meaning.opt_out:
		if meaning.outcome == OPT_OUT and (again := said_again_since(number, at)):
			stop_before(again, number, meaning, evidence, at)
		else:
			texts.stop(number, meaning, evidence, at, carrier_read)
	elif returned:
		texts.keep_unsure(number, *echo.addressed(body, identity), evidence, media, said_at=at)
	elif meaning.outcome == START and latest:
		texts.start(number, evidence, at)
	elif not (latest and not media and answers(number, own_words, evidence, at)):
		courtesy = not media and small_talk.is_small_talk(own_words)
		received.keep(texts.as_received(number, evidence, media, said_at=at, needs_answer=not courtesy))


def said_again_since(number: str, at: datetime) -> list[Event]:
	"""Return how the person asked for calls again after this moment: START, and consents of their own."""
	of_number = [stream.event_from_row(row) for row in stream.events_of([number])]
	return [event for event in of_number if event.starts and event.at > at]


def stop_before(
	again: list[Event], number: str, meaning: Recognised, evidence: ledger.Evidence, at: datetime
) -> None:
	"""Record an opt-out, and after it once more what the person said since, so that their last word counts.

	It is one write, so no one is taken off a campaign in between. What was recorded while the site's clock
	was ahead is dated now: the ledger refuses what lies in the future, and would refuse the opt-out with it.
	"""
	now = clock.now()
	again = [replace(event, at=min(event.at, now)) for event in again]
	purpose = meaning.purpose or events.ALL_PURPOSES
	stop = Event(events.OPT_OUT, number, evidence, purpose=purpose, scope=meaning.scope, at=at, heard=True)
	ledger.record_many([stop, *again])


def answers(number: str, own_words: str, evidence: ledger.Evidence, at: datetime) -> bool:
	"""Return whether the text answers a question that we sent, and record the answer."""
	return survey_answers.by_text(number, own_words, evidence.language or "", at, evidence) is not None


def was_overtaken(number: str, at: datetime) -> bool:
	"""Return whether the person said anything later, by text, key, or page, or staff recorded it for them."""
	since = clock.to_db(at)
	texted = {"phone": number, "direction": "Inbound", "placed_at": (">", since)}
	event = frappe.qb.DocType("Consent Event")
	recorded = (
		frappe.qb.from_(event)
		.select(event.name)
		.where((event.phone == number) & (Coalesce(event.received_at, event.creation) > since))
		.limit(1)
	)
	return bool(frappe.db.exists("Dialer Call Log", texted) or recorded.run())
