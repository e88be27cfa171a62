"""A text from a person: what it means, what is done about it, and the words to answer with, if any.

Nothing is dropped. A wish to stop takes effect; what is neither that nor small talk, or was not understood, goes before a person at the
school within the minute. What is ours comes from no person, and is neither read nor answered. An answer that confirms nothing is given
once a day, and how many answers a number gets in all is limited (`consent.replies.answer_limits`).
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
	"""Act on a text from `number` (E.164, its lock held by the caller) that no webhook has brought before. `evidence` holds the words as
	they came; `media` counts the pictures and files with it; `carrier_read` is STOP, START or HELP when the carrier answers these itself."""
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
	"""What a text says that begins as ours do and has no end that is known: cut off, or written by a person who calls the school by its
	name. A wish to stop in it takes effect, and a person looks."""
	rest = recognise(echo.without_sentences(body, identity))
	said = replace(rest, review=True) if rest.opt_out else replace(rest, outcome=NONE)
	return as_read(said, carrier_read)


def as_read(said: Recognised, carrier_read: str) -> Recognised:
	"""The carrier's STOP holds whatever the words are to us. Its START alone undoes nothing: "yes" may answer a poll."""
	if carrier_read == "STOP" and not said.opt_out:
		return replace(said, opt_out=True, scope="all non-emergency", outcome=OPT_OUT)
	return said


def stop(number: str, said, evidence: ledger.Evidence) -> None:
	"""A wish to stop, or a wrong number. Neither closes emergencies: the confirmation asks for that, and the question for the other."""
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
	"""START. From a telephone that counts as a stranger's it opens nothing, and a person looks at it. Where nothing was stopped it changes
	nothing, and is answered once a day."""
	school, facts = store.school(), ledger.read([number])[number]
	ledger.opt_in(number, evidence=evidence)
	if ledger.is_strangers(number):
		keep_for_review(number, reviews.WRONG_NUMBER, evidence)
		return once_a_day(number, "stranger", lambda: texts.ask_the_school(school, evidence.language))
	if not (facts.opt_outs or facts.carrier_blocked):
		return once_a_day(number, "start", lambda: texts.opted_in(school, evidence.language))
	return texts.opted_in(school, evidence.language)


def unprompted(number: str, own: str, said, evidence: ledger.Evidence, media: int) -> str | None:
	"""Neither stop, start nor help: an answer to something we asked, small talk, or a message for a person."""
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
	"""A digit that answers the latest question we asked this number: (whether it does, the words to answer with)."""
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
	"""The kind of the last notice of ours that a digit answers."""
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
	"""What the last campaign to this number was about, emergencies apart."""
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
	"""An answer that confirms nothing, and so could go back and forth with a robot for ever."""
	return None if rate_limits.over(f"answer {kind}", number, 1, DAY) else words()


def only_digit(text: str) -> int | None:
	"""The digit that a text consists of, in any script, apart from punctuation."""
	plain = "".join(each for each in unicodedata.normalize("NFKC", text) if each.isalnum())
	return int(plain) if len(plain) == 1 and plain.isdecimal() else None
