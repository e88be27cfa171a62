"""Whether US carriers deliver the school's texts: registered senders.

A long code needs an A2P 10DLC brand and campaign, and a toll-free number needs a verification. The school
sets up both at the carrier (https://www.twilio.com/docs/messaging/compliance). The carrier API that this app
uses does not report whether this is done, so the school declares it. Texts that come back as unregistered
after that contradict the declaration: 30034 (long code) and 30032 (toll-free).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.audience.base import country_code
from school_dialer.base import clock, states
from school_dialer.base.phone import InvalidNumber, parse
from school_dialer.messages import store
from school_dialer.settings.checklist_item import FIELD, ChecklistItem

UNREGISTERED = ("30032", "30034")
LATELY = timedelta(days=30)


def checklist_items(doc) -> Iterator[ChecklistItem]:
	"""Yield one item if the school texts US numbers. `doc` is Dialer Settings, saved or not."""
	if not texts_the_us(doc):
		return
	refused = refused_since(doc.texts_registered_at)
	missing = _(
		"Register what sends your texts at the carrier: {0}. The texts for the form are under Registration "
		"for texts. Tick the box there when it is approved."
	).format(", ".join(what_to_register(doc)))
	if refused:
		missing = _(
			"The carrier refused a text as unregistered on {0} (error {1}). When the registration is "
			"approved, untick the box, save, and tick it again."
		).format(frappe.format(refused.placed_at, "Datetime"), refused.error_code)
	yield ChecklistItem(
		_("Registration for texts"),
		bool(doc.texts_registered) and not refused,
		missing,
		(FIELD, "texts_registered"),
	)


def senders(doc) -> list[str]:
	return [
		row.phone_number or "" for row in doc.sending_numbers if row.enabled and "Text" in (row.channel or "")
	]


def texts_the_us(doc) -> bool:
	"""Return whether the school texts US numbers.

	Families live where the school is, and a school with a US number to text from texts the US too.
	"""
	numbers = senders(doc)
	return bool(numbers) and (country_code(doc.default_country) == "US" or any(map(is_american, numbers)))


def is_american(sender: str) -> bool:
	try:
		return parse(sender).country == "US"
	except InvalidNumber:
		return False


def what_to_register(doc) -> list[str]:
	"""Return what to register, by kind of sender. A Messaging Service is registered by its pool's numbers."""
	toll_free = [store.is_toll_free(sender) for sender in senders(doc)]
	kinds = []
	if not all(toll_free):
		kinds.append(_("an A2P 10DLC brand and campaign for local numbers and Messaging Services"))
	if any(toll_free):
		kinds.append(_("toll-free verification for toll-free numbers"))
	return kinds


def refused_since(declared_at: datetime | str | None) -> frappe._dict | None:
	"""Return the latest text that was not delivered because its sender is not registered, or None.

	Only texts from the last 30 days and after the declaration count.
	"""
	since = clock.to_db(clock.now() - LATELY)
	if declared_at:
		since = max(since, frappe.utils.get_datetime(declared_at))
	rows = frappe.db.sql(
		"""select placed_at, error_code from `tabDialer Call Log`
		where status_rank in %s and placed_at > %s and channel = 'Text' and direction = 'Outbound'
			and error_code in %s
		order by placed_at desc limit 1""",
		(states.FINAL_RANKS, since, UNREGISTERED),
		as_dict=True,
	)
	return rows[0] if rows else None


def declare(doc, before) -> None:
	"""Record who ticked the box and when, as Dialer Settings are saved. Neither can be edited by hand."""
	if not doc.texts_registered:
		doc.texts_registered_by = doc.texts_registered_at = None
	elif before and before.texts_registered:
		doc.texts_registered_by, doc.texts_registered_at = (
			before.texts_registered_by,
			before.texts_registered_at,
		)
	else:
		doc.texts_registered_by, doc.texts_registered_at = frappe.session.user, clock.db_now()
