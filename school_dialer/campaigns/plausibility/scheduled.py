"""At its scheduled start a campaign is looked at once more: no one sat before it since it was scheduled."""

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.campaigns.approval import seal
from school_dialer.campaigns.plausibility import questions
from school_dialer.campaigns.transitions import try_move


def held(name: str) -> bool:
	"""Return whether something is asked now that was not when the campaign was scheduled. Does not commit.

	Such a campaign is paused, or waits for a second person, and the staff is notified. Resuming it confirms
	what is asked.
	"""
	campaign = frappe.get_doc("Dialer Campaign", name)
	asked = questions.at_scheduled_start(campaign)
	if not asked:
		return False
	new = "\n".join(question["sentence"] for question in questions.rows_of(asked) if not question["by"])
	if asked.second_person:
		message = _("It was not started. A second person has to look at this:")
		request = {"requested_at": clock.db_now(), **seal.fields(name, (), asked.keys)}
		return try_move(
			name,
			states.AWAITING,
			started_at=None,
			status_message=f"{message}\n{new}",
			**request,
			**asked.fields,
		)
	message = _("It was not started. Press Resume if this is right, or cancel it:")
	return try_move(name, states.PAUSED, status_message=f"{message}\n{new}", **asked.fields)
