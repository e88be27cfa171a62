"""Mail checkpoints to a witness: a mailbox outside of the school's reach, which keeps what was signed."""

from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.database.rows import update_each
from school_dialer.proof_log import checkpoints, store
from school_dialer.schools import staff

HOURLY, DAILY = "Each Checkpoint", "Once a Day"
A_DAY = timedelta(hours=23, minutes=30)


def mail_newest() -> bool:
	"""Queue a mail with the newest checkpoint to the witness, if one is due. The caller commits.

	Returns whether a mail was queued. Does nothing without a witness, on a site that cannot send mail, and
	for a checkpoint that was mailed.
	"""
	settings = frappe.get_cached_doc("Dialer Settings")
	address = (settings.witness_email or "").strip()
	newest = checkpoints.newest()
	if not address or not newest or not staff.can_send() or not is_due(settings.witness_mails, newest.seq):
		return False
	frappe.sendmail(
		recipients=[address],
		subject=_("Checkpoint {0} of the proof log of {1}").format(newest.seq, frappe.local.site),
		message=words(newest),
		attachments=[{"fname": f"checkpoint-{newest.seq}.txt", "fcontent": newest.note}],
	)
	update_each(store.CHECKPOINT, {checkpoints.name_of(newest.seq): {"mailed_at": clock.db_now()}})
	return True


def is_due(mails: str | None, seq: int) -> bool:
	"""Return whether this checkpoint is to be mailed now."""
	query = "select max(mailed_at), max(if(mailed_at is null, 0, seq)) from `tabDialer Proof Checkpoint`"
	last, last_seq = frappe.db.sql(query)[0]
	if last is None:
		return True
	return seq > last_seq and (mails != DAILY or clock.db_now() - last >= A_DAY)


def words(newest: checkpoints.Stored) -> str:
	"""Return the mail's text, as HTML. The checkpoint holds no personal data."""
	escape = frappe.utils.escape_html
	explained = _(
		"Please keep this mail. The lines below are the signed state of the school's record of consents, "
		"calls and disclosures. They prove later that nothing before them was changed."
	)
	return f"<p>{escape(explained)}</p><pre>{escape(newest.note)}</pre><p>{escape(newest.public_key)}</p>"
