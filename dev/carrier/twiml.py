"""TwiML: a document's verbs in order, with the warnings that Twilio's debugger would show."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree

from dev.carrier.attributes import ATTRIBUTES, SWITCH, WHOLE, refused, warnings_of
from dev.carrier.exchange.numbers import normalise

LARGEST_DOCUMENT = 64 * 1024
LONGEST_SAY = 4096
LANGUAGE = "en-US"  # of a <Say> that names none

IN_GATHER = {"Say", "Play", "Pause"}
NOUNS = {"Number"}
"""What stands only in a verb."""
OTHER_NOUNS = {"Application", "Client", "Conference", "Queue", "Sim", "Sip", "WhatsApp"}
"""Nouns of <Dial> that Twilio has and this carrier does not."""
MOST_NUMBERS = 10


class DocumentError(Exception):
	"""A document that cannot be followed at all; ``code`` is Twilio's."""

	def __init__(self, code: int, detail: str):
		super().__init__(f"{code}: {detail}")
		self.code = code


@dataclass(frozen=True)
class Verb:
	name: str
	attributes: dict[str, str] = field(default_factory=dict)
	text: str = ""
	nested: tuple[Verb, ...] = ()

	def switched_on(self, attribute: str, default: bool = False) -> bool:
		value = self.attributes.get(attribute, "").lower()
		return value == "true" if value in SWITCH else default

	def integer(self, attribute: str, default: int) -> int:
		value = self.attributes.get(attribute, "")
		return int(value) if WHOLE.fullmatch(value) else default


@dataclass(frozen=True)
class Document:
	verbs: tuple[Verb, ...]
	warnings: tuple[int, ...] = ()


def parse(content: bytes | str) -> Document:
	"""Return the verbs of a document; raise DocumentError for what is not TwiML.

	Verbs that do not exist are left out with a warning, as Twilio does.
	"""
	size = len(content if isinstance(content, bytes) else content.encode())
	if size > LARGEST_DOCUMENT:
		raise DocumentError(11750, f"{size} bytes")
	if not content.strip():
		raise DocumentError(11770, "nothing to do")
	try:
		root = ElementTree.fromstring(content.strip())
	except ElementTree.ParseError as problem:
		raise DocumentError(12100, str(problem)) from None
	if root.tag != "Response":
		raise DocumentError(12102, f"the root is {root.tag}")
	warnings: list[int] = []
	verbs = tuple(verb for element in root if (verb := _verb(element, warnings)))
	return Document(verbs, tuple(warnings))


def plain_speech(text: str) -> Document:
	"""Return what an answer of text/plain means: say it."""
	return Document((Verb("Say", {}, _squeezed(text)),))


def _verb(element: ElementTree.Element, warnings: list[int]) -> Verb | None:
	if element.tag not in ATTRIBUTES or element.tag in NOUNS:
		warnings.append(12200)
		return None
	attributes = _attributes(element, warnings)
	name, text, nested = element.tag, _squeezed("".join(element.itertext())), ()
	if name == "Gather":
		nested, text = _nested(element, warnings), ""
	elif name == "Dial":
		nested, text = _numbers(element, warnings), ""
	elif name == "Message":
		text = _message_body(element)
	if name == "Say" and not text:
		warnings.append(13520)
	if name == "Say" and len(text) > LONGEST_SAY:
		raise DocumentError(13521, f"{len(text)} characters")
	return Verb(name, attributes, text, nested)


def _attributes(element: ElementTree.Element, warnings: list[int]) -> dict[str, str]:
	attributes = dict(element.attrib)
	if refusal := refused(element.tag, attributes):
		raise DocumentError(*refusal)
	warnings += warnings_of(element.tag, attributes)
	return attributes


def _numbers(dial: ElementTree.Element, warnings: list[int]) -> tuple[Verb, ...]:
	"""Return the numbers that a <Dial> calls: its <Number>s, or the one that is its text.

	Raises DocumentError 13215 for any other noun, and for more than MOST_NUMBERS.
	"""
	for noun in dial:
		if noun.tag in OTHER_NOUNS:
			raise DocumentError(13215, f"<{noun.tag}> in <Dial> is not simulated")
		if noun.tag not in NOUNS:
			raise DocumentError(13215, f"<{noun.tag}> is no noun of <Dial>")
	if len(dial) > MOST_NUMBERS:
		raise DocumentError(13215, f"{len(dial)} numbers in <Dial>, where {MOST_NUMBERS} are allowed")
	numbers = tuple(
		Verb("Number", _attributes(noun, warnings), _squeezed("".join(noun.itertext()))) for noun in dial
	) or (Verb("Number", {}, _squeezed(dial.text or "")),)
	warnings += [13223 for number in numbers if normalise(number.text) is None]
	return numbers


def _nested(gather: ElementTree.Element, warnings: list[int]) -> tuple[Verb, ...]:
	verbs = []
	for element in gather:
		if element.tag not in IN_GATHER:
			warnings.append(13320)
		elif verb := _verb(element, warnings):
			verbs.append(verb)
	return tuple(verbs)


def _message_body(element: ElementTree.Element) -> str:
	body = element.find("Body")
	return ("".join((body if body is not None else element).itertext())).strip()


def _squeezed(text: str) -> str:
	return " ".join(text.split())
