"""Conversations on tickets of Helpdesk or ERPNext: one record, one text a reply, no mail to a family."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.desk.inbox import conversations
from school_dialer.followup import staff_replies
from school_dialer.help_desk.tickets import kinds, readers, upkeep
from school_dialer.inbound.conversations import conversation, replies
from school_dialer.privacy import erasure, person
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, set_settings
from tests.integration.with_carrier.running import texts_to

WORDS, REPLY = "May <b>Ana</b> come later today?", "Thank you. She may come at ten."
WORK_IN = {"HD Ticket": "Helpdesk tickets", "Issue": "ERPNext issues"}
AGENT = {"HD Ticket": "Agent", "Issue": "Support Team"}


@pytest.fixture(params=list(WORK_IN))
def kind(request, carrier) -> Iterator[str]:
	"""Let conversations be worked on as tickets of this kind."""
	if not frappe.db.exists("DocType", request.param):
		pytest.skip(f"{request.param} is not on this site.")
	frappe.db.sql("update `tabDialer Conversation` set status = 'Closed', open_mark = null, ticket = null")
	set_settings({"work_in": WORK_IN[request.param]})
	yield request.param
	frappe.db.rollback()
	set_settings({"work_in": "Desk inbox"})


@pytest.fixture
def ticket(kind, number, say) -> Callable[[], frappe._dict]:
	"""Return a function that brings tickets up to date and returns the latest one of the number."""
	say(number, WORDS)

	def current():
		upkeep.keep_up()
		row = frappe.get_all(
			"Dialer Conversation", {"phone": number}, ["ticket_doctype", "ticket"], order_by="creation desc"
		)[0]
		return frappe.get_doc(row.ticket_doctype, row.ticket)

	return current


@pytest.fixture
def at_once(monkeypatch):
	monkeypatch.setattr(replies, "UNDO", timedelta(seconds=0.1))


@pytest.fixture
def queued() -> Callable[[], int]:
	"""Return a function that counts mails to the addresses that stand for families."""

	def count() -> int:
		return frappe.db.count("Email Queue Recipient", {"recipient": ("like", f"%@{kinds.DOMAIN}")})

	return count


def communications(doc) -> list:
	return frappe.get_all(
		"Communication",
		{"reference_doctype": doc.doctype, "reference_name": str(doc.name)},
		["name", "sent_or_received", "content", "sender", "communication_type", "delivery_status", "subject"],
		order_by="communication_date, creation",
	)


def answer(doc, words: str = REPLY, to: str | None = None) -> None:
	"""Reply as the agent's own view does: Helpdesk's reply, or Frappe's e-mail dialog."""
	to = to or doc.raised_by
	if doc.doctype == "HD Ticket":
		doc.reply_via_agent(f"<p>{words}</p>", to=to)
	else:
		frappe.get_attr("frappe.core.doctype.communication.email.make")(
			doctype=doc.doctype, name=doc.name, content=f"<p>{words}</p>", subject="Re", recipients=to
		)
	frappe.db.commit()


def messages_of(number: str) -> list:
	return frappe.get_all(
		"Dialer Conversation Message",
		{"phone": number},
		["direction", "words", "communication", "written_by", "automatic"],
		order_by="said_at, creation",
	)


def test_a_conversation_opens_one_ticket_with_each_message_once(kind, ticket, number, say, queued):
	first = ticket()
	say(number, "She has a fever")
	second = ticket()
	assert first.name == second.name and first.doctype == kind
	rows = communications(second)
	assert [row.sent_or_received for row in rows if row.communication_type == "Communication"] == [
		"Received"
	] * 2
	assert "&lt;b&gt;Ana" in rows[0].content and rows[0].sender == second.raised_by
	assert {row.name for row in rows} == {row.communication for row in messages_of(number)}
	assert number[2:] not in frappe.as_json([second.as_dict(), rows])
	assert not queued()


