"""<Dial>, <Number> and <Record> in a document: what is warned of, what is refused, what is called."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial, VoiceResponse

from dev.carrier.attributes import ATTRIBUTES, warnings_of
from dev.carrier.twiml import DocumentError, parse

OFFICE = "+13125550101"


def test_what_the_twilio_library_writes_is_understood_without_a_warning():
	response = VoiceResponse()
	dial = Dial(
		action="/done",
		method="POST",
		timeout=20,
		time_limit=600,
		hangup_on_star=True,
		caller_id="+13125550100",
		answer_on_bridge=True,
		record="do-not-record",
	)
	dial.number(
		OFFICE,
		url="/whisper",
		method="GET",
		status_callback="/leg",
		status_callback_event="initiated ringing answered completed",
		status_callback_method="POST",
	)
	response.append(dial)
	document = parse(str(response))
	(verb,) = document.verbs
	assert document.warnings == () and verb.name == "Dial"
	assert [(noun.name, noun.text, noun.attributes["url"]) for noun in verb.nested] == [
		("Number", OFFICE, "/whisper")
	]


@pytest.mark.parametrize(
	("inside", "called"),
	[
		(f"<Dial>{OFFICE}</Dial>", [OFFICE]),
		(f"<Dial> {OFFICE} </Dial>", [OFFICE]),
		(
			f"<Dial><Number>\n{OFFICE}\n</Number><Number>312-555-0102</Number></Dial>",
			[OFFICE, "312-555-0102"],
		),
		(f"<Dial>ignored<Number>{OFFICE}</Number></Dial>", [OFFICE]),
	],
)
def test_the_numbers_of_a_dial(inside, called):
	document = parse(f"<Response>{inside}</Response>")
	assert [noun.text for noun in document.verbs[0].nested] == called and document.warnings == ()


@pytest.mark.parametrize(
	("inside", "warning"),
	[
		("<Dial method='PUT'>{}</Dial>", 13210),
		("<Dial timeout='0'>{}</Dial>", 13212),
		("<Dial timeout='soon'>{}</Dial>", 13212),
		("<Dial hangupOnStar='yes'>{}</Dial>", 13213),
		("<Dial timeLimit='-1'>{}</Dial>", 13216),
		("<Dial sequential='1'>{}</Dial>", 13218),
		("<Dial answerOnBridge='on'>{}</Dial>", 13219),
		("<Dial ringTone='loud'>{}</Dial>", 13220),
		("<Dial volume='11'>{}</Dial>", 12200),
		("<Dial><Number method='PUT'>{}</Number></Dial>", 13221),
		("<Dial><Number sendDigits='x'>{}</Number></Dial>", 13222),
		("<Dial><Number statusCallbackEvent='busy'>{}</Number></Dial>", 21626),
		("<Dial><Number statusCallbackEvent=''>{}</Number></Dial>", 21626),
		("<Dial><Number statusCallbackMethod='PUT'>{}</Number></Dial>", 12200),
		("<Dial><Number action='/x'>{}</Number></Dial>", 12200),
		("<Dial>the office</Dial>", 13223),
		("<Dial/>", 13223),
		("<Number>{}</Number>", 12200),
		("<Record method='PUT'/>", 13610),
		("<Record timeout='0'/>", 13611),
		("<Record maxLength='0'/>", 13612),
		("<Record maxLength='99999999999999999999'/>", 13612),
		("<Record finishOnKey='x'/>", 13613),
		("<Record transcribe='maybe'/>", 13614),
		("<Record transcribe='true'/>", 13619),
		("<Record playBeep='loud'/>", 13616),
		("<Record recordingStatusCallbackEvent='done'/>", 13621),
		("<Record trim='all'/>", 13699),
		("<Gather input='smell'/>", 13326),
		("<Gather actionOnEmptyResult='yes'/>", 13338),
		("<Play loop='often'>a.wav</Play>", 13410),
		("<Reject reason='rude'/>", 12200),
	],
)
def test_what_the_debugger_would_warn_of(inside, warning):
	assert parse(f"<Response>{inside.format(OFFICE)}</Response>").warnings == (warning,)


@pytest.mark.parametrize(
	"inside",
	[
		"<Record finishOnKey='' playBeep='false' trim='do-not-trim' transcribe='false'/>",
		"<Record recordingStatusCallbackEvent='in-progress completed absent'/>",
		f"<Dial hangupOnStar='TRUE' method='get' ringTone='us-old' record='false'>{OFFICE}</Dial>",
	],
)
def test_what_fits_is_not_warned_of(inside):
	assert parse(f"<Response>{inside}</Response>").warnings == ()


@pytest.mark.parametrize(
	("inside", "code", "words"),
	[
		("<Dial><Conference>Room</Conference></Dial>", 13215, "<Conference> in <Dial> is not simulated"),
		("<Dial><Sip>sip:a@b.example</Sip></Dial>", 13215, "<Sip> in <Dial> is not simulated"),
		("<Dial><Client>a</Client></Dial>", 13215, "<Client> in <Dial> is not simulated"),
		("<Dial><Queue>a</Queue></Dial>", 13215, "<Queue> in <Dial> is not simulated"),
		("<Dial><Say>Hi</Say></Dial>", 13215, "<Say> is no noun"),
		(f"<Dial>{f'<Number>{OFFICE}</Number>' * 11}</Dial>", 13215, "11 numbers"),
		(f"<Dial record='record-from-answer'>{OFFICE}</Dial>", 13217, "not simulated"),
		(f"<Dial record='loudly'>{OFFICE}</Dial>", 13217, "not simulated"),
		(f"<Dial referUrl='/refer'>{OFFICE}</Dial>", 12200, "referUrl"),
		(f"<Dial><Number machineDetection='Enable'>{OFFICE}</Number></Dial>", 12200, "machineDetection"),
	],
)
def test_what_cannot_be_followed(inside, code, words):
	with pytest.raises(DocumentError, match=words) as caught:
		parse(f"<Response>{inside}</Response>")
	assert caught.value.code == code


NAMES = st.sampled_from([(verb, name) for verb, known in ATTRIBUTES.items() for name in known])


@given(NAMES, st.text(max_size=40))
def test_any_value_of_any_attribute_is_taken_or_warned_of(where, value):
	verb, name = where
	codes = warnings_of(verb, {name: value})
	assert len(codes) <= 1 and all(isinstance(code, int) and 10000 <= code < 100000 for code in codes)


NOUNS = st.builds(
	"<{0} {1}>{2}</{0}>".format,
	st.sampled_from(["Number", "Number", "Sip", "Say"]),
	st.sampled_from(["", "url='/w'", "method='PUT'", "nope='1'", "statusCallbackEvent='ringing answered'"]),
	st.sampled_from([OFFICE, "", "the office", "0"]),
)


@given(st.lists(NOUNS, max_size=12), st.sampled_from(["", "timeout='5'", "timeout='x'", "record='true'"]))
def test_any_dial_is_read_or_refused(nouns, attributes):
	with contextlib.suppress(DocumentError):
		document = parse(f"<Response><Dial {attributes}>{''.join(nouns)}</Dial></Response>")
		assert 1 <= len(document.verbs[0].nested) <= 10
		assert all(noun.name == "Number" and not noun.nested for noun in document.verbs[0].nested)
