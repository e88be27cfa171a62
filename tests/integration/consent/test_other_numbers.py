"""A revocation is of the person: it holds at their other numbers too, and not for others who share those."""

import secrets

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.consent import corrections, ledger
from school_dialer.consent.choices import preference_link, wrong_number
from school_dialer.consent.events import Evidence
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies.reviews import SAYS_WRONG_NUMBER
from school_dialer.desk import consent as desk
from school_dialer.gate import inquiry
from tests.integration import factories as make


def guardian(*phones: str) -> str:
	name = make.guardian(f"Other {secrets.token_hex(4)}", *phones).name
	for phone in phones:
		make.consent(phone, person_doctype="Guardian", person=name)
	return name


def verdict(phone: str, person: str, purpose: str = "General", channel: str = "Voice") -> set[str]:
	check = gate.EligibilityCheck("one", phone, "Guardian", person)
	case = gate.CallContext(channel, purpose)
	return set(gate.ask(case, [check], clock.now())["one"].decision.codes) & {"OPTED_OUT"}


def stop(phone: str, source: str = "Text", **more) -> str:
	return ledger.opt_out(phone, evidence=make.evidence(source), **more)


@pytest.fixture
def two() -> tuple[str, str]:
	return make.unlisted_phone(), make.unlisted_phone()


def test_it_holds_at_the_other_number_too(two):
	ana = guardian(*two)
	stop(two[0])
	assert verdict(two[0], ana) and verdict(two[1], ana)
	case = gate.CallContext("Voice", "General")
	check = gate.EligibilityCheck("one", two[1], "Guardian", ana)
	assert "OPTED_OUT" in gate.ask_manual(case, [check], clock.now())["one"].decision.codes
	(reason,) = (
		one
		for one in inquiry.decide(two[1], "Voice", "General", "Guardian", ana)["reasons"]
		if one["code"] == "OPTED_OUT"
	)
	assert "another number" in reason["detail"]


def test_people_of_one_list_are_not_one_person(two):
	stop(two[0])
	checks = [gate.EligibilityCheck(phone, phone, "File", "people.csv") for phone in two]
	answers = gate.ask(gate.CallContext("Voice", "General"), checks, clock.now())
	assert ["OPTED_OUT" in answers[phone].decision.codes for phone in two] == [True, False]


def test_a_shared_number_stops_for_that_person_only(two):
	mobile, home = two
	ana, ben = guardian(mobile, home), guardian(home)
	stop(mobile)
	assert verdict(home, ana) and not verdict(home, ben)


@pytest.mark.parametrize("renamed", [False, True])
def test_the_second_number_of_one_parent_is_the_other_parents_own(two, renamed):
	ana, ben = guardian(*two), guardian(two[1])
	stop(two[1])
	if renamed:
		ben = frappe.rename_doc("Guardian", ben, f"{ben}-2", force=True)
	assert verdict(two[1], ben) and verdict(two[1], ana) and not verdict(two[0], ana)


@pytest.mark.parametrize("written", ["e164", "national", "with another"])
def test_the_second_number_of_one_parent_is_the_own_one_of_someone_never_called(two, written):
	ana = guardian(*two)
	raw = two[1] if written == "e164" else f"({two[1][2:5]}) {two[1][5:8]}-{two[1][8:]}"
	raw = f"{raw} / {make.phone()}" if written == "with another" else raw
	make.guardian(f"Other {secrets.token_hex(4)}", raw)
	stop(two[1])
	assert verdict(two[1], ana) and not verdict(two[0], ana)


def test_the_second_number_of_two_parents_is_of_both(two):
	ana = guardian(*two)
	make.guardian(f"Other {secrets.token_hex(4)}", make.phone(), two[1])
	stop(two[1])
	assert verdict(two[1], ana) and verdict(two[0], ana)


def test_a_stop_from_a_number_of_both_counts_for_each(two):
	home, fathers = make.phone(), make.phone()
	ana, ben = guardian(two[0], home), guardian(fathers, home)
	stop(home, "Preference Page")
	assert verdict(two[0], ana) and verdict(fathers, ben)
	ledger.opt_in(two[0], evidence=make.evidence("Text"))
	assert not verdict(two[0], ana) and verdict(fathers, ben) and verdict(home, ana)
	ledger.opt_in(home, evidence=make.evidence("Text"))
	assert not verdict(fathers, ben) and not verdict(home, ana)


def test_one_that_names_a_person_counts_for_that_person_elsewhere(two):
	home, fathers = make.phone(), make.phone()
	ana, ben = guardian(two[0], home), guardian(fathers, home)
	stop(home, "Agent", person_doctype="Guardian", person=ben)
	assert verdict(fathers, ben) and not verdict(two[0], ana)


