"""What people text, apart from a plain STOP.

Covered are wrong numbers, messages for a person, robots, and our own words coming back.
"""

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock, states
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link, wrong_number
from school_dialer.consent.replies import reviews
from school_dialer.followup import confirmations
from school_dialer.help_desk import registrar
from school_dialer.messages import store
from tests.integration import factories as make
from tests.integration.with_carrier.running import question_arrives, texts_to


def scopes(number: str) -> set[str]:
	return {opt_out.scope for opt_out in ledger.read([number])[number].opt_outs}


def events_of(number: str) -> list[tuple[str, str]]:
	rows = frappe.get_all("Consent Event", {"phone": number}, ["kind", "scope"], order_by="seq")
	return [(row.kind, row.scope or "") for row in rows]


def reviews_of(number: str) -> list:
	return frappe.get_all(
		"Dialer Review",
		{"phone": number},
		["name", "reason", "words", "messages", "status"],
		order_by="creation",
	)


def kept_from(number: str) -> list[str]:
	"""Return what the conversations with this number hold of the person's words."""
	received = {"phone": number, "direction": "Received"}
	return frappe.get_all(
		"Dialer Conversation Message", received, pluck="words", order_by="said_at, creation"
	)


WRONG = "Wrong number, I have no children"


def test_a_wrong_number_stops_the_usual_calls_asks_a_person_and_the_telephone(carrier, number, say):
	assert say(number, WRONG) is None
	assert scopes(number) == {"all non-emergency"} and ledger.read([number])[number].consents
	(review,) = reviews_of(number)
	assert review.reason == "Wrong number" and WRONG in review.words
	confirmations.send_due()
	(question,) = texts_to(carrier, number)
	assert "Reply 1" in question and "Ana" not in question
	say(number, "I told you: wrong number")
	confirmations.send_due()
	assert len(texts_to(carrier, number)) == 1
	assert reviews_of(number)[0].messages == 2


def test_one_says_that_it_is_right_and_brings_the_calls_back(carrier, number, say):
	say(number, WRONG)
	question_arrives(carrier, number)
	assert say(number, " 1. ")
	assert not scopes(number)
	last = frappe.get_last_doc("Consent Event", {"phone": number, "kind": "Opt In"})
	assert (last.source, last.wording.strip()) == ("Text", "1.")
	assert reviews_of(number)[0].status == "Open" and "1." in reviews_of(number)[0].words


def test_one_lifts_no_stop_that_was_said_apart_from_it(carrier, number, say):
	say(number, "STOP")
	say(number, WRONG)
	question_arrives(carrier, number)
	assert say(number, "1") is None
	assert scopes(number) == {"all non-emergency"}


@pytest.mark.parametrize("words", ["STOP", WRONG])
@pytest.mark.parametrize("status", ["undelivered", "failed", "refused", "canceled", "queued"])
def test_a_digit_answers_no_question_that_did_not_arrive(carrier, number, say, words, status):
	say(number, words)
	question_arrives(carrier, number, status)
	before = events_of(number)
	assert say(number, "1") is None, "who has stopped our texts gets no acknowledgment"
	assert events_of(number) == before and scopes(number) == {"all non-emergency"}
	assert kept_from(number)[-1] == "1"


def test_a_digit_answers_no_question_that_the_carrier_blocked_after_stop(carrier, number, say):
	"""Twilio answers 21610 to a text that follows a STOP which it has seen."""
	say(number, "STOP")
	carrier.control("people", {number: {"refuse": 21610}})
	confirmations.send_due()
	before = events_of(number)
	say(number, "1")
	assert events_of(number) == before and scopes(number) == {"all non-emergency"}


@pytest.mark.parametrize("status", ["sent", "unreported", "delivered", "read"])
def test_a_digit_answers_a_question_that_the_network_has(carrier, number, say, status):
	say(number, "STOP")
	question_arrives(carrier, number, status)
	assert say(number, "3")
	assert scopes(number) == {"everything"}


def test_two_confirms_it_for_a_person(carrier, number, say):
	say(number, WRONG)
	question_arrives(carrier, number)
	before = events_of(number)
	assert say(number, "2") is None
	assert events_of(number) == before and reviews_of(number)[0].messages == 2


