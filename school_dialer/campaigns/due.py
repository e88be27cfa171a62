"""Which campaigns have recipients due now, and which campaigns go first."""

import frappe

from school_dialer.base import clock, states
from school_dialer.campaigns.teachers import limits

NEVER = "-"
"""No school has this name: a list in SQL may not be empty."""


def due_campaigns(emergency_only: bool = False) -> list[frappe._dict]:
	"""Return the running campaigns that have recipients due and whose deadline has not passed.

	While an emergency has recipients due, return emergencies only. `emergency_only` always does that. See
	`all_campaigns_due` for the columns of a row.
	"""
	return most_urgent(all_campaigns_due(), emergency_only)


def most_urgent(campaigns: list, emergency_only: bool) -> list:
	"""Return the emergencies if there are any; otherwise all campaigns, or none if `emergency_only`.

	On a channel with corrections due, only they are returned: each of their people has heard what is wrong.
	"""
	emergencies = [campaign for campaign in campaigns if campaign.purpose == "Emergency"]
	if emergencies or emergency_only:
		return emergencies
	corrected = {campaign.channel for campaign in campaigns if campaign.get("corrects")}
	return [
		campaign for campaign in campaigns if campaign.get("corrects") or campaign.channel not in corrected
	]


def all_campaigns_due() -> list[frappe._dict]:
	"""Return the running campaigns that have recipients due, oldest start first.

	Teachers' messages are due only within the hours in which teachers may send (`teachers.limits`).
	A voice campaign with texts due appears a second time, with `channel` "Text" and `fallback` 1: follow-ups,
	or a correction's texts to those who got a text.
	"""
	columns = """name, purpose, template, details, acknowledge, identity_check, emergency_type, requested_by,
		approved_by, asked_digest, most_at_once, spend_limit, audience_source, audience_name, audience_file,
		audience_filters, started_at, resumed_at, school, schools, said_by, teacher,
		corrects, resends"""
	running = """from `tabDialer Campaign` campaign
		where status = 'Running' and (deadline is null or deadline > %(now)s)
		and (ifnull(teacher, '') = '' or ifnull(school, '') not in %(closed)s)"""
	has_due = """exists (select 1 from `tabDialer Recipient`
		where campaign = campaign.name and status in %(waiting)s and not_before <= %(now)s
		and (held_until is null or held_until <= %(now)s)"""
	return frappe.db.sql(
		f"""select {columns}, channel, 0 fallback {running} and {has_due} and channel = campaign.channel)
		union all
		select {columns}, 'Text' channel, 1 fallback {running}
			and (text_fallback = 1 or (corrects > '' and campaign.channel = 'Voice'))
			and {has_due} and channel = 'Text')
		order by started_at""",
		{"waiting": states.WAITING, "now": clock.db_now(), "closed": limits.closed() or (NEVER,)},
		as_dict=True,
	)


def emergencies_to_plan() -> list[str]:
	"""Return the names of approved emergencies that are not fully planned yet, oldest start first.

	The dispatcher plans them itself: on a bench with one busy worker their planning job would wait.
	"""
	rows = frappe.db.sql(
		"""select name from `tabDialer Campaign` where status = 'Preparing' and purpose = 'Emergency'
		order by started_at"""
	)
	return [name for (name,) in rows]


def is_anything_due(emergency_only: bool = False) -> bool:
	"""Return whether a dispatcher has work: recipients that are due, or an emergency to plan."""
	return bool(due_campaigns(emergency_only) or emergencies_to_plan())
