"""Background jobs that keep people's numbers out of the Error Log.

Frappe logs a failed job with the values of its local variables, which here are families' numbers. A job of this app logs its own
traceback, without values, and fails with a plain `JobFailed`.
"""

import traceback
from collections.abc import Callable
from functools import partial, wraps

import frappe


class JobFailed(Exception):
	"""The Error Log of School Dialer says where."""


def job(method: Callable | None = None, *, told: Callable | None = None) -> Callable:
	"""Mark a background job. ``told`` gets the job's own arguments after a failure, to say so where people look."""
	if method is None:
		return partial(job, told=told)

	@wraps(method)
	def guarded(*args, **kwargs):
		failure = None
		try:
			return method(*args, **kwargs)
		except Exception as error:
			failure = type(error).__name__
			report(method.__qualname__, error)
		if told:
			told(*args, **kwargs)
		raise JobFailed(f"{method.__module__}.{method.__qualname__}: {failure}")

	return guarded


def report(title: str, error: Exception) -> None:
	"""Log where it went wrong: files, lines and the kind of error, neither its message nor any value."""
	frappe.db.rollback()
	where = "".join(traceback.format_tb(error.__traceback__))
	frappe.log_error(title=f"School Dialer: {title}"[:140], message=f"{where}\n{type(error).__name__}")
	frappe.db.commit()
