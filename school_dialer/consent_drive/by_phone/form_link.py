"""The message field with the address of a family's own consent form.

Its secret is derived for a text that is being sent, and only then: previews, rehearsals and samples get an
address of the same length that opens nothing.
"""

from typing import Any

import frappe

from school_dialer.base import states
from school_dialer.consent_form import requests, secret
from school_dialer.messages.model import PERSONAL, Field, Subject, provides

FORM_LINK = Field(
	"consent_form_link",
	"Address of the family's consent form",
	"text",
	PERSONAL,
	"Dialer Consent Request.name",
	"https://school.example/dialer-consent?t=" + secret.LENGTH * "x",
)


@provides(FORM_LINK)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	"""Return each family's address. It is None in a campaign that no drive made. Takes two queries."""
	names = sorted({subject.campaign for subject in subjects if subject.campaign})
	asking = {"name": ("in", names), "consent_drive": ("is", "set")}
	of_drives = set(frappe.get_all("Dialer Campaign", asking, pluck="name")) if names else set()
	sent = being_sent([subject.key for subject in subjects]) if of_drives else {}
	return {subject.key: {FORM_LINK.name: address(subject, of_drives, sent)} for subject in subjects}


def being_sent(recipients: list[str]) -> dict[str, str]:
	"""Return the request of each of these recipients that a dispatcher is sending to now."""
	return dict(
		frappe.db.sql(
			"""select recipient.name, family.request from `tabDialer Recipient` recipient
			join `tabDialer Consent Family` family on family.campaign = recipient.campaign
				and family.person = recipient.person and family.person_doctype = recipient.person_doctype
			join `tabDialer Consent Request` request on request.name = family.request
			where recipient.name in %s and recipient.status = %s and request.status = %s""",
			(tuple(recipients), states.DIALING, requests.WAITING),
		)
	)


def address(subject: Subject, of_drives: set[str], sent: dict[str, str]) -> str | None:
	if subject.key in sent:
		return requests.link(sent[subject.key])
	if subject.campaign and subject.campaign not in of_drives:
		return None
	return sample()


def sample() -> str:
	"""Return an address that opens nothing, as long as a real one."""
	return f"{requests.address()}?t={secret.LENGTH * 'x'}"
