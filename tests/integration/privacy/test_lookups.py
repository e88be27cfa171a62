"""Look-ups are evidence: no one changes them, retention deletes old ones, an erasure names them."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.lines import record
from school_dialer.lines.answer import NO, YES, LineAnswer
from school_dialer.privacy import erasure, holds, lookups, person, retention
from tests.integration import factories as make

HELD_BY_NO_ONE = holds.Held()


def looked_up(number: str, reassigned: str = NO, ago: int = 0) -> str:
	at = clock.now() - timedelta(days=ago)
	answer = LineAnswer(reassigned, "mobile", "RQ1")
	day = clock.db_now().date()
	(name,) = record.write([record.Asked(number, day, ("x",), "twilio", answer, 0.01, at)])
	return name


def left(number: str) -> list[str]:
	return frappe.get_all(record.DOCTYPE, {"phone": number}, pluck="name", order_by="asked_at")


def delete_due(days: int, held: holds.Held = HELD_BY_NO_ONE) -> None:
	while lookups.delete_due(days, held, 200):
		pass


@pytest.fixture
def number(clean_transaction) -> str:
	return make.phone()


@pytest.mark.parametrize("field", ["phone", "reassigned", "asked_at", "verified_on", "provider_id", "cost"])
def test_the_database_refuses_a_change(number, field):
	name = looked_up(number)
	with pytest.raises(Exception, match="append-only"):
		frappe.db.sql(f"update `tabDialer Number Lookup` set `{field}` = null where name = %s", name)


def test_no_document_method_writes_or_deletes_one(number):
	doc = frappe.get_doc(record.DOCTYPE, looked_up(number))
	for act in (doc.save, doc.delete, lambda: frappe.get_doc({"doctype": record.DOCTYPE}).insert()):
		with pytest.raises(frappe.PermissionError):
			act()
	assert left(number) == [doc.name]


def test_retention_deletes_old_ones_but_a_yes(number):
	looked_up(number, ago=400)
	kept = [looked_up(number, YES, ago=400), looked_up(number, ago=10)]
	delete_due(0)
	assert len(left(number)) == 3
	assert lookups.count(365, HELD_BY_NO_ONE) >= 1
	delete_due(365)
	assert left(number) == kept and lookups.count(365, HELD_BY_NO_ONE) == 0


def test_a_hold_keeps_them(number):
	name = looked_up(number, ago=400)
	delete_due(365, holds.Held(frozenset({number})))
	assert left(number) == [name]


def test_the_nightly_run_and_its_count_know_them(number):
	looked_up(number, ago=400)
	days = dict.fromkeys(retention.SETTINGS, 0) | {lookups.SETTING: 365}
	assert retention.count(days, unlink=False)[record.DOCTYPE] >= 1
	for _rows in retention.purge(days, unlink=False):
		pass
	assert not left(number)


def test_an_erasure_names_what_stays_and_an_export_shows_it(number):
	name = looked_up(number)
	subject = person.Subject((number,))
	report = erasure.erase(subject, really=True)
	assert any("1 look-ups of the number" in line for line in report.kept)
	assert left(number) == [name]
	(row,) = person.rows_about(subject, record.DOCTYPE, person.COLUMNS[record.DOCTYPE])
	assert (row.reassigned, row.line_type) == (NO, "mobile")


def test_an_agent_sees_no_full_number(number, as_role):
	looked_up(number)
	as_role("Dialer Manager")
	(row,) = frappe.get_list(record.DOCTYPE, {"phone": number}, ["name", "phone_masked", "phone"])
	assert row.phone == number
	frappe.set_user("Administrator")
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		frappe.get_list(record.DOCTYPE, fields=["name"])
