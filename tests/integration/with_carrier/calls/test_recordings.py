"""Recordings in calls: uploaded as files, played to the carrier only, and never dead air."""

import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import frappe
import pytest
import requests

from dev.patience import PATIENCE
from school_dialer.base import clock, public_url
from school_dialer.calls import live_call, playback
from school_dialer.campaigns import estimate
from school_dialer.messages.sound import audio, recordings
from tests import sounds
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare


@pytest.fixture(scope="module")
def greeting(school) -> str:
	doc = recordings.upload(sounds.mp3(2), "greeting.mp3")
	frappe.db.commit()
	return doc.name


def template(recording: str, purpose: str = "Event", **words) -> str:
	said = {"voice_recording": recording, "voice_recording_holds": "public", **words}
	return make.template(purpose, text=0, said=said)


def call(carrier, number: str, message: str, purpose: str = "Event", **values):
	make.consent(number)
	doc = make.campaign([number], template=message, purpose=purpose, **values)
	prepare(doc)
	dial(carrier)
	(row,) = make.recipients(doc.name, "name", "status", "reasons", "outcome", "last_call_log")
	return row


def heard(carrier, number: str) -> list[dict]:
	return [line for line in carrier.log("twiml") if line["to"] == number]


def test_the_carrier_fetches_the_recording_in_the_call(carrier, answering, greeting):
	number = make.phone()
	answering(number, "answers")
	assert call(carrier, number, template(greeting)).status == "Reached"
	(line,) = heard(carrier, number)
	assert len(line["played"]) == 1, line
	(played,) = line["played"]
	assert (played["http_status"], played["content_type"]) == (200, "audio/mpeg")
	assert "concert" not in " ".join(line["sentences"])


def test_the_name_is_spoken_before_the_recording(carrier, answering, greeting):
	number = make.phone()
	answering(number, "answers")
	message = template(greeting, voice="Hello {{ recipient_name }}.", recording_place="After the words")
	call(carrier, number, message)
	(line,) = heard(carrier, number)
	assert line["sentences"][2] == "Hello Person 0." and len(line["played"]) == 1


def test_an_emergency_plays_it_twice_and_the_estimate_counts_both(greeting):
	once, twice = (
		estimate.recording_seconds(frappe._dict(template=template(greeting, purpose)))
		for purpose in ("Event", "Emergency")
	)
	assert twice == 2 * once > 0


def test_an_educational_recording_waits_for_the_key(carrier, answering, greeting):
	silent, confirming = make.phone(), make.phone()
	answering(silent, "answers")
	answering(confirming, "presses", digits="1")
	message = template(greeting, voice_recording_holds="educational")
	call(carrier, silent, message, identity_check="Key 1")
	call(carrier, confirming, message, identity_check="Key 1")
	assert [line["played"] for line in heard(carrier, silent)] == [[]]
	first, second = heard(carrier, confirming)
	assert not first["played"] and second["played"][0]["http_status"] == 200


def lost(label: str = "lost.wav") -> str:
	doc = recordings.upload(sounds.wav(1 + secrets.randbelow(8000) / 8000), label)
	frappe.db.commit()
	return doc.name


def lose(name: str) -> None:
	recordings.path(frappe.get_doc(recordings.DOCTYPE, name)).unlink()


def test_the_words_are_spoken_when_the_file_is_missing(carrier, answering):
	number, name = make.phone(), lost()
	answering(number, "answers")
	message = template(name)
	lose(name)
	assert call(carrier, number, message).status == "Reached"
	(line,) = heard(carrier, number)
	assert line["sentences"][2] == "The concert is on Thursday at six." and not line["played"]


def test_without_words_they_are_held_back_with_the_reason(carrier, posted):
	number, name = make.phone(), lost()
	message = template(name, voice="")
	lose(name)
	row = call(carrier, number, message)
	assert (row.status, row.reasons) == ("Blocked", "MISSING_DATA")
	assert "recording is missing" in row.outcome and not posted(number)


def test_a_file_that_goes_while_it_rings_is_no_dead_air(carrier, answering, monkeypatch, hooks):
	number, name = make.phone(), lost()
	make.consent(number)
	answering(number, "no answer")
	doc = make.campaign([number], template=template(name, voice=""))
	prepare(doc)
	dial(carrier)
	log = make.recipients(doc.name)[0].last_call_log
	frappe.db.set_value("Dialer Call Log", log, {"status": "ringing", "status_rank": 30})
	frappe.db.commit()
	lose(name)
	sid = frappe.db.get_value("Dialer Call Log", log, "carrier_sid")
	answer = hooks.post("voice", {"log": log}, {"CallSid": sid, "CallStatus": "in-progress"})
	assert "<Play>" not in answer.text and "call us back" in answer.text