@pytest.mark.parametrize("named", [False, True])
def test_a_stop_stays_after_the_number_is_given_up_if_it_names_the_person(two, named):
	ana = guardian(*two)
	stop(two[0], "Agent", **({"person_doctype": "Guardian", "person": ana} if named else {}))
	frappe.db.set_value("Guardian", ana, {"mobile_number": two[1], "alternate_number": None})
	assert bool(verdict(two[1], ana)) is named


def test_a_stop_that_names_a_record_stays_after_it_is_merged_into_another(two):
	ana, twin = guardian(two[0]), guardian(two[1])
	stop(two[1], "Agent", person_doctype="Guardian", person=twin)
	assert not verdict(two[0], ana)
	frappe.rename_doc("Guardian", twin, ana, merge=True, force=True)
	assert verdict(two[0], ana)


def reported_on_page(phone: str) -> tuple[str, Evidence]:
	"""Report a wrong number over a mailed link, and return the link with the evidence of the press."""
	link = preference_link.issue(phone, sent_by=preference_link.EMAIL)
	pressed = make.evidence("Preference Page", reference_doctype=preference_link.DOCTYPE, reference_name=link)
	wrong_number.report(phone, link, pressed)
	return link, pressed


@pytest.mark.parametrize("report", ["key", "text", "page"])
def test_a_wrong_number_is_about_the_number(two, report):
	ana = guardian(*two)
	if report == "key":
		ledger.wrong_number(two[0], evidence=make.evidence("Keypad"))
	elif report == "page":
		reported_on_page(two[0])
	else:
		doubt = make.evidence("Text", note=SAYS_WRONG_NUMBER)
		ledger.opt_out(two[0], evidence=doubt, heard=True)
	assert verdict(two[0], ana) and not verdict(two[1], ana)
	ledger.opt_in(two[1], evidence=make.evidence("Text"))
	assert verdict(two[0], ana)


def test_the_undo_of_a_report_opens_nothing_that_was_stopped_elsewhere(two):
	ana = guardian(*two)
	stop(two[1])
	link, pressed = reported_on_page(two[0])
	with number_lock([two[0]]):
		wrong_number.undo(two[0], link, pressed)
	assert not ledger.read([two[0]])[two[0]].opt_outs
	assert verdict(two[0], ana) and verdict(two[1], ana)
	ledger.opt_in(two[1], evidence=make.evidence("Text"))
	assert not verdict(two[0], ana)


def test_a_correction_takes_back_the_mistake_at_all_numbers_and_opens_none_for_the_rest(two, as_role):
	ana = guardian(*two)
	user = as_role("Dialer Manager")
	frappe.set_user("Administrator")
	named = {"person_doctype": "Guardian", "person": ana}
	mistake = ledger.opt_out(two[0], evidence=make.evidence("Agent", actor=user), **named)
	assert verdict(two[1], ana)
	corrections.correct(mistake, "Another family was meant.")
	assert not verdict(two[0], ana) and not verdict(two[1], ana)
	stop(two[1])
	again = ledger.opt_out(two[0], evidence=make.evidence("Agent", actor=user), **named)
	corrections.correct(again, "Another family was meant.")
	assert verdict(two[0], ana) and verdict(two[1], ana)


def test_what_a_stranger_said_before_and_after_counts_for_no_one_else(two):
	ana = guardian(*two)
	stop(two[0])
	assert verdict(two[1], ana)
	ledger.wrong_number(two[0], evidence=make.evidence("Agent"))
	stop(two[0])
	assert verdict(two[0], ana) and not verdict(two[1], ana)
	ledger.verify(two[0], evidence=make.evidence("Agent"))
	assert verdict(two[0], ana) and verdict(two[1], ana)


def test_start_opens_the_number_at_which_it_is_said(two):
	ana = guardian(*two)
	stop(two[0])
	ledger.opt_in(two[1], evidence=make.evidence("Text"))
	assert verdict(two[0], ana) and not verdict(two[1], ana)
	stop(two[0])
	assert verdict(two[1], ana)
	ledger.opt_in(two[0], evidence=make.evidence("Text"))
	assert not verdict(two[0], ana) and not verdict(two[1], ana)


def test_start_from_a_number_of_both_opens_it_for_neither_who_stopped_elsewhere(two):
	mobile, home = two
	ana, ben = guardian(mobile), guardian(make.phone())
	for one in (ana, ben):
		frappe.db.set_value("Guardian", one, "alternate_number", home)
		make.consent(home, person_doctype="Guardian", person=one)
	stop(mobile)
	ledger.opt_in(home, evidence=make.evidence("Text"))
	assert verdict(mobile, ana) and verdict(home, ana) and not verdict(home, ben)


