"""`bench dialer live-check` against the simulated carrier.

Its accounts and people differ as real ones do.
"""

import json

import frappe
import pytest

from dev.demo.stage import SENDER
from dev.patience import PATIENCE
from school_dialer.calls.live_check import steps, words
from school_dialer.calls.live_check.phone import Phone
from school_dialer.calls.live_check.steps import (
	ANSWERED,
	CALLER,
	DIGIT,
	DOWN,
	HELP,
	HIDDEN,
	INCOMING,
	NUMBERS,
	SILENT,
	START,
	STOP,
	TEXT,
	USUAL,
	VOICEMAIL,
)
from school_dialer.consent import ledger
from school_dialer.desk import settings as desk
from tests.integration import factories as make

pytestmark = pytest.mark.exhaustive

DONE, NO, USAGE = range(3)
OPERATOR = "live-check@school.example"
QUICK = 0.05
"""Seconds between two checks."""
IMPATIENT = 1
"""Seconds for an operator who does nothing."""
ANONYMOUS = "+266696687"
GREETED = {"behaviour": "voicemail", "greeting": 6, "beep": True}


@pytest.fixture
def operator(school) -> frappe._dict:
	"""Yield a user with a phone of their own, and its number."""
	user = frappe.get_doc("User", OPERATOR) if frappe.db.exists("User", OPERATOR) else new_user()
	user.db_set("enabled", 1)
	make.forget_own_number(user.name)
	number = make.own_number(user.name, make.unlisted_phone("312"))
	frappe.db.commit()
	yield frappe._dict(user=user.name, number=number)
	frappe.db.rollback()
	user.db_set("enabled", 0)
	frappe.db.commit()


def new_user():
	"""Make one user for all tests, since Frappe lets a site make 60 users per hour."""
	return frappe.get_doc(
		{
			"doctype": "User",
			"email": OPERATOR,
			"first_name": "Operator",
			"send_welcome_email": 0,
			"roles": [{"role": "System Manager"}, {"role": "Dialer Manager"}],
		}
	).insert(ignore_permissions=True)


@pytest.fixture
def check(carrier, operator):
	"""Return `check(steps, patience)`, which returns the results by step.

	The operator follows the instructions as a person would.
	"""

	def run(*chosen: str, patience: float = PATIENCE, texts_back: bool = True) -> dict[str, steps.Result]:
		frappe.set_user(operator.user)
		phone = Phone(operator.number, operator.user, words.template(), patience, QUICK)

		def does(instruction: str) -> None:
			if instruction.startswith("Now call") and texts_back:
				carrier.control("inbound_call", {"from": operator.number, "to": SENDER})
			if instruction.startswith("Hide your number") and texts_back:
				pressed = {"behaviour": "presses", "digits": ["9", f"{operator.number[2:]}#"]}
				carrier.control("inbound_call", {"from": ANONYMOUS, "to": SENDER, **pressed})
			for word in ("HELP", "STOP", "START", "1"):
				if instruction.endswith(f": {word}") and texts_back:
					carrier.control(
						"inbound_text", {"from": operator.number, "to": SENDER, "body": word.title()}
					)

		return {result.step: result for result in steps.run(phone, chosen or USUAL, does)}

	behaves(carrier, operator)
	return run


def behaves(carrier, operator, *calls: dict, **more) -> None:
	"""Set how the person behaves in one call after the other.

	By default they answer the first and leave the second to voicemail.
	"""
	attempts = calls or ({"behaviour": "answers"}, GREETED)
	carrier.control(
		"people",
		{
			operator.number: {
				"behaviour": "answers",
				"text": {"delivery": "delivered"},
				"attempts": list(attempts),
				**more,
			}
		},
	)


@pytest.fixture
def number_with(carrier):
	"""Yield `number_with(registered=False)`, which sets the school's number at the carrier for this test."""
	before = carrier.control("numbers", {})["numbers"][SENDER]
	yield lambda **settings: carrier.control("numbers", {SENDER: settings})
	carrier.control("numbers", {SENDER: None})
	carrier.control("numbers", {SENDER: before})


def kinds(number: str) -> list[str]:
	return frappe.get_all("Consent Event", {"phone": number}, pluck="kind", order_by="seq")


def test_numbers_that_do_not_lead_here_are_named(check, number_with):
	number_with(sms_url="https://elsewhere.example/texts")
	found = check(NUMBERS)[NUMBERS]
	assert not found.passed and SENDER in found.detail and "elsewhere.example" in found.detail


