"""The current state of consent: the fold of a number's events, in the order the ledger wrote them.

Pure Python, no Frappe. A `Row` is the state of one (phone, channel, purpose or All) and holds both sides: the
consent, if one was given, and the opt-out, if one is in force. Where events contradict each other, the rules
take the stricter reading:

- An opt-out always takes effect. Scopes only widen; only the person narrows one (`Rescope`) or lifts it.
- Narrowing a wide opt-out lifts no narrower one that stood before it.
- A grant by anyone else while an opt-out covers it stays in the history and changes nothing.
- A grant or opt-in by the person lifts earlier refusals, never later ones.
- Lifting one purpose of a wider opt-out leaves all the others opted out.
- An opt-out of one school of a district has a row of its own, whose purpose is the school's key. Lifting it
  lifts no wider one. It ends no consent, because that is the district's.
- Revocation ends written consent: after an opt-in, "express written" counts as "express oral" until it is
  signed again.
- A weaker grant does not displace a stronger one in force. It shows that the number was still good at that
  time.
- Where several people gave a number, each one's consent ends at its own time. None of them renews another's.
- A verification by anyone but the person keeps a consent from going stale, and never revives a stale one. The
  state keeps how long the person had not been heard of by then, since the policy says what is stale.
- A number known to be a stranger's stays closed whatever its holder says: START, a reply, a press of "Start"
  on the preference page. The school's own word reopens it for emergencies; a form the family signed reopens
  it for what the form says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from school_dialer.compliance.vocabulary import (
	ALL_NON_EMERGENCY,
	ALL_PURPOSES,
	CHANNELS,
	EMERGENCY,
	EVERYTHING,
	EXPRESS_ORAL,
	EXPRESS_WRITTEN,
	NUMBER_PROVIDED,
	PURPOSES,
	TEXT,
	THIS_PURPOSE,
	THIS_SCHOOL,
)
from school_dialer.consent import providers
from school_dialer.consent.events import (
	EXPIRE,
	GRANT,
	OF_ONE,
	OPT_IN,
	OPT_OUT,
	RESCOPE,
	VERIFY,
	WRONG_NUMBER,
	Event,
	names_school,
)

GRANTED, OPTED_OUT, EXPIRED, NO_CONSENT = "Granted", "Opted Out", "Expired", "No Consent"
REVIVED_BASIS = EXPRESS_ORAL
STRENGTH = {"": 0, NUMBER_PROVIDED: 1, EXPRESS_ORAL: 2, EXPRESS_WRITTEN: 3}
HELD_IN_THE_HAND = frozenset({"Text", "Preference Page", "Keypad"})
"""Sources that show who holds the telephone now, not whose it should be."""
HEARSAY = frozenset({"Text", "E-mail"})
"""Sources whose wrong numbers earlier versions read from free words.

Such an event is a stop that the person may lift.
"""
OWN_ACTS = HELD_IN_THE_HAND | {"Signed Form", "Enrolment"}
"""Sources of a verification that is the person's own act: from the number itself, or on a form they gave in.

The word of staff, an import, and a mail that anyone may write are none.
"""
SCHOOLS_WORD = frozenset({"Agent", "Ticket", "Inbound Call", "E-mail", "Enrolment", "Signed Form"})
"""Sources of a consent or verification that school staff checked, one number at a time or on a form.

