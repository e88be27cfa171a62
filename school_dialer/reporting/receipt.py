"""The printed evidence for one Contact Consent.

It shows the number's whole event chain, verified at the time of printing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.compliance.vocabulary import ALL_PURPOSES, ANY_CHANNEL
from school_dialer.consent import chain, keys
from school_dialer.consent.events import iso
from school_dialer.consent.integrity import stream
from school_dialer.reporting.table import sees_numbers
from school_dialer.schools import opting_out
from school_dialer.schools import rows as school_rows
from school_dialer.settings import carrier_settings


def receipt_of(consent) -> dict:
	"""Return the values for the print format Consent Receipt.

	Raises PermissionError for a user who may not print consents, because Frappe only checks the right to
	read. A user who may not see numbers gets a masked number, and neither hashes nor hashed texts: those of
	version 1 reveal the number. The document that Frappe loaded for such a user has no number
	(`privacy.hidden_fields`).
	"""
	consent.check_permission("print")
	phone = frappe.db.get_value("Contact Consent", consent.name, "phone")
	rows = stream.events_of([phone])
	only_own(phone, len(rows))
	head = frappe.db.get_value("Consent Head", {"phone": phone}, ["seq", "hash"])
	problems = (
		chain.examine(rows, head, keys.of_chain()) if rows else [chain.vanished(phone, head or (1, ""))]
	)
	full = sees_numbers("Contact Consent")
	return {
		**printed(),
		"number": phone if full else mask(phone),
		"full": full,
		"person": person_of(consent),
		"events": [event_of(row, consent, full) for row in rows],
		"problems": [replace(problem, detail=translated(problem.detail, _)) for problem in problems],
		"anchor": anchor_over(rows),
		"fields": chain.FIELDS,
		"utc": utc,
		"about": opting_out.purpose_name,
	}


def only_own(phone: str, events: int) -> None:
	"""Raise PermissionError if some of the number's events are not of the user's schools.

	A chain with links left out would prove nothing.
	"""
	condition = school_rows.narrowing("Consent Event")
	if not condition:
		return
	seen = frappe.db.sql(f"select count(*) from `tabConsent Event` where phone = %s{condition}", phone)[0][0]
	if seen < events:
		throw(
			_("This number also has records of other schools or of the district, which prints its receipt."),
			frappe.PermissionError,
		)


def printed() -> dict:
	"""Return who printed it, when and for which school."""
	school = carrier_settings.settings()
	return {
		"school": school.school_name or _("The school"),
		"caller": school.caller_identity,
		"printed_utc": iso(datetime.now(timezone.utc)),
		"printed_by": frappe.session.user,
		"site": frappe.local.site,
		"zone": clock.system_zone().key,
	}


def utc(stored: datetime | None) -> str:
	"""Return a stored time (naive, site time zone) as UTC text, to the second."""
	moment = clock.from_db(stored)
	return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else ""


def person_of(consent) -> dict | None:
	"""Return the person on record for the number, with a name only if this user may read it."""
	if not consent.person:
		return None
	doctype, name, title = consent.person_doctype, consent.person, ""
	if frappe.db.exists("DocType", doctype) and frappe.db.exists(doctype, name):
		if frappe.has_permission(doctype, "read", doc=name):
			field = frappe.get_meta(doctype).get_title_field()
			title = frappe.db.get_value(doctype, name, field) or ""
	return {"doctype": doctype, "name": name, "title": title}


def event_of(row: Sequence, consent, full: bool) -> frappe._dict:
	event = frappe._dict(zip(chain.COLUMNS, row, strict=True))
	event.concerns = event.channel in (consent.channel, ANY_CHANNEL) and (
		event.purpose in (consent.purpose, ALL_PURPOSES) or consent.purpose == ALL_PURPOSES
	)
	if full:
		event.canonical = chain.canonical(row[: chain.HASH], chain.key_of(row, keys.of_chain())).decode()
	else:
		event.canonical = event.hash = event.prev_hash = ""
	event.phone = event.phone if full else mask(event.phone)
	event.ip = event.ip if full else ""
	return event


def anchor_over(rows: Sequence[Sequence]) -> frappe._dict | None:
	"""Return the first daily signature that covers the number's last event, or None."""
	if not rows:
		return None
	anchors = frappe.get_all(
		"Consent Anchor",
		filters={"cutoff_utc": (">=", rows[-1][chain.AT])},
		fields=["seq", "cutoff_utc", "signature", "key_id", "problems"],
		order_by="seq",
		limit=1,
	)
	return anchors[0] if anchors else None
