"""A six-digit code, by text or call, that proves who holds a phone.

A code is valid for ten minutes and five attempts, and a user gets only a few a day.

The code is not stored: it is derived from the row's random name with the site's key.
"""

import hmac
from datetime import timedelta
from hashlib import sha256

import frappe
from frappe import _

from school_dialer.audience.base import country_code
from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.base.phone import InvalidNumber, mask, parse
from school_dialer.base.refusal import throw
from school_dialer.calls import live_call
from school_dialer.calls.own_number import owner, record, sample_call
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.consent import keys
from school_dialer.consent.lock import number_lock
from school_dialer.messages import own_number as words
from school_dialer.messages import store
from school_dialer.messages.spoken import voice
from school_dialer.outbound.attempts import status_updates
from school_dialer.settings import carrier_settings

VALID = timedelta(minutes=10)
WAIT = timedelta(seconds=60)
"""The minimum time between two codes for one user."""
MOST_TRIES = 5
MOST_BY_USER, MOST_BY_NUMBER, MOST_BY_SITE = 5, 3, 100
"""Codes requested in 24 hours, refused ones included."""


class TooManyCodes(frappe.ValidationError):
	"""Too many codes were requested. The message says when to ask for the next one."""


def send_code(user: str, raw: str, channel: str) -> dict:
	"""Send a code to this number and return the dict that `state` returns. Commits.

	If no code was sent, the dict also has `refused` with a message. The message is the same for every reason
	that concerns the number, so that it does not reveal whose number it is. Raises ValidationError for a bad
	channel or number, `TooManyCodes`, and what `sample_call.place_to` raises when only the hour is wrong.
	"""
	if channel not in CHANNELS:
		throw(_("Choose a text or a call."))
	carrier_settings.check_ready(channel)
	try:
		phone = parse(raw, country_code()).e164
	except InvalidNumber as error:
		throw(_("This is not a telephone number: {0}.").format(_(error.reason)))
	# Without an older snapshot, and one after the other for a user and for a number, all codes are counted.
	frappe.db.commit()
	with number_lock([phone]):
		frappe.db.get_value("User", user, "name", for_update=True)
		refuse_too_many(user)
		record.forget_old()
		row = begin_code(user, phone, channel, refused=is_refused(user, phone))
		# Counted before the lock is free for another code.
		frappe.db.commit()
	if row.refused or not place_code(row, channel):
		frappe.db.set_value(record.DOCTYPE, row.name, "refused", 1, update_modified=False)
		frappe.db.commit()
		return state(user) | {"refused": refusal()}
	return state(user)


def refusal() -> str:
	return _(
		"No code was sent: this number can't be used for tests. It is on someone else's record, it opted "
		"out, or it got too many codes today. Use your own phone. If you opted out, text START to the "
		"school's number first."
	)


def is_refused(user: str, phone: str) -> bool:
	return (
		sample_call.has_opted_out(phone)
		or count_codes(phone=phone) >= MOST_BY_NUMBER
		or owner.is_anothers(user, phone)
	)


def refuse_too_many(user: str) -> None:
	if waiting := seconds_to_wait(user):
		throw(
			_("Wait {0} seconds before you ask for another code.").format(waiting),
			TooManyCodes,
			title=_("Not now"),
		)
	if count_codes(user=user) >= MOST_BY_USER or count_codes() >= MOST_BY_SITE:
		throw(_("No more codes can be asked for today."), TooManyCodes, title=_("Not now"))


def count_codes(**of: str) -> int:
	since = clock.to_db(clock.now() - record.DAY)
	return frappe.db.count(record.DOCTYPE, {**of, "asked_at": (">", since)})


def seconds_to_wait(user: str) -> int:
	rows = frappe.get_all(record.DOCTYPE, {"user": user}, pluck="asked_at", order_by="asked_at desc", limit=1)
	left = (clock.from_db(rows[0]) + WAIT - clock.now()).total_seconds() if rows else 0
	return max(0, int(left))


