"""Whether an opt-out adds anything to earlier ones that are in force and were confirmed already.

The law allows one confirmation (47 CFR 64.1200(a)(12)). Only the events since the number was last opened are
read. One of them that covers the new opt-out is enough.
"""

import frappe
from frappe.query_builder import Order
from pypika import Criterion

from school_dialer.compliance.vocabulary import ANY_CHANNEL, CHANNELS, THIS_PURPOSE
from school_dialer.consent.events import GRANT, OPT_IN, OPT_OUT, PERSON_SOURCES, RESCOPE, WRONG_NUMBER
from school_dialer.consent.state import WIDTH

NOT_SENT = "Not Sent"
MOST_READ = 200
"""Earlier opt-outs that are checked, latest first.

Per scope, channel and purpose the latest one is enough, and there are fewer combinations than this.
"""


def confirmed_before(event) -> bool:
	"""Return whether opt-outs in force cover this Consent Event and were confirmed, or are about to be.

	``event`` is the newest event of its number.
	"""
	channels = CHANNELS if event.channel == ANY_CHANNEL else (event.channel,)
	standing = _since_opened(event)
	covering = [[row.name for row in standing if covers(row, event, channel)] for channel in channels]
	if not all(covering):
		return False
	named = {name for names in covering for name in names}
	asked = frappe.get_all("Dialer Notice", {"consent_event": ("in", named)}, pluck="status", order_by="name")
	return any(status != NOT_SENT for status in asked)


def covers(earlier, later, channel: str) -> bool:
	"""Return whether ``earlier`` already stopped everything that ``later`` stops on this channel."""
	if earlier.channel not in (ANY_CHANNEL, channel):
		return False
	if earlier.kind == WRONG_NUMBER:
		return True
	same = earlier.scope != THIS_PURPOSE or (later.scope == THIS_PURPOSE and earlier.purpose == later.purpose)
	return same and WIDTH.get(earlier.scope or "", 0) >= WIDTH.get(later.scope or "", 0)


def _since_opened(event) -> list[frappe._dict]:
	"""Return the number's earlier opt-outs that the person has not lifted or replaced since."""
	table = frappe.qb.DocType("Consent Event")
	earlier = (table.phone == event.phone) & (table.seq < event.seq)
	opened = Criterion.any(
		[
			table.kind.isin((OPT_IN, RESCOPE)),
			(table.kind == GRANT) & table.source.isin(tuple(PERSON_SOURCES)),
		]
	)
	last = (
		frappe.qb.from_(table)
		.select(table.seq)
		.where(earlier & opened)
		.orderby(table.seq, order=Order.desc)
		.limit(1)
		.run(pluck=True)
	)
	stopping = earlier & table.kind.isin((OPT_OUT, WRONG_NUMBER))
	return (
		frappe.qb.from_(table)
		.select(table.name, table.kind, table.channel, table.purpose, table.scope)
		.where(stopping & (table.seq > (last[0] if last else 0)))
		.orderby(table.seq, order=Order.desc)
		.limit(MOST_READ)
		.run(as_dict=True)
	)
