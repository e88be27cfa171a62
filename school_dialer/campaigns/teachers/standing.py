"""Whether teachers' messages may still go out: asked at the request, at approval, and before each chunk.

In sets: a fixed number of queries, however many messages there are, and none where no message is a teacher's.
"""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe import _

from school_dialer.audience.guardians import StudentGroupGuardians
from school_dialer.base import states
from school_dialer.base.refusal import throw
from school_dialer.base.roles import MANAGER, TEACHER, with_roles
from school_dialer.campaigns.teachers import groups, limits, words
from school_dialer.messages import store
from school_dialer.schools import registry, users

GUARDIANS = StudentGroupGuardians.label


def approver_of(campaign: Any) -> str | None:
	"""Return the role that approves this teacher's message, or None if it needs no approval."""
	waits = campaign.get("status") == states.AWAITING or campaign.get("asked_digest")
	return MANAGER if waits or limits.needs_approval() else None


def check(campaign: Any) -> None:
	"""Raise ValidationError if this is a teacher's message that may not go out, or not any more."""
	if reason := held_back([campaign]).get(campaign.name):
		throw(reason)


def held_back(campaigns: Iterable[Any]) -> dict[str, str]:
	"""Return {campaign: why it may not go out} for those of these that are a teacher's and may not.

	A campaign is a document or a row with name, teacher, audience_source, audience_name, template and
	purpose, and in a district with school.
	"""
	theirs = [campaign for campaign in campaigns if campaign.get("teacher")]
	if not theirs:
		return {}
	teachers = {campaign.teacher for campaign in theirs}
	active = with_roles(TEACHER, among=teachers)
	taught = {
		(group.teacher, group.name): group
		for group in groups.of_teachers(
			active, {campaign.audience_name for campaign in theirs if campaign.audience_name}
		)
	}
	usable = usable_templates({campaign.template for campaign in theirs})
	reasons = {campaign.name: reason(campaign, active, taught, usable) for campaign in theirs}
	return {name: why for name, why in reasons.items() if why}


def reason(campaign: Any, active: set[str], taught: dict, usable: set[str]) -> str:
	if campaign.teacher not in active:
		return _("The teacher may not send messages any more.")
	group = (
		taught.get((campaign.teacher, campaign.audience_name))
		if campaign.audience_source == GUARDIANS
		else None
	)
	if group is None:
		return _("The teacher does not teach this group any more.")
	if campaign.template not in usable or campaign.purpose not in words.PURPOSES:
		return _("Teachers may not use this message any more.")
	if registry.is_district() and not of_school(group, campaign):
		return _("The group does not belong to the teacher's school any more.")
	return ""


def of_school(group: groups.Group, campaign: Any) -> bool:
	school = campaign.get("school") or ""
	return school == group.school and users.may_act_for(school, campaign.teacher)


def usable_templates(names: Iterable[str]) -> set[str]:
	"""Return those of these messages that are still marked Teachers May Use."""
	marked = frappe.get_all(
		store.TEMPLATE,
		{"name": ("in", sorted(filter(None, names))), "teachers_may_use": 1},
		pluck="name",
		order_by="name",
	)
	return set(marked)