@pytest.mark.parametrize("body", ["START", "1", "UNSTOP", "2", "3"])
def test_a_stranger_brings_no_emergency_calls_back(number, say, body):
	say(number, "STOP")
	ledger.wrong_number(number, evidence=make.evidence("Keypad"))
	frappe.db.commit()
	say(number, body)
	assert scopes(number) == {"everything"}
	assert reviews_of(number) or kept_from(number) == [body]


def test_start_on_a_strangers_number_is_told_to_call_the_school_once_a_day(number, say):
	ledger.wrong_number(number, evidence=make.evidence("Agent"))
	assert "call the school" in say(number, "START")
	assert say(number, "START") is None
	assert [review.reason for review in reviews_of(number)] == ["Wrong number"]


@pytest.mark.parametrize("body", ["START", "2"])
def test_who_has_just_reported_a_wrong_number_opens_nothing(carrier, number, say, body):
	say(number, "STOP")
	confirmations.send_due()
	carrier.wait_until_idle()
	link = preference_link.issue(number)
	pressed = {"reference_doctype": preference_link.DOCTYPE, "reference_name": link}
	wrong_number.report(number, link, make.evidence("Preference Page", **pressed))
	frappe.db.commit()
	say(number, body)
	assert scopes(number) == {"everything"} and ledger.is_strangers(number)
	assert reviews_of(number) or kept_from(number) == [body]


def test_the_schools_word_and_start_bring_them_back(number, say):
	ledger.wrong_number(number, evidence=make.evidence("Keypad"))
	ledger.verify(number, evidence=make.evidence("Agent"))
	assert scopes(number) == {"all non-emergency"}
	assert say(number, "START")
	assert not scopes(number)


def test_free_words_leave_emergencies_on(carrier, number, say):
	say(number, "stop everything even emergencies")
	assert scopes(number) == {"all non-emergency"}
	question_arrives(carrier, number)
	say(number, "3")
	assert scopes(number) == {"everything"}


@pytest.mark.parametrize(
	"body", ["You can text me again", "Put me back on the list please", "Pueden volver a llamarme"]
)
def test_a_person_who_asks_for_texts_in_free_words_is_asked_to_reply_start(number, say, body):
	say(number, "STOP")
	assert "reply START" in say(number, body) and scopes(number) == {"all non-emergency"}
	assert kept_from(number) == [body]
	assert "reply START" not in (say(number, body) or "")
	assert say(number, "START") and not scopes(number)


@pytest.mark.parametrize(
	("stop", "part"),
	[
		({"scope": "this purpose", "purpose": "Fundraising"}, "only this: Fundraising."),
		({"channel": "Voice"}, "only this: Phone calls."),
		({"scope": "this purpose", "purpose": "Fees", "channel": "Text"}, "only this: Fees (Text messages)."),
	],
)
def test_who_stopped_a_part_reads_which_and_is_not_asked_to_undo_it_all(number, say, stop, part):
	ledger.opt_out(number, evidence=make.evidence("Preference Page"), **stop)
	before = events_of(number)
	answer = say(number, "You can text me again")
	assert "Thank you" in answer and part in answer and "START" not in answer
	assert part not in (say(number, "Put me back on the list please") or "")
	assert events_of(number) == before


@pytest.mark.parametrize("stop", [{}, {"channel": "Text"}, {"scope": "everything"}])
def test_who_stopped_all_texts_is_asked_to_reply_start(number, say, stop):
	ledger.opt_out(number, evidence=make.evidence("Preference Page"), **stop)
	assert "reply START" in say(number, "You can text me again")
	assert say(number, "START") and not scopes(number)


def test_who_stopped_nothing_is_not_asked_to_reply_start(number, say):
	assert "START" not in say(number, "You can text me again")


@pytest.mark.parametrize("body", ["cancel my earlier text", "Por favor cancele mi mensaje anterior"])
def test_a_text_that_takes_back_an_earlier_one_is_looked_at(number, say, body):
	say(number, body)
	assert [review.reason for review in reviews_of(number)] == ["Unsure words"]


@pytest.mark.parametrize(
	"body",
	["Ana is sick today", "Who is this?", "Call me at work please", "ok but who picks up Luis?", "7"],
)
def test_a_message_goes_to_the_office(number, say, body):
	assert "Thank you" in say(number, body)
	assert kept_from(number) == [body]
	assert not reviews_of(number) and not scopes(number)


