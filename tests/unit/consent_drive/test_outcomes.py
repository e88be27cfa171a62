"""Whom a drive asks: the rule for one family, without a site."""

import json
import re

import pytest

from school_dialer.consent_drive import families, qr, words
from school_dialer.consent_drive.outcomes import OUTCOMES, Standing, of_family
from school_dialer.consent_drive.pages import filled
from school_dialer.consent_drive.students import Pupil

HOLES = re.compile(r"\{(\w+)\}")


def adult(now: str, later: str = "", declined: bool = False) -> Standing:
	return Standing(now, later or now, declined)


@pytest.mark.parametrize(
	("adults", "outcome", "asked"),
	[
		([], "no_one", None),
		([adult("not_asked")], "not_asked", 0),
		([adult("no_number")], "no_number", None),
		([adult("no_number"), adult("not_asked")], "not_asked", 1),
		([adult("not_asked"), adult("lapsed")], "lapsed", 1),
		([adult("not_asked"), adult("not_asked")], "not_asked", 0),
		([adult("consented"), adult("not_asked")], "consented", None),
		([adult("opted_out"), adult("consented")], "consented", None),
		([adult("opted_out")], "refused", None),
		([adult("not_asked", declined=True)], "refused", None),
		([adult("opted_out"), adult("not_asked")], "not_asked", 1),
		([adult("opted_out"), adult("no_number")], "no_number", None),
		([adult("not_asked", declined=True), adult("lapsed")], "lapsed", 1),
		([adult("consented", "lapsed")], "lapsing", 0),
		([adult("consented", "lapsed"), adult("consented")], "consented", None),
		([adult("consented", "lapsed", declined=True)], "consented", None),
		([adult("not_asked"), adult("consented", "lapsed")], "lapsing", 1),
	],
)
def test_one_adult_is_asked_and_no_one_who_refused(adults, outcome, asked):
	assert of_family(adults) == (outcome, asked)
	assert outcome in OUTCOMES


def test_every_language_says_the_same_things():
	english = words.of("en")
	for language in words.LANGUAGES:
		said = words.of(language)
		assert set(said) == set(english), language
		for key, text in said.items():
			assert sorted(HOLES.findall(text)) == sorted(HOLES.findall(english[key])), (language, key)
			assert key in ("direction", "language") or text.strip()
	assert words.of("ar")["direction"] == "rtl"
	assert words.of("sw")["language"] == "en"
	assert set(words.LANGUAGES) == {"en", "es", "ar", "vi", "zh"}


def test_names_are_put_in_as_they_are():
	assert filled("For {person}, {x} {", {"person": "{day} <b>", "day": "Monday"}) == "For {day} <b>, {x} {"


def test_a_code_is_an_svg_that_holds_nothing_but_squares():
	drawn = qr.svg("https://school.example/dialer-consent?t=" + "x" * 38)
	assert drawn.startswith("<svg") and drawn.endswith("</svg>")
	assert "school.example" not in drawn and "class" not in drawn and json.dumps(drawn)


def test_no_family_without_an_adult_to_ask():
	pupil = Pupil("S", "Ana", None, "", "3A", "en", (), "no_one", None)
	assert families.wanted([pupil], frozenset(OUTCOMES)) == []
