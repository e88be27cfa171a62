"""What a person reads who stopped a part of our messages."""

import pytest

from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import PURPOSES, TEXT, VOICE
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages
from school_dialer.messages.written import stopped

URL = "https://school.example/dialer-preferences"
FEES = [OptOut("this purpose", "Fees", channel) for channel in (VOICE, TEXT)]


def said(opt_outs, **more) -> str:
	return stopped.in_part(School("Riverside", "Riverside", "+18005550142", "en"), opt_outs, URL, **more)


@pytest.mark.parametrize(
	("one", "is_part"),
	[
		(OptOut("this purpose", "Fees", TEXT), True),
		(OptOut("this purpose", None, TEXT), False),
		(OptOut("this school", None, TEXT, school="Lincoln"), True),
		(OptOut("this school", None, TEXT), False),
		(OptOut("all non-emergency", None, VOICE), True),
		(OptOut("all non-emergency", None, TEXT), False),
		(OptOut("everything", None, TEXT), False),
		(OptOut(), False),
	],
)
def test_a_part_leaves_texts_on(one, is_part):
	assert stopped.is_part(one) is is_part


def test_each_part_is_named_once_with_its_channel_if_it_is_one():
	more = [OptOut("all non-emergency", None, VOICE), OptOut("this school", None, TEXT, school="Lincoln")]
	parts = "Fees, Phone calls and Lincoln (Text messages)"
	assert said([*FEES, *more]) == f"Riverside: You stopped only this: {parts}.\nYour choices: {URL}"


def test_it_comes_after_another_reply_in_one_text():
	both = said(FEES, after="Riverside: Thank you.")
	assert both.startswith("Riverside: Thank you.\nYou stopped only this: Fees.")


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_purpose_has_a_name_in_every_language(language, purpose):
	assert URL in said([OptOut("this purpose", purpose, VOICE)], language=language)
