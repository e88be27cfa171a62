"""What staff wrote beside a number counts in the plan, at the dial, and for the child of a barred one."""

import frappe
import pytest

from school_dialer import gate
from school_dialer.audience import whose_number
from school_dialer.audience.base import Candidate
from school_dialer.base import clock
from tests.integration import factories as make
from tests.integration.privacy.rights import MINOR, guardian, student

EVENT, URGENT = gate.CallContext("Voice", "Event"), gate.CallContext("Voice", "Emergency")


@pytest.fixture(autouse=True)
def undone(site_connection):
	frappe.db.savepoint("remarks")
	yield
	frappe.db.rollback(save_point="remarks")


def codes(number: str, person: str, child: str, case: gate.CallContext, **more) -> tuple[str, ...]:
	check = gate.EligibilityCheck("one", number, "Guardian", person, (child,), **more)
	return gate.ask(case, [check], clock.now())["one"].decision.codes


def written_beside(words: str) -> tuple[str, str, str]:
	"""Return (number, guardian, child) of a family that agreed to calls, with these words in the field."""
	number = make.phone("312")
	make.consent(number)
	mother = guardian(mobile_number=f"{number[2:5]}-{number[5:8]}-{number[8:]} {words}")
	return number, mother, student(MINOR, (mother, {}))


def test_a_number_that_is_not_to_be_called_is_called_in_an_emergency_alone():
	number, mother, child = written_beside("DO NOT CALL")
	one = Candidate("Guardian", mother, "Ana", (f"{number} do not call",), "", (child,))
	assert one.phones == (number,) and dict(one.stops).keys() == {number}
	stops = tuple(stop for _number, stop in one.stops)
	for more in ({"planned": True}, {"stops": stops}):
		assert "OPTED_OUT" in codes(number, mother, child, EVENT, **more)
		assert "OPTED_OUT" not in codes(number, mother, child, URGENT, **more)


def test_a_label_leaves_a_number_as_it_is():
	number, mother, child = written_beside("(mom's cell)")
	for case in (EVENT, URGENT):
		assert not {"OPTED_OUT", "RESTRICTED_CONTACT"} & set(codes(number, mother, child, case, planned=True))


@pytest.mark.parametrize("case", [EVENT, URGENT])
def test_a_number_that_was_marked_as_wrong_since_the_plan_is_not_called(case):
	number, mother, child = written_beside("home")
	assert "RESTRICTED_CONTACT" not in codes(number, mother, child, case, planned=True)
	frappe.db.set_value("Guardian", mother, "mobile_number", f"{number} wrong number")
	assert "RESTRICTED_CONTACT" in codes(number, mother, child, case, planned=True)


def test_a_number_that_is_old_is_shown_as_written_and_not_called():
	other = make.phone()
	assert Candidate("Guardian", "G", "Ana", ("312-555-0199 old", other)).phones == (
		"312-555-0199 old",
		other,
	)


@pytest.mark.parametrize("words", ["DO NOT CALL", "old"])
@pytest.mark.parametrize("case", [EVENT, URGENT])
def test_a_barred_number_bars_whatever_stands_beside_it(words, case):
	number = make.phone("312")
	make.consent(number)
	father = guardian(mobile_number=f"{number} {words}")
	mother = guardian(mobile_number=number)
	child = student(MINOR, (mother, {}), (father, {"dialer_contact_permission": "None by Court Order"}))
	assert "RESTRICTED_CONTACT" in codes(number, mother, child, case)
	assert ("Guardian", father) in whose_number.people(number)
