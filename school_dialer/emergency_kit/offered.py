"""Which kit items a user may start, what each would say, and to how many."""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe import _

from school_dialer.audience.base import source_of, sources
from school_dialer.audience.csv_file import CsvFile
from school_dialer.base.roles import AGENT, APPROVER, MANAGER, TEACHER
from school_dialer.campaigns.teachers import words
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.emergency_kit import drill, item_seal
from school_dialer.emergency_kit import words as kit_words
from school_dialer.messages import store
from school_dialer.messages.details import Details, said_in_schools
from school_dialer.schools import users

STARTERS = "Dialer Emergency Starter"
MOST = 40
NOTHING_SAID = {
	"ready": False,
	"words": "",
	"language": "",
	"outdated": "",
	"languages": [],
	"people": 0,
	"details": False,
	"details_missing": [],
	"drill": "",
}


def audiences() -> list[str]:
	"""Return the audiences that an item may have: those that are the same whenever it is started."""
	return [label for label, source in sources().items() if source.offered and label != CsvFile.label]


def of_user(user: str) -> list[dict]:
	"""Return what the page shows of each item in use that the user may start, in order.

	`words` is what is heard or read in the school's language, `drill` what a drill says, `problem` why it
	cannot be made. `people` counts households. `languages` are the codes of the message's other languages,
	`details_missing` those whose families get the details in the school's. `outdated` says which say what the
	school's language said before.
	`ready`: it is approved as it is.
	"""
	rows = frappe.get_all(
		item_seal.DOCTYPE, {"enabled": 1}, ["*"], order_by="position, title, name", limit=MOST
	)
	named = people_named(row.name for row in rows)
	return [item_for_page(row) for row in rows if may_start(row, user, named.get(row.name, ()))]


def people_named(names: Iterable[str]) -> dict[str, set[str]]:
	"""Return {item: users named in its table}, in one query."""
	named: dict[str, set[str]] = {}
	for parent, user in frappe.get_all(
		STARTERS,
		{"parent": ("in", [*names, ""]), "parenttype": item_seal.DOCTYPE},
		["parent", "user"],
		order_by="parent, idx",
		as_list=True,
	):
		named.setdefault(parent, set()).add(user)
	return named


def may_start(item: Any, user: str, named: Iterable[str]) -> bool:
	"""Return whether the user may start this item. A school's user starts those of their schools alone."""
	mine = set(frappe.get_roles(user))
	role = {MANAGER, APPROVER} & mine
	role |= {AGENT} & mine if item.agents_may_start else set()
	role |= {TEACHER} & mine if item.teachers_may_start else set()
	return bool(role or user in named) and users.may_act_for(item.school, user)


def item_for_page(item: Any) -> dict:
	"""Return what the page shows of one item. A broken one says so, and leaves the others usable."""
	named = {field: item[field] or "" for field in ("name", "title", "kind", "channel", "school")}
	try:
		return named | said_to(item)
	except (frappe.ValidationError, LookupError):
		frappe.clear_last_message()
		broken = _("Its message or audience cannot be read. A manager looks at it.")
		return named | NOTHING_SAID | {"problem": broken}


def said_to(item: Any) -> dict:
	campaign, template = frappe.get_doc(values_of(item)), store.template(item.template)
	text, problem, language = kit_words.campaign_words(campaign)
	return {
		"ready": item_seal.is_approved(item),
		"words": text,
		"problem": problem,
		"language": language,
		"outdated": kit_words.outdated(campaign),
		"languages": [row.language for row in template.translations if row.language != language],
		"people": source_of(campaign).count().households,
		"details": words.has_details(template),
		"details_missing": said_in_schools(template, Details("-", language)),
		"drill": drill.drill_words(item),
	}


def values_of(item: Any, details: str = "") -> dict:
	"""Return the values of the campaign that this item starts."""
	return {
		"doctype": "Dialer Campaign",
		"title": item.title,
		"purpose": EMERGENCY,
		"emergency_type": item.emergency_type,
		"emergency_reason": item.title,
		"channel": item.channel,
		"school": item.school or None,
		"audience_source": item.audience_source,
		"audience_doctype": item.audience_doctype,
		"audience_name": item.audience_name,
		"template": item.template,
		"details": details,
	}
