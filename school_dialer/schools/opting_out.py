"""Which school an opt-out of one school means: the key by which the ledger names it.

The ledger is append-only, and a school may be renamed. So a school gets a key when it is made, its name of
then, which never changes and which no other school gets. Of two schools that are merged, the one that stays
has the keys of both. A school that families opted out of is disabled and not deleted.
"""

import unicodedata

import frappe
from frappe import _

from school_dialer.base.database import shared_cache
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import SCHOOL_PREFIX, THIS_SCHOOL
from school_dialer.schools import registry

FIELD = "opt_out_keys"
"""One key a line, the school's own first."""
LONGEST = 100
CACHE_KEY = "school_dialer_opt_out_keys"


def asked_for(school: str | None) -> str | None:
	"""Return the school of a call as the decision engine takes it: "" for the district, None without one."""
	return (school or "") if registry.is_district() else None


def purpose_of(school: str | None) -> str | None:
	"""Return how the ledger names a Dialer School, in use or not. None for a school that does not exist."""
	return next(iter(purposes_of(school)), None)


def purposes_of(school: str | None) -> list[str]:
	"""Return all the ways in which the ledger names a Dialer School, its own first."""
	return [SCHOOL_PREFIX + key for key, name in keys().items() if name == school]


def school_of(purpose: str | None) -> str | None:
	"""Return the Dialer School that the ledger names, by its name of today. None if there is none."""
	if not (purpose or "").startswith(SCHOOL_PREFIX):
		return None
	return keys().get(purpose.removeprefix(SCHOOL_PREFIX))


def purpose_name(purpose: str | None) -> str:
	"""Return what an event is about, as people read it: a school by its name, or the purpose.

	A school that is gone has its name of then.
	"""
	if not (purpose or "").startswith(SCHOOL_PREFIX):
		return _(purpose or "")
	return school_of(purpose) or purpose.removeprefix(SCHOOL_PREFIX)


def concerns(school: str | None) -> bool:
	"""Return whether an opt-out of this school counts here.

	Where only one school is in use, an opt-out of another one, which is disabled, stops nothing of it.
	"""
	return school is None or registry.is_district() or school in registry.schools() or not registry.schools()


def chosen(scope: str | None, school: str | None) -> str | None:
	"""Return the school that a member of staff chose, None for another scope than one school's.

	Raises ValidationError if that scope has no school of a district.
	"""
	if scope != THIS_SCHOOL:
		return None
	if not (registry.is_district() and purpose_of(school)):
		throw(_("Choose a school of this district."))
	return school


def keys() -> dict[str, str]:
	"""Return the name of each school, in use or not, by its keys. Cached until one of them changes."""
	return shared_cache.get(CACHE_KEY, _read)


def forget() -> None:
	"""Forget what is cached, in a transaction that changes it."""
	shared_cache.forget(CACHE_KEY)


def give_key(school) -> None:
	"""Give a Dialer School its key when it is made. Later it keeps the keys it has."""
	kept = None if school.is_new() else frappe.db.get_value(registry.DOCTYPE, school.name, FIELD)
	school.set(FIELD, kept or fresh(school.school_name, _read()))


def fresh(name: str, taken: dict[str, str]) -> str:
	"""Return a key for a school of this name that no other school has, however it is spelled."""
	words = "".join(" " if each in "|<>" or not each.isprintable() else each for each in name)
	base = " ".join(words.split())[:LONGEST].strip() or registry.DOCTYPE
	folded = {_folded(key) for key in taken}
	key, number = base, 1
	while _folded(key) in folded:
		number += 1
		key = f"{base} ({number})"
	return key


def take_over(old: str, new: str) -> None:
	"""Move the keys of a school that is merged into another one."""
	both = {each: frappe.db.get_value(registry.DOCTYPE, each, FIELD) or "" for each in (new, old)}
	frappe.db.set_value(registry.DOCTYPE, new, FIELD, "\n".join(filter(None, both.values())))
	frappe.db.set_value(registry.DOCTYPE, old, FIELD, "")
	forget()


def refuse_deletion(school) -> None:
	"""Refuse to delete a school that a number is or was opted out of: its key stays in the ledger."""
	purposes = [SCHOOL_PREFIX + key for key in (school.get(FIELD) or "").splitlines()]
	if purposes and frappe.db.exists("Contact Consent", {"purpose": ("in", purposes)}):
		throw(_("Families opted out of calls from this school. Disable it instead of deleting it."))


def _folded(key: str) -> str:
	"""Return the key without what MariaDB does not tell apart: case and accents."""
	plain = unicodedata.normalize("NFKD", key)
	return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


def _read() -> dict[str, str]:
	if not frappe.db.has_column(registry.DOCTYPE, FIELD):
		return {}
	rows = frappe.get_all(registry.DOCTYPE, fields=["name", FIELD], order_by="creation, name", as_list=True)
	return {key: name for name, own_keys in rows for key in (own_keys or "").splitlines()}
