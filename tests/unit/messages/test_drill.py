"""A drill says first and last, in each language, that it is one, and holds nothing but the school's name."""

import re

import pytest

from school_dialer.messages.emergency import drill
from school_dialer.messages.phrases import languages

SAID = {"en": "drill", "es": "simulacro", "ar": "تدريب", "vi": "diễn tập", "zh": "演习"}


def test_every_language_has_one():
	assert {words.language for words in drill.template("Drill").translations} == languages() == set(SAID)


@pytest.mark.parametrize("language", sorted(SAID))
@pytest.mark.parametrize("variant", ["voice", "voicemail", "text"])
def test_first_and_last(language, variant):
	said = getattr(drill.words(language), variant)
	sentences = [one for one in re.split(r"[.。:：]\s*", said.casefold()) if one.strip()]
	assert SAID[language] in sentences[0] and SAID[language] in sentences[-1]
	assert set(re.findall(r"{{.*?}}", said)) <= {drill.SCHOOL} and "{%" not in said


def test_it_is_no_emergency_and_asks_nothing():
	made = drill.template("Drill", 3)
	assert (made.purpose, made.asks, made.voice, made.text, made.version) == ("General", "", True, True, 3)
	assert made.field_names == ("school_name",)
