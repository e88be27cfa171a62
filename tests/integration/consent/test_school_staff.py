"""Staff record an opt-out of one school, and read it in the history, on the record, and in reports."""

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.consent import importer, ledger
from school_dialer.consent.events import Evidence
from school_dialer.desk import boot
from school_dialer.desk import consent as desk
from school_dialer.help_desk import actions
from school_dialer.inbound.conversations import acknowledgement
from school_dialer.reporting import coverage, receipt, standing
from school_dialer.reporting.number import number_history
from school_dialer.school_dialer.report.opt_out_log_and_latency import opt_out_log_and_latency
from tests.integration import districts
from tests.integration import factories as make


@pytest.fixture
def schools():
	with districts.district("Lincoln", "Washington") as names:
		yield names


@pytest.fixture
def phone() -> str:
	number = make.phone()
	make.consent(number)
	return number


def stops(number: str) -> set[tuple[str, str | None]]:
	return {(one.scope, one.school) for one in ledger.read([number])[number].opt_outs}


def test_an_agent_stops_one_school(phone, schools, as_role):
	as_role("Dialer Agent")
	answer = desk.record_opt_out(phone=phone, scope="this school", school=schools[0], wording="not Lincoln")
	assert stops(phone) == {("this school", schools[0])} and phone[2:] not in str(answer)
	event = frappe.get_doc("Consent Event", answer["event"])
	assert (event.source, event.wording, event.note) == ("Agent", "not Lincoln", f"School: {schools[0]}")


def test_so_does_the_dialog_on_a_record(phone, schools, as_role):
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Ana"})
	contact.append("phone_nos", {"phone": phone, "is_primary_mobile_no": 1})
	contact.insert()
	as_role("Dialer Agent", "Sales User")
	(offered,) = actions.prefill("Contact", contact.name)["numbers"]
	actions.log_opt_out("Contact", contact.name, offered["key"], "this school", school=schools[0])
	assert stops(phone) == {("this school", schools[0])}
	(calls, texts) = actions.opted_out("Contact", contact.name)
	assert calls.endswith(f"Calls: opted out of {schools[0]}") and "Texts" in texts


@pytest.mark.parametrize("school", [None, "", "No Such School", "School/Lincoln"])
def test_without_a_school_the_scope_is_refused(phone, schools, school):
	for record in (
		lambda: desk.record_opt_out(phone=phone, scope="this school", school=school),
		lambda: desk.record_opt_out(phone=phone, scope="this school", purpose="Fees"),
	):
		with pytest.raises(frappe.ValidationError, match="Choose a school"):
			record()
	assert not stops(phone)


def test_with_another_scope_the_school_does_not_count(phone, schools):
	desk.record_opt_out(phone=phone, scope="this purpose", purpose="Fees", school=schools[0])
	assert stops(phone) == {("this purpose", None)}


def test_with_one_school_the_scope_is_refused(phone):
	(only,) = frappe.get_all("Dialer School", pluck="name", limit=1) or [districts.school().name]
	with pytest.raises(frappe.ValidationError, match="Choose a school"):
		desk.record_opt_out(phone=phone, scope="this school", school=only)


def test_the_history_and_the_number_say_it(phone, schools):
	lincoln, _washington = schools
	ledger.opt_out(phone, scope="this school", school=lincoln, evidence=Evidence("Agent"))
	ledger.opt_in(phone, school=lincoln, evidence=Evidence("Text", wording="START"))
	ledger.opt_out(phone, scope="this school", school=lincoln, channel="Text", evidence=Evidence("Keypad"))
	said = [entry.text for entry in number_history.consent_events((phone,), 10)]
	assert set(said[:-1]) == {
		f"No more calls and texts from {lincoln}, but for emergencies. How: Agent.",
		f"Agreed again to calls and texts from {lincoln}. How: Text.",
		f"No more texts from {lincoln}, but for emergencies. How: Keypad.",
	}
	lines = {line["text"] for line in standing.of_numbers([phone])[phone]}
	assert lines == {
		"Calls: agreed to all kinds",
		"Texts: agreed to all kinds",
		f"Texts: opted out of {lincoln}",
	}
	new = frappe.rename_doc("Dialer School", lincoln, f"{lincoln} Middle")
	assert f"Texts: opted out of {new}" in {line["text"] for line in standing.of_numbers([phone])[phone]}
	rows = [row for row in opt_out_log_and_latency.execute()[1] if row["number"].endswith(phone[-2:])]
	assert {row["purpose"] for row in rows if row["scope"] == "this school"} == {new}


def test_the_receipt_names_the_school(phone, schools):
	ledger.opt_out(phone, scope="this school", school=schools[0], evidence=Evidence("Agent"))
	row = frappe.get_doc("Contact Consent", {"phone": phone, "opt_out_scope": "this school"})
	html = frappe.get_print("Contact Consent", row.name, "Consent Receipt")
	assert schools[0] in html and "School/" not in html.split("<h2>")[1]
	assert receipt.receipt_of(row)["about"](row.purpose) == schools[0]


def test_it_is_no_opt_out_in_the_districts_coverage(phone, schools):
	ledger.opt_out(phone, scope="this school", school=schools[0], evidence=Evidence("Agent"))
	facts = ledger.read([phone], "Voice")[phone]
	people = [frappe._dict(phones=[phone], person_doctype=None, person=None)]
	judge = coverage.judge_of(people, "Voice", ("General",))
	assert facts.opt_outs and judge(people[0]) == {"General": "consented"}


def test_it_stops_the_answers_of_that_school_only(phone, schools):
	lincoln, washington = schools
	ledger.opt_out(phone, scope="this school", school=lincoln, evidence=Evidence("Agent"))
	answered = [acknowledgement.may_be_answered(phone, each) for each in (lincoln, washington, "")]
	assert answered == [False, True, True]
	wrote = clock.now() - clock.now().resolution * 10**9
	codes = [
		gate.ask_reply(phone, wrote, clock.now(), school=each).decision.codes
		for each in (lincoln, washington)
	]
	assert "OPTED_OUT" in codes[0] and "OPTED_OUT" not in codes[1]


def test_a_file_brings_none(phone, schools):
	content = f"phone,action,scope,purpose\n{phone},opt out,this school,School/{schools[0]}\n".encode()
	(line,) = importer.read_csv(content, "US", "file")
	assert line.error == "Unknown scope. Use one of this purpose, all non-emergency, everything."


def test_the_desk_knows_whether_it_is_a_district(schools):
	info = frappe._dict()
	boot.extend(info)
	assert info.school_dialer["district"] is True
