"""Find out by trial what a user may do: rights on DocTypes, and each whitelisted method called."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator

import frappe

import school_dialer
from school_dialer.base.roles import ALL
from tests.integration.roles.page import NOTHING

TEACHER, GUEST = "Teacher", "Guest"
COLUMNS = ("System Manager", *ALL, TEACHER, GUEST)
"""A user who works in the Desk without a role of the dialer is a Teacher here."""

LETTERS = {
	"read": "R",
	"write": "W",
	"create": "C",
	"delete": "D",
	"submit": "U",
	"cancel": "X",
	"amend": "A",
	"report": "L",
	"export": "E",
	"import": "I",
	"print": "P",
	"email": "M",
	"share": "S",
}
EVERY_METHOD = {"GET", "POST", "PUT", "DELETE"}
NOT_OURS = (frappe.ValidationError, frappe.exceptions.TooManyRequestsError)
"""Errors that a method raises only after it has let the user in."""


def rights(doctype: str, user: str) -> str:
	"""Return the user's rights as letters.

	The rights on the whole document come first, then those on the fields of each higher permission level.
	"""
	meta = frappe.get_meta(doctype)
	plain = "".join(
		letter for ptype, letter in LETTERS.items() if frappe.has_permission(doctype, ptype, user=user)
	)
	levels = sorted({field.permlevel for field in meta.fields if field.permlevel})
	higher = [f"{level}: {found}" for level in levels if (found := on_level(meta, level, user))]
	return "; ".join([plain, *higher]) if plain else NOTHING


def on_level(meta, level: int, user: str) -> str:
	return "".join(
		LETTERS[ptype] for ptype in ("read", "write") if level in meta.get_permlevel_access(ptype, user=user)
	)


def methods() -> dict[str, Callable]:
	"""Return every whitelisted method of the app, by its path without the app's name."""
	for module in pkgutil.walk_packages(school_dialer.__path__, "school_dialer."):
		if not module.name.endswith("__main__"):
			importlib.import_module(module.name)
	ours = {method for method in frappe.whitelisted if method.__module__.startswith("school_dialer.")}
	return {f"{method.__module__}.{method.__qualname__}".partition(".")[2]: method for method in ours}


def http_methods(method: Callable) -> str:
	allowed = set(frappe.allowed_http_methods_for_whitelisted_func[method])
	return "any" if allowed >= EVERY_METHOD else " ".join(sorted(allowed))


def required(method: Callable) -> Iterator[str]:
	for name, parameter in inspect.signature(method).parameters.items():
		if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
			yield name


def may_call(method: Callable, user: str, arguments: dict) -> bool:
	"""Call the method as this user, in a transaction that is rolled back. Return whether it was permitted.

	A response with an HTTP error status means that it was not.
	"""
	frappe.set_user(user)
	try:
		frappe.is_whitelisted(method)
		answer = method(**arguments)
		return (getattr(answer, "status_code", None) or 200) < 400
	except frappe.PermissionError:
		return False
	except NOT_OURS:
		return True
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		frappe.clear_messages()
