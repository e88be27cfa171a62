"""The "Connections" section of people's records and of tickets: the dialer's documents about them."""

from frappe import _

OF_PERSON = ("Dialer Call Log", "Dialer Recipient", "Contact Consent")
OF_TICKET = ("Consent Event",)
OF_STUDENT = ("Dialer Reach", "Dialer Disclosure", "Dialer Privacy Choice", "Dialer Records Request")


def of_person(data: dict) -> dict:
	"""Add the DocTypes that name a person in their field `person` (hook `override_doctype_dashboards`)."""
	return with_calls(data, dict.fromkeys(OF_PERSON, "person"))


def of_student(data: dict) -> dict:
	return with_calls(data, dict.fromkeys(OF_PERSON, "person") | dict.fromkeys(OF_STUDENT, "student"))


def of_ticket(data: dict) -> dict:
	"""Add opt-outs and consents that were recorded from the ticket."""
	return with_calls(data, dict.fromkeys(OF_TICKET, "reference_name"))


def with_calls(data: dict, fields: dict[str, str]) -> dict:
	fieldnames = data.get("non_standard_fieldnames") or {}
	group = {"label": _("Calls"), "items": list(fields)}
	return data | {
		"non_standard_fieldnames": {**fieldnames, **fields},
		"transactions": [*(data.get("transactions") or []), group],
	}
