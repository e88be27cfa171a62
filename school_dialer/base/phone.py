"""Parse phone numbers: E.164 form, country, line type and candidate time zones.

Everything here is pure and needs only the ``phonenumbers`` package. Validity, line type and time zones of a
number in the United States or Canada depend only on its first six national digits, so those facts are cached
per prefix, and a second number in the same exchange costs one dictionary lookup.

Area codes come into service each month, and the installed package may be years old: Frappe 15 pins 8.13.13.
So a code in this app's own table (``compliance/editions``) is valid even if the package does not know it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType
from phonenumbers import timezone as phone_zones

MAX_LENGTH = 64

TOLL_FREE, PREMIUM = "toll free", "premium"
LINE_TYPES = ("mobile", "landline", "unknown", TOLL_FREE, PREMIUM)

_LINE_TYPE = {
	PhoneNumberType.MOBILE: "mobile",
	PhoneNumberType.FIXED_LINE: "landline",
	PhoneNumberType.TOLL_FREE: "toll free",
	PhoneNumberType.PREMIUM_RATE: "premium",
	PhoneNumberType.SHARED_COST: "premium",
	# Such as 070 in the United Kingdom: the caller pays for the forwarding.
	PhoneNumberType.PERSONAL_NUMBER: "premium",
}
_WITHOUT_PLACE = {
	PhoneNumberType.TOLL_FREE,
	PhoneNumberType.PREMIUM_RATE,
	PhoneNumberType.SHARED_COST,
	PhoneNumberType.PERSONAL_NUMBER,
	PhoneNumberType.VOIP,
	PhoneNumberType.PAGER,
	PhoneNumberType.UAN,
	PhoneNumberType.VOICEMAIL,
}
_PARSE_ERRORS = {
	NumberParseException.INVALID_COUNTRY_CODE: "the country code is not known",
	NumberParseException.NOT_A_NUMBER: "it is not a phone number",
	NumberParseException.TOO_SHORT_AFTER_IDD: "it is too short",
	NumberParseException.TOO_SHORT_NSN: "it is too short",
	NumberParseException.TOO_LONG: "it is too long",
}
# Zone names that some systems' time zone databases no longer carry.
_RENAMED_ZONES = {
	"Africa/Asmera": "Africa/Asmara",
	"America/Buenos_Aires": "America/Argentina/Buenos_Aires",
	"America/Godthab": "America/Nuuk",
	"Asia/Calcutta": "Asia/Kolkata",
	"Asia/Choibalsan": "Asia/Ulaanbaatar",
	"Asia/Katmandu": "Asia/Kathmandu",
	"Asia/Rangoon": "Asia/Yangon",
	"Atlantic/Faeroe": "Atlantic/Faroe",
	"Pacific/Enderbury": "Pacific/Kanton",
	"Pacific/Ponape": "Pacific/Pohnpei",
	"Pacific/Truk": "Pacific/Chuuk",
}
_IMPOSSIBLE = {
	phonenumbers.ValidationResult.TOO_SHORT: "it is too short",
	phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
	phonenumbers.ValidationResult.TOO_LONG: "it is too long",
}

# Countries of code 1 where all numbers in one exchange share the same facts.
_BY_PREFIX = frozenset({"US", "CA"})
_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})
EXCHANGE_BEGINS = frozenset("23456789")
"""NANPA, Central Office Code Assignment Guidelines."""
_EXCHANGES = (234, 345, 456, 567, 678, 789, 890)

_nanp_e164 = re.compile(r"\+1([2-9][0-9]{5})[0-9]{4}").fullmatch
# The usual ways of writing a number. The library reads all others, at many times the cost.
_nanp_written = re.compile(
	r"(?:\+?1[ .-]?)?(?:\(([2-9][0-9]{2})\) ?|([2-9][0-9]{2})[ .-]?)([2-9][0-9]{2})[ .-]?([0-9]{4})"
).fullmatch
_invisible = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]").sub
_dashes = re.compile("[\u2010-\u2015\u2043\u2212\u30fc\uff0d]").sub
_plain = re.compile(r"\+?[\d\s().\-/]+").fullmatch
_extension = re.compile(
	r"[\d\s().\-/+,;]*(?:x|ext\.?|extension|#|,|;)[\s:.=]*\d+\s*#?", re.IGNORECASE
).fullmatch


class InvalidNumber(ValueError):
	"""The text is not a number that can be called.

	``reason`` says why in plain words and never repeats the number.
	"""

	def __init__(self, reason: str):
		super().__init__(reason)
		self.reason = reason

	def __reduce__(self):
		return type(self), (self.reason,)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
	"""One callable number.

	- ``country``: ISO 3166 code, or "001" for international services.
	- ``line_type``: one of LINE_TYPES; "unknown" where the numbering plan does not distinguish mobile from
	  landline, as in North America.
	- ``time_zones``: IANA names of every zone the number may be in; empty if the number does not indicate a
	  place (toll-free, premium).
	"""

	e164: str
	country: str
	line_type: str
	time_zones: tuple[str, ...]


def parse(raw: str | None, default_country: str = "US") -> PhoneNumber:
	"""Parse a number as people write it.

	``default_country`` (ISO code) applies to numbers without a country code. Raises InvalidNumber for
	anything other than exactly one complete number: text, several numbers, extensions (a robocall would ring
	the switchboard), numbers outside any numbering plan.
	"""
	if not isinstance(raw, str):
		raise InvalidNumber("no number was given")
	match = _nanp_e164(raw)
	if match:
		return _nanp_number(raw, match[1])
	if default_country in _BY_PREFIX and (match := _nanp_written(raw)):
		prefix = (match[1] or match[2]) + match[3]
		return _nanp_number(f"+1{prefix}{match[4]}", prefix)
	return _parse_text(raw, default_country if isinstance(default_country, str) else "")


def _nanp_number(e164: str, prefix: str) -> PhoneNumber:
	country, line_type, zones = _nanp_facts(prefix)
	if country not in _BY_PREFIX:
		country, line_type, zones = _nanp_facts(e164[2:]) if country else ("", "", ())
	if not country:
		raise InvalidNumber("no such number is in use")
	return PhoneNumber(e164, country, line_type, zones)


def _is_service(digits: str) -> bool:
	"""Return whether a number is a service.

	That is area code or exchange N11 (211 to 911), or exchange 976 (pay-per-call). This holds whatever the
	number data say. Source: NANPA, Central Office Code Assignment Guidelines (N11 codes); 47 CFR 64.1501 (976
	pay-per-call).
	"""
	return digits[1:3] == "11" or digits[4:6] == "11" or digits[3:6] == "976"


@lru_cache(maxsize=1 << 17)
def _nanp_facts(digits: str) -> tuple[str, str, tuple[str, ...]]:
	"""Return country, line type and zones for the digits after +1: a whole number or its first six digits.

	Country is "" for an invalid number. For a prefix outside _BY_PREFIX only the country is right.
	"""
	if _is_service(digits):
		return "", "unknown", ()
	number = phonenumbers.PhoneNumber(country_code=1, national_number=int(digits.ljust(10, "0")))
	country = phonenumbers.region_code_for_number(number) or ""
	if not country and digits[3] in EXCHANGE_BEGINS:
		country, zones = area_codes().get(digits[:3], ("", ()))
		return country, "unknown", zones
	if len(digits) == 6 and country not in _BY_PREFIX:
		return country, "unknown", ()
	return _facts(number, country)


@lru_cache(maxsize=1)
def area_codes() -> dict[str, tuple[str, tuple[str, ...]]]:
	"""Return area code -> (country, time zones) of the newest table, for the United States and Canada.

	The country of a territory is its own ISO code, as in the phonenumbers data.
	"""
	newest = max((Path(__file__).parents[1] / "compliance" / "editions").glob("*.json"))
	table = json.loads(newest.read_text(encoding="utf-8"))["area_codes"]
	return {
		code: (
			next(iter(_TERRITORIES.intersection(entry["states"])), entry["country"]),
			tuple(entry["zones"]),
		)
		for code, entry in table.items()
		if entry["country"] in _BY_PREFIX
	}


@lru_cache(maxsize=1)
def unknown_area_codes() -> tuple[str, ...]:
	"""Return the area codes of the table with numbers that the installed phonenumbers calls invalid.

	Of a territory the data list single exchanges, so that one of them is enough. Cached, since monitors ask
	every few seconds.
	"""

	def has(code: str, exchange: int) -> bool:
		number = phonenumbers.PhoneNumber(country_code=1, national_number=int(f"{code}{exchange}0142"))
		return bool(phonenumbers.region_code_for_number(number))

	def is_known(code: str, country: str) -> bool:
		if country in _TERRITORIES:
			return any(has(code, exchange) for exchange in range(200, 1000))
		return all(has(code, exchange) for exchange in _EXCHANGES)

	codes = sorted(area_codes().items())
	return tuple(code for code, (country, *_rest) in codes if not is_known(code, country))


def _facts(number: phonenumbers.PhoneNumber, country: str) -> tuple[str, str, tuple[str, ...]]:
	kind = phonenumbers.number_type(number)
	if kind == PhoneNumberType.UNKNOWN:
		return "", "unknown", ()
	zones = () if kind in _WITHOUT_PLACE else _zones(number)
	return country, _LINE_TYPE.get(kind, "unknown"), zones


def _zones(number: phonenumbers.PhoneNumber) -> tuple[str, ...]:
	if number.country_code == 1:
		zones = phone_zones.time_zones_for_geographical_number(number)
		if zones == _whole_plan_zones():
			return ()
	else:
		zones = phone_zones.time_zones_for_number(number)
	return tuple(_RENAMED_ZONES.get(zone, zone) for zone in zones if zone != "Etc/Unknown")


@lru_cache(maxsize=1)
def _whole_plan_zones() -> tuple[str, ...]:
	"""Return all zones of country code 1, which the data return for an unknown area code."""
	toll_free = phonenumbers.PhoneNumber(country_code=1, national_number=8005550142)
	return phone_zones.time_zones_for_number(toll_free)


def plain(text: str) -> str:
	"""Return the text with plain letters, digits, and dashes, and without invisible marks."""
	return _dashes("-", _invisible("", unicodedata.normalize("NFKC", text))).strip()


@lru_cache(maxsize=1 << 14)
def _parse_text(raw: str, default_country: str) -> PhoneNumber:
	if len(raw) > MAX_LENGTH:
		raise InvalidNumber("it is too long")
	text = plain(raw)
	if not text:
		raise InvalidNumber("no number was given")
	if not _plain(text):
		raise InvalidNumber("it has an extension" if _extension(text) else "it is not a phone number")
	try:
		number = phonenumbers.parse(text, default_country.upper() or None)
	except NumberParseException as error:
		raise InvalidNumber(_PARSE_ERRORS.get(error.error_type, "it is not a phone number")) from None
	e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
	match = _nanp_e164(e164)
	if match:
		return _nanp_number(e164, match[1])
	country, line_type, zones = _facts(number, phonenumbers.region_code_for_number(number) or "")
	if not country:
		result = phonenumbers.is_possible_number_with_reason(number)
		raise InvalidNumber(_IMPOSSIBLE.get(result, "no such number is in use"))
	return PhoneNumber(e164, country, line_type, zones)


def mask(number: str | None) -> str:
	"""Mask a number for people who may not see it: ``+13125550142`` becomes ``+1 ••• ••• ••42``.

	Only the country code and the last two digits stay. For text that is not a number the result is only dots.
	"""
	text = number if isinstance(number, str) else ""
	if _nanp_e164(text):
		return f"+1 ••• ••• ••{text[-2:]}"
	code = _country_code(text)
	if not code:
		return "••••"
	return f"+{code} ••• ••• ••{text[-2:]}"


def _country_code(text: str) -> str:
	if not re.fullmatch(r"\+[1-9][0-9]{7,14}", text):
		return ""
	for length in (1, 2, 3):
		if int(text[1 : 1 + length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
			return text[1 : 1 + length]
	return ""
