"""TwiML is read as Twilio reads it, and never breaks the carrier."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Gather, VoiceResponse

from dev.carrier.twiml import DocumentError, parse

ELEMENTS = st.recursive(
	st.sampled_from(["<Say>Hi</Say>", "<Pause/>", "<Hangup/>", "<Nope/>", "<Play>a.wav</Play>", "words"]),
	lambda inner: st.builds(
		lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
		st.sampled_from(["Gather", "Say", "Record"]),
		st.lists(inner, max_size=3),
	),
	max_leaves=8,
)


def test_what_the_twilio_library_writes_is_understood_without_a_warning():
	response = VoiceResponse()
	gather = Gather(num_digits=1, action="/keypress?log=A&x=1", method="POST", timeout=5, finish_on_key="")
	gather.say("Press 9 to stop.", language="en-US", voice="Polly.Joanna")
	gather.play("https://school.example/hello.mp3")
	gather.pause(length=2)
	response.append(gather)
	response.redirect("/voice", method="POST")
	response.hangup()
	document = parse(str(response))
	assert document.warnings == ()
	assert [verb.name for verb in document.verbs] == ["Gather", "Redirect", "Hangup"]
	assert document.verbs[0].attributes["action"] == "/keypress?log=A&x=1"
	assert [verb.name for verb in document.verbs[0].nested] == ["Say", "Play", "Pause"]


def test_the_words_of_marked_up_speech_are_kept():
	document = parse(
		"<Response><Say>Hello <prosody rate='slow'>dear</prosody>\n  <break/>parents</Say></Response>"
	)
	assert document.verbs[0].text == "Hello dear parents"


@pytest.mark.parametrize(
	("inside", "warning"),
	[
		("<Gather numDigits='0'/>", 13314),
		("<Gather timeout='-1'/>", 13313),
		("<Gather finishOnKey='x'/>", 13310),
		("<Gather method='PUT'/>", 13312),
		("<Gather><Hangup/></Gather>", 13320),
		("<Say loop='often'>Hi</Say>", 13510),
		("<Say/>", 13520),
		("<Say volume='11'>Hi</Say>", 12200),
		("<Sing>Hi</Sing>", 12200),
	],
)
def test_what_the_debugger_would_warn_of(inside, warning):
	assert parse(f"<Response>{inside}</Response>").warnings == (warning,)


@pytest.mark.parametrize(
	("document", "code"),
	[
		("", 11770),
		("Hello", 12100),
		("<Response>", 12100),
		("<html/>", 12102),
		(f"<Response><Say>{'a' * 4097}</Say></Response>", 13521),
		(f"<Response><!--{'a' * 70000}--></Response>", 11750),
	],
)
def test_what_cannot_be_followed(document, code):
	with pytest.raises(DocumentError) as caught:
		parse(document)
	assert caught.value.code == code


@given(st.lists(ELEMENTS, max_size=5))
def test_any_well_formed_document_is_read(parts):
	with contextlib.suppress(DocumentError):
		document = parse(f"<Response>{''.join(parts)}</Response>")
		assert all(verb.name != "Nope" for verb in document.verbs)


@given(st.one_of(st.text(), st.binary()))
@example("\ufeff<Response/>")
@example(b"\xff\xfe<Response/>")
def test_any_bytes_are_read_or_refused(content):
	with contextlib.suppress(DocumentError):
		parse(content)
