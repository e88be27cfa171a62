"""The SQL statements that some work sends to the database.

They are collected on the test's connection. `monkeypatch.setattr(frappe.db, "sql", ...)` would leave a method
of the connection there at the end, which hides the one of its class that `privacy.hidden_fields` replaces.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe
import pytest


@contextmanager
def collected() -> Iterator[list[str]]:
	"""Yield a list to which each statement is added."""
	found: list[str] = []
	connection = frappe.local.db
	real = connection.sql

	def sql(query, *arguments, **more):
		found.append(str(query))
		return real(query, *arguments, **more)

	with pytest.MonkeyPatch.context() as patch:
		patch.setitem(vars(connection), "sql", sql)
		yield found


def count(work: Callable, *arguments) -> int:
	"""Return how many statements the work sends."""
	with collected() as found:
		work(*arguments)
	return len(found)
