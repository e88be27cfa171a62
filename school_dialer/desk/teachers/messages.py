"""API for teachers who send messages to their own groups.

A teacher has no right on any record of the app: these methods are the only way in, and each checks the role,
the group, and that a message is the user's own.
"""

import frappe
from frappe import _

from school_dialer.base.database.transactions import retried
from school_dialer.base.refusal import throw
from school_dialer.base.roles import MANAGER, TEACHER
from school_dialer.campaigns import teacher_messages
from school_dialer.campaigns.teacher_messages import MessageRequest
from school_dialer.campaigns.teachers import groups, limits, plain_details, results, words
from school_dialer.desk.support import access, arguments
from school_dialer.messages import store
from school_dialer.reporting.reach.students import last_reached

LONGEST_FORM = 20_000
PREVIEWS_A_MINUTE, SENDS_A_MINUTE = 60, 10


@frappe.whitelist(methods=["GET"])
def overview() -> dict:
	"""Return what the user's page begins with.

	`groups`, each with its school's language, and `templates` are the teacher's choices, `sent` and `most`
	today's count and limit, and `approves` says whether the user decides on the messages of teachers.
	"""
	access.only_for((TEACHER, MANAGER))
	mine = frappe.get_roles()
	teacher = TEACHER in mine
	user = frappe.session.user
	own_groups = groups.of_teachers([user]) if teacher else []
	begins, ends = limits.hours()
	return {
		"teacher": teacher,
		"approves": MANAGER in mine,
		"groups": [
			{
				"name": group.name,
				"title": group.title,
				"language": store.school(group.school).language,
				"templates": words.offered(group.school),
			}
			for group in own_groups
		],
		"templates": templates({name for group in own_groups for name in words.offered(group.school)}),
		"sent": max(
			(limits.sent_today(user, school) for school in {group.school for group in own_groups}), default=0
		),
		"most": limits.a_day(),
		"hours": [begins.strftime("%H:%M"), ends.strftime("%H:%M")],
		"needs_approval": limits.needs_approval(),
		"longest": plain_details.LONGEST,
	}


def templates(names: set[str]) -> list[dict]:
	shown = []
	for name in sorted(names):
		template = store.template(name)
		shown.append(
			{
				"name": name,
				"title": template.name,
				"channels": [
					label for label, has in (("Voice", template.voice), ("Text", template.text)) if has
				],
				"details": words.has_details(template),
				"languages": [row.language for row in template.translations],
			}
		)
	return shown


@frappe.whitelist(methods=["POST"])
def preview(
	group: str, template: str, channel: str, details: str = "", details_in: str | dict | None = None
) -> dict:
	"""Return what families of this group would hear or read; see `teacher_messages.preview`."""
	access.only_for((TEACHER,))
	access.not_too_often("teacher's preview", PREVIEWS_A_MINUTE)
	asked = MessageRequest(group, template, channel, details, languages(details_in))
	return teacher_messages.preview(frappe.session.user, asked)


@frappe.whitelist(methods=["POST"])
def send(
	group: str, template: str, channel: str, details: str = "", details_in: str | dict | None = None
) -> str:
	"""Send the message, or ask for its approval. Return the campaign's name."""
	access.only_for((TEACHER,))
	access.not_too_often("teacher's message", SENDS_A_MINUTE)
	return teacher_messages.send(MessageRequest(group, template, channel, details, languages(details_in)))


@frappe.whitelist(methods=["GET"])
def mine() -> list[dict]:
	"""Return the user's own messages with their counts; see `teachers.results`."""
	access.only_for((TEACHER,))
	return results.messages_of(frappe.session.user)


@frappe.whitelist(methods=["GET"])
def result(campaign: str) -> dict:
	"""Return the names of the user's students whose families were reached and not reached."""
	access.only_for((TEACHER,))
	teacher_messages.refuse_others(campaign)
	return results.students_of(frappe.session.user, campaign)


@frappe.whitelist(methods=["GET"])
def reach(group: str) -> list[dict]:
	"""Return {"student": full name, "reached_on": date or None} for the students of an own group.

	Those whose families were reached longest ago come first. It does not say by whom, how, or why not.
	"""
	access.only_for((TEACHER,))
	if not groups.find(frappe.session.user, group):
		throw(_("This is not one of your groups."), frappe.PermissionError)
	return last_reached(groups.students(group))


@frappe.whitelist(methods=["POST"])
def stop(campaign: str) -> int:
	"""Take an own message back, or stop it. Return how many families were still waiting."""
	access.only_for((TEACHER,))
	teacher_messages.refuse_others(campaign)
	return retried(lambda: teacher_messages.stop(campaign))


def languages(details_in: str | dict | None) -> dict[str, str]:
	return {
		str(language): str(text or "")
		for language, text in arguments.read_argument(details_in or {}, dict, LONGEST_FORM).items()
	}
