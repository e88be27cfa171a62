"""The consent buttons of staff: the right roles, no number in a response, a ledger entry for each click."""

from datetime import datetime, timedelta, timezone

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.jobs import JobFailed
from school_dialer.consent import ledger
from school_dialer.consent.choices import enrollment, expiry
from school_dialer.consent.choices.enrollment import Counts, Enrolled
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import triggers
from school_dialer.desk import consent as desk
from tests.integration import errors
from tests.integration import factories as make


def test_an_agent_records_an_opt_out_without_seeing_the_number(phone, as_role):
	make.consent(phone)
	row = frappe.db.get_value("Contact Consent", {"phone": phone})
	user = as_role("Dialer Agent")
	answer = desk.record_opt_out(
		contact_consent=row, source="E-mail", wording="no more calls", received_at="2026-05-01 10:00:00"
	)
	assert phone[-6:] not in str(answer)
	event = frappe.get_doc("Consent Event", answer["event"])
	assert (event.kind, event.scope, event.source, event.actor) == (
		"Opt Out",
		"all non-emergency",
		"E-mail",
		user,
	)
	assert event.received_at == datetime(2026, 5, 1, 10)
	assert ledger.read([phone])[phone].opt_outs


def test_an_agent_sees_masked_numbers_only(phone, as_role):
	make.consent(phone)
	row = frappe.db.get_value("Contact Consent", {"phone": phone})
	as_role("Dialer Agent")
	seen = frappe.get_list("Contact Consent", {"name": row}, ["*"])
	assert len(seen) == 1 and phone not in str(seen)
	for doctype in ("Contact Consent", "Consent Event"):
		doc = frappe.get_doc(doctype, frappe.db.get_value(doctype, {"phone": phone}))
		doc.apply_fieldlevel_read_permissions()
		assert phone not in str(doc.as_dict())
	assert phone not in str(desk.look_up(phone))
	assert {each["status"] for each in desk.look_up(phone)["rows"]} == {"Granted"}


def test_a_manager_records_consent_and_is_told_when_an_opt_out_stands(phone, as_role):
	as_role("Dialer Manager")
	asked = {"basis": "express oral", "phone": phone, "wording": "Yes, you may call me."}
	assert desk.record_consent(**asked)["opted_out"] is False
	desk.record_opt_out(phone=phone, note="called the office")
	assert desk.record_consent(**asked)["opted_out"] is True


def test_a_signed_form_lifts_the_opt_out_once_a_second_person_has_looked_at_it(phone, as_role):
	other, recorder = as_role("Dialer Manager"), as_role("Dialer Manager")
	ledger.opt_out(
		phone, evidence=Evidence("Text", wording="STOP"), received_at=clock.now() - timedelta(days=2)
	)
	form = attached_form(phone)
	signed = {"basis": "express written", "phone": phone, "source": "Signed Form", "wording": "I agree."}
	with pytest.raises(ledger.LedgerError, match="Attach the signed form"):
		desk.record_consent(**signed)
	with pytest.raises(frappe.DoesNotExistError):
		desk.record_consent(**signed, attachment="/private/files/nobody.pdf")
	found = desk.record_consent(**signed, attachment=form.file_url)
	assert found["opted_out"] and found["second_person"]
	assert frappe.db.exists("Notification Log", {"for_user": other, "document_name": found["event"]})
	with pytest.raises(frappe.PermissionError, match="Another person"):
		desk.confirm_form(found["event"])
	frappe.set_user(other)
	event = frappe.get_doc("Consent Event", desk.confirm_form(found["event"])["event"])
	assert (event.source, event.actor, event.reference_name) == ("Signed Form", other, found["event"])
	assert not ledger.read([phone])[phone].opt_outs and ledger.read([phone])[phone].consents
	with pytest.raises(frappe.ValidationError, match="confirmed already"):
		desk.confirm_form(found["event"])
	assert recorder != other


def attached_form(phone: str):
	values = {"doctype": "File", "file_name": f"{phone}.txt", "content": "signed", "is_private": 1}
	return frappe.get_doc(values).insert(ignore_permissions=True)


def test_a_signed_form_lifts_nothing_that_was_stopped_after_it(phone, as_role):
	as_role("Dialer Manager")
	ledger.opt_out(phone, evidence=Evidence("Text", wording="STOP"))
	signed = {"basis": "express written", "phone": phone, "source": "Signed Form", "wording": "I agree."}
	given_at = str(clock.db_now() - timedelta(days=2))
	found = desk.record_consent(**signed, given_at=given_at, attachment=attached_form(phone).file_url)
	as_second_person(as_role)
	assert desk.confirm_form(found["event"])["opted_out"]


