"""What the cells of a roster mean: dates, numbers, addresses, lists. Pure Python."""

import re
from datetime import date

from school_dialer.base.phone import InvalidNumber, parse

LONGEST = 140
"""Characters of Frappe's Data fields."""
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
"""An address as HTML's form fields take it, with a dot in its domain. No spaces, quotes, or line breaks."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,2}")
_NAME_LIKE = re.compile(r"[^\W\d_]", re.UNICODE)


def day(text: str) -> date | None:
	"""Return the date of an ISO date or date and time, or None for anything else."""
	match = _DATE.fullmatch(text)
	try:
		return date(*map(int, match.groups())) if match else None
	except ValueError:
		return None


def email(text: str) -> str | None:
	"""Return the address in lower case, "" for none, or None if it is no address."""
	if not text:
		return ""
	return text.lower() if len(text) <= LONGEST and _EMAIL.fullmatch(text) else None


def phone(text: str, country: str) -> str | None:
	"""Return the number in E.164, "" for none, or None if it cannot be called."""
	if not text:
		return ""
	try:
		return parse(text, country).e164
	except InvalidNumber:
		return None


def language(text: str) -> str | None:
	"""Return the language's code (BCP 47), "" for none, or None if it is no code."""
	if not text:
		return ""
	return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None


def name(text: str) -> str | None:
	"""Return a name, or None if it holds no letter or is too long."""
	return text if len(text) <= LONGEST and _NAME_LIKE.search(text) else None


def several(text: str) -> list[str]:
	"""Return the members of a list in one cell, in their order and once each."""
	return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
