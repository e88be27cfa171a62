"""Which student records a message's words mention, whatever its purpose and its fields.

Pure Python. The words are in `topic_words`, for every language the system itself speaks. A message that
mentions a student's attendance, account or grades discloses an education record (34 CFR 99.3) even if a
person typed it: "Your child was marked absent".
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from school_dialer.messages.sensitivity.topic_words import (
	ACADEMIC,
	ATTENDANCE,
	FEES,
	VOCABULARIES,
	Vocabulary,
)

TOPICS = frozenset({ATTENDANCE, FEES, ACADEMIC})
PURPOSE_OF = {ATTENDANCE: "Attendance", FEES: "Fees", ACADEMIC: "Academic"}
MOST_CHARACTERS = 20_000

_PERSON = re.compile(r"\{\{\s*\w*(?:student|child|absent|recipient)\w*[^{}]*\}\}")
_CODE = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")
_SENTENCES = re.compile(r"[.!?;:。！？；؟؛\n]+(?=\s|$)|[。！？；؟؛\n]|\.(?=[^\W\d])")
_CLAUSE = re.compile(r"[,，،、]")
_ARABIC_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u0640\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_SAME_LETTERS = str.maketrans("أإآٱىة’‘ʼ`´", "اااايه'''''")


def topics_of(text: str, language: str = "") -> frozenset[str]:
	"""Return the topics ("attendance", "fees", "academic") that ``text`` reveals about a student or family.

	``text`` is a template's words, with or without its fields, or what a person typed. All languages are
	checked, since words are not always in the language they are filed under; ``language`` ("vi", "es-MX")
	adds spellings that would be ambiguous elsewhere. What is only hypothetical ("if your child is absent,
	call us") or general ("the attendance policy") does not reveal a record. Never raises. Text past the first
	20,000 characters is not read.
	"""
	sentences = _sentences(text)
	topics: set[str] = set()
	for code in VOCABULARIES:
		patterns = _compiled(code)
		has_patterns = code == language.lower().replace("_", "-").partition("-")[0]
		for sentence in sentences:
			topics.update(patterns.topics(sentence, has_patterns))
	return frozenset(topics)


def _sentences(text: str) -> list[str]:
	words = _CODE.sub(" ", _PERSON.sub(" child ", (text or "")[:MOST_CHARACTERS]))
	plain = _ARABIC_MARKS.sub("", unicodedata.normalize("NFKC", words)).casefold().translate(_SAME_LETTERS)
	return [sentence for part in _SENTENCES.split(plain) if (sentence := " ".join(part.split()))]


class _Patterns:
	"""A vocabulary compiled for searching."""

	def __init__(self, words: Vocabulary):
		self.child, self.supposed, self.happened = map(
			re.compile, (words.child, words.supposed, words.happened)
		)
		self.general = re.compile("|".join(words.general)) if words.general else None
		self.alone, self.about_child, self.unmarked = (
			{topic: _any(patterns) for topic, patterns in table.items()}
			for table in (words.alone, words.about_child, words.unmarked)
		)

	def topics(self, sentence: str, has_patterns: bool) -> Iterable[str]:
		if self.general:
			sentence = self.general.sub(" ", sentence)
		tables = [self.alone]
		if self.child.search(sentence):
			tables.append(self.about_child)
		if has_patterns:
			tables.append(self.unmarked)
		for table in tables:
			for topic, pattern in table.items():
				if any(not self.only_supposed(sentence, match) for match in pattern.finditer(sentence)):
					yield topic

	def only_supposed(self, sentence: str, match: re.Match) -> bool:
		"""Return whether the match is in a clause that says "if" and not that it happened."""
		clause_before = _CLAUSE.split(sentence[: match.start()])[-1]
		clause_after = _CLAUSE.split(sentence[match.start() :])[0]
		if not self.supposed.search(clause_before):
			return False
		return not self.happened.search(clause_before + clause_after)


def _any(patterns: Iterable[str]) -> re.Pattern:
	return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@cache
def _compiled(code: str) -> _Patterns:
	return _Patterns(VOCABULARIES[code])
