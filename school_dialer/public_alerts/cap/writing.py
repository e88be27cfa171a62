"""From an alert as a value to its XML. No Frappe."""

from datetime import datetime

from lxml import etree

from school_dialer.public_alerts.cap import schema
from school_dialer.public_alerts.cap.model import CAP, Alert, Area, Info

HEADLINE = 160
"""Characters of a headline that all displays show (CAP 1.2, section 3.2.2)."""


def written(moment: datetime) -> str:
	"""Return an aware time as CAP writes it: whole seconds, with an offset and never with Z."""
	return moment.replace(microsecond=0).isoformat(timespec="seconds")


def element_of(alert: Alert) -> etree._Element:
	"""Return the alert's XML. Raise `BadDocument` if it breaks a rule of CAP 1.2."""
	root = etree.Element(f"{{{CAP}}}alert", nsmap={None: CAP})
	_add(root, "identifier", alert.identifier)
	_add(root, "sender", alert.sender)
	_add(root, "sent", alert.sent)
	_add(root, "status", alert.status)
	_add(root, "msgType", alert.kind)
	_add(root, "scope", alert.scope)
	_add(root, "references", " ".join(map(str, alert.references)))
	for info in alert.infos:
		_add_info(root, info)
	schema.check(root)
	return root


def _add_info(root: etree._Element, info: Info) -> None:
	element = etree.SubElement(root, f"{{{CAP}}}info")
	_add(element, "language", info.language)
	for category in info.categories:
		_add(element, "category", category)
	_add(element, "event", info.event)
	_add(element, "urgency", info.urgency)
	_add(element, "severity", info.severity)
	_add(element, "certainty", info.certainty)
	_add(element, "expires", written(info.expires) if info.expires else "")
	_add(element, "senderName", info.sender_name)
	_add(element, "headline", info.headline[:HEADLINE])
	_add(element, "description", info.description)
	_add(element, "instruction", info.instruction)
	_add(element, "contact", info.contact)
	for area in info.areas:
		_add_area(element, area)


def _add_area(info: etree._Element, area: Area) -> None:
	element = etree.SubElement(info, f"{{{CAP}}}area")
	_add(element, "areaDesc", area.description)
	for system, code in area.geocodes:
		pair = etree.SubElement(element, f"{{{CAP}}}geocode")
		_add(pair, "valueName", system)
		_add(pair, "value", code)


def _add(parent: etree._Element, name: str, text: str) -> None:
	if text:
		etree.SubElement(parent, f"{{{CAP}}}{name}").text = text


def document(root: etree._Element) -> bytes:
	return etree.tostring(root, encoding="utf-8", xml_declaration=True)
