"""Messages that a person at the school has to review. Meanwhile an opt-out from a known number is in force.

There is one open review per number and reason, and later messages are added to it. Its words are deleted by
retention and erasure.
"""

import secrets

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.base.phone import mask

DOCTYPE = "Dialer Review"
UNSURE, NOT_KNOWN, SEVERAL = "Unsure words", "Sender not known", "Several people"
WRONG_NUMBER, NOT_UNDERSTOOD = "Wrong number", "Not understood"
CONFIRM = "Privacy choice to confirm"
REASSIGNED = "Number reassigned"
FORM = "Consent form to check"
SAYS_WRONG_NUMBER = "A message says that this is the wrong number."
"""The note on an opt-out caused by such a message.

It is stored in the ledger, so it is never translated or changed.
"""
MOST_WORDS = 10_000
"""Characters kept from all messages of one review: the first ones and the latest ones."""
CUT = "\n[...]\n"


def ask_for_review(
	reason: str,
	*,
	reference_doctype: str,
	reference_name: str,
	phone: str | None = None,
	consent_event: str | None = None,
	words: str = "",
) -> str:
	"""Request a review by staff. Returns the name of the review. The caller commits.

	`reason` is one of this module's. With a `phone` (E.164, its lock held by the caller), the words are added
	to an open review of the same reason, if there is one. `words` are the person's own. A new review runs the
	hook `dialer_review_asked`.
	"""
	dated_words = f"{clock.db_now():%Y-%m-%d %H:%M}: {words}" if words else ""
	if phone and (name := _add(reason, phone, dated_words, consent_event)):
		return name
	name = secrets.token_hex(8)
	values = {
		"name": name,
		**stamp(clock.db_now()),
		"status": "Open",
		"reason": reason,
		"phone": phone,
		"phone_masked": mask(phone) if phone else None,
		"consent_event": consent_event,
		"words": _cut(dated_words) or None,
		"messages": 1,
		"reference_doctype": reference_doctype,
		"reference_name": reference_name,
	}
	review = frappe.qb.DocType(DOCTYPE)
	frappe.qb.into(review).columns(*values).insert(*values.values()).run()
	for path in frappe.get_hooks("dialer_review_asked"):
		frappe.get_attr(path)(name)
	return name


def _add(reason: str, phone: str, dated_words: str, consent_event: str | None) -> str | None:
	"""Add the words to the open review of this number and reason.

	Returns its name, or None when there is none.
	"""
	# Locked: the words of two messages at once are both added.
	rows = frappe.db.sql(
		"""select name, words, messages, consent_event from `tabDialer Review`
		where phone = %s and status = 'Open' and reason = %s order by creation limit 1 for update""",
		(phone, reason),
		as_dict=True,
	)
	if not rows:
		return None
	(open_one,) = rows
	values = {
		"words": _cut("\n".join(filter(None, (open_one.words, dated_words)))) or None,
		"messages": (open_one.messages or 1) + 1,
		"consent_event": open_one.consent_event or consent_event,
	}
	frappe.db.set_value(DOCTYPE, open_one.name, values)
	return open_one.name


def _cut(words: str) -> str:
	"""Keep the first and the last part of too many words, separated by a marker."""
	if len(words) <= MOST_WORDS:
		return words
	first = words.partition(CUT)[0][: MOST_WORDS // 2]
	return first + CUT + words[-(MOST_WORDS // 2 - len(CUT)) :]


def close(name: str, note: str) -> None:
	"""Close the review. `note` says what the user did."""
	values = {
		"status": "Done",
		"closed_by": frappe.session.user,
		"closed_at": clock.db_now(),
		"note": note,
	}
	frappe.db.set_value(DOCTYPE, name, values)
