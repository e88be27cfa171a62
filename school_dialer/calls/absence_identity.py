"""Who reports an absence, by phone or on the page: the guardian, not just someone who holds the phone.

A guardian with a PIN proves themselves with it, and with nothing else: people who share the phone may know a
birth date. A guardian without one enters the birth date of one of their children. Wrong tries are counted by
person and day (PIN), or by number and day (birth date), over all ways in.
"""

from datetime import date

from school_dialer.audience.base import country_code
from school_dialer.calls import pins
from school_dialer.consent.choices import rate_limits
from school_dialer.inbound.absences.reporter import Reporter
from school_dialer.messages.spoken.ivr_state import LOCKED, NO_PIN, RIGHT, WRONG

BY_PIN, BY_BIRTH_DATE, BY_OFFICE = "PIN", "birth date", "office"
"""How a guardian proves who they are. BY_OFFICE: in neither way, now."""
BIRTH_DIGITS = 8
TRIES_A_DAY, DAY = 6, 24 * 3600
KIND = "birth date"
MONTH_FIRST = ("US", "PH", "PR", "GU", "VI", "AS", "MP")
"""Countries that write a date with the month first."""


def way_to_identify(who: Reporter) -> str:
	"""Return how this guardian proves who they are now."""
	pin_state = pins.refusal("Guardian", who.guardian)
	if not pin_state:
		return BY_PIN
	if pin_state != NO_PIN or not any(child.born for child in who.children):
		return BY_OFFICE
	return BY_BIRTH_DATE


def check_pin(who: Reporter, secret: str) -> str:
	"""Return RIGHT, WRONG or LOCKED for a PIN, and count a wrong one."""
	return pins.check_pin("Guardian", who.guardian, secret)


def check_birth_date(who: Reporter, born: date | None) -> str:
	"""Return RIGHT, WRONG or LOCKED for a birth date, and count the try."""
	if rate_limits.over(KIND, who.phone, TRIES_A_DAY, DAY):
		return LOCKED
	if born and any(child.born == born for child in who.children):
		rate_limits.forget(KIND, who.phone, DAY)
		return RIGHT
	return WRONG


def month_first() -> bool:
	return country_code() in MONTH_FIRST


def date_of(digits: str) -> date | None:
	"""Return the date that eight digits mean, in the order of the school's country, or None."""
	if not (len(digits) == BIRTH_DIGITS and digits.isascii() and digits.isdecimal()):
		return None
	first, second, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
	month, day = (first, second) if month_first() else (second, first)
	try:
		return date(year, month, day)
	except ValueError:
		return None
