"""What the cells of a roster mean."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.roster_import.reading import values


@pytest.mark.parametrize(
	"written, said",
	[
		("2015-03-04", date(2015, 3, 4)),
		("2015-03-04T00:00:00.000Z", date(2015, 3, 4)),
		("2015-02-30", None),
		("03/04/2015", None),
		("", None),
		("２０１５-03-04", date(2015, 3, 4)),
	],
)
def test_dates(written, said):
	assert values.day(written) == said


@pytest.mark.parametrize(
	"written",
	["(312) 555-0142", "312-555-0142", "312.555.0142", "3125550142", "+1 312 555 0142", "1-312-555-0142"],
)
def test_numbers_in_many_forms(written):
	assert values.phone(written, "US") == "+13125550142"


@pytest.mark.parametrize("written", ["call the office", "555-0142", "=1+1", "0", "+1 312 555 0142 0142 0142"])
def test_what_is_no_number(written):
	assert values.phone(written, "US") is None


@pytest.mark.parametrize(
	"written",
	[
		"a b@x.example",
		"a@b",
		"<script>@x.example",
		'"a\r\nBcc: b"@x.example',
		"a@x.example,b@x.example",
		"@x.example",
		"a@-x.example",
	],
)
def test_what_is_no_address(written):
	assert values.email(written) is None


def test_an_address_is_kept_in_lower_case():
	assert values.email("Ana.Lou+1@X.Example") == "ana.lou+1@x.example" and values.email("") == ""


@pytest.mark.parametrize("written", ["...", "123", "", "x" * 141])
def test_what_is_no_name(written):
	assert values.name(written) is None


@given(st.text(max_size=200))
def test_any_text_has_a_meaning_or_none(text):
	for read in (
		values.day,
		values.email,
		values.language,
		values.name,
		lambda cell: values.phone(cell, "US"),
	):
		read(text)
	assert all(part == part.strip() and part for part in values.several(text))
