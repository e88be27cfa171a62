"""The checks of a chaos run.

Each of the seven counts is 0 for an innocent story, and is not 0 when its own wrong is done.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from dev.chaos.checks import COUNTED, Evidence, breaches
from dev.chaos.people import Person

NOON = datetime(2026, 12, 1, 18, tzinfo=timezone.utc)
"""In Chicago, where these people live."""
ANN, BOB = "+13125552001", "+13125552002"
CONCERT, CLOSED = "Concert", "Closed"
TEXTS = "http://127.0.0.1/api/method/school_dialer.webhooks.twilio"


def asked(log: str, to: str = ANN, minutes: float = 0, status: int = 201, faults: tuple = ()) -> dict:
	at = NOON + timedelta(minutes=minutes)
	return {
		"kind": "message",
		"at": at.isoformat(),
		"site_at": at.isoformat(),
		"to": to,
		"status": status,
		"faults": list(faults),
		"params": {"StatusCallback": f"{TEXTS}.message_status?log={log}"},
	}


def texted(body: str, sender: str = ANN, minutes: float = 1, http_status: int | None = 200) -> dict:
	at = (NOON + timedelta(minutes=minutes)).isoformat()
	return {"kind": "inbound_text", "at": at, "from": sender, "body": body, "http_status": http_status}


def heard(digits: str | None, to: str = ANN, minutes: float = 1, http_status: int = 200) -> dict:
	at = (NOON + timedelta(minutes=minutes)).isoformat()
	return {"kind": "twiml", "at": at, "sid": "CA1", "to": to, "digits": digits, "http_status": http_status}


def log(
	name: str, recipient: str = "ann", attempt: int = 1, campaign: str | None = CONCERT, **values
) -> dict:
	return {
		"name": name,
		"campaign": campaign,
		"recipient": recipient,
		"attempt": attempt,
		"person": "",
		"status": "delivered",
		"status_rank": 90,
		"ended_at": NOON,
		**values,
	}


def recipient(name: str, phone: str, campaign: str = CONCERT, **values) -> dict:
	row = {
		"name": name,
		"campaign": campaign,
		"phone": phone,
		"status": "Reached",
		"outcome": "",
		"max_attempts": 2,
	}
	return {**row, **values}


def campaign(name: str, **values) -> dict:
	return {"name": name, "status": "Completed", "purpose": "Event", "deadline": None, **values}


def by_name(*rows: dict) -> dict[str, dict]:
	return {row["name"]: row for row in rows}


@pytest.fixture
def innocent() -> Evidence:
	"""Ann and Bob agreed and were texted once each.

	Ann then opted out, which a text of no campaign confirmed.
	"""
	return Evidence(
		journal=[asked("a1"), asked("b1", BOB), texted("STOP"), asked("confirmation", minutes=2)],
		logs=by_name(log("a1"), log("b1", "bob"), log("confirmation", "", campaign=None)),
		recipients=by_name(recipient("ann", ANN), recipient("bob", BOB)),
		campaigns=by_name(campaign(CONCERT)),
		invited={CONCERT: [ANN, BOB]},
		people={number: Person("x", number, agreed=True) for number in (ANN, BOB)},
	)


def counts(evidence: Evidence) -> dict[str, int]:
	return {name: len(lines) for name, lines in breaches(evidence).items() if lines}


def more(evidence: Evidence, *entries: dict, logs: tuple = (), **changes) -> Evidence:
	return replace(
		evidence, journal=[*evidence.journal, *entries], logs={**evidence.logs, **by_name(*logs)}, **changes
	)


def test_the_innocent_are_acquitted(innocent):
	assert counts(innocent) == {}
	assert set(COUNTED) < set(breaches(innocent))
	assert len(innocent.accepted) == 2


def test_duplicates_one_log_twice(innocent):
	assert counts(more(innocent, asked("b1", BOB))) == {"duplicates": 1}


def test_duplicates_though_the_answer_was_lost(innocent):
	twice = asked("b2", BOB, faults=("lose_answer",))
	assert counts(more(innocent, twice, logs=(log("b2", "bob"),))) == {"duplicates": 1}


def test_a_request_that_was_never_made_is_no_duplicate(innocent):
	lost = asked("b0", BOB, status=0, faults=("lose_request",))
	assert counts(more(innocent, lost, logs=(log("b0", "bob", status="refused"),))) == {}


def test_a_further_attempt_is_no_duplicate(innocent):
	assert counts(more(innocent, asked("b2", BOB), logs=(log("b2", "bob", attempt=2),))) == {}


def test_duplicates_a_request_without_a_log(innocent):
	assert counts(more(innocent, asked("unheard of", BOB))) == {"duplicates": 1}


def test_duplicates_one_number_for_two_recipients(innocent):
	twice = more(innocent, asked("c1", BOB), logs=(log("c1", "other"),))
	rows = {**twice.recipients, **by_name(recipient("other", BOB))}
	assert counts(replace(twice, recipients=rows)) == {"duplicates": 1}


def test_lost_never_attempted(innocent):
	rows = by_name(recipient("ann", ANN), recipient("bob", BOB, status="Not Reached"))
	left_out = [entry for entry in innocent.journal if entry.get("to") != BOB]
	evidence = replace(innocent, journal=left_out, recipients=rows)
	assert counts(evidence) == {"lost": 1}
	assert counts(more(evidence, asked("b1", BOB, status=429))) == {"lost": 1}
	assert counts(more(evidence, asked("b1", BOB, status=0))) == {"lost": 1}
	assert counts(more(evidence, asked("b1", BOB, status=400))) == {}
	assert counts(more(evidence, texted("Stop", BOB, http_status=500))) == {}
	assert counts(replace(evidence, campaigns=by_name(campaign(CONCERT, status="Cancelled")))) == {}
	stranger = {**evidence.people, BOB: Person("x", BOB, agreed=False)}
	assert counts(replace(evidence, people=stranger)) == {}


def test_lost_never_planned(innocent):
	evidence = replace(innocent, recipients=by_name(recipient("ann", ANN)))
	left_out = [entry for entry in innocent.journal if entry.get("to") != BOB]
	assert counts(replace(evidence, journal=left_out)) == {"lost": 1}


def test_lost_is_not_who_waited_beyond_the_deadline(innocent):
	rows = by_name(recipient("ann", ANN), recipient("bob", BOB, status="Not Reached", outcome="deadline"))
	left_out = [entry for entry in innocent.journal if entry.get("to") != BOB]
	evidence = replace(innocent, journal=left_out, recipients=rows)
	assert counts(evidence) == {"lost": 1}
	assert counts(replace(evidence, campaigns=by_name(campaign(CONCERT, deadline=NOON)))) == {}


@pytest.mark.parametrize("status", [201, 0, 500])
def test_after_opt_out(innocent, status):
	late = asked("a2", minutes=1.01, status=status)
	assert counts(more(innocent, late, logs=(log("a2", attempt=2),))) == {"after_opt_out": 1}


def test_before_the_opt_out_was_acknowledged(innocent):
	in_time = asked("a2", minutes=0.99)
	assert counts(more(innocent, in_time, logs=(log("a2", attempt=2),))) == {}


def test_an_opt_out_that_was_not_acknowledged_binds_no_one_yet(innocent):
	journal = [asked("a1"), asked("b1", BOB), texted("STOP", http_status=503), asked("a2", minutes=2)]
	logs = {**innocent.logs, **by_name(log("a2", attempt=2))}
	assert counts(replace(innocent, journal=journal, logs=logs)) == {}


def test_after_the_key_that_means_stop(innocent):
	keys = [heard("9", BOB, 1), heard(None, BOB, 1.1)]
	late = asked("b2", BOB, minutes=2)
	assert counts(more(innocent, *keys, late, logs=(log("b2", "bob", attempt=2),))) == {"after_opt_out": 1}
	other = [heard("1", BOB, 1), heard(None, BOB, 1.1)]
	assert counts(more(innocent, *other, late, logs=(log("b2", "bob", attempt=2),))) == {}


def test_an_emergency_is_called_after_an_opt_out_and_at_night(innocent):
	entry = asked("e1", minutes=12 * 60)
	evidence = more(
		innocent,
		entry,
		logs=(log("e1", "ann-e", campaign=CLOSED),),
		campaigns={**innocent.campaigns, **by_name(campaign(CLOSED, purpose="Emergency"))},
		recipients={**innocent.recipients, **by_name(recipient("ann-e", ANN, CLOSED))},
		invited={**innocent.invited, CLOSED: [ANN]},
	)
	assert counts(evidence) == {}
	evidence.journal.remove(entry)
	assert counts(replace(evidence)) == {"lost": 1}
	evidence.journal.append(texted("Wrong number"))
	assert counts(replace(evidence)) == {}


@pytest.mark.parametrize(("hours", "wrong"), [(8.99, 0), (9, 1), (-4, 0), (-4.01, 1)])
def test_outside_hours(innocent, hours, wrong):
	"""It is noon in Chicago; nine hours later it is 9 p.m., and four hours before it was 8 a.m."""
	entry = asked("b2", BOB, minutes=hours * 60)
	found = counts(more(innocent, entry, logs=(log("b2", "bob", attempt=2),)))
	assert found == ({"outside_hours": 1} if wrong else {})


def ended(sid: str, status: str, **moments: float) -> dict:
	"""Return the outcome of a call or text, with the hours after noon at which it rang, was sent or
	delivered.
	"""
	when = {name: (NOON + timedelta(hours=hours)).isoformat() for name, hours in moments.items()}
	return {"kind": "outcome", "sid": sid, "status": status, **when}


@pytest.mark.parametrize("moment", ["rang_at", "sent_at", "delivered_at"])
@pytest.mark.parametrize(("hours", "wrong"), [(8.99, 0), (9, 1)])
def test_outside_hours_is_judged_by_when_it_reaches_them(innocent, moment, hours, wrong):
	"""The request came in time, and waited in the carrier's queue."""
	entry = {**asked("b2", BOB, minutes=60), "sid": "CA2"}
	story = more(innocent, entry, ended("CA2", "completed", **{moment: hours}), logs=(log("b2", "bob", 2),))
	assert counts(story) == ({"outside_hours": 1} if wrong else {})


