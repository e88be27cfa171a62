"""The consent ledger: the only way to record a consent or a refusal.

Each call takes the number's lock, appends one event to its chain, updates Contact Consent and notifies the
listeners, all in the caller's transaction. The lock is kept until that ends; `lock.NumberBusy` is raised when
another process holds it too long. An opt-out is binding from the commit on.

Listeners: `doc_events` of Consent Event `after_insert` for single events, and for all events, many at a time,
the hook `dialer_consent_changed`: dotted paths of functions that get the list of phones, inside the
transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, timezone
from functools import cache

import frappe
from frappe import _

from school_dialer import clock
from school_dialer.compliance.model import Consent, OptOut
from school_dialer.consent import chain, events, keys, state, store
from school_dialer.consent.events import Event, Evidence, iso, moment
from school_dialer.consent.integrity import rebuild, stream
from school_dialer.consent.lock import number_lock
from school_dialer.wording import translated

PER_LOCK = 1_000
EVIDENCE_FIELDS = tuple(field.name for field in fields(Evidence))
NO_PROVIDERS: frozenset[str] = frozenset()
DB_MOMENT = "%Y-%m-%d %H:%M:%S.%f"


class LedgerError(frappe.ValidationError):
	"""The event cannot be recorded. The message says why."""


@dataclass(frozen=True)
class ConsentFacts:
	"""The facts about one number that the decision engine needs.

	`carrier_blocked` is about texts. A carrier's STOP list does not apply to voice; for voice, the revocation
	that was recorded with it is among the opt-outs.
	"""

	consents: tuple[Consent, ...] = ()
	opt_outs: tuple[OptOut, ...] = ()
	carrier_blocked: bool = False
	provided_by: tuple[frozenset[str], ...] = ()
	"""For each consent, the people who gave the number for it, as "DocType/name".

	Empty where it may have been anyone.
	"""

	def of(self, person_doctype: str | None, person: str | None) -> "ConsentFacts":
		"""Return the facts for this person.

		A number that someone else gave the school is not this person's consent (FCC 16-88). A consent that
		names no one, as older ones do, counts for anyone. Without a person on record, all consents count.
		"""
		if not person or not any(self.provided_by):
			return self
		own = f"{person_doctype}/{person}"
		kept = tuple(
			consent
			for consent, providers in zip(self.consents, self.provided_by, strict=True)
			if not providers or own in providers
		)
		return replace(self, consents=kept, provided_by=())


def grant(
	phone: str,
	*,
	channel: str = events.ANY_CHANNEL,
	purpose: str = events.ALL_PURPOSES,
	basis: str,
	evidence: Evidence,
	at: datetime | None = None,
	expires_at: datetime | None = None,
	person_doctype: str | None = None,
	person: str | None = None,
) -> str:
	"""Record consent given at `at` (aware, by default now). Returns the name of the event.

	After an opt-out only the person's own grant counts (source Text, Preference Page or Signed Form). Any
	other grant is kept in the history and changes nothing. Raises `LedgerError` when the evidence is
	insufficient. The caller commits.
	"""
	return _append_one(
		Event(
			events.GRANT,
			phone,
			evidence,
			channel,
			purpose,
			basis=basis,
			at=at,
			expires_at=expires_at,
			person_doctype=person_doctype,
			person=person,
		)
	)


def opt_out(
	phone: str,
	*,
	scope: str = events.ALL_NON_EMERGENCY,
	channel: str = events.ANY_CHANNEL,
	purpose: str | None = None,
	evidence: Evidence,
	received_at: datetime | None = None,
	person_doctype: str | None = None,
	person: str | None = None,
	heard: bool = False,
) -> str:
	"""Record a revocation, however it arrived. Returns the name of the event. The caller commits.

	`received_at` is when the person said it (aware, by default now). The source "Carrier" also marks the
	number as blocked by the carrier. A detail that is not understood widens the opt-out. Raises `LedgerError`
	only for a number that is not valid. `heard` means that the program read the opt-out in free words; such a
	stop, and every stop from the source "Text", leaves emergencies on.
	"""
	return _append_one(
		Event(
			events.OPT_OUT,
			phone,
			evidence,
			channel,
			purpose or events.ALL_PURPOSES,
			scope,
			at=received_at,
			person_doctype=person_doctype,
			person=person,
			heard=heard,
		)
	)


def wrong_number(phone: str, *, evidence: Evidence, received_at: datetime | None = None) -> str:
	"""Record that the number belongs to someone else. Returns the name of the event.

	Every consent given for the number ends, and everything is refused. This takes a key, the preference page
	or a person at the school; from a text it becomes an opt-out that leaves emergencies on. Afterward the
	person who holds the telephone cannot reopen it: only a verification or a new consent by the school does,
	or a signed form.
	"""
	return _append_one(Event(events.WRONG_NUMBER, phone, evidence, at=received_at))


def opt_in(
	phone: str,
	*,
	evidence: Evidence,
	channel: str = events.ANY_CHANNEL,
	purpose: str = events.ALL_PURPOSES,
	at: datetime | None = None,
) -> str:
	"""Lift the person's earlier opt-outs, at the person's own request. Returns the name of the event.

	It gives no new consent. Earlier consents count again, written consent as oral. Raises `LedgerError`
	unless the source is Text, Preference Page or Signed Form.
	"""
	return _append_one(Event(events.OPT_IN, phone, evidence, channel, purpose, at=at))


def rescope(
	phone: str,
	*,
	scope: str,
	purpose: str | None = None,
	channel: str = events.ANY_CHANNEL,
	evidence: Evidence,
) -> str:
	"""Replace a number's opt-outs with one of a different scope, as the person answers when asked.

	Returns the name of the event. Raises `LedgerError` unless the source is the person's own or Keypad.
	"""
	return _append_one(Event(events.RESCOPE, phone, evidence, channel, purpose or events.ALL_PURPOSES, scope))


def is_strangers(phone: str) -> bool:
	"""Return whether the number was reported as someone else's and the school has not confirmed it since."""
	return bool(frappe.db.exists("Contact Consent", {"phone": phone, "scope_if_right": ("!=", "")}))


