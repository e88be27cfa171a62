"""The school that a family is in contact with: whose number they reached, or who spoke to them last."""

import frappe

from school_dialer.messages import store
from school_dialer.messages.model import School
from school_dialer.schools import registry
from school_dialer.settings import carrier_settings


def of_number(number: str | None) -> str:
	"""Return the school that alone uses this sending number, or "" for a number of the district."""
	if not number or not registry.is_district():
		return ""
	rows = carrier_settings.settings().sending_numbers
	school = next((row.school for row in rows if row.phone_number == number), None)
	return school if registry.find(school) else ""


def of_phone(phone: str | None) -> str:
	"""Return the school of the last call or text from or to this number (E.164), or "" for the district."""
	if not phone or not registry.is_district():
		return ""
	last = frappe.get_all("Dialer Call Log", {"phone": phone}, ["school"], order_by="placed_at desc", limit=1)
	school = last[0].school if last else None
	return school if registry.find(school) else ""


def reached(phone: str | None, number: str | None) -> str:
	"""Return the school that a person reached who calls or writes from `phone` to the sending `number`."""
	return of_number(number) or of_phone(phone)


def speaking_to(phone: str | None, language: str | None = None) -> School:
	"""Return the school in whose name a text to this number is, as `store.school` does."""
	return store.school(of_phone(phone), language)
