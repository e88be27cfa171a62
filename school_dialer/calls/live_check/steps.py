"""The steps of the live check.

Each step prints what to do, waits, and reports whether it passed. No step runs longer than its patience.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import frappe
from frappe.utils import strip_html

from school_dialer.calls.live_check import verdicts
from school_dialer.calls.live_check.phone import Phone
from school_dialer.calls.live_check.verdicts import Verdict
from school_dialer.compliance.permit import NotPermitted
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.messages.model import MessageError
from school_dialer.settings import carrier_settings, incoming

NUMBERS, ANSWERED, CALLER, VOICEMAIL, SILENT, DOWN, TEXT, HELP, STOP, DIGIT, HIDDEN, START, INCOMING = (
	STEPS
) = (
	"numbers",
	"answered",
	"caller",
	"voicemail",
	"silent",
	"down",
	"text",
	"help",
	"stop",
	"digit",
	"hidden",
	"start",
	"incoming",
)
USUAL = tuple(step for step in STEPS if step not in (SILENT, DOWN, HIDDEN))
"""Without those that need further calls, of which some states allow few a day, or a hidden number."""
NOWHERE = "not_there"
"""A webhook event that this site does not have."""
STOPPED = "OPTED_OUT"


@dataclass(frozen=True, slots=True)
class Result:
	"""The outcome of one step. `seconds` is how long the step took."""

	step: str
	title: str
	passed: bool
	detail: str
	seconds: float


@dataclass(frozen=True, slots=True)
class Step:
	title: str
	instruction: str
	work: Callable[[Phone], Verdict]


def run(phone: Phone, steps: tuple[str, ...], show: Callable[[str], None]) -> Iterator[Result]:
	"""Run these steps in the order of STEPS and yield one result each. `show` prints an instruction."""
	in_order = [name for name in STEPS if name in steps]
	for name in in_order:
		step = ALL[name]
		show(step.instruction)
		began = time.monotonic()
		verdict = run_step(step.work, phone)
		yield Result(name, step.title, verdict.passed, verdict.detail, round(time.monotonic() - began, 1))


def run_step(work: Callable[[Phone], Verdict], phone: Phone) -> Verdict:
	"""Run one step. A refusal by the gate or the carrier fails this step; the others still run."""
	try:
		return work(phone)
	except (frappe.ValidationError, frappe.PermissionError, NotPermitted, MessageError) as error:
		# The next step does not commit what this one wrote.
		frappe.db.rollback()
		frappe.clear_messages()
		return Verdict(False, strip_html(str(error)) or "This is not permitted.")


def numbers(phone: Phone) -> Verdict:
	"""Check at the carrier that the texts and calls to each of the school's numbers come to this site."""
	problems = list(incoming.problems())
	if problems:
		return Verdict(False, " ".join(problems))
	return Verdict(True, "The carrier sends all texts and calls to your numbers to this site.")


def answered(phone: Phone) -> Verdict:
	return verdicts.of_answered(phone.wait_until_final(phone.place("Voice")))


def caller(phone: Phone) -> Verdict:
	"""Say how the carrier signs calls from the number that called, which phones show."""
	# A new transaction sees what webhooks have committed.
	frappe.db.rollback()
	sender, level = phone.attestation()
	if not sender:
		return Verdict(False, "This looks at the call of the step answered: run both.")
	return verdicts.of_caller(sender, level)


def silent(phone: Phone) -> Verdict:
	return verdicts.of_silent(phone.wait_until_final(phone.place("Voice")))


def down(phone: Phone) -> Verdict:
	"""Check what is heard while this site is stopped, by a call whose words are asked for where none are."""
	if not carrier_settings.settings().fallback_url:
		return Verdict(
			False, "Enter a Fallback URL in Dialer Settings: who answers hears an error without it."
		)
	return verdicts.of_down(phone.wait_until_final(phone.place("Voice", NOWHERE)))


def voicemail(phone: Phone) -> Verdict:
	return verdicts.of_voicemail(phone.wait_until_final(phone.place("Voice")))


def text(phone: Phone) -> Verdict:
	return verdicts.of_text(phone.wait_until_final(phone.place("Text")))


def help_(phone: Phone) -> Verdict:
	"""Check that HELP arrives, and say who answers it: the phone must get one answer, not two."""
	log = phone.next_inbound("Text")
	if log is None:
		return Verdict(False, "No HELP arrived. " + not_here("inbound_text", "messages"))
	by = "The carrier answers it (or a limit held ours back)"
	if phone.was_answered():
		by = "This site answers it"
	return Verdict(True, f"HELP arrived at {log.sender}. {by}: your phone must have got exactly one text.")


