"""Schools of a district that exist in one test's transaction."""

from collections.abc import Iterator

import frappe
import pytest

from school_dialer.schools import registry
from tests.integration import districts
from tests.integration.schools.families import District


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
	"""Read the schools again before and after each test: what is cached outlives a rollback."""
	registry.forget()
	yield
	frappe.db.rollback()
	registry.forget()


@pytest.fixture
def three(forgotten) -> tuple[str, str, str]:
	"""Return the names of a primary school, a high school and a college."""
	for name in frappe.get_all(registry.DOCTYPE, pluck="name", order_by="name"):
		frappe.db.set_value(registry.DOCTYPE, name, "enabled", 0)
	names = ("Oak Primary", "Elm High", "River College")
	districts.school("Oak Primary", exact=True, calls_from="09:00", calls_until="15:00")
	districts.school("Elm High", exact=True, default_language="es")
	districts.school("River College", exact=True, school_kind="College or university")
	return names


@pytest.fixture
def district(three) -> District:
	return District()
