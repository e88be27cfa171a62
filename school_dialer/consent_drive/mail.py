"""E-mails of a wave, through Frappe's queue, with its unsubscribe link.

An address is not written to if it unsubscribed, from everything or from any drive, or if it is shared with a
guardian whom a court order bars from one of the children.
"""

from collections.abc import Sequence

import frappe
from frappe.utils.data import escape_html

from school_dialer.audience import barred, mail_address
from school_dialer.consent_drive import pages
from school_dialer.consent_drive.scope import DOCTYPE

Person = tuple[str, str]
PARAGRAPHS = ("children", "reminder", "before", "why", "choose")


def addresses(families: Sequence[tuple[str, Person, Sequence[str]]]) -> dict[str, str]:
	"""Return the address of each family that may be written to. Each is (key, asked adult, students).

	Runs a fixed number of queries.
	"""
	address_of = mail_address.addresses_of({person for _key, person, _students in families})
	gone = unsubscribed(set(address_of.values()))
	forbidden = barred.addresses({student for *_more, students in families for student in students})
	by_key = {}
	for key, person, students in families:
		address = address_of.get(person)
		if not address or address.casefold() in gone:
			continue
		if not any((barred.mailbox(address), student) in forbidden for student in students):
			by_key[key] = address
	return by_key


def unsubscribed(emails: set[str]) -> set[str]:
	"""Return those of these addresses, in lower case, that unsubscribed from everything or from a drive."""
	if not emails:
		return set()
	rows = frappe.db.sql(
		"""select email from `tabEmail Unsubscribe`
		where email in %s and (global_unsubscribe = 1 or reference_doctype = %s)""",
		(tuple(emails), DOCTYPE),
	)
	return {email.casefold() for (email,) in rows}


def queue(drive: str, wave: int, sent: dict[str, str]) -> None:
	"""Queue an e-mail for each {request: address}, each with its own link. The caller commits."""
	for (_request, address), page in zip(sent.items(), pages.written(list(sent), drive, wave), strict=True):
		frappe.sendmail(
			recipients=[address],
			subject=page["subject"],
			message=body(page),
			reference_doctype=DOCTYPE,
			reference_name=drive,
			unsubscribe_message=page["unsubscribe"],
		)


def body(page: dict) -> str:
	url = escape_html(page["url"])
	words = [escape_html(page[key]) for key in PARAGRAPHS if page[key]]
	words += [f'{escape_html(page["click"])}<br><a href="{url}">{url}</a>']
	words += [escape_html(page[key]) for key in ("until", "private", "help")]
	paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in words)
	return f'<div dir="{page["direction"]}" lang="{page["language"]}">{paragraphs}</div>'
