"""What earlier imports made: Dialer Roster Record, one for each record of the roster.

It keeps no value of the roster, only a keyed digest of each. So the next import sees what the roster itself
changed, and leaves alone what staff changed in the record since.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import frappe

from school_dialer.base.database import rows
from school_dialer.consent import keys
from school_dialer.roster_import.kinds import DOCTYPES, ROWS, Key

DOCTYPE = "Dialer Roster Record"
ACTIVE, REMOVED = "Active", "Removed"
DIGITS = 16
IN_ONE_STATEMENT = 500
UPDATE = """ on duplicate key update state = values(state), reference_name = values(reference_name),
	row_name = values(row_name), via = values(via), said = values(said), modified = values(modified),
	modified_by = values(modified_by)"""


@dataclass(slots=True)
class Known:
	"""A record of an earlier import. ``name``: the document; ``row``: the document that its row refers to.

	``said`` has the digest of each value that the roster said, by the value's name.
	"""

	kind: str
	sourced_id: str
	name: str
	row: str = ""
	state: str = ACTIVE
	via: str = ""
	said: dict[str, str] = field(default_factory=dict)

	@property
	def key(self) -> Key:
		return self.kind, self.sourced_id


class Digests:
	"""Digests keyed by the site, so that a number cannot be found by trying all numbers."""

	def __init__(self):
		self.secret = keys.derive("roster record")

	def __call__(self, value: str) -> str:
		"""Return the digest of a value; "" for none."""
		return hmac.new(self.secret, value.encode(), sha256).hexdigest()[:DIGITS] if value else ""

	def name(self, key: Key) -> str:
		return hmac.new(self.secret, "\x1e".join(key).encode(), sha256).hexdigest()[:32]


def load() -> dict[Key, Known]:
	"""Return all records of earlier imports."""
	table = frappe.qb.DocType(DOCTYPE)
	stored = (
		frappe.qb.from_(table)
		.select(
			table.kind,
			table.sourced_id,
			table.reference_name,
			table.row_name,
			table.state,
			table.via,
			table.said,
		)
		.run()
	)
	return {
		(kind, sourced_id): Known(
			kind, sourced_id, name or "", row or "", state, via or "", json.loads(digests or "{}")
		)
		for kind, sourced_id, name, row, state, via, digests in stored
	}


def save(changed: Iterable[Known], digests: Digests) -> None:
	"""Write records in one statement for each few hundred."""
	changed, stamp = list(changed), rows.stamp()
	for start in range(0, len(changed), IN_ONE_STATEMENT):
		rows.insert(
			DOCTYPE,
			[_row(record, digests, stamp) for record in changed[start : start + IN_ONE_STATEMENT]],
			more=UPDATE,
		)


def _row(record: Known, digests: Digests, stamp: dict) -> dict:
	return {
		"name": digests.name(record.key),
		**stamp,
		"kind": record.kind,
		"sourced_id": record.sourced_id,
		"state": record.state,
		"reference_doctype": DOCTYPES[record.kind],
		"reference_name": record.name,
		"row_doctype": DOCTYPES[ROWS[record.kind]] if record.kind in ROWS else None,
		"row_name": record.row or None,
		"via": record.via or None,
		"said": json.dumps(record.said, sort_keys=True),
	}