def test_a_test_call_plays_it_too(log, greeting):
	frappe.db.set_value("Dialer Call Log", log, {"template": template(greeting), "recipient": None})
	outgoing = live_call.outgoing_of(live_call.open_log(log, "CA-of-this-call"))
	assert parse_qs(urlsplit(outgoing.play_url(greeting)).query)["log"] == [log]


# Tests of the recording's URL.


@pytest.fixture
def address(log, greeting) -> str:
	return playback.url(log, greeting)


def test_it_is_served_whole_and_in_parts(address, greeting):
	whole = requests.get(address, timeout=PATIENCE)
	assert (whole.status_code, whole.headers["Content-Type"]) == (200, "audio/mpeg")
	assert whole.content == sounds.mp3(2)
	assert (
		"no-store" in whole.headers["Cache-Control"] and whole.headers["X-Content-Type-Options"] == "nosniff"
	)
	part = requests.get(address, headers={"Range": "bytes=10-19"}, timeout=PATIENCE)
	assert (part.status_code, part.content) == (206, whole.content[10:20])
	assert requests.get(address, headers={"Range": "bytes=99999999-"}, timeout=PATIENCE).status_code == 416


def changed(address: str, **query) -> str:
	parts = urlsplit(address)
	given = {name: values[0] for name, values in parse_qs(parts.query).items()} | query
	return parts._replace(
		query=urlencode({name: value for name, value in given.items() if value is not None})
	).geturl()


@pytest.mark.parametrize(
	"change",
	[
		{"signature": None},
		{"signature": ""},
		{"signature": "0" * 64},
		{"signature": "é" * 64},
		{"recording": "another"},
		{"recording": "../../../sites/common_site_config.json"},
		{"recording": "..%2f..%2fsite_config.json"},
		{"recording": "/etc/passwd"},
		{"recording": "x' or '1'='1"},
		{"log": "another"},
		{"log": ""},
		{"log": None},
		{"expires": "99999999999"},
		{"expires": "-1"},
		{"expires": "soon"},
		{"expires": None},
		{"expires": "9" * 400},
	],
	ids=str,
)
def test_any_other_address_is_refused(address, change):
	answer = requests.get(changed(address, **change), timeout=PATIENCE)
	assert (answer.status_code, answer.content) == (403, b"")


def signed(log: str, recording: str, seconds: int = 60) -> str:
	expires = str(int(clock.now().timestamp()) + seconds)
	query = {
		"log": log,
		"recording": recording,
		"expires": expires,
		"signature": playback.signature(log, recording, expires),
	}
	return f"{public_url.base()}/api/method/{playback.METHOD}?{urlencode(query)}"


def test_it_expires(log, greeting, web):
	assert requests.get(signed(log, greeting), timeout=PATIENCE).status_code == 200
	assert requests.get(signed(log, greeting, -1), timeout=PATIENCE).status_code == 403


def test_it_is_for_one_call_and_while_it_lasts(log, greeting, address):
	assert requests.get(signed("0123456789abcdef", greeting), timeout=PATIENCE).status_code == 403
	frappe.db.set_value("Dialer Call Log", log, {"status": "completed", "status_rank": 90})
	frappe.db.commit()
	assert requests.get(address, timeout=PATIENCE).status_code == 403


def test_signed_for_what_is_no_recording_there_is_nothing(log, web):
	name = lost()
	lose(name)
	for recording in (name, "no-such", "../site_config.json", log):
		assert requests.get(signed(log, recording), timeout=PATIENCE).status_code == 404


def test_one_call_fetches_so_often_and_no_more(log, greeting, web):
	codes = {requests.get(signed(log, greeting), timeout=PATIENCE).status_code for _ in range(62)}
	assert 200 in codes and codes - {200}


def test_it_cannot_be_posted_to(address):
	assert requests.post(address, timeout=PATIENCE).status_code in (403, 405)


def test_the_file_itself_is_private(greeting, web):
	url = frappe.db.get_value(recordings.DOCTYPE, greeting, "file")
	assert url.startswith("/private/files/")
	assert requests.get(web + url, timeout=PATIENCE).status_code == 403


def test_nothing_of_the_audio_is_too_long_for_its_address():
	assert playback.VALID_FOR.total_seconds() >= 2 * audio.MOST_SECONDS
