"""Consents from a CSV file: everything is checked first, and either every row is recorded or none."""

import csv
import io
import re
import secrets
from datetime import datetime

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.base import clock
from school_dialer.consent import importer, ledger
from school_dialer.consent.events import Evidence
from school_dialer.consent.importer import ImportRefused
from school_dialer.consent.integrity import stream
from school_dialer.desk import consent as desk
from tests.effort import examples
from tests.integration import factories as make

pytestmark = pytest.mark.dates

HEADING = "phone,action,channel,purpose,basis,scope,given_at,expires_at,wording,note"


def file_of(*lines: str, heading: str = HEADING, encoding: str = "utf-8") -> str:
	return (
		frappe.get_doc(
			{
				"doctype": "File",
				"file_name": f"consents-{secrets.token_hex(4)}.csv",
				"content": "\n".join((heading, *lines)).encode(encoding),
				"is_private": 1,
			}
		)
		.insert()
		.file_url
	)


def grant(phone: str, **cells: str) -> str:
	values = {
		"phone": phone,
		"basis": "number provided",
		"given_at": "2026-01-05",
		"wording": "Enrolment form",
	} | cells
	return ",".join(values.get(column, "") for column in HEADING.split(","))


def read(*lines: str, heading: str = HEADING) -> list[importer.CsvRow]:
	return importer.read_csv("\n".join((heading, *lines)).encode(), "US", "file")


def test_a_good_file_is_counted_and_then_recorded():
	phones = sorted({make.phone() for _ in range(5)})
	national = phones[0][2:5] + "-" + phones[0][5:8] + "-" + phones[0][8:]
	lines = [
		grant(national),
		*map(grant, phones[1:3]),
		f"{phones[3]},opt out,,,,everything",
		f"{phones[4]},wrong number",
	]
	url = file_of(*lines)
	counts = desk.check_import(url)
	assert counts == {
		"lines": 5,
		"errors": 0,
		"wrong": [],
		"events": {"Grant": 3, "Opt Out": 1, "Wrong Number": 1},
		"phones": 5,
	}
	assert not frappe.db.exists("Consent Event", {"phone": ("in", phones)})
	assert desk.run_import(url) == {"recorded": 5}
	facts = ledger.read(phones)
	assert [bool(facts[phone].consents) for phone in phones] == [True, True, True, False, False]
	assert {o.scope for o in facts[phones[3]].opt_outs} == {"everything"}
	events = frappe.get_all(
		"Consent Event", {"phone": ("in", phones)}, ["source", "actor", "reference_doctype"]
	)
	assert {(e.source, e.actor, e.reference_doctype) for e in events} == {("Import", "Administrator", "File")}
	with pytest.raises(ImportRefused, match="before"):
		desk.run_import(url)


def test_one_wrong_line_keeps_all_others_out():
	phones = sorted({make.phone() for _ in range(3)})
	url = file_of(grant(phones[0]), grant(phones[1], basis="rumour"), grant(phones[2], given_at="tomorrow"))
	counts = desk.check_import(url)
	assert counts["errors"] == 2
	assert [(row["line"], row["phone"]) for row in counts["wrong"]] == [(3, phones[1]), (4, phones[2])]
	assert "tomorrow is not a date" in counts["wrong"][1]["error"]
	with pytest.raises(ImportRefused, match=r"2 lines are wrong, the first is line 3"):
		desk.run_import(url)
	assert not frappe.db.exists("Consent Event", {"phone": ("in", phones)})
	file = frappe.get_doc("File", {"file_url": counts["error_file"]})
	assert file.is_private
	rows = list(csv.DictReader(io.StringIO(file.get_content())))
	assert [(row["line"], row["phone"]) for row in rows] == [("3", phones[1]), ("4", phones[2])]
	assert "basis" in rows[0]["error"] and "2026-08-31" in rows[1]["error"]


@pytest.mark.parametrize(
	("line", "message"),
	[
		("12", "digits|short|number"),
		("", "nothing"),
		(grant("+13125550142", action="delete"), "Unknown action"),
		(grant("+13125550142", channel="fax"), "Unknown channel"),
		(grant("+13125550142", purpose="spam"), "Unknown purpose"),
		(grant("+13125550142", wording=""), "fill wording or note"),
		(grant("+13125550142", given_at=""), "given_at"),
		(grant("+13125550142", given_at="2999-01-01"), "future|plausible"),
		(grant("+13125550142", expires_at="2020-01-01"), "expire before"),
		(grant("+13125550142", action="opt out"), "neither basis"),
		("+13125550142,opt out,,,,forever", "Unknown scope"),
		("+13125550142,opt out,,,,this purpose", "needs a purpose"),
		(grant("+13125550142") + ",one too many", "more cells"),
	],
)
def test_what_is_wrong_with_a_line_stands_beside_it(line, message):
	if message == "nothing":
		with pytest.raises(ImportRefused, match="no lines"):
			read(line)
		return
	((found,),) = [read(line)]
	assert found.event is None
	assert re.search(message, found.error), found.error


