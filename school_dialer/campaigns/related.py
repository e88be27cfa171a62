"""How campaigns belong together: the correction of one, and those that try one again."""

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.campaigns.transitions import WrongState

CAMPAIGN = "Dialer Campaign"
UNDONE = (states.CANCELLED, states.FAILED)
"""The states of a correction that corrects nothing any more."""
CORRECTION = """select correction.name from `tabDialer Campaign` correction
	where correction.corrects in (campaign.name, nullif(campaign.resends, ''))
	and correction.status not in %(undone)s"""
"""SQL: the corrections of what this `campaign` said, or says again. Its value is `UNDONE`."""
IS_CORRECTED = f"exists ({CORRECTION})"


def campaigns_of(first: str) -> tuple[str, ...]:
	"""Return the campaign and all that try it again, with what a canceled one had said before."""
	again = frappe.get_all(CAMPAIGN, {"resends": first}, pluck="name", order_by="creation")
	return (first, *again)


def first_of(campaign) -> str:
	"""Return the campaign that this one tries again, or the campaign itself.

	To try again what was tried again goes back to the first: its people are all whom it meant.
	"""
	return campaign.get("resends") or campaign.name


def refuse_what_was_wrong(*names: str) -> None:
	"""Raise ValidationError if what one of these campaigns said is corrected: it is not said again."""
	if why := why_wrong(*names):
		throw(why, WrongState)


def why_wrong(*names: str) -> str:
	"""Return that what one of these campaigns said is corrected, or ""."""
	other = next(filter(None, map(correction_of, dict.fromkeys(names))), None)
	sentence = _("This message was wrong, and is corrected by {0}. It is not said again.")
	return sentence.format(other.title) if other else ""


def correction_of(name: str) -> frappe._dict | None:
	"""Return the correction of this campaign that stands: name, title, status, started_at. None if none."""
	rows = frappe.get_all(
		CAMPAIGN,
		{"corrects": name, "status": ("not in", UNDONE)},
		["name", "title", "status", "started_at"],
		order_by="creation desc",
		limit=1,
	)
	return rows[0] if rows else None
