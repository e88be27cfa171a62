"""The call itself: what the member of staff hears, and the family's part of it.

The family's part has a call log of its own, with the gate's decision for a call by a person, made when the
member of staff presses 1. The carrier gets the family's number in no other way than from that permit.
"""

import hashlib
from datetime import timedelta

import frappe

from school_dialer import gate
from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert
from school_dialer.calls import live_call
from school_dialer.campaigns.call_order import BUSY, FAILED, NO_ANSWER, WITHDRAWN
from school_dialer.campaigns.parties import informing
from school_dialer.compliance.permit import NotPermitted
from school_dialer.consent.lock import number_lock
from school_dialer.gate import site_policies
from school_dialer.manual_calls import claiming, listing, work
from school_dialer.manual_calls.listing import DOCTYPE
from school_dialer.messages import store
from school_dialer.messages.spoken import manual_call, voice
from school_dialer.outbound.attempts import call_logs, status_updates
from school_dialer.outbound.attempts.status_updates import StatusUpdate
from school_dialer.settings import carrier_settings

UNREACHED = {"busy": BUSY, "no-answer": NO_ANSWER, "failed": FAILED, "canceled": WITHDRAWN}
LOCK_SECONDS = 3


def answer(log_name: str, sid: str) -> str:
	"""Return the TwiML for the member of staff who picked up: no name, before a key shows who listens."""
	log = live_call.open_log(log_name, sid)
	if log is None or not row_of(log):
		return voice.unavailable_twiml(store.school())
	status_updates.apply(log.name, StatusUpdate("in-progress", sid=sid))
	live_call.update_log(log.name, content=voice.GENERIC)
	return manual_call.ask_twiml(store.school(), log.language or "", url("manual_key", log.name))


def key(log_name: str, sid: str, digits: str, hung_up: bool = False) -> str:
	"""Return the TwiML after a key: 1 connects the two, anything else asks again.

	Who has hung up by then is not connected, whatever they pressed.
	"""
	if hung_up:
		return voice.hang_up_twiml()
	log = live_call.open_log(log_name, sid)
	family = log and row_of(log)
	if not family:
		return voice.unavailable_twiml(store.school())
	language = log.language or ""
	if digits[:1] != manual_call.CONNECT_KEY:
		return manual_call.ask_twiml(store.school(), language, url("manual_key", log.name))
	live_call.update_log(log.name, keys_pressed=digits[:1])
	with number_lock([family.phone], timeout=LOCK_SECONDS):
		return connect(log, family.name)


def row_of(log) -> frappe._dict | None:
	"""Return the row for which this call to a member of staff was made, if the family is still with them."""
	row = frappe.db.get_value(
		DOCTYPE,
		{"agent_log": log.name, "claimed_by": log.person},
		["name", "phone", "status", "claimed_until"],
		as_dict=True,
	)
	return row if row and claiming.is_with_person(row) else None


def connect(log, name: str) -> str:
	"""Return the TwiML that dials the family, if the gate allows it now.

	A repeated request gets the same family's call again, not a second one.
	"""
	row, _recipient = claiming.claimed_by_user(name, log.person)
	campaign = frappe.get_cached_doc("Dialer Campaign", row.campaign)
	decided = listing.permitted(campaign, [row])[row.name]
	gone = listing.why_wrong(campaign) or listing.reason_gone(campaign, row.students)
	if gone or not decided.decision.allowed:
		return refused(log, row, gone or ", ".join(decided.decision.codes))
	family = log_of_family(log.name)
	rank = frappe.db.get_value("Dialer Call Log", family, "status_rank")
	if rank:
		return voice.hang_up_twiml()
	try:
		xml = dial(decided, row, log, family)
	except NotPermitted as refusal:
		return refused(log, row, str(refusal))
	if rank is None:
		write_log(campaign, row, family, decided, log.sender)
		claiming.write(row, status=work.CALLED, call_log=family, attempts=row.attempts + 1)
		claiming.lengthen(row, work.ON_THE_LINE)
	return xml


def refused(log, row, why: str) -> str:
	claiming.write(row, refused=why[:140])
	return manual_call.refused_twiml(store.school(), log.language or "")


def dial(decided: gate.EligibilityResult, row, log, family: str) -> str:
	"""Return the document that dials the family. Raises `NotPermitted` if calling hours end just now."""
	log.sender = frappe.db.get_value("Dialer Call Log", log.name, "sender")
	permit = gate.mint(decided, call_log=family, to=row.phone, sender=log.sender)
	ring = carrier_settings.settings().ring_timeout or 25
	urls = url("manual_end", log.name), url("status", family)
	return manual_call.connect_twiml(permit, clock.now(), ring, *urls)


def log_of_family(agent_log: str) -> str:
	"""Return the name of the log of the family's part: the same for each request about the call."""
	return hashlib.sha256(f"family of {agent_log}".encode()).hexdigest()[:16]


def write_log(campaign, row, name: str, decided: gate.EligibilityResult, sender: str) -> None:
	site_policies.mark_used({(decided.decision.policy, decided.decision.version)})
	header = frappe._dict(name=campaign.name, channel="Voice", template=campaign.template)
	called = frappe._dict(row, name=None, log=name, students=decided.students)
	values = {
		**call_logs.common_fields(header, sender, campaign.purpose),
		**call_logs.fields_of(called, decided),
		"recipient": row.recipient,
		"manual": 1,
		"school": row.get("school") or None,
		"placed_at": clock.to_db(decided.decision.at),
	}
	insert("Dialer Call Log", [values])
	informing.note([frappe._dict(row, log=name)])


def ended(
	log_name: str, sid: str, status: str, family_sid: str, seconds: int | None, bridged: bool, code: str = ""
) -> str:
	"""Note how the family's part ended, and return the TwiML for the member of staff: hang up.

	Who picked up counts as completed, even if the two were never connected (`bridged`).
	"""
	log = live_call.voice_log(log_name, sid)
	row = log and frappe.db.get_value(
		DOCTYPE, {"agent_log": log.name}, ["name", "call_log", "claimed_by"], as_dict=True
	)
	if row and row.call_log:
		update = StatusUpdate(status, sid=family_sid or None, duration=seconds, error_code=code or None)
		status_updates.apply(row.call_log, update)
		result = UNREACHED.get(status) or (None if bridged else NO_ANSWER)
		if result:
			frappe.db.set_value("Dialer Call Log", row.call_log, "result", result, update_modified=False)
		shorten(row)
	return voice.hang_up_twiml()


def shorten(row) -> None:
	"""After the call the family stays with the person for as long as it takes to note what came of it."""
	entry, _recipient = claiming.locked(row.name)
	if entry and entry.status in work.WITH_PERSON and entry.claimed_by == row.claimed_by:
		claiming.write(entry, claimed_until=clock.to_db(clock.now() + work.LEASE))


def settle() -> None:
	"""End the long claim of calls whose end was not reported here (step of the scheduler's tick)."""
	over = clock.to_db(clock.now() + work.LEASE + timedelta(minutes=1))
	rows = frappe.db.sql(
		"""select listed.name, listed.claimed_by from `tabDialer Manual Call` listed
		join `tabDialer Call Log` log on log.name = listed.agent_log and log.status_rank >= %s
		where listed.status in %s and listed.claimed_until > %s""",
		(states.FINAL_RANK, work.WITH_PERSON, over),
		as_dict=True,
	)
	for row in rows:
		shorten(row)


def url(event: str, log: str) -> str:
	return carrier_settings.webhook_url(event, log=log)
