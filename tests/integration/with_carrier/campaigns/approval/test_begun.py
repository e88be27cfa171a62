"""An approved campaign that had begun is changed and approved again: it goes on where it was.

No one whom it has reached is called again, and the attempts of the others count.
"""

import frappe
import pytest

from dev.demo.people import MANAGER
from school_dialer.base import clock, states
from school_dialer.campaigns import actions, retries
from school_dialer.campaigns.call_order import HUNG_UP
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.planning import planner
from school_dialer.followup import fallback
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, make_due, set_settings
from tests.integration.with_carrier.running import dial, state_of, texts_to


@pytest.fixture
def numbers(carrier, answering) -> list[str]:
	"""Return four numbers. No one picks up at the first of them."""
	found = [make.phone() for _ in range(4)]
	answering(found[0], "no answer")
	return found


def begun(carrier, numbers: list[str], **values):
	"""Return an emergency that has called the first of these numbers once and waits with the others."""
	doc = emergencies.approved(numbers, **{"max_attempts": 2, **values})
	planner.run(doc.name)
	wait("phone != %s", doc, numbers[0])
	dial(carrier, emergency=True)
	return doc


def wait(which: str, doc, *values: str) -> None:
	frappe.db.sql(
		f"update `tabDialer Recipient` set not_before = %s where campaign = %s and {which}",
		(frappe.utils.add_days(clock.db_now(), 1), doc.name, *values),
	)
	frappe.db.commit()


def changed_and_approved(doc, **values) -> None:
	"""Pause the campaign, change it, resume it, and approve and plan it again."""
	actions.pause(doc.name)
	doc.reload()
	doc.update(values)
	doc.save()
	frappe.db.commit()
	emergencies.as_user(MANAGER, actions.resume, doc.name)
	assert state_of(doc) == states.AWAITING
	emergencies.approve(doc.name)
	planner.run(doc.name)


def of(doc, number: str) -> frappe._dict:
	(row,) = [row for row in make.recipients(doc.name) if row.phone == number]
	return row


def test_everyone_is_called_and_attempts_go_on_counting(carrier, answering, posted, numbers):
	silent, *others = numbers
	doc = begun(carrier, numbers)
	assert (of(doc, silent).status, of(doc, silent).attempts) == (states.RETRY, 1)
	changed_and_approved(doc, most_at_once=3)
	answering(silent, "answers")
	dial(carrier, emergency=True)
	assert [len(posted(number)) for number in numbers] == [2, 1, 1, 1]
	assert {of(doc, number).status for number in numbers} == {states.REACHED}
	assert of(doc, silent).attempts == 2 and {of(doc, number).attempts for number in others} == {1}
	assert state_of(doc) == states.COMPLETED


def test_no_one_is_called_more_often_than_was_approved_last(carrier, posted, numbers):
	set_settings({"max_attempts": 3})
	doc = begun(carrier, numbers, max_attempts=0)
	set_settings({"max_attempts": 1})
	changed_and_approved(doc, most_at_once=3)
	dial(carrier, emergency=True)
	assert [len(posted(number)) for number in numbers] == [1, 1, 1, 1]
	assert of(doc, numbers[0]).status == states.NOT_REACHED


@pytest.fixture
def two_people(carrier, answering):
	"""Return an emergency to two people, and the numbers of Ana, who does not pick up, and Ben.

	Both are called about one child. Ben's only number is Ana's second one.
	"""
	ana, ben = make.phone(), make.phone()
	answering(ana, "no answer")
	school = SchoolClass([{"Ana": [ana, ben], "Ben": [ben]}])
	emergency = school.campaign(purpose="Emergency", **emergencies.FIRE)
	doc = emergencies.approved([], doc=emergency)
	planner.run(doc.name)
	wait("phone != %s", doc, ana)
	dial(carrier, emergency=True)
	return doc, ana, ben


def test_a_line_of_another_is_not_called_twice_about_one_child(carrier, answering, posted, two_people):
	doc, ana, ben = two_people
	assert (of(doc, ana).status, of(doc, ana).attempts) == (states.RETRY, 1)
	changed_and_approved(doc, most_at_once=3)
	answering(ana, "answers")
	dial(carrier, emergency=True)
	assert (len(posted(ana)), len(posted(ben))) == (2, 1)
	assert {of(doc, number).status for number in (ana, ben)} == {states.REACHED}


