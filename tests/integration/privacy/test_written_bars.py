"""A court order holds in whatever way the numbers of the barred guardian, or the other one's, are written."""

import re
import secrets

import frappe
import pytest

from school_dialer import gate
from school_dialer.audience import barred, mail_address, on_record, whose_number
from school_dialer.audience.guardians import AllGuardians
from school_dialer.audience.numbers import in_fields
from school_dialer.base import clock
from school_dialer.campaigns.planning import planner
from school_dialer.consent.choices import enrollment
from school_dialer.health import site
from school_dialer.health.finding import FAIL, OK
from tests.integration import factories as make
from tests.integration.privacy.rights import MINOR, guardian, student

BARRED = {"dialer_contact_permission": "None by Court Order"}
EVENT, EMERGENCY = gate.CallContext("Voice", "Event"), gate.CallContext("Voice", "Emergency")


@pytest.fixture(autouse=True)
def undone(site_connection):
	frappe.db.savepoint("bars")
	yield
	frappe.db.rollback(save_point="bars")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def in_country(country: str) -> None:
	frappe.db.set_single_value("Dialer Settings", "default_country", country)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def national(number: str) -> str:
	return f"{number[2:5]}-{number[5:8]}-{number[8:]}"


def family(of_father: str, of_mother: str = "") -> tuple[str, str]:
	"""Return (mother, child): the father with this number is barred from the child."""
	father, mother = guardian(mobile_number=of_father), guardian(mobile_number=of_mother)
	return mother, student(MINOR, (mother, {}), (father, BARRED))


def heard(mother: str, child: str, number: str, case: gate.CallContext = EVENT) -> tuple[str, ...]:
	question = gate.EligibilityCheck("one", number, "Guardian", mother, (child,))
	answer = gate.ask(case, [question], clock.now())["one"]
	return () if "RESTRICTED_CONTACT" in answer.decision.codes else answer.students


def planned(mother: str) -> list[tuple[str, str]]:
	"""Return (number, verdict) of the mother's numbers, as a plan would decide."""
	campaign = frappe._dict(
		audience_source=AllGuardians.label,
		purpose="Event",
		channel="Voice",
		reach="Everyone",
		template=make.template(),
	)
	source = AllGuardians(campaign)
	people = [one for one in all_of(source) if one.person == mother]
	return [(one.phone, one.answer.decision.verdict) for one in planner.decide(campaign, [people])]


def all_of(source):
	after = ""
	while after is not None:
		people, after = source.chunk(after, 500)
		yield from people


@pytest.mark.parametrize(
	"written",
	["(home) {}", "{} (home)", "+1 303 555 0145 / {}", "{}, 303-555-0145", "{} x4", "{}/24", "tel:{}"],
)
@pytest.mark.parametrize("case", [EVENT, EMERGENCY], ids=lambda case: case.purpose)
def test_a_barred_number_is_barred_in_any_spelling(written, case):
	number = make.phone("312")
	make.consent(number)
	mother, child = family(written.format(national(number)))
	assert heard(mother, child, number, case) == ()


def test_a_barred_number_in_the_notation_of_the_schools_country():
	in_country("United Kingdom")
	mother, child = family("020 7946 0018 (home)")
	assert ("+442079460018", child) in barred.numbers({child})
	assert heard(mother, child, "+442079460018") == ()


def test_a_mothers_free_number_is_called_beside_the_barred_one():
	shared, free = make.phone("312"), make.phone("303")
	for number in (shared, free):
		make.consent(number)
	mother, child = family(national(shared), f"{national(shared)} / {national(free)}")
	assert heard(mother, child, free) == (child,)
	assert planned(mother)[0][0] == free


@pytest.mark.parametrize("written", ["555-0199", "ask the office", "1-800-FLOWERS"])
@pytest.mark.parametrize("case", [EVENT, EMERGENCY], ids=lambda case: case.purpose)
def test_a_barred_number_that_cannot_be_read_withholds_the_child_and_alerts_staff(written, case):
	barred.announce()
	number = make.phone("312")
	make.consent(number)
	mother, child = family(written, number)
	other = student(MINOR, (mother, {}))
	assert heard(mother, child, number, case) == ()
	assert heard(mother, other, number, case) == (other,)
	assert site.court_orders().state == FAIL
	barred.announce()
	barred.announce()
	alerts = frappe.get_all(
		"Notification Log", {"document_type": "Student", "document_name": child}, pluck="for_user"
	)
	assert alerts and len(alerts) == len(set(alerts))


def test_once_the_number_is_corrected_the_child_is_spoken_of_again():
	number = make.phone("312")
	make.consent(number)
	mother, child = family("555-0199", number)
	assert child in barred.unread_students()
	father = frappe.db.get_value(
		"Student Guardian", {"parent": child, "guardian": ("!=", mother)}, "guardian"
	)
	frappe.db.set_value("Guardian", father, "mobile_number", make.phone("303"))
	assert child not in barred.unread_students()
	assert heard(mother, child, number) == (child,)


