"""What became of a campaign, told to those concerned: it waits for approval, was paused, failed, or is complete.

Each change of status is told once: of two jobs about the same change the second finds what the first wrote.
"""

from datetime import datetime

import frappe
from frappe import _
from frappe.utils import escape_html, get_url_to_form

from school_dialer.dialing import staff, states
from school_dialer.dialing.job import alone, job

CAMPAIGN = "Dialer Campaign"
MOVED = "dialer_campaign_moved"
APPROVER = "Dialer Emergency Approver"
TOLD = (states.AWAITING, states.PAUSED, states.COMPLETED, states.FAILED)


def moved(campaign: str) -> None:
	"""To the forms that show this campaign, once this is committed: look again. They also look by themselves every few seconds."""
	frappe.publish_realtime(MOVED, doctype=CAMPAIGN, docname=campaign, after_commit=True)


def tell_soon(campaign: str, status: str) -> None:
	"""Part of the change of status: queued when it is committed."""
	moved(campaign)
	if status in TOLD:
		frappe.enqueue(
			"school_dialer.dialing.news.tell",
			queue="short" if status == states.AWAITING else "default",
			enqueue_after_commit=True,
			campaign=campaign,
			status=status,
			since=str(frappe.utils.now_datetime()),
			actor=frappe.session.user,
		)


@job
def tell(campaign: str, status: str, since: str, actor: str) -> None:
	"""Job: ``since`` is when the status changed, in the site's time, and ``actor`` who changed it, who is not told."""
	with alone(f"news-{campaign}") as mine:
		if mine and (doc := frappe.db.get_value(CAMPAIGN, campaign, ["*"], as_dict=True)):
			tell_once(doc, status, since, actor)
			frappe.db.commit()


def tell_once(campaign, status: str, since: str | datetime, actor: str) -> set[str]:
	"""Returns the users who are told now."""
	subject = subject_of(campaign, status)
	users = concerned(campaign, status) - {actor} - already_told(campaign.name, subject, since)
	if users:
		staff.notify(users, subject, CAMPAIGN, campaign.name)
		staff.mail(
			users,
			frappe.utils.strip_html(subject),
			message=body(campaign, status),
			reference_doctype=CAMPAIGN,
			reference_name=campaign.name,
		)
	return users


def concerned(campaign, status: str) -> set[str]:
	"""Whoever may see campaigns, and has to do with this one or with what has to be done."""
	roles = {
		states.AWAITING: (APPROVER,),
		states.COMPLETED: (),
		states.PAUSED: (staff.MANAGER,),
		states.FAILED: (staff.MANAGER,),
	}[status]
	users = staff.with_roles(*roles) if roles else set()
	if status == states.AWAITING:
		return users - {campaign.requested_by}
	own = {campaign.owner, campaign.requested_by} - {None, ""}
	return users | (own & staff.with_roles(staff.MANAGER, staff.OFFICER, APPROVER, "System Manager"))


def already_told(campaign: str, subject: str, since: str | datetime) -> set[str]:
	found = frappe.get_all(
		"Notification Log",
		{
			"document_type": CAMPAIGN,
			"document_name": campaign,
			"subject": subject,
			"creation": (">=", since),
		},
		pluck="for_user",
		order_by="name",
		limit_page_length=0,
	)
	return set(found)


def subject_of(campaign, status: str) -> str:
	words = {
		states.AWAITING: _("Emergency waiting for your approval: {0}"),
		states.PAUSED: _("Paused: {0}"),
		states.COMPLETED: _("Finished: {0}"),
		states.FAILED: _("Failed: {0}"),
	}[status]
	return words.format(escape_html(campaign.title))


def body(campaign, status: str) -> str:
	"""The e-mail. The reason of a failure may quote the audience, so it is read in the Desk."""
	said = {
		states.AWAITING: _("A second person has to approve this emergency before anybody is called."),
		states.PAUSED: escape_html(campaign.status_message or ""),
		states.COMPLETED: "",
		states.FAILED: _("Nobody else will be called. The reason is shown on the campaign."),
	}[status]
	results = reached(campaign.name) if status in (states.PAUSED, states.COMPLETED) else ""
	link = f'<a href="{get_url_to_form(CAMPAIGN, campaign.name)}">{_("Open the campaign")}</a>'
	return "".join(f"<p>{line}</p>" for line in (said, results, link) if line)


def reached(campaign: str) -> str:
	counts = dict(
		frappe.db.sql(
			"select status, count(*) from `tabDialer Recipient` where campaign = %s group by status", campaign
		)
	)
	return _("{0} reached, {1} not reached, {2} not called.").format(
		counts.get(states.REACHED, 0),
		counts.get(states.NOT_REACHED, 0),
		counts.get(states.BLOCKED, 0) + counts.get(states.CANCELLED, 0),
	)
