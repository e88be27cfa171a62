"""Stopping one school of a district by key in a call, and by the answer to the confirmation."""

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.calls import one_school
from school_dialer.consent import ledger
from school_dialer.consent.events import Evidence
from school_dialer.followup import confirmations
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.with_carrier.running import question_arrives, texts_to

SID = "CA1"


@pytest.fixture
def schools(carrier):
	with districts.district("Lincoln", "Washington", committed=True) as names:
		yield names


def of_school(log: str, school: str | None) -> str:
	"""Make this call one of a school, and return its number."""
	frappe.db.set_value("Dialer Call Log", log, "school", school)
	frappe.db.commit()
	return frappe.db.get_value("Dialer Call Log", log, "phone")


def press(hooks, log: str, keys: str, hung_up: bool = False) -> str:
	form = {"CallSid": SID, "Digits": keys} | ({"CallStatus": "completed"} if hung_up else {})
	answer = hooks.post("keypress", {"log": log}, form)
	assert answer.status_code == 200
	return answer.text


def opened(hooks, log: str) -> str:
	answer = hooks.post("voice", {"log": log}, {"CallSid": SID, "AnsweredBy": "human"})
	assert answer.status_code == 200
	return answer.text


def stops(number: str) -> set[tuple[str, str | None]]:
	frappe.db.rollback()
	return {(one.scope, one.school) for one in ledger.read([number])[number].opt_outs}


def is_open(number: str, school: str) -> bool:
	check = gate.EligibilityCheck("one", number, None, None, school=school)
	answer = gate.ask(gate.CallContext("Voice", "Event"), [check], clock.now())["one"]
	return "OPTED_OUT" not in answer.decision.codes


def test_the_star_stops_the_school_that_called(hooks, log, schools, carrier):
	lincoln, washington = schools
	number = of_school(log, lincoln)
	assert f"To stop only calls and texts from {lincoln}, press the star key." in opened(hooks, log)
	said = press(hooks, log, "*")
	assert f"no more calls or texts from {lincoln} at this number" in said and "<Hangup" in said
	assert stops(number) == {("this school", lincoln)}
	assert [is_open(number, each) for each in (lincoln, washington, "")] == [False, True, True]
	assert (
		press(hooks, log, "*")
		and len(frappe.get_all("Consent Event", {"phone": number, "kind": "Opt Out"})) == 1
	)
	confirmations.send_due()
	(sent,) = texts_to(carrier, number)
	assert f"only messages from {lincoln} are stopped." in sent and "Reply 4" not in sent


def test_the_star_counts_after_hanging_up(hooks, log, schools):
	number = of_school(log, schools[0])
	opened(hooks, log)
	press(hooks, log, "*", hung_up=True)
	assert stops(number) == {("this school", schools[0])}


@pytest.mark.parametrize("whose", ["district", "gone"])
def test_in_a_call_of_no_one_school_the_star_has_no_meaning(hooks, log, schools, whose):
	number = of_school(log, None if whose == "district" else schools[0])
	if whose == "gone":
		frappe.db.set_value("Dialer School", schools[0], "enabled", 0)
		frappe.db.set_value("Dialer School", schools[1], "enabled", 0)
		districts.forget()
		frappe.db.commit()
	assert "star key" not in opened(hooks, log)
	assert "no meaning" in press(hooks, log, "*")
	assert not stops(number)


def test_with_one_school_a_call_is_as_it_was(hooks, log):
	from school_dialer.schools import registry

	number = of_school(log, next(iter(registry.schools()), None))
	assert not registry.is_district() and "star key" not in opened(hooks, log)
	assert "no meaning" in press(hooks, log, "*") and not stops(number)


def asked(carrier, number: str, log: str) -> str:
	"""Opt the number out by text, as after this call, and return the confirmation."""
	frappe.db.set_value(
		"Dialer Call Log", log, {"placed_at": frappe.utils.add_to_date(clock.db_now(), minutes=-5)}
	)
	ledger.opt_out(number, evidence=Evidence("Text", wording="STOP"))
	frappe.db.commit()
	question_arrives(carrier, number)
	return texts_to(carrier, number)[-1]


def test_the_answer_to_the_confirmation_narrows_to_the_school(carrier, log, schools, say):
	lincoln, washington = schools
	number = of_school(log, lincoln)
	assert asked(carrier, number, log).endswith(f"Reply 4 to stop only {lincoln}.")
	assert f"only messages from {lincoln} are stopped." in say(number, " 4 ")
	assert stops(number) == {("this school", lincoln)} and is_open(number, washington)
	assert say(number, "START") and not stops(number)


def test_a_later_call_does_not_change_what_was_asked(carrier, log, schools, say):
	lincoln, washington = schools
	number = of_school(log, lincoln)
	asked(carrier, number, log)
	frappe.db.set_value(
		"Dialer Call Log",
		log,
		{"school": washington, "placed_at": frappe.utils.add_to_date(clock.db_now(), minutes=5)},
	)
	frappe.db.commit()
	before = frappe.utils.add_to_date(clock.db_now(), minutes=1)
	assert one_school.last(number, clock.from_db(before)) == ""
	assert say(number, "4") is None or stops(number) == {("all non-emergency", None)}
	assert stops(number) == {("all non-emergency", None)}


def test_after_a_districts_call_four_answers_nothing(carrier, log, schools, say):
	number = of_school(log, None)
	assert "Reply 4" not in asked(carrier, number, log)
	say(number, "4")
	assert stops(number) == {("all non-emergency", None)}


def test_another_school_after_one_is_confirmed_too(carrier, schools):
	number = make.phone()
	make.consent(number)
	for name in (*schools, schools[0]):
		ledger.opt_out(number, scope="this school", school=name, evidence=make.evidence("Keypad"))
		frappe.db.commit()
		confirmations.send_due()
	sent = texts_to(carrier, number)
	assert len(sent) == 2 and schools[0] in sent[0] and schools[1] in sent[1]
	ledger.opt_out(number, scope="this purpose", purpose="Fees", evidence=make.evidence("Keypad"))
	frappe.db.commit()
	confirmations.send_due()
	assert len(texts_to(carrier, number)) == 3
