"""TwiML: a document's verbs in order, with the warnings that Twilio's debugger would show."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree

LARGEST_DOCUMENT = 64 * 1024
LONGEST_SAY = 4096
LANGUAGE = "en-US"  # of a <Say> that names none

ATTRIBUTES = {
	"Say": {"voice", "language", "loop"},
	"Play": {"loop", "digits"},
	"Pause": {"length"},
	"Gather": {
		"action",
		"method",
		"timeout",
		"numDigits",
		"finishOnKey",
		"input",
		"language",
		"hints",
		"speechTimeout",
		"bargeIn",
		"actionOnEmptyResult",
		"profanityFilter",
	},
	"Record": {
		"action",
		"method",
		"timeout",
		"finishOnKey",
		"maxLength",
		"playBeep",
		"trim",
		"recordingStatusCallback",
		"recordingStatusCallbackMethod",
		"recordingStatusCallbackEvent",
		"transcribe",
	},
	"Redirect": {"method"},
	"Hangup": set(),
	"Reject": {"reason"},
	"Message": {"to", "from", "action", "method", "statusCallback"},
}
IN_GATHER = {"Say", "Play", "Pause"}
WHOLE_NUMBERS = {("Gather", "timeout"): 13313, ("Gather", "numDigits"): 13314, ("Say", "loop"): 13510}
KEYS = set("0123456789*#")


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

	def integer(self, attribute: str, default: int) -> int:
		value = self.attributes.get(attribute, "")
		return int(value) if value.isascii() and value.isdecimal() else default


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
	name = element.tag
	if name not in ATTRIBUTES:
		warnings.append(12200)
		return None
	attributes = dict(element.attrib)
	if not set(attributes) <= ATTRIBUTES[name]:
		warnings.append(12200)
	for (verb, attribute), code in WHOLE_NUMBERS.items():
		if name == verb and attribute in attributes:
			_check_whole(attributes[attribute], attribute, code, warnings)
	nested: tuple[Verb, ...] = ()
	text = _squeezed("".join(element.itertext()))
	if name == "Gather":
		nested, text = _nested(element, warnings), ""
		if not set(attributes.get("finishOnKey", "#")) <= KEYS:
			warnings.append(13310)
	elif name == "Message":
		text = _message_body(element)
	if attributes.get("method", "POST").upper() not in ("GET", "POST"):
		warnings.append(13312 if name == "Gather" else 12200)
	if name == "Say" and not text:
		warnings.append(13520)
	if name == "Say" and len(text) > LONGEST_SAY:
		raise DocumentError(13521, f"{len(text)} characters")
	return Verb(name, attributes, text, nested)


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


def _check_whole(value: str, attribute: str, code: int, warnings: list[int]) -> None:
	smallest = 1 if attribute == "numDigits" else 0
	if value == "auto" and attribute == "timeout":
		return
	if not (value.isascii() and value.isdecimal() and int(value) >= smallest):
		warnings.append(code)


def _squeezed(text: str) -> str:
	return " ".join(text.split())
