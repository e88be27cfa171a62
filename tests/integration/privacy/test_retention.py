"""Retention, legal hold, erasure and access, on rows that the gate and the dispatcher wrote."""

import json

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock, site_values
from school_dialer.base.phone import mask
from school_dialer.compliance import policies
from school_dialer.consent.integrity import verify
from school_dialer.desk import privacy as desk
from school_dialer.gate import site_policies
from school_dialer.privacy import erasure, holds, person, pseudonym, retention
from school_dialer.setup import schema
from tests.integration import factories as make

pytestmark = pytest.mark.dates

DAYS = {
	"keep_call_logs_days": 100,
	"keep_recipients_days": 100,
	"keep_notices_days": 100,
	"keep_audience_files_days": 100,
}
OFFICER = "Dialer Compliance Officer"


def purge(days=DAYS, unlink=False) -> int:
	return sum(retention.purge(days, unlink))


def everything_about(one) -> str:
	"""Return everything that the call log and the recipient contain, as text."""
	rows = [
		frappe.db.get_value("Dialer Call Log", one.log, "*", as_dict=True),
		frappe.db.get_value("Dialer Recipient", one.recipient, "*", as_dict=True),
	]
	return json.dumps(rows, default=str)


def hold(**values):
	return frappe.get_doc({"doctype": "Dialer Legal Hold", "reason": "Case 12", **values}).insert()


def test_old_rows_lose_the_person_and_keep_the_evidence(called):
	old, young = called(days=200), called(days=50)
	before = json.loads(frappe.db.get_value("Dialer Call Log", old.log, "decision"))
	purge()
	kept = everything_about(old)
	assert old.number not in kept and old.name not in kept and old.number[-4:] not in kept
	assert young.number in everything_about(young) and young.name in everything_about(young)
	log = frappe.get_doc("Dialer Call Log", old.log)
	assert log.phone == pseudonym.pseudonym_of(old.number) and log.verdict == "ALLOW" and log.placed_at
	assert gate.signature_holds(log.decision, log.seal)
	after = json.loads(log.decision)
	assert {
		key: after[key] for key in ("verdict", "reasons", "policy", "version", "digest", "at", "facts")
	} == {key: before[key] for key in ("verdict", "reasons", "policy", "version", "digest", "at", "facts")}
	assert after["scrubbed"] and after["request"]["phone"]["e164"] == ""


@pytest.fixture
def cap_of_125_days():
	"""Enable a policy that allows one call in 3,000 hours, for this transaction."""
	usual = policies.load("US").to_dict()
	cap = {"maximum": 1, "hours": 3_000, "per": "number", "states": [], "landline_without_consent": False}
	changed = {
		"version": "2026-long",
		"caps": [*usual["caps"], {**cap, "citation": "The district's own rule"}],
	}
	site_policies.insert(policies.load("US").from_dict(usual | changed))
	frappe.db.set_value("Dialer Policy", {"version": "2026-long"}, "enabled", 1)
	frappe.local.dialer_policies = None
	yield
	frappe.local.dialer_policies = None


def asked_again(one) -> str:
	"""Return the codes of the decision whether this number may be called now."""
	campaign = frappe.get_doc("Dialer Campaign", one.campaign)
	check = gate.EligibilityCheck("again", one.number, None, None)
	return gate.ask(gate.CallContext.of(campaign), [check], clock.now())["again"].decision.codes


def test_a_cap_of_125_days_counts_all_of_its_days(called, cap_of_125_days):
	counted, over = called(days=110), called(days=130)
	purge()
	assert asked_again(counted) == ("FREQUENCY_CAP",) and not asked_again(over)
	assert counted.number in everything_about(counted) and over.number not in everything_about(over)


def test_a_question_about_the_number_is_still_answered(called):
	old = called(days=200)
	purge()
	found = person.rows_about(person.of_phone(old.number), "Dialer Call Log", "status")
	assert [row.name for row in found] == [old.log]
	assert person.export(person.of_phone(old.number))["kept"]["Dialer Call Log"]


def test_a_second_night_changes_nothing(called):
	called(days=200)
	assert purge() >= 2
	before = frappe.db.sql("select name, phone, decision, seal from `tabDialer Call Log` order by name")
	assert purge() == 0
	assert before == frappe.db.sql(
		"select name, phone, decision, seal from `tabDialer Call Log` order by name"
	)


