"""What a message asks: a poll with up to five answers, the reason for an absence, whether they knew of it, or
whether the number is still right.

Pure Python.

Answers use the keys 1 to 5, so that 7, 8 and 9 still stop the calls. While a question is open, the key that
repeats the message is 0 instead of 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from school_dialer.base.wording import Wording as _
from school_dialer.messages.errors import TemplateError
from school_dialer.messages.language import base, choose
from school_dialer.messages.model import KNEW, NUMBER, POLL, REASON, TEXT, VOICE, Outgoing, Template, Words
from school_dialer.messages.phrases import language_for, languages, phrase
from school_dialer.messages.sensitivity import student_records

KINDS = (POLL, REASON, KNEW, NUMBER)
REASONS = ("reason_illness", "reason_appointment", "reason_family", "reason_other")
SPOKEN_REASON = 5
KNOWING = ("knew_yes", "knew_no")
UNAWARE = 2
"""The answer of a guardian who did not know of the absence. It also connects them to the office."""
STILL_RIGHT = ("number_yes", "number_other", "number_wrong")
RIGHT_NUMBER, OTHER_NUMBER, WRONG_NUMBER = 1, 2, 3
"""The answers about a number: it is right, it is right but another is better, it is a stranger's."""
NUMBER_PURPOSE = "General"
NUMBER_FIELDS = frozenset({"school_name", "call_back_number"})
"""What a message about a number may name. A stranger may hear it, so it names no person."""
READY = {
	REASON: ("reason_question", REASONS),
	KNEW: ("knew_question", KNOWING),
	NUMBER: ("number_question", STILL_RIGHT),
}
"""The questions that are ready in every language: their phrase, and those of their answers."""
FEWEST, MOST = 2, 5
LONGEST_QUESTION, LONGEST_ANSWER = 300, 60


@dataclass(frozen=True, slots=True)
class Question:
	"""A question in one language. ``labels`` are the answers for the keys 1, 2, ...

	``language`` is the language of the question and its labels.
	"""

	kind: str
	text: str
	labels: tuple[str, ...]
	language: str


def spoken(outgoing: Outgoing) -> Question | None:
	"""Return what is asked after the words of a call."""
	return _of(outgoing, VOICE)


def written(outgoing: Outgoing) -> Question | None:
	"""Return what a text asks.

	A question about records would disclose them, so it is only asked in calls.
	"""
	template = outgoing.template
	if template.asks not in (POLL, NUMBER) or student_records.is_about(template, outgoing.fields):
		return None
	return _of(outgoing, TEXT)


def _of(outgoing: Outgoing, variant: str) -> Question | None:
	template = outgoing.template
	choice = template.asks and choose(
		template.translations, outgoing.language, outgoing.school.language, variant
	)
	if not choice:
		return None
	if template.asks == POLL:
		words = choice.words
		return Question(POLL, words.question, words.answers, words.language)
	language = language_for(outgoing.language, choice.words.language, outgoing.school.language)
	asked, answers = READY[template.asks]
	labels = tuple(phrase(key, language) for key in answers)
	return Question(template.asks, phrase(asked, language), labels, language)


def labels(template: Template, language: str) -> tuple[str, ...]:
	"""Return the answers in words for staff, in this language if the template has it.

	Includes the spoken reason if the template asks for one.
	"""
	if template.asks in READY:
		spoken = ("reason_spoken_short",) if template.asks == REASON else ()
		return tuple(phrase(key, language_for(language)) for key in (*READY[template.asks][1], *spoken))
	return words.answers if (words := _polled(template, language)) else ()


def label(template: Template, key: int, language: str) -> str:
	return labels(template, language)[key - 1]


def asked(template: Template, language: str) -> str:
	if template.asks in READY:
		return phrase(READY[template.asks][0], language_for(language))
	return words.question if (words := _polled(template, language)) else ""


def _polled(template: Template, language: str) -> Words | None:
	having = [words for words in template.translations if template.asks and words.answers]
	same = (words for words in having if base(words.language) == base(language))
	return next(same, having[0] if having else None)


def answer_in(body: str, template: Template) -> int | None:
	"""Return the answer a text gives: its number, or exactly one of the labels in any language.

	Otherwise None.
	"""
	reply = body.strip().rstrip(".!").strip().casefold()
	if template.asks == NUMBER:
		return _number_answers().get(reply)
	for words in template.translations:
		if reply.isascii() and reply.isdecimal() and 1 <= int(reply[:3]) <= len(words.answers):
			return int(reply[:3])
		for key, answer in enumerate(words.answers, 1):
			if reply == answer.casefold():
				return key
	return None


@lru_cache(maxsize=1)
def _number_answers() -> dict[str, int]:
	"""Return what a text may say about a number, case-folded: the key, or the answer in any language.

	"No" alone is the third answer, and "yes" the first.
	"""
	numbers = {str(key): key for key in (RIGHT_NUMBER, OTHER_NUMBER, WRONG_NUMBER)}
	for language in sorted(languages()):
		answers = [phrase(key, language).casefold() for key in STILL_RIGHT]
		numbers |= dict(zip(answers, (RIGHT_NUMBER, OTHER_NUMBER, WRONG_NUMBER), strict=True))
		for mark in (",", "،", "，"):
			if mark in answers[2]:
				numbers.setdefault(answers[2].partition(mark)[0].strip(), WRONG_NUMBER)
	return numbers


def problems(template: Template) -> Iterator[tuple[str, str, str]]:
	"""Yield (language, problem, fix) for every question that cannot be asked as it is."""
	if template.asks == NUMBER:
		yield from _problems_about_number(template)
	if template.asks != POLL:
		return
	asked = [words for words in template.translations if words.voice.strip() or words.text.strip()]
	for words in asked:
		yield from _problems(words)
	if len({len(words.answers) for words in asked}) > 1:
		yield (
			"",
			_("The languages have different numbers of answers."),
			_("Give each the same answers in the same order."),
		)


def _problems_about_number(template: Template) -> Iterator[tuple[str, str, str]]:
	if template.purpose != NUMBER_PURPOSE:
		yield (
			"",
			_("Whether a number is right is asked in general messages only."),
			_("Choose the purpose General."),
		)
	try:
		names = set(template.field_names)
	except TemplateError:
		return
	for name in sorted(names - NUMBER_FIELDS):
		yield (
			"",
			_("Someone else may hear this message, so it must not name anyone: {0}.", name),
			_("Take the field out."),
		)


def _problems(words: Words) -> Iterator[tuple[str, str, str]]:
	where, question = words.language, words.question.strip()
	if not question:
		yield where, _("The question is missing."), _("Write what is asked.")
	if not FEWEST <= len(words.answers) <= MOST:
		yield (
			where,
			_("There are {0} answers.", len(words.answers)),
			_("Write {0} to {1}, one a line.", FEWEST, MOST),
		)
	if len({answer.casefold() for answer in words.answers}) < len(words.answers):
		yield where, _("An answer is there twice."), _("Change or delete one.")
	if len(question) > LONGEST_QUESTION or any(len(answer) > LONGEST_ANSWER for answer in words.answers):
		yield (
			where,
			_("The question or an answer is too long."),
			_(
				"At most {0} characters for the question and {1} for an answer.",
				LONGEST_QUESTION,
				LONGEST_ANSWER,
			),
		)
	if any(mark in text for text in (question, *words.answers) for mark in ("{{", "{%", "{#", "<")):
		yield (
			where,
			_("A question and its answers are plain words, without fields and markup."),
			_("Use fields in the words above."),
		)
