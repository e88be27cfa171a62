from collections.abc import Iterator

import frappe
import pytest

from tests.integration.with_carrier.emergency_kit import duty as duties
from tests.integration.with_carrier.emergency_kit import kit as kits
from tests.integration.with_carrier.emergency_kit.kit import Kit


@pytest.fixture
def kit(school) -> Iterator[Kit]:
	"""Yield families of a class, an agent on duty and two approvers."""
	if not frappe.db.exists("DocType", "Student Group"):
		pytest.skip("this site has no Education")
	yield Kit()
	kits.clear()


@pytest.fixture
def duty(kit, web) -> Iterator[None]:
	"""Begin with no one on call, and leave no one. The site is served, since links have its address."""
	duties.take_off_call()
	yield
	duties.take_off_call()
