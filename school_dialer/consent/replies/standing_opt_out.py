"""Whether an opt-out adds anything to earlier ones that are in force and were confirmed already.

The law allows one confirmation (47 CFR 64.1200(a)(12)). Only the events since the number was last opened are
read. One of them that covers the new opt-out is enough.
"""

from itertools import takewhile

import frappe

from school_dialer.compliance.vocabulary import ANY_CHANNEL, CHANNELS
from school_dialer.consent.events import GRANT, OF_ONE, OPT_IN, OPT_OUT, PERSON_SOURCES, RESCOPE, WRONG_NUMBER
from school_dialer.consent.replies.confirmation_requests import BY_CARRIER
from school_dialer.consent.state import WIDTH

NOT_SENT = "Not Sent"
STOPPING = (OPT_OUT, WRONG_NUMBER)
MOST_READ = 200
"""Earlier opt-outs that are checked, latest first.

Per scope, channel and purpose the latest one is enough, and there are fewer combinations than this.
"""


def confirmed_before(event) -> bool:
	"""Return whether opt-outs in force cover this Consent Event and were confirmed, or are about to be.

	``event`` is the newest event of its number.
	"""
	if event.seq == 1:
		return False
	channels = CHANNELS if event.channel == ANY_CHANNEL else (event.channel,)
	standing = _since_opened(event)
	covering = [[row.name for row in standing if covers(row, event, channel)] for channel in channels]
	if not all(covering):
		return False
	named = {name for names in covering for name in names}
	if any(row.name in named and row.note == BY_CARRIER for row in standing):
		return True
	asked = frappe.get_all("Dialer Notice", {"consent_event": ("in", named)}, pluck="status", order_by="name")
	return any(status != NOT_SENT for status in asked)


def covers(earlier, later, channel: str) -> bool:
	"""Return whether ``earlier`` already stopped everything that ``later`` stops on this channel."""
	if earlier.channel not in (ANY_CHANNEL, channel):
		return False
	if earlier.kind == WRONG_NUMBER:
		return True
	if earlier.scope in OF_ONE:
		return earlier.scope == later.scope and earlier.purpose == later.purpose
	return WIDTH.get(earlier.scope or "", 0) >= WIDTH.get(later.scope or "", 0)


def _since_opened(event) -> list[frappe._dict]:
	"""Return the number's earlier opt-outs that the person has not lifted or replaced since, latest first."""
	rows = frappe.db.sql(
		"""select name, kind, channel, purpose, scope, note from `tabConsent Event`
		where phone = %(phone)s and seq < %(seq)s and (kind in %(stopping)s or kind in %(opening)s
			or (kind = %(grant)s and source in %(by_person)s))
		order by seq desc limit %(most)s""",
		{
			"phone": event.phone,
			"seq": event.seq,
			"stopping": STOPPING,
			"opening": (OPT_IN, RESCOPE),
			"grant": GRANT,
			"by_person": tuple(PERSON_SOURCES),
			"most": MOST_READ,
		},
		as_dict=True,
	)
	return list(takewhile(lambda row: row.kind in STOPPING, rows))
