"""What anyone may read: the feed of our alerts, one alert, and the certificate that checks them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import frappe
from frappe import _

from school_dialer.base import clock, public_url
from school_dialer.messages import store
from school_dialer.public_alerts.cap import atom
from school_dialer.public_alerts.outgoing import content, publishing, signing
from school_dialer.schools import registry

FEED, FOLDER, CERTIFICATE = "dialer-alerts.xml", "dialer-alerts", "certificate.pem"
MOST = 50
AFTER = timedelta(days=1)
"""How long an alert stays in the feed after it expired."""
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Document:
	"""`changed` is aware, or None."""

	content: bytes
	kind: str
	changed: datetime | None = None


def feed(school: str = "") -> Document | None:
	"""Return the feed of all schools or of one, or None for a school that is not in use.

	A school's feed has its own alerts and those of the district. An alert of some schools alone is in theirs.
	"""
	speaker = registry.schools().get(school) if school else None
	if school and not speaker:
		return None
	rows = [row for row in listed() if concerns(row, school)][:MOST]
	base = public_url.base()
	its_url = f"{base}/{FEED}" + (f"?{urlencode({'school': school})}" if school else "")
	calling = store.school(school or None)
	entries = [
		atom.Entry(row.name, row.headline, row.msg_type, address(row.name), clock.from_db(row.sent_at))
		for row in rows
	]
	since = frappe.get_cached_doc("Dialer Settings").alerts_since
	changed = max((entry.updated for entry in entries), default=clock.from_db(since) or clock.now())
	title = _("Emergency alerts of {0}").format(calling.name)
	body = atom.feed(its_url, title, calling.name or content.sender(), changed, entries)
	return Document(body, "application/atom+xml", changed)


def listed() -> list[frappe._dict]:
	"""Return the alerts that hold or ended a short time ago, without those that a later one replaced."""
	rows = frappe.get_all(
		publishing.DOCTYPE,
		{"state": publishing.PUBLISHED, "expires_at": (">", clock.db_now() - AFTER)},
		["name", "school", "schools", "msg_type", "headline", "sent_at", "refers_to"],
		order_by="sent_at desc, name",
		limit=10 * MOST,
	)
	replaced = {reference.split(",")[1] for row in rows for reference in (row.refers_to or "").split()}
	return [row for row in rows if row.name not in replaced]


def concerns(row, school: str) -> bool:
	if not school or row.school:
		return not school or row.school == school
	named = content.schools_of(row)
	return not named or school in named


def address(name: str) -> str:
	return f"{public_url.base()}/{FOLDER}/{name}.xml"


def alert(name: str) -> Document | None:
	"""Return one alert as it was signed, or None. Alerts stay readable after they expired."""
	if not name.isalnum() or len(name) > LONGEST_NAME:
		return None
	row = frappe.db.get_value(
		publishing.DOCTYPE, {"name": name, "state": publishing.PUBLISHED}, ["xml", "sent_at"], as_dict=True
	)
	return row and Document(row.xml.encode(), atom.CAP_TYPE, clock.from_db(row.sent_at))


def certificate() -> Document | None:
	pem = signing.certificate_pem()
	return Document(pem, "application/x-pem-file") if pem else None
