"""One spelling for words that a language's speakers write in several ways. Pure Python.

Hindi and Urdu in Latin letters have no fixed spelling, and Somali and Haitian Creole writers double letters
at will: `karein`, `karain` and `karen` are one word. The lexicon and the message are folded alike.
"""

import re
from collections.abc import Iterable

_SAME = {
	"hi": (
		("aa", "a"),
		("ee", "i"),
		("oo", "u"),
		("(?:ay|ai|ae|ei|ey)", "e"),
		("au|ou", "o"),
		("chh", "ch"),
		("ph", "f"),
		("gh", "g"),
		("w", "v"),
		("z", "j"),
		("q", "k"),
		("([bcdfgjklmnprstvy])\\1", "\\1"),
		("(?<=[bcdfgjkprst]..[aei])n$|(?<=[a-z]{3}e)n$|(?<=[aiu])h$", ""),
	),
	"so": (("kh", "q"), ("([a-z])\\1", "\\1"), ("^nambar|^number|^numbar", "lambar")),
	"ht": (("([b-df-hj-np-tv-z])\\1", "\\1"), ("ro", "wo"), ("n(?=[bp])", "m")),
}
_RULES = {name: [(re.compile(old), new) for old, new in rules] for name, rules in _SAME.items()}
# Short and joined spellings used in texts, as whole words.
_CHAT = {
	"pt": "n=nao naum=nao naun=nao eh=e q=que vcs=voces vc=voce ces=voces tao=estao ta=esta to=estou "
	"tou=estou nr=numero nro=numero hj=hoje pq=porque msm=mesmo",
	"fr": "pu=plus pus=plus pa=pas jsuis=suis chuis=suis chui=suis chu=suis jconnais=connais jai=ai "
	"jcrois=crois cest=est num=numero ke=que ki=qui",
	"ht": "mwen=m mw=m mwn=m mwenm=m mwem=m ankor=anko ankr=anko encore=anko "
	"numewo=nimewo numero=nimewo nimro=nimewo limewo=nimewo nimero=nimewo nemewo=nimewo pas=pa "
	"timoune=timoun ekol=lekol lecole=lekol",
}
_WORDS = {name: dict(pair.split("=") for pair in listed.split()) for name, listed in _CHAT.items()}
# Spanish letters that sound alike.
_SOUNDS = [
	(re.compile(old), new)
	for old, new in (
		("h", ""),
		("ll", "y"),
		("qu|k", "c"),
		("c(?=[ei])", "s"),
		("z", "s"),
		("v", "b"),
		("g(?=[ei])", "j"),
		("x", "j"),
		("nb", "mb"),
		("nv", "mb"),
		("ui", "i"),
		("([a-z])\\1", "\\1"),
	)
]


def folded(language: str, tokens: list[str]) -> list[str]:
	"""Return the tokens in the one spelling that `language` is read in."""
	rules, words = _RULES.get(language, []), _WORDS.get(language, {})
	return [words.get(token) or _fold(rules, token) for token in tokens] if rules or words else tokens


def _fold(rules: list[tuple[re.Pattern, str]], token: str) -> str:
	if not token.isascii() or len(token) < 4 or len(token) > 20:
		return token
	for old, new in rules:
		token = old.sub(new, token)
	return token


class Slips:
	"""Correct unknown words: typos or, in Spanish, words that sound alike.

	`words` are the possible corrections.
	"""

	def __init__(self, language: str, words: Iterable[str]):
		self.sounds = _SOUNDS if language == "es" else []
		self.by_sound: dict[str, str] = {}
		self.by_part: dict[str, list[str]] = {}
		for word in sorted(words):
			if len(word) > 3 and self.sounds:
				self.by_sound.setdefault(_fold(self.sounds, word), word)
			if len(word) > 3:
				for part in _parts(word):
					self.by_part.setdefault(part, []).append(word)

	def corrected(self, token: str) -> str:
		"""Return the intended word, or `token` itself."""
		if not 4 <= len(token) <= 16:
			return token
		heard = self.by_sound.get(_fold(self.sounds, token)) if self.sounds else None
		if heard:
			return heard
		close = {word for part in _parts(token) for word in self.by_part.get(part, ())}
		return min((word for word in close if _is_slip(token, word)), default=token)


def _parts(word: str) -> set[str]:
	"""Return the word, and each form of it with one letter removed."""
	return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def _is_slip(token: str, word: str) -> bool:
	"""Return whether `token` is a typo of `word`.

	Two letters are swapped, or in longer words one letter is missing, extra or different. A different ending
	is grammar, not a typo.
	"""
	if token[0] != word[0]:
		return False
	if sorted(token) == sorted(word):
		return True
	if len(token) != len(word):
		return len(word) > 4 and token[-1] == word[-1]
	return len(word) > 6 and token[-2:] == word[-2:]
