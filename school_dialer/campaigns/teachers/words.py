"""Which messages teachers may use, and what they may add to them.

Events and general matters only. Attendance, grades and fees are true of single students and not of a group,
and their records are the office's; fund-raising needs a consent of its own; an emergency needs a second
person with the role for it. A question's answers would be about single families too.
"""

import frappe
from frappe import _

from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.campaigns.teachers import plain_details
from school_dialer.campaigns.teachers.groups import students
from school_dialer.messages import catalogue, linter, store
from school_dialer.messages.details import DETAILS
from school_dialer.messages.errors import TemplateError
from school_dialer.messages.field import EDUCATIONAL
from school_dialer.messages.model import Template
from school_dialer.messages.sensitivity import record_words, student_records
from school_dialer.messages.sensitivity.topics import topics_of
from school_dialer.schools import registry

PURPOSES = ("Event", "General")


def check_template(doc) -> None:
	"""Raise ValidationError for a message marked Teachers May Use that teachers may not use."""
	if doc.teachers_may_use and not suits(store.from_doc(doc)):
		throw(
			_(
				"{0}: only for messages about an event or in general that ask nothing and reveal nothing of "
				"a student's records."
			).format(_(doc.meta.get_label("teachers_may_use")))
		)


def suits(template: Template) -> bool:
	"""Return True if teachers may use a message with these words."""
	if template.purpose not in PURPOSES or template.asks:
		return False
	fields = catalogue.fields()
	try:
		return not (
			student_records.is_about(template, fields) or linter.sensitivity(template, fields) == EDUCATIONAL
		)
	except TemplateError:
		return False


def offered(school: str = "") -> list[str]:
	"""Return the messages that teachers of this school may use, by name."""
	rows = frappe.get_all(
		store.TEMPLATE,
		{"teachers_may_use": 1, "purpose": ("in", PURPOSES)},
		["name", "school"],
		order_by="name",
	)
	district = registry.is_district()
	names = [row.name for row in rows if not (district and row.school) or row.school == school]
	return [name for name in names if suits(store.template(name))]


def has_details(template: Template) -> bool:
	return DETAILS in template.field_names


def clean_details(text: str, group: str, language: str = "") -> str:
	"""Return the details as one line. Raise ValidationError for what a teacher may not add to a message.

	That is what `plain_details.problem` names, anything about a student's records, and the name of a student
	of the group: all its families would hear that.
	"""
	words = plain_text.line(text)
	if why := plain_details.problem(text) or plain_details.problem(words):
		throw(translated(why, _))
	if topics := topics_of(words, language):
		listed = ", ".join(translated(record_words.LABELS[topic], _) for topic in sorted(topics))
		throw(_("The details speak of {0}. The families of the whole group would hear that.").format(listed))
	if plain_details.names_one_of(words, students(group).values()):
		throw(_("The details name a student. The families of the whole group would hear that."))
	return words