def test_a_call_taken_back_in_the_queue_is_no_attempt(innocent):
	"""Bob's second attempt never rang, so it is made again."""
	first, again = ({**asked(name, BOB, 60), "sid": sid} for name, sid in (("b2", "CA2"), ("b3", "CA3")))
	logs = (log("b2", "bob", 2, status="canceled"), log("b3", "bob", 2))
	assert counts(more(innocent, first, again, ended("CA2", "canceled"), logs=logs)) == {}
	rang = ended("CA2", "canceled", rang_at=1)
	assert counts(more(innocent, first, again, rang, logs=logs)) == {"duplicates": 1, "over_budget": 1}


def test_over_budget(innocent):
	further = [log("b2", "bob", attempt=2), log("b3", "bob", attempt=3)]
	entries = [asked("b2", BOB, 10), asked("b3", BOB, 20)]
	assert counts(more(innocent, *entries, logs=tuple(further))) == {"over_budget": 1}
	next_person = [further[0], {**further[1], "person": "GRD-2"}]
	assert counts(more(innocent, *entries, logs=tuple(next_person))) == {}


def test_unknown_at_end(innocent):
	logs = (log("b1", "bob", status="unknown", status_rank=5, ended_at=None),)
	assert counts(more(innocent, logs=logs)) == {"unknown_at_end": 1}
	ended = (log("b1", "bob", status="sent", status_rank=30, ended_at=NOON),)
	assert counts(more(innocent, logs=ended)) == {}
	rows = by_name(recipient("ann", ANN), recipient("bob", BOB, status="Unknown"))
	assert counts(replace(innocent, recipients=rows)) == {"unknown_at_end": 1, "stuck": 1}


@pytest.mark.parametrize("status", ["Pending", "Deferred", "Retry", "Dialing"])
def test_stuck_recipients(innocent, status):
	rows = by_name(recipient("ann", ANN), recipient("bob", BOB, status=status))
	assert counts(replace(innocent, recipients=rows)) == {"stuck": 1}


@pytest.mark.parametrize("status", ["Preparing", "Running", "Paused"])
def test_stuck_campaigns(innocent, status):
	assert counts(replace(innocent, campaigns=by_name(campaign(CONCERT, status=status)))) == {"stuck": 1}


def test_stuck_confirmations(innocent):
	assert counts(replace(innocent, notices_open=2)) == {"stuck": 2}


def test_called_without_consent(innocent):
	people = {**innocent.people, BOB: Person("x", BOB, agreed=False)}
	assert counts(replace(innocent, people=people)) == {"without_consent": 1}


def test_campaigns_of_others_on_the_site_are_left_out(innocent):
	assert counts(more(innocent, asked("x1", "+12125552001"), logs=(log("x1", "x", campaign="Other"),))) == {}
