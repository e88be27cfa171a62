"""A class whose guardians report absences, and what was reported."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from school_dialer.consent.choices import rate_limits
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.rules import School

DEFAULTS = {
	"absences_by_text": 1,
	"absences_by_phone": 1,
	"absences_by_page": 1,
	"absence_leave": "Draft",
	"absence_days_ahead": 14,
	"absence_most_days": 10,
}


@pytest.fixture(autouse=True)
def as_shipped(carrier, monkeypatch) -> Iterator[None]:
	"""Set the settings of absence reports, and close the conversations at the end."""
	set_settings(DEFAULTS)
	monkeypatch.setattr(rate_limits, "over", lambda *_: False)
	yield
	frappe.db.rollback()
	frappe.db.sql(
		"update `tabDialer Conversation` set status = 'Closed', open_mark = null where phone in %s",
		(tuple(make.GIVEN),),
	)
	set_settings(DEFAULTS)


@pytest.fixture
def classroom(carrier) -> Iterator[School]:
	"""Yield a class of one family with Ana and Luis, and another one with Eva. It is deleted at the end."""
	made = School()
	made.family("Ana", "Luis")
	made.family("Eva")
	made.opens()
	frappe.db.commit()
	yield made
	made.remove()
	frappe.db.delete("Dialer Absence Report", {"student": ("like", f"{made.tag}-%")})
	frappe.db.commit()


@pytest.fixture
def phones(classroom) -> list[str]:
	"""Return the numbers of the guardians: of Ana and Luis, and of Eva."""
	return list(classroom.phones.values())


@pytest.fixture
def reports(classroom) -> Callable[..., list]:
	"""Return a function that reads the reports about the class, the first one first."""
	fields = ["name", "student", "kind", "status", "from_day", "to_day", "expected_at", "reason", "channel"]
	fields += ["reason_words", "person", "phone", "leave_application", "leave_problem", "conversation"]

	def read() -> list:
		frappe.db.rollback()
		return frappe.get_all(
			"Dialer Absence Report",
			{"student": ("like", f"{classroom.tag}-%")},
			fields,
			order_by="creation, student",
		)

	return read
