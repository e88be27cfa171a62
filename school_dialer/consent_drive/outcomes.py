"""Which adult of a family a drive asks, or why it asks none. Pure.

A family that can be called is not asked. Otherwise the first adult in call order is asked whose consent has
lapsed, or else the first who was never asked. An adult who opted out of the drive's purpose on its channel,
or whose number is known to be a stranger's, is not asked, and neither is one who declined a request before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from school_dialer.reporting.coverage import CONSENTED, LAPSED, NO_NUMBER, NOT_ASKED, STANDINGS, STOPPED

LAPSING = "lapsing"
REFUSED = "refused"
NO_ONE = "no_one"
"""No adult on record may be called about the student."""
OUTCOMES = (CONSENTED, LAPSING, LAPSED, NOT_ASKED, NO_NUMBER, REFUSED, NO_ONE)


@dataclass(frozen=True, slots=True)
class Standing:
	"""One adult: the standing of the best number now and on the day before which consents are renewed."""

	now: str
	later: str
	declined: bool = False

	@property
	def refused(self) -> bool:
		return self.declined or self.now == STOPPED


def of_family(adults: Sequence[Standing]) -> tuple[str, int | None]:
	"""Return the outcome, and the place of the adult to ask, or None if there is none.

	`adults` are in call order.
	"""
	if not adults:
		return NO_ONE, None
	agreed = [place for place, adult in enumerate(adults) if adult.now == CONSENTED]
	if agreed:
		lasting = any(adults[place].later == CONSENTED for place in agreed)
		asked = next((place for place in agreed if not adults[place].declined), None)
		return (CONSENTED, None) if lasting or asked is None else (LAPSING, asked)
	left = [place for place, adult in enumerate(adults) if not adult.refused]
	if not left:
		return REFUSED, None
	best = min(left, key=lambda place: (STANDINGS.index(adults[place].now), place))
	return adults[best].now, None if adults[best].now == NO_NUMBER else best
