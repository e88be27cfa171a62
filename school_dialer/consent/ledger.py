"""The consent ledger: the only way to record a consent or a refusal.

Each call takes the number's lock, appends one event to its chain, updates Contact Consent and notifies the
listeners, all in the caller's transaction. The lock is kept until that ends; `lock.NumberBusy` is raised when
another process holds it too long. An opt-out is binding from the commit on.

Listeners: `doc_events` of Consent Event `after_insert` and the hook `dialer_consent_recorded` for single
events, and for all events, many at a time, the hook `dialer_consent_changed`: dotted paths of functions that
get the list of phones, inside the transaction. One that fails undoes its own work only
(`database.listeners`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from functools import partial

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.database.listeners import tell
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.consent import chain, events, journal, keys, state, store
from school_dialer.consent.events import Event, Evidence, iso, moment
from school_dialer.consent.facts import ConsentFacts as ConsentFacts
from school_dialer.consent.facts import read as read
from school_dialer.consent.integrity import rebuild, stream
from school_dialer.consent.lock import number_lock
from school_dialer.schools import opting_out

PER_LOCK = 1_000
EVIDENCE_FIELDS = tuple(field.name for field in fields(Evidence))
DB_MOMENT = "%Y-%m-%d %H:%M:%S.%f"


class LedgerError(frappe.ValidationError):
	"""The event cannot be recorded. The message says why."""


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
	school: str | None = None,
	once: bool = False,
) -> str:
	"""Record a revocation, however it arrived. Returns the name of the event. The caller commits.

	`received_at` is when the person said it (aware, by default now). The source "Carrier" also marks the
	number as blocked by the carrier. A detail that is not understood widens the opt-out. Raises `LedgerError`
	only for a number that is not valid. `heard` means that the program read the opt-out in free words; such a
	stop, and every stop from the source "Text", leaves emergencies on. `school` is the Dialer School that the
	scope "this school" means. `once` returns an event that stops the number's calls and came with the same
	record (`evidence.reference_name`), if there is one, and records nothing.
	"""
	return _append_one(
		Event(
			events.OPT_OUT,
			phone,
			_naming(evidence, school),
			channel,
			_about(purpose, school),
			scope,
			at=received_at,
			person_doctype=person_doctype,
			person=person,
			heard=heard,
		),
		once=once,
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
	school: str | None = None,
) -> str:
	"""Lift the person's earlier opt-outs, at the person's own request. Returns the name of the last event.

	It gives no new consent. Earlier consents count again, written consent as oral. With a `school`, only the
	opt-outs of this Dialer School are lifted, and no wider one. Raises `LedgerError` unless the source is
	Text, Preference Page or Signed Form.
	"""
	named = _naming(evidence, school)
	abouts = _standing_of(phone, school) if school else [purpose]
	return [_append_one(Event(events.OPT_IN, phone, named, channel, about, at=at)) for about in abouts][-1]


def rescope(
	phone: str,
	*,
	scope: str,
	purpose: str | None = None,
	channel: str = events.ANY_CHANNEL,
	evidence: Evidence,
	school: str | None = None,
) -> str:
	"""Replace a number's opt-outs with one of a different scope, as the person answers when asked.

	Returns the name of the event. `school` is as in `opt_out`. Raises `LedgerError` unless the source is the
	person's own or Keypad.
	"""
	named, about = _naming(evidence, school), _about(purpose, school)
	return _append_one(Event(events.RESCOPE, phone, named, channel, about, scope))


def _about(purpose: str | None, school: str | None) -> str:
	"""Return what an event is about: the school by its key, the purpose, or All."""
	return opting_out.purpose_of(school) or purpose or events.ALL_PURPOSES


def _naming(evidence: Evidence, school: str | None) -> Evidence:
	"""Return the evidence with the school's name of today, which a reader of later years may not know."""
	return _noting(evidence, f"School: {school}") if school else evidence


def _noting(evidence: Evidence, line: str) -> Evidence:
	return replace(evidence, note="\n".join(filter(None, (evidence.note, line))))


