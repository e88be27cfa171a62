"""phone.py: what is read as a number, what is refused, and what masked numbers show."""

import copy
import pickle
import random
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType
from phonenumbers import timezone as phone_zones

from school_dialer.base import phone


@pytest.mark.parametrize(
	"raw",
	[
		"+13125550142",
		"(312) 555-0142",
		"312.555.0142",
		"1-312-555-0142",
		" +1 312 555 0142 ",
		"\u202a+1\u00a0312\u2011555\u20110142\u202c",
		"٣١٢٥٥٥٠١٤٢",
		"３１２－５５５－０１４２",
	],
)
def test_the_ways_people_write_one_number(raw):
	number = phone.parse(raw)
	assert number == phone.PhoneNumber("+13125550142", "US", "unknown", ("America/Chicago",))


@pytest.mark.parametrize(
	"raw, reason",
	[
		(None, "no number was given"),
		("", "no number was given"),
		("   \u200b", "no number was given"),
		(3125550142, "no number was given"),
		(b"+13125550142", "no number was given"),
		("none", "it is not a phone number"),
		("call 312-555-0142 after five", "it is not a phone number"),
		("1-800-FLOWERS", "it is not a phone number"),
		("312-555", "it is too short"),
		("555-0142", "the area code is missing"),
		("312-555-0142 ext. 7", "it has an extension"),
		("312-555-0142 x7", "it has an extension"),
		("312-555-0142,7", "it has an extension"),
		("312-555-0142 / 312-555-0143", "it is too long"),
		("+1 112 555 0142", "no such number is in use"),
		("+999 123 456 789", "the country code is not known"),
		("1" * 65, "it is too long"),
		("+", "it is not a phone number"),
	],
)
def test_what_is_refused_and_why(raw, reason):
	with pytest.raises(phone.InvalidNumber) as caught:
		phone.parse(raw)
	assert caught.value.reason == reason


def test_the_reason_never_contains_the_number():
	for raw in ("312-555-0142 x7", "+1 112 555 0142", "3125550142 3125550143"):
		with pytest.raises(phone.InvalidNumber) as caught:
			phone.parse(raw)
		assert not re.search(r"\d", str(caught.value))


@pytest.mark.parametrize(
	"raw, country, line_type, zones",
	[
		("+18005550142", "US", "toll free", ()),
		("+19005550142", "US", "premium", ()),
		("+15005550142", "US", "premium", ()),
		("+447012345678", "GB", "premium", ()),
		("+14165550142", "CA", "unknown", ("America/Toronto",)),
		("+17875550142", "PR", "unknown", ("America/Puerto_Rico",)),
		("+442079460958", "GB", "landline", ("Europe/London",)),
		("+919876543210", "IN", "mobile", ("Asia/Kolkata",)),
		("+870773111632", "001", "mobile", ()),
	],
)
def test_country_line_type_and_zones(raw, country, line_type, zones):
	number = phone.parse(raw)
	assert (number.country, number.line_type, number.time_zones) == (country, line_type, zones)
	assert number.line_type in phone.LINE_TYPES


def test_area_codes_that_straddle_have_several_zones():
	for area in ("701", "605", "986"):
		zones = {zone for exchange in range(200, 1000) for zone in _zones(f"+1{area}{exchange}0142")}
		assert len(zones) > 1


def _zones(raw):
	try:
		return phone.parse(raw).time_zones
	except phone.InvalidNumber:
		return ()


def test_default_country():
	assert phone.parse("020 7946 0958", "GB").e164 == "+442079460958"
	assert phone.parse("+13125550142", "GB").e164 == "+13125550142"
	for country in ("", "XX", None, 5):
		with pytest.raises(phone.InvalidNumber):
			phone.parse("3125550142", country)


def _is_service(raw):
	"""Return whether it is an N11 code or 976, which the data in places list as subscribers' numbers."""
	found = re.match(r"\+1([2-9]\d\d)(\d\d\d)", raw)
	return bool(found) and (found[1].endswith("11") or found[2].endswith("11") or found[2] == "976")


