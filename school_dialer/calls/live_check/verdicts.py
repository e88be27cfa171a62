"""Decide from the final call log whether a step passed. Pure Python: no Frappe.

A log here is a mapping with the fields of Dialer Call Log that `READ` names.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from school_dialer.base import states
from school_dialer.campaigns.call_order import HUNG_UP, NOT_FETCHED, REACHED, VOICEMAIL
from school_dialer.outbound.attempts.heard import LEFT, NOT_KNOWN

READ = (
	"name",
	"status",
	"status_rank",
	"result",
	"answered_by",
	"duration",
	"voicemail_left",
	"error_code",
	"error_message",
)
PATIENCE = (
	"No final report of the carrier came in time; the last status was {0}. "
	"Press Test webhooks in Dialer Settings."
)
NO_ANSWER = {"busy": "the line was busy", "no-answer": "no one answered", "canceled": "it was canceled"}


@dataclass(frozen=True, slots=True)
class Verdict:
	"""`detail` says in one sentence what happened and, after a failure, where to look."""

	passed: bool
	detail: str


def of_answered(log: Mapping) -> Verdict:
	"""Pass if a person answered, our message was fetched and the call outlasted it (`attempts.heard`)."""
	if failed := not_through(log):
		return failed
	if log["result"] == VOICEMAIL:
		return Verdict(
			False, f"The carrier took you for a machine ({log['answered_by']}). Say hello, and try again."
		)
	if log["result"] == NOT_FETCHED:
		return Verdict(False, "The carrier did not get the words from this site: check the public address.")
	if log["result"] == HUNG_UP:
		return Verdict(
			False, f"The call ended after {log['duration']} s, before the message did. Listen to the end."
		)
	if log["result"] != REACHED:
		return Verdict(False, f"The call came to: {log['result'] or log['status']}.")
	return Verdict(True, f"A person answered and heard the message: {log['duration']} s.")


def of_silent(log: Mapping) -> Verdict:
	"""Pass if one who answers and says nothing gets the words, and not those for a machine."""
	if failed := not_through(log):
		return failed
	if log["result"] in (VOICEMAIL, NOT_FETCHED, HUNG_UP):
		return of_answered(log)
	who = log["answered_by"] or "not looked for"
	return Verdict(True, f"The message was spoken to you: {log['duration']} s. Who answered: {who}.")


def of_down(log: Mapping) -> Verdict:
	"""Pass if the carrier got no words from this site. What it said instead only the operator hears."""
	if failed := not_through(log):
		return failed
	if log["result"] != NOT_FETCHED:
		return Verdict(
			False, f"The call came to: {log['result'] or log['status']}, as if this site answered."
		)
	return Verdict(
		True,
		f"The carrier got no words from this site: {log['duration']} s. You must have heard those of your "
		"Fallback URL, with the school's name, and not that an application error has occurred.",
	)


def of_caller(sender: str, level: str | None) -> Verdict:
	"""Pass unless the carrier vouches for the number in part only. Only its owner sees what a phone shows."""
	seen = "Look what your phone showed: the school's name, only the number, or a warning."
	if level in ("B", "C"):
		return Verdict(
			False,
			f"Calls from {sender} are signed with {level} only, so phones may warn of them. Give the "
			f"number to the carrier's business profile (for Twilio: Trust Hub, SHAKEN/STIR). {seen}",
		)
	signed = "are signed with A" if level else "have no reported signature"
	return Verdict(True, f"Calls from {sender} {signed}. {seen}")


def of_digit(narrowed: str | None, asked: bool, open_to: list[str]) -> Verdict:
	"""Pass if a digit narrowed the STOP only where our question had arrived."""
	if narrowed and not asked:
		return Verdict(False, f"1 narrowed your STOP to {narrowed}, and our question did not arrive.")
	if narrowed:
		return Verdict(True, f"Our question had arrived, and 1 narrowed your STOP: {narrowed}.")
	if open_to:
		return Verdict(False, f"1 arrived, and the gate permits again: {', '.join(open_to)}.")
	return Verdict(True, "1 changed nothing: your STOP holds, and the office sees what you wrote.")


def of_voicemail(log: Mapping) -> Verdict:
	"""Pass if the message was played to its end after the greeting."""
	if failed := not_through(log):
		return failed
	if log["result"] != VOICEMAIL:
		return Verdict(
			False,
			f"The carrier did not hear a machine ({log['answered_by'] or 'no detection'}). "
			"Turn on Detect voicemail, and do not answer.",
		)
	if log["voicemail_left"] == LEFT:
		return Verdict(
			True, f"The message was left after the greeting ({log['answered_by']}): {log['duration']} s."
		)
	if log["voicemail_left"] == NOT_KNOWN and (log["answered_by"] or "").startswith("machine_end_"):
		return Verdict(
			True,
			"The message was spoken to its end after the greeting. "
			f"No beep was heard ({log['answered_by']}): listen whether your voicemail has it.",
		)
	if log["voicemail_left"] == NOT_KNOWN:
		return Verdict(
			False,
			f"The message may have been spoken over the greeting ({log['answered_by']}): "
			"the carrier did not hear the greeting end.",
		)
	return Verdict(False, "The voicemail was cut off before the last word, or got none.")


def of_text(log: Mapping) -> Verdict:
	"""Pass if the carrier reported the text as delivered."""
	if log["status"] in states.RECEIVED:
		return Verdict(True, "The text was delivered.")
	if log["status"] in ("sent", states.UNREPORTED):
		return Verdict(
			False, "The carrier sent the text, and no delivery report came in time. Look at the phone."
		)
	return not_through(log) or Verdict(False, f"The text came to: {log['status']}.")


def not_through(log: Mapping) -> Verdict | None:
	"""Return the verdict on a call or text that did not reach a phone; None if it did."""
	status, why = log["status"], reason(log)
	if status == states.REFUSED:
		return Verdict(False, f"The carrier refused it: {why}.")
	if log["status_rank"] < states.FINAL_RANK:
		return Verdict(False, PATIENCE.format(status))
	if status in ("failed", "undelivered"):
		return Verdict(False, f"It failed: {why}.")
	return (
		Verdict(False, f"The call ended without an answer: {NO_ANSWER[status]}.")
		if status in NO_ANSWER
		else None
	)


def reason(log: Mapping) -> str:
	code = log["error_code"]
	words = (log["error_message"] or "").strip().rstrip(".")
	if words:
		return words if not code or str(code) in words else f"{words} (error {code})"
	return f"error {code}" if code else "the carrier gave no reason"