def test_a_reached_family_is_called_about_a_child_who_joined_the_class_since(carrier, answering, posted):
	number = make.phone()
	answering(number, "answers")
	school = SchoolClass([{"Ana": [number]}, {"Ana": [number]}, {"Rosa": [make.phone()]}])
	second = {"parent": school.group, "student": school.student(1)}
	frappe.db.set_value("Student Group Student", second, "active", 0)
	emergency = school.campaign(purpose="Emergency", **emergencies.FIRE)
	doc = emergencies.approved([], doc=emergency)
	planner.run(doc.name)
	wait("phone != %s", doc, number)
	dial(carrier, emergency=True)
	row = of(doc, number)
	assert informing.informed_about([row.name]) == {row.name: (school.student(0),)}
	frappe.db.set_value("Student Group Student", second, "active", 1)
	changed_and_approved(doc, most_at_once=3)
	make_due(of(doc, number))
	dial(carrier, emergency=True)
	assert set(informing.informed_about([row.name])[row.name]) == {school.student(0), school.student(1)}
	assert of(doc, number).status == states.REACHED and len(posted(number)) == 2


@pytest.mark.parametrize(("status", "reasons"), [(states.CANCELLED, ""), (states.BLOCKED, "MISSING_DATA")])
def test_who_was_left_out_and_is_meant_again_is_called(carrier, posted, numbers, status, reasons):
	doc = begun(carrier, numbers)
	left_out = {"status": status, "reasons": reasons}
	frappe.db.set_value("Dialer Recipient", {"campaign": doc.name, "phone": numbers[1]}, left_out)
	changed_and_approved(doc, most_at_once=3)
	assert of(doc, numbers[1]).status == states.PENDING
	dial(carrier, emergency=True)
	assert len(posted(numbers[1])) == 1


def test_who_hung_up_twice_is_left_alone(two_people):
	doc, ana, _ben = two_people
	name = of(doc, ana).name
	assert retries.hung_up_before_all(doc.name, [name]) == {}
	frappe.db.set_value("Dialer Call Log", {"recipient": name}, "result", HUNG_UP)
	assert retries.hung_up_before_all(doc.name, [name]) == {}
	frappe.db.set_value("Dialer Recipient", name, "attempts", 2)
	(owners,) = retries.hung_up_before_all(doc.name, [name]).values()
	assert [person.endswith("-Ana") for _doctype, person in owners] == [True]


def test_a_person_reached_after_waiting_is_not_called_again(carrier, answering, posted, numbers):
	"""Check a person who first had to wait for calling hours: the plan's decision is still to wait."""
	answering(numbers[0], "answers")
	doc = emergencies.approved(numbers, max_attempts=2)
	planner.run(doc.name)
	wait("phone != %s", doc, numbers[0])
	later = {"campaign": doc.name, "phone": numbers[0]}
	frappe.db.set_value("Dialer Recipient", later, {"status": states.DEFERRED, "verdict": "DEFER"})
	frappe.db.commit()
	dial(carrier, emergency=True)
	assert of(doc, numbers[0]).status == states.REACHED
	changed_and_approved(doc, most_at_once=3)
	dial(carrier, emergency=True)
	assert [len(posted(number)) for number in numbers] == [1, 1, 1, 1]


def test_a_family_that_was_to_get_a_text_still_gets_it(carrier, numbers):
	silent = numbers[0]
	doc = begun(carrier, numbers, max_attempts=1, text_fallback=1)
	fallback.run(doc.name)
	assert of_text(doc).phone == silent
	wait("phone = %s", doc, silent)
	changed_and_approved(doc, most_at_once=3)
	assert of_text(doc).status == states.CANCELLED
	dial(carrier, emergency=True)
	fallback.run(doc.name)
	dial(carrier, emergency=True)
	assert len(texts_to(carrier, silent)) == 1
	assert of_text(doc).status == states.REACHED and state_of(doc) == states.COMPLETED


def of_text(doc) -> frappe._dict:
	row = {"campaign": doc.name, "fallback_of": ("is", "set")}
	return frappe.db.get_value("Dialer Recipient", row, ["phone", "status"], as_dict=True)
