"""From a checked document to an alert as a value. No Frappe."""

import html
import re

from lxml import etree

from school_dialer.base.bounds import plain_text
from school_dialer.public_alerts.cap import model, schema
from school_dialer.public_alerts.cap.model import CAP, Alert, Area, Info, Reference
from school_dialer.public_alerts.cap.xml import text_of

LONGEST = 2_000
"""Characters of one text that are kept."""
MOST_INFOS, MOST_AREAS, MOST_CODES, MOST_REFERENCES = 20, 200, 500, 200
_TAG = re.compile(r"<[A-Za-z/!?][^<>]{0,500}>")
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\n{3,}")


def read(root: etree._Element) -> Alert:
	"""Return the alert in this document. Raise `BadDocument` for what CAP 1.2 does not allow."""
	schema.check(root)
	sent = _text(root, "sent")
	return Alert(
		identifier=_text(root, "identifier"),
		sender=_text(root, "sender"),
		sent=sent,
		sent_at=schema.moment(sent),
		kind=_text(root, "msgType"),
		status=_text(root, "status"),
		scope=_text(root, "scope"),
		references=tuple(
			Reference(*triple.split(",")) for triple in _text(root, "references").split()[:MOST_REFERENCES]
		),
		infos=tuple(map(_info, _all(root, "info")[:MOST_INFOS])),
	)


def words(written: str, longest: int = LONGEST) -> str:
	"""Return what a person would read: without tags, control characters, and turns of direction, bounded.

	Entities that were escaped twice are read once more before, so that no tag comes to light later.
	"""
	shown = html.unescape(html.unescape(written[: 20 * longest]))
	shown = plain_text.text(_TAG.sub(" ", shown).replace("\r\n", "\n").replace("\r", "\n"))
	lines = (_SPACES.sub(" ", line).strip() for line in shown.split("\n"))
	return _LINES.sub("\n\n", "\n".join(lines)).strip()[:longest].strip()


def _info(element: etree._Element) -> Info:
	expires = _text(element, "expires")
	return Info(
		language=_text(element, "language") or model.LANGUAGE,
		event=plain_text.line(words(_text(element, "event")), 200),
		categories=tuple(text_of(category) for category in _all(element, "category")),
		urgency=_text(element, "urgency"),
		severity=_text(element, "severity"),
		certainty=_text(element, "certainty"),
		sender_name=plain_text.line(words(_text(element, "senderName")), 200),
		headline=plain_text.line(words(_text(element, "headline")), 300),
		description=words(_text(element, "description")),
		instruction=words(_text(element, "instruction")),
		contact=plain_text.line(words(_text(element, "contact")), 200),
		expires=schema.moment(expires) if expires else None,
		areas=tuple(map(_area, _all(element, "area")[:MOST_AREAS])),
	)


def _area(element: etree._Element) -> Area:
	codes = _all(element, "geocode")[:MOST_CODES]
	return Area(
		plain_text.line(words(_text(element, "areaDesc"))),
		tuple((_text(code, "valueName"), _text(code, "value")) for code in codes),
	)


def _all(element: etree._Element, name: str) -> list[etree._Element]:
	return element.findall(f"{{{CAP}}}{name}")


def _text(element: etree._Element, name: str) -> str:
	return text_of(element.find(f"{{{CAP}}}{name}"))
