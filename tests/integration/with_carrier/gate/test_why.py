"""Decisions in sentences: every reason of the engine has a text, and says what would change it."""

import ast
import json
from functools import lru_cache
from pathlib import Path

import frappe
import pytest
from hypothesis import HealthCheck, given, settings

from school_dialer.compliance import decide, policies, record_of, rules
from school_dialer.compliance.vocabulary import CODES
from school_dialer.desk import decisions, numbers
from school_dialer.desk.support import sentences
from school_dialer.outbound.attempts import refusals
from school_dialer.reporting import reasons
from tests.effort import examples
from tests.integration import factories as make
from tests.unit.compliance import strategies
from tests.unit.compliance.cases import WRITTEN, at, judge, request

often = settings(
	max_examples=examples(150),
	deadline=None,
	suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def recorded(decision) -> dict:
	"""Return the record as it is read from the database."""
	return json.loads(json.dumps(record_of(decision)))


@lru_cache(maxsize=1)
def fixed_details() -> frozenset[str]:
	"""Return every string literal in the rules. A detail without values is one of them."""
	sources = (path.read_text() for path in Path(rules.__file__).parent.glob("*.py"))
	return frozenset(
		node.value
		for source in sources
		for node in ast.walk(ast.parse(source))
		if isinstance(node, ast.Constant) and isinstance(node.value, str)
	)


def test_every_code_has_words_and_a_rank():
	codes = CODES | {reasons.HELD_BACK, reasons.NOT_PLANNED, reasons.ADDED}
	assert set(reasons.ORDER) == codes
	for code in codes:
		title, remedy = reasons.reason_words(code)
		assert title != code and remedy.endswith("."), code


def test_the_desk_has_the_same_words(as_role):
	as_role("Dialer Agent")
	(extend,) = frappe.get_hooks("extend_bootinfo", app_name="school_dialer")
	bootinfo = frappe._dict()
	frappe.get_attr(extend)(bootinfo)
	assert bootinfo.school_dialer["reasons"] == {code: reasons.reason_words(code) for code in reasons.ORDER}


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_every_decision_becomes_sentences(what, facts, when):
	record = recorded(decide(what, facts, policies.for_request(what), when))
	found, values = decisions.explained(record), sentences.values_of(record)
	assert len(found["reasons"]) == len(record["reasons"])
	for told, reason in zip(found["reasons"], record["reasons"], strict=True):
		assert told["title"] != reason["code"] and told["change"].endswith("."), reason
		assert told["detail"].endswith(".") and "{" not in told["detail"] + told["change"]
		assert (
			values.get((reason["code"], reason["rule"], reason["detail"]))
			or reason["detail"] in fixed_details()
		), reason["detail"]
	number = what.phone if isinstance(what.phone, str) else getattr(what.phone, "e164", None)
	assert not number or number not in json.dumps(found, default=str)


def test_what_was_deleted_is_said_to_be():
	record = recorded(judge(request("+13035550142"), WRITTEN, when=at("2026-05-12T12:30:00Z")))
	record |= {"scrubbed": True, "digest": "gone"}
	(words,) = sentences.all_of(record)
	assert words["detail"] == "The details were deleted with the person's data."
	assert words["change"].startswith("Wait until")


FUNDRAISING = request("+16055550142", purpose="Fundraising")


@pytest.mark.parametrize(
	("what", "when", "wait"),
	[
		# 6:30 a.m. in Denver.
		(request("+13035550142"), "2026-05-12T12:30:00Z", ("2026-05-12", "8:00", "Denver")),
		# 10 p.m. in New York.
		(request("+12125550142"), "2026-05-13T02:00:00Z", ("2026-05-13", "8:00", "New York")),
		# In an area with two time zones, the one where calling hours begin last.
		(FUNDRAISING, "2026-05-12T13:30:00Z", ("2026-05-12", "9:00", "Denver")),
	],
)
def test_hours_are_waited_for_where_the_person_lives(what, when, wait):
	record = recorded(judge(what, WRITTEN, when=at(when)))
	day, hour, place = wait
	expected = f"Wait until {hour} on {frappe.utils.format_date(day)} in {place}."
	(words,) = sentences.all_of(record)
	assert words["change"].startswith(expected)


def test_what_cannot_be_said_is_among_the_reasons(as_role):
	phone = make.phone()
	make.consent(phone)
	campaign = make.campaign([phone])
	recipient = frappe.get_doc(
		{"doctype": "Dialer Recipient", "campaign": campaign.name, "phone": phone}
	).insert()
	refusals.block_missing_data({recipient.name: "The date of birth is missing."})
	as_role("Dialer Agent")
	found = decisions.explain("Dialer Recipient", recipient.name)
	assert found["verdict"] == "BLOCK"
	told = found["reasons"][-1]
	assert (told["code"], told["detail"]) == ("MISSING_DATA", "The date of birth is missing.")
	assert told["change"]


def test_the_person_is_named_to_those_who_may_read_the_record(as_role):
	phone = make.phone()
	make.consent(phone)
	numbers = [{"phone": phone, "is_primary_mobile_no": 1}]
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Rosa", "phone_nos": numbers}).insert()
	recipient = frappe.get_doc(
		{
			"doctype": "Dialer Recipient",
			"campaign": make.campaign([phone]).name,
			"phone": phone,
			"person_doctype": "Contact",
			"person": contact.name,
		}
	).insert()
	assert decisions.explain("Dialer Recipient", recipient.name)["person"] == ["Contact", contact.name]
	as_role("Dialer Emergency Approver")
	assert decisions.explain("Dialer Recipient", recipient.name)["person"] is None


@pytest.mark.parametrize("role", ["Dialer Emergency Approver", "System Manager", "Support Team"])
def test_stories_are_for_agents(as_role, role):
	as_role(role)
	for ask in (numbers.story, numbers.may_call):
		with pytest.raises(frappe.PermissionError):
			ask("+13125550142")
	with pytest.raises(frappe.PermissionError):
		numbers.on_this_record("Contact", "none")