def test_a_reply_on_the_ticket_is_one_text_and_says_who_wrote_it(
	carrier, ticket, number, as_role, at_once, queued
):
	doc = ticket()
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "delivered"}}})
	user = as_role("Dialer Agent", AGENT[doc.doctype])
	answer(frappe.get_doc(doc.doctype, doc.name))
	frappe.set_user("Administrator")
	for _time in range(2):
		staff_replies.send_when_due()
		ticket()
	assert [text.split(": ", 1)[1] for text in texts_to(carrier, number)] == [REPLY]
	sent = messages_of(number)[-1]
	assert (sent.words, sent.written_by) == (REPLY, user)
	shown = [row for row in communications(doc) if row.name == sent.communication]
	assert [row.delivery_status for row in shown] == ["Sent"]
	assert len([row for row in communications(doc) if row.sent_or_received == "Sent"]) == 2
	assert not queued()


def test_a_reply_from_the_desk_is_on_the_ticket(ticket, number, as_role, at_once, thread_of):
	doc = ticket()
	as_role("Dialer Agent")
	conversations.reply(thread_of(number)[0].name, REPLY)
	frappe.set_user("Administrator")
	frappe.db.commit()
	ticket()
	assert REPLY in communications(doc)[-1].content


def test_a_reply_that_is_taken_back_is_gone_from_both(ticket, number, as_role, thread_of):
	doc = ticket()
	as_role("Dialer Agent", AGENT[doc.doctype])
	answer(frappe.get_doc(doc.doctype, doc.name))
	name = thread_of(number)[0].name
	last = conversations.thread(name)["messages"][-1]
	assert conversations.undo(name, last["name"]) == {"words": REPLY}
	assert REPLY not in frappe.as_json(communications(doc))


def test_mail_to_a_colleague_about_the_ticket_is_no_text(ticket, number, as_role):
	doc = ticket()
	as_role("Dialer Agent", AGENT[doc.doctype])
	answer(frappe.get_doc(doc.doctype, doc.name), to="colleague@school.example")
	assert REPLY not in frappe.as_json(messages_of(number))


def test_a_note_of_a_call_is_no_text(ticket, number):
	doc = ticket()
	frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_medium": "Phone",
			"sent_or_received": "Sent",
			"subject": "Called",
			"content": REPLY,
			"reference_doctype": doc.doctype,
			"reference_name": doc.name,
		}
	).insert()
	assert REPLY not in frappe.as_json(messages_of(number))


def test_what_may_not_be_sent_is_refused_with_the_reason(ticket, number, as_role):
	doc = ticket()
	ledger.opt_out(number, evidence=make.evidence("Text"))
	frappe.db.commit()
	as_role("Dialer Agent", AGENT[doc.doctype])
	with pytest.raises(frappe.ValidationError, match="opted out"):
		answer(frappe.get_doc(doc.doctype, doc.name))
	frappe.db.rollback()
	assert REPLY not in frappe.as_json(communications(doc))


def test_what_does_not_arrive_is_noted_on_the_ticket(carrier, ticket, number, as_role, at_once):
	doc = ticket()
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "undelivered"}}})
	as_role("Dialer Agent", AGENT[doc.doctype])
	answer(frappe.get_doc(doc.doctype, doc.name))
	frappe.set_user("Administrator")
	staff_replies.send_when_due()
	carrier.wait_until_idle()
	frappe.db.rollback()
	replies.return_undelivered()
	frappe.db.commit()
	doc = ticket()
	assert doc.status == "Open"
	assert "Error" in {row.delivery_status for row in communications(doc)}
	notes = ("HD Ticket Comment", {"reference_ticket": doc.name})
	if doc.doctype == "Issue":
		notes = ("Comment", {"reference_name": doc.name, "comment_type": "Comment"})
	(note,) = frappe.get_all(*notes, pluck="content", order_by="creation")
	assert "did not reach" in note


def test_what_does_not_arrive_opens_a_ticket_that_was_closed(carrier, ticket, number, as_role, at_once):
	doc = ticket()
	carrier.control("people", {number: {"behaviour": "answers", "text": {"delivery": "undelivered"}}})
	as_role("Dialer Agent", AGENT[doc.doctype])
	answer(frappe.get_doc(doc.doctype, doc.name))
	frappe.set_user("Administrator")
	doc.reload()
	doc.status = "Closed"
	doc.save()
	frappe.db.commit()
	staff_replies.send_when_due()
	carrier.wait_until_idle()
	frappe.db.rollback()
	replies.return_undelivered()
	frappe.db.commit()
	assert ticket().status == "Open"


