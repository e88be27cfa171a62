"""The report with one row for a person and number."""

import frappe
import pytest

from school_dialer.base.phone import mask
from school_dialer.consent import ledger
from school_dialer.school_dialer.report.consent_by_person import consent_by_person
from tests.integration import factories as make

AGENT, OFFICER = "Dialer Agent", "Dialer Compliance Officer"


@pytest.fixture
def family() -> frappe._dict:
	"""Return a guardian who agreed to two purposes by phone, and nothing by text."""
	name = f"Quirina {frappe.generate_hash(length=8)}"
	guardian = frappe.get_doc({"doctype": "Guardian", "guardian_name": name}).insert()
	phone = make.unlisted_phone()
	for purpose in ("Attendance", "Event"):
		agree(phone, guardian.name, purpose)
	return frappe._dict(name=name, guardian=guardian.name, phone=phone)


def agree(phone: str, guardian: str, purpose: str) -> None:
	ledger.grant(
		phone,
		channel="Voice",
		purpose=purpose,
		basis="number provided",
		evidence=make.evidence("Enrolment"),
		person_doctype="Guardian",
		person=guardian,
	)


def rows(**filters) -> list[dict]:
	return consent_by_person.execute(filters)[1]


def at(phone: str, **filters) -> list[dict]:
	"""Return the rows of this number. Names of records that were rolled back are given again."""
	return [row for row in rows(**filters) if row["number"] == phone]


def test_a_person_and_number_is_one_row(family):
	(row,) = at(family.phone, person_name=family.name[3:])
	assert (row["person_name"], row["person"], row["number"]) == (family.name, family.guardian, family.phone)
	assert row["calls"] == "Agreed to Attendance, Event"
	assert row["texts"] == "No consent on file"


def test_an_opt_out_by_text_counts_for_everyone_at_the_number(family):
	other = frappe.get_doc({"doctype": "Guardian", "guardian_name": f"{family.name} B"}).insert()
	agree(family.phone, other.name, "General")
	ledger.opt_out(family.phone, evidence=make.evidence("Text", wording="STOP"))
	found = at(family.phone, person_name=family.name)
	assert {row["person"] for row in found} == {family.guardian, other.name}
	assert all(row["texts"] == "Opted out, except for emergencies" for row in found)


def test_a_number_that_another_person_gave_is_not_their_consent(family):
	other = frappe.get_doc({"doctype": "Guardian", "guardian_name": f"{family.name} B"}).insert()
	agree(family.phone, other.name, "General")
	calls = {row["person"]: row["calls"] for row in at(family.phone, person_name=family.name)}
	assert calls == {
		family.guardian: "Agreed to Attendance, Event",
		other.name: "Agreed to General",
	}


def test_a_person_is_found_by_a_number_on_their_record(family):
	"""No one was named when they opted out by text."""
	phone = make.unlisted_phone()
	guardian = make.guardian(f"Quirina {frappe.generate_hash(length=8)}", phone)
	ledger.opt_out(phone, evidence=make.evidence("Text", wording="STOP"))
	(row,) = at(phone, person_name=guardian.guardian_name)
	assert (row["person"], row["calls"]) == (guardian.name, "Opted out, except for emergencies")


def test_an_opt_out_without_a_name_is_found(family):
	phone = make.unlisted_phone()
	ledger.opt_out(phone, evidence=make.evidence("Text", wording="STOP"))
	(row,) = at(phone, status="Opted Out")
	assert not row["person_name"] and not row["person"]


@pytest.mark.parametrize(
	("filters", "expected"),
	[
		({"status": "Granted"}, True),
		({"status": "Granted", "purpose": "Event"}, True),
		({"status": "Granted", "purpose": "Fees"}, False),
		({"channel": "Text"}, False),
		({"status": "Opted Out"}, False),
	],
)
def test_it_is_filtered(family, filters, expected):
	assert bool(at(family.phone, person_name=family.name, **filters)) == expected


def test_consent_to_everything_is_consent_to_each_purpose(family):
	agree(family.phone, family.guardian, "All")
	assert at(family.phone, person_name=family.name, status="Granted", purpose="Fees")


@pytest.mark.parametrize("filters", [{"status": "x' or 1=1"}, {"purpose": "Birthday"}, {"channel": "Fax"}])
def test_a_filter_that_no_record_has_is_refused(filters):
	with pytest.raises(frappe.ValidationError, match="none of"):
		rows(**filters)


@pytest.mark.parametrize("name", ["%", "_", "'; drop table users; --", "\\", "x" * 10_000], ids=range(5))
def test_a_name_is_only_looked_for(family, name):
	assert not [row for row in rows(person_name=name) if row["person"] == family.guardian]


def test_an_agent_sees_no_whole_number(family, as_role):
	as_role(AGENT, "Academics User")
	shown = [row for row in rows() if row["number"] == mask(family.phone)]
	assert shown and not any(family.phone in map(str, row.values()) for row in rows())


def test_who_may_not_read_guardians_sees_no_name(family, as_role):
	as_role(OFFICER)
	assert not rows(person_name=family.name)
	(row,) = at(family.phone)
	assert not row["person_name"] and not row["person"]


def test_the_number_of_queries_does_not_grow_with_the_rows(family, queries):
	rows()
	few = queries(rows)
	for _count in range(5):
		agree(make.unlisted_phone(), family.guardian, "General")
	assert queries(rows) == few


def test_a_list_that_is_cut_says_so(family, monkeypatch):
	monkeypatch.setattr(consent_by_person, "MOST", 1)
	agree(make.unlisted_phone(), family.guardian, "General")
	_columns, shown, message, *_more = consent_by_person.execute({"person_name": family.name})
	assert len(shown) == 1 and "first 1 are shown" in message