An import is not one.
"""
WIDTH = {"": 0, THIS_PURPOSE: 1, THIS_SCHOOL: 2, ALL_NON_EMERGENCY: 3, EVERYTHING: 4}

Key = tuple[str, str]


@dataclass
class Row:
	"""The state of one channel and purpose of a number, or of one school's opt-out on a channel.

	Times are aware UTC; missing texts are empty.

	`scope_if_right` is set while the number counts as a stranger's: it is the opt-out that remains once the
	school confirms the number. `provided_by` lists who gave the number for a consent with the basis "number
	provided" (`consent.providers`). It is empty where no one is named, as in older ledgers.
	`unconfirmed_days` is as in `compliance.Consent`.
	"""

	phone: str
	channel: str
	purpose: str
	status: str = NO_CONSENT
	basis: str = ""
	granted_at: datetime | None = None
	expires_at: datetime | None = None
	last_verified_at: datetime | None = None
	source: str = ""
	wording: str = ""
	language: str = ""
	attachment: str = ""
	person_doctype: str = ""
	person: str = ""
	opt_out_scope: str = ""
	opted_out_at: datetime | None = None
	opt_out_source: str = ""
	carrier_blocked: bool = False
	last_event: str = ""
	scope_if_right: str = ""
	provided_by: str = ""
	unconfirmed_days: int = 0

	@property
	def key(self) -> Key:
		return self.channel, self.purpose


Rows = dict[Key, Row]


def apply(rows: Rows, event: Event, name: str) -> set[Key]:
	"""Apply one checked event to the `rows` of its number. Returns the keys that changed.

	`name` is the event's name in the ledger.
	"""
	before = {key: replace(row) for key, row in rows.items()}
	_FOLDS[event.kind](rows, event)
	for row in rows.values():
		row.status = _status(rows, row)
	changed = {key for key, row in rows.items() if before.get(key) != row}
	for key in changed:
		rows[key].last_event = name
	return changed


def holding(stops: Iterable[Event], since: Iterable[Event]) -> set[Key]:
	"""Return each channel and purpose that these opt-outs would still stop, had they been recorded in time.

	`since` are the number's events of a later time, in their order. What was lifted since stays lifted.
	"""
	rows: Rows = {}
	for event in (*stops, *since):
		apply(rows, event, "")
	return {(channel, about) for channel in CHANNELS for about in PURPOSES if opted_out(rows, channel, about)}


def covers(scope: str, row_purpose: str, purpose: str) -> bool:
	"""Return whether an opt-out of `scope` is about `purpose` (or about All). `row_purpose` is its row's."""
	if scope == EVERYTHING:
		return True
	if scope == ALL_NON_EMERGENCY:
		return purpose != EMERGENCY
	return scope in OF_ONE and row_purpose == purpose


def opted_out(rows: Rows, channel: str, purpose: str) -> bool:
	return any(
		row is not None and covers(row.opt_out_scope, row.purpose, purpose)
		for row in (rows.get((channel, purpose)), rows.get((channel, ALL_PURPOSES)))
	)


def _status(rows: Rows, row: Row) -> str:
	if opted_out(rows, row.channel, row.purpose):
		return OPTED_OUT
	if not row.basis:
		return NO_CONSENT
	return EXPIRED if row.status == EXPIRED else GRANTED


def _row(rows: Rows, event: Event, channel: str, purpose: str) -> Row:
	key = (channel, purpose)
	if key not in rows:
		rows[key] = Row(event.phone, channel, purpose)
	return rows[key]


def _on(rows: Rows, channels: Iterable[str]) -> list[Row]:
	return [row for row in rows.values() if row.channel in channels]


def _grant(rows: Rows, event: Event) -> None:
	for channel in event.channels:
		_school_vouches(rows, event, channel)
		if event.by_person:
			_lift(rows, event, channel, event.purpose)
		if opted_out(rows, channel, event.purpose):
			continue
		row = _row(rows, event, channel, event.purpose)
		ends = _providers(row, event)
		_take_grant(row, event)
		row.provided_by = ""
		if ends and row.basis == NUMBER_PROVIDED:
			row.provided_by, row.expires_at = providers.write(ends)


def _take_grant(row: Row, event: Event) -> None:
	if row.expires_at is not None and row.expires_at <= event.at:
		row.status = EXPIRED
	in_force = row.basis and row.status != EXPIRED
	if in_force and (STRENGTH[event.basis], event.at) < (STRENGTH[row.basis], row.granted_at):
		_confirm(row, event.at, by_person=True)
		return
	_confirm(row, event.at, by_person=True)
	row.status = GRANTED
	row.basis, row.granted_at, row.expires_at = event.basis, event.at, event.expires_at
	evidence = event.evidence
	row.source, row.wording = evidence.source, evidence.wording or ""
	row.language, row.attachment = evidence.language or "", evidence.attachment or ""
	_take_person(row, event)


