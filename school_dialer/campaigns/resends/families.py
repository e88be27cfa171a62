"""How many families a campaign did not reach, and what stood in the way. Pure: no Frappe here."""

from collections import Counter
from collections.abc import Hashable, Iterable

from school_dialer.base import states
from school_dialer.campaigns.call_order import UNUSABLE
from school_dialer.compliance.vocabulary import DEFERRING

VOICEMAIL, MAIL, NO_ANSWER, HOURS, STOPPED = "voicemail", "e-mail", "no answer", "hours", "stopped"
CONSENT, REFUSED, NUMBER, OTHER = "consent", "refused", "number", "other"
NEAREST_FIRST = (VOICEMAIL, MAIL, NO_ANSWER, HOURS, STOPPED, CONSENT, REFUSED, NUMBER, OTHER)
"""A family counts once, under what came nearest to telling it."""
HAVE_WORDS = (VOICEMAIL, MAIL)
"""Families that have the words already, as far as is known, and whom no one informed."""
OF_CODE = {
	"NO_CONSENT": CONSENT,
	"WRITTEN_CONSENT_REQUIRED": CONSENT,
	"CONSENT_EXPIRED": CONSENT,
	"CONSENT_STALE": CONSENT,
	"OPTED_OUT": REFUSED,
	"CARRIER_BLOCKED": REFUSED,
	"RESTRICTED_CONTACT": REFUSED,
	"INVALID_NUMBER": NUMBER,
	"UNSUPPORTED_COUNTRY": NUMBER,
	"NUMBER_REASSIGNED": NUMBER,
	"NO_TEXTS": NUMBER,
}
DEADLINE = "deadline"


def why(recipient, voicemail: bool) -> str:
	"""Return what stood in the way of this recipient.

	`recipient` has `status`, `outcome`, `reasons`, `fallback`, and `result`, that of the last call or text.
	The reasons of one who was reached are those for which others are left out.
	`voicemail`: a message was left at the number, or may have been.
	"""
	codes = [code for code in (recipient.reasons or "").split(", ") if code]
	if voicemail:
		return VOICEMAIL
	if recipient.fallback == "E-mail":
		return MAIL
	if recipient.status == states.BLOCKED or (recipient.status == states.REACHED and codes):
		return max((OF_CODE.get(code, OTHER) for code in codes), key=NEAREST_FIRST.index, default=OTHER)
	if recipient.status != states.NOT_REACHED or recipient.outcome == DEADLINE:
		return HOURS if any(code in DEFERRING for code in codes) else STOPPED
	return NUMBER if recipient.result == UNUSABLE else NO_ANSWER


class Families:
	"""Families, put together while recipients are read: who shares a student or a number is one."""

	def __init__(self) -> None:
		self._above: dict[Hashable, Hashable] = {}
		self._reasons: list[tuple[Hashable, str]] = []

	def add(self, shared: Iterable[Hashable], reason: str) -> None:
		"""Add a recipient, with what makes it one family with others. One without any is a family alone."""
		keys = list(shared) or [len(self._reasons)]
		for key in keys:
			self._above[self._top(key)] = self._top(keys[0])
		self._reasons.append((keys[0], reason))

	def _top(self, key: Hashable) -> Hashable:
		self._above.setdefault(key, key)
		while self._above[key] != key:
			self._above[key] = key = self._above[self._above[key]]
		return key

	def by_reason(self) -> Counter[str]:
		"""Return the number of families by reason. Their sum is the number of families."""
		nearest: dict[Hashable, str] = {}
		for key, reason in self._reasons:
			top = self._top(key)
			nearest[top] = min(nearest.get(top, reason), reason, key=NEAREST_FIRST.index)
		return Counter(nearest.values())
