"""Files of a ledger, numbers that are forgotten, and what is wrong with their chains."""

from pathlib import Path

import frappe

from school_dialer.consent.archive import export, ledger_file
from school_dialer.consent.integrity import anchors, triggers, verify


def write(path: Path, number: ledger_file.Number) -> None:
	with path.open("wb") as out:
		ledger_file.write(out, export.key(), "here", "2026-01-01T00:00:00.000000Z", anchors.load(), [number])


def forget(phone: str) -> None:
	"""Delete all events of the number, as an uninstall does."""
	triggers.remove()
	for doctype in ("Consent Event", "Contact Consent", "Consent Head"):
		frappe.db.delete(doctype, {"phone": phone})
	frappe.db.commit()
	assert triggers.create()


def problems(phone: str) -> list:
	return [each for each in verify.verify_ledger().problems if each.phone == phone]
