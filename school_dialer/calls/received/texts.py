"""Handle a text from a person: what it means, what to do about it, and what to answer, if anything.

Nothing is dropped. An opt-out takes effect. A text that is neither an opt-out nor an answer to a question
becomes part of the conversation with its number (`conversations`), where a person at the school answers it.
Our own words coming back are neither read nor answered. A reply that confirms nothing is sent once a day, and
the total number of replies to one number is limited (`consent.replies.answer_limits`).
"""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import frappe

from school_dialer.base import clock, states
from school_dialer.calls import one_school, survey_answers
from school_dialer.calls.received import echo, small_talk, wrong_number
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link, rate_limits
from school_dialer.consent.choices import wrong_number as reported
from school_dialer.consent.recogniser.reading import is_welcome
from school_dialer.consent.replies import answer_limits, reviews
from school_dialer.consent.replies.confirmation_requests import BY_CARRIER, CONFIRMING, WRONG_NUMBER_QUESTION
from school_dialer.consent.replies.opt_out import HELP, NONE, OPT_OUT, START, Recognised, recognise
from school_dialer.consent.replies.opt_out import WRONG_NUMBER as SAYS_WRONG
from school_dialer.inbound.absences import by_text as absences
from school_dialer.inbound.conversations import acknowledgement, received
from school_dialer.messages import text as texts
from school_dialer.messages.written import stopped
from school_dialer.settings import contact_school

SCOPE_REPLIES = {1: "this purpose", 2: "all non-emergency", 3: "everything", 4: "this school"}
REPLY_WITHIN = timedelta(days=14)
DAY = 24 * 3600
PICTURES = "[{0} pictures or files]"


def handle_text(
	number: str, body: str, evidence: ledger.Evidence, media: int = 0, carrier_read: str = ""
) -> str | None:
	"""Act on a new text from `number` (E.164) and return the reply, or None for no reply.

	The caller holds the number's lock and has made sure that no webhook delivered this text before.
	`evidence` holds the text as it arrived. `media` counts the attached pictures and files. `carrier_read` is
	STOP, START or HELP if the carrier answers these itself.
	"""
	school = contact_school.speaking_to(number, evidence.language)
	identity = school.identity or school.name
	own_words = echo.without_ours(body, identity)
	if body.strip() and not own_words:
		meaning = meaning_around_ours(body, identity, carrier_read)
		if meaning.opt_out:
			stop(number, meaning, evidence, carrier_read=carrier_read)
		else:
			keep_unsure(number, *echo.addressed(body, identity), evidence, media)
		return None
	meaning = apply_carrier_reading(recognise(own_words), carrier_read)
	if meaning.outcome == NONE:
		return answer_unprompted(number, own_words, evidence, media)
	reply = None
	if meaning.outcome == START:
		reply = start(number, evidence)
	elif meaning.outcome == HELP:
		reply = once_a_day(number, "help", lambda: texts.help_text(school, evidence.language))
	else:
		stop(number, meaning, evidence, carrier_read=carrier_read)
	return None if carrier_read else reply


def meaning_around_ours(body: str, identity: str, carrier_read: str) -> Recognised:
	"""Return the meaning of a text that begins like one of ours but has no known ending.

	It was cut off, or written by a person who addresses the school by name. An opt-out in it takes effect,
	and a person reviews it.
	"""
	rest = recognise(echo.without_sentences(body, identity))
	meaning = replace(rest, review=True) if rest.opt_out else replace(rest, outcome=NONE)
	return apply_carrier_reading(meaning, carrier_read)


def keep_unsure(
	number: str, rest: str, ours: bool, evidence: ledger.Evidence, media: int, said_at: datetime | None = None
) -> None:
	"""Keep a text that begins with the school's name, marked, and without an acknowledgement.

	It may be a person's, or one of ours that was cut off. One with our own sentences came back from a
	machine, so it waits for no one.
	"""
	if small_talk.is_small_talk(rest):
		return
	received.keep(as_received(number, evidence, media, needs_answer=not ours, unsure=True, said_at=said_at))


def apply_carrier_reading(meaning: Recognised, carrier_read: str) -> Recognised:
	"""Apply the carrier's reading. Its STOP counts whatever the text means to us.

	Its START alone undoes nothing: "yes" may answer a poll.
	"""
	if carrier_read == "STOP" and not meaning.opt_out:
		return replace(meaning, opt_out=True, scope="all non-emergency", outcome=OPT_OUT)
	return meaning


