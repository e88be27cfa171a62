"""What reaches the far end of a call: the words a person heard, or a machine recorded after its beep."""

from __future__ import annotations

import math
import time

WORDS_PER_SECOND = 2.5
NEVER = math.inf


def speech_seconds(sentence: str) -> float:
	"""Simulated seconds a sentence takes at WORDS_PER_SECOND. Chinese and the like do without spaces: two letters count
	as a word there."""
	words = max(len(sentence.split()), sum(letter > "\u2e7f" for letter in sentence) / 2)
	return words / WORDS_PER_SECOND


def part(sentence: str, start: float, end: float) -> str:
	"""The words of a sentence that are whole between two fractions of its time: part("a b c d", 0.4, 1) is "c d"."""
	spaced = len(sentence.split()) > 1
	units = sentence.split() if spaced else list(sentence)
	# A hair of tolerance: 0.3 of ten words is three words, whatever binary fractions make of it.
	first, last = math.ceil(start * len(units) - 1e-9), math.floor(end * len(units) + 1e-9)
	return (" " if spaced else "").join(units[max(0, first) : max(0, last)])


class Ear:
	"""Open from ``opens_at`` seconds after the call was answered: 0 for a person, the end of the greeting for a
	machine, NEVER for a fax or a machine that does not record."""

	def __init__(self, opens_at: float = 0.0, speed: float = 1.0):
		self.opens_at = opens_at
		self.speed = speed
		self.spoken: list[str] = []
		self.taken: list[str] = []
		self.seconds = 0.0
		self._current: tuple[str, float, float, bool, float] | None = None

	def begin(self, sentence: str, at: float, seconds: float, ours: bool = True) -> None:
		"""A sentence begins ``at`` seconds into the call and will take ``seconds``. The carrier's own words are not ``ours``:
		they are heard, and count as no second of speech."""
		self.end()
		self.spoken.append(sentence)
		self._current = (sentence, at, seconds, ours, time.monotonic())

	def sound(self, since: float, until: float) -> None:
		"""A sound was played between these seconds of the call: it counts like speech, and has no words."""
		self.seconds += max(0.0, until - max(since, self.opens_at))

	def end(self, spoken: float | None = None) -> str:
		"""The sentence is over, or cut after ``spoken`` of its seconds (None: as many as have passed). Returns what of it
		arrived."""
		if self._current is None:
			return ""
		sentence, at, seconds, ours, began = self._current
		self._current = None
		passed = (time.monotonic() - began) * self.speed if spoken is None else spoken
		until = at + min(passed, seconds)
		since = min(max(at, self.opens_at), until)
		if not seconds or since >= until:
			return ""
		self.seconds += (until - since) * ours
		arrived = part(sentence, (since - at) / seconds, (until - at) / seconds)
		if arrived:
			self.taken.append(arrived)
		return arrived
