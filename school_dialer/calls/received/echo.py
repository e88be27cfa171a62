"""Our own words in what comes back: quoted, forwarded, liked on a telephone, or returned by a robot. Pure Python.

"Reply STOP to stop." is ours in every text we send, and must never read as the person's wish.
"""

import re
from functools import cache

from school_dialer.messages.phrases import languages, table

LEAST_LITERAL = 12
"""Characters of a sentence besides its values. Shorter ones could be anyone's."""
SCOPES = ("scope_purpose", "scope_non_emergency", "scope_everything")
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


def without_sentences(body: str, identity: str) -> str:
	"""What is left without the sentences of our texts and the name that they begin with, wherever they stand. What a campaign said, and
	so anything that was not written in advance, is still there."""
	name = identity.strip()
	bare = re.sub(re.escape(name) + ":", " ", body, flags=re.IGNORECASE) if name else body
	return _own_sentences().sub(" ", bare)


def _beginning(body: str, identity: str) -> int | None:
	"""Where a text of ours begins in it."""
	name = identity.strip()
	found = re.search(re.escape(name) + ":", body, re.IGNORECASE) if name else None
	return found.start() if found else None


def _end_of_quotation(body: str, begins: int) -> int:
	"""Of a text of ours that was cut off before its last sentence: its closing quotation mark, or the end."""
	closing = max((body.find(mark, begins) for mark in '”»"」'), default=-1)
	return closing if closing > 0 else len(body)


@cache
def _own_sentences() -> re.Pattern:
	patterns = []
	for language in sorted(languages()):
		phrases = table(language)
		for key, words in phrases.items():
			literal = _VALUE.sub("", words)
			if key.startswith("text_") and len(literal) >= LEAST_LITERAL and "{label}" not in words:
				parts = [re.escape(part) for part in _VALUE.split(words)]
				patterns.append(r"[^\n]{1,160}?".join(parts).replace(r"\ ", r"\s+"))
		done = phrases["text_scope_changed"]
		patterns += [
			re.escape(done.replace("{scope}", phrases[scope])).replace(r"\ ", r"\s+") for scope in SCOPES
		]
	return re.compile("|".join(sorted(patterns, key=len, reverse=True)), re.IGNORECASE)
