"""Whether the carrier's account is a trial: it reaches only numbers that were verified at the carrier (Twilio's error 21608), and each
call begins with a notice of the carrier's own."""

from collections.abc import Iterator

from frappe import _

from school_dialer.settings.checklist_item import FIELD, ChecklistItem


def checklist_items(doc) -> Iterator[ChecklistItem]:
	"""For Dialer Settings, saved or not: one line when the connection was last tested with a trial account."""
	if doc.account_trial:
		yield ChecklistItem(
			_("Trial account"),
			bool(doc.trial_acknowledged),
			_(
				"A trial account reaches only numbers that you verified at the carrier, so families get nothing. Upgrade it and press "
				"Test connection again, or tick the box if that is what you want."
			),
			(FIELD, "trial_acknowledged"),
		)