def as_second_person(as_role) -> None:
	frappe.set_user("Administrator")
	as_role("Dialer Compliance Officer")


def test_a_signed_form_where_nothing_was_stopped_counts_at_once(phone, as_role):
	as_role("Dialer Manager")
	signed = {"basis": "express written", "phone": phone, "source": "Signed Form", "wording": "I agree."}
	found = desk.record_consent(**signed, attachment=attached_form(phone).file_url)
	assert frappe.db.get_value("Consent Event", found["event"], "source") == "Signed Form"
	assert "second_person" not in found


def test_only_a_consent_with_a_form_is_confirmed(phone, as_role):
	as_role("Dialer Manager")
	plain = desk.record_consent(basis="express oral", phone=phone, wording="Yes.")["event"]
	stop = desk.record_opt_out(phone=phone, note="called the office")["event"]
	as_second_person(as_role)
	for name in (plain, stop):
		with pytest.raises(frappe.ValidationError, match="no signed form"):
			desk.confirm_form(name)


@pytest.mark.parametrize("source", ["Text", "Preference Page", "Carrier", "Import", "System", ""])
def test_staff_cannot_speak_as_the_person(phone, source):
	with pytest.raises(frappe.ValidationError, match="by the person"):
		desk.record_consent(basis="express oral", phone=phone, source=source, wording="x")


@pytest.mark.parametrize(
	("method", "allowed"),
	[
		(desk.look_up, {"Dialer Agent", "Dialer Manager", "Dialer Compliance Officer"}),
		(desk.record_opt_out, {"Dialer Agent", "Dialer Manager", "Dialer Compliance Officer"}),
		(desk.record_wrong_number, {"Dialer Agent", "Dialer Manager", "Dialer Compliance Officer"}),
		(desk.verify, {"Dialer Agent", "Dialer Manager", "Dialer Compliance Officer"}),
		(desk.record_consent, {"Dialer Manager", "Dialer Compliance Officer"}),
	],
)
def test_each_action_is_for_its_roles(phone, monkeypatch, method, allowed):
	arguments = {"phone": phone} if method == desk.look_up else {"phone": phone, "note": "asked her"}
	if method == desk.record_consent:
		arguments |= {"basis": "express oral", "wording": "Yes, you may call me."}
	for role in (
		"Dialer Agent",
		"Dialer Manager",
		"Dialer Compliance Officer",
		"Dialer Emergency Approver",
		"System Manager",
	):
		monkeypatch.setattr(frappe, "get_roles", lambda *_, role=role: [role, "All"])
		if role in allowed:
			assert method(**arguments)
		else:
			with pytest.raises(frappe.PermissionError):
				method(**arguments)


@pytest.mark.parametrize("phone_text", ["", "12", "hello", None, "+1312555", "<script>"])
def test_what_is_no_number_is_said_so(phone_text):
	with pytest.raises(frappe.ValidationError, match="not a telephone number"):
		desk.record_opt_out(phone=phone_text)


@pytest.mark.dates
def test_bad_moments_and_rows_are_said_so(phone):
	with pytest.raises(frappe.ValidationError, match="not a date"):
		desk.record_opt_out(phone=phone, received_at="<b>yesterday</b>")
	with pytest.raises(frappe.DoesNotExistError):
		desk.record_opt_out(contact_consent="nothing")
	with pytest.raises(frappe.ValidationError, match="how the number was verified"):
		desk.verify(phone=phone)


def people(*numbers: tuple[str, ...]) -> list[Enrolled]:
	return [Enrolled("Guardian", f"G{place}", phones) for place, phones in enumerate(numbers)]


def test_enrolment_counts_first_and_records_only_what_is_open():
	agreed, stopped, shared, new = (make.phone() for _ in range(4))
	make.consent(agreed)
	ledger.opt_out(stopped, evidence=Evidence("Text", wording="STOP"))
	family = people((agreed,), (stopped, "12"), (shared, new), (shared,), ())
	counts = Counts()
	open_numbers = enrollment.take_numbers(family, "US", counts)
	assert counts.as_dict() == {
		"people": 5,
		"without_number": 1,
		"invalid": 1,
		"numbers": 5,
		"agreed_already": 1,
		"opted_out": 1,
		"to_record": 3,
	}
	chunks = []
	evidence = Evidence("Enrolment", wording="Form 7", language="en")
	enrollment.record_numbers(open_numbers, evidence, clock.now() - timedelta(days=3), chunks.append)
	assert chunks == [3]
	facts = ledger.read([agreed, stopped, shared, new])
	assert facts[shared].consents and facts[new].consents and facts[stopped].opt_outs
	for person, counts_for in (("G2", 1), ("G3", 1), ("G9", 0)):
		assert len(facts[shared].of("Guardian", person).consents) == 2 * counts_for
	again = Counts()
	assert enrollment.take_numbers(family, "US", again) == []