def test_most_nights_read_by_number_and_one_a_week_reads_all(called, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(retention, "CHUNK", 2)
	read, nights = retention.due_rows, []

	def watched(kind, *about):
		nights[-1].add((kind.doctype, about[-1]))
		return read(kind, *about)

	monkeypatch.setattr(retention, "due_rows", watched)
	values = {"retention_on": 1, "keep_call_logs_days": 100, "keep_recipients_days": 100}
	frappe.db.set_single_value("Dialer Settings", values)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	site_values.write(retention.WHOLE, str(clock.db_now().date()))
	old = [called(days=200) for _one in range(5)]
	nights.append(set())
	retention.nightly()
	for one in old:
		assert one.number not in everything_about(one)
	assert not retention.is_due_whole()
	long_ago = frappe.utils.add_days(clock.db_now().date(), -retention.WHOLE_DAYS)
	site_values.write(retention.WHOLE, str(long_ago))
	assert retention.is_due_whole()
	nights.append(set())
	retention.nightly()
	assert not retention.is_due_whole()
	large = {kind.doctype for kind in retention.KINDS if kind.index}
	assert [{way for one, way in night if one in large} for night in nights] == [{True}, {False}]


@pytest.mark.parametrize("kind", [one for one in retention.KINDS if one.index], ids=lambda one: one.doctype)
def test_the_index_that_a_night_reads_begins_with_the_number(kind):
	assert schema.INDEXES[kind.doctype][kind.index][0] == "phone"


def test_a_forged_decision_does_not_become_genuine(called):
	old = called(days=200)
	frappe.db.sql("update `tabDialer Call Log` set seal = %s where name = %s", ("0" * 64, old.log))
	purge()
	log = frappe.get_doc("Dialer Call Log", old.log)
	assert not gate.signature_holds(log.decision, log.seal)


def test_links_go_where_the_setting_says_so(called):
	old = called(days=200, person=("Contact", "Robin"), students='["S-1"]')
	purge()
	assert frappe.db.get_value("Dialer Call Log", old.log, "person") == "Robin"
	purge(unlink=True)
	assert frappe.db.get_value("Dialer Call Log", old.log, ["person", "students"]) == (None, "[]")
	assert frappe.db.get_value("Dialer Recipient", old.recipient, "person") is None


def test_no_one_who_waits_is_touched(called):
	waiting = called(days=200)
	frappe.db.sql("update `tabDialer Recipient` set status = 'Deferred' where name = %s", waiting.recipient)
	purge()
	assert frappe.db.get_value("Dialer Recipient", waiting.recipient, "phone") == waiting.number


def test_zero_days_keep_for_ever_and_few_days_are_refused(called):
	old = called(days=2_000)
	assert purge(dict.fromkeys(DAYS, 0)) == 0
	assert old.number in everything_about(old)
	settings = frappe.get_doc("Dialer Settings")
	settings.keep_call_logs_days = 30
	with pytest.raises(frappe.ValidationError, match="at least 60 days"):
		settings.check_retention()


def test_the_ledger_stays_whole(called):
	called(days=200)
	before = frappe.db.count("Consent Event")
	purge(unlink=True)
	assert frappe.db.count("Consent Event") == before
	assert not verify.verify_ledger().problems


def test_the_count_is_what_the_night_does(called):
	for _one in range(3):
		called(days=200)
	expected = retention.count(DAYS, False)
	assert expected["Dialer Call Log"] >= 3 and expected["Dialer Recipient"] >= 3
	assert purge() == sum(expected.values())
	assert not any(retention.count(DAYS, False).values())


def test_the_night_waits_until_it_is_switched_on(called, monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	old = called(days=900)
	frappe.db.set_single_value("Dialer Settings", {"retention_on": 0, "keep_call_logs_days": 100})
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	retention.nightly()
	assert frappe.db.get_value("Dialer Call Log", old.log, "phone") == old.number
	frappe.db.set_single_value("Dialer Settings", "retention_on", 1)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	retention.nightly()
	assert frappe.db.get_value("Dialer Call Log", old.log, "phone") == pseudonym.pseudonym_of(old.number)


def test_files_of_names_and_numbers_go_after_the_campaign(called):
	old = called(days=200)
	frappe.db.sql(
		"update `tabDialer Campaign` set status = 'Completed', "
		"ended_at = date_sub(%s, interval 200 day) where name = %s",
		(clock.db_now(), old.campaign),
	)
	assert frappe.db.exists("File", {"file_url": old.file})
	purge()
	assert not frappe.db.exists("File", {"file_url": old.file})
	assert not frappe.db.get_value("Dialer Campaign", old.campaign, "audience_file")


def test_a_hold_on_a_number_stops_retention_and_erasure(called):
	old, other = called(days=200), called(days=200)
	made = hold(phone=old.number)
	purge(unlink=True)
	assert old.number in everything_about(old) and other.number not in everything_about(other)
	report = erasure.erase(person.of_phone(old.number), really=True)
	assert report.held and not report.done and not report.removed
	assert old.number in everything_about(old)
	holds.release(made.name, "The case is closed")
	purge()
	assert old.number not in everything_about(old)


def test_a_hold_on_a_person_covers_their_rows(called):
	guardian = frappe.get_doc({"doctype": "Guardian", "guardian_name": "Robin"}).insert().name
	old = called(days=200)
	for doctype, name in (("Dialer Call Log", old.log), ("Dialer Recipient", old.recipient)):
		frappe.db.set_value(
			doctype, name, {"person_doctype": "Guardian", "person": guardian}, update_modified=False
		)
	hold(person_doctype="Guardian", person=guardian)
	purge(unlink=True)
	assert old.number in everything_about(old)
	assert erasure.erase(person.of_record("Guardian", guardian), really=True).held


@pytest.mark.parametrize(
	"change", [lambda doc: doc.update({"reason": "x"}), lambda doc: doc.update({"status": "Released"})]
)
def test_a_hold_is_neither_changed_nor_deleted(change):
	made = hold(phone="+13125550142")
	change(made)
	with pytest.raises(frappe.PermissionError):
		made.save()
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc("Dialer Legal Hold", made.name).delete()


def test_a_hold_needs_a_number_or_a_person_and_a_reason():
	for values in ({}, {"phone": "not a number"}, {"phone": "+13125550142", "reason": ""}):
		with pytest.raises(frappe.ValidationError):
			hold(**values)


def test_an_erasure_says_first_and_does_then(called):
	one, other = called(), called()
	subject = person.of_phone(one.number)
	said = erasure.erase(subject, really=False)
	assert one.number in everything_about(one) and not said.done
	done = erasure.erase(subject, really=True)
	assert done.removed == said.removed and done.kept == said.kept and done.done
	left = everything_about(one)
	assert one.number not in left and one.name not in left
	assert other.number in everything_about(other)
	assert any("28 USC 1658" in sentence for sentence in done.kept)
	assert one.number not in json.dumps([done.removed, done.kept])
	assert erasure.erase(subject, really=True).removed == [
		"Nothing: no personal data is left that may be removed."
	]
	assert frappe.db.exists("Contact Consent", {"phone": one.number})


def test_erasing_one_parent_leaves_the_other_on_the_same_line(called):
	mother, father = (
		frappe.get_doc({"doctype": "Guardian", "guardian_name": name, "mobile_number": "+13125550197"})
		.insert()
		.name
		for name in ("Maria", "Pedro")
	)
	rows = {}
	for guardian in (mother, father):
		rows[guardian] = one = called()
		frappe.db.set_value(
			"Dialer Call Log",
			one.log,
			{"person_doctype": "Guardian", "person": guardian, "phone": "+13125550197"},
			update_modified=False,
		)
	erasure.erase(person.of_record("Guardian", mother), really=True)
	assert frappe.db.get_value("Dialer Call Log", rows[mother].log, "person") is None
	assert frappe.db.get_value("Dialer Call Log", rows[father].log, ["person", "phone"]) == (
		father,
		"+13125550197",
	)


def test_an_export_has_all_and_is_noted(called, as_role):
	one = called()
	consent = frappe.db.get_value("Contact Consent", {"phone": one.number})
	officer = as_role(OFFICER)
	found = desk.export_person(contact_consent=consent)
	text = json.dumps(found)
	assert one.name in text and one.number in text and one.campaign in text
	assert {"Contact Consent", "Consent Event", "Dialer Recipient", "Dialer Call Log"} <= found["kept"].keys()
	frappe.set_user("Administrator")
	(noted,) = frappe.get_all("Access Log", {"user": officer}, ["*"])
	assert noted.method.startswith("Export") and one.number not in json.dumps(noted, default=str)
	frappe.db.rollback()
	assert not frappe.db.exists("Access Log", noted.name), "it is not written with what it is evidence of"


@pytest.mark.parametrize(
	"role", ["Dialer Agent", "Dialer Manager", "Dialer Emergency Approver", "System Manager"]
)
def test_only_the_officer_may(called, as_role, role):
	one = called()
	consent = frappe.db.get_value("Contact Consent", {"phone": one.number})
	made = hold(phone=one.number)
	as_role(role)
	for ask in (
		lambda: desk.export_person(contact_consent=consent),
		lambda: desk.erase_person(contact_consent=consent, really=True),
		lambda: desk.release_hold(made.name, "No reason"),
	):
		with pytest.raises(frappe.PermissionError):
			ask()


@pytest.mark.parametrize(
	("doctype", "name"), [("DocType", "User"), ("Guardian", "nobody"), ("Guardian' or '1'='1", "x"), ("", "")]
)
def test_odd_records_are_refused(doctype, name):
	with pytest.raises(person.NotFound):
		person.of_record(doctype, name)


@pytest.mark.parametrize("phone", ["", "x", "+1", "' or 1=1 --", "+13125550142;+13125550143"])
def test_odd_numbers_are_refused(phone):
	with pytest.raises(person.NotFound):
		person.of_phone(phone)


def notice(number: str, days: int, status: str = "Sent") -> str:
	name = frappe.generate_hash(length=20)
	doc = {
		"doctype": "Dialer Notice",
		"name": name,
		"kind": "Opt-out Confirmation",
		"status": status,
		"phone": number,
		"phone_masked": mask(number),
	}
	frappe.get_doc(doc).db_insert()
	frappe.db.sql(
		"update `tabDialer Notice` set creation = date_sub(%s, interval %s day) where name = %s",
		(clock.db_now(), days, name),
	)
	return name


def shown(name: str) -> tuple:
	return frappe.db.get_value("Dialer Notice", name, ["phone", "phone_masked"])


def test_old_confirmations_lose_their_number_and_keep_that_they_were_sent():
	number = make.phone()
	old, young = notice(number, 200), notice(number, 50)
	waiting = notice(number, 200, "Waiting")
	purge()
	assert shown(old) == (pseudonym.pseudonym_of(number), pseudonym.NOTHING_SHOWN)
	assert shown(young)[0] == shown(waiting)[0] == number
	assert purge() == 0
	assert frappe.db.get_value("Dialer Notice", old, ["kind", "status"]) == ("Opt-out Confirmation", "Sent")
	found = person.export(person.of_phone(number))["kept"]["Dialer Notice"]
	assert len(found) == 3, "asked by the number, the old one is still found"


def test_an_erasure_takes_the_number_from_confirmations_of_it_alone():
	number, other = make.phone(), make.phone()
	one, others, waiting = notice(number, 5), notice(other, 5), notice(number, 5, "Waiting")
	report = erasure.erase(person.of_phone(number), really=True)
	assert any("Dialer Notice" in sentence for sentence in report.removed)
	assert shown(one) == (pseudonym.pseudonym_of(number), pseudonym.NOTHING_SHOWN)
	assert shown(others)[0] == other and shown(waiting)[0] == number


def rule_case(student: str, days: int) -> str:
	name = frappe.generate_hash(length=20)
	frappe.db.sql(
		"""insert into `tabDialer Rule Case` (name, creation, modified, status, student, details)
		values (%s, date_sub(%s, interval %s day), %s, 'In Campaign', %s, 'Absent on Monday')""",
		(name, clock.db_now(), days, clock.db_now(), student),
	)
	return name


def test_a_rules_case_loses_the_student_and_keeps_its_name():
	old, held = rule_case("S-old", 200), rule_case("S-held", 200)
	young = rule_case("S-young", 50)
	kept = holds.Held(people=frozenset({("Student", "S-held")}))
	kind = next(kind for kind in retention.KINDS if kind.doctype == "Dialer Rule Case")
	due = {row.name for row in retention.due_rows(kind, 100, False, kept, "")}
	assert old in due and not due & {held, young}
	purge()
	assert frappe.db.get_value("Dialer Rule Case", old, ["student", "details"]) == (None, None)
	assert frappe.db.get_value("Dialer Rule Case", young, "student") == "S-young"