@pytest.mark.parametrize("by_carrier", [False, True])
def test_it_says_who_answers_help(check, carrier, by_carrier):
	carrier.control("account", {"opt_out_handling": by_carrier})
	found = check(HELP)[HELP]
	assert found.passed and ("The carrier answers" in found.detail) is by_carrier


@pytest.mark.parametrize("step", [HELP, INCOMING])
def test_what_does_not_arrive_fails(check, step):
	found = check(step, patience=IMPATIENT, texts_back=False)[step]
	assert not found.passed and "Point the number's incoming" in found.detail


def test_all_pass_and_what_happened_is_all_that_is_left(check, operator, posted):
	found = check()
	assert list(found) == list(USUAL)
	assert all(result.passed for result in found.values()), [one.detail for one in found.values()]
	assert len(posted(operator.number)) == 3
	events = [kind for kind in kinds(operator.number) if kind != "Rescope"]
	assert events == ["Opt Out", "Opt In"]
	assert not ledger.read([operator.number])[operator.number].opt_outs
	logs = frappe.get_all(
		"Dialer Call Log", {"phone": operator.number}, ["direction", "verdict", "campaign"], order_by="name"
	)
	assert not any(log.campaign for log in logs)
	assert all(log.verdict == "ALLOW" for log in logs if log.direction == "Outbound")


def test_silence_gets_the_words(check, carrier, operator):
	behaves(carrier, operator, {"behaviour": "is silent"})
	result = check(SILENT)[SILENT]
	assert result.passed and "Who answered: unknown" in result.detail


def test_what_is_heard_while_the_site_is_down(check, carrier, operator):
	result = check(DOWN)[DOWN]
	assert not result.passed and "Fallback URL" in result.detail
	address = carrier.control("bins", {"down": desk.fallback_words()})["bins"]["down"]
	set_fallback(address)
	try:
		behaves(carrier, operator, {"behaviour": "answers"})
		result = check(DOWN)[DOWN]
	finally:
		set_fallback("")
	assert result.passed and "Fallback URL" in result.detail


def set_fallback(url: str) -> None:
	frappe.set_user("Administrator")
	frappe.db.set_single_value("Dialer Settings", "fallback_url", url)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.mark.parametrize("by_carrier", [False, True])
def test_a_digit_after_stop(check, carrier, operator, by_carrier):
	carrier.control("account", {"opt_out_handling": by_carrier})
	found = check(TEXT, STOP, DIGIT, START)
	assert all(result.passed for result in found.values()), [one.detail for one in found.values()]
	narrowed = "Rescope" in kinds(operator.number)
	assert ("narrowed" in found[DIGIT].detail) is narrowed and not (by_carrier and narrowed)


def test_a_hidden_number_stops_the_calls_to_the_one_that_is_entered(check, operator):
	found = check(HIDDEN, START)
	assert all(result.passed for result in found.values()), [one.detail for one in found.values()]
	assert kinds(operator.number) == ["Opt Out", "Opt In"]


def test_how_calls_are_signed(check, number_with, carrier):
	number_with(attestation="B")
	found = check(ANSWERED, CALLER)
	assert not found[CALLER].passed and "signed with B only" in found[CALLER].detail
	assert not check(CALLER)[CALLER].passed
	frappe.db.rollback()
	frappe.db.sql("update `tabDialer Sending Number` set attestation = null, attested_at = null")
	frappe.db.commit()


def test_words_over_the_greeting_do_not_pass(check, carrier, operator):
	behaves(carrier, operator, {**GREETED, "answered_by": "machine_start"})
	result = check(VOICEMAIL)[VOICEMAIL]
	assert not result.passed and "machine_start" in result.detail


def test_a_person_who_picks_up_is_no_voicemail(check, carrier, operator):
	behaves(carrier, operator, {"behaviour": "answers"})
	assert "did not hear a machine" in check(VOICEMAIL)[VOICEMAIL].detail


def test_hanging_up_early_does_not_pass(check, carrier, operator):
	behaves(carrier, operator, {"behaviour": "answers", "after_seconds": 5})
	result = check(ANSWERED)[ANSWERED]
	assert not result.passed and "before the message did" in result.detail


def test_no_one_answers(check, carrier, operator):
	behaves(carrier, operator, {"behaviour": "no answer"})
	assert "no one answered" in check(ANSWERED)[ANSWERED].detail


def test_stop_does_not_arrive_without_its_webhook(check, number_with, operator):
	number_with(sms_url="")
	found = check(STOP, START, patience=IMPATIENT)
	assert not found[STOP].passed and "inbound_text" in found[STOP].detail
	assert not found[START].passed
	assert kinds(operator.number) == []


