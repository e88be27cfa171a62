"""Take one alert of a feed: make a draft, mark one as outdated, or leave it."""

from hashlib import sha256

import frappe
from frappe import _
from frappe.utils import escape_html

from school_dialer.base import clock, roles
from school_dialer.base.bounds import plain_text
from school_dialer.base.database.rows import insert, stamp
from school_dialer.public_alerts.cap import model
from school_dialer.public_alerts.cap.model import Alert
from school_dialer.public_alerts.incoming import drafts, filters
from school_dialer.schools import rows, staff

RECEIVED = "Dialer Received Alert"
DRAFTED, OUTDATED, WITHDRAWAL = STATES = ("Draft Made", "Outdated", "Withdrawal")


def take(feed, alert: Alert) -> str | None:
	"""Take this alert once. Return the name of the draft that was made, or None. Commits nothing.

	`feed` is a Dialer Alert Feed. What its filters leave out leaves no trace. Raise `BadDocument` for an
	alert from the future, and ValidationError if no draft can be made of it.
	"""
	if not filters.is_current(alert, clock.now()) or is_taken(feed.name, alert):
		return None
	wanted = filters.Wanted(feed.least_severity or "", filters.lines_of(feed.areas))
	replaced = outdate(feed, alert) if alert.kind in (model.UPDATE, model.CANCEL) else 0
	if alert.kind == model.CANCEL:
		if replaced:
			record(feed, alert, WITHDRAWAL)
		return None
	if not alert.infos or not wanted.takes(alert):
		return None
	campaign = drafts.make(feed, alert)
	record(feed, alert, DRAFTED, campaign)
	title = frappe.db.get_value(drafts.CAMPAIGN, campaign, "title")
	tell(_("A public alert made a draft. Nothing is called until you start it: {0}").format(title), campaign)
	return campaign


def key_of(feed: str, sender: str, identifier: str, sent: str) -> str:
	"""Return what an alert is known by. The feed is part of it: another feed may lie about a sender."""
	return sha256("\n".join((feed, sender, identifier, sent)).encode()).hexdigest()[:40]


def is_taken(feed: str, alert: Alert) -> bool:
	key = key_of(feed, alert.sender, alert.identifier, alert.sent)
	return bool(frappe.db.exists(RECEIVED, {"key_digest": key}))


def record(feed, alert: Alert, state: str, campaign: str | None = None) -> None:
	headline = next((info.headline or info.event for info in alert.infos), "")
	insert(
		RECEIVED,
		[
			{
				"name": frappe.generate_hash(length=12),
				**stamp(),
				"feed": feed.name,
				"school": feed.school,
				"state": state,
				"campaign": campaign,
				"headline": plain_text.line(headline, 140),
				"msg_type": alert.kind,
				"severity": alert.severity if alert.infos else None,
				"sender": alert.sender[:140],
				"identifier": alert.identifier[:140],
				"sent": alert.sent,
				"signed": int(bool(feed.certificate)),
				"key_digest": key_of(feed.name, alert.sender, alert.identifier, alert.sent),
			}
		],
	)


def outdate(feed, alert: Alert) -> int:
	"""Mark the drafts outdated of the alerts that this one replaces or takes back. Return how many.

	Only the same sender can do so, in the same feed.
	"""
	keys = [
		key_of(feed.name, reference.sender, reference.identifier, reference.sent)
		for reference in alert.references
		if reference.sender == alert.sender
	]
	issued = frappe.get_all(
		RECEIVED,
		{"key_digest": ("in", [*keys, ""]), "state": DRAFTED},
		["name", "campaign"],
		order_by="creation",
	)
	for row in issued:
		frappe.db.set_value(RECEIVED, row.name, "state", OUTDATED)
		if row.campaign and frappe.db.exists(drafts.CAMPAIGN, row.campaign):
			mark(row.campaign, alert)
	return len(issued)


def mark(campaign: str, alert: Alert) -> None:
	"""Say on the draft, and to the staff, that its alert was replaced or taken back."""
	if alert.kind == model.CANCEL:
		message = _("Outdated: the sender took the alert back. Sent {0}.").format(alert.sent)
	else:
		message = _("Outdated: the sender replaced the alert. Sent {0}.").format(alert.sent)
	if not drafts.mark_outdated(campaign, message):
		message += " " + _("The campaign is no draft any more. Look whether it must be corrected.")
	tell(message, campaign)


def tell(subject: str, campaign: str) -> None:
	users = roles.with_roles(roles.MANAGER, roles.APPROVER)
	readers = rows.readers(users, drafts.CAMPAIGN, campaign)
	staff.alarm_users(readers, escape_html(subject), drafts.CAMPAIGN, campaign)
