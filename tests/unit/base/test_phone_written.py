"""Numbers written in the usual ways are read without the library, with the same result."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.base import phone
from tests.effort import examples

digits = st.text("0123456789", min_size=9, max_size=11)
shapes = st.sampled_from(
	(
		"({0}) {1}-{2}",
		"({0}){1}-{2}",
		"{0}-{1}-{2}",
		"{0}.{1}.{2}",
		"{0} {1} {2}",
		"{0}{1}{2}",
		"1{0}{1}{2}",
		"1-{0}-{1}-{2}",
		"+1 {0} {1} {2}",
		"+1{0}{1}{2}",
		"+1 ({0}) {1}-{2}",
		"1 ({0}) {1}.{2}",
	)
)


def read(method, *arguments):
	try:
		return method(*arguments)
	except phone.InvalidNumber as error:
		return error.reason


@settings(max_examples=examples(2000), deadline=None)
@given(digits, shapes, st.sampled_from(("US", "CA")))
def test_the_short_way_and_the_library_agree(number, shape, country):
	written = shape.format(number[:3], number[3:6], number[6:])
	assert read(phone.parse, written, country) == read(phone._parse_text, written, country)


@settings(max_examples=examples(500), deadline=None)
@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True), shapes)
def test_the_same_for_complete_numbers(number, shape):
	written = shape.format(number[:3], number[3:6], number[6:])
	assert read(phone.parse, written) == read(phone._parse_text, written, "US")


@pytest.mark.parametrize("written", ["(312) 555-0142", "1 312 555 0142", "312.555.0142"])
def test_elsewhere_the_number_is_read_as_written_there(written):
	assert read(phone.parse, written, "GB") == read(phone._parse_text, written, "GB")
