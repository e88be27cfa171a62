"""Corrections as a test makes them: a campaign with mixed outcomes, its correction, and who was called."""

import secrets

import frappe

from school_dialer.campaigns.corrections import late, making
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.attempts import revocation
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import emergencies
from tests.integration import factories as make

WORDS = {"en": "Our message was sent by mistake. Please ignore it."}


def correct(doc, said: dict | None = None, confirmed: int = 1):
	"""Press the button, and return the correction. It has called no one yet."""
	return ours(making.correct(doc.name, said or WORDS, confirmed))


def ours(name: str):
	"""Return the correction, with a title by which it is closed after the test."""
	title = f"{make.OURS}{secrets.token_hex(4)}"
	frappe.db.set_value("Dialer Campaign", name, "title", title, update_modified=False)
	frappe.db.commit()
	return frappe.get_doc("Dialer Campaign", name)


def carry_out(correction, carrier, emergency: bool = False) -> None:
	"""Plan and dial the correction as the jobs do, until no one is due."""
	plan(correction)
	for _ in range(3):
		dispatcher.run(emergency)
		carrier.wait_until_idle()
		frappe.db.rollback()
		late.add(correction.name)


def plan(correction) -> None:
	revocation.end_calls(correction.corrects)
	frappe.db.commit()
	planner.run(correction.name)
	frappe.db.commit()
	late.add(correction.name)


def statuses(doc) -> dict[str, str]:
	return {row.phone: row.status for row in make.recipients(doc.name)}


def status_at(number: str, doc) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Call Log", {"campaign": doc.name, "phone": number}, "status")


def speaks(number: str, language: str) -> None:
	"""Let the recipient at this number speak this language, as a record of theirs would say."""
	frappe.db.sql("update `tabDialer Recipient` set language = %s where phone = %s", (language, number))
	frappe.db.commit()


def prepared(doc) -> dict[str, str]:
	return making.prepared_words(doc)


def approved(correction) -> None:
	"""Let the second person approve the correction of an emergency."""
	emergencies.approve(correction.name)


def barred(klass, name: str, student: int = 0) -> None:
	"""Note a court order against a guardian, as a registrar does."""
	frappe.db.sql(
		"""update `tabStudent Guardian` set dialer_contact_permission = 'None by Court Order'
		where parent = %s and guardian = %s""",
		(klass.student(student), f"{klass.tag}-{name}"),
	)
	frappe.db.commit()
