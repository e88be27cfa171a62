"""What staff answer: through the gate, with its writer, its delivery, and time to take it back."""

import json
from datetime import datetime, timedelta, timezone

import frappe
import pytest
from frappe.desk.form import assign_to

from dev.school.bulk import Bulk
from school_dialer.audience.barred import BY_COURT_ORDER
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.replies import answer_limits
from school_dialer.desk.inbox import conversations
from school_dialer.followup import confirmations, staff_replies
from school_dialer.inbound.conversations import received, replies
from school_dialer.inbound.conversations.conversation import CALL_BACK
from school_dialer.inbound.conversations.received import Received
from school_dialer.messages import store
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, texts_to

REPLY = "Thank you. She may come at ten."


@pytest.fixture
def wrote(number, say, thread_of, as_role):
	"""A family's message, read by an agent. Returns the name of the conversation."""
	say(number, "May Ana come later today?")
	as_role("Dialer Agent")
	frappe.db.commit()
	return thread_of(number)[0].name


@pytest.fixture
def at_once(monkeypatch):
	"""Replies wait for a tenth of a second."""
	monkeypatch.setattr(replies, "UNDO", timedelta(seconds=0.1))


def last_of(name: str) -> dict:
	return conversations.thread(name)["messages"][-1]


def answer(name: str, words: str = REPLY) -> dict:
	done = conversations.reply(name, words)
	frappe.db.commit()
	return done


def test_an_answer_goes_out_and_says_who_wrote_it_and_that_it_arrived(carrier, wrote, number, at_once):
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "delivered"}}})
	answer(wrote)
	staff_replies.send_when_due()
	(sent,) = texts_to(carrier, number)
	assert sent == f"{store.school().identity}: {REPLY}"
	carrier.wait_until_idle()
	frappe.db.rollback()
	shown = last_of(wrote)
	assert (shown["words"], shown["by"], shown["state"]) == (REPLY, "Test", "Delivered")
	log = frappe.get_doc("Dialer Call Log", {"phone": number, "direction": "Outbound"})
	assert (log.verdict, log.purpose, log.campaign) == ("ALLOW", "General", None)
	assert frappe.db.get_value("Dialer Conversation", wrote, ["status", "unread"]) == ("Answered", 0)


def test_it_waits_and_can_be_taken_back(carrier, wrote, number, thread_of):
	done = answer(wrote)
	assert 8 < done["undo"] <= 10 and 0 < last_of(wrote)["undo"] <= 10
	confirmations.send_due()
	assert not texts_to(carrier, number)
	assert conversations.undo(wrote, done["message"]) == {"words": REPLY}
	frappe.db.commit()
	(thread,) = thread_of(number)
	assert (thread.status, thread.last_words) == ("Waiting", "May Ana come later today?")
	assert thread.waiting_since and not frappe.db.exists(
		"Dialer Notice", {"phone": number, "kind": "Staff Reply"}
	)


def test_what_was_sent_is_not_taken_back(wrote, at_once):
	done = answer(wrote)
	staff_replies.send_when_due()
	with pytest.raises(frappe.ValidationError, match="too late"):
		conversations.undo(wrote, done["message"])


def test_two_jobs_send_one_text(carrier, wrote, number, at_once):
	answer(wrote)
	for _ in range(3):
		staff_replies.send_when_due()
	assert len(texts_to(carrier, number)) == 1


def test_an_opt_out_after_the_message_holds(wrote, number):
	ledger.opt_out(number, evidence=make.evidence("Text"))
	assert "opted out" in conversations.thread(wrote)["refusal"]
	with pytest.raises(frappe.ValidationError, match="opted out"):
		conversations.reply(wrote, REPLY)


def test_a_question_after_an_opt_out_is_answered(carrier, number, say, thread_of, as_role, at_once):
	say(number, "STOP")
	say(number, "When does school start on Monday?")
	as_role("Dialer Agent")
	answer(thread_of(number)[0].name, "School starts at eight.")
	staff_replies.send_when_due()
	assert texts_to(carrier, number)[-1].endswith("School starts at eight.")


