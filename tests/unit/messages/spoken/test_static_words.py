"""Words stored at the carrier for when the site is down, in the school's languages.

They say who called, how to stop the calls and which number to call, and nothing about any person.
"""

from xml.etree import ElementTree

import pytest

from school_dialer.messages.errors import SchoolIncomplete
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages
from school_dialer.messages.spoken import static_words
from school_dialer.messages.spoken.speaker import sentences
from school_dialer.messages.spoken.twiml_rules import check_twiml


def test_in_the_schools_language_and_then_in_the_others(school):
	xml = static_words.twiml(school, ["es-MX", "en", "es", "so", "xx-nonsense"])
	said = sentences(xml)
	assert said[0] == "This is Riverside School calling." and said[4].startswith("Le llama")
	assert len(said) == 8 and said[3].endswith("8 0 0, 5 5 5, 0 1 4 2.")
	assert [one.tag for one in ElementTree.fromstring(xml)] == ["Say"] * 8 + ["Hangup"]
	assert check_twiml(xml, school, voicemail=True) == []


@pytest.mark.parametrize("language", sorted(languages()))
def test_each_language_keeps_the_order_of_the_law(school, language):
	made = School(school.name, school.identity, school.call_back_number, language)
	assert check_twiml(static_words.twiml(made), made, voicemail=True) == []


def test_nothing_is_asked_of_the_site():
	"""They listen for no key and contain no URL."""
	xml = static_words.twiml(School("Riverside", "Riverside <&> School", "+18005550142", "en"), languages())
	assert {one.tag for one in ElementTree.fromstring(xml)} == {"Say", "Hangup"}
	assert "http" not in xml.replace('<?xml version="1.0" encoding="UTF-8"?>', "")


def test_without_a_name_or_a_number_there_are_none():
	with pytest.raises(SchoolIncomplete):
		static_words.twiml(School("", "", "", "en"))