@pytest.mark.parametrize(
	"body", ["Thanks!", "ok", "Muchas gracias", "👍", "谢谢老师", "شكرا", "Cảm ơn cô ạ", "Thank you so much"]
)
def test_small_talk_needs_no_one(number, say, body):
	assert say(number, body) is None
	assert not reviews_of(number) and not scopes(number)
	assert kept_from(number) == [body]
	assert not frappe.db.exists("Dialer Conversation", {"phone": number, "status": "Waiting"})


def test_no_callback_replaces_what_a_person_texted(number, say):
	say(number, "Ana is sick today")
	received = {"phone": number, "direction": "Inbound"}
	rank = frappe.db.get_value("Dialer Call Log", received, "status_rank")
	assert rank == states.rank("completed") == max(states.FINAL_RANKS)


def test_a_picture_alone_goes_to_the_office(number, say):
	say(number, "", media=2)
	assert kept_from(number) == ["[2 pictures or files]"]


def test_our_own_words_and_numbers_are_no_persons(number, say):
	make.consent(SENDER)
	us = store.school().identity
	by_name = (
		f"{us}: The concert is on Thursday at six.\nReply STOP to stop.",
		f"{us}: A text that was cut off before its e",
	)
	for body in (
		*by_name,
		f"Liked “{us}: The concert is on Thursday.\nReply STOP to stop.”",
		f"> {us}: You get no more automated calls or texts, emergencies excepted.",
		"Reply STOP to stop.",
	):
		assert say(number, body) is None
	assert not scopes(number) and not reviews_of(number)
	assert kept_from(number) == list(by_name)
	marked = {"phone": number, "unsure": 1}
	assert frappe.db.count("Dialer Conversation Message", marked) == len(by_name)
	assert say(SENDER, "STOP") is None and not scopes(SENDER)


def test_their_own_words_beside_ours_count(number, say):
	say(
		number,
		f"{store.school().identity}: The concert is on Thursday.\nReply STOP to stop.\n"
		"please stop calling me",
	)
	assert scopes(number) == {"all non-emergency"}


def test_no_robot_is_answered_twice_a_day(number, say):
	assert say(number, "HELP") and say(number, "HELP") is None


def test_agents_and_registrar_hear_of_it_and_see_no_number(number, say, as_role):
	agent = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	say(number, WRONG)
	registrar.ring(reviews_of(number)[0].name)
	(line,) = frappe.get_all("Notification Log", {"for_user": agent}, ["subject", "document_name"])
	assert number[2:] not in line.subject and "children" not in line.subject
	assert line.document_name == reviews_of(number)[0].name


def test_words_are_for_those_who_handle_them(number, say, as_role):
	say(number, WRONG)
	name = reviews_of(number)[0].name
	for roles, words, phone in (
		(("Dialer Agent",), True, False),
		(("Dialer Manager",), True, True),
		(("System Manager",), False, True),
	):
		as_role(*roles)
		doc = frappe.get_doc("Dialer Review", name)
		doc.apply_fieldlevel_read_permissions()
		assert bool(doc.get("words")) is words and bool(doc.get("phone")) is phone
		frappe.set_user("Administrator")


def test_a_review_goes_with_retention_and_erasure(number, say):
	from school_dialer.privacy import erasure, person, retention

	say(number, WRONG)
	name = reviews_of(number)[0].name
	kept = person.export(person.of_phone(number))["kept"]
	assert "children" in str(kept["Dialer Review"])
	reviews.close(name, "Called back")
	old = frappe.utils.add_to_date(clock.db_now(), days=-100)
	frappe.db.set_value("Dialer Review", name, "creation", old, update_modified=False)
	for _rows in retention.purge(
		dict.fromkeys(retention.SETTINGS, 0) | {"keep_notices_days": 60}, unlink=False
	):
		pass
	row = frappe.db.get_value("Dialer Review", name, ["words", "phone", "phone_masked"], as_dict=True)
	assert row.words is None and row.phone.startswith("hash:") and number[-2:] not in row.phone_masked
	say(number, "wrong number, as I said")
	reviews.close(reviews_of(number)[-1].name, "Done")
	erasure.erase(person.of_phone(number), really=True)
	assert not reviews_of(number)
