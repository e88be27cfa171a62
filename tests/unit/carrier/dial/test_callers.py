"""People who call in: keys chosen by what they hear, words at which they leave, and a site that is slow."""

from __future__ import annotations

import pytest
from carrier_kit import DIALER, PERSON
from dial_kit import AFTER, OFFICE, call_in, dial, number

MENU = (
	'<Response><Gather numDigits="1" timeout="2" action="/keys"><Say>For the office, press 1.</Say>'
	"<Say>To leave a message, press 2.</Say></Gather><Say>Goodbye.</Say></Response>"
)
MESSAGE = '<Response><Say>Speak after the beep.</Say><Record action="/taken"/></Response>'


def school(site) -> None:
	"""Let the site answer as a school does: the office, or else a message."""
	site.pages["/keys"] = lambda given: dial() if given["Digits"] == "1" else MESSAGE
	site.pages["/done"] = lambda given: AFTER if given["DialBridged"] == "true" else MESSAGE
	site.pages["/taken"] = "<Response><Say>Thank you.</Say></Response>"


@pytest.mark.parametrize(
	("caller", "digits"),
	[
		({"when": {"leave a message": "2"}}, ["2"]),
		({"when": {"the OFFICE": "1", "leave a message": "2"}}, ["1"]),
		({"when": {"the gym": "3"}, "digits": ["1"]}, ["1"]),
		({"when": {"the gym": "3"}}, []),
		({"when": {"the office": ""}, "digits": ["2"]}, []),
		({"digits": ["2"]}, ["2"]),
	],
)
def test_a_caller_presses_what_the_words_are_worth_to_them(carrier, site, caller, digits):
	school(site)
	result = call_in(carrier, site, MENU, behaviour="presses", **caller)
	assert result["digits"] == digits
	assert [request.params["Digits"] for request in site.to("/keys")] == digits
	assert ("Goodbye." in result["sentences"]) == (not digits)


def test_each_gather_is_answered_by_what_was_heard_since_the_last(carrier, site):
	site.pages["/keys"] = (
		'<Response><Gather numDigits="1" action="/again"><Say>Sure? Press 5.</Say></Gather></Response>'
	)
	caller = {"behaviour": "presses", "when": {"leave a message": "2", "Sure?": "5"}}
	assert call_in(carrier, site, MENU, **caller)["digits"] == ["2", "5"]


def test_a_menu_that_leads_to_itself_comes_to_an_end(carrier, site):
	site.pages["/keys"] = MENU
	result = call_in(carrier, site, MENU, behaviour="presses", when={"the office": "1"})
	assert 1 < len(result["digits"]) < 10 and result["status"] == "completed"


def test_a_caller_hears_everything_and_presses_nothing(carrier, site):
	result = call_in(carrier, site, MENU)
	assert result["sentences"] == ["For the office, press 1.", "To leave a message, press 2.", "Goodbye."]
	assert carrier.log("inbound_call")[0]["sentences"] == result["sentences"]


@pytest.mark.parametrize(
	("caller", "sentences"),
	[
		({"leaves_at": "for the office"}, ["For the office, press 1."]),
		({"leaves_at": "a message"}, ["For the office, press 1.", "To leave a message, press 2."]),
		({"leaves_at": "the gym"}, 3),
		({"after_seconds": 1}, ["For the"]),
		({"after_seconds": 0}, []),
	],
)
def test_a_caller_hangs_up_at_some_words_or_after_some_seconds(carrier, site, caller, sentences):
	result = call_in(carrier, site, MENU, **caller)
	found = result["sentences"]
	assert (len(found) if isinstance(sentences, int) else found) == sentences and not site.to("/keys")


@pytest.mark.parametrize("behaviour", ["busy", "no answer", "fails"])
def test_from_the_menu_over_an_office_that_is_away_to_a_message(carrier, site, behaviour):
	carrier.control("people", {OFFICE: {"behaviour": behaviour}})
	school(site)
	caller = {"behaviour": "presses", "when": {"the office": "1"}, "says": ["Leo is ill."]}
	result = call_in(carrier, site, MENU, **caller)
	assert result["sentences"][-2:] == ["Speak after the beep.", "Thank you."]
	assert [line["words"] for line in carrier.log("recording")] == ["Leo is ill."]
	assert result["dials"][0]["bridged"] is False and len(result["recordings"]) == 1


def test_a_whisper_is_left_at_its_words(carrier, site):
	carrier.control("people", {OFFICE: {"behaviour": "answers", "leaves_at": "a parent"}})
	site.pages["/whisper"] = "<Response><Say>A parent calls.</Say><Say>Hold on.</Say></Response>"
	call_in(carrier, site, dial(number(OFFICE, 'url="/whisper"')))
	(line,) = carrier.log("dial")
	assert line["whispered"] == ["A parent calls."] and not line["bridged"]


@pytest.mark.parametrize("name", ["actions lost", "documents doubled"])
def test_the_school_is_called_on_a_bad_day(carrier, site, name):
	school(site)
	carrier.scenario(name)
	caller = {"behaviour": "presses", "when": {"the office": "1", "leave a message": "2"}}
	for _ in range(10):
		assert call_in(carrier, site, MENU, **caller)["status"] == "completed"
	assert len(site.to("/in")) == (10 if name == "actions lost" else 20)
	keys = len(site.to("/keys"))
	assert 0 < keys < 10 if name == "actions lost" else keys == 20


def test_the_end_of_an_inbound_call_is_called_back(carrier, site):
	carrier.control("numbers", {DIALER: {"voice_status_url": f"{site.url}/over"}})
	result = call_in(carrier, site, MENU)
	(over,) = site.to("/over")
	assert over.signed and over.params["CallSid"] == result["sid"]
	assert over.params["CallStatus"] == "completed"
	assert over.params["CallDuration"] == str(result["duration"]) and over.params["Direction"] == "inbound"


@pytest.mark.parametrize(("fault", "times"), [("drop_callback", 0), ("double_callback", 2)])
def test_the_end_of_an_inbound_call_is_lost_or_doubled(carrier, site, fault, times):
	carrier.control("faults", {fault: 1})
	carrier.control("numbers", {DIALER: {"voice_status_url": f"{site.url}/over"}})
	call_in(carrier, site, MENU)
	assert len(site.to("/over")) == times


@pytest.mark.parametrize(
	"wrong", [{"when": ["1"]}, {"when": {"": "1"}}, {"when": {"a": "x"}}, {"leaves_at": ""}, {"talks": -1}]
)
def test_behavior_that_no_one_has(carrier, wrong):
	carrier.control("numbers", {DIALER: {"voice_url": "http://127.0.0.1:9/in"}})
	with pytest.raises(Exception, match=f"{next(iter(wrong))} cannot be"):
		carrier.control("inbound_call", {"from": PERSON, "to": DIALER, **wrong})
