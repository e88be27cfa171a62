from collections.abc import Iterator

import frappe
import pytest

from tests.integration.with_carrier.campaigns.teachers import classroom
from tests.integration.with_carrier.campaigns.teachers.classroom import Classroom
from tests.integration.with_carrier.households import set_settings


@pytest.fixture(autouse=True)
def settings(school) -> Iterator[None]:
	"""Teachers may send at any hour and without approval, unless the test says otherwise."""
	if not frappe.db.exists("DocType", "Student Group Instructor"):
		pytest.skip("this site has no Education")
	before = frappe.get_doc("Dialer Settings")
	classroom.settle()
	yield
	classroom.remove_all()
	set_settings({field: before.get(field) for field in classroom.SETTINGS})


@pytest.fixture
def lesson(settings) -> Classroom:
	return Classroom()
