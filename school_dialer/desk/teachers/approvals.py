"""API for managers who decide on teachers' messages, on many at once."""

import frappe
from frappe import _
from frappe.utils import get_fullname

from school_dialer.audience.base import source_of
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.base.roles import MANAGER
from school_dialer.campaigns import actions, teacher_messages
from school_dialer.campaigns.teachers import standing
from school_dialer.desk.support import access, arguments
from school_dialer.messages import store

CAMPAIGN = "Dialer Campaign"
LONGEST_REASON = 500
MOST_AT_ONCE = 100


@frappe.whitelist(methods=["GET"])
def waiting() -> list[dict]:
	"""Return the teachers' messages on which the user may decide, each with its words in every language."""
	access.only_for((MANAGER,))
	rows = teacher_messages.waiting_for_approval()
	held = standing.held_back(rows)
	return [described(frappe.get_doc(CAMPAIGN, row.name), held.get(row.name, "")) for row in rows]


def described(campaign, problem: str) -> dict:
	spoken = [row.language for row in store.template(campaign.template).translations]
	return {
		"name": campaign.name,
		"seen": campaign.asked_digest,
		"title": campaign.title,
		"teacher": get_fullname(campaign.teacher),
		"school": campaign.school,
		"channel": campaign.channel,
		"requested_at": campaign.requested_at,
		"deadline": campaign.deadline,
		"families": source_of(campaign).count().households,
		"messages": teacher_messages.in_words(campaign, spoken),
		"problem": problem,
	}


@frappe.whitelist(methods=["POST"])
def approve(campaigns: str | dict) -> list[dict]:
	"""Approve several messages, each checked by itself. Return `{"campaign", "problem"}` of each.

	`campaigns`: {name: the `seen` that was shown}. A message that changed since then is refused.
	"""
	access.only_for((MANAGER,))
	seen = arguments.read_argument(campaigns, dict)
	refuse_too_many(seen)

	def decide(name: str) -> None:
		access.may("read", CAMPAIGN, name)
		teacher_messages.refuse_unless_teachers(name)
		actions.approve(name, str(seen[name] or ""))

	return teacher_messages.decide_each(list(seen), decide)


@frappe.whitelist(methods=["POST"])
def send_back(campaigns: str | list, reason: str) -> list[dict]:
	"""Send several messages back to their teachers with one reason. Return as `approve` does."""
	access.only_for((MANAGER,))
	names = [str(name) for name in arguments.read_argument(campaigns, list)]
	refuse_too_many(names)
	why = plain_text.line(reason, LONGEST_REASON)
	if not why:
		throw(_("Say why, so that the teacher can put it right."), frappe.MandatoryError)

	def decide(name: str) -> None:
		access.may("read", CAMPAIGN, name)
		teacher_messages.refuse_unless_teachers(name)
		teacher_messages.send_back(name, why)

	return teacher_messages.decide_each(names, decide)


def refuse_too_many(names) -> None:
	if len(names) > MOST_AT_ONCE:
		throw(_("Choose {0} messages at most.").format(MOST_AT_ONCE))
