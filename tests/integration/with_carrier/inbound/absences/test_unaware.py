"""An absence call asks whether the guardian knew: who did not is with the office at once."""

import frappe
import pytest

from school_dialer.desk.inbox import conversations
from school_dialer.help_desk import registrar
from school_dialer.inbound.absences import unaware
from school_dialer.messages.model import KNEW
from school_dialer.messages.phrases import phrase
from tests.integration.with_carrier.keypad import family, run

pytestmark = pytest.mark.dates


def conversations_of(number: str) -> list:
	fields = ["name", "status", "urgent", "waiting_since", "last_words", "students", "campaign"]
	return frappe.get_all("Dialer Conversation", {"phone": number}, fields, order_by="creation")


def answers_of(doc) -> list:
	return frappe.get_all("Dialer Answer", {"campaign": doc.name}, ["kind", "answer", "label"])


def test_who_did_not_know_is_with_the_office_at_once(carrier, answering):
	doc, number, made = family(asks=KNEW)
	answering(number, "presses", digits=["1", "2"])
	_log, said = run(doc, carrier)
	assert phrase("knew_question", "en") in said and phrase("knew_no", "en") in said
	(answer,) = answers_of(doc)
	assert (answer.kind, answer.answer, answer.label) == (KNEW, 2, "I did not know")
	(thread,) = conversations_of(number)
	assert (thread.status, thread.urgent) == ("Waiting", 1) and thread.waiting_since
	assert "I did not know" in thread.last_words and made.student(0) in thread.students
	shown = conversations.thread(thread.name)["students"]
	title = frappe.db.get_value("Student", made.student(0), "student_name")
	assert {"name": made.student(0), "title": title} in shown


def test_the_office_sees_which_call_was_answered(carrier, answering):
	"""Not the one that called the number last, as where a family answers two calls at once."""
	doc, number, _made = family(asks=KNEW)
	answering(number, "presses", digits=["1", "2"])
	log, _said = run(doc, carrier)
	(thread,) = conversations_of(number)
	assert thread.campaign == doc.name
	other = frappe.copy_doc(frappe.get_doc("Dialer Campaign", doc.name)).insert().name
	frappe.db.set_value("Dialer Call Log", log.name, {"campaign": other})
	unaware.tell_office(frappe._dict(log.as_dict(), name="another", campaign=doc.name))
	(thread,) = conversations_of(number)
	assert thread.campaign == doc.name


def test_who_knew_reports_nothing_and_calls_no_one(carrier, answering):
	doc, number, made = family(asks=KNEW)
	answering(number, "presses", digits=["1", "1"])
	run(doc, carrier)
	assert [one.label for one in answers_of(doc)] == ["I knew"]
	assert not conversations_of(number)
	assert not frappe.db.exists("Dialer Absence Report", {"student": made.student(0)})


def test_those_who_answer_families_are_rung_once_for_each_call(carrier, answering, as_role, monkeypatch):
	agent = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	shown = []
	monkeypatch.setattr(
		frappe,
		"publish_realtime",
		lambda event, message=None, user=None, **_more: shown.append((event, user)),
	)
	doc, number, _made = family(asks=KNEW)
	answering(number, "presses", digits=["1", "2", "1", "2"])
	run(doc, carrier)
	(thread,) = conversations_of(number)
	registrar.on_conversation(thread.name)
	assert (registrar.URGENT, agent) in shown
	registrar.ring_for_conversation(thread.name)
	rung = frappe.get_all(
		"Notification Log", {"document_name": thread.name, "for_user": agent}, pluck="subject"
	)
	assert rung and set(rung) == {"Urgent: a family needs an answer now."}
	answers = {"conversation": thread.name, "source": ("like", "Unaware:%")}
	messages = frappe.get_all("Dialer Conversation Message", answers)
	assert len(messages) == 1
