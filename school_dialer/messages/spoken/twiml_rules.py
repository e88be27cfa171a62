"""What a call must say, and in which order, checked on the finished TwiML (47 CFR 64.1200(b)(1)-(3)).

Pure Python.
"""

from xml.etree import ElementTree

from school_dialer.base.wording import Wording as _
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.speech import say_digits
from school_dialer.messages.template.values import clean, without_emoji

OPT_OUT_SECONDS = 2
"""47 CFR 64.1200(b)(3): explained within two seconds of the identification."""


def check_twiml(xml: str, school: School, *, voicemail: bool = False) -> list[str]:
	"""Return what the TwiML of a new call lacks. Empty if it follows the rule.

	The identity comes first, and the way to opt out follows within two seconds. Then comes the message, with
	a number to call. An answered call offers its key in a <Gather>; a voicemail gives the number instead.
	"""
	try:
		root = ElementTree.fromstring(xml)
	except ElementTree.ParseError as error:
		return [f"not XML: {error.code}"]
	steps = [element for element in root.iter() if element.tag in ("Say", "Play", "Pause")]
	spoken = [step.text or "" for step in steps if step.tag == "Say"]
	identity = without_emoji(clean(school.identity or school.name)).strip()
	number = say_digits(clean(school.call_back_number))
	stop_number = say_digits(clean(school.opt_out_number)) or number
	problems = []
	if not spoken or identity not in spoken[0] or steps[0].tag != "Say":
		problems.append(_("the caller's identity is not said first"))
	keys = ("voicemail_stop",) if voicemail else ("stop_key", "stop_key_emergency")
	ways = {phrase(key, language, number=stop_number) for key in keys for language in languages()}
	if len(spoken) < 2 or spoken[1] not in ways:
		problems.append(_("the way to opt out is not said right after the identity"))
	elif _pause_before_second_sentence(steps) > OPT_OUT_SECONDS:
		problems.append(_("the way to opt out comes later than two seconds after the identity"))
	if len(spoken) < 3:
		problems.append(_("there is no message"))
	if not any(number in sentence for sentence in spoken[2:]):
		problems.append(_("no number to call back is said"))
	if not voicemail and not _gathers_first(root):
		problems.append(_("the opt-out key is not listened for from the start"))
	return problems


def _pause_before_second_sentence(steps: list[ElementTree.Element]) -> float:
	"""Return the seconds of silence or sound between the first two sentences."""
	seconds, sentences = 0.0, 0
	for step in steps:
		if step.tag == "Say":
			sentences += 1
			if sentences == 2:
				break
		elif sentences:
			seconds += float(step.get("length", "1")) if step.tag == "Pause" else float("inf")
	return seconds


def _gathers_first(root: ElementTree.Element) -> bool:
	first = next(iter(root), None)
	return (
		first is not None
		and first.tag == "Gather"
		and bool(first.get("numDigits"))
		and bool(first.get("action"))
		and len(first.findall("Say")) >= 2
	)
