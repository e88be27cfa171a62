"""API for the audience builder: which conditions exist, and how many people they leave.

Decides and writes nothing.
"""

from dataclasses import asdict

import frappe
from frappe import _

from school_dialer.audience import list_file
from school_dialer.audience.base import sources
from school_dialer.audience.count import TooLong
from school_dialer.audience.filters import filters as filters_
from school_dialer.audience.filters import reading
from school_dialer.audience.filters.education import Attendance, attendance_statuses
from school_dialer.audience.filters.other_campaign import OUTCOMES
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.desk.support import access
from school_dialer.schools import users

MOST_COUNTS = 120
"""Counts per minute for each user."""


@frappe.whitelist()
def conditions(audience_source: str) -> dict:
	"""Return the conditions by which this user may narrow the audience.

	``kinds`` with their titles; ``records``: the DocTypes of people and students with their fields, for the
	kinds Field and People; ``statuses`` of attendance and ``outcomes`` of campaigns. Nothing that the user
	may not read is included.
	"""
	access.may("write", "Dialer Campaign")
	subjects = source_named(audience_source).subjects
	records = reading.choices(subjects)
	kinds = [
		{"kind": kind, "title": _(kind)}
		for kind, condition in filters_.kinds().items()
		if condition.offered(subjects)
		and all(map(reading.reads_all, condition.reads))
		and (records or kind not in ("Field", "People"))
	]
	attendance = any(offer["kind"] == Attendance.kind for offer in kinds)
	return {
		"kinds": kinds,
		"records": records,
		"statuses": attendance_statuses() if attendance else [],
		"outcomes": list(OUTCOMES),
	}


@frappe.whitelist(methods=["POST"])
def check(audience_source: str, filters: str | dict) -> dict[str, list[str]]:
	"""Return the sentences of these filters, if this user may use them.

	Raises ValidationError or PermissionError if not.
	"""
	access.may("write", "Dialer Campaign")
	read = filters_.parsed(filters, source_named(audience_source).subjects)
	reading.require_permission(read)
	return read.words()


@frappe.whitelist(methods=["POST"])
def count(
	audience_source: str,
	audience_name: str | None = None,
	audience_file: str | None = None,
	reach: str | None = None,
	filters: str | dict | None = None,
	school: str | None = None,
	schools: str | None = None,
) -> dict:
	"""Count the people on record in an audience, before consent, calling hours and phone numbers are checked.

	``counted``: people, households (by the first number on record) and students; None if counting takes more
	than a few seconds, and for a school's user, whom other schools' people are not shown. ``words``: each
	condition in words.
	"""
	access.may("write", "Dialer Campaign")
	access.not_too_often("audience_count", MOST_COUNTS)
	if audience_file:
		list_file.first_readable(list_file.files_at(audience_file))
	asked = frappe._dict(
		audience_source=audience_source,
		audience_name=audience_name,
		audience_file=audience_file,
		reach=reach,
		audience_filters=filters,
		school=school,
		schools=schools,
	)
	source = source_named(audience_source)(asked)
	reading.require_permission(source.filters)
	source.check()
	words = source.filters.words()
	if users.of_user() is not None:
		return {"counted": None, "words": words}
	try:
		return {"counted": asdict(source.count()), "words": words}
	except TooLong:
		return {"counted": None, "words": words}


def source_named(label: str):
	source = sources().get(label)
	if source is None or not source.offered:
		throw(_("This site has no audience named {0}. Choose another one.").format(plain_text.line(_(label))))
	return source
