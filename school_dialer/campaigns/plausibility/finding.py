"""What a check found. Pure Python."""

from dataclasses import dataclass
from datetime import date, datetime

LONGEST_QUOTE = 80

SIZE, ROUTE, NOT_CHOSEN, PRESENT = "SIZE", "ROUTE", "NOT_CHOSEN", "PRESENT"
PAST, WEEKDAY, NO_SUCH_DAY, RELATIVE = "PAST", "WEEKDAY", "NO_SUCH_DAY", "RELATIVE"
NIGHT, LATER_DAY, EARLIER_DAY = "NIGHT", "LATER_DAY", "EARLIER_DAY"
RECORDING, REPEATED = "RECORDING", "REPEATED"
LINK, PLACEHOLDER, EMPTY, TEST, SCHOOL_NAME = "LINK", "PLACEHOLDER", "EMPTY", "TEST", "SCHOOL_NAME"
UNCHECKED, OUTDATED, TRIED = "UNCHECKED", "OUTDATED", "TRIED"


@dataclass(frozen=True, slots=True)
class Finding:
	"""One question.

	- `code`: which check asks.
	- `values`: what its sentence says (`sentences`): quotes, numbers, days, codes of languages. None is in
	  the user's language, since a scheduled start has no user, and an approver may read another one.
	- `second_person`: whether a second person has to approve the campaign.
	"""

	code: str
	values: tuple[str | int | date | datetime, ...] = ()
	second_person: bool = False

	@property
	def key(self) -> str:
		"""The identity of the question. Another number or another quote is another question."""
		return ":".join((self.code, *map(str, self.values)))


def quoted(text: str) -> str:
	"""Return what the words say on one line, short enough for a sentence."""
	line = " ".join(text.split())
	return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"
