"""Errors that a test causes, and the entries of the Error Log that came of them.

A call or job that an earlier test left behind may write one at any time, so a test does not count them all.
"""

from types import ModuleType

import frappe
import pytest


def about(word: str) -> set[str]:
	"""Return the entries with this word in their title or text, such as the name of a module or function."""
	like = ("like", f"%{word}%")
	return set(frappe.get_all("Error Log", or_filters={"method": like, "error": like}, pluck="name"))


def fail_once(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, error: type[Exception]) -> None:
	"""Let a function of this module raise this error the first time, as when two processes meet."""
	real, met = getattr(module, name), []

	def once(*given, **more):
		if not met:
			met.append(True)
			raise error
		return real(*given, **more)

	monkeypatch.setattr(module, name, once)
