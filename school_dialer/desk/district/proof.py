"""API for the Compliance Officer: evidence that outsiders can check, as a file."""

import io

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.without_permission import note_access
from school_dialer.desk import privacy
from school_dialer.desk.support import access
from school_dialer.privacy import pseudonym
from school_dialer.proof_log import export as proof
from school_dialer.proof_log import leaves

MOST_LEAVES = 5_000
"""Of an export in one request. A larger one is made with `bench dialer proof-export`."""
A_MINUTE = 6
DOCTYPES = {
	leaves.CONSENT: "Consent Event",
	leaves.DECISION: "Dialer Call Log",
	leaves.DISCLOSURE: "Dialer Disclosure",
}


@frappe.whitelist(methods=["POST"])
def export(phone: str | None = None, campaign: str | None = None) -> None:
	"""Return the proof about one number or one campaign as export.zip, and log the access.

	Raises PermissionError if it would tell of a student whose record the user may not read, and
	ValidationError if nothing of it is signed yet or it is too large for one request.
	"""
	privacy.only_for_officer()
	access.only_for_district()
	access.not_too_often("proof_export", A_MINUTE)
	if bool(phone) == bool(campaign):
		throw(_("Enter a number, or choose a campaign."))
	evidence = about_number(phone) if phone else about_campaign(campaign)
	if sum(map(len, evidence.names.values())) > MOST_LEAVES:
		throw(
			_("This is more than {0} records. Use the command bench dialer proof-export.").format(MOST_LEAVES)
		)
	privacy.check_children(
		{
			DOCTYPES[kind]: [{"name": name} for name in names]
			for kind, names in evidence.names.items()
			if names
		}
	)
	out = io.BytesIO()
	try:
		proof.write(out, evidence)
	except proof.NothingSigned:
		throw(_("Nothing about this is signed yet. A checkpoint is signed every hour."))
	note_access("Dialer Proof Checkpoint", None, f"Export of proof about {evidence.about}"[:140])
	frappe.response.update({"filename": "export.zip", "filecontent": out.getvalue(), "type": "download"})


def about_number(phone: str) -> proof.Evidence:
	number = access.number(phone)
	return proof.of_number(number, pseudonym.forms([number]))


def about_campaign(campaign: str) -> proof.Evidence:
	access.get_record("Dialer Campaign", campaign).check_permission("read")
	return proof.of_campaign(campaign)