def _expected(raw):
	"""Return the same facts straight from phonenumbers, except for service codes and new area codes."""
	number = phonenumbers.parse(raw, None)
	if _is_service(raw):
		return None
	if not phonenumbers.is_valid_number(number):
		written = re.fullmatch(r"\+1([2-9]\d\d)[2-9]\d{6}", raw)
		new = written and not phonenumbers.region_code_for_number(number)
		country, zones = phone.area_codes().get(written[1], ("", ())) if new else ("", ())
		return (country, PhoneNumberType.FIXED_LINE_OR_MOBILE, zones) if country else None
	kind = phonenumbers.number_type(number)
	placed = kind in (
		PhoneNumberType.FIXED_LINE,
		PhoneNumberType.MOBILE,
		PhoneNumberType.FIXED_LINE_OR_MOBILE,
	)
	zones = phone_zones.time_zones_for_geographical_number(number) if placed else ()
	return phonenumbers.region_code_for_number(number), kind, () if len(zones) > 20 else zones


def _same(raw):
	expected = _expected(raw)
	try:
		number = phone.parse(raw)
	except phone.InvalidNumber:
		return expected is None
	if expected is None:
		return False
	country, kind, zones = expected
	named = {
		0: "landline",
		1: "mobile",
		2: "unknown",
		3: "toll free",
		4: "premium",
		5: "premium",
		7: "premium",
	}
	return (number.country, number.line_type, number.time_zones) == (
		country,
		named.get(kind, "unknown"),
		zones,
	)


def test_the_fast_path_agrees_with_phonenumbers_on_every_area_code():
	chosen = random.Random(7)
	for area in range(200, 1000):
		for exchange in (chosen.randrange(1000), chosen.randrange(200, 1000), 555):
			raw = f"+1{area}{exchange:03d}{chosen.randrange(10000):04d}"
			assert _same(raw), raw[:8]


def test_numbers_of_one_exchange_are_alike_in_the_united_states_and_canada():
	chosen = random.Random(11)
	for area in range(200, 1000):
		number = phonenumbers.PhoneNumber(country_code=1, national_number=area * 10**7 + 5550142)
		if phonenumbers.region_code_for_number(number) not in ("US", "CA"):
			continue
		for exchange in (chosen.randrange(200, 1000), chosen.randrange(1000)):
			found = {
				_expected(f"+1{area}{exchange:03d}{digit}{chosen.randrange(1000):03d}") for digit in range(10)
			}
			assert len(found) == 1, (area, exchange)


@pytest.mark.parametrize(
	"raw",
	[
		"+13129760142",
		"(312) 976-0142",
		"1 312 911 0142",
		"+13124110142",
		"312-211-0142",
		"+14115550142",
		"+19115550142",
		"+18009760142",
	],
)
def test_service_codes_are_no_ones_numbers(raw):
	with pytest.raises(phone.InvalidNumber):
		phone.parse(raw)


NEW = ("645", "324", "227", "686", "729", "679", "257", "942")
"""Codes that 8.13.13, which Frappe 15 pins, does not know: Miami, Jacksonville, and others."""


@pytest.fixture(params=["none", "the installed", "all"])
def knowing(request, monkeypatch):
	"""Let the package know none of the codes of the table, those that it knows, or all of them."""
	real = phonenumbers.region_code_for_number

	def region(number):
		digits = str(number.national_number)
		entry = phone.area_codes().get(digits[:3]) if digits[3:4] in phone.EXCHANGE_BEGINS else None
		if number.country_code != 1 or entry is None or request.param == "the installed":
			return real(number)
		return entry[0] if request.param == "all" else None

	def kind(number):
		return PhoneNumberType.FIXED_LINE_OR_MOBILE if region(number) else PhoneNumberType.UNKNOWN

	monkeypatch.setattr(phonenumbers, "region_code_for_number", region)
	monkeypatch.setattr(phonenumbers, "number_type", kind)
	cached = (phone._nanp_facts, phone._parse_text, phone.unknown_area_codes)
	for one in cached:
		one.cache_clear()
	yield request.param
	for one in cached:
		one.cache_clear()