def test_a_consent_that_is_signed_again_opens_its_number_and_one_by_staff_does_not(two):
	ana = guardian(*two)
	stop(two[0])
	make.consent(two[1], person_doctype="Guardian", person=ana)
	assert verdict(two[1], ana)
	ledger.grant(
		two[1],
		purpose="General",
		basis="express written",
		evidence=make.evidence("Signed Form", attachment="/files/form.pdf"),
		person_doctype="Guardian",
		person=ana,
	)
	assert not verdict(two[1], ana) and verdict(two[1], ana, "Event") and verdict(two[0], ana)


def test_scopes_stay_as_they_are(two):
	ana = guardian(*two)
	stop(two[0], scope="this purpose", purpose="Event", channel="Text")
	assert verdict(two[1], ana, "Event", "Text")
	assert not verdict(two[1], ana, "Event") and not verdict(two[1], ana, "General", "Text")
	stop(two[0])
	assert verdict(two[1], ana)
	ledger.rescope(two[0], scope="this purpose", purpose="Event", evidence=make.evidence("Text"))
	assert verdict(two[1], ana, "Event") and not verdict(two[1], ana)


def test_emergencies_stop_at_their_number_alone(two):
	ana = guardian(*two)
	stop(two[0], "Preference Page", scope="everything")
	assert verdict(two[0], ana, "Emergency") and not verdict(two[1], ana, "Emergency")
	assert verdict(two[1], ana)
	stop(two[0], "Preference Page", scope="this purpose", purpose="Emergency")
	assert not verdict(two[1], ana, "Emergency")


def test_it_follows_a_person_who_was_renamed(two):
	ana = guardian(*two)
	stop(two[0], "Agent", person_doctype="Guardian", person=ana)
	frappe.rename_doc("Guardian", ana, f"{ana}-2", force=True)
	assert verdict(two[1], f"{ana}-2")


def test_the_number_of_statements_does_not_grow_with_the_people(queries):
	people = {guardian(*some): some for some in [(make.phone(), make.phone()) for _one in range(4)]}
	for one, (first, _second) in people.items():
		stop(first, "Agent", person_doctype="Guardian", person=one)

	def work(some: list[str]) -> None:
		checks = [gate.EligibilityCheck(one, people[one][1], "Guardian", one) for one in some]
		found = gate.ask(gate.CallContext("Voice", "General"), checks, clock.now())
		assert all("OPTED_OUT" in answer.decision.codes for answer in found.values())

	everyone = list(people)
	work(everyone)
	assert queries(work, everyone[:1]) == queries(work, everyone)


@pytest.mark.parametrize("named", [True, False])
def test_a_form_that_would_lift_a_stop_elsewhere_takes_two_people(two, as_role, named):
	ana = guardian(*two)
	stop(two[0])
	form = frappe.get_doc(
		{"doctype": "File", "file_name": f"{two[1]}.txt", "content": "signed", "is_private": 1}
	).insert()
	values = {"basis": "express written", "source": "Signed Form", "wording": "I agree."}
	person = {"person_doctype": "Guardian", "person": ana} if named else {}
	found = desk.record_consent(phone=two[1], attachment=form.file_url, **values, **person)
	assert found["second_person"] and verdict(two[1], ana)
	as_role("Dialer Manager", "Academics User")
	desk.confirm_form(found["event"])
	assert not verdict(two[1], ana) and verdict(two[0], ana)


def test_start_from_a_number_that_is_also_of_someone_never_called_opens_it_for_neither(two):
	ana = guardian(*two)
	make.guardian(f"Other {secrets.token_hex(4)}", two[1])
	stop(two[0])
	ledger.opt_in(two[1], evidence=make.evidence("Text"))
	assert verdict(two[0], ana) and verdict(two[1], ana)


def test_start_opens_the_number_that_her_children_have_too(two):
	ana = guardian(*two)
	for _child in range(2):
		mail = f"{secrets.token_hex(6)}@children.example"
		student = {"first_name": "Ana", "student_email_id": mail, "student_mobile_number": two[1]}
		frappe.get_doc({"doctype": "Student", **student}).insert()
	stop(two[0])
	ledger.opt_in(two[1], evidence=make.evidence("Text"))
	assert verdict(two[0], ana) and not verdict(two[1], ana)


def test_start_that_names_its_person_opens_a_shared_number_for_them(two):
	ana = guardian(*two)
	make.guardian(f"Other {secrets.token_hex(4)}", two[1])
	stop(two[0])
	ledger.grant(
		two[1],
		basis="express written",
		evidence=make.evidence("Signed Form", attachment="/files/form.pdf"),
		person_doctype="Guardian",
		person=ana,
	)
	assert not verdict(two[1], ana)
