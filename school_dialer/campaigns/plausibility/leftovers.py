"""What was to be filled in and was not, details without words, and words that only try the system."""

import re
from collections.abc import Iterator

from school_dialer.campaigns.plausibility import dates
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import EMPTY, PLACEHOLDER, TEST, Finding, quoted

MOST_CHARACTERS = 20_000
LEAST = 10
_TO_FILL_IN = re.compile(
	r"\[[^\[\]\n\d]{1,40}\]|<[^\W\d][^<>\n]{0,39}>|\{[^{}\n]{1,40}\}|_{3,}|\bX{3,}\b|\bXX\s?[:/.-]\s?XX\b"
	r"|\bTODO\b|\bFIXME\b|(?i:\blorem ipsum\b|\binsert (?:the )?(?:date|time|name|place|text|reason|school)\b"
	r"|\b(?:date|time|name|place|text|school) here\b|\b(?:fecha|hora|nombre|lugar|texto) aqu[ií]\b)"
)
_FIELD = re.compile(r"\{\{[^{}]{0,80}\}\}|\{%[^{}]{0,80}%\}")
_TEST = re.compile(
	r"(?:this is (?:only |just )?(?:a )?)?test(?:ing)?(?: (?:message|call|text|please ignore|\d+))*"
	r"|asdf\w*|foo|bar"
	r"|(?:esto? es (?:solo )?(?:una )?)?prueba(?: (?:por favor ignore|\d+))*"
	r"|thử(?: nghiệm)?|kiểm tra|测试|測試|تجربة|اختبار",
	re.IGNORECASE,
)


def look(facts: Facts) -> Iterator[Finding]:
	for detail in facts.details:
		if field := _FIELD.search(detail.text[:MOST_CHARACTERS]):
			yield Finding(PLACEHOLDER, (quoted(field.group()),))
		if len([mark for mark in detail.text if mark.isalnum()]) < 2:
			yield Finding(EMPTY, (quoted(detail.text),))
	for written in facts.texts:
		if left := placeholder(written.text):
			yield Finding(PLACEHOLDER, (quoted(left),))
		if is_test(written.text) and facts.people >= LEAST:
			yield Finding(TEST, (quoted(written.text), facts.people))


def placeholder(text: str) -> str | None:
	"""Return the first thing to fill in of a template's words or of details, as written."""
	blank = _TO_FILL_IN.search(_FIELD.sub(" ", text[:MOST_CHARACTERS]))
	return blank.group() if blank else None


def is_test(text: str) -> bool:
	words = " ".join(
		"".join(mark if mark.isalnum() else " " for mark in dates.normalized(text[:200])).split()
	)
	return bool(_TEST.fullmatch(words))
