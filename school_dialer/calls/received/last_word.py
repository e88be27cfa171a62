"""Let the text that a person sent last count, by the carrier's clock.

Webhooks may come in another order than the texts were sent in, since one that is not answered comes again.
The carrier's list has the time of each. STOP counts if it was sent after START or in the same second.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import frappe

from school_dialer.calls.received import texts as received
from school_dialer.carriers.base import ReceivedText
from school_dialer.consent import ledger
from school_dialer.consent.events import EXPIRE, OPT_IN, OPT_OUT, VERIFY, Event, Evidence
from school_dialer.consent.integrity import stream
from school_dialer.consent.lock import number_lock

UNSAID = frozenset({EXPIRE, VERIFY})
"""Kinds of events by which a person says neither that calls stop nor that they start."""
NOTE = "Recorded again: by the carrier's clock it was sent after the other text."


def numbers_to_settle(texts: Sequence[ReceivedText]) -> dict[str, dict[str, datetime]]:
	"""Return when the carrier received the texts with which each number stopped and started calls.

	The times (aware) are by the name of the text's call log.
	"""
	at = {text.sid: text.at for text in texts}
	logs = frappe.get_all(
		"Dialer Call Log",
		{"carrier_sid": ("in", [*at, ""]), "direction": "Inbound", "channel": "Text"},
		["name", "carrier_sid", "phone"],
		order_by="name",
	)
	sent = {log.name: at[log.carrier_sid] for log in logs}
	events = frappe.get_all(
		"Consent Event",
		{
			"phone": ("in", [*{log.phone for log in logs}, ""]),
			"reference_name": ("in", [*sent, ""]),
			"reference_doctype": "Dialer Call Log",
			"source": "Text",
			"kind": ("in", (OPT_OUT, OPT_IN)),
		},
		["phone", "kind", "reference_name"],
		order_by="phone, seq",
	)
	times, kinds = defaultdict(dict), defaultdict(set)
	for event in events:
		times[event.phone][event.reference_name] = sent[event.reference_name]
		kinds[event.phone].add(event.kind)
	return {phone: times[phone] for phone, of_phone in kinds.items() if len(of_phone) > 1}


def settle(number: str, sent: dict[str, datetime]) -> None:
	"""Record a number's last text once more if an earlier one was recorded after it. The caller commits.

	`sent` is as in `numbers_to_settle`. What the person said since in another way stays.
	"""
	with number_lock([number]):
		events = [stream.event_from_row(row) for row in stream.events_of([number])]
		events = [event for event in events if event.kind not in UNSAID]
		texts = [event for event in events if of_text(event) in sent and event.kind in (OPT_OUT, OPT_IN)]
		if not texts or events[-1] is not texts[-1]:
			return
		last = max(texts, key=lambda event: (sent[of_text(event)], event.kind == OPT_OUT))
		if last.kind != texts[-1].kind:
			record_again(last, sent[of_text(last)])


def of_text(event: Event) -> str:
	"""Return the call log of the text that an event was said in, or ""."""
	return (event.evidence.reference_name or "") if event.evidence.source == "Text" else ""


def record_again(event: Event, at: datetime) -> None:
	"""Record a stop as of when it was sent, and a start as of now: it counts after the stop before it."""
	evidence: Evidence = replace(event.evidence, note="\n".join(filter(None, (event.evidence.note, NOTE))))
	if event.kind == OPT_IN:
		received.start(event.phone, evidence)
	else:
		ledger.record_many([replace(event, evidence=evidence, at=at, heard=True)])
