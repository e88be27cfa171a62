"""What staff wrote beside a number in a field: that it is not to be called, or not theirs any more.

The words are read as a family's own words are (`consent.recogniser`), in all of its languages. A label, a
name, or words that no one here knows take nothing away: "(mom's cell)" must not cost a family an emergency.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from school_dialer.base.bounds import phone_field
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, EMERGENCY, TEXT, THIS_PURPOSE
from school_dialer.consent.recogniser import lexicon
from school_dialer.consent.recogniser.plain_text import words_of
from school_dialer.consent.replies.opt_out import WRONG_NUMBER, recognise

TITLES = frozenset("mr mrs ms miss mx dr prof sr sra srta don doña mme".split())
_between = re.compile(r"([()\[\]:,;/&\n]|\s[-–—]+\s)").split
_divided = re.compile(r"[/,;&|\n]").split
_letters = re.compile(r"[^\W\d_]").search
_no_words = re.compile(r"[\d+#*()\[\]]+").sub
_no_digits = re.compile(r"[\d+#*]+").sub
_of_texts = re.compile(r"\b(?:text|sms|messag|mensaj|voicemail|buzón)", re.IGNORECASE).search
_of_calls = re.compile(r"\b(?:call|phone|contact|llam|marc)", re.IGNORECASE).search

_clauses = re.compile(r"[()\[\]:]|\s[-–—]+\s").split
_phrases = re.compile(r"[()\[\]:.,]|\s[-–—]+\s").split
_words = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*").findall

NUMBER = "(?:phone )?(?:numbers?|número|numero)"
LINE = f"(?:{NUMBER}|(?:tele|cell)?phone|tel|cell?|mobile|landline|teléfono|telefono|celular|móvil)"
LABEL = f"(?:{LINE}|home|work|it|this|that|one|an?|the|el|este)"
IS = "(?: (?:is|was|has|has been|es|está|esta))?"
OLD = """(?:old|former|previous|inactive|invalid|incorrect|expired|bad|viejo|antiguo|anterior|inactivo
|inv[aá]lido|incorrecto|cambiado)"""
DEAD = """(?:(?:not|isn['’]?t|no longer) (?:in (?:service|use)|working|valid|active)
|(?:doesn['’]?t|does not|no longer) works?|out of order|(?:ya )?no (?:sirve|funciona|existe))"""
CHANGED = "(?:changed|cambió)"
SINCE = r"(?: (?:in|since|as of|en|desde) \w+| on| el)?"


def _form(text: str) -> re.Pattern:
	"""Compile a form of a clause, in which one space stands between two words."""
	return re.compile(text.replace("\n", ""), re.IGNORECASE)


# Said of a line and of nothing else, wherever it stands.
_of_a_line = _form(
	rf"""\b(?:disconnected|desconectad[oa]|out of service|fuera de servicio|not (?:his|hers?|theirs?) {LINE}
|{OLD} (?:(?:home|work|cell|mobile) )?{NUMBER})\b"""
).search
# Said of a line at the end of a clause: "mom's old phone", but not "old phone system".
_ends_with = _form(rf"\b(?:{OLD}(?: {LABEL})* {LINE}|{LINE}{IS} (?:{OLD}|{DEAD}|{CHANGED}){SINCE})$").search
# Said of the number, if there is nothing else of which it could be said: "old", but not "John Old".
_is_all = _form(rf"(?:{LABEL} )*(?:(?:{OLD}|{DEAD})(?: {LABEL})*|has {CHANGED}){SINCE}").fullmatch
# Another number, or another time, may be meant.
_in_doubt = re.compile(
	r"\b(?:new|nuev[oa]|instead|replac\w+|still|again|until|hasta|todavía|aún|sigue)\b", re.IGNORECASE
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


def remarks_in(text: str | None, country: str) -> Remarks:
	"""Return what a field says of its numbers. `country` is that of `phone_field.read`."""
	return _of(text, country) if has_words(text) else NOTHING


def has_words(text: str | None) -> bool:
	return isinstance(text, str) and bool(_letters(text))


@lru_cache(maxsize=1 << 14)
def _of(text: str, country: str) -> Remarks:
	gone, stops = set(), []
	for numbers, words in parts(text, country):
		is_gone, opt_outs = meaning_of(words)
		if is_gone and len(numbers) == 1:
			gone.update(numbers)
		else:
			stops += [(number, opt_out) for number in numbers for opt_out in opt_outs]
	return Remarks(frozenset(gone), tuple(stops))


@lru_cache(maxsize=1 << 12)
def meaning_of(words: str) -> tuple[bool, tuple[OptOut, ...]]:
	"""Return whether words say that their number is gone, and the opt-outs as which they are read.

	An office writes the same few words beside thousands of numbers, and reading them takes milliseconds.
	"""
	words = "".join("" if _is_name(part) else part for part in _between(words))
	plain = _no_words(" ", words)
	read = recognise(plain)
	gone = not _in_doubt(plain) and (read.outcome == WRONG_NUMBER or _says_gone(words))
	return gone, _opt_outs(words) if read.opt_out else ()


def _is_name(part: str) -> bool:
	"""Return whether this is the name of someone whose surname is a word like Stop, which is no wish.

	Each word has one capital letter, and no word but the last means anything here. "STOP", "Please Stop", and
	"Maria stop" are no names: in doubt it is a wish.
	"""
	*given, last = part.split() or [""]
	if not given or not all(word[:1].isupper() and word[1:].islower() for word in (*given, last)):
		return False
	return all(map(_may_be_given, given)) and recognise(last).opt_out


def _may_be_given(word: str) -> bool:
	plain = word.rstrip(".").lower()
	readings = (lexicon.lexicon(language).symbols(words_of(plain)) for language in ("en", "es"))
	return plain in TITLES or set(readings) == {lexicon.UNKNOWN}


def _opt_outs(words: str) -> tuple[OptOut, ...]:
	"""Return the opt-outs of these words, phrase by phrase: one may be of texts and another of some calls."""
	readings = {phrase: recognise(phrase) for phrase in _phrases(words)}
	readings = {phrase: read for phrase, read in readings.items() if read.opt_out} or {
		words: recognise(words)
	}
	return tuple(dict.fromkeys(_opt_out(phrase, read.purpose) for phrase, read in readings.items()))


def _opt_out(phrase: str, purpose: str | None) -> OptOut:
	channel = TEXT if _of_texts(phrase) and not _of_calls(phrase) else None
	if purpose in (None, EMERGENCY):
		return OptOut(ALL_NON_EMERGENCY, channel=channel)
	return OptOut(THIS_PURPOSE, purpose, channel)


def _says_gone(words: str) -> bool:
	clauses = (" ".join(_words(clause)) for clause in _clauses(words))
	return any(_of_a_line(clause) or _ends_with(clause) or _is_all(clause) for clause in clauses if clause)


def parts(text: str, country: str) -> list[tuple[tuple[str, ...], str]]:
	"""Return the numbers of each part of a field, with the words beside them.

	Words between two dividing signs belong to the number before them, or to the first one.
	"""
	whole = phone_field.read(text, country)
	pairs: list[tuple[tuple[str, ...], str]] = []
	first = ""
	for part in _divided(text):
		numbers, words = phone_field.read(part, country).named, _without_digits(part)
		if numbers:
			pairs.append((numbers, f"{first} {words}".strip()))
			first = ""
		elif pairs:
			pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}, {words}")
		else:
			first = f"{first} {words}"
	if {number for numbers, _words in pairs for number in numbers} != set(whole.named):
		return [(whole.named, _without_digits(text))]
	return pairs


def _without_digits(text: str) -> str:
	return " ".join(_no_digits(" ", text).split())
