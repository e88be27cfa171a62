"""Everyone is to be reached: what one guardian heard, and their tries, count for no other one."""

import frappe
import pytest

from school_dialer.audience.base import source_of
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.campaigns import resending
from school_dialer.gate import planned
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, make_due, only
from tests.integration.with_carrier.running import dial, prepare, state_of

pytestmark = pytest.mark.exhaustive


def parents(carrier, **behaviors: str) -> tuple[SchoolClass, dict[str, str]]:
	"""Return a class of one child whose parents share a number, and all their numbers."""
	numbers = {name: make.phone() for name in ("home", "mother", "father")}
	carrier.control("people", {numbers[name]: {"behaviour": one} for name, one in behaviors.items()})
	home = numbers["home"]
	return SchoolClass([{"Ana": [home, numbers["mother"]], "Ben": [home, numbers["father"]]}]), numbers


def calls(posted, numbers: dict[str, str]) -> dict[str, int]:
	return {name: len(posted(number)) for name, number in numbers.items()}


def states(doc) -> dict[tuple[str, str], str]:
	rows = frappe.get_all(
		"Dialer Party", {"campaign": doc.name}, ["person_name", "phone", "state"], order_by="name"
	)
	return {(row.person_name, row.phone): row.state for row in rows}


@pytest.mark.parametrize(("reach", "father"), [("Everyone", 1), (ONE_GUARDIAN, 0)])
def test_the_second_guardian_at_a_shared_number_is_called_where_everyone_is_meant(
	carrier, posted, reach, father
):
	school, numbers = parents(carrier, home="no answer", mother="answers", father="answers")
	doc = school.campaign(reach=reach, max_attempts=3)
	prepare(doc)
	dial(carrier)
	assert only(doc).status == "Reached" and state_of(doc) == "Completed"
	assert calls(posted, numbers) == {"home": 1, "mother": 1, "father": father}
	told = {phone for (_name, phone), state in states(doc).items() if state == "Informed"}
	assert told == {numbers["mother"], *([numbers["father"]] if father else [])}


def test_a_call_to_the_shared_number_tells_both(carrier, posted):
	school, numbers = parents(carrier, home="answers")
	doc = school.campaign(reach="Everyone", max_attempts=3)
	prepare(doc)
	dial(carrier)
	assert only(doc).status == "Reached"
	assert calls(posted, numbers) == {"home": 1, "mother": 0, "father": 0}


def test_the_second_guardian_who_is_not_reached_is_tried_again_alone(carrier, posted):
	school, _numbers = parents(carrier, home="no answer", mother="answers", father="no answer")
	doc = school.campaign(reach="Everyone", max_attempts=2)
	prepare(doc)
	dial(carrier)
	make_due(only(doc))
	dial(carrier)
	assert (only(doc).status, only(doc).person_name) == ("Not Reached", "Ben")
	again = frappe.get_doc("Dialer Campaign", resending.make(doc.name, "Voice"))
	people = [one for some in source_of(again).households("", 10)[0] for one in some]
	assert [one.person_name for one in people] == ["Ben"]


def test_who_had_a_useless_number_takes_no_try_from_the_other(carrier, posted):
	useless, father = make.phone(), make.phone()
	carrier.control("people", {useless: {"refuse": 21211}, father: {"behaviour": "no answer"}})
	doc = SchoolClass([{"Ana": [useless], "Ben": [father]}]).campaign(reach=ONE_GUARDIAN, max_attempts=2)
	prepare(doc)
	dial(carrier)
	assert only(doc).status == "Retry" and len(posted(father)) == 1
	make_due(only(doc))
	dial(carrier)
	assert only(doc).status == "Not Reached" and len(posted(father)) == 2


def test_the_row_of_the_second_guardian_keeps_its_seal(carrier, posted):
	school, _numbers = parents(carrier, home="no answer", mother="answers", father="no answer")
	doc = school.campaign(reach="Everyone", max_attempts=2)
	prepare(doc)
	dial(carrier)
	fields = [*planned.FIELDS, "seal", "status"]
	(row,) = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, fields, order_by="name")
	assert row.status == "Retry" and planned.divided([row])[0] == [row]
