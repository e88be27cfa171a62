"""Who may hear about a student's records, through the gate, with what is on file.

Covered are age, college, consent, refusal, holds, relations and the words of the message.
"""

import secrets
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe
import pytest

from school_dialer import gate
from school_dialer.audience import barred, relations, student_rights
from school_dialer.compliance import Emergency, record_of, replay
from school_dialer.messages import context
from school_dialer.messages.model import Subject
from tests.integration import factories as make
from tests.integration.privacy.rights import ADULT, MINOR, choice, guardian, student

pytestmark = pytest.mark.dates

ABSENCE = Emergency("Unexcused absence", "one@school.example", "two@school.example")
FIRE = Emergency("Fire", "one@school.example", "two@school.example")


@pytest.fixture(autouse=True)
def undone(site_connection):
	frappe.db.savepoint("rights")
	yield
	frappe.set_user("Administrator")
	frappe.db.rollback(save_point="rights")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def ask(
	person: str, *students: str, case=None, doctype: str = "Guardian", number: str = ""
) -> gate.EligibilityResult:
	number = number or make.phone("312")
	if not frappe.db.exists("Consent Head", {"phone": number}):
		make.consent(number)
	question = gate.EligibilityCheck("one", number, doctype, person, students)
	return gate.ask(case or gate.CallContext("Voice", "Academic"), [question], make.clock.now())["one"]


def heard(answer: gate.EligibilityResult) -> tuple[str, ...]:
	record = record_of(answer.decision)
	assert record_of(replay(record)) == record
	return answer.students if answer.decision.verdict == "ALLOW" else ()


def college() -> None:
	frappe.db.set_single_value("Dialer Settings", "school_kind", "College or university")
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.mark.parametrize("purpose", ["Attendance", "Academic", "Fees"])
def test_a_guardian_of_an_adult_hears_of_no_records(purpose):
	mother = guardian()
	adult, minor = student(ADULT, (mother, {})), student(MINOR, (mother, {}))
	case = gate.CallContext("Voice", purpose)
	assert heard(ask(mother, adult, case=case)) == ()
	assert heard(ask(mother, adult, minor, case=case)) == (minor,)
	assert heard(ask(adult, adult, case=case, doctype="Student")) == (adult,) or purpose == "Fees"


@pytest.mark.parametrize(
	"relation", ["Mother", "Father", "mother", "MOTHER", "Mother ", "Moth\u00e9r", "Madre", "Aunt", "", None]
)
def test_what_the_database_leaves_out_is_what_receives_the_records(relation):
	mother = guardian()
	child = student(MINOR, (mother, {}))
	link = frappe.db.get_value("Student Guardian", {"parent": child, "guardian": mother})
	for chosen in (None, "", " ", "Yes", "No", " no", "0", "1", "Perhaps"):
		values = {"relation": relation, relations.RECORDS: chosen}
		frappe.db.set_value("Student Guardian", link, values, update_modified=False)
		kept = (mother, child) in student_rights.closed((child,))
		assert kept is not relations.receives(chosen, relation), values


def of_before(fitting: str, words: str, purpose: str) -> str:
	"""Make a template whose purpose does not fit its words, as from before the linter checked this."""
	name = make.template(fitting, text=0, said={"voice": words})
	frappe.db.set_value("Dialer Message Template", name, "purpose", purpose)
	frappe.clear_document_cache("Dialer Message Template", name)
	return name


@pytest.mark.parametrize("purpose", ["Event", "General"])
def test_educational_words_count_under_any_purpose(purpose):
	mother = guardian()
	adult = student(ADULT, (mother, {}))
	plain = make.template(purpose)
	graded = of_before("Academic", "Hello. The grade is {{ result_grade }}.", purpose)
	typed = of_before("Attendance", "Your child was marked absent today.", purpose)
	for name, told in ((plain, (adult,)), (graded, ()), (typed, ())):
		campaign = frappe._dict(purpose=purpose, channel="Voice", template=name, details="")
		assert heard(ask(mother, adult, case=gate.CallContext.of(campaign))) == told
	said = frappe._dict(
		purpose=purpose, channel="Voice", template=plain, details="Your child owes $40 in fees."
	)
	assert heard(ask(mother, adult, case=gate.CallContext.of(said))) == ()


def test_a_birthday_begins_where_the_guardian_is():
	day, number = make.clock.db_now().date() + timedelta(days=2), make.phone("808")
	make.consent(number)
	mother = guardian()
	child = student(None, (mother, {}), date_of_birth=frappe.utils.add_to_date(day, years=-18))
	begins = datetime.combine(day, time(), ZoneInfo("Pacific/Honolulu"))
	question = gate.EligibilityCheck("one", number, "Guardian", mother, (child,))
	for at, told in ((begins - timedelta(seconds=1), True), (begins, False)):
		answer = gate.ask(gate.CallContext("Voice", "Academic"), [question], at)["one"]
		assert ("RESTRICTED_CONTACT" not in answer.decision.codes) is told


