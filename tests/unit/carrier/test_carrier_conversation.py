"""Answered calls: documents fetched and followed, keys pressed, words heard, mistakes survived."""

from __future__ import annotations

import pytest
from carrier_kit import DIALER, PERSON, Page, place

from dev.patience import eventually

HELLO = "<Response><Say>Hello from Lincoln School.</Say></Response>"
MENU = (
	'<Response><Gather numDigits="1" timeout="3" action="{action}"><Say>Press 9 to stop these calls.</Say>'
	'<Say language="es-MX">Oprima 9 para no recibir llamadas.</Say></Gather><Say>Goodbye.</Say></Response>'
)


def test_a_key_goes_to_the_action_and_its_answer_is_followed(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "presses", "digits": ["9", "2"]}})
	site.pages["/voice"] = MENU.format(action="/keys?log=CALL-1&amp;step=1")
	site.pages["/keys"] = lambda params: (
		MENU.format(action="/keys?step=2")
		if params["Digits"] == "9"
		else "<Response><Say>Done.</Say></Response>"
	)
	place(twilio, site)
	carrier.wait_until_idle()
	first, second = site.to("/keys")
	assert first.params["Digits"] == "9" and first.params["msg"] == "Gather End" and first.signed
	assert first.path == "/keys?log=CALL-1&step=1" and second.params["Digits"] == "2" and second.signed
	lines = carrier.log("twiml")
	assert [line["digits"] for line in lines] == ["9", "2", None]
	assert lines[0]["languages"] == ["en-US", "es-MX"] and lines[-1]["sentences"] == ["Done."]
	assert carrier.log("outcome")[0]["digits"] == ["9", "2"]


def test_nothing_pressed_goes_on_with_the_document(carrier, twilio, site):
	site.pages["/voice"] = MENU.format(action="/keys")
	place(twilio, site)
	carrier.wait_until_idle()
	assert not site.to("/keys") and carrier.log("twiml")[0]["sentences"][-1] == "Goodbye."


def test_an_impatient_person_presses_before_the_end_of_the_words(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "presses", "digits": "9", "after": 1}})
	site.pages["/voice"] = MENU.format(action="/keys")
	place(twilio, site)
	carrier.wait_until_idle()
	assert carrier.log("twiml")[0]["sentences"] == ["Press 9 to stop these calls."]
	assert site.to("/keys")[0].params["Digits"] == "9"


def test_several_digits_end_with_the_finishing_key(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "presses", "digits": ["1234#"]}})
	site.pages["/voice"] = '<Response><Gather action="/pin"><Say>Your PIN.</Say></Gather></Response>'
	place(twilio, site)
	carrier.wait_until_idle()
	params = site.to("/pin")[0].params
	assert (params["Digits"], params["FinishedOnKey"]) == ("1234", "#")


@pytest.mark.parametrize(
	("words", "key"),
	[
		("Press 9 to opt out. To hear this again, press 2.", "2"),
		("Press star to repeat this message.", "*"),
		("Oprima 9 para salir. Para repetir este mensaje, oprima 3.", "3"),
		("按9退出。重听请按4。", "4"),
	],
)
def test_who_asks_for_a_repeat_presses_the_key_that_the_words_offer(carrier, twilio, site, words, key):
	carrier.control("people", {PERSON: {"behaviour": "repeats"}})
	site.pages["/voice"] = (
		f'<Response><Gather numDigits="1" action="/keys"><Say>{words}</Say></Gather></Response>'
	)
	site.pages["/keys"] = site.pages["/voice"]
	place(twilio, site)
	carrier.wait_until_idle()
	assert [request.params["Digits"] for request in site.to("/keys")] == [key]
	assert len(carrier.log("outcome")[0]["sentences"]) == 2


def test_somebody_hangs_up_in_the_middle(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "hangs up"}})
	site.pages["/voice"] = MENU.format(action="/keys")
	call = place(twilio, site)
	carrier.wait_until_idle()
	assert twilio.calls(call.sid).fetch().status == "completed"
	assert carrier.log("outcome")[0]["sentences"] == ["Press 9 to stop these calls."]


def test_inline_twiml_needs_no_url(carrier, twilio, site):
	twilio.calls.create(to=PERSON, from_=DIALER, twiml=HELLO)
	carrier.wait_until_idle()
	assert carrier.log("twiml")[0]["sentences"] == ["Hello from Lincoln School."] and not site.seen


@pytest.mark.parametrize(
	("page", "code"),
	[
		(Page(status=500), 11200),
		(Page("<Response>"), 12100),
		(Page("<Call/>"), 12102),
		(Page(""), 11770),
		(Page("{}", content_type="application/json"), 12300),
	],
)
def test_a_document_that_cannot_be_followed_ends_the_call_with_an_apology(carrier, twilio, site, page, code):
	site.pages["/voice"] = page
	call = place(twilio, site)
	carrier.wait_until_idle()
	line = carrier.log("twiml")[0]
	assert line["error"] == code and "application error" in line["sentences"][0]
	assert twilio.calls(call.sid).fetch().status == "completed"


def test_the_fallback_url_is_asked_when_the_first_fails(carrier, twilio, site):
	site.pages["/voice"] = Page(status=503)
	site.pages["/fallback"] = HELLO
	place(twilio, site, fallback_url=f"{site.url}/fallback")
	carrier.wait_until_idle()
	assert site.to("/fallback")[0].params["ErrorCode"] == "11200"
	assert carrier.log("twiml")[-1]["sentences"] == ["Hello from Lincoln School."]


