"""What a reconcile found, and what no one can know any more."""

import frappe
from frappe import _
from frappe.utils import format_datetime

from school_dialer.base import states
from school_dialer.campaigns.standstill import may_have_been_called
from school_dialer.proof_log import restart
from school_dialer.recovery import opt_outs


def counts(name: str) -> dict[str, int]:
	"""Return the counts of a Dialer Restore, from what is on record, so that a repeated reconcile agrees."""
	started, creation = frappe.db.get_value("Dialer Restore", name, ["noticed_at", "creation"])
	logs = {"adopted": 1, "restored": name}
	text_logs = """select count(*) from `tabDialer Call Log`
		where direction = 'Inbound' and channel = 'Text' and creation >= %s"""
	return {
		"calls_adopted": frappe.db.count("Dialer Call Log", {**logs, "channel": "Voice"}),
		"texts_adopted": frappe.db.count("Dialer Call Log", {**logs, "channel": "Text"}),
		"unmatched": frappe.db.count("Dialer Call Log", {**logs, "campaign": ("is", "not set")}),
		"kept_back": frappe.db.count(
			"Dialer Recipient",
			{
				"status": states.NOT_REACHED,
				"outcome": may_have_been_called(),
				"modified": (">=", started),
			},
		),
		"opt_outs_journal": frappe.db.count(
			"Consent Event", {"source": opt_outs.SOURCE, "reference_name": name}
		),
		"opt_outs_receipts": frappe.db.count(
			"Consent Event", {"source": opt_outs.RECEIPT, "reference_name": name}
		),
		"opt_outs_texts": of_events("Text", started),
		"opt_outs_carrier": of_events("Carrier", started),
		"texts_received": frappe.db.sql(text_logs, creation)[0][0],
		"campaigns_stopped": frappe.db.count("Dialer Campaign", {"status": states.PAUSED}),
	}


def of_events(source: str, since) -> int:
	kinds = ("Opt Out", "Wrong Number")
	return frappe.db.count(
		"Consent Event", {"source": source, "kind": ("in", kinds), "effective_at": (">=", since)}
	)


def unknown(doc) -> list[str]:
	"""Return what cannot be known, one sentence each."""
	begin = format_datetime(doc.known_until) if doc.known_until else _("the beginning")
	lines = [
		_("From {0} to {1} the database has no record of its own.").format(
			begin, format_datetime(doc.noticed_at)
		),
		_(
			"Keys that people pressed in calls of that time are not known to the carrier. An opt-out by key "
			"is known only from the journal; answers to questions are lost."
		),
		_("E-mails, tickets, and what staff entered in that time are lost. Ask staff what they recorded."),
		_(
			"An opt-out that none of these sources has is known to the family alone. A signed receipt of it "
			"counts again, here with Enter a Receipt, or on the page /dialer-receipt."
		),
		_("What was said in an answered call, and whether it was heard to its end, is not known."),
	]
	if restart.is_due():
		lines.append(
			_(
				"Checkpoints of the proof log that were signed in that time may be lost. When Safe mode "
				"ends, the log goes on under another name, with an entry that says so."
			)
		)
	if doc.unmatched:
		lines.append(
			_(
				"{0} calls and texts belong to no campaign on record. Their campaigns were made in that time."
				" Before you make such a campaign again, look at these calls: the same families would be "
				"called again."
			).format(doc.unmatched)
		)
	if doc.kept_back:
		lines.append(
			_("{0} people may have been called, which cannot be excluded. They are not called again.").format(
				doc.kept_back
			)
		)
	if doc.journal_refused or doc.journal_gaps:
		lines.append(
			_(
				"The journal of opt-outs is damaged: {0} lines were refused, and in {1} places lines are "
				"missing. Opt-outs may be lost."
			).format(doc.journal_refused, doc.journal_gaps)
		)
	return lines
