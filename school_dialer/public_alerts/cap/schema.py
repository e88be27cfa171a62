"""The rules of CAP 1.2 as code: which parts an alert has, in which order, how often, and of which kind.

Written from the OASIS standard's sections 3.2 and 3.4 (element tables and schema), with the rules that its
schema cannot say: no spaces, commas, or markup in what identifies an alert, an event and an area that are
named, and what a restricted or private alert must name. Two things that the schema allows are refused: the
hour 24, and a signature that stands before another part. Addresses (`web`, `uri`) may be any text. No Frappe.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from school_dialer.base.wording import Wording as _
from school_dialer.public_alerts.cap import model
from school_dialer.public_alerts.cap.model import CAP, DSIG
from school_dialer.public_alerts.cap.xml import BadDocument, text_of

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
IDENTIFYING = re.compile(r"[^\s,<&]{1,200}")
REFERENCES = re.compile(r"[^\s,<&]+,[^\s,<&]+,[^\s,<&]+")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
LONGEST = 50_000
"""Characters of one element."""
MANY = 10_000
FARTHEST = timedelta(hours=14)
"""The largest offset of a time (XML Schema, dateTime)."""
INTEGER = re.compile(r"[+-]?\d{1,18}")
DECIMAL = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})")
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
ATTRIBUTES = frozenset(
	f"{{{SCHEMA_INSTANCE}}}{name}" for name in ("schemaLocation", "noNamespaceSchemaLocation")
)
"""What XML Schema allows on every element. CAP has no attributes."""
TEXT, NAMED, WHEN, IDENTIFIER, REFERENCE, TAG, WHOLE, NUMBER = (
	"text",
	"text that is not empty",
	"time",
	"identifier",
	"references",
	"language",
	"whole number",
	"number",
)


@dataclass(frozen=True, slots=True)
class Part:
	"""A child element: its name, how often it stands, and its kind, closed list, or own parts."""

	name: str
	least: int = 0
	most: int = 1
	kind: str = TEXT
	among: tuple[str, ...] = ()
	parts: tuple["Part", ...] = ()


def _pair(name: str) -> Part:
	return Part(name, 0, MANY, parts=(Part("valueName", 1), Part("value", 1)))


_RESOURCE = (
	Part("resourceDesc", 1),
	Part("mimeType", 1),
	Part("size", kind=WHOLE),
	Part("uri"),
	Part("derefUri"),
	Part("digest"),
)
_AREA = (
	Part("areaDesc", 1, kind=NAMED),
	Part("polygon", 0, MANY),
	Part("circle", 0, MANY),
	_pair("geocode"),
	Part("altitude", kind=NUMBER),
	Part("ceiling", kind=NUMBER),
)
_INFO = (
	Part("language", kind=TAG),
	Part("category", 1, MANY, among=model.CATEGORIES),
	Part("event", 1, kind=NAMED),
	Part("responseType", 0, MANY, among=model.RESPONSES),
	Part("urgency", 1, among=model.URGENCIES),
	Part("severity", 1, among=model.SEVERITIES),
	Part("certainty", 1, among=model.CERTAINTIES),
	Part("audience"),
	_pair("eventCode"),
	Part("effective", kind=WHEN),
	Part("onset", kind=WHEN),
	Part("expires", kind=WHEN),
	Part("senderName"),
	Part("headline"),
	Part("description"),
	Part("instruction"),
	Part("web"),
	Part("contact"),
	_pair("parameter"),
	Part("resource", 0, MANY, parts=_RESOURCE),
	Part("area", 0, MANY, parts=_AREA),
)
ALERT = (
	Part("identifier", 1, kind=IDENTIFIER),
	Part("sender", 1, kind=IDENTIFIER),
	Part("sent", 1, kind=WHEN),
	Part("status", 1, among=model.STATUSES),
	Part("msgType", 1, among=model.KINDS),
	Part("source"),
	Part("scope", 1, among=model.SCOPES),
	Part("restriction"),
	Part("addresses"),
	Part("code", 0, MANY),
	Part("note"),
	Part("references", kind=REFERENCE),
	Part("incidents"),
	Part("info", 0, MANY, parts=_INFO),
)


def check(root: etree._Element) -> None:
	"""Raise `BadDocument` with the first rule that this alert breaks."""
	if root.tag != f"{{{CAP}}}alert":
		raise BadDocument(_("The document is not an alert of CAP 1.2."))
	children = list(root)
	while children and etree.QName(children[-1]).namespace == DSIG:
		children.pop()
	_check_empty(root)
	_check_parts("alert", children, ALERT)
	scope = text_of(root.find(f"{{{CAP}}}scope"))
	for needed, name in ((model.RESTRICTED, "restriction"), (model.PRIVATE, "addresses")):
		if scope == needed and not text_of(root.find(f"{{{CAP}}}{name}")):
			raise BadDocument(_("The alert lacks {0}.", name))


def _check_parts(within: str, children: list[etree._Element], parts: tuple[Part, ...]) -> None:
	"""Check the children of one element: each where and as often as it may be, and nothing else."""
	at = 0
	for part in parts:
		run = list(_run(children, at, part.name))
		if len(run) < part.least:
			raise BadDocument(
				_("The alert lacks {0} in {1}, or it stands at a wrong place.", part.name, within)
			)
		if len(run) > part.most:
			raise BadDocument(_("The alert has more than one {0} in {1}.", part.name, within))
		for element in run:
			_check_one(element, part)
		at += len(run)
	if at < len(children):
		unknown = etree.QName(children[at]).localname[:40]
		raise BadDocument(_("The alert has {0} at a place in {1} where CAP 1.2 has none.", unknown, within))


def _run(children: list[etree._Element], at: int, name: str) -> Iterator[etree._Element]:
	for child in children[at:]:
		if child.tag != f"{{{CAP}}}{name}":
			return
		yield child


def _check_empty(element: etree._Element) -> None:
	"""Check that nothing stands between the parts of an element, and that it has no attributes."""
	if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
		name = etree.QName(element).localname
		raise BadDocument(_("The alert has text at a place in {0} where CAP 1.2 has none.", name))
	_check_attributes(element)


def _check_attributes(element: etree._Element) -> None:
	if strange := next((name for name in element.attrib if name not in ATTRIBUTES), None):
		raise BadDocument(
			_(
				"The alert has {0} at a place in {1} where CAP 1.2 has none.",
				etree.QName(strange).localname[:40],
				etree.QName(element).localname,
			)
		)


def _check_one(element: etree._Element, part: Part) -> None:
	if part.parts:
		_check_empty(element)
		_check_parts(part.name, list(element), part.parts)
		return
	text = element.text or ""
	if len(element) or len(text) > LONGEST:
		raise BadDocument(_("The alert's {0} is too long or holds markup.", part.name))
	_check_attributes(element)
	if not _fits(text if part.among else text.strip(), part):
		raise BadDocument(_("The alert's {0} is not what CAP 1.2 allows there.", part.name))


def _fits(text: str, part: Part) -> bool:
	if part.among:
		return text in part.among
	if part.kind == WHEN:
		return moment(text) is not None
	if part.kind == IDENTIFIER:
		return bool(IDENTIFYING.fullmatch(text))
	if part.kind == REFERENCE:
		return all(REFERENCES.fullmatch(reference) for reference in text.split())
	if part.kind == TAG:
		return bool(LANGUAGE.fullmatch(text))
	if part.kind in (WHOLE, NUMBER):
		return bool((INTEGER if part.kind == WHOLE else DECIMAL).fullmatch(text))
	return part.kind != NAMED or bool(text)


def moment(written: str) -> datetime | None:
	"""Return an aware time, or None for what CAP does not allow: without an offset, with Z, no real day."""
	if not TIME.fullmatch(written):
		return None
	try:
		at = datetime.fromisoformat(written)
	except ValueError:
		return None
	return at if abs(at.utcoffset()) <= FARTHEST else None
