"""A message that asks for a PIN is for one person at a shared number; the others are called after it."""

import frappe

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.calls import pins
from school_dialer.campaigns.parties import asking
from school_dialer.outbound.attempts import claims
from tests.integration import factories as make
from tests.integration.with_carrier import keypad
from tests.integration.with_carrier.households import make_due, only
from tests.integration.with_carrier.parties import family, parties_of
from tests.integration.with_carrier.running import dial, prepare


def with_pins(number: str, *people: str, **values):
	"""Return two families at one number and a campaign that asks for a PIN, and the PINs of these people."""
	school, _doc = family("Ana", "Rosa", number=number)
	message = keypad.template("Attendance", voice="News about {{ student_names }}.")
	doc = school.campaign(purpose="Attendance", template=message, identity_check="PIN", **values)
	prepare(doc)
	made = {name: pins.make_pin("Guardian", f"{school.tag}-{name}", name) for name in people}
	frappe.db.commit()
	return school, doc, made


def spoken(carrier, doc) -> list[tuple[str, str]]:
	"""Return (person, what was said) of each call, in order."""
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": doc.name}, ["person_name", "carrier_sid"], order_by="placed_at"
	)
	return [(log.person_name, keypad.heard(carrier, log.carrier_sid)) for log in logs]


def test_each_ones_own_pin_opens_the_news_of_their_own_child(carrier, answering):
	number = make.phone()
	school, doc, made = with_pins(number, "Ana", "Rosa", max_attempts=3)
	answering(number, "presses", digits=[f"{made['Ana']}#"])
	dial(carrier)
	assert only(doc).status == "Retry" and only(doc).person_name == "Rosa"
	assert parties_of(doc.name) == {
		(f"{school.tag}-Ana", school.student(0), number): "Informed",
		(f"{school.tag}-Rosa", school.student(1), number): "Waiting",
	}
	answering(number, "presses", digits=[f"{made['Rosa']}#"])
	make_due(only(doc))
	dial(carrier)
	(first, *others) = spoken(carrier, doc)
	assert first[0] == "Ana" and "Child0" in first[1] and "Child1" not in first[1]
	assert {name for name, _said in others} == {"Rosa"}
	assert not any("Child0" in said for _name, said in others) and "Child1" in others[-1][1]
	assert only(doc).status == "Reached" and set(parties_of(doc.name).values()) == {"Informed"}


def test_the_other_person_is_called_though_the_first_has_no_pin(carrier, answering):
	number = make.phone()
	school, doc, made = with_pins(number, "Rosa")
	answering(number, "presses", digits=[f"{made['Rosa']}#"])
	dial(carrier)
	first, second = spoken(carrier, doc)
	assert (first[0], second[0]) == ("Ana", "Rosa")
	assert "Child" not in first[1] and "Child1" in second[1] and "Child0" not in second[1]
	states = parties_of(doc.name)
	assert states[f"{school.tag}-Rosa", school.student(1), number] == "Informed"
	assert states[f"{school.tag}-Ana", school.student(0), number] == "Waiting"
	assert only(doc).status == "Not Reached" and only(doc).person_name == "Ana"


def test_a_message_that_asks_for_a_pin_is_for_one_person(carrier):
	number = make.phone()
	school, doc = family("Ana", "Rosa", number=number)
	prepare(doc)
	rows = claims.claim(doc.name, 5)
	answers = asking.ask(gate.CallContext.of(doc), rows, clock.now(), together=False)
	assert answers[rows[0].name].students == (school.student(0),)
	assert [point.person for point in rows[0].parties] == [f"{school.tag}-Ana"]
	claims.release(rows)
	frappe.db.commit()