def test_who_does_nothing_is_waited_for_no_longer_than_said(check, operator):
	found = check(STOP, START, patience=IMPATIENT, texts_back=False)
	assert not any(result.passed for result in found.values())


def test_an_account_without_redaction(check, carrier, operator, posted):
	"""Check that the text goes out without redaction, or the step fails with a reason.

	The operator never gets two texts.
	"""
	carrier.control("account", {"redaction": "none", "redaction_refusal": "at once"})
	try:
		result = check(TEXT)[TEXT]
	finally:
		carrier.control("account", {"redaction": "none"})
	assert result.passed or "30029" in result.detail
	assert len(posted(operator.number)) == int(result.passed)


def test_unregistered_texts_do_not_pass(check, number_with):
	number_with(registered=False)
	result = check(TEXT)[TEXT]
	assert not result.passed and "30034" in result.detail


def test_a_trial_account_says_why(check, carrier):
	carrier.control("account", {"type": "Trial"})
	try:
		found = check(ANSWERED, TEXT)
	finally:
		carrier.control("account", {"type": "Full"})
	assert not found[ANSWERED].passed and "21219" in found[ANSWERED].detail
	assert not found[TEXT].passed and "21608" in found[TEXT].detail


def test_the_gate_holds_for_the_operator_too(check, operator, posted):
	ledger.opt_out(operator.number, evidence=make.evidence("Keypad"))
	frappe.db.commit()
	found = check(ANSWERED, TEXT)
	assert all("OPTED_OUT" in result.detail and not result.passed for result in found.values())
	assert not posted(operator.number)


def test_the_attestation_of_a_checked_call_is_kept(check, number_with, carrier):
	number_with(attestation="A")
	check(ANSWERED)
	carrier.wait_until_idle()
	frappe.db.rollback()
	kept = frappe.db.get_value("Dialer Sending Number", {"phone_number": SENDER}, "attestation")
	frappe.db.sql("update `tabDialer Sending Number` set attestation = null, attested_at = null")
	frappe.db.commit()
	assert kept == "A"


def test_the_command(bench, carrier, operator):
	behaves(carrier, operator)
	options = ("--phone", operator.number, "--user", operator.user, "--timeout", str(PATIENCE))
	calls = ("--only", "answered", "--only", "voicemail", "--only", "text")
	done = bench("live-check", *options, *calls, "--yes", "--json")
	assert done.returncode == DONE, (done.stdout, done.stderr)
	said = json.loads(done.stdout)
	assert said["passed"] and [step["step"] for step in said["steps"]] == [ANSWERED, VOICEMAIL, TEXT]
	assert operator.number not in done.stdout + done.stderr and not said["opted_out"]
	assert "let your voicemail take it" in done.stderr
	done = bench("live-check", *options, "--timeout", "5", "--only", "stop", "--yes")
	assert done.returncode == NO and done.stdout.startswith("FAIL  STOP:") and "0 of 1 passed" in done.stdout


def test_a_no_calls_no_one(bench, operator, posted):
	done = bench("live-check", "--phone", operator.number, "--user", operator.user, typed="n\n")
	assert done.returncode == NO and "Nothing was done" in done.stderr and not done.stdout
	assert not posted(operator.number) and kinds(operator.number) == []


@pytest.mark.parametrize(
	("phone", "more", "words"),
	[
		("+13125550199", (), "no other"),
		("12", (), "not a telephone number"),
		("'; drop table users; --", (), "not a telephone number"),
		(None, ("--template", "no such message"), "no such message"),
		(None, ("--template", "Attendance notice"), "student's records"),
		(None, ("--timeout", "0"), "0"),
		(None, ("--timeout", "1e9"), "1e9"),
		(None, ("--only", "everything"), "everything"),
	],
)
def test_what_is_typed_wrong(bench, operator, posted, phone, more, words):
	done = bench("live-check", "--phone", phone or operator.number, "--user", operator.user, "--yes", *more)
	assert done.returncode == USAGE and not done.stdout
	assert words in done.stderr and operator.number not in done.stderr
	assert not posted(operator.number)


@pytest.mark.parametrize(
	("role", "code", "words"), [("Dialer Agent", NO, ""), ("System Manager", USAGE, "no other")]
)
def test_the_phone_of_another_user_is_not_called(bench, operator, posted, as_role, role, code, words):
	"""Check one who may not change the settings, and one who may."""
	user = as_role(role)
	frappe.set_user("Administrator")
	frappe.db.commit()
	done = bench("live-check", "--phone", operator.number, "--user", user, "--yes")
	assert done.returncode == code and words in done.stderr and not posted(operator.number)
	frappe.db.set_value("User", user, "enabled", 0)
	frappe.db.commit()
