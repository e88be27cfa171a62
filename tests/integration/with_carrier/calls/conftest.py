"""The number of a person who agreed to be called."""

import frappe
import pytest

from tests.integration import factories as make


@pytest.fixture
def number(carrier) -> str:
	phone = make.phone()
	make.consent(phone)
	frappe.db.commit()
	return phone
