"""Read the whole ledger in order without holding it in memory: pages by key, sorted by phone and seq.

For verification and rebuilding. Nothing here takes locks.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import frappe

from school_dialer.consent import chain
from school_dialer.consent.events import Event, Evidence, moment
from school_dialer.consent.state import Row
from school_dialer.consent.store import SELECT_ROWS, row_from_db

PAGE = 20_000
AS_TEXT = ("received_at", "effective_at")

SELECT_EVENTS = "select {} from `tabConsent Event` ".format(
	", ".join(f"cast(`{column}` as char)" if column in AS_TEXT else f"`{column}`" for column in chain.COLUMNS)
)
PLACE = {field: place for place, field in enumerate(chain.FIELDS)}
EVIDENCE = (
	"source",
	"actor",
	"wording",
	"language",
	"attachment",
	"ip",
	"reference_doctype",
	"reference_name",
	"note",
)


def events() -> Iterator[tuple]:
	"""Yield all events as tuples in the order of `chain.COLUMNS`."""
	phone, seq = "", 0
	while True:
		page = frappe.db.sql(
			SELECT_EVENTS + "where phone > %(phone)s or (phone = %(phone)s and seq > %(seq)s)"
			" order by phone, seq limit %(page)s",
			{"phone": phone, "seq": seq, "page": PAGE},
		)
		yield from page
		if len(page) < PAGE:
			return
		phone, seq = page[-1][chain.PHONE], page[-1][chain.SEQ]


def events_of(phones: Sequence[str]) -> list[tuple]:
	return list(frappe.db.sql(SELECT_EVENTS + "where phone in %s order by phone, seq", (phones,)))


def event_named(name: str) -> tuple | None:
	"""Return one event as a tuple in the order of `chain.COLUMNS`, or None."""
	rows = frappe.db.sql(SELECT_EVENTS + "where name = %s", (name,))
	return rows[0] if rows else None


def heads() -> Iterator[tuple[str, int, str]]:
	"""Yield (phone, seq, hash) of the head of every number that has an event."""
	phone = ""
	while True:
		page = frappe.db.sql(
			"""select phone, seq, hash from `tabConsent Head`
			where phone > %s and seq > 0 order by phone limit %s""",
			(phone, PAGE),
		)
		yield from page
		if len(page) < PAGE:
			return
		phone = page[-1][0]


def rows_by_phone() -> Iterator[tuple[str, list[tuple[str, Row]]]]:
	"""Yield the stored projection: for each phone, its (name, row) pairs."""
	for phone, group in groupby(_rows(), key=lambda pair: pair[1].phone):
		yield phone, list(group)


def _rows() -> Iterator[tuple[str, Row]]:
	phone = ""
	while True:
		page = frappe.db.sql(SELECT_ROWS + "where phone > %s order by phone limit %s", (phone, PAGE))
		if len(page) == PAGE:
			last = page[-1][1]
			complete = [each for each in page if each[1] != last]
			page = complete or frappe.db.sql(SELECT_ROWS + "where phone = %s", (last,))
		for record in page:
			yield record[0], row_from_db(record[1:])
		if not page:
			return
		phone = page[-1][1]


def event_from_row(row: Sequence) -> Event:
	"""Return the `Event` that a stored tuple of `chain.COLUMNS` records."""

	def value(field: str) -> str:
		return row[PLACE[field]]

	return Event(
		kind=value("kind"),
		phone=value("phone"),
		evidence=Evidence(**{field: value(field) for field in EVIDENCE}),
		channel=value("channel"),
		purpose=value("purpose"),
		scope=value("scope"),
		basis=value("basis"),
		at=moment(value("received_utc")),
		expires_at=moment(value("expires_utc")),
		person_doctype=value("person_doctype"),
		person=value("person"),
	)


def merged(left: Iterator[tuple], right: Iterator[tuple]) -> Iterator[tuple]:
	"""Merge two streams of tuples sorted by their first item: (first item, left or None, right or None)."""
	first = itemgetter(0)
	a, b = next(left, None), next(right, None)
	while a is not None or b is not None:
		if b is None or (a is not None and first(a) < first(b)):
			yield first(a), a, None
			a = next(left, None)
		elif a is None or first(b) < first(a):
			yield first(b), None, b
			b = next(right, None)
		else:
			yield first(a), a, b
			a, b = next(left, None), next(right, None)
