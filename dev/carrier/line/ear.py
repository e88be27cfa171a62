"""What reaches the far end of a call: the words a person heard, or a machine recorded after its beep."""

from __future__ import annotations

import math
import time

WORDS_PER_SECOND = 2.5
NEVER = math.inf


def speech_seconds(sentence: str) -> float:
	"""Return the simulated seconds that a sentence takes at WORDS_PER_SECOND.

	Chinese and similar scripts have no spaces; there, two characters count as a word.
	"""
	words = max(len(sentence.split()), sum(letter > "\u2e7f" for letter in sentence) / 2)
	return words / WORDS_PER_SECOND


def part(sentence: str, start: float, end: float) -> str:
	"""Return the words that lie wholly between two fractions of a sentence's time.

	For example, part("a b c d", 0.4, 1) is "c d".
	"""
	spaced = len(sentence.split()) > 1
	units = sentence.split() if spaced else list(sentence)
	# A small tolerance: 0.3 of ten words is three words, despite rounding in binary fractions.
	first, last = math.ceil(start * len(units) - 1e-9), math.floor(end * len(units) + 1e-9)
	return (" " if spaced else "").join(units[max(0, first) : max(0, last)])


class Ear:
	"""The far end's ear, open from ``opens_at`` seconds after the call was answered.

	That is 0 for a person, the end of the greeting for a machine, and NEVER for a fax or a machine that does
	not record.
	"""

	def __init__(self, opens_at: float = 0.0, speed: float = 1.0):
		self.opens_at = opens_at
		self.speed = speed
		self.spoken: list[str] = []
		self.taken: list[str] = []
		self.seconds = 0.0
		self._current: tuple[str, float, float, bool, float] | None = None

	def begin(self, sentence: str, at: float, seconds: float, ours: bool = True) -> None:
		"""Begin a sentence ``at`` seconds into the call that will take ``seconds``.

		The carrier's own words are not ``ours``: they are heard but do not count as seconds of speech.
		"""
		self.end()
		self.spoken.append(sentence)
		self._current = (sentence, at, seconds, ours, time.monotonic())

	def sound(self, since: float, until: float) -> None:
		"""Count a sound played between these seconds of the call: it counts like speech and has no words."""
		self.seconds += max(0.0, until - max(since, self.opens_at))

	def end(self, spoken: float | None = None) -> str:
		"""End the sentence and return the part that arrived.

		``spoken`` is after how many of its seconds it was cut (None: as many as have passed).
		"""
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
