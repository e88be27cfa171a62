"""Handle a text from a person: what it means, what to do about it, and what to answer, if anything.

Nothing is dropped. An opt-out takes effect. A text that is neither an opt-out nor small talk, or was not
understood, is put in front of a person at the school within the minute. Our own words coming back are neither
read nor answered. A reply that confirms nothing is sent once a day, and the total number of replies to one
number is limited (`consent.replies.answer_limits`).
"""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import frappe

from school_dialer import clock
from school_dialer.calls import survey_answers
from school_dialer.calls.received import echo, small_talk, wrong_number
from school_dialer.consent import ledger
from school_dialer.consent.choices import rate_limits
from school_dialer.consent.replies import reviews
from school_dialer.consent.replies.confirmation_requests import CONFIRMING, WRONG_NUMBER_QUESTION
from school_dialer.consent.replies.opt_out import HELP, NONE, OPT_OUT, START, Recognised, recognise
from school_dialer.consent.replies.opt_out import WRONG_NUMBER as SAYS_WRONG
from school_dialer.messages import store
from school_dialer.messages import text as texts

SCOPE_REPLIES = {1: "this purpose", 2: "all non-emergency", 3: "everything"}
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
	school = store.school()
	identity = school.identity or school.name
	own = echo.without_ours(body, identity)
	if body.strip() and not own:
		said = hidden(body, identity, carrier_read)
		if said.opt_out:
			stop(number, said, evidence)
		return None
	said = as_read(recognise(own), carrier_read)
	if said.outcome == NONE:
		return unprompted(number, own, said, evidence, media)
	reply = None
	if said.outcome == START:
		reply = start(number, evidence)
	elif said.outcome == HELP:
		reply = once_a_day(number, "help", lambda: texts.help_text(school, evidence.language))
	else:
		stop(number, said, evidence)
	return None if carrier_read else reply


def hidden(body: str, identity: str, carrier_read: str) -> Recognised:
	"""Return the meaning of a text that begins like one of ours but has no known ending.

	It was cut off, or written by a person who addresses the school by name. An opt-out in it takes effect,
	and a person reviews it.
	"""
	rest = recognise(echo.without_sentences(body, identity))
	said = replace(rest, review=True) if rest.opt_out else replace(rest, outcome=NONE)
	return as_read(said, carrier_read)


def as_read(said: Recognised, carrier_read: str) -> Recognised:
	"""Apply the carrier's reading. Its STOP counts whatever the text means to us.

	Its START alone undoes nothing: "yes" may answer a poll.
	"""
	if carrier_read == "STOP" and not said.opt_out:
		return replace(said, opt_out=True, scope="all non-emergency", outcome=OPT_OUT)
	return said


def stop(number: str, said, evidence: ledger.Evidence) -> None:
	"""Record an opt-out or a report of a wrong number.

	Neither one stops emergency messages. The opt-out confirmation asks about those, and the wrong-number
	question asks whose number it is.
	"""
	wrong = said.outcome == SAYS_WRONG
	event = ledger.opt_out(
		number,
		scope="all non-emergency" if wrong or said.scope == "everything" else said.scope,
		purpose=None if wrong else said.purpose,
		evidence=ledger.Evidence(**{**evidence.__dict__, "note": reviews.SAYS_WRONG_NUMBER})
		if wrong
		else evidence,
		received_at=clock.now(),
		heard=True,
	)
	if wrong or said.review:
		keep_for_review(number, reviews.WRONG_NUMBER if wrong else reviews.UNSURE, evidence, event)


def start(number: str, evidence: ledger.Evidence) -> str | None:
	"""Handle START.

	From a number reported as a stranger's it opts nothing back in, and a person reviews it. If nothing was
	stopped, it changes nothing and is answered once a day.
	"""
	school, facts = store.school(), ledger.read([number])[number]
	ledger.opt_in(number, evidence=evidence)
	if ledger.is_strangers(number):
		keep_for_review(number, reviews.WRONG_NUMBER, evidence)
		return once_a_day(number, "stranger", lambda: texts.ask_the_school(school, evidence.language))
	if not (facts.opt_outs or facts.carrier_blocked):
		return once_a_day(number, "start", lambda: texts.opted_in(school, evidence.language))
	return texts.opted_in(school, evidence.language)


def unprompted(number: str, own: str, said, evidence: ledger.Evidence, media: int) -> str | None:
	"""Handle a text that is not STOP, START or HELP.

	It is an answer to something we asked, small talk, or a message for a person.
	"""
	if reply := survey_answers.by_text(number, own, evidence.language):
		return reply
	digit = only_digit(own)
	if digit is not None:
		answered, reply = answer(number, digit, evidence)
		if answered:
			return reply
	understood = said.understood
	if not media and digit is None and small_talk.is_small_talk(own):
		return None
	if media:
		pictures = PICTURES.format(media)
		evidence = ledger.Evidence(
			**{**evidence.__dict__, "wording": f"{evidence.wording or ''} {pictures}".strip()}
		)
	keep_for_review(number, reviews.MESSAGE if understood else reviews.NOT_UNDERSTOOD, evidence)
	return None


def answer(number: str, digit: int, evidence: ledger.Evidence) -> tuple[bool, str | None]:
	"""Apply a digit that answers the latest question we sent this number.

	Returns (whether the digit answers one, the reply or None).
	"""
	school = store.school()
	asked = latest_question(number)
	if asked == WRONG_NUMBER_QUESTION and digit in (wrong_number.RIGHT, wrong_number.WRONG):
		lifted = wrong_number.answer(number, digit, evidence)
		return True, texts.opted_in(school, evidence.language) if lifted else None
	scope = SCOPE_REPLIES.get(digit)
	if not asked or asked == WRONG_NUMBER_QUESTION or not scope or ledger.is_strangers(number):
		return False, None
	purpose = last_purpose(number) if scope == "this purpose" else None
	if scope == "this purpose" and not purpose:
		return False, None
	ledger.rescope(number, scope=scope, purpose=purpose, evidence=evidence)
	return True, texts.scope_changed(school, scope, evidence.language)


def latest_question(number: str) -> str | None:
	"""Return the kind of our last notice that can be answered with a digit."""
	asked = frappe.get_all(
		"Dialer Notice",
		{
			"phone": number,
			"kind": ("in", CONFIRMING),
			"creation": (">", clock.to_db(clock.now() - REPLY_WITHIN)),
		},
		pluck="kind",
		order_by="creation desc",
		limit=1,
	)
	return asked[0] if asked else None


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
