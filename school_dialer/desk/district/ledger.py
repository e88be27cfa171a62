"""API for the Compliance Officer: is the ledger of consent, and the proof log, as it was written?"""

from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.consent.integrity import verify
from school_dialer.desk import privacy
from school_dialer.desk.support import access
from school_dialer.proof_log import check

MOST_EVENTS = 1_000_000
"""Of one request, which take about half a minute."""
SHOWN = 20
A_MINUTE = 6


@frappe.whitelist(methods=["POST"])
def verify_ledger() -> dict:
	"""Verify all events, anchors, and the proof log. Changes nothing.

	Returns what was read (`events`, `phones`, `anchors`, `entries`, `checkpoints`), `problems` in sentences,
	the first SHOWN of them, and `count`, how many there are. Numbers are masked.
	"""
	privacy.only_for_officer()
	access.only_for_district()
	access.not_too_often("verify_ledger", A_MINUTE)
	if frappe.db.count("Consent Event") > MOST_EVENTS:
		throw(
			_("There are more than {0} events. Use the command bench dialer verify-ledger.").format(
				f"{MOST_EVENTS:,}"
			)
		)
	report, log = verify.verify_ledger(), check.examine()
	problems = list(sentences(report, log))
	return {
		"events": report.events,
		"phones": report.phones,
		"anchors": report.anchors,
		"entries": log.leaves,
		"checkpoints": log.checkpoints,
		"problems": problems[:SHOWN],
		"count": len(problems),
	}


def sentences(report: verify.Report, log: check.Report) -> Iterator[str]:
	for problem in report.problems:
		yield _("Event {0} of {1}: {2}.").format(
			problem.seq, mask(problem.phone), what_happened(problem.kind)
		)
	for unsigned in report.findings:
		yield _("Nightly signature {0}: {1}").format(unsigned.anchor, unsigned.detail)
	for finding in log.findings:
		yield _("Proof log, {0}: {1}").format(finding.where, finding.detail)


def what_happened(kind: str) -> str:
	return {
		"edited": _("it was changed"),
		"deleted": _("it was deleted"),
		"inserted": _("it was put in"),
		"re-ordered": _("it stands in another order"),
		"unchecked": _("it cannot be checked, since its key is missing"),
	}.get(kind, kind)
