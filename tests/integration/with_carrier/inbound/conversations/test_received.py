"""What a family writes becomes part of the conversation with its number, once and in order."""

import json
from datetime import datetime, timedelta, timezone

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.demo.stage import SENDER
from school_dialer.base import clock
from school_dialer.base.database.rows import insert
from school_dialer.consent import ledger
from school_dialer.desk.inbox import conversations
from school_dialer.followup import confirmations
from school_dialer.help_desk import registrar
from school_dialer.inbound.conversations import conversation, received
from school_dialer.inbound.conversations.received import Received
from school_dialer.messages import store
from school_dialer.messages.phrases import languages, phrase
from tests.effort import examples
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, set_settings


def test_one_conversation_for_a_number_in_order(number, say, thread_of, said):
	for body in ("Ana is sick today", "She has a fever", "Thanks!"):
		say(number, body)
	(thread,) = thread_of(number)
	assert said(number) == ["Ana is sick today", "She has a fever", "Thanks!"]
	assert (thread.status, thread.unread, thread.last_words) == ("Waiting", 2, "Thanks!")
	assert thread.messages == 4


def test_a_closed_one_is_over_and_the_next_message_begins_another(number, say, thread_of):
	say(number, "Ana is sick today")
	conversation.close(conversation.open_of(number))
	say(number, "Thanks!")
	assert [one.status for one in thread_of(number)] == ["Closed"]
	say(number, "One more thing")
	assert [one.status for one in thread_of(number)] == ["Closed", "Waiting"]


def test_no_second_one_is_open(number, say, thread_of):
	say(number, "Ana is sick today")
	conversation.close(conversation.open_of(number))
	say(number, "One more thing")
	first = conversation.locked(thread_of(number)[0].name)
	with pytest.raises(frappe.ValidationError, match="Another conversation"):
		conversation.reopen(first)
	with pytest.raises(Exception, match="Duplicate entry"):
		frappe.db.set_value("Dialer Conversation", first.name, "open_mark", "1")
	frappe.db.rollback()


def test_doubled_webhooks_are_one_message(hooks, number, thread_of, said):
	for _ in range(5):
		form = {"MessageSid": f"SM{number[2:]}", "From": number, "To": SENDER, "Body": "Ana is sick today"}
		assert hooks.post("inbound_text", {}, form).status_code == 200
	frappe.db.rollback()
	assert said(number) == ["Ana is sick today"] and len(thread_of(number)) == 1


def test_what_is_delivered_again_is_kept_once(number, said):
	message = Received(number, "Call me back", source=f"Call:{number}", channel=conversation.CALL_BACK)
	assert received.keep(message) and received.keep(message) is None
	assert said(number) == ["Call me back"]
	frappe.db.commit()


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_person_hears_once_a_day_in_their_language(number, say, carrier, language, set_clock):
	set_clock(datetime(2026, 11, 10, 16, 30, tzinfo=timezone.utc))
	received.keep(Received(number, "x", source=f"x:{number}", language=language))
	first = say(number, "Ana is sick today")
	begins = phrase("text_arrived", language, time="{}").partition("{}")[0]
	assert begins in first and "911" in first
	assert say(number, "She has a fever") is None
	set_clock(datetime(2026, 11, 11, 16, 30, tzinfo=timezone.utc))
	assert say(number, "Still sick")


def test_the_hours_of_the_office_are_said(number, say, set_clock):
	set_settings({"office_opens": "08:00:00", "office_closes": "15:30:00", "emergency_number": ""})
	set_clock(clock.from_db("2026-11-12 10:00:00"))
	words = say(number, "Ana is sick today")
	assert "until 3:30 PM today" in words and "emergency" not in words
	set_clock(clock.from_db("2026-11-13 19:00:00"))
	assert "from 8:00 AM on Monday, November 16" in say(number, "Is there school on Monday?")
	set_settings({"office_closes": "16:00:00", "emergency_number": "911"})


def test_who_opted_out_is_not_acknowledged_but_read(number, say, said):
	say(number, "STOP")
	assert say(number, "When does school start on Monday?") is None
	assert said(number) == ["When does school start on Monday?"]


def test_who_stopped_other_messages_hears(number, say):
	ledger.opt_out(number, scope="this purpose", purpose="Fees", evidence=make.evidence("Agent"))
	assert say(number, "Ana is sick today")


def test_robots_end(number, say):
	"""An answering machine that answers each of our texts is acknowledged once."""
	answers = [say(number, f"I am driving and will read this later. {count}") for count in range(20)]
	assert sum(1 for one in answers if one) == 1


def test_a_text_that_returns_our_own_words_is_not_acknowledged(number, say, said):
	"""Another school's robot may have sent it, and acknowledges ours."""
	theirs = "Lincoln High: Thank you, your message has reached the office. It answers until 4:00 PM today."
	assert say(number, theirs) is None
	assert said(number) == [theirs]


def test_the_school_can_be_silent(number, say):
	set_settings({"acknowledge_messages": 0})
	assert say(number, "Ana is sick today") is None
	set_settings({"acknowledge_messages": 1})


