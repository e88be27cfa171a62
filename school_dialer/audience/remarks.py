"""What staff wrote beside a number in a field: that it is not to be called, or not theirs any more.

The words are read as a family's own words are (`consent.recogniser`), in all of its languages. A label, a
name, or words that no one here knows take nothing away: "(mom's cell)" must not cost a family an emergency.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from school_dialer.bounds import phone_field
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, TEXT
from school_dialer.consent.replies.opt_out import WRONG_NUMBER, recognise

_divided = re.compile(r"[/,;&|\n]").split
_letters = re.compile(r"[^\W\d_]").search
_no_words = re.compile(r"[\d+#*()\[\]]+").sub
_of_texts = re.compile(r"\b(?:text|sms|messag|mensaj|voicemail|buzón)", re.IGNORECASE).search
_of_calls = re.compile(r"\b(?:call|phone|contact|llam|marc)", re.IGNORECASE).search
_gone = re.compile(
	r"""\b(?:
		old | former | previous | inactive | invalid | incorrect | expired | changed | disconnected | bad
		| out\ of\ (?:service|order) | no\ longer | (?:not|isn.?t)\ (?:in\ (?:service|use)|working|valid)
		| (?:doesn.?t|does\ not)\ work | not\ (?:his|hers?|theirs?|my|a)\ (?:number|phone)
		| viej[oa] | antigu[oa] | anterior | inactiv[oa] | inv[aá]lid[oa] | incorrect[oa] | cambiad[oa]
		| cambió | desconectad[oa] | fuera\ de\ servicio | ya\ no | no\ (?:sirve|funciona|existe)
	)\b""",
	re.IGNORECASE | re.VERBOSE,
).search


@dataclass(frozen=True, slots=True)
class Remarks:
	"""What a field says of its numbers (E.164).

	- `gone`: those that are not the person's, or do not work, any more.
	- `stops`: those that are not to be called or texted, as opt-outs.
	"""

	gone: frozenset[str] = frozenset()
	stops: tuple[tuple[str, OptOut], ...] = ()


NOTHING = Remarks()


def of(text: str | None, country: str) -> Remarks:
	"""Return what a field says of its numbers. `country` is that of `phone_field.read`."""
	return _of(text, country) if has_words(text) else NOTHING


def has_words(text: str | None) -> bool:
	return isinstance(text, str) and bool(_letters(text))


@lru_cache(maxsize=1 << 14)
def _of(text: str, country: str) -> Remarks:
	gone, stops = set(), []
	for numbers, words in parts(text, country):
		said = recognise(words)
		if _gone(words) or said.outcome == WRONG_NUMBER:
			gone.update(numbers)
		elif said.opt_out:
			channel = TEXT if _of_texts(words) and not _of_calls(words) else None
			stops += [(number, OptOut(ALL_NON_EMERGENCY, channel=channel)) for number in numbers]
	return Remarks(frozenset(gone), tuple(stops))


def parts(text: str, country: str) -> list[tuple[tuple[str, ...], str]]:
	"""Return the numbers of each part of a field, with the words beside them.

	Words between two dividing signs belong to the number before them, or to the first one.
	"""
	whole = phone_field.read(text, country)
	found: list[tuple[tuple[str, ...], str]] = []
	first = ""
	for part in _divided(text):
		numbers, words = phone_field.read(part, country).named, _no_words(" ", part)
		if numbers:
			found.append((numbers, f"{first} {words}".strip()))
			first = ""
		elif found:
			found[-1] = (found[-1][0], f"{found[-1][1]}, {words}")
		else:
			first = f"{first} {words}"
	if {number for numbers, _words in found for number in numbers} != set(whole.named):
		return [(whole.named, _no_words(" ", text).strip())]
	return found
