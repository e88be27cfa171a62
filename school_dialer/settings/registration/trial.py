"""Whether the carrier account is a trial account.

A trial account reaches only numbers that were verified at the carrier (Twilio's error 21608), and each call
begins with the carrier's own notice.
"""

from collections.abc import Iterator

from frappe import _

from school_dialer.settings.checklist_item import FIELD, ChecklistItem


def checklist_items(doc) -> Iterator[ChecklistItem]:
	"""Yield one item if the last connection test found a trial account. `doc` may be unsaved."""
	if doc.account_trial:
		yield ChecklistItem(
			_("Trial account"),
			bool(doc.trial_acknowledged),
			_(
				"A trial account reaches only numbers that you verified at the carrier, so families get "
				"nothing. Upgrade it and press Test connection again, or tick the box if that is what you "
				"want."
			),
			(FIELD, "trial_acknowledged"),
		)