def test_the_carrier_reaches_nothing_but_this_machine(carrier, twilio, site):
	place(twilio, site, url="http://192.0.2.1/voice", status_callback="https://school.example/status")
	carrier.wait_until_idle()
	assert carrier.log("twiml")[0]["error"] == 11210
	assert all(line["error"].startswith("refused") for line in carrier.log("callback"))


def test_other_verbs(carrier, twilio, site):
	site.pages["/audio.wav"] = Page("RIFF", content_type="audio/wav")
	site.pages["/voice"] = (
		"<Response><Play>/audio.wav</Play><Pause/><Redirect method='GET'>/next?a=b</Redirect></Response>"
	)
	site.pages["/next"] = '<Response><Record action="/recorded" maxLength="5"/></Response>'
	site.pages["/recorded"] = (
		'<Response><Nonsense/><Say loop="2">Bye.</Say><Hangup/><Say>Never.</Say></Response>'
	)
	place(twilio, site)
	carrier.wait_until_idle()
	assert site.to("/next")[0].method == "GET" and site.to("/next")[0].signed
	assert "CallSid=" in site.to("/next")[0].path
	assert site.to("/recorded")[0].params["RecordingDuration"]
	lines = carrier.log("twiml")
	assert lines[0]["played"][0]["http_status"] == 200
	assert lines[-1]["sentences"] == ["Bye.", "Bye."] and lines[-1]["warnings"] == [12200]


def test_a_call_ends_at_its_time_limit(carrier, twilio, site):
	site.pages["/voice"] = '<Response><Say>Hello.</Say><Pause length="600"/><Say>Never.</Say></Response>'
	call = place(twilio, site, time_limit=30)
	carrier.wait_until_idle()
	assert twilio.calls(call.sid).fetch().duration == "30"
	assert carrier.log("outcome")[0]["sentences"] == ["Hello."]


def test_documents_that_lead_to_themselves_come_to_an_end(carrier, twilio, site):
	site.pages["/voice"] = "<Response><Redirect>/voice</Redirect></Response>"
	call = place(twilio, site)
	carrier.wait_until_idle()
	assert twilio.calls(call.sid).fetch().status == "completed" and len(site.to("/voice")) < 100


def test_detection_gives_up_at_its_timeout(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "voicemail"}})
	place(twilio, site, machine_detection="DetectMessageEnd", machine_detection_timeout=5)
	carrier.wait_until_idle()
	assert site.to("/voice")[0].params["AnsweredBy"] == "unknown"


def test_a_site_that_is_slow_or_away_does_not_hold_up_the_carrier(carrier, twilio, site):
	site.pages["/status"] = Page(wait=0.2)
	slow = place(twilio, site)
	away = place(twilio, site, url="http://127.0.0.1:9/voice", status_callback="http://127.0.0.1:9/status")
	carrier.wait_until_idle()
	ended = [line["at"] for line in carrier.log("outcome")]
	told = [line["at"] for line in carrier.log("callback") if line["sid"] == slow.sid]
	assert len(ended) == 2 and max(ended) < max(told)
	assert [line["error"] for line in carrier.log("twiml") if line["sid"] == away.sid] == [11205]
	failed = [line for line in carrier.log("callback") if line["sid"] == away.sid]
	assert len(failed) == 4 and all(line["http_status"] is None and line["error"] for line in failed)


def test_a_reset_hangs_up_on_everybody(carrier, twilio, site):
	site.pages["/voice"] = '<Response><Pause length="1000000"/></Response>'
	place(twilio, site)
	eventually("The request for the document", lambda: site.to("/voice"))
	carrier.control("reset", {"truncate_log": True})
	assert carrier.control("idle", {"timeout": 0})["idle"] and twilio.calls.list() == []
	assert carrier.log("twiml", "outcome") == []


def test_who_follows_confirms_chooses_and_leaves_it_at_that(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "follows", "choice": 1}})
	ask = "<Response><Gather numDigits='1' action='/keys'>{}</Gather></Response>"
	site.pages["/voice"] = ask.format(
		"<Say>To stop, press 9.</Say><Say>If you are Maria, press 1.</Say><Say>Call 8 0 0, 5 5 5.</Say>"
	)
	question = ask.format(
		"<Say>Grade 3 plays at 5.</Say><Say>Yes</Say><Say>Press 1.</Say><Say>No</Say><Say>Press 2.</Say>"
		"<Say>To hear this again, press 0.</Say><Say>To stop only this, press 7.</Say>"
	)
	site.pages["/keys"] = lambda _params: question
	place(twilio, site)
	carrier.wait_until_idle()
	assert carrier.log("outcome")[0]["digits"] == ["1", "2"]


def test_who_follows_enters_their_pin(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "follows", "pin": "2580"}})
	site.pages["/voice"] = (
		"<Response><Gather numDigits='9' finishOnKey='#' action='/pin'>"
		"<Say>Please enter your PIN.</Say></Gather></Response>"
	)
	place(twilio, site)
	carrier.wait_until_idle()
	assert site.to("/pin")[0].params["Digits"] == "2580"
