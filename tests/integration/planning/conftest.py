"""Campaigns that are planned and never dialed: they are undone before any recipient could be due."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from school_dialer.base import states
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.transitions import move
from tests.integration import factories as make


@pytest.fixture
def prepared() -> Iterator[Callable[..., str]]:
	"""Yield a function that makes a campaign in preparation, commits it, and returns its name.

	At the end the campaigns are canceled and their recipients deleted.
	"""
	names: list[str] = []

	def new(**values) -> str:
		name = make.campaign(**values).name
		names.append(name)
		move(name, states.PREPARING)
		frappe.db.commit()
		return name

	yield new
	frappe.db.rollback()
	for name in names:
		frappe.db.sql("update `tabDialer Campaign` set status = 'Cancelled' where name = %s", name)
		frappe.db.sql("delete from `tabDialer Recipient` where campaign = %s", name)
	frappe.db.commit()


@pytest.fixture
def fictional() -> list[str]:
	"""Return as many numbers as a plan needs, written in several formats.

	It makes no difference whether the ledger knows them.
	"""
	styles = ("+1{0}555{1}", "({0}) 555-{1}", "{0}.555.{1}", "1 {0} 555 {1}")
	return [
		styles[(line + index) % len(styles)].format(area, f"{line:04d}")
		for line in range(100, 120)
		for index, area in enumerate(make.AREA_CODES)
	]


def rows_of(campaign: str) -> list[tuple]:
	"""Return the planned rows without the columns that differ in each run, sorted."""
	return sorted(
		frappe.db.sql(
			"select household_key, phone, raw_phone, person_name, person_doctype, verdict, reasons, "
			"""status, students,
			channel, language from `tabDialer Recipient` where campaign = %s""",
			campaign,
		)
	)


def plan_chunk(name: str) -> bool:
	"""Plan one chunk in this process and on this connection. Return True if there are more."""
	cursor = frappe.db.get_value("Dialer Campaign", name, "plan_cursor") or ""
	chunk = planner.prepare(name, cursor)
	return bool(chunk and planner.write(chunk) and chunk.end)