@pytest.mark.parametrize("written", ["n/a", "000-000-0000", "none on file", "999-999-9999"])
@pytest.mark.parametrize("case", [EVENT, EMERGENCY], ids=lambda case: case.purpose)
def test_a_barred_guardian_without_a_number_withholds_no_one(written, case):
	number = make.phone("312")
	make.consent(number)
	mother, child = family(written, number)
	assert heard(mother, child, number, case) == (child,)
	if not barred.unread_students():
		assert site.court_orders().state == OK


def change_father(child: str, **values) -> None:
	father = frappe.db.get_value("Student Guardian", {"parent": child, **BARRED}, "guardian")
	frappe.db.set_value("Guardian", father, values)


@pytest.fixture
def named_like_phones(monkeypatch) -> str:
	"""Return a text field of a guardian that only its name takes for one of numbers, as `phone_notes` is."""
	monkeypatch.setattr(whose_number, "PHONE_NAME", re.compile("occupation"))
	return "occupation"


@pytest.mark.parametrize(
	"written", ["work", "mobile 2", "ask for Bo after 5:30", "off since {:%Y-%m-%d}", "new on {:%m/%d/%Y}"]
)
@pytest.mark.parametrize("case", [EVENT, EMERGENCY], ids=lambda case: case.purpose)
def test_words_in_a_field_that_seems_to_hold_numbers_withhold_no_one(named_like_phones, written, case):
	number = make.phone("312")
	make.consent(number)
	mother, child = family(make.phone("303"), number)
	change_father(child, **{named_like_phones: written.format(make.clock.db_now())})
	assert heard(mother, child, number, case) == (child,)
	assert child not in barred.unread_students()


def test_a_number_in_a_field_that_seems_to_hold_numbers_counts(named_like_phones):
	number = make.phone("312")
	make.consent(number)
	mother, child = family(make.phone("303"), number)
	change_father(child, **{named_like_phones: f"home: {national(number)}"})
	assert heard(mother, child, number, EMERGENCY) == ()
	change_father(child, **{named_like_phones: "555-0199"})
	assert child in barred.unread_students()


@pytest.mark.parametrize("field", ["cell_number", "custom_cell", "cell2", "home_phone", "mobile_no"])
def test_names_of_fields_that_seem_to_hold_numbers(field):
	assert whose_number.PHONE_NAME.search(field)


@pytest.mark.parametrize("field", ["miscellaneous", "cancellation_reason", "excellent", "cancelled_by"])
def test_names_of_other_fields(field):
	assert not whose_number.PHONE_NAME.search(field)


def test_a_field_without_a_column_is_not_read(monkeypatch):
	field = frappe._dict(fieldname="mobile_in_words", fieldtype="Data", options=None, is_virtual=1)
	meta = frappe._dict(fields=[field], has_field=lambda fieldname: fieldname == "mobile_number")
	monkeypatch.setattr(frappe, "get_meta", lambda doctype: meta)
	assert whose_number.phone_fields("Guardian") == ("mobile_number",)


def test_both_numbers_of_a_german_field_are_barred():
	in_country("Germany")
	numbers = ("+493012345", "+493054321")
	_mother, child = family("030 12345 / 030 54321")
	assert {(number, child) for number in numbers} <= set(barred.numbers({child}))
	name = guardian(mobile_number="030 12345 / 030 54321")
	assert [one.phone for one in on_record.numbers_of("Guardian", [name])] == list(numbers)
	assert in_fields(["030 12345 / 030 54321"]) == numbers


def test_every_address_of_a_barred_guardian_is_barred():
	one, other = (f"{secrets.token_hex(5)}@barred.test" for _place in range(2))
	_mother, child = family(make.phone("312"))
	change_father(child, email_address=f"B <{one}>; {other}")
	assert barred.addresses({child}) >= {(one, child), (other, child)}


def test_one_mail_goes_to_one_address_of_a_field():
	name = guardian(email_address="ana@family.test")
	frappe.db.set_value("Guardian", name, "email_address", "Ana <ana@family.test>, father@barred.test")
	assert mail_address.addresses_of([("Guardian", name)]) == {("Guardian", name): "ana@family.test"}


def test_both_numbers_of_a_field_are_on_record():
	numbers = [make.phone("312"), make.phone("303")]
	name = guardian(mobile_number=" or ".join(map(national, numbers)))
	known = on_record.numbers_of("Guardian", [name])
	assert [one.phone for one in known] == numbers
	assert len({one.key for one in known}) == 2
	for number in numbers:
		assert ("Guardian", name) in whose_number.people(number)


def test_a_number_in_a_table_of_a_record_has_not_left_it():
	primary, other, gone = make.many_phones(3)
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Ana"})
	contact.append("phone_nos", {"phone": primary, "is_primary_mobile_no": 1})
	contact.append("phone_nos", {"phone": other})
	name = contact.insert().name
	asked = {("Contact", name, number) for number in (primary, other, gone)}
	assert whose_number.not_on(asked) == {("Contact", name, gone)}


def test_the_consent_of_enrollment_covers_both_numbers_of_a_field():
	numbers = [make.phone("312"), make.phone("303")]
	counts = enrollment.Counts()
	person = enrollment.Enrolled("Guardian", "G", (" / ".join(map(national, numbers)),))
	assert [phone for phone, _person in enrollment.take_numbers([person], "US", counts)] == numbers
