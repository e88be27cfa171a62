"""Phone numbers as written on record."""

from school_dialer.phone import InvalidNumber, parse


def first_numbers(*numbers: str | None) -> tuple[str, ...]:
	return tuple(dict.fromkeys(number.strip() for number in numbers if number and number.strip()))


def e164(raw: str) -> str:
	"""Return the number in E.164, or "" if it is not a phone number."""
	try:
		return parse(raw).e164
	except InvalidNumber:
		return ""