@pytest.mark.parametrize(
	("channel", "scope", "purpose", "enrolled_on"),
	[
		("Any", "this purpose", "Fundraising", {"Text", "Voice"}),
		("Text", "all non-emergency", None, {"Voice"}),
		("Any", "all non-emergency", None, set()),
	],
	ids=["one purpose", "one channel", "everything"],
)
def test_an_opt_out_of_a_part_leaves_a_new_guardian_to_be_enrolled_for_the_rest(
	channel, scope, purpose, enrolled_on
):
	number = make.phone()
	evidence = Evidence("Agent", wording="The family asked for it.")
	ledger.opt_out(number, channel=channel, scope=scope, purpose=purpose, evidence=evidence)
	before = ledger.read([number])[number].opt_outs
	open_numbers = enrollment.take_numbers(people((number,)), "US", Counts())
	assert bool(open_numbers) == bool(enrolled_on)
	enrollment.record_numbers(open_numbers, Evidence("Enrolment", wording="Form 7"), clock.now(), int)
	facts = ledger.read([number])[number]
	assert {consent.channel for consent in facts.consents} == enrolled_on
	assert facts.opt_outs == before


def test_the_enrolment_job_tells_how_far_it_is(monkeypatch):
	numbers = [make.phone() for _ in range(3)]
	monkeypatch.setattr(desk, "_audience", lambda *_: iter([people((numbers[0],)), people(tuple(numbers))]))
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	assert desk.count_enrolment("All contacts")["to_record"] == 3
	result = desk.run_enrolment("job", "All contacts", None, "2026-01-05 09:00:00", "Form 7", "en", None)
	assert result["to_record"] == 3
	assert desk.enrolment_progress("job") == {"status": "Finished", "counts": result, "error": ""}
	assert desk.enrolment_progress("other")["status"] == "Unknown"


def test_an_enrolment_job_that_breaks_says_so_and_logs_no_number(monkeypatch):
	number = make.phone()

	def broken(*_):
		secret = number
		raise RuntimeError(secret)

	before = errors.about("run_enrolment")
	monkeypatch.setattr(desk, "_audience", broken)
	with pytest.raises(JobFailed) as failure:
		desk.run_enrolment("broken", "All contacts", None, "2026-01-05 09:00:00", "Form 7", "en", None)
	assert desk.enrolment_progress("broken")["status"] == "Failed"
	(log,) = errors.about("run_enrolment") - before
	assert number not in frappe.get_doc("Error Log", log).as_json() + str(failure.value)


def test_an_audience_of_this_site_can_be_counted():
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Test"})
	contact.append("phone_nos", {"phone": make.phone(), "is_primary_mobile_no": 1})
	contact.insert()
	assert desk.count_enrolment("All contacts")["people"] >= 1
	with pytest.raises(frappe.ValidationError, match="no audience"):
		desk.count_enrolment("Everybody")


@pytest.mark.dates
def test_expired_consents_are_marked_by_the_daily_job(phone):
	make.consent(phone, expires_at=clock.now() + timedelta(milliseconds=1))
	while expiry.expire_some(100):
		pass
	assert set(frappe.get_all("Contact Consent", {"phone": phone}, pluck="status")) == {"Expired"}
	assert expiry.expire_some(100) == 0


def test_triggers_that_the_server_does_not_allow_are_no_failure(monkeypatch):
	def not_allowed(query):
		if query.startswith("create trigger"):
			raise frappe.db.OperationalError(1419, "You do not have the SUPER privilege")

	monkeypatch.setattr(frappe.db, "sql_ddl", not_allowed)
	assert triggers.create() is False


def test_the_anchor_job_alerts_the_compliance_officers(phone, as_role, unguarded, monkeypatch):
	from school_dialer.consent.integrity import daily_anchor, rebuild

	officer = as_role("Dialer Compliance Officer")
	frappe.set_user("Administrator")
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(rebuild, "rebuild", rebuild.Differences)
	monkeypatch.setattr(daily_anchor, "SETTLING", timedelta(seconds=-1))
	make.consent(phone)
	frappe.db.sql("update `tabConsent Event` set kind = 'Opt In' where phone = %s", phone)
	daily_anchor.daily()
	(notice,) = frappe.get_all("Notification Log", {"for_user": officer}, ["subject"])
	assert "problems in the chains" in notice.subject and phone not in notice.subject
	assert datetime.now(timezone.utc).year >= 2026
