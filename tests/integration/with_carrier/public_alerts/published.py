"""Emergencies that were approved, what was published of them, and a guest who reads it."""

import frappe
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from school_dialer.public_alerts.cap import reading, xml
from school_dialer.public_alerts.outgoing import publishing
from school_dialer.website.alerts_page import AlertsPage
from tests.integration import emergencies
from tests.integration import factories as make

SETTINGS = "Dialer Settings"
WORDS = {"voice": "Smoke in the hall.", "voicemail": "Smoke in the hall. Keep away.", "text": "Smoke."}
OURS: list[str] = []


def set_all(values: dict) -> None:
	for name, value in values.items():
		frappe.db.set_single_value(SETTINGS, name, value)
	frappe.clear_document_cache(SETTINGS, SETTINGS)
	frappe.db.commit()


def emergency(words: dict | None = None, **values):
	template = make.template("Emergency", said=words or WORDS)
	doc = emergencies.approved([make.phone()], template=template, **values)
	OURS.append(doc.name)
	return doc


def published(doc) -> list[frappe._dict]:
	publishing.publish()
	return frappe.get_all(
		publishing.DOCTYPE, {"campaign": doc.name}, ["*"], order_by="sent_at, creation", limit=9
	)


def alert_of(row):
	return reading.read(xml.parse(row.xml.encode()))


def ask(path: str, headers: dict | None = None, method: str = "GET", ip: str = "203.0.113.9") -> Response:
	frappe.set_user("Guest")
	environ = EnvironBuilder(path=f"/{path}", headers=headers, method=method).get_environ()
	frappe.local.request, frappe.local.request_ip = Request(environ), ip
	page = AlertsPage(path.partition("?")[0])
	try:
		assert page.can_render()
		return page.render()
	finally:
		frappe.set_user("Administrator")
		del frappe.local.request