def _providers(row: Row, event: Event) -> providers.Ends:
	"""Return everyone who gave this number, including with this event, and until when each of them did.

	Two parents may share a line, and each speaks only for themselves. Empty if it may have been anyone.
	"""
	if event.basis != NUMBER_PROVIDED:
		return {}
	named = f"{event.person_doctype or ''}/{event.person}" if event.person else ""
	added = {named: event.expires_at} if named else {}
	alone = (
		row.basis != NUMBER_PROVIDED
		or row.status == EXPIRED
		or bool(row.expires_at is not None and row.expires_at <= event.at)
	)
	if alone or not (named and row.provided_by):
		return added if alone else {}
	in_force = providers.in_force(providers.read(row.provided_by, row.expires_at), event.at)
	recorded_late = named in in_force and event.at < row.granted_at
	return in_force if recorded_late else in_force | added


def _take_person(row: Row, event: Event) -> None:
	if event.person:
		row.person_doctype, row.person = event.person_doctype or "", event.person


def _confirm(row: Row, at: datetime, by_person: bool) -> None:
	"""Take a confirmation of the number at this time. One that is recorded late counts for its own time."""
	confirmed_at = max(filter(None, (row.granted_at, row.last_verified_at)), default=at)
	if not by_person:
		row.unconfirmed_days = max(row.unconfirmed_days, (at - confirmed_at).days)
	elif at >= confirmed_at:
		row.unconfirmed_days = 0
	else:
		row.unconfirmed_days = min(row.unconfirmed_days, (confirmed_at - at).days)
	row.last_verified_at = _later(row.last_verified_at, at)


def _later(earlier: datetime | None, moment: datetime) -> datetime:
	return max(earlier, moment) if earlier else moment


def _opt_out(rows: Rows, event: Event) -> None:
	purpose = event.purpose if event.scope in OF_ONE else ALL_PURPOSES
	for channel in event.channels:
		row = _row(rows, event, channel, purpose)
		_take_opt_out(row, event.scope, event.at, event.evidence.source)
		_take_person(row, event)
		revoked = [row] if event.scope in OF_ONE else _on(rows, (channel,))
		for each in revoked:
			if each.basis == EXPRESS_WRITTEN and covers(event.scope, purpose, each.purpose):
				each.basis = REVIVED_BASIS
	if event.evidence.source == "Carrier":
		_row(rows, event, TEXT, ALL_PURPOSES).carrier_blocked = True


def _take_opt_out(row: Row, scope: str, at: datetime, source: str) -> None:
	if row.scope_if_right and WIDTH[scope] > WIDTH[row.scope_if_right]:
		row.scope_if_right = scope
	if WIDTH[scope] > WIDTH[row.opt_out_scope]:
		row.opt_out_scope = scope
	row.opted_out_at = _later(row.opted_out_at, at)
	row.opt_out_source = source


def _wrong_number(rows: Rows, event: Event) -> None:
	for channel in CHANNELS:
		row = _row(rows, event, channel, ALL_PURPOSES)
		if event.evidence.source not in HEARSAY and not row.scope_if_right:
			row.scope_if_right = max(row.opt_out_scope, ALL_NON_EMERGENCY, key=WIDTH.get)
		remains = row.scope_if_right
		_take_opt_out(row, EVERYTHING, event.at, event.evidence.source)
		row.scope_if_right = remains
	for row in rows.values():
		row.basis, row.granted_at, row.expires_at, row.last_verified_at = "", None, None, None
		row.source = row.wording = row.language = row.attachment = row.person_doctype = row.person = ""
		row.provided_by, row.unconfirmed_days = "", 0


