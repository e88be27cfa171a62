"""Our own words in what comes back: quoted, forwarded, liked on a telephone, or returned by a robot. Pure Python.

"Reply STOP to stop." is ours in every text we send, and must never read as the person's wish.
"""

import re
from functools import cache

from school_dialer.messages.phrases import languages, table

LEAST_LITERAL = 12
"""Characters of a sentence besides its values. Shorter ones could be anyone's."""
_VALUE = re.compile(r"\{\w+\}")
_QUOTES = "\"'“”„«»「」‘’ \t\n>"
_REACTIONS = re.compile(
	r"^\s*(?:liked|loved|disliked|emphasi[sz]ed|questioned|laughed at|reacted \S+ to|removed an? \w+ from|\W{1,12} to"
	r"|le gust[oó]|le encant[oó]|me gusta|reaccion[oó] \S+ a)?\s*:?\s*$",
	re.IGNORECASE,
)


def without_ours(body: str, identity: str) -> str:
	"""What the person added to our words: "" when all of it is ours. ``identity`` is how our texts begin ("Riverside Elementary")."""
	spans = [match.span() for match in _own_sentences().finditer(body)]
	begins = _beginning(body, identity)
	if begins is None and not spans:
		return body
	if begins is None:
		return _own_sentences().sub(" ", body).strip(_QUOTES)
	until = spans[-1][1] if spans and spans[-1][1] > begins else _end_of_quotation(body, begins)
	before, after = body[:begins].strip(_QUOTES), body[until:].strip(_QUOTES)
	return after if _REACTIONS.match(before) else f"{before}\n{after}".strip()


def _beginning(body: str, identity: str) -> int | None:
	"""Where a text of ours begins in it."""
	name = identity.strip()
	if not name:
		return None
	at = body.casefold().find(f"{name.casefold()}:")
	return at if at >= 0 else None


def _end_of_quotation(body: str, begins: int) -> int:
	"""Of a text of ours that was cut off before its last sentence: its closing quotation mark, or the end."""
	closing = max((body.find(mark, begins) for mark in '”»"」'), default=-1)
	return closing if closing > 0 else len(body)


@cache
def _own_sentences() -> re.Pattern:
	patterns = []
	for language in sorted(languages()):
		for key, words in table(language).items():
			literal = _VALUE.sub("", words)
			if key.startswith("text_") and len(literal) >= LEAST_LITERAL and "{label}" not in words:
				parts = [re.escape(part) for part in _VALUE.split(words)]
				patterns.append(r"[^\n]{1,160}?".join(parts).replace(r"\ ", r"\s+"))
	return re.compile("|".join(sorted(patterns, key=len, reverse=True)), re.IGNORECASE)
