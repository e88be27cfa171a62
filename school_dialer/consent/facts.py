"""The facts about a number that the decision engine needs, read from Contact Consent. Use `ledger.read`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import frappe

from school_dialer.base import clock
from school_dialer.base.database import aliases
from school_dialer.compliance.model import Consent, OptOut
from school_dialer.compliance.vocabulary import ALL_PURPOSES, THIS_SCHOOL
from school_dialer.consent import providers
from school_dialer.schools import opting_out

ANYONE: providers.Ends = {}


@dataclass(frozen=True)
class ConsentFacts:
	"""The facts about one number that the decision engine needs.

	`carrier_blocked` is about texts. A carrier's STOP list does not apply to voice; for voice, the revocation
	that was recorded with it is among the opt-outs.
	"""

	consents: tuple[Consent, ...] = ()
	opt_outs: tuple[OptOut, ...] = ()
	carrier_blocked: bool = False
	provided_by: tuple[providers.Ends, ...] = ()
	"""For each consent, the people who gave the number for it, as "DocType/name", and until when each did.

	Empty where it may have been anyone.
	"""

	def of(self, person_doctype: str | None, person: str | None) -> "ConsentFacts":
		"""Return the facts for this person.

		A number that someone else gave the school is not this person's consent (FCC 16-88). A consent that
		names no one, as older ones do, counts for anyone. Without a person on record, all consents count. A
		consent ends for each person when they said.
		"""
		if not person or not any(self.provided_by):
			return self
		key = f"{person_doctype}/{person}"
		kept = tuple(
			replace(consent, expires_at=ends[key]) if ends else consent
			for consent, ends in zip(self.consents, self.provided_by, strict=True)
			if not ends or key in ends
		)
		return replace(self, consents=kept, provided_by=())


def read(phones: Iterable[str], channel: str | None = None) -> dict[str, ConsentFacts]:
	"""Return the facts of each of `phones` (E.164), in one query. A number without events has empty facts.

	With a `channel` (Voice or Text), consents and opt-outs of the other channel are left out, because they
	cannot count.
	"""
	wanted = list(dict.fromkeys(phones))
	lists: dict[str, tuple[list[Consent], list[OptOut], list[bool], list[providers.Ends]]] = {}
	moment, rows = _moments(), _current_rows(wanted, channel)
	renamed = later_names(row[-1] for row in rows if row[-1])
	for row in rows:
		phone, on, purpose, basis, granted, expires, verified, late, scope, opted_out, stopped, by = row
		consents, opt_outs, blocked, people = lists.setdefault(phone, ([], [], [], []))
		if stopped:
			blocked.append(True)
		if channel and on != channel:
			continue
		if basis:
			times = (moment(granted), moment(expires), moment(verified))
			consents.append(Consent(on, purpose, basis, *times, late))
			people.append(providers.renamed(providers.read(by, times[1]), renamed) if by else ANYONE)
		if scope and (opt_out := opt_out_of(scope, purpose, on, moment(opted_out))):
			opt_outs.append(opt_out)
	empty = ConsentFacts()
	return {
		phone: ConsentFacts(
			tuple(lists[phone][0]), tuple(lists[phone][1]), bool(lists[phone][2]), tuple(lists[phone][3])
		)
		if phone in lists
		else empty
		for phone in wanted
	}


def later_names(texts: Iterable[str]) -> dict[str, str]:
	"""Return the present names, as "DocType/name", of people who were renamed since they gave a number."""
	names = {name for text in texts for name in providers.read(text, None)}
	later = aliases.current({tuple(name.split("/", 1)) for name in names if "/" in name})
	return {"/".join(person): f"{person[0]}/{name}" for person, name in later.items()}


def opt_out_of(scope: str, purpose: str, channel: str, at: datetime | None) -> OptOut | None:
	"""Return the opt-out of one row, or None for that of a school which does not concern this site."""
	if scope != THIS_SCHOOL:
		return OptOut(scope, purpose if purpose != ALL_PURPOSES else None, channel, at)
	school = opting_out.school_of(purpose)
	return OptOut(scope, None, channel, at, school) if opting_out.concerns(school) else None


def _moments() -> Callable[[str | None], datetime | None]:
	"""Return a function that turns the database's text of a time into an aware UTC datetime.

	It caches, because bulk enrollment gives many people the same time.
	"""
	zone = clock.system_zone()

	@cache
	def moment(text: str | None) -> datetime | None:
		return clock.moment_of(datetime.fromisoformat(text), zone) if text else None

	return moment


def _current_rows(phones: list[str], channel: str | None) -> Sequence[tuple]:
	"""Read the rows with times as text: the driver's own conversion costs more than the query."""
	if not phones:
		return ()
	return frappe.db.sql(
		"""select phone, channel, purpose, basis, cast(granted_at as char), cast(expires_at as char),
			cast(last_verified_at as char), unconfirmed_days, opt_out_scope, cast(opted_out_at as char),
			carrier_blocked, provided_by
		from `tabContact Consent`
		where phone in %(phones)s and (%(channel)s is null or channel = %(channel)s or carrier_blocked = 1)
		order by phone, channel, purpose""",
		{"phones": tuple(phones), "channel": channel},
	)
