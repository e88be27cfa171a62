"""The "Connections" of people's records and of tickets: what the dialer has on them."""

from frappe import _

OF_PERSON = ("Dialer Call Log", "Dialer Recipient", "Contact Consent")
OF_TICKET = ("Consent Event",)
OF_STUDENT = ("Dialer Disclosure", "Dialer Privacy Choice", "Dialer Records Request")


def of_person(data: dict) -> dict:
	"""Hook `override_doctype_dashboards`: these name a person in their field `person`."""
	return with_calls(data, dict.fromkeys(OF_PERSON, "person"))


def of_student(data: dict) -> dict:
	return with_calls(data, dict.fromkeys(OF_PERSON, "person") | dict.fromkeys(OF_STUDENT, "student"))


def of_ticket(data: dict) -> dict:
	"""Opt-outs and consents that were recorded from the ticket."""
	return with_calls(data, dict.fromkeys(OF_TICKET, "reference_name"))


def with_calls(data: dict, fields: dict[str, str]) -> dict:
	known = data.get("non_standard_fieldnames") or {}
	group = {"label": _("Calls"), "items": list(fields)}
	return data | {
		"non_standard_fieldnames": {**known, **fields},
		"transactions": [*(data.get("transactions") or []), group],
	}
