"""phone_field.py: what a field of a record says, in whatever way someone wrote it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base import phone
from school_dialer.base.bounds import phone_field
from school_dialer.base.bounds.phone_field import Written

HOME, CELL = "+13125550199", "+13125550123"
NATIONAL = {HOME: "312-555-0199", CELL: "(312) 555 0123"}


def numbers(text: str, country: str = "US") -> tuple[str, ...]:
	found = phone_field.read(text, country)
	assert not found.unread
	assert found.named == found.numbers
	return found.numbers


@pytest.mark.parametrize(
	"text",
	[
		"312-555-0199",
		" (home) 312-555-0199",
		"312-555-0199 (home)",
		"home: +1 (312) 555.0199, ask for Ana",
		"h312-555-0199",
		"tel:+1-312-555-0199",
		"312_555_0199",
		"312*555*0199",
		"312\n555\n0199",
		"2: 312-555-0199",
		"312-555-0199 after 5:30",
		"３１２－５５５－０１９９ (home)",
		"\u202ahome 312\u00a0555\u20110199\u202c",
		"home ٣١٢-٥٥٥-٠١٩٩",
		"312-555-0199 / 312 555 0199",
	],
)
def test_one_number_among_words(text):
	assert numbers(text) == (HOME,)


@pytest.mark.parametrize(
	"text",
	[
		"312 555 0123 / 312-555-0199",
		"312 555 0123 312 555 0199",
		"3125550123 3125550199",
		"312.555.0123.312.555.0199",
		"3125550123,3125550199",
		"3125550123;3125550199",
		"312-555-0123 or 312-555-0199",
		"312-555-0123\n312-555-0199",
		"+1 312 555 0123 +1 312 555 0199",
		"1. 312-555-0123 2. 312-555-0199",
		"cell 1: 312-555-0123, cell 2: 312-555-0199",
		"c:312.555.0123;h:312.555.0199",
		"312-555-0123 x 312-555-0199",
	],
)
def test_two_numbers_in_one_field(text):
	assert numbers(text) == (CELL, HOME)


@pytest.mark.parametrize(
	("text", "country", "expected"),
	[
		("07911 123456 (mum)", "GB", ("+447911123456",)),
		("07911 123456 07911 123457", "GB", ("+447911123456", "+447911123457")),
		("020 7946 0018/07911 123457", "GB", ("+442079460018", "+447911123457")),
		("(0)7911 123456 or +1 312 555 0199", "GB", ("+447911123456", HOME)),
		("+44 (0)20 7946 0018", "US", ("+442079460018",)),
		("0044 7911 123456 home", "GB", ("+447911123456",)),
		("011 44 7911 123456 mobile", "US", ("+447911123456",)),
		("030 123456 / 0171 2345678", "DE", ("+4930123456", "+491712345678")),
		("030 12345 / 030 54321", "DE", ("+493012345", "+493054321")),
		("030/12345 030/12346", "DE", ("+493012345", "+493012346")),
		("030/234567, 030/654321", "DE", ("+4930234567", "+4930654321")),
		("030 12345 030 54321", "DE", ("+493012345", "+493054321")),
		("030/12345678", "DE", ("+493012345678",)),
		("02131/234567", "DE", ("+492131234567",)),
		("030 2345 0678", "DE", ("+493023450678",)),
		("0800 000 0000", "GB", ("+448000000000",)),
	],
)
def test_numbers_in_the_notation_of_the_schools_country(text, country, expected):
	assert numbers(text, country) == expected
	assert phone_field.only(text, country) == (expected[0] if len(expected) == 1 and is_bare(text) else "")


def is_bare(text: str) -> bool:
	return not any(map(str.isalpha, text))


@pytest.mark.parametrize(
	"text",
	[
		*("", "   ", None, "-", "n/a", "None", "unknown", "no phone", "?"),
		*("none on file", "No cell", "not provided", "sin teléfono", "no tiene", "x", "XXX-XXX-XXXX"),
		*("0", "000", "000-000-0000", "(000) 000-0000", "0000000000", "+1 000-000-0000", "+10000000000"),
		*("000-000-0000 (home)", "home: 000-0000", "000-000-0000 / 000-000-0000"),
		*("999-999-9999", "1111111111", "(555) 555-5555", "123-456-7890"),
	],
)
def test_a_field_that_says_that_there_is_no_number(text):
	assert phone_field.read(text, "US") == Written()
	assert phone_field.only(text, "US") == ""


@pytest.mark.parametrize("text", ["000-000-0000 / {}", "{} / 000-000-0000", "{}, cell: 999-999-9999"])
def test_a_placeholder_beside_a_number(text):
	assert numbers(text.format(NATIONAL[HOME])) == (HOME,)


@pytest.mark.parametrize("text", ["555-5555", "000-000-0001", "no calls, ask Ana", "000-000-0000, 555-0199"])
def test_what_only_resembles_a_placeholder_is_unread(text):
	assert phone_field.read(text, "US") == Written(unread=True)


def test_a_number_of_one_digit_is_a_number():
	assert numbers("888-888-8888") == ("+18888888888",)


@pytest.mark.parametrize(
	"text",
	[
		"555-0199",
		"0199",
		"312-555-HELP",
		"1-800-FLOWERS",
		"same as Ana",
		"07911 123456",
		"three one two",
		"31255501233125550199",
		"1" * 5000,
		"312 555 " * 60,
	],
)
def test_what_cannot_be_read_is_said_to_be_unread(text):
	found = phone_field.read(text, "US")
	assert (found.numbers, found.unread) == ((), True)


@pytest.mark.parametrize("text", ["312-555-0123/0199", "312-555-0123/24", "312-555-0123, 0199"])
def test_a_number_with_a_rest_is_named_but_not_certain(text):
	assert phone_field.read(text, "US") == Written(named=(CELL,), unread=True)


@pytest.mark.parametrize(
	"text", ["312-555-0123 x4", "312-555-0123 ext. 204", "312-555-0123 #7", "312-555-0123x204 "]
)
def test_a_number_with_an_extension_is_named_but_not_called(text):
	assert phone_field.read(text, "US") == Written(named=(CELL,))


def test_one_extension_leaves_the_other_number_free():
	assert phone_field.read("312-555-0123 ext 4 or 312-555-0199", "US") == Written((HOME,), (CELL, HOME))


words = st.sampled_from(["home", "cell", "(mum)", "work:", "o'clock", "Ana", "und", "casa", ""])
between = st.sampled_from([" / ", ", ", "; ", " or ", "\n", " ", " & ", "  ", " | "])


@given(
	parts=st.lists(st.tuples(words, st.sampled_from(list(NATIONAL)), words), min_size=1, max_size=3),
	mark=between,
	spaced=st.booleans(),
)
def test_words_and_marks_around_numbers_change_nothing(parts, mark, spaced):
	space = " " if spaced else "\t"
	text = mark.join(space.join((before, NATIONAL[one], after)) for before, one, after in parts)
	assert numbers(text) == tuple(dict.fromkeys(one for _before, one, _after in parts))


@given(st.text(max_size=80), st.sampled_from(["US", "GB", "DE", ""]))
def test_any_text_is_read_without_error(text, country):
	found = phone_field.read(text, country)
	assert set(found.numbers) <= set(found.named)
	assert all(phone.parse(one).e164 == one for one in found.named)


@given(st.text(alphabet="+0123456789 /-.,()x#", max_size=60))
def test_digits_that_are_no_number_never_pass_silently(text):
	found = phone_field.read(text, "US")
	said, digits = set(filter(str.isalnum, text)), "".join(filter(str.isdigit, text))
	says_none = said <= {"0"} or said == {"x"} or re.search(r"0{7}|(\d)\1{9}|1234567890", digits)
	assert found.named or found.unread or says_none