@pytest.mark.parametrize("action", ["opt-out", "Opt Out", "OPT_OUT", "optout", "Unsubscribed", "STOP", "DNC"])
def test_an_opt_out_is_read_as_other_systems_write_it(action):
	(line,) = read(f"+13125550142,{action}")
	assert line.event.kind == "Opt Out", line.error


@pytest.mark.parametrize(
	("country", "written"),
	[
		("US", "8/31/2026"),
		("US", "08/31/2026"),
		("US", "8/31/2026 00:00"),
		("US", "8/31/2026 12:00 am"),
		("DE", "31.8.2026"),
		("MX", "31/8/2026"),
		("MX", "2026-08-31"),
	],
)
def test_a_date_is_read_as_the_country_writes_it(country, written):
	content = f"{HEADING}\n{grant('+13125550142', given_at=written)}".encode()
	(line,) = importer.read_csv(content, country, "file")
	assert clock.to_db(line.event.at) == datetime(2026, 8, 31), line.error


@pytest.mark.parametrize("written", ["31/8/2026", "8/31/26", "13/13/2026", "2026-31-08", "8/31/2026 25:00"])
def test_what_is_no_date_says_how_to_write_one(written):
	(line,) = read(grant("+13125550142", given_at=written))
	assert line.event is None and "8/31/2026" in line.error and written in line.error


def test_a_line_with_two_numbers_stops_the_calls_to_both():
	phones = [make.phone("312"), make.phone("303")]
	cell = f"(home) {phones[0][2:5]}-{phones[0][5:8]}-{phones[0][8:]} / {phones[1]}"
	lines = read(f"{cell},opt out", heading="phone,action")
	assert [(line.event.phone, line.event.kind) for line in lines] == [
		(phone, importer.events.OPT_OUT) for phone in phones
	]
	assert importer.summary(lines)["lines"] == 1


@pytest.mark.parametrize("cell", ["312-555-0142 ext 4", "312-555-0142/24", "312-555-0142 / 555-0143"])
def test_a_line_whose_numbers_cannot_all_be_called_is_an_error(cell):
	(line,) = read(f"{cell},opt out", heading="phone,action")
	assert line.error and not line.event


def test_a_number_twice_is_an_error_of_the_second_line():
	first, second = read(grant("+13125550142"), grant("(312) 555-0142"))
	assert first.event and "Line 2" in second.error


@pytest.mark.parametrize(
	("content", "message"),
	[
		(b"", "no column phone"),
		(b"name\nx", "no column phone"),
		(b"phone,colour\n1,2", "Unknown columns: colour"),
		(b"phone,phone\n1,2", "a column twice"),
		("phone,note\n1,Fra\u00e7ois".encode("latin-1"), "UTF-8"),
		(b'phone,note\n1,"open', "not CSV"),
		(b"phone\n" + b"1\n" * 10_001, "more than 10000 lines"),
		(b"phone\n" + b"1" * 10_000_001, "larger than"),
	],
	ids=[
		"empty",
		"no phone",
		"unknown column",
		"column twice",
		"latin-1",
		"open quote",
		"too many lines",
		"too large",
	],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(content, message):
	with pytest.raises(ImportRefused, match=message):
		importer.read_csv(content, "US", "file")


def test_semicolons_and_a_byte_order_mark_are_understood():
	content = "\ufeffphone;action\n+13125550142;opt out\n".encode()
	(line,) = importer.read_csv(content, "US", "file")
	assert line.event.kind == "Opt Out"


def test_an_import_never_lifts_an_opt_out(phone):
	make.consent(phone)
	ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	importer.record_rows(read(grant(phone, basis="express written")), "file")
	assert len(ledger.read([phone])[phone].opt_outs) == 2
	assert len(stream.events_of([phone])) == 3


def test_the_error_file_starts_no_formula():
	(line,) = read('=cmd|"/c calc"!A1,+1-2,@x,-3')
	(_heading, row) = csv.reader(io.StringIO(importer.error_csv([line])))
	assert all(not cell.startswith(("=", "+", "@", "-")) for cell in row)


@settings(
	max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
	st.binary(max_size=300)
	| st.text(max_size=300).map(lambda text: ("phone,note\n" + text).encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(content):
	try:
		lines = importer.read_csv(content, "US", "file")
	except ImportRefused:
		return
	assert all(bool(line.error) != bool(line.event) for line in lines)
	importer.error_csv(lines)


def test_only_managers_import(as_role):
	url = file_of(grant(make.phone()))
	as_role("Dialer Agent")
	for method in (desk.check_import, desk.run_import):
		with pytest.raises(frappe.PermissionError):
			method(url)
