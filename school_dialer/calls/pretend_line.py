"""What happens to calls and texts at the pretend carrier: it passes through the functions of a real one.

A person hears the words and presses 1 where the message asks for it. Calls end at once, with the length that
their words take. The job runs after each chunk, and the scheduler's tick starts it if calls are left.
"""

import math

import frappe

from school_dialer.base import states
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import EMERGENCY_QUEUE, job, report
from school_dialer.calls import live_call
from school_dialer.carriers import pretend
from school_dialer.consent.lock import NumberBusy
from school_dialer.messages.spoken import ivr_state
from school_dialer.outbound.attempts import callback_queue
from school_dialer.outbound.attempts.heard import BEEP, HUMAN, USUAL_DETECTION
from school_dialer.outbound.attempts.status_updates import StatusUpdate
from school_dialer.settings import carrier_settings

MOST = 200
UNANSWERED = {pretend.BUSY: "busy", pretend.NO_ANSWER: "no-answer"}
HANGING_UP = 1
"""Seconds."""
WAITING = f"""from `tabDialer Call Log` where direction = 'Outbound' and status_rank < {states.FINAL_RANK}
	and carrier_sid like '{pretend.PREFIX}%%'"""


def look() -> None:
	"""Start the job if something waits at the pretend carrier (step of the tick)."""
	if carrier_settings.pretends() and frappe.db.sql(f"select 1 {WAITING} limit 1"):
		frappe.enqueue(
			"school_dialer.calls.pretend_line.run", queue=EMERGENCY_QUEUE, enqueue_after_commit=True
		)


@job
def run() -> None:
	"""Let everything end that waits at the pretend carrier, in chunks. Does nothing in Live mode."""
	last = ""
	while carrier_settings.pretends() and (logs := waiting(last)):
		callback_queue.apply([(log.name, report_of(log)) for log in logs])
		last = logs[-1].name


def waiting(last: str) -> list:
	"""Return the next logs in the order of their names, which come after this one."""
	return frappe.db.sql(
		f"select name, channel, carrier_sid {WAITING} and name > %s order by name limit {MOST}",
		last,
		as_dict=True,
	)


def report_of(log) -> StatusUpdate:
	"""Return the final report of a call or text. The words of an answered call are fetched first."""
	sid, ends = log.carrier_sid, pretend.how_it_ends(log.carrier_sid)
	if log.channel == "Text":
		return StatusUpdate("delivered", sid=sid)
	if ends in UNANSWERED:
		return StatusUpdate(UNANSWERED[ends], sid=sid, duration=0)
	answered_by = BEEP if ends == pretend.VOICEMAIL else HUMAN
	try:
		seconds = retried(lambda: speak(log.name, sid, answered_by), also=(NumberBusy,))
	except Exception as error:
		report("pretend carrier", error)
		return StatusUpdate("failed", sid=sid)
	return StatusUpdate("completed", sid=sid, answered_by=answered_by, duration=seconds)


def speak(log_name: str, sid: str, answered_by: str) -> int:
	"""Fetch the words of a call as its carrier does, and press 1 where they ask for it. Commits.

	Return how many seconds the call takes: finding out who answers, the words, and hanging up.
	"""
	live_call.answer(log_name, sid, answered_by)
	seconds = seconds_of_words(log_name)
	if answered_by == HUMAN:
		press_yes(log_name, sid)
	else:
		live_call.voicemail_ended(log_name, sid)
	seconds = max(seconds, seconds_of_words(log_name))
	frappe.db.commit()
	return math.ceil(USUAL_DETECTION[HUMAN] + seconds) + HANGING_UP


def press_yes(log_name: str, sid: str) -> None:
	"""Press 1 to hear the message, and once more to confirm it, where the message asks for these keys."""
	log = live_call.open_log(log_name, sid)
	state = log and ivr_state.State.of(log.dialogue)
	if state and state.stage == ivr_state.CONFIRM:
		live_call.key(log_name, sid, ivr_state.Digits(ivr_state.YES_KEY), state.turn)
		log = live_call.open_log(log_name, sid)
		state = log and ivr_state.State.of(log.dialogue)
	if state and state.stage == ivr_state.MESSAGE and live_call.outgoing_of(log).acknowledge:
		live_call.key(log_name, sid, ivr_state.Digits(ivr_state.YES_KEY), state.turn)


def seconds_of_words(log_name: str) -> float:
	"""Return how long the words take that were fetched last. A key that confirms them sets this to 0."""
	return frappe.db.get_value("Dialer Call Log", log_name, "seconds_needed") or 0.0
