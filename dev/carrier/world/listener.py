"""A person on the phone: what they hear, which keys they press and when, and when they hang up."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from dev.carrier.line.ear import part, speech_seconds
from dev.carrier.world.behaviour import Voice

# "again" in the languages a school may speak; the key nearest to it is the one that repeats.
REPEAT_WORDS = re.compile(
	r"repeat|again|repetir|repita|de nuevo|otra vez|volver a|répéter|à nouveau|lặp lại|nghe lại|"
	r"重复|重複|重听|重聽|再听|再聽|إعادة|تكرار|مرة أخرى",
	re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。！？؟]")
KEY = re.compile(r"(?<![0-9A-Za-z.:$])[0-9*#](?![0-9A-Za-z]|[.:][0-9])")
NAMED_KEYS = {
	name: key
	for key, names in {
		"*": ("star", "asterisco"),
		"#": ("pound", "hash"),
		"0": ("zero",),
		"1": ("one",),
		"2": ("two",),
		"3": ("three",),
		"4": ("four",),
		"5": ("five",),
		"6": ("six",),
		"7": ("seven",),
		"8": ("eight",),
		"9": ("nine",),
	}.items()
	for name in names
}
PRESS_WORDS = re.compile(r"press|oprim|marque|bấm|按|اضغط|الضغط", re.IGNORECASE)
PIN_WORD = re.compile(r"\bPIN\b|密码|الرقم السري|رقمك السري")
NOT_CHOICES = "06789*#"
"""Keys that repeat, stop the calls, or end a number."""
MOST_FOLLOWED = 6
KEY_NAME = re.compile(rf"\b(?:{'|'.join(NAMED_KEYS)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Spoken:
	"""Speech into a <Record>: its whole seconds, and its words if they are known."""

	seconds: int
	words: str = ""

	def first(self, seconds: int) -> Spoken:
		"""Return what was spoken in the first seconds."""
		if seconds >= self.seconds:
			return self
		return Spoken(seconds, part(self.words, 0, seconds / self.seconds))


class Listener:
	def __init__(self, voice: Voice):
		self.voice = voice
		self.heard: list[str] = []
		self.languages: list[str] = []
		self._keys = list(voice.digits) if not isinstance(voice.digits, str) else None
		self._stream = voice.digits if isinstance(voice.digits, str) else ""
		self._says = list(voice.says)
		self._asked_again = False
		self._since = 0
		self._followed = 0
		self._chosen = False

	def hear(self, sentence: str, language: str) -> float:
		"""Hear a sentence and return the simulated seconds it takes."""
		self.heard.append(sentence)
		self.languages.append(language)
		return speech_seconds(sentence)

	def speak(self, longest: int) -> Spoken:
		"""Return what is said into a recording of at most ``longest`` seconds."""
		said = self._says.pop(0) if len(self._says) > 1 else self._says[0]
		if isinstance(said, int):
			return Spoken(said).first(longest)
		return Spoken(max(1, math.ceil(speech_seconds(said))), said).first(longest)

	def leaves_in(self, verb: str) -> bool:
		"""Return whether the person hangs up in the middle of such a verb."""
		return self.voice.hangs_up_in == verb

	@property
	def had_enough(self) -> bool:
		"""Whether the person hangs up now."""
		at = self.voice.leaves_at.casefold()
		if at and self.heard and at in self.heard[-1].casefold():
			return True
		return self.voice.behaviour == "hangs up" and self._after_reached

	@property
	def impatient(self) -> bool:
		"""Whether the person presses a key now, without hearing the rest."""
		return self.voice.behaviour in ("presses", "repeats") and self._after_reached

	@property
	def _after_reached(self) -> bool:
		return self.voice.after is not None and len(self.heard) >= self.voice.after

	def press(self, limit: int | None, finish_on: str) -> tuple[str, str]:
		"""Return the keys pressed into a Gather, and the key of ``finish_on`` that ended the input, if any.

		The Gather takes ``limit`` keys (None: any number). ("", "") means that no key was pressed.
		"""
		if self.voice.behaviour == "repeats" and not self._asked_again:
			self._asked_again = True
			keys = repeat_key(self.heard) or "2"
		elif self.voice.behaviour in ("presses", "repeats"):
			keys = self._key_for_words()
			keys = self._next_keys(limit) if keys is None else keys
		elif self.voice.behaviour == "follows":
			keys = self._followed_key()
		elif self.voice.behaviour == "screens" and not self._asked_again:
			self._asked_again = True
			keys = "1"
		else:
			return "", ""
		taken = ""
		for key in keys:
			if key in finish_on:
				return taken, key
			taken += key
			if limit and len(taken) == limit:
				break
		return taken, ""

	def _followed_key(self) -> str:
		"""Return the key that the words since the last one ask for, up to MOST_FOLLOWED times.

		A person who has chosen an answer does not choose again.
		"""
		said, self._since = self.heard[self._since :], len(self.heard)
		self._followed += 1
		if self._followed > MOST_FOLLOWED:
			return ""
		if any(PIN_WORD.search(sentence) for sentence in said):
			return f"{self.voice.pin}#" if self.voice.pin else ""
		offered = choices(said)
		if not offered or (len(offered) > 1 and self._chosen):
			return ""
		self._chosen = self._chosen or len(offered) > 1
		return offered[min(self.voice.choice, len(offered) - 1)]

	def _key_for_words(self) -> str | None:
		"""Return the keys that ``when`` has for what was heard since the last ones, or None.

		After MOST_FOLLOWED times no key is pressed any more, so that a menu that comes back to itself ends.
		"""
		if not self.voice.when:
			return None
		said, self._since = " ".join(self.heard[self._since :]).casefold(), len(self.heard)
		self._followed += 1
		if self._followed > MOST_FOLLOWED:
			return ""
		return next((keys for words, keys in self.voice.when.items() if words.casefold() in said), None)

	def _next_keys(self, limit: int | None) -> str:
		if self._keys is not None:
			return self._keys.pop(0) if self._keys else ""
		size = limit or len(self._stream)
		keys, self._stream = self._stream[:size], self._stream[size:]
		return keys


def choices(sentences: list[str]) -> list[str]:
	"""Return the keys that the words offer for an answer or a confirmation, in order, without duplicates."""
	keys = [
		key.group()
		for spoken in sentences
		for sentence in SENTENCE_END.split(spoken)
		if PRESS_WORDS.search(sentence) and not REPEAT_WORDS.search(sentence)
		for key in KEY.finditer(sentence)
		if key.group() not in NOT_CHOICES
	]
	return list(dict.fromkeys(keys))


def repeat_key(sentences: list[str]) -> str | None:
	"""Return the key that the spoken words offer for hearing them again, or None."""
	for sentence in reversed([one for spoken in sentences for one in SENTENCE_END.split(spoken)]):
		word = REPEAT_WORDS.search(sentence)
		keys = list(KEY.finditer(sentence)) or list(KEY_NAME.finditer(sentence))
		if word and keys:
			where = word.start()
			key = min(keys, key=lambda found: abs(found.start() - where)).group().lower()
			return NAMED_KEYS.get(key, key)
	return None
