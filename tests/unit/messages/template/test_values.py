from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from school_dialer.messages.field import Field, Money
from school_dialer.messages.template.values import Missing, Phone, clean, typed, without_emoji


def as_typed(kind, value):
	field = Field("x_value", "X", kind, "public", "User", "example")
	return typed({"x_value": value}, {"x_value": field}, ["x_value"])["x_value"]


@pytest.mark.parametrize(
	"raw, expected",
	[
		("<b>Ana</b> López", "Ana López"),
		("O&#39;Brien &amp; Co", "O'Brien & Co"),
		("&lt;script&gt;alert(1)&lt;/script&gt;Ana", "Ana"),
		("<script>alert(1)</script>Ana", "Ana"),
		("<img src=x onerror=alert(1)>Ana", "Ana"),
		("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
		("  Ana\t\r\n Luz ", "Ana Luz"),
		("An\x00a\x07\x1b[31m", "Ana[31m"),
		("\u202eevil\u202c", "evil"),
		("Ana\u200b\u2060\ufeff", "Ana"),
		("Jose\u0301", "José"),
		("می\u200cروم", "می\u200cروم"),
		("محمد", "محمد"),
		("a\ud800b\uffffc", "abc"),
	],
)
def test_markup_controls_and_spaces_are_cleaned_away(raw, expected):
	assert clean(raw) == expected


@pytest.mark.parametrize(
	"raw, expected",
	[
		("Party 🎉!", "Party!"),
		("👨‍👩‍👧 family", " family"),
		("I ❤️ school", "I  school"),
		("5️⃣ days", "5 days"),
		("20 °C", "20 °C"),
		("plain", "plain"),
	],
)
def test_emoji_are_not_spoken(raw, expected):
	assert without_emoji(raw) == expected


@pytest.mark.parametrize(
	"kind, nothing",
	[
		("text", None),
		("text", ""),
		("text", "  \t"),
		("text", "None"),
		("text", "null"),
		("text", "#N/A"),
		("text", "-"),
		("text", "🎉"),
		("text", "<br>"),
		("text", float("nan")),
		("text", True),
		("text", b"Ana"),
		("text", {"a": 1}),
		("list", []),
		("list", [None, "", " "]),
		("list", {"a": 1}),
		("date", ""),
		("date", "31/31/2026"),
		("date", 20260309),
		("time", "25:00"),
		("time", timedelta(days=2)),
		("time", timedelta(seconds=-1)),
		("phone", "n/a"),
		("phone", "call us"),
		("number", "many"),
		("number", float("inf")),
		("number", Decimal("NaN")),
		("number", True),
		("number", 10**40),
		("money", None),
		("money", Money(Decimal("Infinity"), "USD")),
	],
)
def test_what_says_nothing_is_missing(kind, nothing):
	missing = as_typed(kind, nothing)
	assert isinstance(missing, Missing) and missing.name == "x_value" and not missing


@pytest.mark.parametrize(
	"kind, value, expected",
	[
		("text", 5, "5"),
		("text", "Null Island", "Null Island"),
		("list", "Ana", ("Ana",)),
		("list", ["Ana", None, " Luis ", "Ana"], ("Ana", "Luis")),
		("date", "2026-03-09", date(2026, 3, 9)),
		("date", "2026-03-09 08:00:00", date(2026, 3, 9)),
		("date", datetime(2026, 3, 9, 8), date(2026, 3, 9)),
		("time", "9:05", time(9, 5)),
		("time", "09:05:00.123456", time(9, 5)),
		("time", timedelta(hours=18, minutes=30), time(18, 30)),
		("phone", "+1 (312) 555-0142", Phone("+1 (312) 555-0142")),
		("number", "3", Decimal(3)),
		("money", 12.5, Money(Decimal("12.5"))),
		("money", Money(Decimal(3), "USD"), Money(Decimal(3), "USD")),
	],
)
def test_values_take_their_fields_type(kind, value, expected):
	assert as_typed(kind, value) == expected


def test_long_values_are_cut():
	assert len(as_typed("text", "a" * 10_000)) == 500
	assert len(as_typed("list", [f"n{number}" for number in range(1000)])) == 50


def test_an_absent_key_is_missing():
	field = Field("x_value", "X", "text", "public", "User", "example")
	assert isinstance(typed({}, {"x_value": field}, ["x_value"])["x_value"], Missing)


@pytest.mark.parametrize(
	"bad",
	[
		{"name": "Student.name"},
		{"name": "__class__"},
		{"name": "loop"},
		{"name": "A"},
		{"type": "object"},
		{"sensitivity": "secret"},
		{"example": None},
	],
)
def test_a_field_that_could_harm_or_cannot_be_shown_is_refused(bad):
	good = {
		"name": "bus_line",
		"label": "Bus",
		"type": "text",
		"sensitivity": "public",
		"source": "Student",
		"example": "7",
	}
	Field(**good)
	with pytest.raises(ValueError):
		Field(**{**good, **bad})
