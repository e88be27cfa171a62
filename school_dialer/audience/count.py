"""Count the people in an audience, as on record.

The count runs while a user is choosing, so it takes seconds or is given up.
"""

import time

import frappe

MOST_SECONDS = 3
STATEMENT_TIMEOUT = 1969
"""MariaDB's error code for a statement that was stopped at its time limit."""


class TooLong(Exception):
	"""Counting would take longer than a user waits."""


def in_sql(query: str, values: dict) -> tuple[int, ...]:
	"""Return the numbers in the query's only row. Raises `TooLong`."""
	try:
		rows = frappe.db.sql(f"set statement max_statement_time={MOST_SECONDS} for {query}", values)
	except frappe.db.OperationalError as error:
		if error.args and error.args[0] == STATEMENT_TIMEOUT:
			raise TooLong from None
		raise
	return tuple(int(number or 0) for number in rows[0])


def by_reading(source, at_once: int = 1000) -> tuple[int, int]:
	"""Return (people, their distinct first numbers) by reading them all. Raises `TooLong`.

	Each person without a number counts as one.
	"""
	end = time.monotonic() + MOST_SECONDS
	people, numbers, without = 0, set(), 0
	cursor: str | None = ""
	while cursor is not None:
		if time.monotonic() > end:
			raise TooLong
		households, cursor = source.eligible_households(cursor, at_once)
		for person in (person for group in households for person in group):
			people += 1
			without += not person.phones
			numbers.update(person.phones[:1])
	return people, len(numbers) + without


def first_number(subject: str, *fields: str) -> str:
	"""Return SQL for the first of these fields that is filled in.

	A person without a number gets the record's name instead.
	"""
	filled = ", ".join(f"nullif(trim({subject}.{field}), '')" for field in fields)
	return f"coalesce({filled}, {subject}.name)"
