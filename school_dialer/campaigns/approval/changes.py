"""Parts that differ from the approval request, and who changed them as far as Frappe records it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import get_fullname

from school_dialer.campaigns.approval import parts, seal
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.schools import approvers, registry

UNSEALED, APPROVER = "unsealed", "approver"
"""The record of the request is missing or was tampered with; the approver is another school's."""


@dataclass(frozen=True, slots=True)
class Change:
	"""One changed part. `by` is the user, or "" if the change was not made in a Frappe form."""

	part: str
	by: str = ""

	def in_words(self) -> str:
		what = labels()[self.part]
		if self.part in (UNSEALED, APPROVER):
			return what
		return _("{0} (by {1})").format(
			what, get_fullname(self.by) if self.by else _("someone outside the forms")
		)


def labels() -> dict[str, str]:
	return {
		parts.PURPOSE: _("the purpose"),
		parts.CHANNEL: _("how people are reached"),
		parts.AUDIENCE: _("whom it calls"),
		parts.FILE: _("the content of the audience file"),
		parts.WORDS: _("the words of the message"),
		parts.RECORDINGS: _("a recording"),
		parts.DETAILS: _("the details"),
		parts.LIMITS: _("the limits"),
		UNSEALED: _("there is no record of what was asked for"),
		APPROVER: _("the approver may not approve an emergency of this school"),
	}


def changes_of(campaign: str) -> list[Change]:
	"""Return the parts that differ from the approval request; empty if none does."""
	was, now = seal.read_request(campaign), parts.digests_of(campaign)
	if was is None or now is None:
		return [Change(UNSEALED)]
	changed = [part for part in parts.ALL if was.parts.get(part) != now[part]]
	changes = [Change(part, who(part, campaign, was.at)) for part in changed]
	return [*changes, *([Change(APPROVER)] if is_anothers_approval(campaign) else [])]


def is_anothers_approval(campaign: str) -> bool:
	"""Return whether a user approved this emergency who may approve only for other schools."""
	if not registry.is_district():
		return False
	doc = frappe.db.get_value(parts.CAMPAIGN, campaign, ["purpose", "approved_by", "school"], as_dict=True)
	if doc.purpose != EMERGENCY or not doc.approved_by:
		return False
	return not approvers.may(doc.approved_by, doc.school)


def in_words(changes: Iterable[Change]) -> str:
	return ", ".join(change.in_words() for change in changes)


def who(part: str, campaign: str, since) -> str:
	"""Return the last user on record who changed the sources of this part.

	Return "" if there is no change on record after `since` (naive, site time zone).
	"""
	changed_since = [row for row in records(part, campaign) if row and row.modified > since]
	if changed_since:
		return max(changed_since, key=lambda row: row.modified).modified_by
	return ""


def records(part: str, campaign: str) -> Iterator[frappe._dict | None]:
	read = ["modified", "modified_by"]
	doc = frappe.db.get_value(parts.CAMPAIGN, campaign, ["template", "audience_file"], as_dict=True)
	if part == parts.FILE and doc.audience_file:
		yield frappe.db.get_value(
			"File", {"file_url": doc.audience_file}, read, as_dict=True, order_by="modified desc"
		)
	elif part in (parts.WORDS, parts.RECORDINGS):
		yield frappe.db.get_value(parts.TEMPLATE, doc.template, read, as_dict=True)
	if part == parts.RECORDINGS:
		places = [parts.WORDS_FIELDS.index(field) for field in parts.PLAYED]
		names = {row[place] for row in parts.translations_of(doc.template) for place in places} - {None, ""}
		yield from frappe.get_all(parts.RECORDING, {"name": ("in", sorted(names))}, read, order_by="name")
	if part in parts.FIELDS:
		schools = parts.SCHOOL_FIELDS if part == parts.AUDIENCE else ()
		yield saved(campaign, (*parts.FIELDS[part], *schools))


def saved(campaign: str, fields: tuple[str, ...]) -> frappe._dict | None:
	"""Return the last version of the campaign that changed one of these fields, or None.

	The campaign's own `modified` does not show that: actions set it too. Reads the latest 20 versions.
	"""
	versions = frappe.get_all(
		"Version",
		{"ref_doctype": parts.CAMPAIGN, "docname": campaign},
		["creation as modified", "owner as modified_by", "data"],
		order_by="creation desc",
		limit=20,
	)
	for version in versions:
		if {row[0] for row in json.loads(version.data or "{}").get("changed", ())} & set(fields):
			return version
	return None
