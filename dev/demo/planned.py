"""Who must be planned for in the district's campaigns, and at which numbers, by the roster and the ledger.

A guardian may have several numbers, in one field of the record or in two. An ordinary campaign plans those to
which this guardian agreed, an emergency all of them. A row of a campaign shows the number to call now; the
further ones, and further people at a number, are its parties.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import frappe

from dev.school.model import ALL, COURT_ORDER, EMERGENCY_ONLY, Roster
from dev.school.numbers import FOREIGN
from school_dialer.base import clock
from school_dialer.base.phone import mask
from school_dialer.consent import ledger

LATELY = timedelta(days=700)
"""A consent that was given or confirmed since is not stale, as it is after two years without either."""
ABROAD = frozenset(number for _raw, number in FOREIGN)

Numbers = Mapping[str, Sequence[str]]
"""Numbers (E.164) by the guardian's name."""


def violations(roster: Roster, campaigns: dict[str, str], schools: Sequence, taught: dict) -> Iterator[str]:
	"""Yield whom the campaigns missed, and whom they planned for at a wrong number or without a child."""
	refused = ABROAD.union(*numbers_of(roster, taught, schools, (COURT_ORDER,)).values())
	for kind, name in campaigns.items():
		purpose, channel = frappe.db.get_value("Dialer Campaign", name, ("purpose", "channel"))
		urgent = purpose == "Emergency"
		may = (ALL, EMERGENCY_ONLY) if urgent else (ALL,)
		here = [schools[1]] if kind in ("own", "emergency") else schools
		own = numbers_of(roster, taught, here, (ALL, EMERGENCY_ONLY, COURT_ORDER))
		facts = ledger.read({number for numbers in own.values() for number in numbers})
		due = {
			one: [
				number
				for number in due_numbers(one, numbers, facts, None if urgent else channel, clock.now())
				if number not in refused
			]
			for one, numbers in numbers_of(roster, taught, here, may).items()
			if urgent or any(facts[number].consents for number in numbers)
		}
		yield from misplanned(kind, lines_of(name), due, own)


def numbers_of(roster: Roster, taught: dict, here: Sequence, permissions: Collection[str]) -> Numbers:
	"""Return the numbers of the guardians of these schools' students who have one of these permissions."""
	found = {
		link.guardian
		for one in roster.students
		if not one.left_on and taught[one.name] in here
		for link in one.links
		if link.permission in permissions
	}
	return {name: roster.guardian(name).numbers() for name in sorted(found)}


def due_numbers(
	name: str, numbers: Sequence[str], facts: Mapping, channel: str | None, now: datetime
) -> list[str]:
	"""Return the numbers at which this guardian is to be called, without a channel in an emergency.

	Whom an opt-out at any of them or a doubtful consent may keep from it is left out: only what is certain is
	demanded.
	"""
	if any(facts[number].opt_outs or facts[number].carrier_blocked for number in numbers):
		return []
	return [
		number
		for number in numbers
		if channel is None or agreed(facts[number].of("Guardian", name).consents, channel, now)
	]


def agreed(consents: Sequence, channel: str, now: datetime) -> bool:
	"""Return whether one of these consents is for an event on this channel, without an end, and not old."""
	return any(
		one.channel in (channel, "Any")
		and one.purpose in ("Event", "All")
		and one.granted_at is not None
		and one.expires_at is None
		and now - max(one.granted_at, one.last_verified_at or one.granted_at) < LATELY
		and timedelta(days=one.unconfirmed_days) < LATELY
		for one in consents
	)


def lines_of(campaign: str) -> set[tuple[str, str]]:
	"""Return (guardian, number or "") of each row of a campaign and of all its parties."""
	rows = [
		row
		for doctype in ("Dialer Recipient", "Dialer Party")
		for row in frappe.get_all(doctype, {"campaign": campaign}, ["person", "phone"], order_by="name")
	]
	return {(row.person, row.phone or "") for row in rows}


def misplanned(kind: str, planned: set[tuple[str, str]], due: Numbers, own: Numbers) -> Iterator[str]:
	named = {name for name, _number in planned}
	for name, numbers in due.items():
		if name not in named:
			yield f"{kind}: {name} is to be called and has a child there, but was not planned for."
			continue
		for number in numbers:
			if (name, number) not in planned:
				yield f"{kind}: {name} is to be called at {mask(number)}, which was not planned."
	for name, number in sorted(planned):
		if name not in own:
			yield f"{kind}: {name} was planned for and has no child there."
		elif number.startswith("+") and number not in own[name]:
			yield f"{kind}: {name} was planned for at {mask(number)}, which is not on record."