def test_in_a_college_the_rights_are_the_students_at_any_age():
	mother = guardian()
	young = student(MINOR, (mother, {}))
	assert heard(ask(mother, young)) == (young,)
	assert heard(ask(young, young, doctype="Student")) == ()
	college()
	assert heard(ask(mother, young)) == ()
	assert heard(ask(young, young, doctype="Student")) == (young,)
	assert heard(ask(mother, young, case=gate.CallContext("Voice", "Event"))) == (young,)
	assert heard(ask(mother, student(None, (mother, {})))) == ()


@pytest.mark.parametrize("at_college", [False, True])
def test_consent_and_tax_dependency_let_a_parent_hear(at_college):
	mother, father = guardian(), guardian()
	adult = student(ADULT, (mother, {}), (father, {"relation": "Father"}))
	if at_college:
		college()
	assert heard(ask(mother, adult)) == ()
	consent = choice(adult, "Consent to Disclose", guardian=mother)
	assert heard(ask(mother, adult)) == (adult,) and heard(ask(father, adult)) == ()
	choice(adult, "Tax Dependent")
	assert heard(ask(father, adult)) == (adult,)
	assert consent.recorded_by == frappe.session.user and consent.recorded_at


def test_a_choice_holds_from_its_first_to_its_last_day():
	mother, today = guardian(), make.clock.db_now().date()
	adult = student(ADULT, (mother, {}))
	for starts, expires, holds in (
		(today - timedelta(days=9), today - timedelta(days=1), False),
		(today + timedelta(days=1), None, False),
		(today - timedelta(days=9), today, True),
	):
		choice(adult, "Consent to Disclose", guardian=mother, starts_on=starts, expires_on=expires)
		assert heard(ask(mother, adult)) == ((adult,) if holds else ())


def test_an_old_tax_return_proves_nothing():
	mother = guardian()
	adult = student(ADULT, (mother, {}))
	made = choice(adult, "Tax Dependent", tax_year=make.clock.db_now().year - 2, starts_on=date(2020, 1, 1))
	assert frappe.utils.getdate(made.expires_on).year == make.clock.db_now().year - 1
	assert heard(ask(mother, adult)) == ()


def test_a_directory_opt_out_takes_nothing_from_the_parents_of_a_minor():
	mother = guardian()
	child = student(MINOR, (mother, {}))
	choice(child, "Directory Opt-Out")
	for purpose in ("Attendance", "Academic", "Event"):
		assert heard(ask(mother, child, case=gate.CallContext("Voice", purpose))) == (child,)


def test_a_refusal_is_an_eligible_students_and_outlasts_a_consent():
	mother = guardian()
	child, adult = student(MINOR, (mother, {})), student(ADULT, (mother, {}))
	for one in (child, adult):
		choice(one, "Student Refusal")
	choice(adult, "Consent to Disclose", guardian=mother)
	assert heard(ask(mother, child)) == (child,)
	assert heard(ask(mother, adult)) == ()
	assert ask(mother, child, adult, case=gate.CallContext("Voice", "Event")).students == (child,)


def test_a_safety_hold_is_for_one_guardian_or_for_all():
	mother, father = guardian(), guardian()
	child = student(MINOR, (mother, {}), (father, {"relation": "Father"}))
	choice(child, "Safety Hold", guardian=father)
	assert heard(ask(mother, child)) == (child,) and heard(ask(father, child)) == ()
	assert ask(father, child, case=gate.CallContext("Voice", "Event")).students == ()
	fire = gate.CallContext("Voice", "Emergency", FIRE)
	assert heard(ask(father, child, case=fire)) == (child,)
	subject = Subject("one", "Guardian", father, "F", students=(child,), purpose="Attendance")
	assert not context.read_values([subject], ["student_names"])["one"]["student_names"].items
	choice(child, "Safety Hold")
	assert heard(ask(mother, child)) == ()


def test_a_safety_hold_against_one_guardian_holds_at_the_numbers_of_that_guardian():
	number = make.phone("312")
	mother, father = guardian(mobile_number=number), guardian(alternate_number=number)
	child = student(MINOR, (mother, {}), (father, {"relation": "Father"}))
	sister = student(MINOR, (mother, {}))
	choice(child, "Safety Hold", guardian=father)
	event = gate.CallContext("Voice", "Event")
	assert heard(ask(mother, child, case=event, number=number)) == ()
	assert heard(ask(mother, child, sister, case=event, number=number)) == (sister,)
	assert heard(ask(mother, child, case=event)) == (child,)
	fire = gate.CallContext("Voice", "Emergency", FIRE)
	assert heard(ask(mother, child, case=fire, number=number)) == (child,)
	checks = [
		gate.EligibilityCheck(parent, number, "Guardian", parent, (child,)) for parent in (mother, father)
	]
	attendance = gate.CallContext("Voice", "Attendance")
	answers = gate.ask_manual(attendance, checks, make.clock.now())
	assert answers[mother].students == (child,) and answers[mother].decision.verdict != "BLOCK"
	assert answers[father].decision.verdict == "BLOCK"