def begin_code(user: str, phone: str, channel: str, refused: bool) -> frappe._dict:
	"""Write the row of a new code.

	This ends the user's earlier codes, but never their verified number.
	"""
	for name in frappe.get_all(
		record.DOCTYPE,
		{"user": user, "verified_at": ("is", "not set"), "ended_at": ("is", "not set")},
		pluck="name",
		order_by="name",
	):
		frappe.db.set_value(record.DOCTYPE, name, "ended_at", clock.db_now(), update_modified=False)
	now = clock.now()
	values = {
		"name": frappe.generate_hash(length=20),
		**stamp(),
		"user": user,
		"phone": phone,
		"phone_masked": mask(phone),
		"channel": channel,
		"asked_at": clock.to_db(now),
		"expires_at": clock.to_db(now + VALID),
		"tries": 0,
		"refused": int(refused),
	}
	table = frappe.qb.DocType(record.DOCTYPE)
	frappe.qb.into(table).columns(*values).insert(*values.values()).run()
	return frappe._dict(values)


def place_code(row: frappe._dict, channel: str) -> bool:
	"""Place the call or text with the code. Return False if the gate refuses this number.

	A refusal because of the hour is raised to the caller instead.
	"""
	language = frappe.db.get_value("User", row.user, "language") or ""

	def message(called):
		frappe.db.set_value(record.DOCTYPE, row.name, "call_log", called.log, update_modified=False)
		if channel == "Text":
			return carrier_settings.outgoing_text(
				words.text(store.school(), language, code_of(row)), called.log
			)
		return sample_call.voice("own_number_code", called.log)

	header = frappe._dict(name=None, channel=channel, template=None)
	try:
		sample_call.place_to(header, row.user, row.phone, message)
	except sample_call.RefusedForNumber:
		frappe.db.rollback()
		frappe.clear_last_message()
		return False
	return True


def code_of(row) -> str:
	text = "\0".join((row["name"], row["user"], row["phone"]))
	digest = hmac.new(keys.derive(f"own number code{record.pretended()}"), text.encode(), sha256).digest()
	return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def verify(user: str, code: str) -> bool:
	"""Return whether this is the code sent to the user; if it is, the number is theirs from then on.

	Every attempt counts, and the answer is the same False for every failure.
	"""
	# Locked: of codes that are tried at the same moment, each counts.
	row = record.latest_row(user, ["verified_at", "is", "not set"], for_update=True)
	if not row or row.refused or row.tries >= MOST_TRIES or clock.from_db(row.expires_at) <= clock.now():
		return False
	right = hmac.compare_digest(code_of(row).encode(), "".join(code.split()).encode())
	values = {"tries": row.tries + 1}
	if right and not owner.is_anothers(user, row.phone):
		row.verified_at = clock.db_now().replace(microsecond=0)
		values |= {"verified_at": row.verified_at, "digest": record.digest(row)}
		record.end_others(user, but=row.name)
	frappe.db.set_value(record.DOCTYPE, row.name, values, update_modified=False)
	return "verified_at" in values


def state(user: str) -> dict:
	"""Return what the user may see about their own number.

	The keys are `number` (masked, "" if none is verified), `sent_to` (masked, "" unless a code is waiting to
	be entered) and `wait` (seconds until another code may be requested).
	"""
	row = record.latest_row(user, ["verified_at", "is", "not set"])
	verified = record.verified(user)
	open_ = row and not row.refused and row.tries < MOST_TRIES and clock.from_db(row.expires_at) > clock.now()
	return {
		"number": verified.masked if verified else "",
		"sent_to": mask(row.phone) if open_ else "",
		"wait": seconds_to_wait(user),
		"code": code_of(row) if open_ and carrier_settings.pretends() else "",
	}


def answer(log_name: str, sid: str) -> str:
	"""Return the TwiML for the call that carries a code: it says the code while the code is valid."""
	log = live_call.open_log(log_name, sid)
	row = log and frappe.db.get_value(
		record.DOCTYPE, {"call_log": log.name, "ended_at": ("is", "not set")}, record.READ, as_dict=True
	)
	if not row or row.refused or row.verified_at or clock.from_db(row.expires_at) <= clock.now():
		return voice.unavailable_twiml(store.school(), (log and log.language) or "")
	status_updates.apply(log.name, status_updates.StatusUpdate("in-progress", sid=sid))
	live_call.update_log(log.name, content=voice.GENERIC)
	return words.twiml(store.school(), log.language or "", code_of(row))
