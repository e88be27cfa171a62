"""A backup of the app's tables, and a site that ends each test out of Safe mode."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from school_dialer.continuity import hosts, marks, safe_mode, watch
from school_dialer.recovery import reconcile
from school_dialer.settings import host_proof

COPY = "backup_of_"
TABLES = ("tabDialer %", "tabConsent %", "tabContact Consent", "tabDefaultValue")


@pytest.fixture(autouse=True)
def goes_on(nothing_left, school) -> Iterator[None]:
	"""Begin and end without Safe mode, with all marks in place."""
	reset()
	yield
	reset()


def reset() -> None:
	frappe.db.rollback()
	frappe.db.sql("update `tabDialer Restore` set safe = 0, state = 'Ended' where safe = 1")
	frappe.local.dialer_safe_mode = None
	watch.go_on()
	frappe.db.commit()


@pytest.fixture
def backup(carrier) -> Iterator[Callable[[], Callable[[], None]]]:
	"""Yield a function that copies the app's tables now, and returns the function that restores them."""
	copied: list[str] = []

	def make() -> Callable[[], None]:
		frappe.db.commit()
		for like in TABLES:
			copied.extend(name for (name,) in frappe.db.sql("show tables like %s", like))
		for name in copied:
			frappe.db.sql_ddl(f"create table `{COPY}{name}` like `{name}`")
			frappe.db.sql(f"insert into `{COPY}{name}` select * from `{name}`")
			frappe.db.commit()
		return restore

	def restore() -> None:
		carrier.wait_until_idle()
		for name in copied:
			frappe.db.sql_ddl(f"truncate table `{name}`")
			frappe.db.sql(f"insert into `{name}` select * from `{COPY}{name}`")
			frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
		frappe.local.dialer_safe_mode = None

	drop_copies()
	yield make
	drop_copies()


def drop_copies() -> None:
	frappe.db.rollback()
	for (name,) in frappe.db.sql("show tables like %s", COPY.replace("_", "\\_") + "%"):
		frappe.db.sql_ddl(f"drop table `{name}`")


@pytest.fixture
def reconciled() -> Callable[[], object]:
	"""Return a function that reconciles the site in Safe mode, and returns its Dialer Restore."""

	def run():
		standing = safe_mode.current()
		reconcile.begin(standing.name)
		frappe.db.commit()
		reconcile.run(standing.name)
		frappe.db.rollback()
		return frappe.get_doc("Dialer Restore", standing.name)

	return run


@pytest.fixture
def live(monkeypatch) -> None:
	"""Judge the marks as a site in Live mode does, on a host that has proven itself lately.

	The carrier stays the simulated one.
	"""
	hosts.add()
	frappe.db.commit()
	monkeypatch.setattr(watch, "is_simulated", lambda: False)
	monkeypatch.setattr(host_proof, "first_in", lambda *_about: False)


@pytest.fixture
def lose() -> Callable[[str], None]:
	"""Return a function that loses a mark outside of the database: "file" or "redis"."""

	def remove(which_one: str) -> None:
		if which_one == "file":
			(marks.folder() / marks.FILE).unlink()
		else:
			frappe.cache().delete(frappe.cache().make_key(marks.KEY))

	return remove
