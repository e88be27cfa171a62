"""People on call in Dialer Settings, and what came of asking them."""

import frappe

from school_dialer.calls import pins
from school_dialer.emergency_kit import progress
from school_dialer.emergency_kit.second_person import asks, on_call
from tests.integration import factories as make

PIN = "4829"


def put_on_call(user: str, way: str, *, wait: int = 90, verified: bool = True, pin: str = "") -> str:
	"""Add a person to the end of the list. Return their phone, verified unless the test says otherwise."""
	doc = frappe.get_doc(on_call.SETTINGS)
	phone = make.own_number(user, make.unlisted_phone()) if verified else ""
	if pin:
		pins.keep_pin("User", user, "Kim", pin, user)
	row = doc.append("on_call", {"user": user, "way": way, "wait_seconds": wait})
	row.idx = len(doc.on_call)
	row.db_insert()
	frappe.db.commit()
	frappe.clear_document_cache(on_call.SETTINGS, on_call.SETTINGS)
	return phone


def take_off_call() -> None:
	"""Delete the list, with the PINs and phones of those on it. Commits."""
	frappe.db.rollback()
	people = frappe.get_all(on_call.CHILD, {"parent": on_call.SETTINGS}, pluck="user")
	for user in people:
		make.forget_own_number(user)
		frappe.db.delete(pins.DOCTYPE, {"person_doctype": "User", "person": user})
	frappe.db.delete(on_call.CHILD, {"parent": on_call.SETTINGS})
	frappe.db.commit()
	frappe.clear_document_cache(on_call.SETTINGS, on_call.SETTINGS)


def outcomes(start: str) -> list[tuple[str, str]]:
	frappe.db.rollback()
	return [(one.user, one.outcome) for one in asks.of_start(start)]


def asked(start: str) -> list:
	return asks.of_start(start)


def listed(start: str, user: str) -> list[tuple[str, str, str]]:
	"""Return what the starter's page shows: name, way and outcome."""
	shown = progress.start_progress(progress.readable(start, user))
	return [(one["name"], one["way"], one["outcome"]) for one in shown["asks"]]


def overdue(start: str) -> None:
	"""Let the time of the present try be over."""
	frappe.db.sql(
		"update `tabDialer Emergency Ask` set ends_at = '2020-01-01' where start = %s and outcome = 'Asked'",
		start,
	)
	frappe.db.commit()
