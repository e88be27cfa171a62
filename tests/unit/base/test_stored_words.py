"""A sentence that code stored in English is read in each reader's language. Other words stay."""

import csv

import pytest

pytest.importorskip("frappe")

from dev.site.layout import ROOT
from school_dialer.automation import stored_sentences as rules
from school_dialer.base import stored_words
from school_dialer.consent_form import office_reasons
from school_dialer.inbound.conversations import pressed

ALL = {*rules.SENTENCES, *pressed.SENTENCES, *office_reasons.REASONS.values()}


@pytest.fixture
def spanish(monkeypatch) -> dict[str, str]:
	"""Let the reader speak Spanish, and return the app's translations."""
	with (ROOT / "school_dialer/translations/es.csv").open(newline="", encoding="utf-8") as file:
		words = {row[0]: row[1] for row in csv.reader(file) if len(row) > 1}
	monkeypatch.setattr(stored_words.frappe, "_", lambda text: words.get(text, text))
	return words


@pytest.mark.parametrize("sentence", sorted(ALL))
def test_each_sentence_is_read_with_its_values(spanish, sentence):
	values = ["89", "•••• 0142"]
	shown = stored_words.translated(str(sentence).format(*values), ALL)
	assert shown == spanish[str(sentence)].format(*values) != str(sentence).format(*values)


def test_each_of_several_sentences_is_read(spanish):
	stored = f"{rules.WAITS.format(89)} {rules.HEARD_AND_LEFT_OUT.format(18)}"
	expected = [spanish[str(one)] for one in (rules.WAITS, rules.HEARD_AND_LEFT_OUT)]
	shown = stored_words.translated(stored, rules.SENTENCES)
	assert shown == f"{expected[0].format(89)} {expected[1].format(18)}"


def test_a_value_is_shown_as_it_is(spanish):
	title = "Absences. Waits for a person: 3 found. {0}"
	shown = stored_words.translated(rules.HEARD.format(title), rules.SENTENCES)
	assert shown == spanish[str(rules.HEARD)].format(title)


@pytest.mark.parametrize("words", ["", None, "Yes", "Espera a una persona: 3.", "She is sick. Call me"])
def test_what_a_family_wrote_stays(spanish, words):
	assert pressed.shown(words) == (words or "")