def _standing_of(phone: str, school: str) -> list[str]:
	"""Return how the number's opt-outs of this school name it. Merged schools have several names."""
	names = opting_out.purposes_of(school)
	if not names:
		throw(_("There is no such school."), LedgerError)
	stopped = {"phone": phone, "purpose": ("in", names), "opt_out_scope": events.THIS_SCHOOL}
	standing = frappe.get_all("Contact Consent", stopped, pluck="purpose", order_by="purpose")
	return list(dict.fromkeys(standing)) or names[:1]


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


def holding(phone: str, stops: Sequence[Event]) -> set[state.Key]:
	"""Return each (channel, purpose) that these opt-outs of one earlier time should stop at the number today.

	An opt-out always takes effect, so one that is recorded late would undo what the person lifted since.
	"""
	recorded = [stream.event_from_row(row) for row in stream.events_of([phone])]
	return state.holding(stops, [event for event in recorded if stops and event.at > stops[0].at])


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


def _as_event(draft: dict | Event, position: int) -> Event:
	if isinstance(draft, Event):
		return draft
	values = dict(draft)
	evidence = values.pop("evidence", None)
	details = {name: values.pop(name) for name in EVIDENCE_FIELDS if name in values}
	try:
		return Event(evidence=evidence or Evidence(**details), **values)
	except TypeError as error:
		throw(plain_text.line(f"{position}: {error}"), LedgerError)


def _checked(event: Event, position: int | None = None) -> Event:
	if not event.evidence.actor:
		event = replace(event, evidence=replace(event.evidence, actor=frappe.session.user))
	try:
		return events.checked(event, clock.now())
	except events.EventError as error:
		text = translated(error, _)
		message = text if position is None else f"{position}: {text}"
		throw(plain_text.line(message), LedgerError)


def _append_one(event: Event, once: bool = False) -> str:
	(name,) = _append([_with_holders(_checked(event))], announce=True, once=once)
	return name


def _with_holders(event: Event) -> Event:
	"""Return the event with a note if it starts calls again at a number that several people have.

	One of them said it. The ledger does not know those whom the school never called, so the hook
	`dialer_people_of_number` looks through all records now, while they say it.
	"""
	if not event.starts or event.person:
		return event
	lookups = map(frappe.get_attr, frappe.get_hooks("dialer_people_of_number"))
	people = {person for people_of in lookups for person in people_of(event.phone)}
	evidence = event.evidence
	for doctype, count in sorted(Counter(doctype for doctype, _name in people).items()):
		if count > 1:
			evidence = _noting(evidence, events.OF_SEVERAL.format(doctype))
	return replace(event, evidence=evidence)


def _append(checked: Sequence[Event], announce: bool = False, once: bool = False) -> list[str]:
	phones = sorted({event.phone for event in checked})
	if not phones:
		return []
	named = None
	# Before anything is read: from here to the commit no one else writes or dials these numbers.
	with number_lock(phones):
		if once and (reference := checked[0].evidence.reference_name):
			named, earlier_stop = store.heads_and_stop(phones[0], reference)
			# A repeated request: what it asks for is on record.
			if earlier_stop:
				return [earlier_stop]
		heads = store.lock_heads(phones, named)
		states = store.lock_rows(heads.values())
		# A number whose rows are gone gets them back from its events, before this one is applied.
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
		# Writes after the commit: an event that is rolled back is not in the journal.
		journal.append_opt_outs(sealed)
		# Under the lock and in this transaction: what they stop, stops with the commit.
		if announce:
			_tell_of_events(sealed)
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


def _tell_of_events(sealed: Sequence[tuple]) -> None:
	"""Call the functions of the hook `dialer_consent_recorded` and the document events of each row."""
	listeners = []
	for row in sealed:
		doc = frappe.get_doc({"doctype": "Consent Event", **dict(zip(chain.COLUMNS, row, strict=True))})
		listeners += _listeners("dialer_consent_recorded", doc)
		listeners.append(partial(doc.run_method, "after_insert"))
	tell(listeners, "a reaction to a consent event")


def notify_listeners(phones: Sequence[str], hook: str = "dialer_consent_changed") -> None:
	"""Call the functions of this hook with the phones."""
	tell(_listeners(hook, list(phones)), "a reaction to a change of consent")


def _listeners(hook: str, about: object) -> list[Callable[[], object]]:
	return [partial(_call, path, about) for path in frappe.get_hooks(hook)]


def _call(path: str, about: object) -> None:
	frappe.get_attr(path)(about)
