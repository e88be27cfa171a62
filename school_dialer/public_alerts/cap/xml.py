"""Read XML that strangers wrote, and refuse what an alert never needs.

A document type, an entity, a processing instruction inside the document, deep nesting, and more than SIZE
bytes are refused, so that neither a file, nor a network, nor the machine's memory is at the mercy of the
document. No Frappe.
"""

import re

from lxml import etree

from school_dialer.base.wording import Wording as _

SIZE = 1_000_000
"""Bytes of the largest document that is read."""
DEPTH, ELEMENTS = 16, 30_000
ENCODINGS = {
	"utf-8": "utf-8-sig",
	"us-ascii": "ascii",
	"ascii": "ascii",
	"iso-8859-1": "latin-1",
	"windows-1252": "cp1252",
}
_DECLARATION = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]{0,200}?\?>""")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.I)


class BadDocument(Exception):
	"""The document is not read. Holds a `Wording` that says why."""


def parse(content: bytes) -> etree._Element:
	"""Return the root of this document. Raise `BadDocument`."""
	if len(content) > SIZE:
		raise BadDocument(_("The document has more than {0} bytes.", SIZE))
	text = decoded(content)
	if _FORBIDDEN.search(text):
		raise BadDocument(_("The document declares a document type or entities, which no alert needs."))
	try:
		root = etree.fromstring(text.encode(), _parser())
	except (etree.XMLSyntaxError, ValueError):
		raise BadDocument(_("The document is not well-formed XML.")) from None
	_check(root)
	return root


def decoded(content: bytes) -> str:
	"""Return the text after the XML declaration, in the encoding that it names. Raise `BadDocument`."""
	declaration = _DECLARATION.match(content)
	named = _ENCODING.search(declaration.group()) if declaration else None
	codec = ENCODINGS.get(named.group(1).decode().lower() if named else "utf-8")
	try:
		if codec is None:
			raise LookupError
		return content[declaration.end() if declaration else 0 :].decode(codec).lstrip("\ufeff \t\r\n")
	except (LookupError, UnicodeDecodeError):
		raise BadDocument(_("The document's characters are in an encoding that is not read.")) from None


def _parser() -> etree.XMLParser:
	return etree.XMLParser(
		resolve_entities=False,
		load_dtd=False,
		dtd_validation=False,
		attribute_defaults=False,
		no_network=True,
		huge_tree=False,
		recover=False,
		remove_comments=True,
	)


def _check(root: etree._Element) -> None:
	"""Refuse what is too deep or too much, and everything but elements. Without recursion."""
	waiting, seen = [(root, 1)], 0
	while waiting:
		element, depth = waiting.pop()
		seen += 1
		if not isinstance(element.tag, str):
			raise BadDocument(_("The document holds a processing instruction or an entity."))
		if depth > DEPTH or seen > ELEMENTS:
			raise BadDocument(_("The document is nested too deeply or has too many parts."))
		waiting.extend((child, depth + 1) for child in element)


def text_of(element: etree._Element | None) -> str:
	return (element.text or "").strip() if element is not None else ""
