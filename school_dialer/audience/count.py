"""How many people are in an audience, as on record: counted while somebody chooses, so in seconds or not at all."""

import time

import frappe

MOST_SECONDS = 3
STATEMENT_TIMEOUT = 1969
"""MariaDB's error for a statement that was stopped at its time limit."""


class TooLong(Exception):
	"""Counting would take longer than somebody waits."""


def in_sql(query: str, values: dict) -> tuple[int, ...]:
	"""The numbers of the only row. Raises `TooLong`."""
	try:
		rows = frappe.db.sql(f"set statement max_statement_time={MOST_SECONDS} for {query}", values)
	except frappe.db.OperationalError as error:
		if error.args and error.args[0] == STATEMENT_TIMEOUT:
			raise TooLong from None
		raise
	return tuple(int(number or 0) for number in rows[0])


def by_reading(source, at_once: int = 1000) -> tuple[int, int]:
	"""People, and the first numbers that they have, by reading them all. Raises `TooLong`."""
	end = time.monotonic() + MOST_SECONDS
	people, numbers, without = 0, set(), 0
	cursor: str | None = ""
	while cursor is not None:
		if time.monotonic() > end:
			raise TooLong
		households, cursor = source.eligible_households(cursor, at_once)
		for one in (one for group in households for one in group):
			people += 1
			without += not one.phones
			numbers.update(one.phones[:1])
	return people, len(numbers) + without


def first_number(subject: str, *fields: str) -> str:
	"""In SQL: the first of these fields that is filled in, or else the record's name, for a person without one."""
	filled = ", ".join(f"nullif(trim({subject}.{field}), '')" for field in fields)
	return f"coalesce({filled}, {subject}.name)"
