"""The code of an event in the ledger, the event of a code, and what it proves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import frappe

from school_dialer.base import clock
from school_dialer.consent import chain, keys
from school_dialer.consent.events import moment
from school_dialer.consent.integrity import stream
from school_dialer.consent.receipts import codes, log_entry, signed
from school_dialer.consent.receipts.log_entry import LogEntry
from school_dialer.schools import opting_out

KEY = "receipt code"
SIGNING_KEY, NUMBER_KEY = "receipt signature", "receipt number"


@dataclass(frozen=True)
class Receipt:
	"""What a code stands for. No field but `ending`, its last two digits, holds anything of the number.

	- `said_at`, `recorded_at`: naive, in the site's time zone.
	- `school`: the school that the change is about alone, or "".
	- `is_sealed`: the event is as it was recorded, by its hash in the ledger.
	- `logged`: its place in the signed log, or None until it is there.
	- `signed`: the line that proves it without the database (`signed`), or "" for an event that was changed.
	"""

	code: str
	phone: str
	kind: str
	channel: str
	purpose: str
	scope: str
	school: str
	said_at: datetime
	recorded_at: datetime
	is_sealed: bool
	logged: LogEntry | None
	signed: str = ""

	@property
	def ending(self) -> str:
		return self.phone[-2:]


def signing_keys() -> signed.Keys:
	"""Return the keys of signed lines. They follow from the site's encryption key, as those of codes do."""
	return signed.Keys(keys.derive(SIGNING_KEY), keys.derive(NUMBER_KEY))


def code_of(event_name: str) -> str:
	"""Return the code of a Consent Event, by its name alone. "" for a name that the ledger did not make."""
	return codes.of_name(event_name or "", keys.derive(KEY))


def event_of(code: str) -> str | None:
	"""Return the name of the Consent Event that a code stands for, or None.

	None also for a code made with another encryption key of the site, and for two events of the same
	microsecond that have one code, of which there is one pair in sixteen.
	"""
	key = keys.derive(KEY)
	if not (wanted := codes.of_code(code, key)):
		return None
	begins, tag = wanted
	names = [name for name in _begin_with(begins) if codes.tag_of(name, key) == tag]
	return names[0] if len(names) == 1 else None


def _begin_with(begins: str) -> list[str]:
	"""Return the names of events of one microsecond."""
	event = frappe.qb.DocType("Consent Event")
	first, last = (begins + digit * codes.RANDOM_DIGITS for digit in "0f")
	within = (event.name >= first) & (event.name <= last)
	return frappe.qb.from_(event).select(event.name).where(within).limit(100).run(pluck=True)


def read(code: str) -> Receipt | None:
	"""Return what a code stands for, or None."""
	name = event_of(code)
	row = stream.event_named(name) if name else None
	if not row:
		return None
	event, is_sealed = dict(zip(chain.COLUMNS, row, strict=True)), _is_sealed(row)
	return Receipt(
		code=code_of(name),
		phone=event["phone"],
		kind=event["kind"],
		channel=event["channel"],
		purpose=event["purpose"] or "",
		scope=event["scope"] or "",
		school=opting_out.school_of(event["purpose"]) or "",
		said_at=datetime.fromisoformat(event["received_at"]),
		recorded_at=datetime.fromisoformat(event["effective_at"]),
		is_sealed=is_sealed,
		logged=log_entry.of_event(name),
		signed=signed.line_of(_statement(event), signing_keys()) if is_sealed else "",
	)


def _statement(event: dict) -> signed.Statement:
	words = [event[name] or "" for name in ("name", "kind", "channel", "purpose", "scope", "received_utc")]
	person = event["person_doctype"] or "", event["person"] or ""
	return signed.Statement(*words, event["phone"], *person)


def stated(statement: signed.Statement) -> Receipt:
	"""Return a receipt of what a signed line says, of which the ledger has nothing."""
	stated_at = clock.to_db(moment(statement.at))
	return Receipt(
		code="",
		phone=statement.phone,
		kind=statement.kind,
		channel=statement.channel,
		purpose=statement.purpose,
		scope=statement.scope,
		school=opting_out.school_of(statement.purpose) or "",
		said_at=stated_at,
		recorded_at=stated_at,
		is_sealed=False,
		logged=None,
	)


def is_of(code: str, phone: str) -> bool:
	"""Return whether a code stands for a change of this number (E.164)."""
	name = event_of(code)
	return bool(name) and frappe.db.get_value("Consent Event", name, "phone") == phone


def _is_sealed(row: Sequence) -> bool:
	key = keys.of_chain()
	if chain.key_id(row) not in ("", key.id):
		return False
	return row[chain.HASH] == chain.hash_of(row[: chain.HASH], chain.key_of(row, key))