def stop(
	number: str, meaning, evidence: ledger.Evidence, at: datetime | None = None, carrier_read: str = ""
) -> None:
	"""Record an opt-out or a report of a wrong number, said at `at` (aware, by default now).

	Neither one stops emergency messages. The opt-out confirmation asks about those, and the wrong-number
	question asks whose number it is. A STOP that the carrier has confirmed by itself is not confirmed again.
	"""
	wrong = meaning.outcome == SAYS_WRONG
	by_carrier = BY_CARRIER if carrier_read == "STOP" else None
	note = reviews.SAYS_WRONG_NUMBER if wrong else by_carrier
	event = ledger.opt_out(
		number,
		scope="all non-emergency" if wrong or meaning.scope == "everything" else meaning.scope,
		purpose=None if wrong else meaning.purpose,
		evidence=replace(evidence, note=note) if note else evidence,
		received_at=at or clock.now(),
		heard=True,
	)
	if wrong or meaning.review:
		keep_for_review(number, reviews.WRONG_NUMBER if wrong else reviews.UNSURE, evidence, event)


def start(number: str, evidence: ledger.Evidence, at: datetime | None = None) -> str | None:
	"""Handle START, said at `at` (aware, by default now).

	From a number reported as a stranger's it opts nothing back in, and a person reviews it: so it is while
	the link still offers to undo the report. If nothing was stopped, it changes nothing and is answered once
	a day.
	"""
	reported.settle_now(number)
	school = contact_school.speaking_to(number, evidence.language)
	facts = ledger.read([number])[number]
	ledger.opt_in(number, evidence=evidence, at=at)
	if ledger.is_strangers(number):
		keep_for_review(number, reviews.WRONG_NUMBER, evidence)
		return once_a_day(number, "stranger", lambda: texts.ask_the_school(school, evidence.language))
	if not (facts.opt_outs or facts.carrier_blocked):
		return once_a_day(number, "start", lambda: texts.opted_in(school, evidence.language))
	return texts.opted_in(school, evidence.language)


def answer_unprompted(number: str, own_words: str, evidence: ledger.Evidence, media: int) -> str | None:
	"""Handle a text that is not STOP, START or HELP.

	It is an answer to something we asked, small talk, or a message for a person.
	"""
	message = as_received(number, evidence, media)
	returned = own_words.strip() != (evidence.wording or "").strip()
	by_itself = not (media or returned)
	if by_itself and (reply := absences.reply_to_answer(message)) is not None:
		return reply or None
	if (reply := survey_answers.by_text(number, own_words, evidence.language, evidence=evidence)) is not None:
		return reply or None
	digit = only_digit(own_words)
	if digit is not None:
		answered, reply = answer_question(number, digit, evidence)
		if answered:
			return reply
	if by_itself and (reply := absences.reply_to_report(message)) is not None:
		return reply or None
	reply = keep_for_office(message, own_words, media, returned)
	return mention_stops(number, own_words, evidence.language, reply) if by_itself else reply


def mention_stops(number: str, own_words: str, language: str, reply: str | None) -> str | None:
	"""Return the reply to a text for the office, with what its writer stopped if it asks for contact.

	Only START, the preference page, and a signed form undo an opt-out. START undoes all of them. So it is
	offered to a person who stopped all texts, and one who stopped a part reads which, and where they choose:
	they still refuse the rest of it.
	"""
	opt_outs = ledger.read([number])[number].opt_outs if is_welcome(own_words) else ()
	if not opt_outs or ledger.is_strangers(number):
		return reply
	school = contact_school.speaking_to(number, language)
	if not all(map(stopped.is_part, opt_outs)):
		return once_a_day(number, "how to start", lambda: texts.how_to_start(school, language)) or reply
	url = preference_link.address()
	what_is_stopped = once_a_day(
		number, "what is stopped", lambda: stopped.in_part(school, opt_outs, url, language, reply or "")
	)
	return what_is_stopped or reply


def as_received(number: str, evidence: ledger.Evidence, media: int, **more) -> received.Received:
	"""Return the text as it is kept in a conversation, with its pictures counted."""
	pictures = PICTURES.format(media) if media else ""
	return received.Received(
		number,
		f"{evidence.wording or ''} {pictures}".strip(),
		source=f"{evidence.reference_doctype}:{evidence.reference_name}",
		language=evidence.language or "",
		reference_doctype=evidence.reference_doctype,
		reference_name=evidence.reference_name,
		**more,
	)


