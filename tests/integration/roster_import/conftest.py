"""Plan and write a roster in the test's own transaction, which is rolled back."""

from collections.abc import Callable
from types import SimpleNamespace

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.roster_import import applying, plan
from school_dialer.roster_import.writing import Site


@pytest.fixture(autouse=True)
def no_accounts() -> None:
	frappe.db.set_single_value("Education Settings", "user_creation_skip", 1)


@pytest.fixture
def imported() -> Callable[[bytes], SimpleNamespace]:
	"""Return a function that imports a zip, and returns its plan and what was applied."""

	def run(content: bytes) -> SimpleNamespace:
		planned = plan.make(content)
		counts = {each["kind"]: each for each in planned.summary()["counts"]}
		site = Site.read(planned.names, str(clock.db_now().date()))
		applied = applying.apply(planned.changes, planned.records, site, lambda done, total: None)
		return SimpleNamespace(plan=planned, counts=counts, applied=applied, names=site.names)

	return run
