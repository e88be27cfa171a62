"""The name below a mail: what stands from "Thank you," on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.help_desk import mail_signature


@pytest.mark.parametrize(
	("words", "signed"),
	[
		("Please stop calling me.", "Thank you,\nMaria Lopez\nMother of Sofia, 3rd grade"),
		("Please stop calling me.\n", "Best regards\n\nDr. Alan Park\nPrincipal Scientist"),
		("Dejen de llamarme", "Muchas gracias.\nRosa, mamá de Juan, salón 5"),
		("Ne m'appelez plus", "Merci d'avance,\nAnne"),
		("Stop", "-- Thanks --\nAna"),
	],
)
def test_it_begins_with_a_closing_line(words, signed):
	assert mail_signature.split(f"{words}\n{signed}\n") == (words, signed)


@pytest.mark.parametrize(
	"text",
	[
		"Please stop calling me.",
		"Thank you for calling me about the bus.",
		"Thank you,\nMaria",
		"Stop calling.\nThanks\n" + "But go on with the bus. " * 4,
		"Stop\nThanks\n" + "\n".join("abcdefghij"),
		"",
	],
)
def test_without_one_all_of_it_is_words(text):
	assert mail_signature.split(text) == (text, "")


@given(st.text(st.sampled_from("ab \nThanks,"), max_size=200))
def test_nothing_is_lost(text):
	words, signed = mail_signature.split(text)
	assert (f"{words}\n{signed}" if signed else words).rstrip() == text.rstrip()