def test_a_call_that_reached_no_one_asks_for_no_text(number, as_role):
	ledger.opt_out(number, evidence=make.evidence("Text"))
	called = Received(number, "Called and heard no menu.", source=f"Call:{number}", channel=CALL_BACK)
	thread = received.keep(called)
	frappe.db.commit()
	as_role("Dialer Agent")
	assert replies.wrote_at(thread.name) is None
	with pytest.raises(frappe.ValidationError, match="opted out"):
		conversations.reply(thread.name, REPLY)


@pytest.mark.parametrize("stop", ["stranger", "carrier"])
def test_what_holds_whatever_they_ask(number, say, thread_of, as_role, stop):
	if stop == "stranger":
		ledger.wrong_number(number, evidence=make.evidence("Keypad"))
	else:
		ledger.opt_out(number, evidence=make.evidence("Carrier"))
	say(number, "When does school start on Monday?")
	as_role("Dialer Agent")
	with pytest.raises(frappe.ValidationError, match=r"opted out|stopped texts"):
		conversations.reply(thread_of(number)[0].name, "At eight.")


def test_an_opt_out_while_it_waits_keeps_it_back(carrier, wrote, number, at_once, thread_of):
	answer(wrote)
	frappe.set_user("Administrator")
	ledger.opt_out(number, evidence=make.evidence("Carrier"))
	frappe.db.commit()
	staff_replies.send_when_due()
	assert not texts_to(carrier, number)
	shown = last_of(wrote)
	assert shown["state"] == "Not sent" and "stopped texts" in shown["why"]
	assert thread_of(number)[0].status == "Waiting"


def test_at_night_it_waits_for_the_morning(carrier, number, say, thread_of, as_role, set_clock):
	set_clock(datetime(2026, 11, 12, 8, 30, tzinfo=timezone.utc))
	say(number, "Is there school tomorrow?")
	as_role("Dialer Agent")
	name = thread_of(number)[0].name
	done = answer(name)
	assert done["undo"] > 3600 and last_of(name)["state"] == "Waiting"
	staff_replies.send_when_due()
	confirmations.settle_abandoned()
	frappe.db.commit()
	assert not texts_to(carrier, number)
	set_clock(datetime(2026, 11, 12, 18, 0, tzinfo=timezone.utc))
	confirmations.send_due()
	assert len(texts_to(carrier, number)) == 1


EVENING = datetime(2026, 11, 13, 5, 30, tzinfo=timezone.utc)
"""11:30 p.m. at the school."""


@pytest.mark.parametrize("words", ["She may leave early today.", "Puede llegar tarde mañana."])
def test_words_of_a_day_do_not_wait_for_another_day(
	carrier, number, say, thread_of, as_role, set_clock, words
):
	set_clock(EVENING)
	say(number, "When may she leave?")
	as_role("Dialer Agent")
	name = thread_of(number)[0].name
	with pytest.raises(frappe.ValidationError, match="Write the date"):
		conversations.reply(name, words)
	assert answer(name)["undo"] > 3600, "other words wait"


def test_words_of_a_day_that_is_over_meanwhile_come_back_to_staff(
	carrier, wrote, number, at_once, thread_of, set_clock
):
	answer(wrote, "She may leave early today.")
	set_clock(clock.now() + timedelta(days=1))
	confirmations.send_due()
	assert not texts_to(carrier, number)
	shown = last_of(wrote)
	assert shown["state"] == "Not sent" and "“today”" in shown["why"]
	assert thread_of(number)[0].status == "Waiting"


def test_what_the_carrier_does_not_deliver_waits_again(carrier, wrote, number, at_once, thread_of):
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "undelivered"}}})
	answer(wrote)
	staff_replies.send_when_due()
	carrier.wait_until_idle()
	frappe.db.rollback()
	replies.return_undelivered()
	replies.return_undelivered()
	frappe.db.commit()
	(thread,) = thread_of(number)
	assert (thread.status, thread.unread) == ("Waiting", 1)
	shown = last_of(wrote)
	assert shown["state"] == "Not delivered" and shown["why"]


