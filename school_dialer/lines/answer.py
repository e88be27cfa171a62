"""What a provider answers about one number, as values. Pure Python, no Frappe.

The types of lines are those of Twilio Lookup v2 (https://www.twilio.com/docs/lookup/v2-api). A provider of
another app gives the same words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

YES, NO, NO_DATA, NO_ANSWER, NOT_ASKED = "Yes", "No", "No data", "No answer", "Not asked"
"""Whether the number belongs to someone else since the date that was asked about.

"No data" and "No answer" say nothing: they never permit a call, and they lift no block.
"""
DEFINITE = (YES, NO)
LINE_TYPES = (
	"mobile",
	"landline",
	"fixed VoIP",
	"other VoIP",
	"personal",
	"toll free",
	"premium",
	"shared cost",
	"UAN",
	"voicemail",
	"pager",
	"unknown",
)
WITHOUT_TEXTS = frozenset({"landline", "toll free", "premium", "shared cost", "UAN", "voicemail", "pager"})
"""Lines that receive no texts. Internet lines may, and "unknown" says nothing."""
LONGEST_ERROR, LONGEST_ID = 140, 64


@dataclass(frozen=True, slots=True)
class LineAnswer:
	"""One answer. `line_type` is one of LINE_TYPES, "" if it is not known. `reassigned` is one of the above.

	`provider_id` is the provider's own id of the request. `error` says why something is missing, without the
	number. `billed` is False only where the provider certainly did not answer.
	"""

	reassigned: str = NOT_ASKED
	line_type: str = ""
	provider_id: str = ""
	error: str = ""
	billed: bool = True


@dataclass(frozen=True, slots=True)
class LineFacts:
	"""What counts about a number at the gate."""

	reassigned: bool = False
	no_texts: bool = False


NOTHING_KNOWN = LineFacts()


@dataclass(frozen=True, slots=True)
class Known:
	"""One answer as it was recorded. `asked_at` is comparable with the other times of the same call."""

	asked_at: datetime
	reassigned: str
	line_type: str


def facts_of(answers: Iterable[Known], confirmed_at: datetime | None = None) -> LineFacts:
	"""Return what the answers about one number say now. Their order makes no difference.

	The latest "Yes" or "No" counts, whatever came between. A "Yes" stands until the person confirms the
	number later (`confirmed_at`): by their own answer from it, or with a signed form. The latest line type
	that is known counts.
	"""
	ordered = sorted(answers, key=lambda answer: (answer.asked_at, answer.reassigned == YES))
	definite = [answer for answer in ordered if answer.reassigned in DEFINITE]
	types = [answer.line_type for answer in ordered if answer.line_type not in ("", "unknown")]
	changed = bool(definite) and definite[-1].reassigned == YES
	lifted = changed and confirmed_at is not None and confirmed_at > definite[-1].asked_at
	return LineFacts(changed and not lifted, bool(types) and types[-1] in WITHOUT_TEXTS)


def checked(given: LineAnswer) -> LineAnswer:
	"""Return the answer with nothing that is not understood: an unknown word is no answer."""
	reassigned = (
		given.reassigned if given.reassigned in (YES, NO, NO_DATA, NO_ANSWER, NOT_ASKED) else NO_ANSWER
	)
	line_type = given.line_type if given.line_type in LINE_TYPES else ""
	return LineAnswer(
		reassigned,
		line_type,
		_short(given.provider_id, LONGEST_ID),
		_short(given.error, LONGEST_ERROR),
		given.billed is not False,
	)


def _short(text: object, longest: int) -> str:
	"""Return a line of plain text, "" for anything else."""
	if not isinstance(text, str):
		return ""
	return "".join(letter for letter in text if letter.isprintable() and letter not in "<>")[:longest]
