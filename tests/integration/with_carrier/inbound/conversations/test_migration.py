"""Reviews of families' messages, as earlier versions kept them, become conversations."""

import frappe
import pytest

from school_dialer.calls import inbound
from school_dialer.consent.replies import reviews
from school_dialer.patches import reviews_to_conversations

STORY = """2026-10-20 08:15: Ana is sick today
She has a fever.

Back on Monday
2026-10-20 09:30: And Luis too"""


@pytest.fixture
def review(number, token):
	"""Return a function that writes an open review as version 1.0 did."""
	log = inbound.log_inbound(f"SM{token}", number, "+13125550100", "Text")

	def write(reason: str, words: str, phone: str | None = number, of: str = "Dialer Call Log") -> str:
		name = reviews.ask_for_review(reason, reference_doctype=of, reference_name=log, phone=phone)
		frappe.db.set_value(reviews.DOCTYPE, name, {"words": words, "messages": 2})
		return name

	return write


def test_each_message_moves_with_its_time(review, number, thread_of, said):
	first = review("Message", STORY)
	second = review("Not understood", "2026-10-21 10:00: Hmm")
	frappe.db.commit()
	for _time in range(2):
		reviews_to_conversations.execute()
	assert said(number) == ["Ana is sick today\nShe has a fever.\n\nBack on Monday", "And Luis too", "Hmm"]
	(thread,) = thread_of(number)
	assert (thread.status, thread.unread, str(thread.waiting_since)) == ("Waiting", 3, "2026-10-20 08:15:00")
	for name in (first, second):
		row = frappe.db.get_value(reviews.DOCTYPE, name, ["status", "words", "note"], as_dict=True)
		assert (row.status, row.words, row.note) == ("Done", None, reviews_to_conversations.NOTE)


def test_other_reviews_stay(review, number, thread_of):
	kept = [
		review(reviews.UNSURE, "2026-10-20 08:15: enough"),
		review(reviews.WRONG_NUMBER, "2026-10-20 08:15: wrong number"),
		review(reviews.NOT_UNDERSTOOD, "Hmm", phone=None, of="Communication"),
	]
	frappe.db.commit()
	reviews_to_conversations.execute()
	assert not thread_of(number)
	assert {frappe.db.get_value(reviews.DOCTYPE, name, "status") for name in kept} == {"Open"}
	frappe.db.delete(reviews.DOCTYPE, {"name": ("in", kept)})
	frappe.db.commit()


def test_no_one_is_notified_again(review, number, thread_of):
	review("Message", STORY)
	frappe.db.commit()
	reviews_to_conversations.execute()
	assert not frappe.db.exists("Notification Log", {"document_name": thread_of(number)[0].name})