def test_what_a_killed_worker_took_along_waits_again(carrier, wrote, number, at_once, thread_of):
	done = answer(wrote)
	notice = frappe.db.get_value("Dialer Conversation Message", done["message"], "notice")
	long_ago = clock.to_db(clock.now() - timedelta(hours=1))
	frappe.db.set_value("Dialer Notice", notice, {"status": "Sending", "creation": long_ago})
	confirmations.settle_abandoned()
	replies.return_undelivered()
	frappe.db.commit()
	(thread,) = thread_of(number)
	assert (thread.status, thread.unread) == ("Waiting", 1)
	shown = last_of(wrote)
	assert shown["state"] == "Not sent" and "interrupted" in shown["why"]


def test_what_waited_for_days_and_is_not_delivered_waits_again(carrier, wrote, number, at_once, thread_of):
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "undelivered"}}})
	done = answer(wrote)
	notice = frappe.db.get_value("Dialer Conversation Message", done["message"], "notice")
	long_ago = clock.to_db(clock.now() - timedelta(days=5))
	frappe.db.set_value("Dialer Notice", notice, "creation", long_ago, update_modified=False)
	frappe.db.commit()
	staff_replies.send_when_due()
	carrier.wait_until_idle()
	frappe.db.rollback()
	replies.return_undelivered()
	frappe.db.commit()
	assert thread_of(number)[0].status == "Waiting"


def test_what_does_not_arrive_opens_a_closed_one_again(carrier, wrote, number, at_once, thread_of):
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "undelivered"}}})
	answer(wrote)
	conversations.close(wrote)
	frappe.db.commit()
	staff_replies.send_when_due()
	carrier.wait_until_idle()
	frappe.db.rollback()
	replies.return_undelivered()
	frappe.db.commit()
	(thread,) = thread_of(number)
	assert (thread.status, thread.unread) == ("Waiting", 1) and thread.waiting_since


def test_it_stays_closed_if_the_family_has_written_again(carrier, wrote, number, say, at_once, thread_of):
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "undelivered"}}})
	answer(wrote)
	conversations.close(wrote)
	say(number, "Is there school tomorrow?")
	staff_replies.send_when_due()
	carrier.wait_until_idle()
	frappe.db.rollback()
	replies.return_undelivered()
	frappe.db.commit()
	assert [thread.status for thread in thread_of(number)] == ["Closed", "Waiting"]


@pytest.mark.parametrize("words", ["  ", "Ana was absent today.", "x" * 1_700])
def test_what_no_text_may_say(wrote, words):
	with pytest.raises(frappe.ValidationError):
		conversations.reply(wrote, words)


def test_a_closed_one_is_reopened_first(wrote, number, thread_of):
	user = frappe.session.user
	conversations.close(wrote)
	assert (thread_of(number)[0].status, thread_of(number)[0].closed_by) == ("Closed", user)
	with pytest.raises(frappe.ValidationError, match="Reopen"):
		conversations.reply(wrote, REPLY)
	conversations.reopen(wrote)
	assert conversations.reply(wrote, REPLY)["undo"]


def test_staff_write_as_much_as_a_day_allows_and_use_up_no_confirmations(wrote, number, monkeypatch):
	monkeypatch.setattr(answer_limits, "REPLIES_TO_NUMBER_A_DAY", 8)
	for _ in range(8):
		conversations.reply(wrote, REPLY)
	with pytest.raises(frappe.TooManyRequestsError):
		conversations.reply(wrote, REPLY)
	assert not answer_limits.number_is_full(number)


def test_only_agents_answer_and_no_number_is_shown(wrote, number, as_role):
	shown = frappe.as_json(conversations.thread(wrote))
	assert number[2:] not in shown
	for role in ("System Manager", "Dialer Emergency Approver"):
		as_role(role)
		for method, more in ((conversations.thread, ()), (conversations.reply, (REPLY,))):
			with pytest.raises(frappe.PermissionError):
				method(wrote, *more)


