"""Consent events as values: the closed lists, the evidence, and the checks before an event is written.

Pure Python, no Frappe. Grants are checked strictly and refused when something is missing. An event that ends
consent is never refused for its paperwork: a wrong or overlong detail of an opt-out is dropped or cut
instead.
"""

import ipaddress
import re
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, timezone

from school_dialer.base.wording import Wording as _
from school_dialer.compliance.vocabulary import (
	ALL_NON_EMERGENCY,
	ALL_PURPOSES,
	ANY_CHANNEL,
	BASES,
	CHANNELS,
	EMERGENCY,
	EVERYTHING,
	EXPRESS_WRITTEN,
	PURPOSES,
	SCHOOL_PREFIX,
	SCOPES,
	THIS_PURPOSE,
	THIS_SCHOOL,
)

UTC = timezone.utc

GRANT, OPT_OUT, WRONG_NUMBER = "Grant", "Opt Out", "Wrong Number"
OPT_IN, RESCOPE, VERIFY, EXPIRE = "Opt In", "Rescope", "Verify", "Expire"
KINDS = (GRANT, OPT_OUT, WRONG_NUMBER, OPT_IN, RESCOPE, VERIFY, EXPIRE)
STOPPING = frozenset({OPT_OUT, WRONG_NUMBER})
OF_ONE = frozenset({THIS_PURPOSE, THIS_SCHOOL})
"""Scopes of what the event's `purpose` names, and of nothing else."""

SOURCES = (
	"Keypad",
	"Text",
	"Inbound Call",
	"Preference Page",
	"E-mail",
	"Ticket",
	"Agent",
	"Signed Form",
	"Enrolment",
	"Import",
	"Carrier",
	"Restored",
	"Receipt",
	"System",
)
# Only these sources speak for the person when consent returns after an opt-out (47 CFR 64.1200(a)(10)).
PERSON_SOURCES = frozenset({"Text", "Preference Page", "Signed Form"})

CORRECTED = "Consent Event"
"""The record that a correction names: the opt-out that staff recorded by mistake."""
OF_SEVERAL = "Several records have this number: {0}"
"""The note, with a DocType, on a START or a consent given again of which no one can know whose word it is."""

LONG_TEXT = 10_000
SHORT_TEXT = 140
LIMITS = {"attachment": 500}
FUTURE_TOLERANCE = timedelta(minutes=5)
# No telephone consent is earlier, and no expiry is later, than these. Both fit every database column.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
UNFIT_IN_SHORT_TEXT = re.compile(r"[<>\x00-\x1f\x7f]")
LONG_FIELDS = ("wording", "note")


class EventError(ValueError):
	"""The event cannot be recorded. The message says why and holds no full number."""


@dataclass(frozen=True)
class Evidence:
	"""How the event is known.

	- `source` is one of `SOURCES`.
	- `actor` is the user or party who acted, by default the session's user.
	- `wording` is the exact words shown to or said by the person; `language` is a code such as "es".
	- `attachment` is the URL of a file; `ip` is for web.
	- `reference_doctype` and `reference_name` are the record it came with.
	"""

	source: str
	actor: str | None = None
	wording: str | None = None
	language: str | None = None
	attachment: str | None = None
	ip: str | None = None
	reference_doctype: str | None = None
	reference_name: str | None = None
	note: str | None = None


@dataclass(frozen=True)
class Event:
	"""One event before it has a place in a chain.

	`kind` is one of `KINDS`, `channel` is Voice, Text or Any, and `purpose` is one of the purposes or All.
	With the scope "this school", and to lift such an opt-out, it is `SCHOOL_PREFIX` and the school's key.
	`at` is when the person said it, aware UTC.
	"""

	kind: str
	phone: str
	evidence: Evidence
	channel: str = ANY_CHANNEL
	purpose: str = ALL_PURPOSES
	scope: str = ""
	basis: str = ""
	at: datetime | None = None
	expires_at: datetime | None = None
	person_doctype: str | None = None
	person: str | None = None
	heard: bool = False
	"""The program read the event in free words (a text, an e-mail, a ticket); no person chose it.

	This is not stored.
	"""

	@property
	def channels(self) -> tuple[str, ...]:
		return CHANNELS if self.channel == ANY_CHANNEL else (self.channel,)

	@property
	def by_person(self) -> bool:
		return self.evidence.source in PERSON_SOURCES

	@property
	def starts(self) -> bool:
		"""Whether the person asks for calls or texts again."""
		return self.kind in (OPT_IN, GRANT) and self.by_person

	def is_of_several(self, doctype: str) -> bool:
		"""Return whether several records of this kind had the number when the person said this."""
		return OF_SEVERAL.format(doctype) in (self.evidence.note or "").splitlines()