def _opt_in(rows: Rows, event: Event) -> None:
	for channel in event.channels:
		_lift(rows, event, channel, event.purpose)
	if event.evidence.source == "Text" and (TEXT, ALL_PURPOSES) in rows:
		rows[TEXT, ALL_PURPOSES].carrier_blocked = False


def is_strangers(rows: Rows, channel: str) -> bool:
	"""Return whether the number counts as someone else's on this channel."""
	row = rows.get((channel, ALL_PURPOSES))
	return row is not None and bool(row.scope_if_right)


def _school_vouches(rows: Rows, event: Event, channel: str) -> None:
	"""Reopen a number for emergencies after the school confirmed it, if it was reported as wrong."""
	if not is_strangers(rows, channel) or event.evidence.source not in SCHOOLS_WORD:
		return
	row = rows[channel, ALL_PURPOSES]
	if row.opted_out_at < event.at:
		row.opt_out_scope, row.scope_if_right = row.scope_if_right, ""


def _lift(rows: Rows, event: Event, channel: str, purpose: str) -> None:
	"""End the opt-outs of `purpose` on `channel` that the person made before the event."""
	if is_strangers(rows, channel) and event.evidence.source in HELD_IN_THE_HAND:
		return
	if purpose == ALL_PURPOSES:
		for row in _on(rows, (channel,)):
			if row.opted_out_at is not None and row.opted_out_at < event.at:
				_clear_opt_out(row)
		return
	wide = None if names_school(purpose) else rows.get((channel, ALL_PURPOSES))
	if wide is not None and wide.opt_out_scope and covers(wide.opt_out_scope, ALL_PURPOSES, purpose):
		if wide.opted_out_at >= event.at:
			return
		for other in PURPOSES:
			if other != purpose and covers(wide.opt_out_scope, ALL_PURPOSES, other):
				row = _row(rows, event, channel, other)
				_take_opt_out(row, THIS_PURPOSE, wide.opted_out_at, wide.opt_out_source)
		_clear_opt_out(wide)
	narrow = rows.get((channel, purpose))
	if narrow is not None and narrow.opted_out_at is not None and narrow.opted_out_at < event.at:
		_clear_opt_out(narrow)


def _clear_opt_out(row: Row) -> None:
	row.opt_out_scope, row.opted_out_at, row.opt_out_source, row.scope_if_right = "", None, "", ""


def _rescope(rows: Rows, event: Event) -> None:
	for channel in event.channels:
		if not is_strangers(rows, channel):
			for row in _answered(rows, channel, event.at):
				_clear_opt_out(row)
	_opt_out(rows, event)


def _answered(rows: Rows, channel: str, at: datetime) -> list[Row]:
	"""Return the opt-outs that an answer at this time replaces: the wide ones, and what was said since.

	Without a wide one, it replaces the answer before it, which was said last. Narrower ones that stood before
	are about something else, and stay.
	"""
	standing = [
		row for row in _on(rows, (channel,)) if row.opted_out_at is not None and row.opted_out_at <= at
	]
	wide = [row for row in standing if row.opt_out_scope not in OF_ONE]
	since = max((row.opted_out_at for row in wide or standing), default=at)
	return [row for row in standing if row.opt_out_scope not in OF_ONE or row.opted_out_at >= since]


def _verify(rows: Rows, event: Event) -> None:
	for channel in event.channels:
		_school_vouches(rows, event, channel)
	for row in _on(rows, event.channels):
		if row.basis and event.purpose in (ALL_PURPOSES, row.purpose):
			_confirm(row, event.at, event.evidence.source in OWN_ACTS)


def _expire(rows: Rows, event: Event) -> None:
	for channel in event.channels:
		row = rows.get((channel, event.purpose))
		if row is not None and row.expires_at is not None and row.expires_at <= event.at:
			row.status = EXPIRED


_FOLDS = {
	GRANT: _grant,
	OPT_OUT: _opt_out,
	WRONG_NUMBER: _wrong_number,
	OPT_IN: _opt_in,
	RESCOPE: _rescope,
	VERIFY: _verify,
	EXPIRE: _expire,
}
