"""A method of this app that only POST may call writes nothing in a request by GET, whatever called it.

Frappe compares the verb with the method that the request names. A method that calls another one
(`make_mapped_doc`) passes that by, so a link that staff open could send a text. What a GET writes, Frappe
takes back; only a commit would keep it, and this app asks no carrier before one. So a commit asks.
"""

import inspect
import sys
from collections.abc import Callable
from functools import lru_cache, wraps
from types import CodeType, FrameType

import frappe
from frappe import _
from frappe.database.database import Database

from school_dialer.base.refusal import throw

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = "school_dialer."
ASKS = "asks_for_the_verb_for_school_dialer"


def begin() -> None:
	"""Start asking at each commit. Hook for before_request."""
	if not hasattr(Database.commit, ASKS):
		Database.commit = asking(Database.commit)


def asking(commit: Callable) -> Callable:
	@wraps(commit)
	def run(self, *args, **kwargs):
		request = getattr(frappe.local, "request", None)
		if request is not None and request.method in SAFE:
			refuse_other_verb(request.method)
		return commit(self, *args, **kwargs)

	setattr(run, ASKS, True)
	return run


def refuse_other_verb(verb: str) -> None:
	"""Raise PermissionError if a method of this app is running that this verb may not call."""
	frame: FrameType | None = sys._getframe(1)
	allowed = verbs(len(frappe.whitelisted))
	while frame:
		if verb not in allowed.get(frame.f_code, (verb,)):
			# The method was about to commit what it has written.
			frappe.db.rollback()
			throw(_("This is done by a button, not by a link."), frappe.PermissionError)
		frame = frame.f_back


@lru_cache(maxsize=1)
def verbs(_registered: int) -> dict[CodeType, tuple[str, ...]]:
	"""Return the verbs of each of our methods, by its code. Made again when modules have registered more."""
	return {
		inspect.unwrap(method).__code__: tuple(allowed)
		for method, allowed in frappe.allowed_http_methods_for_whitelisted_func.items()
		if getattr(method, "__module__", "").startswith(OWN)
	}
