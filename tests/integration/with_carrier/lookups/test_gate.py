"""What follows from a look-up: the gate, the task for the registrar, and what lifts it again."""

from datetime import timedelta

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.replies import reviews
from school_dialer.help_desk import registrar
from school_dialer.lines import record
from school_dialer.lines.answer import NO, NO_ANSWER, NO_DATA, NOT_ASKED, YES, LineAnswer
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare

CASE = gate.CallContext("Voice", "General")


def codes(number: str, channel: str = "Voice") -> tuple[str, ...]:
	case, check = gate.CallContext(channel, "General"), gate.EligibilityCheck("x", number, None, None)
	return gate.ask(case, [check], clock.now())["x"].decision.codes


def known(number: str, reassigned: str = NOT_ASKED, line_type: str = "", ago: int = 0) -> str:
	at = clock.now() - timedelta(days=ago)
	answer = LineAnswer(reassigned, line_type)
	day = clock.db_now().date()
	(name,) = record.write([record.Asked(number, day, ("reassigned_number",), "twilio", answer, 0.0, at)])
	return name


@pytest.fixture
def number(school) -> str:
	found = make.phone()
	make.consent(found)
	return found


def test_a_yes_blocks_and_silence_permits_nothing(number):
	assert codes(number) == ()
	known(number, YES, ago=3)
	assert codes(number) == ("NUMBER_REASSIGNED",) == codes(number, "Text")
	for silent in (NO_DATA, NO_ANSWER, NOT_ASKED):
		known(number, silent, ago=2)
		assert codes(number) == ("NUMBER_REASSIGNED",)
	known(number, NO, ago=1)
	assert codes(number) == ()
	stranger = make.phone()
	for answer in (NO, NO_DATA, NO_ANSWER):
		known(stranger, answer)
		assert codes(stranger) == ("NO_CONSENT",)


@pytest.mark.parametrize("source", ["Agent", "Import", "Ticket", "Enrolment", "System"])
def test_staff_do_not_lift_it(number, source):
	known(number, YES, ago=1)
	ledger.verify(number, evidence=make.evidence(source))
	assert codes(number) == ("NUMBER_REASSIGNED",)


@pytest.mark.parametrize("source", ["Text", "Keypad", "Preference Page"])
def test_the_persons_own_answer_lifts_it(number, source):
	known(number, YES, ago=1)
	ledger.verify(number, evidence=make.evidence(source))
	assert codes(number) == ()
	known(number, YES)
	assert codes(number) == ("NUMBER_REASSIGNED",)


def test_an_answer_of_before_does_not_lift_it(number):
	ledger.verify(number, evidence=make.evidence("Text"), at=clock.now() - timedelta(days=2))
	known(number, YES, ago=1)
	assert codes(number) == ("NUMBER_REASSIGNED",)


def test_a_landline_gets_calls_and_no_texts(number):
	known(number, line_type="landline")
	assert codes(number) == () and codes(number, "Text") == ("NO_TEXTS",)
	known(number, line_type="mobile")
	assert codes(number, "Text") == ()


def test_a_chunk_takes_the_same_number_of_queries(school, queries):
	def asking(count: int) -> int:
		some = [make.phone() for _ in range(count)]
		for one in some:
			make.consent(one)
			known(one, YES)
		checks = [gate.EligibilityCheck(one, one, None, None) for one in some]
		return queries(lambda: gate.ask(CASE, checks, clock.now()))

	asking(1)
	assert asking(20) == asking(2)


def test_it_counts_before_queueing_and_before_dialing(carrier, answering):
	blocked, planned, fine = (make.phone() for _ in range(3))
	for number in (blocked, planned, fine):
		make.consent(number)
		answering(number, "answers")
	known(blocked, YES)
	doc = make.campaign([blocked, planned, fine], purpose="General", template=make.template("General"))
	prepare(doc)
	states = {
		row.phone: (row.status, row.reasons)
		for row in make.recipients(doc.name, "phone", "status", "reasons")
	}
	assert states[blocked] == ("Blocked", "NUMBER_REASSIGNED") and states[planned][0] == "Pending"
	known(planned, YES)
	frappe.db.commit()
	dial(carrier)
	states = {
		row.phone: (row.status, row.reasons)
		for row in make.recipients(doc.name, "phone", "status", "reasons")
	}
	assert states[planned] == ("Blocked", "NUMBER_REASSIGNED") and states[fine][0] == "Reached"
	called = {entry["to"] for entry in carrier.log("call")}
	assert fine in called and not {blocked, planned} & called
	frappe.db.delete(record.DOCTYPE, {"phone": ("in", (blocked, planned))})
	frappe.db.commit()


def test_a_yes_is_a_task_for_the_registrar(numbers, look_up, carrier, as_role):
	user = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	before = frappe.db.get_single_value("Dialer Settings", "registrar")
	frappe.db.set_single_value("Dialer Settings", "registrar", user)
	guardian = make.guardian("Maria Lopez", numbers[0])
	ledger.grant(
		numbers[0],
		basis="number provided",
		evidence=make.evidence(),
		at=clock.now() - timedelta(days=200),
		person_doctype="Guardian",
		person=guardian.name,
	)
	frappe.db.commit()
	carrier.control("lines", {numbers[0]: {"says": "yes"}})
	try:
		look_up()
		(review,) = frappe.get_all(reviews.DOCTYPE, {"phone": numbers[0]}, ["name", "reason", "status"])
		assert (review.reason, review.status) == (reviews.REASSIGNED, "Open")
		registrar.open_todos_for_review(review.name)
		todos = frappe.get_all(
			"ToDo",
			{"reference_type": "Guardian", "reference_name": guardian.name},
			["allocated_to", "description"],
		)
		assert [one.allocated_to for one in todos] == [user] and numbers[0] not in todos[0].description
		registrar.open_todos_for_review(review.name)
		assert frappe.db.count("ToDo", {"reference_name": guardian.name}) == 1
	finally:
		frappe.db.rollback()
		frappe.db.set_single_value("Dialer Settings", "registrar", before)
		frappe.db.delete("ToDo", {"reference_name": guardian.name})
		frappe.db.delete(reviews.DOCTYPE, {"phone": numbers[0]})
		frappe.db.commit()
