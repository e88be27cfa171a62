"""The end of a campaign: when it is completed, and which follow-ups are owed before."""

import frappe

from school_dialer.audience.corrected import hearers
from school_dialer.base import clock, states
from school_dialer.campaigns import retries
from school_dialer.campaigns.queues import enqueue_fallback, enqueue_manual_calls
from school_dialer.campaigns.transitions import try_move
from school_dialer.compliance.vocabulary import OPTED_OUT
from school_dialer.consent import corrections

FALLBACK_TEXTS = "left join `tabDialer Recipient` text on text.fallback_of = orig.name"
UNREACHED = """orig.status in ('Not Reached', 'Blocked') and (orig.status = 'Not Reached' or (
	campaign.resends > '' and campaign.text_fallback = 1
	and orig.reasons like '%%CONSENT%%' and orig.phone like '+%%'))"""
"""Recipients whom no call reached. Of those who are tried again it is also who may not be called for want of
consent: they may have agreed to texts. What follows asks the gate about each."""
WANTS_TEXT = (
	"(campaign.text_fallback = 1 and ifnull(orig.fallback_of, '') = '' and ifnull(orig.fallback, '') = '')"
)
WANTS_MAIL = """(campaign.email_fallback = 1 and ifnull(orig.fallback_of, '') = ''
	and ((campaign.text_fallback = 0 and ifnull(orig.fallback, '') = '') or orig.fallback = 'No Text'
	or (orig.fallback = 'Text' and text.status in ('Blocked', 'Not Reached'))))"""
"""SQL conditions for follow-ups that are still owed.

They refer to `campaign`, to `orig` (a recipient of `UNREACHED`), and to `text` (its follow-up text,
joined by `FALLBACK_TEXTS`).
"""


def complete_if_done(name: str) -> bool:
	"""Complete the campaign if no recipient is waiting, in a call, or in an unknown state.

	Return True if it was completed. If a follow-up text or email is still owed, enqueue that job instead; so
	for a correction that lacks someone. A campaign that is being corrected has its correction look again.
	While staff may still undo the opt-out of one of its families, it waits: the tick asks again.
	"""
	for correction in frappe.get_all(
		"Dialer Campaign", {"corrects": name, "status": states.RUNNING}, pluck="name", order_by="name"
	):
		hearers.enqueue_late(correction)
	still_open = frappe.db.sql(
		"select name from `tabDialer Recipient` where campaign = %s and status in %s limit 1",
		(name, states.OPEN),
	)
	if still_open:
		return False
	corrects = frappe.db.get_value("Dialer Campaign", {"name": name, "status": states.RUNNING}, "corrects")
	if corrects and hearers.is_owed(name, corrects):
		hearers.enqueue_late(name)
		return False
	if fallback_owed(name):
		enqueue_fallback(name)
		return False
	if may_be_given_back(name):
		return False
	completed = try_move(name, states.COMPLETED, ended_at=clock.db_now())
	if completed:
		enqueue_manual_calls(name)
	return completed


def may_be_given_back(name: str) -> bool:
	"""Return True if staff may still undo, as a wrong click, an opt-out that keeps a recipient from its call.

	It blocked the recipient, or left it with other numbers, which were called in vain. An undone one is
	called after all (`revocation.on_opt_out_undone`), which an ended campaign never does.
	"""
	phones = corrections.numbers_to_undo()
	if not phones:
		return False
	blocked = {"campaign": name, "status": states.BLOCKED, "phone": ("in", phones)}
	blocked["reasons"] = ("like", f"%{OPTED_OUT}%")
	return bool(frappe.db.exists("Dialer Recipient", blocked)) or retries.is_left(name, phones)


def fallback_owed(name: str) -> bool:
	"""Return True if a household that no call reached is still owed the campaign's text or email."""
	return bool(
		frappe.db.sql(
			f"""select orig.name from `tabDialer Campaign` campaign
			join `tabDialer Recipient` orig on orig.campaign = campaign.name and {UNREACHED}
			{FALLBACK_TEXTS} where campaign.name = %(name)s and campaign.status = 'Running'
			and (campaign.deadline is null or campaign.deadline > %(now)s)
			and ({WANTS_TEXT} or {WANTS_MAIL}) limit 1""",
			{"name": name, "now": clock.db_now()},
		)
	)