@pytest.mark.parametrize("code", [*NEW, "312", "472"])
def test_a_code_of_the_table_is_valid_whatever_the_package_knows(knowing, code):
	for written in (f"+1{code}3340142", f"({code}) 334-0142", f"1.{code}.334.0142"):
		number = phone.parse(written)
		assert number.e164 == f"+1{code}3340142"
		assert (number.country, number.line_type) == (phone.area_codes()[code][0], "unknown")
	if knowing == "none":
		assert number.time_zones == phone.area_codes()[code][1]


def test_what_is_in_no_table_is_no_number(knowing):
	for written in ("+1 290 334 0142", "+1 645 911 0142", "+1 645 976 0142", "+1 645 134 0142"):
		with pytest.raises(phone.InvalidNumber):
			phone.parse(written)


def test_the_codes_that_the_package_does_not_know_are_named(knowing):
	unknown = phone.unknown_area_codes()
	if knowing == "all":
		assert unknown == ()
	elif knowing == "none":
		assert unknown == tuple(sorted(phone.area_codes()))
	else:
		assert set(unknown) < set(phone.area_codes())
		assert not {"340", "670", "671", "684", "787"} & set(unknown), "the data list their exchanges"


def test_numbers_of_one_exchange_may_differ_elsewhere():
	assert phone.parse("+12462304567").country == "BB"
	for raw in ("+12465226673", "+18766064095", "+12465220000", "+18766060000", "+13459254678"):
		assert _same(raw)


@given(st.integers(2_000_000_000, 9_999_999_999))
def test_any_ten_digits_agree_with_phonenumbers(digits):
	assert _same(f"+1{digits}")


@given(st.one_of(st.text(), st.binary(), st.none(), st.integers(), st.from_regex(r"[+0-9 ()x.,;#-]{0,30}")))
def test_parse_raises_nothing_but_invalid_number(raw):
	try:
		assert phone.parse(raw).e164.startswith("+")
	except phone.InvalidNumber as error:
		assert error.reason


@given(st.binary(), st.sampled_from(["US", "GB", "", "zz", "é" * 5]))
def test_bytes_read_as_text_raise_nothing_else(raw, country):
	for text in (raw.decode("latin-1"), raw.decode("utf-8", "surrogateescape")):
		try:
			phone.parse(text, country)
		except phone.InvalidNumber as error:
			assert error.reason


def test_mask():
	assert phone.mask("+13125550142") == "+1 ••• ••• ••42"
	assert phone.mask("+442079460958") == "+44 ••• ••• ••58"
	assert phone.mask("+870773111632") == "+870 ••• ••• ••32"
	for other in (None, "", "42", "312-555", "no number 555", 42, "+99912345678"):
		assert phone.mask(other) == "••••"


@given(st.one_of(st.text(), st.from_regex(r"\A\+?[0-9]{0,18}\Z"), st.none()))
def test_mask_shows_the_last_two_digits_at_most(raw):
	shown = phone.mask(raw)
	code, _, rest = shown.partition(" ")
	assert sum(character.isdigit() for character in rest) <= 2
	assert sum(character.isdigit() for character in code) <= 3
	if rest:
		assert raw.startswith(code) and raw.endswith(rest[-2:]) and len(raw) >= 9


def test_numbers_and_errors_can_be_copied_and_stored():
	number = phone.parse("+13125550142")
	assert pickle.loads(pickle.dumps(number)) == copy.deepcopy(number) == number
	error = pickle.loads(pickle.dumps(phone.InvalidNumber("it is too short")))
	assert error.reason == "it is too short"


WRITTEN = st.from_regex(
	r"\A(\+?1[ .-]?)?(\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-]?)[0-9]{3}[ .-]?[0-9]{4}\Z", fullmatch=True
)


@given(WRITTEN, st.sampled_from(["US", "CA"]))
def test_the_usual_ways_of_writing_agree_with_phonenumbers(raw, country):
	number = phonenumbers.parse(raw, country)
	e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
	try:
		assert phone.parse(raw, country).e164 == e164
		assert _same(e164)
	except phone.InvalidNumber:
		assert _is_service(e164) or not _expected(e164)
