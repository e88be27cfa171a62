"""The seals of recipients and their parties: what is dialed is what this app planned.

A recipient's seal covers the campaign, the number, the person, and the students; a party's covers whose it
is, the number, the person, and the student. Their keys are derived from the site's encryption key, which is
not in the database: a row that came in another way, or that was changed there, has no valid seal.
"""

import hmac
import json
from collections.abc import Callable, Mapping

import frappe

from school_dialer.base.database.rows import insert
from school_dialer.consent import keys

FIELDS = ("campaign", "phone", "person_doctype", "person", "students")
PARTY = ("parent", "campaign", "phone", "person_doctype", "person", "student")
"""What the seal of a party covers."""
IN_NAME = 32
"""Letters of a party's seal, which end its name: it needs no column, and the same party has the same name."""
OF_PARTY = f"right(name, {IN_NAME}) seal"
"""The seal of a party, in SQL."""
SEALED_BY = "school_dialer.patches.seals_of_recipients"
"""The patch that seals what was planned before recipients had seals."""
NOT_PLANNED = "NOT_PLANNED"
"""The reason of a recipient without a valid seal, who is not called."""
ADDED = "ADDED_LATER"
"""The reason of a recipient who came into the audience after approval was asked for, and is not called."""


def signer(fields: tuple[str, ...] = FIELDS) -> Callable[[Mapping], str]:
	"""Return the function that seals rows: mappings with `fields`, those of a recipient or a party."""
	is_party = fields is PARTY
	key, letters = keys.derive("party" if is_party else "recipient"), IN_NAME if is_party else None

	def seal_of(row: Mapping) -> str:
		# A party's values are all text. There are more of them than recipients: it is read without a call.
		values = (
			[row[field] or "" for field in fields]
			if is_party
			else [seal_text(row.get(field)) for field in fields]
		)
		return hmac.digest(key, json.dumps(values).encode(), "sha256").hex()[:letters]

	return seal_of


def seal_text(value: str | tuple[str, ...] | None) -> str:
	"""Return a value as the database has it: students may be read already. Empty is empty."""
	text = json.dumps(value) if isinstance(value, tuple) else value
	return "" if text in (None, "[]") else text


def sealed(row: Mapping, changes: Mapping, seal_of: Callable[[Mapping], str] | None = None) -> dict:
	"""Return these changes of a planned row together with its new seal.

	`seal_of` is a `signer`, for many rows: each one derives its key.
	"""
	return {**changes, "seal": (seal_of or signer())({**row, **changes})}


def resealed(row: Mapping, changes: Mapping) -> dict:
	"""Return the same for a row as it was just read. One without a valid seal gets none."""
	seal_of = signer()
	return {**changes, "seal": seal_of({**row, **changes}) if seal_is_valid(seal_of, row) else None}


def divided(rows: list, fields: tuple[str, ...] = FIELDS) -> tuple[list, list]:
	"""Return (rows with a valid seal, the others), of rows as they were just read."""
	seal_of, valid, others = signer(fields), [], []
	for row in rows:
		(valid if seal_is_valid(seal_of, row, fields) else others).append(row)
	return valid, others


def seal_is_valid(seal_of: Callable[[Mapping], str], row: Mapping, fields: tuple[str, ...] = FIELDS) -> bool:
	"""Return whether a row's seal is valid.

	Raise KeyError if its seal, or what the seal covers, was not read: every row would seem to have none.
	"""
	expected = seal_of({field: row[field] for field in fields})
	return hmac.compare_digest(expected.encode(), (row["seal"] or "").encode())


def party(row: Mapping, seal_of: Callable[[Mapping], str]) -> dict:
	"""Return a party with the name that carries its seal."""
	return {**row, "name": f"{row['parent']}-{seal_of(row)}"}


def write_parties(rows: list[dict]) -> None:
	"""Insert parties in one statement. One that is there already is planned again, unless it was informed."""
	insert(
		"Dialer Party",
		rows,
		more=""" on duplicate key update reason = if(state = 'Informed', reason, values(reason)),
			state = if(state = 'Informed', state, values(state)), idx = values(idx)""",
	)


def older_are_sealed() -> bool:
	"""Return whether the update has sealed what was planned before: until then, rows may lack their seal."""
	return bool(frappe.db.exists("Patch Log", {"patch": SEALED_BY, "skipped": 0}))
