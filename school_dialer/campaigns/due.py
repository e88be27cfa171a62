"""Which campaigns have recipients due now, and which campaigns go first."""

import frappe

from school_dialer import clock, states


def due_campaigns(emergency_only: bool = False) -> list[frappe._dict]:
	"""Return the running campaigns that have recipients due and whose deadline has not passed.

	While an emergency has recipients due, return emergencies only. `emergency_only` always does that. See
	`all_campaigns_due` for the columns of a row.
	"""
	return most_urgent(all_campaigns_due(), emergency_only)


def most_urgent(campaigns: list, emergency_only: bool) -> list:
	"""Return the emergencies if there are any; otherwise all campaigns, or none if `emergency_only`."""
	emergencies = [one for one in campaigns if one.purpose == "Emergency"]
	return emergencies or ([] if emergency_only else campaigns)


def all_campaigns_due() -> list[frappe._dict]:
	"""Return the running campaigns that have recipients due, oldest start first.

	A voice campaign with follow-up texts due appears a second time, with `channel` "Text" and `fallback` 1.
	"""
	columns = """name, purpose, template, details, acknowledge, emergency_type, requested_by, approved_by,
		asked_digest, most_at_once, spend_limit, audience_source, audience_name, audience_file,
		audience_filters, started_at, resumed_at"""
	running = """from `tabDialer Campaign` campaign
		where status = 'Running' and (deadline is null or deadline > %(now)s)"""
	has_due = """exists (select 1 from `tabDialer Recipient`
		where campaign = campaign.name and status in %(waiting)s and not_before <= %(now)s"""
	return frappe.db.sql(
		f"""select {columns}, channel, 0 fallback {running} and {has_due} and channel = campaign.channel)
		union all
		select {columns}, 'Text' channel, 1 fallback {running} and text_fallback = 1
			and {has_due} and channel = 'Text')
		order by started_at""",
		{"waiting": states.WAITING, "now": clock.db_now()},
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
