"""Turn open reviews of families' messages into conversations.

A text that was neither an opt-out nor an answer used to wait in a Dialer Review of its own kind, one for each
number, with all messages in one field. Each becomes a message of the conversation with that number. The
review is closed and its words move, so that there are no two copies. Reviews about opt-outs stay.
"""

import re

import frappe
from frappe.utils import get_datetime

from school_dialer.base import clock
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies import reviews
from school_dialer.inbound.conversations import received
from school_dialer.inbound.conversations.received import Received

REASONS = ("Message", reviews.NOT_UNDERSTOOD)
OF_TEXTS = "Dialer Call Log"
NOTE = "Continued as a conversation."
CHUNK = 200
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d): ", re.MULTILINE)


def execute() -> None:
	while rows := some():
		with number_lock([row.phone for row in rows]):
			for row in rows:
				move(row)
		frappe.db.commit()


def some() -> list[frappe._dict]:
	return frappe.db.sql(
		"""select name, phone, words, creation, reference_doctype, reference_name from `tabDialer Review`
		where status = 'Open' and reason in %s and reference_doctype = %s and phone like '+%%'
		order by creation, name limit %s for update""",
		(REASONS, OF_TEXTS, CHUNK),
		as_dict=True,
	)


def move(row: frappe._dict) -> None:
	"""Move the words of one review. Idempotent: a message of it that was kept is not kept again."""
	for place, (at, words) in enumerate(messages_of(row)):
		received.keep(
			Received(
				row.phone,
				words,
				source=f"{reviews.DOCTYPE}:{row.name}:{place}",
				reference_doctype=row.reference_doctype,
				reference_name=row.reference_name,
				said_at=clock.from_db(at),
			),
			announce=False,
		)
	values = {"status": "Done", "closed_at": clock.db_now(), "note": NOTE, "words": None}
	frappe.db.set_value(reviews.DOCTYPE, row.name, values)


def messages_of(row: frappe._dict) -> list[tuple]:
	"""Return (naive site time, words) of each message of a review, in order.

	Words from before reviews noted the time have that of the review.
	"""
	parts = _STAMP.split(row.words or "")
	messages = [(row.creation, parts[0])]
	messages += [(get_datetime(at), words) for at, words in zip(parts[1::2], parts[2::2], strict=True)]
	return [(at, words.strip()) for at, words in messages if words.strip()]