def test_it_says_whose_number_it_is(number, say, thread_of, carrier):
	mother, both = make.unlisted_phone(), make.unlisted_phone()
	school = SchoolClass([{"Rosa": [mother], "Carlos": [both]}, {"Carlos": [both], "Ines": [both]}])
	frappe.db.commit()
	for one in (number, mother, both):
		say(one, "May I call you?")
	(unknown,), (known,), (shared,) = thread_of(number), thread_of(mother), thread_of(both)
	assert (unknown.belongs_to, unknown.person, unknown.title) == ("Unknown", None, unknown.phone_masked)
	assert (known.belongs_to, known.title) == ("One person", "Rosa")
	assert json.loads(known.students) == [school.student(0)]
	assert (shared.belongs_to, shared.person) == ("Shared", None)
	assert json.loads(shared.students) == sorted([school.student(0), school.student(1)])


def test_it_says_what_it_answers(number, say, thread_of):
	doc = make.campaign([number])
	row = {"name": frappe.generate_hash(length=12), "direction": "Outbound", "channel": "Text"}
	row |= {"phone": number, "campaign": doc.name, "verdict": "ALLOW", "placed_at": clock.db_now()}
	row |= {"students": '["S-1"]', "status": "delivered", "status_rank": 90}
	insert("Dialer Call Log", [row])
	say(number, "We will come")
	(thread,) = thread_of(number)
	assert thread.campaign == doc.name and json.loads(thread.students) == ["S-1"]


def test_agents_hear_of_it_once_and_read_no_word(number, say, as_role, thread_of):
	agent = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	say(number, "Ana is sick today")
	name = thread_of(number)[0].name
	registrar.ring_for_conversation(name)
	(line,) = frappe.get_all("Notification Log", {"for_user": agent}, ["subject", "document_name"])
	assert number[2:] not in line.subject and "sick" not in line.subject
	assert line.document_name == name


def test_a_digit_after_an_answer_of_staff_answers_them(number, say, said):
	say(number, "STOP")
	confirmations.send_due()
	notice = {"doctype": "Dialer Notice", "kind": "Staff Reply", "status": "Sent", "phone": number}
	notice |= {"name": frappe.generate_hash(length=10), "creation": clock.db_now()}
	frappe.get_doc(notice).db_insert()
	say(number, "2")
	assert said(number) == ["2"]
	assert [one.scope for one in ledger.read([number])[number].opt_outs] == ["all non-emergency"] * 2


def test_who_addresses_the_school_by_name_is_heard(number, say, thread_of, said):
	name = store.school().identity
	assert say(number, f"{name}: Ana is sick today") is None
	(thread,) = thread_of(number)
	assert (thread.status, thread.unread) == ("Waiting", 1)
	assert said(number) == [f"{name}: Ana is sick today"]
	assert frappe.db.get_value("Dialer Conversation Message", {"phone": number}, "unsure") == 1


def test_our_own_text_coming_back_waits_for_no_one(number, say, thread_of):
	name = store.school().identity
	say(number, f"{name}: The concert is on Thursday.\nReply STOP to stop.")
	assert [one.status for one in thread_of(number)] == ["Closed"]
	for body in (f"{name}: Thanks!", f"Liked “{name}: The concert is on Thursday.”"):
		other = make.unlisted_phone()
		say(other, body)
		assert not thread_of(other)


def test_an_urgent_message_makes_its_conversation_urgent(number):
	received.keep(Received(number, "I did not know!", "urgent:1", urgent=True))
	received.keep(Received(number, "Please call", "urgent:2"))
	assert frappe.db.get_value("Dialer Conversation", {"phone": number}, "urgent") == 1


@settings(
	max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(range(5)), st.sets(st.integers(0, 4)))
def test_a_thread_is_in_the_order_in_which_things_were_said(number, order, courtesies):
	"""Whatever the order of delivery, and however often each is delivered."""
	frappe.db.savepoint("example")
	began = clock.now().replace(microsecond=0)
	for place in (*order, *reversed(order)):
		at = began + timedelta(minutes=place)
		needs = place not in courtesies
		received.keep(Received(number, f"Words {place}", f"order:{place}", said_at=at, needs_answer=needs))
	rows = frappe.get_all(
		"Dialer Conversation",
		{"phone": number},
		["name", "messages", "last_words", "last_at", "waiting_since"],
		order_by="creation",
	)
	kept = [one["words"] for row in rows for one in map(conversations.shown, conversations.rows_of(row.name))]
	assert sorted(kept) == [f"Words {place}" for place in range(5)]
	for row in rows:
		words = [one.words for one in conversations.rows_of(row.name)]
		assert words == sorted(words) and row.messages == len(words) and row.last_words == words[-1]
	waiting = [row.waiting_since for row in rows if row.waiting_since]
	first = [place for place in range(5) if place not in courtesies]
	assert waiting == ([clock.to_db(began + timedelta(minutes=first[0]))] if first else [])
	frappe.db.rollback(save_point="example")