def checked(event: Event, now: datetime) -> Event:
	"""Return the event as it will be written. Raises `EventError`.

	`now` is the site's current time, aware UTC.
	"""
	if event.kind not in KINDS:
		raise EventError(_("Unknown kind of consent event: {0!r}.", event.kind))
	if not E164.fullmatch(event.phone or ""):
		raise EventError(_("The telephone number is not in international form, such as +13125550142."))
	if event.kind in STOPPING:
		return _lenient(_narrowed(event), now)
	_check_lists(event)
	at = _moment(event.at, now, _("The time of the event"))
	if at > now + FUTURE_TOLERANCE:
		raise EventError(_("The time of the event lies in the future."))
	expires_at = _moment(event.expires_at, None, _("The expiry"))
	if event.kind == GRANT:
		_check_grant(event, at, expires_at)
	elif event.kind in (OPT_IN, RESCOPE):
		_check_return(event)
	return replace(event, at=at, expires_at=expires_at, evidence=_strict_evidence(event.evidence))


def _check_lists(event: Event) -> None:
	if event.evidence.source not in SOURCES:
		raise EventError(
			_("Unknown source: {0!r}. Use one of {1}.", event.evidence.source, ", ".join(SOURCES))
		)
	if event.channel not in (*CHANNELS, ANY_CHANNEL):
		raise EventError(_("Unknown channel: {0!r}. Use Voice, Text or Any.", event.channel))
	of_school = event.kind in (OPT_IN, RESCOPE) and names_school(event.purpose)
	if event.purpose not in (*PURPOSES, ALL_PURPOSES) and not of_school:
		raise EventError(
			_("Unknown purpose: {0!r}. Use All or one of {1}.", event.purpose, ", ".join(PURPOSES))
		)


def _check_grant(event: Event, at: datetime, expires_at: datetime | None) -> None:
	if event.basis not in BASES:
		raise EventError(_("Unknown basis: {0!r}. Use one of {1}.", event.basis, ", ".join(BASES)))
	if expires_at is not None and expires_at <= at:
		raise EventError(_("The consent would expire before it is given."))
	evidence = event.evidence
	if not (evidence.wording or evidence.attachment or evidence.reference_name or evidence.note):
		raise EventError(_("A consent needs evidence: the wording, a file, a record or a note."))
	if event.basis == EXPRESS_WRITTEN and not (evidence.wording or evidence.attachment):
		raise EventError(_("Express written consent needs the wording that was signed, or the signed form."))
	if evidence.source == "Signed Form" and not (evidence.attachment or evidence.reference_name):
		raise EventError(_("A signed form has to be attached, or the record that holds it named."))


def _check_return(event: Event) -> None:
	if event.kind == OPT_IN and not (event.by_person or corrects(event.evidence)):
		raise EventError(
			_("Only the person can undo an opt-out: by text, on the preference page or in a signed form.")
		)
	if event.kind == RESCOPE:
		if not event.by_person and event.evidence.source != "Keypad":
			raise EventError(_("Only the person can change the extent of an opt-out."))
		if event.scope not in SCOPES:
			raise EventError(_("Unknown scope: {0!r}. Use one of {1}.", event.scope, ", ".join(SCOPES)))
		if event.scope == THIS_SCHOOL and not names_school(event.purpose):
			raise EventError(_("This scope needs a school."))
		if event.scope == THIS_PURPOSE and event.purpose not in PURPOSES:
			raise EventError(_("This scope needs a purpose."))
	if event.evidence.source == "Signed Form" and not (
		event.evidence.attachment or event.evidence.reference_name
	):
		raise EventError(_("A signed form has to be attached, or the record that holds it named."))


def corrects(evidence: Evidence) -> bool:
	"""Return whether staff correct an opt-out that they recorded by mistake, and say why."""
	return (
		evidence.source == "Agent"
		and evidence.reference_doctype == CORRECTED
		and bool(evidence.reference_name and evidence.note)
	)


def _narrowed(event: Event) -> Event:
	"""Keep an opt-out that was read from free words from stopping emergencies.

	A key, the preference page or the school's staff can do that. Whatever the recognizer concludes,
	"everything", emergencies alone, and a wrong number become a stop of all non-emergency calls and texts.
	"""
	if not (event.heard or event.evidence.source == "Text"):
		return event
	alone = event.scope == THIS_PURPOSE and event.purpose == EMERGENCY
	if event.kind == WRONG_NUMBER or event.scope == EVERYTHING or alone:
		return replace(event, kind=OPT_OUT, scope=ALL_NON_EMERGENCY, purpose=ALL_PURPOSES)
	return event