def test_a_person_under_a_court_order_is_not_written_to(carrier, say, thread_of, as_role):
	father = make.unlisted_phone()
	school = SchoolClass([{"Bob": [father]}])
	frappe.db.set_value(
		"Student Guardian", {"parent": school.student(0)}, "dialer_contact_permission", BY_COURT_ORDER
	)
	frappe.db.commit()
	say(father, "Where is Ana?")
	as_role("Dialer Agent", "Academics User")
	with pytest.raises(frappe.ValidationError, match="may not be contacted"):
		conversations.reply(thread_of(father)[0].name, "At school.")


def test_who_may_not_read_the_student_reads_no_conversation(carrier, say, thread_of, as_role):
	mother = make.unlisted_phone()
	SchoolClass([{"Rosa": [mother]}])
	frappe.db.commit()
	say(mother, "Ana is sick today")
	name = thread_of(mother)[0].name
	message = frappe.db.get_value("Dialer Conversation Message", {"conversation": name})
	as_role("Dialer Agent")
	assert not frappe.get_list("Dialer Conversation", {"name": name}, order_by="name")
	assert not frappe.get_list("Dialer Conversation Message", {"conversation": name}, order_by="name")
	assert not frappe.has_permission("Dialer Conversation Message", doc=message)
	for method, more in (
		(conversations.thread, ()),
		(conversations.reply, (REPLY,)),
		(conversations.close, ()),
	):
		with pytest.raises(frappe.PermissionError):
			method(name, *more)
	as_role("Dialer Agent", "Academics User")
	assert conversations.thread(name)["messages"]
	assert frappe.get_list("Dialer Conversation Message", {"conversation": name}, order_by="name")


def test_words_are_for_those_who_answer(wrote, as_role):
	for roles, words, phone in (
		(("Dialer Agent",), True, False),
		(("Dialer Manager",), True, True),
		(("System Manager",), False, True),
	):
		as_role(*roles)
		doc = frappe.get_doc("Dialer Conversation", wrote)
		doc.apply_fieldlevel_read_permissions()
		assert bool(doc.get("last_words")) is words and bool(doc.get("phone")) is phone


def test_no_one_writes_one_by_hand(wrote):
	frappe.set_user("Administrator")
	doc = frappe.get_doc("Dialer Conversation", wrote)
	for change in (doc.save, doc.delete):
		with pytest.raises(frappe.PermissionError):
			change()


def test_it_is_assigned_as_any_record(mailer, wrote, as_role):
	colleague = as_role("Dialer Agent")
	as_role("Dialer Agent")
	assign_to.add({"doctype": "Dialer Conversation", "name": wrote, "assign_to": [colleague]})
	assigned = {"_assign": ("like", f"%{colleague}%")}
	assert frappe.get_list("Dialer Conversation", assigned, pluck="name", order_by="name") == [wrote]


@pytest.mark.parametrize("merge", [False, True])
def test_a_family_is_answered_when_its_child_has_another_name(carrier, say, thread_of, as_role, merge):
	mother = make.unlisted_phone()
	school = SchoolClass([{"Rosa": [mother]}])
	prepare(school.campaign())
	dial(carrier)
	say(mother, "May Ana come later today?")
	old, new = school.student(0), f"{school.student(0)}-2"
	if merge:
		links = [{"guardian": f"{school.tag}-Rosa"}]
		Bulk().insert("Student", [{"name": new, "student_name": "Ana", "enabled": 1, "guardians": links}])
	frappe.rename_doc("Student", old, new, force=True, merge=merge)
	frappe.db.commit()
	(thread,) = thread_of(mother)
	assert json.loads(thread.students) == [new]
	say(mother, "Or at noon?")
	(thread,) = thread_of(mother)
	assert json.loads(thread.students) == [new]
	as_role("Dialer Agent", "Academics User")
	assert conversations.thread(thread.name)["messages"]
	assert answer(thread.name)["undo"] > 0
