"""A second connection, a served site, and numbers whose committed history is deleted at the end."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import frappe
import pytest

from dev.patience import PATIENCE
from dev.site import services
from school_dialer.consent.integrity import triggers
from tests.integration import factories as make

LEDGER = ("Consent Event", "Contact Consent", "Consent Head")


@pytest.fixture
def phone() -> str:
	return make.phone()


@pytest.fixture
def committed_phones() -> Iterator[Callable[[int], list[str]]]:
	"""Yield a function that returns unused numbers for tests that commit.

	The ledger is append-only, so its triggers are dropped to delete these numbers at the end.
	"""
	taken: list[str] = []

	def take(count: int) -> list[str]:
		while len(taken) < count:
			number = make.phone()
			if number not in taken:
				taken.append(number)
		return sorted(taken)

	yield take
	frappe.db.rollback()
	triggers.remove()
	for doctype in LEDGER:
		frappe.db.delete(doctype, {"phone": ("in", taken)})
	frappe.db.commit()
	assert triggers.create()


@pytest.fixture
def unguarded() -> Iterator[None]:
	"""Drop the triggers, so that the ledger can be changed as with the database's password.

	Every change is rolled back.
	"""
	triggers.remove()
	yield
	frappe.db.rollback()
	assert triggers.create()


@pytest.fixture
def elsewhere(site: str, sites_path: Path) -> Callable[[Callable], threading.Thread]:
	"""Return a class that runs a function in a thread with its own database connection.

	Its `join` raises the exception that the function raised.
	"""

	class Elsewhere(threading.Thread):
		def __init__(self, work: Callable):
			super().__init__(daemon=True)
			self.work, self.error = work, None
			self.start()

		def run(self) -> None:
			frappe.init(site, sites_path=str(sites_path))
			frappe.connect()
			frappe.set_user("Administrator")
			try:
				self.work()
				frappe.db.commit()
			except Exception as error:
				self.error = error
				frappe.db.rollback()
			finally:
				frappe.destroy()

		def join(self, timeout: float | None = PATIENCE) -> None:
			super().join(timeout)
			assert not self.is_alive()
			if self.error:
				raise self.error

	return Elsewhere


@pytest.fixture(scope="session")
def served(site_connection) -> Iterator[str]:
	process = services.start_web()
	yield process.details["url"]
	process.stop()
