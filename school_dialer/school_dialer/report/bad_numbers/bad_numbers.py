"""Numbers that reach no one or the wrong person, with the record in which to correct each."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe import _

from school_dialer.audience.columns import existing
from school_dialer.audience.numbers import read_numbers
from school_dialer.audience.on_record import PHONE_FIELDS
from school_dialer.base import states
from school_dialer.base.phone import mask
from school_dialer.compliance.vocabulary import INVALID_NUMBER
from school_dialer.privacy import student_rows
from school_dialer.reporting import campaigns, people
from school_dialer.reporting.table import above, column, figure, period, sees_numbers
from school_dialer.schools import rows as school_rows
from school_dialer.settings import carrier_faults

DAYS = 90
MOST = 5000
LEAST_404 = 2
INVALID, NOT_IN_SERVICE, WRONG_PERSON = "Not a number", "Not in service", "Someone else's"
KINDS = (INVALID, NOT_IN_SERVICE, WRONG_PERSON)


@dataclass(frozen=True, slots=True)
class Bad:
	"""One sighting of a bad number.

	``number`` is in E.164 form, or the text on record if that is not a number.
	"""

	kind: str
	number: str
	person_doctype: str
	person: str
	person_name: str
	seen_at: datetime | None
	detail: str
	campaign: str = ""

	@property
	def key(self) -> tuple[str, ...]:
		return (self.kind, self.number, self.person_doctype, self.person or self.person_name)


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list, int]:
	filters = frappe._dict(filters or {})
	begin, before = period(filters, DAYS)
	started = campaigns.started(begin, before, {"name": filters.campaign})
	names = [campaign.name for campaign in started]
	bad = [*invalid(names), *not_in_service(names), *not_known_to_the_network(names)]
	if not filters.campaign:
		bad += wrong_person(begin, before)
	rows = rows_of(bad, corrected=bool(filters.corrected))
	if filters.kind:
		rows = [row for row in rows if row["kind"] == filters.kind]
	message = above(
		rows,
		_("No number needs correcting. Choose an earlier first day, or clear a filter."),
		len(rows) > MOST and _("The first {0} are shown.").format(MOST),
		student_rows.conditions("Dialer Recipient")
		and _("Families of students whose records you may not read are left out."),
	)
	return columns(), [shown(row) for row in rows[:MOST]], message, chart(rows), summary(rows), 1


def columns() -> list[dict]:
	return [
		column("problem", _("Problem"), "Data", 130),
		column("number", _("Number"), "Data", 150),
		column("person_name", _("Person"), "Data", 180),
		column("person_doctype", _("Kind of record"), "Data", 120),
		column("person", _("Record to correct"), "Dynamic Link", 200, options="person_doctype"),
		column("detail", _("What happened"), "Data", 300),
		column("times", _("Times"), "Int", 80),
		column("seen_at", _("Last seen"), "Datetime", 180),
		column("campaign", _("Last campaign"), "Link", 150, options="Dialer Campaign"),
		column("on_record", _("Still on record"), "Data", 120),
	]


def title(kind: str) -> str:
	return {
		INVALID: _("Not a number"),
		NOT_IN_SERVICE: _("Not in service"),
		WRONG_PERSON: _("Someone else's"),
	}[kind]


def invalid(names: list[str]) -> Iterator[Bad]:
	for chunk in campaigns.together(names):
		rows = frappe.db.sql(
			"""select raw_phone, person_doctype, person, person_name, decided_at, campaign
			from `tabDialer Recipient` force index (dialer_states) where campaign in %s and status = %s
				and reasons like %s"""
			+ student_rows.narrowing("Dialer Recipient"),
			(chunk, states.BLOCKED, f"%{INVALID_NUMBER}%"),
		)
		for raw, *person, at, campaign in rows:
			yield Bad(
				INVALID, raw or "", *texts(person), at, _("It cannot be called as it stands."), campaign
			)


def not_in_service(names: list[str]) -> Iterator[Bad]:
	for chunk in campaigns.together(names):
		rows = frappe.db.sql(
			"""select phone, person_doctype, person, person_name, placed_at, error_message, error_code,
				campaign
			from `tabDialer Call Log` force index (dialer_attempts) where campaign in %s
				and status in ('failed', 'undelivered', %s)
			and error_code in %s"""
			+ student_rows.narrowing("Dialer Call Log"),
			(chunk, states.REFUSED, carrier_faults.bad_number_codes()),
		)
		for phone, *person, at, message, code, campaign in rows:
			detail = _("The carrier says: {0}").format(message or code)
			yield Bad(NOT_IN_SERVICE, phone or "", *texts(person), at, detail, campaign)


def not_known_to_the_network(names: list[str]) -> Iterator[Bad]:
	"""Yield calls that the telephone network ended with 404, to numbers with which that happened again.

	Once it may be a fault on the way.
	"""
	rows = [row for chunk in campaigns.together(names) for row in ended_with_404(chunk)]
	times = Counter(phone for phone, *_more in rows)
	for phone, *person, at, campaign in rows:
		if times[phone] >= LEAST_404:
			detail = _("The telephone network does not know the number (404).")
			yield Bad(NOT_IN_SERVICE, phone or "", *texts(person), at, detail, campaign)


def ended_with_404(names: tuple[str, ...]) -> list[tuple]:
	return frappe.db.sql(
		"""select phone, person_doctype, person, person_name, placed_at, campaign
		from `tabDialer Call Log` force index (dialer_attempts) where campaign in %s
			and status = 'failed' and sip_code = '404' and ifnull(error_code, '') not in %s"""
		+ student_rows.narrowing("Dialer Call Log"),
		(names, carrier_faults.bad_number_codes()),
	)


def wrong_person(begin: datetime, before: datetime) -> Iterator[Bad]:
	"""Yield numbers reported as wrong in this period, with the people they were on record for.

	These come from campaigns that had the number and from consents recorded with it.
	"""
	rows = frappe.db.sql(
		"""select phone, max(effective_at) from `tabConsent Event`
		where kind = 'Wrong Number' and effective_at >= %s and effective_at < %s"""
		+ school_rows.narrowing("Consent Event")
		+ " group by phone",
		(begin, before),
	)
	owners = people.at_numbers([phone for phone, _at in rows])
	for phone, at in rows:
		for owner in owners.get(phone) or [("", "", "")]:
			yield Bad(
				WRONG_PERSON,
				phone,
				*owner,
				at,
				_("The person who answered said that it is the wrong number."),
			)


def texts(values: Iterable[str | None]) -> tuple[str, ...]:
	return tuple(value or "" for value in values)


def rows_of(bad: list[Bad], corrected: bool) -> list[dict]:
	"""Return one row per number of a person, latest sighting first.

	Numbers no longer on record are included only if `corrected` is set.
	"""
	latest: dict[tuple, Bad] = {}
	times: Counter = Counter()
	for seen in bad:
		times[seen.key] += 1
		if seen.key not in latest or (seen.seen_at and seen.seen_at > latest[seen.key].seen_at):
			latest[seen.key] = seen
	records = numbers_on_record(latest.values())
	rows = []
	for key, seen in latest.items():
		current = records.get((seen.person_doctype, seen.person))
		still = None if current is None else seen.number in current
		if still is False and not corrected:
			continue
		rows.append({"bad": seen, "kind": seen.kind, "times": times[key], "still": still})
	return sorted(rows, key=lambda row: (row["bad"].seen_at is None, row["bad"].seen_at), reverse=True)


def numbers_on_record(bad: Iterable[Bad]) -> dict[tuple[str, str], set[str]]:
	"""Return (DocType, name) -> their current numbers, as written and in E.164 form.

	One query per kind of record.
	"""
	by_doctype: dict[str, set[str]] = defaultdict(set)
	for seen in bad:
		if seen.person and seen.person_doctype:
			by_doctype[seen.person_doctype].add(seen.person)
	by_person = {}
	for doctype, names in by_doctype.items():
		if not frappe.db.exists("DocType", doctype):
			continue
		fields = existing(PHONE_FIELDS.get(doctype, ()), doctype)
		if not fields:
			continue
		for name, *numbers in frappe.get_all(
			doctype, {"name": ("in", list(names))}, ["name", *fields], order_by="name", as_list=True
		):
			by_person[doctype, name] = {
				form for raw in numbers for form in ((raw or "").strip(), *read_numbers(raw).named)
			}
	return by_person


def shown(row: dict) -> dict:
	"""Return a row to display, with the number as this user may see it."""
	seen: Bad = row["bad"]
	still = {True: _("Yes"), False: _("No, corrected"), None: _("Not known")}[row["still"]]
	number = seen.number or _("none")
	if not sees_numbers("Dialer Recipient"):
		number = mask(seen.number) if seen.number else _("none")
	return {
		"problem": title(seen.kind),
		"number": number,
		"person_name": seen.person_name,
		"person_doctype": seen.person_doctype,
		"person": seen.person,
		"detail": seen.detail,
		"times": row["times"],
		"seen_at": seen.seen_at,
		"campaign": seen.campaign or None,
		"on_record": still,
	}


def chart(rows: list[dict]) -> dict | None:
	if not rows:
		return None
	counts = Counter(row["kind"] for row in rows)
	return {
		"type": "donut",
		"data": {
			"labels": list(map(title, KINDS)),
			"datasets": [{"name": _("Numbers"), "values": [counts[kind] for kind in KINDS]}],
		},
	}


def summary(rows: list[dict]) -> list[dict]:
	counts = Counter(row["kind"] for row in rows)
	return [
		figure(_("Numbers"), len(rows)),
		*(figure(title(kind), counts[kind], "Red" if counts[kind] else "Green") for kind in KINDS),
	]
