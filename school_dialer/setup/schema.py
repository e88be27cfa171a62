"""Constraints that MariaDB enforces, and the indexes that the dialer's queries need.

Frappe creates single-column indexes from a DocType's fields; this module adds the composite ones and the
constraints.
"""

from collections.abc import Iterable

import frappe

INDEXES = {
	"Dialer Recipient": {
		"dialer_states": ("campaign", "status", "not_before", "fallback_of", "fallback", "reasons"),
		"dialer_phone": ("phone", "status"),
		"dialer_claimed": ("status", "claimed_at"),
		"dialer_last_call": ("last_call_log",),
		"dialer_person": ("person",),
	},
	"Dialer Party": {
		"dialer_told": ("campaign", "student"),
	},
	"Dialer Answer": {
		"dialer_results": ("campaign", "answer"),
		"dialer_noted": ("noted", "answered_at"),
	},
	"Dialer Notice": {
		"dialer_waiting": ("status", "creation"),
	},
	"Dialer Conversation": {
		"dialer_waiting": ("status", "waiting_since"),
	},
	"Dialer Conversation Message": {
		"dialer_thread": ("conversation", "said_at"),
	},
	"Dialer Manual Call": {
		"dialer_waiting": ("status", "urgency", "listed_at"),
	},
	"Dialer Absence Report": {
		"dialer_days": ("student", "from_day", "to_day"),
	},
	"Dialer Review": {
		"dialer_event": ("consent_event",),
		"dialer_phone": ("phone", "status"),
	},
	"Dialer Rule Case": {
		"dialer_run": ("run", "status"),
		"dialer_campaign": ("campaign", "student"),
		"dialer_student": ("student", "status"),
		"dialer_waiting": ("status", "day"),
	},
	"Dialer Call Log": {
		"dialer_history": ("phone", "placed_at"),
		"dialer_attempts": (
			"campaign",
			"status",
			"channel",
			"result",
			"error_code",
			"placed_at",
			"duration",
		),
		"dialer_person": ("person",),
		"dialer_sid": ("carrier_sid",),
		"dialer_school": ("school", "placed_at"),
		"dialer_ended": ("status_rank", "placed_at", "status", "result", "recipient"),
	},
	"Consent Event": {
		"dialer_acts": ("kind", "effective_at", "source", "actor"),
	},
}
REPLACED = {
	"Dialer Call Log": ("dialer_open", "dialer_campaign", "dialer_outcomes"),
	"Dialer Recipient": ("dialer_claim",),
}
"""Indexes from earlier versions that a longer one replaced."""
OTHER_APPS = {
	"Student Group Student": {"dialer_members": ("parent", "student", "active", "parenttype")},
	"Student Guardian": {"dialer_guardian": ("guardian", "parent")},
	"Program Enrollment": {"dialer_enrolment": ("student", "program")},
	"Student Attendance": {"dialer_day": ("date", "status")},
}
"""Indexes on tables of apps that may be missing or be installed later."""
UNIQUE = {
	"Dialer Recipient": {"dialer_household": ("campaign", "household_key")},
	"Dialer PIN": {"dialer_person": ("person_doctype", "person")},
	"Dialer Conversation": {"dialer_open": ("phone", "open_mark")},
}
PERMITTED = "dialer_permitted"


def apply() -> None:
	"""Add missing indexes and constraints and drop replaced indexes. Idempotent."""
	for doctype, indexes in INDEXES.items():
		for name, columns in indexes.items():
			frappe.db.add_index(doctype, list(columns), name)
	for doctype, names in REPLACED.items():
		drop_indexes(doctype, names)
	apply_to_other_apps()
	for doctype, indexes in UNIQUE.items():
		for name, columns in indexes.items():
			frappe.db.add_unique(doctype, list(columns), name)
	frappe.db.sql_ddl(
		"alter table `tabDialer Call Log` add constraint if not exists dialer_permitted "
		"check (`direction` = 'Inbound' or `verdict` = 'ALLOW')"
	)


def apply_to_other_apps() -> None:
	for doctype, indexes in OTHER_APPS.items():
		if frappe.db.exists("DocType", doctype):
			for name, columns in indexes.items():
				frappe.db.add_index(doctype, list(columns), name)


def remove_from_other_apps() -> None:
	for doctype, indexes in OTHER_APPS.items():
		if frappe.db.exists("DocType", doctype):
			drop_indexes(doctype, indexes)


def drop_indexes(doctype: str, names: Iterable[str]) -> None:
	for name in names:
		frappe.db.sql_ddl("alter table `tab" + doctype + "` drop index if exists `" + name + "`")
