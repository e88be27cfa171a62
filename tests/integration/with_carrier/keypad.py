"""Messages that ask a question, families who answer by key or voice, and what is recorded about it."""

import frappe

from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare

ABSENCE = {"voice": "{{ student_names }} had a bad day at school."}


VOTE = {"question": "Will you come?", "answers": "Yes, both of us\nOnly I\nNo"}


def template(purpose: str = "Event", asks: str = "", **words) -> str:
	doc = frappe.get_doc("Dialer Message Template", make.template(purpose))
	doc.asks = asks
	doc.translations[0].update(words)
	return doc.save().name


def family(purpose: str = "Attendance", asks: str = "", **values):
	"""Make a campaign to the only guardian of one student.

	Return the campaign, the guardian's number, and the class.
	"""
	number = make.phone()
	school = SchoolClass([{"Ana": [number]}])
	doc = school.campaign(purpose=purpose, template=template(purpose, asks, **ABSENCE), **values)
	return doc, number, school


def the_log(doc):
	frappe.db.rollback()
	return frappe.get_last_doc("Dialer Call Log", {"campaign": doc.name})


def heard(carrier, sid: str) -> str:
	return "\n".join(carrier.control("call", {"sid": sid})["sentences"])


def run(doc, carrier):
	prepare(doc)
	dial(carrier)
	log = the_log(doc)
	return log, heard(carrier, log.carrier_sid)


def set_recording(value: int) -> None:
	frappe.db.set_single_value("Dialer Settings", "record_reasons", value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