def other_stops(phone: str, note: str) -> bool:
	"""Return whether any opt-out would be in force without the stops that carry this note."""
	rows: state.Rows = {}
	for _phone, events_of in chain.by_phone(stream.events_of([phone])):
		for row in events_of:
			event = stream.event_from_row(row)
			if event.kind != events.OPT_OUT or event.evidence.note != note:
				state.apply(rows, event, row[chain.NAME])
	return any(row.opt_out_scope for row in rows.values())


def verify(phone: str, *, evidence: Evidence, at: datetime | None = None) -> str:
	"""Record that the number was found to still belong to the person. Returns the name of the event.

	It renews the verification date of existing consents and gives no new consent.
	"""
	return _append_one(Event(events.VERIFY, phone, evidence, at=at))


def record_many(drafts: Sequence[dict | Event]) -> list[str]:
	"""Record many events in order, with one lock, one read and a few inserts per thousand.

	Returns the names of the events. Each draft is an `Event` or a dict of its fields: kind ("Grant", "Opt
	Out", "Wrong Number", "Opt In", "Rescope", "Verify", "Expire"), phone, evidence (or its fields beside the
	others: source, actor, wording ...), and as the kind needs them channel, purpose, scope, basis, at,
	expires_at, person_doctype, person.

	All are checked before the first is written. `LedgerError` names the position (from 1) of the first bad
	one. Document events do not run; the hook `dialer_consent_changed` does. The caller commits, preferably
	after each call.
	"""
	checked = [
		_checked(_as_event(draft, position), position) for position, draft in enumerate(drafts, start=1)
	]
	names: list[str] = []
	for start in range(0, len(checked), PER_LOCK):
		names.extend(_append(checked[start : start + PER_LOCK]))
	return names


def read(phones: Iterable[str], channel: str | None = None) -> dict[str, ConsentFacts]:
	"""Return the facts of each of `phones` (E.164), in one query. A number without events has empty facts.

	With a `channel` (Voice or Text), consents and opt-outs of the other channel are left out, because they
	cannot count.
	"""
	wanted = list(dict.fromkeys(phones))
	found: dict[str, tuple[list[Consent], list[OptOut], list[bool], list[frozenset[str]]]] = {}
	moment = _moments()
	for row in _current_rows(wanted, channel):
		phone, on, purpose, basis, granted, expires, verified, scope, opted_out, blocked_by_carrier, by = row
		consents, opt_outs, blocked, providers = found.setdefault(phone, ([], [], [], []))
		if blocked_by_carrier:
			blocked.append(True)
		if channel and on != channel:
			continue
		if basis:
			consents.append(Consent(on, purpose, basis, moment(granted), moment(expires), moment(verified)))
			providers.append(frozenset(by.splitlines()) if by else NO_PROVIDERS)
		if scope:
			about = purpose if purpose != events.ALL_PURPOSES else None
			opt_outs.append(OptOut(scope, about, on, moment(opted_out)))
	empty = ConsentFacts()
	return {
		phone: ConsentFacts(
			tuple(found[phone][0]), tuple(found[phone][1]), bool(found[phone][2]), tuple(found[phone][3])
		)
		if phone in found
		else empty
		for phone in wanted
	}


