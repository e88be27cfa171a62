"""A revocation is of the person: it holds at their other numbers too, and not for others who share those."""

import secrets

import frappe
import pytest

from school_dialer import clock, gate
from school_dialer.consent import ledger
from school_dialer.consent.replies.reviews import SAYS_WRONG_NUMBER
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
	return make.phone(), make.phone()


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


def test_a_shared_number_stops_for_that_person_only(two):
	mobile, home = two
	ana, ben = guardian(mobile, home), guardian(home)
	stop(mobile)
	assert verdict(home, ana) and not verdict(home, ben)


def test_the_second_number_of_one_parent_is_the_other_parents_own(two):
	ana, ben = guardian(*two), guardian(two[1])
	stop(two[1])
	assert verdict(two[1], ben) and verdict(two[1], ana) and not verdict(two[0], ana)


def test_a_stop_from_a_number_of_both_counts_for_each_but_not_in_an_emergency(two):
	home, fathers = make.phone(), make.phone()
	ana, ben = guardian(two[0], home), guardian(fathers, home)
	stop(home, "Preference Page", scope="everything")
	for phone, person in ((two[0], ana), (fathers, ben)):
		assert verdict(phone, person) and not verdict(phone, person, "Emergency")
	assert verdict(home, ana, "Emergency")
	ledger.opt_in(two[0], evidence=make.evidence("Text"))
	assert not verdict(two[0], ana) and verdict(fathers, ben) and verdict(home, ana)


def test_one_that_names_a_person_counts_for_that_person_elsewhere(two):
	home, fathers = make.phone(), make.phone()
	ana, ben = guardian(two[0], home), guardian(fathers, home)
	stop(home, "Agent", person_doctype="Guardian", person=ben)
	assert verdict(fathers, ben) and not verdict(two[0], ana)


def test_a_named_stop_stays_after_the_number_is_given_up(two):
	ana = guardian(*two)
	stop(two[0], "Agent", person_doctype="Guardian", person=ana)
	frappe.db.set_value("Guardian", ana, {"mobile_number": two[1], "alternate_number": None})
	assert verdict(two[1], ana)


@pytest.mark.parametrize("report", ["key", "text"])
def test_a_wrong_number_is_about_the_number(two, report):
	ana = guardian(*two)
	if report == "key":
		ledger.wrong_number(two[0], evidence=make.evidence("Keypad"))
	else:
		doubt = make.evidence("Text", note=SAYS_WRONG_NUMBER)
		ledger.opt_out(two[0], evidence=doubt, heard=True)
	assert verdict(two[0], ana) and not verdict(two[1], ana)
	ledger.opt_in(two[1], evidence=make.evidence("Text"))
	assert verdict(two[0], ana)


def test_start_from_any_number_lifts_what_the_person_stopped(two):
	ana = guardian(*two)
	stop(two[0])
	ledger.opt_in(two[1], evidence=make.evidence("Text"))
	assert not verdict(two[0], ana) and not verdict(two[1], ana)
	stop(two[1])
	assert verdict(two[0], ana) and verdict(two[1], ana)


def test_start_from_a_number_of_both_lifts_nothing_elsewhere(two):
	mobile, home = two
	ana, ben = guardian(mobile), guardian(make.phone())
	for one in (ana, ben):
		frappe.db.set_value("Guardian", one, "alternate_number", home)
		make.consent(home, person_doctype="Guardian", person=one)
	stop(mobile)
	ledger.opt_in(home, evidence=make.evidence("Text"))
	assert verdict(mobile, ana) and verdict(home, ana) and not verdict(home, ben)


def test_a_consent_that_is_signed_again_lifts_it_and_one_by_staff_does_not(two):
	ana = guardian(*two)
	stop(two[0])
	make.consent(two[1], person_doctype="Guardian", person=ana)
	assert verdict(two[1], ana)
	ledger.grant(
		two[1],
		basis="express written",
		evidence=make.evidence("Signed Form", attachment="/files/form.pdf"),
		person_doctype="Guardian",
		person=ana,
	)
	assert not verdict(two[1], ana) and not verdict(two[0], ana)


def test_scopes_stay_as_they_are(two):
	ana = guardian(*two)
	stop(two[0], scope="this purpose", purpose="Event", channel="Text")
	assert verdict(two[1], ana, "Event", "Text")
	assert not verdict(two[1], ana, "Event") and not verdict(two[1], ana, "General", "Text")
	stop(two[0])
	assert verdict(two[1], ana) and not verdict(two[1], ana, "Emergency")
	stop(two[0], "Agent", scope="everything")
	assert verdict(two[1], ana, "Emergency")


def test_it_follows_a_person_who_was_renamed(two):
	ana = guardian(*two)
	stop(two[0], "Agent", person_doctype="Guardian", person=ana)
	frappe.rename_doc("Guardian", ana, f"{ana}-2", force=True)
	assert verdict(two[1], f"{ana}-2")


def test_the_number_of_statements_does_not_grow_with_the_people(monkeypatch):
	people = {guardian(*some): some for some in [(make.phone(), make.phone()) for _one in range(4)]}
	for first, _second in people.values():
		stop(first)
	run, asked = frappe.db.sql, []
	monkeypatch.setattr(frappe.db, "sql", lambda *args, **more: asked.append(args[0]) or run(*args, **more))

	def statements(some: list[str]) -> int:
		checks = [gate.EligibilityCheck(one, people[one][1], "Guardian", one) for one in some]
		asked.clear()
		found = gate.ask(gate.CallContext("Voice", "General"), checks, clock.now())
		assert all("OPTED_OUT" in answer.decision.codes for answer in found.values())
		return len(asked)

	everyone = list(people)
	statements(everyone[:1])
	assert statements(everyone[:1]) == statements(everyone)