def test_an_unexcused_absence_waives_consent_and_not_privacy():
	mother, aunt = guardian(), guardian()
	adult = student(ADULT, (mother, {}))
	child = student(MINOR, (mother, {}), (aunt, {"dialer_contact_permission": "Emergency Only"}))
	absent, fire = (
		gate.CallContext("Voice", "Emergency", ABSENCE),
		gate.CallContext("Voice", "Emergency", FIRE),
	)
	number = make.phone("312")
	make.consent(number, at=make.clock.now() - timedelta(days=3000))
	assert heard(ask(mother, child, case=absent, number=number)) == (child,)
	assert heard(ask(mother, adult, case=absent)) == () and heard(ask(mother, adult, case=fire)) == (adult,)
	assert heard(ask(aunt, child, case=absent)) == () and heard(ask(aunt, child, case=fire)) == (child,)


@pytest.mark.parametrize(
	("relation", "written", "receives"),
	[
		("Mother", None, True),
		("Father", None, True),
		("Others", None, False),
		("", None, False),
		("Others", 1, True),
		("Others", "Yes", True),
		("Mother", 0, False),
		("Father", "No", False),
	],
)
def test_parents_alone_receive_records_unless_the_school_says_otherwise(relation, written, receives):
	one = guardian()
	link = {"relation": relation} | ({} if written is None else {relations.RECORDS: written})
	child = student(MINOR, (one, link))
	assert bool(heard(ask(one, child))) is receives
	assert heard(ask(one, child, case=gate.CallContext("Voice", "Event"))) == (child,)
	subject = Subject("one", "Guardian", one, "G", students=(child,), purpose="Attendance")
	assert bool(context.read_values([subject], ["student_names"])["one"]["student_names"].items) is receives


@pytest.mark.parametrize(
	"relation", ["Legal Guardian", " legal  guardian", "MADRE", "Tutor legal", "Legal-Guardian"]
)
def test_relations_of_parents(relation):
	assert relations.is_parent(relation)


@pytest.mark.parametrize(
	"relation", ["Aunt", "Stepfather", "Grandmother", "Neighbor", "Mother's friend", None, "0"]
)
def test_other_relations(relation):
	assert not relations.is_parent(relation)


def test_a_barred_guardians_lines_are_barred_wherever_they_are_on_record():
	"""Check the barred guardian's numbers: their own, their user's, and that of a linked contact.

	They are barred for the student too, whose own number it may be.
	"""
	numbers = [make.phone("312") for _place in range(4)]
	email = f"{secrets.token_hex(5)}@barred.test"
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": email,
			"first_name": "B",
			"mobile_no": numbers[2],
			"send_welcome_email": 0,
		}
	).insert()
	out = guardian(mobile_number=numbers[0], alternate_number=numbers[1], user=user.name)
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "B"})
	contact.append("phone_nos", {"phone": numbers[3]})
	contact.append("email_ids", {"email_id": f"other-{email}"})
	contact.append("links", {"link_doctype": "Guardian", "link_name": out})
	contact.insert()
	mother = guardian()
	child = student(MINOR, (mother, {}), (out, {"dialer_contact_permission": "None by Court Order"}))
	other = student(MINOR, (mother, {}))
	assert {number for number, _student in barred.numbers({child, other})} == set(numbers)
	for number in numbers:
		assert ask(mother, child, other, case=gate.CallContext("Voice", "Event"), number=number).students == (
			other,
		)
		own = ask(child, child, case=gate.CallContext("Text", "Event"), doctype="Student", number=number)
		assert own.decision.codes == ("RESTRICTED_CONTACT",)
	assert barred.addresses({child}) == {(barred.mailbox(one), child) for one in (email, f"other-{email}")}


@pytest.mark.parametrize(
	"written",
	[
		"ana@gmail.com",
		"Ana@GMail.com ",
		"a.n.a@gmail.com",
		"ana+school@googlemail.com",
		"Ana <ana@gmail.com>",
		"ａｎａ@gmail.com",
	],
)
def test_one_mailbox_has_many_spellings(written):
	assert barred.mailbox(written) == "ana@gmail.com"


@pytest.mark.parametrize(
	("one", "other"), [("a.b@x.org", "ab@x.org"), ("a@x.org", "a@y.org"), ("", "a@x.org")]
)
def test_others_are_other_mailboxes(one, other):
	assert barred.mailbox(one) != barred.mailbox(other)
