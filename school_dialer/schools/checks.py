"""What a Dialer School has to be, and when it may not be taken out of use."""

import json

import frappe
from frappe import _
from frappe.utils import get_time

from school_dialer.base import states
from school_dialer.base.bounds import plain_text
from school_dialer.base.phone import PREMIUM, InvalidNumber, parse
from school_dialer.base.refusal import throw
from school_dialer.schools import registry, scope

UNDER_WAY = tuple(status for status in states.CAMPAIGN_MOVES if status not in (states.DRAFT, *states.ENDED))
NUMBERS = ("call_back_number", "office_number")
CAMPAIGN, RULE, ALERT = "Dialer Campaign", "Dialer Rule", "Dialer Public Alert"


class InUse(frappe.ValidationError):
	"""The school has campaigns under way or rules that are on."""


def validate(school) -> None:
	"""Raise a ValidationError that says what to do, and write numbers as E.164."""
	check_name(school)
	for field in NUMBERS:
		if school.get(field):
			school.set(field, number(school.get(field), _(school.meta.get_label(field))))
	if school.office_number and parse(school.office_number).line_type == PREMIUM:
		throw(_("{0}: calls to this number cost extra.").format(_(school.meta.get_label("office_number"))))
	check_order(school, "calls_from", "calls_until")
	check_order(school, "office_opens", "office_closes")
	check_identities(school)
	before = school.get_doc_before_save()
	if before and before.enabled and not school.enabled:
		refuse_in_use(school.name)


def check_name(school) -> None:
	"""Require a name of one line that no other school has in other capitals."""
	school.school_name = plain_text.line(school.school_name or "").strip()
	if not school.school_name:
		throw(_("Enter the name of the school."), frappe.MandatoryError)
	refuse_same_name(school.school_name, school.name)


def refuse_same_name(name: str, own: str | None) -> None:
	same = [other for other in registry.all_names() if other.casefold() == name.casefold() and other != own]
	if same:
		throw(
			_("There is a school {0} already. Give this one a name of its own.").format(
				plain_text.line(same[0])
			)
		)


def number(written: str, where: str) -> str:
	try:
		return parse(written, registry.country()).e164
	except InvalidNumber as error:
		throw(_("{0}: {1}").format(where, error.reason))


def check_order(school, first: str, last: str) -> None:
	"""Require two times of one day in their order, if both are given."""
	if school.get(first) in (None, "") or school.get(last) in (None, ""):
		return
	if get_time(str(school.get(first))) >= get_time(str(school.get(last))):
		throw(
			_("{0} has to be earlier than {1}.").format(
				_(school.meta.get_label(first)), _(school.meta.get_label(last))
			)
		)


def check_identities(school) -> None:
	"""Require one name for each language."""
	seen: set[str] = set()
	for row in school.identities:
		row.caller_identity = plain_text.line(row.caller_identity or "").strip()
		if not row.caller_identity:
			throw(_("Row {0}: enter the name said in this language.").format(row.idx))
		if row.language in seen:
			throw(_("Row {0}: this language has a name already.").format(row.idx))
		seen.add(row.language)


def refuse_in_use(school: str) -> None:
	"""Raise `InUse` while campaigns of this school are under way or its rules are on."""
	campaigns = [
		row.name
		for row in frappe.get_all(
			CAMPAIGN,
			{"status": ("in", UNDER_WAY)},
			["name", "school", "schools"],
			order_by="name",
		)
		if row.school == school or school in scope.chosen(row.schools)
	]
	if campaigns:
		throw(
			_(
				"{0} has campaigns under way: {1}. Cancel them, or wait until they are completed, "
				"and try again."
			).format(plain_text.line(school), ", ".join(campaigns[:5])),
			InUse,
		)
	rules = frappe.get_all(RULE, {"school": school, "enabled": 1}, pluck="title", order_by="title")
	if rules:
		throw(
			_("{0} has rules that are on: {1}. Switch them off, and try again.").format(
				plain_text.line(school), ", ".join(map(plain_text.line, rules[:5]))
			),
			InUse,
		)


def renamed(old: str, new: str) -> None:
	"""Write the new name in what lists schools, campaigns and public alerts: Frappe renames links alone."""
	listed = {"schools": ("like", f"%{json.dumps(old, ensure_ascii=False)}%")}
	for doctype in (CAMPAIGN, ALERT):
		for row in frappe.get_all(doctype, listed, ["name", "schools"], order_by="name"):
			names = {new if name == old else name for name in scope.chosen(row.schools)}
			frappe.db.set_value(doctype, row.name, "schools", scope.as_json(names), update_modified=False)
