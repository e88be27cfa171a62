"""<Record> and its recording, which can be heard in the call, fetched, listed and deleted."""

from __future__ import annotations

import io
import wave

import pytest
import requests
from carrier_kit import PERSON, place, refusal

from dev.patience import PATIENCE

RECORD = (
	'<Response><Record action="/taken" maxLength="20" recordingStatusCallback="/recorded"/>'
	"<Say>Nothing heard.</Say></Response>"
)


@pytest.fixture
def taken(carrier, twilio, site) -> dict[str, str]:
	"""Return what the carrier reports about a seven-second recording, which is then played in the call."""
	carrier.control("people", {PERSON: {"behaviour": "answers", "says": [7]}})
	site.pages["/voice"] = RECORD
	site.pages["/taken"] = lambda told: f"<Response><Play>{told['RecordingUrl']}</Play></Response>"
	place(twilio, site)
	carrier.wait_until_idle()
	(request,) = site.to("/taken")
	assert request.signed
	return request.params


def test_the_action_is_told(taken, carrier):
	assert (taken["RecordingDuration"], taken["Digits"]) == ("7", "")
	assert taken["RecordingUrl"].startswith(
		f"{carrier.url}/2010-04-01/Accounts/{carrier.account}/Recordings/RE"
	)
	assert taken["RecordingUrl"].endswith(taken["RecordingSid"]) and taken["CallSid"].startswith("CA")


def test_the_callback_says_that_it_is_complete(taken, site):
	(told,) = site.to("/recorded")
	assert told.signed and told.params["RecordingStatus"] == "completed"
	assert told.params["RecordingSid"] == taken["RecordingSid"]
	assert (told.params["RecordingSource"], told.params["RecordingChannels"]) == ("RecordVerb", "1")


def test_it_is_played_in_the_call(taken, carrier):
	played = [sound for line in carrier.log("twiml") for sound in line["played"]]
	assert [(sound["url"], sound["http_status"]) for sound in played] == [(taken["RecordingUrl"], 200)]


def test_the_client_fetches_lists_and_deletes_it(taken, twilio):
	sid = taken["RecordingSid"]
	recording = twilio.recordings(sid).fetch()
	assert (recording.duration, recording.call_sid, recording.status) == ("7", taken["CallSid"], "completed")
	assert [one.sid for one in twilio.recordings.list()] == [sid]
	assert twilio.recordings(sid).delete()
	assert refusal(twilio.recordings(sid).fetch).code == 20404
	assert refusal(twilio.recordings(sid).delete).code == 20404
	assert not twilio.recordings.list()


@pytest.mark.parametrize("ending", ["", ".wav"])
def test_its_sound_is_a_wav_of_that_length(taken, carrier, ending):
	url = taken["RecordingUrl"] + ending
	answer = requests.get(url, auth=(carrier.account, carrier.token), timeout=PATIENCE)
	assert answer.headers["Content-Type"] == "audio/x-wav"
	with wave.open(io.BytesIO(answer.content)) as file:
		assert file.getnframes() / file.getframerate() == 7
	assert requests.get(url, timeout=PATIENCE).status_code == 401


def test_silence_makes_no_recording(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "answers", "says": [0]}})
	site.pages["/voice"] = RECORD
	place(twilio, site)
	carrier.wait_until_idle()
	assert not site.to("/taken") and not twilio.recordings.list()
	assert carrier.log("outcome")[0]["sentences"] == ["Nothing heard."]


def test_no_more_is_recorded_than_was_asked_for(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "answers", "says": [500, 3]}})
	site.pages["/voice"] = RECORD
	site.pages["/taken"] = '<Response><Record action="/again"/></Response>'
	place(twilio, site)
	carrier.wait_until_idle()
	assert [page.params["RecordingDuration"] for page in (*site.to("/taken"), *site.to("/again"))] == [
		"20",
		"3",
	]


@pytest.mark.parametrize("says", [[], "4", [-1], [True], [4.5], [99999]])
def test_people_speak_for_whole_seconds(carrier, says):
	with pytest.raises(Exception, match="says cannot be"):
		carrier.control("people", {PERSON: {"behaviour": "answers", "says": says}})