def _moments() -> Callable[[str | None], datetime | None]:
	"""Return a function that turns the database's text of a time into an aware UTC datetime.

	It caches, because bulk enrollment gives many people the same time.
	"""
	zone = clock.system_zone()

	@cache
	def moment(text: str | None) -> datetime | None:
		return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(clock.UTC) if text else None

	return moment


def _current_rows(phones: list[str], channel: str | None) -> Sequence[tuple]:
	"""Read the rows with times as text: the driver's own conversion costs more than the query."""
	if not phones:
		return ()
	return frappe.db.sql(
		"""select phone, channel, purpose, basis, cast(granted_at as char), cast(expires_at as char),
			cast(last_verified_at as char), opt_out_scope, cast(opted_out_at as char), carrier_blocked,
				provided_by
		from `tabContact Consent`
		where phone in %(phones)s and (%(channel)s is null or channel = %(channel)s or carrier_blocked = 1)
		order by phone, channel, purpose""",
		{"phones": tuple(phones), "channel": channel},
	)


def _as_event(draft: dict | Event, position: int) -> Event:
	if isinstance(draft, Event):
		return draft
	values = dict(draft)
	evidence = values.pop("evidence", None)
	details = {name: values.pop(name) for name in EVIDENCE_FIELDS if name in values}
	try:
		return Event(evidence=evidence or Evidence(**details), **values)
	except TypeError as error:
		raise LedgerError(f"{position}: {error}") from error


def _checked(event: Event, position: int | None = None) -> Event:
	if not event.evidence.actor:
		event = replace(event, evidence=replace(event.evidence, actor=frappe.session.user))
	try:
		return events.checked(event, clock.now())
	except events.EventError as error:
		text = translated(error, _)
		message = text if position is None else f"{position}: {text}"
		raise LedgerError(message) from error


def _append_one(event: Event) -> str:
	(name,) = _append([_checked(event)], announce=True)
	return name


def _append(checked: Sequence[Event], announce: bool = False) -> list[str]:
	phones = sorted({event.phone for event in checked})
	if not phones:
		return []
	with number_lock(phones):
		heads = store.lock_heads(phones)
		states = store.lock_rows(heads.values())
		rebuild.repair([heads[phone] for phone in phones if phone not in states], states)
		changed: dict[str, set[state.Key]] = {phone: set() for phone in phones}
		sealed = []
		effective_at, key = clock.db_now().strftime(DB_MOMENT), keys.of_chain()
		for event in checked:
			row = _place(event, heads[event.phone], effective_at, key)
			changed[event.phone] |= state.apply(states[event.phone], event, row[chain.NAME])
			sealed.append(row)
		store.write_state(heads, states, changed)
		store.write_events(sealed)
		if announce:
			_run_document_events(sealed)
		notify_listeners(phones)
	return [row[chain.NAME] for row in sealed]


def _place(event: Event, head: store.Head, effective_at: str, key: chain.Key) -> tuple:
	"""Return the complete row of Consent Event at the end of the chain, and move `head` to it."""
	evidence = event.evidence
	head.seq += 1
	head.at_utc = _written_at(head.at_utc)
	values = (
		store.new_name(),
		event.phone,
		head.seq,
		event.kind,
		event.channel,
		event.purpose,
		event.scope,
		event.basis,
		evidence.source,
		evidence.actor,
		evidence.wording,
		evidence.language,
		evidence.attachment,
		evidence.ip,
		event.person_doctype or "",
		event.person or "",
		evidence.reference_doctype,
		evidence.reference_name,
		evidence.note,
		head.at_utc,
		iso(event.at),
		iso(event.expires_at),
		clock.to_db(event.at).strftime(DB_MOMENT),
		effective_at,
	)
	sealed = chain.seal(values, head.hash, key)
	head.hash = sealed[chain.HASH]
	return sealed


def _written_at(previous: str) -> str:
	"""Return the machine's own time, as ISO text, always later than the event before.

	No setting of the site changes this clock.
	"""
	now = datetime.now(timezone.utc)
	last = moment(previous)
	return iso(now if last is None or now > last else last + timedelta(microseconds=1))


def _run_document_events(sealed: Sequence[tuple]) -> None:
	for row in sealed:
		doc = frappe.get_doc({"doctype": "Consent Event", **dict(zip(chain.COLUMNS, row, strict=True))})
		doc.run_method("after_insert")


def notify_listeners(phones: Sequence[str]) -> None:
	"""Call the functions of the hook `dialer_consent_changed` with the phones."""
	for path in frappe.get_hooks("dialer_consent_changed"):
		frappe.get_attr(path)(list(phones))
