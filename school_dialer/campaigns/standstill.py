"""Let campaigns stand still in maintenance and Safe mode, and keep back whom they may have called before."""

from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.base import clock, roles, states
from school_dialer.campaigns import notifications
from school_dialer.campaigns.transitions import try_move
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.continuity import decision, maintenance, marks, safe_mode, watch
from school_dialer.schools import staff
from school_dialer.settings import host_proof

BY_RULES = timedelta(hours=36)
"""For so long a rule may make the campaign again that it had made before the restore."""


def may_have_been_called() -> str:
	"""Return the outcome of a recipient who is kept back."""
	return _("may have been called before the restore")


def stand_still() -> bool:
	"""Pause every running campaign that Safe mode stops, with the reason. Commits.

	Returns whether nothing may be dialed now, as in maintenance, after which campaigns go on by themselves.
	Begins Safe mode if a restore shows only now.
	"""
	if maintenance.is_on():
		return True
	frappe.db.rollback()
	finding = decision.CONTINUES
	if not safe_mode.current():
		finding = watch.finding()
		if finding == decision.UNPROVEN and host_proof.settle():
			finding = watch.finding()
		if finding in decision.STOPPING:
			safe_mode.enter(finding, marks.seen(watch.is_simulated()))
	mode = safe_mode.current()
	if mode:
		for name, purpose in frappe.db.sql(
			"select name, purpose from `tabDialer Campaign` where status = 'Running' order by name"
		):
			if not (mode.emergencies and purpose == EMERGENCY):
				try_move(name, states.PAUSED, status_message=safe_mode.sentence(mode.cause))
	frappe.db.commit()
	if mode:
		return not mode.emergencies
	return finding in decision.WAITING and not _emergencies_run()


def read_outage() -> bool:
	"""Read what people said in an outage, and return whether campaigns may go on.

	Those that wait for it say so. Do not call it for an emergency: the carrier may take long to answer, and
	the usual STOP stops no emergency. Commits.
	"""
	frappe.db.commit()
	done = all([frappe.get_attr(path)() for path in frappe.get_hooks("dialer_before_dialing")])
	words = _("Waits until what families said while the site did not answer is read from the carrier.")
	under_way = {"status": ("in", (states.PREPARING, states.RUNNING)), "purpose": ("!=", EMERGENCY)}
	shown = {**under_way, "status_message": words if done else ("is", "not set")}
	if frappe.db.exists("Dialer Campaign", shown):
		frappe.db.set_value(
			"Dialer Campaign", shown, "status_message", None if done else words, update_modified=False
		)
	frappe.db.commit()
	return done


def go_on() -> None:
	"""Alarm staff once when a maintenance has ended in which something stood still (step of the tick).

	Campaigns go on by themselves. Of an emergency that was due, its approvers hear too. In Safe mode, and
	until a new host has proven itself, it has not ended: nothing goes on yet. Commits.
	"""
	began = maintenance.since()
	if not began or watch.stands_still():
		return
	since = clock.to_db(datetime.fromisoformat(began))
	subject = _(
		"Maintenance is over. Since {0} nothing was called or texted, emergencies included. Calls go on now: "
		"look at what came too late."
	).format(frappe.format(since, "Datetime"))
	staff.alarm(roles.MANAGER, subject)
	maintenance.forget()
	late = frappe.get_all(
		"Dialer Campaign",
		{"purpose": EMERGENCY, "status": ("in", (states.PREPARING, states.RUNNING))},
		pluck="name",
		order_by="started_at",
	)
	frappe.db.commit()
	for name in late:
		notifications.trouble(name, subject)
		frappe.db.commit()
	staff.mail(staff.with_roles(roles.MANAGER), subject, message=f"<p>{subject}</p>")
	frappe.db.commit()


def _emergencies_run() -> bool:
	return bool(frappe.db.exists("Dialer Campaign", {"status": states.RUNNING, "purpose": EMERGENCY}))


def keep_back(campaign) -> None:
	"""Keep planned recipients of this campaign back whom it may have called in the time that a restore lost.

	Calls and texts that the carrier knows and that belong to no campaign on record may be those of a campaign
	that the backup has as not yet begun, or of a rule that made its campaign then. In an emergency, hearing
	the message twice is better than not at all.
	"""
	lately = {"creation": (">=", campaign.creation - BY_RULES)}
	if campaign.purpose == EMERGENCY or not frappe.db.exists("Dialer Restore", lately):
		return
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Call Log` log on log.phone = recipient.phone and log.channel = recipient.channel
		join `tabDialer Restore` restored on restored.name = log.restored
		set recipient.status = %(not_reached)s, recipient.outcome = %(outcome)s, recipient.claim = null,
			recipient.modified = %(now)s
		where recipient.campaign = %(campaign)s and recipient.status in %(waiting)s
		and log.adopted = 1 and log.campaign is null
		and (%(creation)s <= restored.creation
			or (%(rule)s != '' and %(creation)s <= restored.creation + interval %(hours)s hour))""",
		{
			"not_reached": states.NOT_REACHED,
			"outcome": may_have_been_called(),
			"now": clock.db_now(),
			"campaign": campaign.name,
			"waiting": states.WAITING,
			"creation": campaign.creation,
			"hours": BY_RULES.total_seconds() / 3600,
			"rule": campaign.get("rule") or "",
		},
	)
