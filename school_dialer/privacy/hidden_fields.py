"""Fields above a user's permission level stay hidden in every way of asking.

Frappe leaves such fields out of what it returns: forms, lists, reports, exports, print. But it lets anybody who may ask for a list or a
count filter, sort or group by them, and from the rows that come back a full number is guessed digit by digit. So each request is
looked at before it is served: one that names a DocType of ours together with a field of it that the user may not read is
refused, unless the field is merely asked for, which Frappe then leaves out.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.file import file as core_file

from school_dialer import bounded_json
from school_dialer.wording import translated

GUARDED = (
	"Dialer Recipient",
	"Dialer Call Log",
	"Dialer Notice",
	"Dialer Review",
	"Dialer Preference Link",
	"Dialer Own Number",
	"Contact Consent",
	"Consent Event",
	"Consent Head",
)
NAMED = re.compile("|".join(GUARDED), re.IGNORECASE)
ASKED_FOR = ("fields", "fieldname")
"""Arguments that list what is to be returned."""
PLAIN_NAME = re.compile(r"(`?[\w ]+`?\.)?`?(\w+)`?")
"""A field's name, perhaps with its table or link: "`tabDialer Recipient`.`phone`" or "call_log.phone"."""
LISTS_OF = "Dialer Campaign"
"""Files attached to these are lists of names and numbers."""
PRIVATE = "/private/files/"
FILE_NAME = re.compile(r"[0-9a-z]{10}")
FREE_TEXT = ("txt", "content", "subject", "message", "description", "comment", "note")
DEEPEST = 100
"""Brackets inside one another in an argument. What is not opened could hide a name, so more are refused."""
OWN_METHODS = "school_dialer."
"""They take values of fixed meaning, and never a filter."""


def refuse_probing() -> None:
	"""auth_hooks: after the user is known, before anything is read. Raises PermissionError."""
	if frappe.session.user in ("Guest", "Administrator") or not frappe.request:
		return
	if frappe.request.path.startswith("/api/method/" + OWN_METHODS):
		return
	arguments = dict(frappe.form_dict)
	texts = list(strings(arguments))
	named = {match.lower() for text in (frappe.request.path, *texts) for match in NAMED.findall(text)}
	doctypes = [doctype for doctype in GUARDED if doctype.lower() in named]
	hidden = {fieldname for doctype in doctypes for fieldname in hidden_from_user(doctype)}
	if hidden and mentioned(arguments, hidden):
		frappe.throw(
			_("You may not search, sort or count by {0}.").format(", ".join(sorted(hidden))),
			frappe.PermissionError,
		)


def refuse_file() -> None:
	"""auth_hooks: Frappe asks no hook before it sends a private file, attaches it to a mail or to another record, so the same is asked
	here of every file that a request names. Raises PermissionError."""
	if not frappe.request or frappe.session.user in ("Guest", "Administrator"):
		return
	texts = (frappe.request.path, *strings(dict(frappe.form_dict)))
	files = {text for text in texts if text.startswith(PRIVATE) or FILE_NAME.fullmatch(text)}
	if not files or may_see_numbers(frappe.session.user):
		return
	file = frappe.qb.DocType("File")
	named = (
		frappe.qb.from_(file)
		.select(file.owner, file.attached_to_doctype)
		.where(file.name.isin(files) | file.file_url.isin(files))
		.where(file.attached_to_doctype == LISTS_OF)
		.run(as_dict=True)
	)
	if not all(may_see_list(one, frappe.session.user) for one in named):
		frappe.throw(_("This list holds names and numbers in full."), frappe.PermissionError)


def hidden_from_user(doctype: str) -> set[str]:
	"""Fields of a DocType whose permission level is above what the user's roles may read."""
	meta = frappe.get_meta(doctype)
	levels = set(meta.get_permlevel_access("read"))
	return {field.fieldname for field in meta.fields if field.permlevel and field.permlevel not in levels}


def mentioned(arguments: dict[str, Any], hidden: set[str]) -> bool:
	pattern = words(frozenset(hidden))
	for key, value in arguments.items():
		if key in FREE_TEXT:
			continue
		for text in strings(value):
			if pattern.search(text) and not (key in ASKED_FOR and PLAIN_NAME.fullmatch(text)):
				return True
	return False


@lru_cache(maxsize=32)
def words(names: frozenset[str]) -> re.Pattern:
	return re.compile(r"(?<![0-9a-z_])(" + "|".join(sorted(names)) + r")(?![0-9a-z_])", re.IGNORECASE)


def strings(value: Any) -> Iterator[str]:
	"""All texts in a value, keys included; JSON within a text is opened, so that no way of writing it hides a name."""
	if isinstance(value, dict):
		for key, one in value.items():
			yield from strings(key)
			yield from strings(one)
	elif isinstance(value, list | tuple):
		for one in value:
			yield from strings(one)
	elif isinstance(value, str):
		opened = from_json(value)
		if opened is None:
			yield value
		else:
			yield from strings(opened)


def from_json(text: str) -> Any:
	"""A list, a dict or a quoted text; None for anything else."""
	if text.lstrip()[:1] not in ("[", "{", '"'):
		return None
	try:
		return json.loads(bounded_json.measured(text, len(text), DEEPEST, len(text)))
	except bounded_json.NotRead as refusal:
		frappe.throw(translated(refusal, _))
	except ValueError:
		return None


def may_open_file(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""has_permission of File: as Frappe decides it, but for audiences' lists."""
	user = user or frappe.session.user
	return may_see_list(doc, user) and bool(core_file.has_permission(doc, ptype=ptype, user=user))


def may_see_list(file, user: str) -> bool:
	"""The list of names and numbers that a campaign calls is for those who may see numbers, not for all who see the campaign."""
	if file.attached_to_doctype != LISTS_OF or user in (file.owner, "Administrator"):
		return True
	return may_see_numbers(user)


def may_see_numbers(user: str) -> bool:
	return 1 in frappe.get_meta("Dialer Recipient").get_permlevel_access("read", user=user)
