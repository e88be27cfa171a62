"""Whether twilio's own library can make a TwiML document: its verbs, nesting and attributes are the schema.

The library has no parser. So the document is read as XML and rebuilt with the library, where only a method of
the parent makes a child, and only the method's own arguments make attributes. What comes out must be what
went in.
"""

import inspect
from collections.abc import Mapping
from xml.etree import ElementTree

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse


def check(xml: str) -> None:
	"""Raise AssertionError for what the library could not have made."""
	root = ElementTree.fromstring(xml)
	assert root.tag == "Response" and not root.attrib
	rebuilt = VoiceResponse()
	for element in root:
		_add(rebuilt, element)
	assert ElementTree.canonicalize(rebuilt.to_xml()) == ElementTree.canonicalize(xml)


def _add(parent: TwiML, element: ElementTree.Element) -> None:
	make = getattr(parent, _snake(element.tag), None)
	assert make is not None, f"<{element.tag}> in <{parent.name}>"
	known = inspect.signature(make).parameters
	values: Mapping[str, str] = {_snake(name): value for name, value in element.attrib.items()}
	assert set(values) <= set(known) - {"kwargs"}, f"{sorted(values)} of <{element.tag}>"
	text = (element.text or "").strip()
	first = next(iter(known))
	if first in ("message", "url", "phone_number"):
		child = make(element.text or "", **values)
	else:
		assert not text, f"words in <{element.tag}>"
		child = make(**values)
	for inner in element:
		_add(child, inner)


def _snake(name: str) -> str:
	return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
