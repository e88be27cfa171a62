"""Change the status of a campaign by one conditional UPDATE, so that of two who press at once one wins."""

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.campaigns import notifications


class WrongState(frappe.ValidationError):
	pass


def move(name: str, target: str, sources: tuple[str, ...] = (), **values) -> None:
	"""Change the status like `try_move`. Raise `WrongState` if the campaign is not in a source status."""
	if not try_move(name, target, sources, **values):
		status = frappe.db.get_value("Dialer Campaign", name, "status")
		throw(
			_("This campaign is {0}. It cannot become {1}.").format(_(status), _(target)),
			WrongState,
			title=_("Not now"),
		)


def try_move(name: str, target: str, sources: tuple[str, ...] = (), **values) -> bool:
	"""Change the status, and set `values` in the same UPDATE. Return True if the campaign was changed.

	The campaign must be in one of `sources`, or without them in any status that may move to `target`. Also
	queues the notification for the change, and forgets that a rule's review paused the campaign, unless that
	is the change. In `values`, `pending_notification` and its actor replace the status and the user in that
	notification. Does not commit.
	"""
	campaign = frappe.qb.DocType("Dialer Campaign")
	query = (
		frappe.qb.update(campaign)
		.set(campaign.status, target)
		.set(campaign.modified, frappe.utils.now())
		.where((campaign.name == name) & campaign.status.isin(sources or states.sources_of(target)))
	)
	what = values.pop("pending_notification", target)
	actor = values.pop("pending_notification_actor", frappe.session.user)
	values = {"paused_by_review": 0, **notifications.pending_fields(what, actor), **values}
	for field, value in values.items():
		query = query.set(campaign[field], value)
	query.run()
	moved = frappe.db.sql("select row_count()")[0][0] > 0
	if moved:
		frappe.clear_document_cache("Dialer Campaign", name)
		notifications.notify_soon(name, target)
	return moved