def keep_for_office(message: received.Received, own_words: str, media: int, returned: bool) -> str | None:
	"""Keep a text in the conversation with its number, and return the acknowledgement, if one is due.

	`own_words` is what the person wrote themselves. Small talk is kept and waits for no one. A text with our
	own sentences in it (`returned`) is not acknowledged: a robot may have sent it, even another school's.
	"""
	courtesy = not media and only_digit(own_words) is None and small_talk.is_small_talk(own_words)
	thread = received.keep(replace(message, needs_answer=not courtesy))
	if courtesy or returned or not thread:
		return None
	return acknowledgement.acknowledge(thread, message.language or thread.language or "")


def answer_question(number: str, digit: int, evidence: ledger.Evidence) -> tuple[bool, str | None]:
	"""Apply a digit that answers the latest question we sent this number.

	Returns (whether the digit answers one, the reply or None).
	"""
	school = contact_school.speaking_to(number, evidence.language)
	notice = latest_question(number)
	asked = notice and notice.kind
	if asked == WRONG_NUMBER_QUESTION and digit in (wrong_number.RIGHT, wrong_number.WRONG):
		lifted = wrong_number.answer(number, digit, evidence)
		return True, texts.opted_in(school, evidence.language) if lifted else None
	scope = SCOPE_REPLIES.get(digit)
	if not asked or asked == WRONG_NUMBER_QUESTION or not scope:
		return False, None
	reported.settle_now(number)
	if ledger.is_strangers(number):
		return False, None
	purpose = last_purpose(number) if scope == "this purpose" else None
	stopped_school = one_school.asked_about(notice) if scope == "this school" else ""
	if (scope == "this purpose" and not purpose) or (scope == "this school" and not stopped_school):
		return False, None
	ledger.rescope(number, scope=scope, purpose=purpose, school=stopped_school or None, evidence=evidence)
	return True, texts.scope_changed(school, scope, evidence.language, stopped_school)


def latest_question(number: str) -> frappe._dict | None:
	"""Return our last notice that can be answered with a digit: kind, phone, creation and consent_event.

	None after a member of staff wrote: a digit answers what they asked. None, too, if it did not get to the
	phone (a carrier blocks what follows a STOP): a digit answers no question that the person never saw.
	"""
	asked = frappe.get_all(
		"Dialer Notice",
		{
			"phone": number,
			"kind": ("in", (*CONFIRMING, answer_limits.STAFF_REPLY)),
			"creation": (">", clock.to_db(clock.now() - REPLY_WITHIN)),
		},
		["kind", "phone", "creation", "consent_event", "call_log"],
		order_by="creation desc",
		limit=1,
	)
	if not asked or asked[0].kind not in CONFIRMING or not asked[0].call_log:
		return None
	status = frappe.db.get_value("Dialer Call Log", asked[0].call_log, "status")
	return asked[0] if status in states.HANDED_OVER else None


def last_purpose(number: str) -> str | None:
	"""Return the purpose of the last non-emergency campaign to this number."""
	last = frappe.get_all(
		"Dialer Call Log",
		{"phone": number, "direction": "Outbound", "campaign": ("is", "set"), "purpose": ("!=", "Emergency")},
		["purpose"],
		order_by="placed_at desc",
		limit=1,
	)
	return last[0].purpose if last else None


def keep_for_review(number: str, reason: str, evidence: ledger.Evidence, event: str | None = None) -> None:
	reviews.ask_for_review(
		reason,
		reference_doctype=evidence.reference_doctype,
		reference_name=evidence.reference_name,
		phone=number,
		consent_event=event,
		words=evidence.wording or "",
	)


def once_a_day(number: str, kind: str, words: Callable[[], str]) -> str | None:
	"""Return a reply that confirms nothing, at most once a day.

	Without this limit, such replies could go back and forth with a robot forever.
	"""
	return None if rate_limits.over(f"answer {kind}", number, 1, DAY) else words()


def only_digit(text: str) -> int | None:
	"""Return the digit, in any script, if the text is just that and punctuation; otherwise None."""
	plain = "".join(each for each in unicodedata.normalize("NFKC", text) if each.isalnum())
	return int(plain) if len(plain) == 1 and plain.isdecimal() else None