def test_closing_one_closes_the_other(ticket, number, say, thread_of, queued):
	doc = ticket()
	doc.status = "Closed"
	doc.save()
	frappe.db.commit()
	assert thread_of(number)[0].status == "Closed"
	doc.reload()
	doc.status = "Open"
	doc.status_category = None
	doc.save()
	frappe.db.commit()
	assert thread_of(number)[0].status == "Waiting"
	conversation.close(conversation.open_of(number))
	frappe.db.commit()
	assert ticket().status == "Closed"
	say(number, "One more thing")
	assert ticket().name != doc.name
	assert not queued()


def test_an_urgent_one_has_high_priority(ticket, number):
	doctype = ticket().doctype
	if not kinds.urgent_priority(doctype):
		frappe.get_doc({"doctype": kinds.PRIORITIES[doctype], "__newname": "High", "name": "High"}).insert()
	conversation.update(conversation.open_of(number), urgent=1)
	frappe.db.commit()
	thread = conversation.open_of(number)
	frappe.db.set_value("Dialer Conversation Message", {"conversation": thread.name}, "communication", None)
	frappe.db.commit()
	assert ticket().priority == kinds.urgent_priority(doctype)


def test_who_may_not_read_the_student_reads_no_ticket(kind, say, as_role, thread_of):
	mother = make.unlisted_phone()
	SchoolClass([{"Rosa": [mother]}])
	frappe.db.commit()
	say(mother, "Ana is sick today")
	upkeep.keep_up()
	ticket, shown = (
		frappe.db.get_value("Dialer Conversation", {"phone": mother}, "ticket"),
		messages_of(mother)[0].communication,
	)
	for roles, may in (
		((AGENT[kind],), False),
		(("Dialer Agent", AGENT[kind]), False),
		(("Dialer Agent", "Academics User", AGENT[kind]), True),
	):
		as_role(*roles)
		assert frappe.has_permission(kind, "read", doc=ticket) is may
		assert bool(frappe.get_list(kind, {"name": ticket}, order_by="name")) is may
		refused = readers.may_read_communication(frappe.get_doc("Communication", shown)) is False
		assert refused is not may


def test_its_words_are_not_changed_on_the_ticket(ticket):
	doc = frappe.get_doc("Communication", communications(ticket())[0].name)
	doc.content = "Something else"
	with pytest.raises(frappe.ValidationError, match="cannot be changed"):
		doc.save()


def test_a_ticket_app_that_refuses_stops_nothing_else(kind, number, say, thread_of, monkeypatch):
	other = make.unlisted_phone()
	say(number, WORDS)
	say(other, WORDS)
	real = upkeep.update_ticket
	bad = thread_of(number)[0].name
	monkeypatch.setattr(upkeep, "update_ticket", lambda name: 1 / 0 if name == bad else real(name))
	upkeep.keep_up()
	of = [frappe.db.get_value("Dialer Conversation", {"phone": phone}, "ticket") for phone in (number, other)]
	assert of[0] is None and of[1]
	frappe.cache().delete_value(upkeep.failure(bad))
	monkeypatch.undo()
	upkeep.keep_up()
	assert frappe.db.get_value("Dialer Conversation", {"phone": number}, "ticket")


def test_retention_takes_the_words_and_the_name_off_the_ticket(ticket, number):
	doc = ticket()
	conversation.close(conversation.open_of(number))
	frappe.db.commit()
	ticket()
	erasure.erase(person.of_phone(number), really=True)
	frappe.db.commit()
	shown = frappe.as_json([communications(doc), frappe.get_doc(doc.doctype, doc.name).as_dict()])
	assert "Ana" not in shown and doc.subject not in shown


def test_a_ticket_that_is_deleted_leaves_the_conversation(ticket, number, thread_of, said):
	doc = ticket()
	conversation.close(conversation.open_of(number))
	frappe.db.commit()
	ticket()
	frappe.delete_doc(doc.doctype, doc.name)
	frappe.db.commit()
	assert frappe.db.get_value("Dialer Conversation", thread_of(number)[0].name, "ticket") is None
	assert said(number) == [WORDS]
