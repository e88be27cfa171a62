"""Two spellings of one user are one person."""

import pytest

from school_dialer.compliance.rules.emergency import same_person


@pytest.mark.parametrize(
	("one", "other"),
	[
		("Admin@x.example", "admin@x.example "),
		("admin@x.example", "ａｄｍｉｎ@x.example"),
		("admin@x.example", "ad\u200bmin@x.example"),
		("admin+second@x.example", "admin@x.example"),
		("Administrator", "administrator\t"),
	],
)
def test_one(one, other):
	assert same_person(one, other)


@pytest.mark.parametrize(
	("one", "other"),
	[("a@x.example", "b@x.example"), ("a@x.example", "a@y.example"), ("+a@x.example", "+b@x.example")],
)
def test_two(one, other):
	assert not same_person(one, other)
