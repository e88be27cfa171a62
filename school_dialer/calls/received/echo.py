"""Find our own words in a text we receive: quoted, forwarded, liked on a phone, or returned by a robot.

Pure Python. Every text we send says "Reply STOP to stop.", which must never read as the person's request.
"""

import re
from functools import cache

from school_dialer.messages.phrases import languages, table

LEAST_LITERAL = 12
"""Minimum characters in a sentence besides its values. A shorter sentence could be anyone's."""
SCOPES = ("scope_purpose", "scope_school", "scope_non_emergency", "scope_everything")
FORMER = (
	"You get no more automated calls or texts, emergencies excepted.",
	"Reply 1 to stop only this kind, 3 to stop all, emergencies too.",
)
"""Sentences of texts that are on people's phones and are not sent any more."""
CODE = r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}"
"""A receipt's code (`receipts.codes`)."""
_VALUE = re.compile(r"\{\w+\}")
_QUOTES = "\"'“”„«»「」‘’ \t\n>"
_REACTIONS = re.compile(
	r"^\s*(?:liked|loved|disliked|emphasi[sz]ed|questioned|laughed at|reacted \S+ to"
	r"|removed an? \w+ from|\W{1,12} to"
	r"|le gust[oó]|le encant[oó]|me gusta|reaccion[oó] \S+ a)?\s*:?\s*$",
	re.IGNORECASE,
)


def without_ours(body: str, identity: str) -> str:
	"""Return what the person added to our words: "" if they added nothing.

	`identity` is how our texts begin ("Riverside Elementary").
	"""
	spans = [match.span() for match in _own_sentences().finditer(body)]
	begins = _beginning(body, identity)
	if begins is None and not spans:
		return body
	if begins is None:
		return _own_sentences().sub(" ", body).strip(_QUOTES)
	until = spans[-1][1] if spans and spans[-1][1] > begins else _end_of_quotation(body, begins)
	before, after = body[:begins].strip(_QUOTES), body[until:].strip(_QUOTES)
	return after if _REACTIONS.match(before) else f"{before}\n{after}".strip()


def addressed(body: str, identity: str) -> tuple[str, bool]:
	"""Return what follows the school's name, and whether our own sentences are among it.

	Return "" and False unless the text begins with the name itself, as our texts do, and as a person may who
	addresses the school. A quotation or a reaction to one of our texts begins otherwise.
	"""
	if _beginning(body.lstrip(), identity) != 0:
		return "", False
	rest = " ".join(without_sentences(body, identity).split())
	return rest, bool(_own_sentences().search(body))


def without_sentences(body: str, identity: str) -> str:
	"""Return the body without our texts' fixed sentences and the name they begin with.

	What a campaign said, and so anything that was not written in advance, is still there.
	"""
	name = identity.strip()
	bare = re.sub(re.escape(name) + ":", " ", body, flags=re.IGNORECASE) if name else body
	return _own_sentences().sub(" ", bare)


def _beginning(body: str, identity: str) -> int | None:
	"""Return the index at which one of our texts begins in the body, or None."""
	name = identity.strip()
	match = re.search(re.escape(name) + ":", body, re.IGNORECASE) if name else None
	return match.start() if match else None


def _end_of_quotation(body: str, begins: int) -> int:
	"""Return where the quotation of our text ends if it was cut off before its last sentence: at its closing
	quotation mark, or else at the end of the body.
	"""
	closing = max((body.find(mark, begins) for mark in '”»"」'), default=-1)
	return closing if closing > 0 else len(body)


@cache
def _own_sentences() -> re.Pattern:
	patterns, labels = [_pattern(words) for words in FORMER], []
	for language in sorted(languages()):
		phrases = table(language)
		for key, words in phrases.items():
			literal = _VALUE.sub("", words)
			kept = key.startswith("text_") and "{label}" not in words and "{code}" not in words
			if kept and len(literal) >= LEAST_LITERAL:
				patterns.append(_pattern(words))
		labels.append(re.escape(phrases["text_receipt"].removesuffix("{code}")))
		done = phrases["text_scope_changed"]
		patterns += [_pattern(done.replace("{scope}", phrases[scope])) for scope in SCOPES]
	patterns.append(rf"(?<=[.。]\s)(?:>\s*)?(?:{'|'.join(labels)})?{CODE}\b")
	return re.compile("|".join(sorted(patterns, key=len, reverse=True)), re.IGNORECASE)


def _pattern(words: str) -> str:
	"""Return an expression for a phrase with any values in it, whatever space its words are apart."""
	parts = [re.escape(part) for part in _VALUE.split(words)]
	return r"[^\n]{1,160}?".join(parts).replace(r"\ ", r"\s+")
