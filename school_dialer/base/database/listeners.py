"""Functions that react to what was written, in its transaction: of this app, and of other apps.

What a family said counts whether they succeed or not.
"""

import secrets
from collections.abc import Callable, Iterable

import frappe

from school_dialer.base.database.transactions import is_lost
from school_dialer.base.jobs import note


def tell(listeners: Iterable[Callable[[], object]], what: str) -> bool:
	"""Call these functions, and return whether none failed.

	One that fails is left out, with what it wrote, and is noted in the Error Log.

	That takes one statement, a savepoint. If a function fails, what all of them wrote is undone, and the
	others are called again. A deadlock or a lost connection has ended the transaction, and is raised.
	"""
	left, complete = list(listeners), True
	if not left:
		return complete
	point, messages = f"dialer_{secrets.token_hex(4)}", len(frappe.local.message_log)
	frappe.db.savepoint(point)
	while failed := first_failure(left):
		listener, error = failed
		if isinstance(error, frappe.QueryDeadlockError) or is_lost(error):
			raise error
		frappe.db.rollback(save_point=point)
		del frappe.local.message_log[messages:]
		left.remove(listener)
		complete = False
		note(what, error)
	return complete


def first_failure(listeners: list[Callable[[], object]]) -> tuple[Callable[[], object], Exception] | None:
	for listener in listeners:
		try:
			listener()
		except Exception as error:
			return listener, error
	return None
