"""JSON is measured before it is parsed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.base.bounds import bounded_json
from school_dialer.base.bounds.bounded_json import NotRead

VALUES = st.recursive(
	st.none() | st.booleans() | st.integers() | st.text(),
	lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
	max_leaves=20,
)


@given(VALUES)
def test_what_is_small_is_read_as_it_is(value):
	assert bounded_json.given(json.dumps(value)) == value
	assert bounded_json.given(json.dumps(value, ensure_ascii=False)) == value
	if not isinstance(value, str):
		assert bounded_json.given(value) == value


@pytest.fixture
def no_parser(monkeypatch):
	"""Fail the test when anything is parsed."""

	def parsed(*_args, **_more):
		raise AssertionError("it was parsed")

	monkeypatch.setattr(json, "loads", parsed)


@pytest.mark.parametrize(
	("text", "why"),
	[
		("[" * 50_000, "inside one another"),
		('{"a":' * 15_000, "inside one another"),
		('["\\\\", ' + "[" * 60, "inside one another"),
		("[" + "1," * 45_000 + "1]", "more than 10000 values"),
		("[" + "[],{}," * 15_000 + "1]", "more than 10000 values"),
		('"' + "x" * bounded_json.LONGEST + '"', "longer than"),
	],
	ids=["lists", "objects", "after an escape", "wide", "wide and empty", "long"],
)
def test_what_is_too_large_is_refused_before_it_is_parsed(no_parser, text, why):
	with pytest.raises(NotRead, match=why):
		bounded_json.parse(text)
	with pytest.raises(NotRead, match=why):
		bounded_json.parse(text.encode())


def test_brackets_and_quotes_in_a_string_do_not_count():
	text = json.dumps(["[" * 5_000 + '"' * 500 + "\\" * 501, "{,}" * 5_000])
	assert bounded_json.parse(text) == json.loads(text)


@pytest.mark.parametrize("text", ["", "[", "{]", "nul", '"\\', "9" * 5_000, "[1,]", "\ud800"])
def test_what_is_no_json_is_refused_in_words(text):
	with pytest.raises(NotRead, match="not valid JSON"):
		bounded_json.parse(text)


def nested(levels: int):
	value = []
	for _level in range(levels):
		value = [value]
	return value


@pytest.mark.parametrize(
	"value",
	[nested(100_000), {"a": nested(30)}, [0] * 20_000, ["x" * 200_000], {"x" * 200_000: 1}],
	ids=["very deep", "deep", "wide", "long", "long key"],
)
def test_what_frappe_parsed_already_is_measured_as_well(value):
	with pytest.raises(NotRead):
		bounded_json.given(value)


def test_the_refusal_quotes_nothing():
	with pytest.raises(NotRead) as refusal:
		bounded_json.parse('{"phone": "+13125550142"')
	assert "312" not in str(refusal.value)