def _lenient(event: Event, now: datetime) -> Event:
	"""Read an opt-out as strictly as possible: an unknown value widens it."""
	channel = event.channel if event.channel in CHANNELS else ANY_CHANNEL
	purpose, scope = event.purpose, event.scope if event.scope in SCOPES else ALL_NON_EMERGENCY
	is_readable = {THIS_PURPOSE: purpose in PURPOSES, THIS_SCHOOL: names_school(purpose)}
	if not is_readable.get(scope, True):
		scope = ALL_NON_EMERGENCY
	if scope not in OF_ONE:
		purpose = ALL_PURPOSES
	if event.kind == WRONG_NUMBER:
		channel, purpose, scope = ANY_CHANNEL, ALL_PURPOSES, EVERYTHING
	at = min(max(_as_utc(event.at) or now, EARLIEST), now)
	evidence = _lenient_evidence(event.evidence)
	person = None if _unfit(event.person) or _unfit(event.person_doctype) else event.person
	return replace(
		event,
		channel=channel,
		purpose=purpose,
		scope=scope,
		basis="",
		at=at,
		expires_at=None,
		evidence=evidence,
		person=person,
		person_doctype=event.person_doctype if person else None,
	)


def _as_utc(moment: datetime | None) -> datetime | None:
	if not isinstance(moment, datetime) or moment.tzinfo is None:
		return None
	try:
		return moment.astimezone(UTC)
	except OverflowError:
		return None


def _moment(moment: datetime | None, default: datetime | None, what: str) -> datetime | None:
	if moment is None:
		return default
	aware = _as_utc(moment)
	if aware is None:
		raise EventError(_("{0} has to be a moment with a time zone.", what))
	if not EARLIEST <= aware < LATEST:
		raise EventError(_("{0} is not a plausible one.", what))
	return aware


def names_school(purpose: str | None) -> bool:
	"""Return whether a purpose is the key of a school, as the scope "this school" needs it."""
	return (
		isinstance(purpose, str)
		and purpose.startswith(SCHOOL_PREFIX)
		and purpose != SCHOOL_PREFIX
		and not _unfit(purpose)
	)


def _unfit(text: str | None, limit: int = SHORT_TEXT) -> bool:
	return bool(text) and (len(text) > limit or UNFIT_IN_SHORT_TEXT.search(text) is not None)


def _whole(text: str | None) -> str:
	"""Return text that a database stores and returns unchanged."""
	return (text or "").encode("utf-8", "replace").decode("utf-8")


def _strict_evidence(evidence: Evidence) -> Evidence:
	values = {field.name: _whole(getattr(evidence, field.name)) for field in fields(Evidence)}
	for name, text in values.items():
		if name in LONG_FIELDS:
			if len(text) > LONG_TEXT:
				raise EventError(_("The {0} is longer than {1} characters.", name, LONG_TEXT))
		elif _unfit(text, LIMITS.get(name, SHORT_TEXT)):
			raise EventError(
				_("The {0} is too long or has characters that do not belong there.", name.replace("_", " "))
			)
	if values["ip"] and not _is_ip(values["ip"]):
		raise EventError(_("The IP address is not one."))
	return Evidence(**values)


def _lenient_evidence(evidence: Evidence) -> Evidence:
	values = {field.name: _whole(getattr(evidence, field.name)) for field in fields(Evidence)}
	for name, text in values.items():
		if name in LONG_FIELDS:
			values[name] = text[:LONG_TEXT]
		else:
			values[name] = UNFIT_IN_SHORT_TEXT.sub(" ", text)[: LIMITS.get(name, SHORT_TEXT)]
	if values["ip"] and not _is_ip(values["ip"]):
		values["ip"] = ""
	if values["source"] not in SOURCES:
		values["note"] = f"Source given: {values['source']}. {values['note']}"[:LONG_TEXT]
		values["source"] = "System"
	return Evidence(**values)


def _is_ip(text: str) -> bool:
	try:
		ipaddress.ip_address(text)
	except ValueError:
		return False
	return True


def iso(moment: datetime | None) -> str:
	"""Format a time as the ledger writes it: UTC with microseconds, which also sorts as text.

	None gives an empty text.
	"""
	return (
		moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z" if moment else ""
	)


def moment(text: str) -> datetime | None:
	"""Parse text written by `iso` into aware UTC. An empty text gives None."""
	return datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC) if text else None
