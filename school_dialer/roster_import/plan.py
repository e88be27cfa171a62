"""The plan of an import: read the zip, compare, match, and judge. Writes nothing."""

from collections import Counter
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.utils import cint, flt

from school_dialer.audience.base import country_code
from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.roster_import import brake, differences, known, matching
from school_dialer.roster_import.differences import ACTIONS, CHANGED, NEW, SAME, Change
from school_dialer.roster_import.kinds import ORDER, STUDENTS, Key, apart
from school_dialer.roster_import.reading import roster
from school_dialer.roster_import.reading.archive import Limits
from school_dialer.roster_import.reading.csv_rows import RowError
from school_dialer.roster_import.wanted import Asked
from school_dialer.schools import registry

SAMPLES = 10
"""Differences shown of each kind and action."""
LISTED = 50
"""Unread columns that are listed."""


@dataclass(slots=True)
class Plan:
	"""What an import would do.

	``names`` are the documents of known and matched records. ``brake`` is None if nothing is unusual.
	"""

	changes: list[Change]
	records: dict[Key, known.Known]
	names: dict[Key, str]
	errors: list[RowError]
	unknown: list[str]
	brake: brake.Brake | None

	@property
	def nothing_to_do(self) -> bool:
		return all(change.action == SAME for change in self.changes)

	def summary(self) -> dict:
		"""Return counts by kind and action, a few differences, and unread columns.

		It holds ids and names of fields, and no value of the roster.
		"""
		counts = Counter((change.kind, change.action) for change in self.changes)
		shown: Counter = Counter()
		samples = []
		for change in self.changes:
			shown[change.kind, change.action] += 1
			if change.action != SAME and shown[change.kind, change.action] <= SAMPLES:
				samples.append(self._sample(change))
		return {
			"counts": [
				{"kind": kind, **{action: counts[kind, action] for action in ACTIONS}}
				for kind in ORDER
				if any(counts[kind, action] for action in ACTIONS)
			],
			"samples": samples,
			"unknown": self.unknown[:LISTED],
		}

	def _sample(self, change: Change) -> dict:
		return {
			"kind": change.kind,
			"action": change.action,
			"id": " / ".join(part for part in apart(change.sourced_id) if part),
			"name": self.names.get(change.key, ""),
			"fields": sorted(change.values) if change.action == CHANGED else [],
		}


def make(content: bytes, limits: Limits | None = None) -> Plan:
	"""Plan the import of a zip. Raises `RosterRefused` for a bad file, ValidationError for a bad site."""
	require_education()
	read = roster.read(content, limits)
	records = known.load()
	active = {key for key, record in records.items() if record.state == known.ACTIVE}
	asked = Asked(read, active, country_code(), clock.db_now().date(), registry.is_district())
	changes = differences.compare(asked, records, known.Digests())
	names = matching.match(changes, records)
	require_no_accounts(changes)
	unusual = brake.judge(changes, records.values(), most_percent())
	return Plan(changes, records, names, read.errors, read.unknown, unusual)


def most_percent() -> float:
	"""Return the share above which an import stops.

	A site that was there before this setting has no value of it until the settings are saved.
	"""
	field = "roster_most_percent"
	stored = frappe.db.get_singles_dict("Dialer Settings").get(field)
	return flt(frappe.get_meta("Dialer Settings").get_field(field).default if stored is None else stored)


def require_education() -> None:
	"""Raise ValidationError on a site without Frappe Education."""
	if not all(
		frappe.db.exists("DocType", doctype, cache=True)
		for doctype in ("Student", "Guardian", "Student Group")
	):
		throw(_("A roster is imported into Frappe Education, which is not installed on this site."))


def require_no_accounts(changes: list[Change]) -> None:
	"""Raise ValidationError if Education would make a user of each new student and send an e-mail to them."""
	field = "user_creation_skip"
	if not any(change.kind == STUDENTS and change.action == NEW for change in changes):
		return
	if frappe.get_meta("Education Settings").has_field(field) and not cint(
		frappe.db.get_single_value("Education Settings", field)
	):
		throw(
			_(
				"Education would make a user of each new student and send them an e-mail. Switch on Skip "
				"User Creation for New Student in Education Settings first."
			)
		)
