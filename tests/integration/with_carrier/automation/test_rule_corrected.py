"""The absences of a rule's campaign that was wrong: no second call, and staff see whom no one reached."""

import frappe

from school_dialer.automation import scheduler
from school_dialer.reporting import absence_check
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.corrections import carry_out, correct
from tests.integration.with_carrier.rules import campaigns_of, cases_of
from tests.integration.with_carrier.running import dial, number_of


def unreached(rule) -> dict[str, str]:
	found = absence_check.discrepancies_on(rules.today())
	own = set(frappe.get_all("Dialer Rule Case", {"rule": rule.name}, pluck="student", order_by="name"))
	return {
		one.student.split("-", 1)[1]: one.detail
		for one in found
		if one.kind == absence_check.UNREACHED and one.student in own
	}


def test_a_correction_frees_no_case_and_staff_see_whom_no_one_reached(
	school_with, planned, carrier, answering, posted
):
	school = school_with(3)
	for child, behaviour in (("C0", "presses"), ("C1", "no answer"), ("C2", "presses")):
		answering(number_of(school, child), behaviour, digits="1")
		if child != "C2":
			school.mark(child)
	rule, campaign = planned(school, max_attempts=2)
	dial(carrier)
	carry_out(correct(frappe.get_doc("Dialer Campaign", campaign)), carrier)
	scheduler.run_rules()
	assert campaigns_of(rule) == [campaign]
	assert cases_of(rule) == {"C0": "In Campaign", "C1": "In Campaign"}
	assert [len(posted(number_of(school, child))) for child in ("C0", "C1")] == [2, 1]
	assert unreached(rule) == {"C1": "Called, and no one was reached."}
	school.mark("C2")
	frappe.db.commit()
	scheduler.run_rules()
	assert cases_of(rule)["C2"] == "In Campaign" and len(campaigns_of(rule)) == 2