def incoming_call(phone: Phone) -> Verdict:
	"""Check that a call to the school's number arrives here with the caller's number."""
	log = phone.next_inbound("Voice")
	if log is None:
		return Verdict(
			False,
			"No call from your number arrived. If yours is hidden, show it. "
			+ not_here("inbound_call", "calls"),
		)
	return Verdict(True, f"Your call to {log.sender} arrived.")


def not_here(event: str, what: str) -> str:
	return f"Point the number's incoming {what} at {carrier_settings.webhook_url(event)}."


def stop(phone: Phone) -> Verdict:
	"""Check that the operator's STOP is in the ledger and that the gate permits no calls or texts."""
	event = phone.next_event("Opt Out")
	if event is None:
		return Verdict(
			False,
			"No STOP arrived. Point the number's incoming messages (of a Messaging Service: "
			"its incoming messages) at "
			f"{carrier_settings.webhook_url('inbound_text')}. "
			"The carrier may hold your STOP all the same, so text START now.",
		)
	if open_to := [channel for channel in CHANNELS if STOPPED not in phone.reasons(channel)]:
		return Verdict(
			False, f"STOP arrived ({event.name}), and the gate still permits: {', '.join(open_to)}."
		)
	return Verdict(True, f"STOP arrived and holds: {event.scope} ({event.name}).")


def digit(phone: Phone) -> Verdict:
	"""Check that a digit after STOP answers our question only if that arrived."""
	if phone.next_inbound("Text") is None:
		return Verdict(False, "No 1 arrived. " + not_here("inbound_text", "messages"))
	open_to = [channel for channel in CHANNELS if STOPPED not in phone.reasons(channel)]
	return verdicts.of_digit(phone.rescoped_to(), phone.question_arrived(), open_to)


def hidden(phone: Phone) -> Verdict:
	"""Check that a caller whose number is hidden can stop calls to the number that they enter."""
	event = phone.next_event("Opt Out", "Inbound Call")
	if event is None:
		return Verdict(
			False,
			"No call opted your number out. Press 9, and enter it after the question, with the pound key.",
		)
	return Verdict(True, f"The number that you entered is opted out, and staff review it ({event.name}).")


def start(phone: Phone) -> Verdict:
	"""Check that the operator's START is in the ledger and that no opt-out is left."""
	event = phone.next_event("Opt In")
	if event is None:
		return Verdict(
			False, "No START arrived: you are still opted out if your STOP arrived. Text START again."
		)
	if held := still_stopped(phone):
		return Verdict(
			False, f"START arrived ({event.name}), and an opt-out still holds for: {', '.join(held)}."
		)
	return Verdict(True, f"START arrived, and no opt-out holds ({event.name}).")


def still_stopped(phone: Phone) -> list[str]:
	"""Return the channels on which the phone is still opted out."""
	return [channel for channel in CHANNELS if STOPPED in phone.reasons(channel)]


ALL = {
	NUMBERS: Step("Where texts and calls go", "The carrier is asked about your numbers.", numbers),
	HELP: Step("HELP", "Answer the text with: HELP", help_),
	INCOMING: Step(
		"A call to the school",
		"Now call the number that called you, listen to the menu, and hang up.",
		incoming_call,
	),
	ANSWERED: Step(
		"A call that is answered",
		"Your phone rings now. Answer it, say hello, press no key, and listen until the call ends by itself.",
		answered,
	),
	CALLER: Step("Who is shown", "Look at what your phone showed while it rang.", caller),
	SILENT: Step(
		"A call that is answered in silence",
		"Your phone rings. Answer it, say nothing, press no key, and listen until the call ends by itself.",
		silent,
	),
	DOWN: Step(
		"A call while this site is down",
		"Your phone rings. Answer it and listen to the end: these are the words for when this site is down.",
		down,
	),
	VOICEMAIL: Step(
		"A call left to voicemail",
		"Your phone rings again. Do not answer: let your voicemail take it, "
		"and listen to the message afterwards.",
		voicemail,
	),
	TEXT: Step("A text", "You get a text now. Do not answer it yet.", text),
	STOP: Step("STOP", "Answer the text with: STOP", stop),
	DIGIT: Step("A digit after STOP", "Whatever you get, text to the same number: 1", digit),
	HIDDEN: Step(
		"A hidden number",
		"Hide your number (in the US, *67 goes first) and call. Press 9, enter your number and the pound "
		"key, and hang up.",
		hidden,
	),
	START: Step("START", "Now text to the same number: START", start),
}
