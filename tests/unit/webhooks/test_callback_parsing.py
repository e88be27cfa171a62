"""The carrier's forms, hostile ones too: keys, recordings, who has hung up, and whether it still waits."""

import socket
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("frappe", reason="it is pure, but lives beside what is not")

from school_dialer.webhooks import callback_parsing, listener

KEYS = "0123456789*#"


@given(st.text(KEYS, min_size=1, max_size=20))
def test_pressed_keys_are_taken_as_they_are(pressed):
	assert callback_parsing.keys({"Digits": pressed}) == pressed


@given(st.text(max_size=40))
def test_nothing_else_is_a_key(text):
	taken = callback_parsing.keys({"Digits": text})
	assert taken in ("", text.strip()) and set(taken) <= set(KEYS) and len(taken) <= 20


@given(st.sampled_from(["RecordingSid", "RecordingDuration", "Digits", "CallStatus"]), st.text(max_size=60))
def test_no_form_breaks_them(name, value):
	form = {name: value}
	assert callback_parsing.recording(form) in ("", value)
	assert callback_parsing.is_silent(form) in (True, False) and callback_parsing.has_hung_up(form) in (
		True,
		False,
	)
	assert 0 <= callback_parsing.detection({"MachineDetectionDuration": value}) <= 60


@pytest.mark.parametrize(
	("form", "expected"),
	[
		({"Digits": "hangup"}, True),
		({"CallStatus": "completed"}, True),
		({"CallStatus": "busy"}, True),
		({"CallStatus": "in-progress", "Digits": "9"}, False),
		({"CallStatus": "answered"}, False),
		({}, False),
	],
)
def test_who_has_hung_up(form, expected):
	assert callback_parsing.has_hung_up(form) is expected


@given(st.text(string.hexdigits.lower(), min_size=30, max_size=34))
def test_only_a_recordings_id_is_one(text):
	assert callback_parsing.recording({"RecordingSid": f"RE{text}"}) == (
		f"RE{text}" if len(text) == 32 else ""
	)


def test_the_carrier_waits_until_it_closes_the_connection():
	carrier, site = socket.socketpair()
	now = time.monotonic()
	for name in listener.SOCKETS:
		assert listener.is_waiting({name: site}, now)
	carrier.send(b"more")
	assert listener.is_waiting({"gunicorn.socket": site}, now)
	site.recv(4)
	carrier.close()
	for name in listener.SOCKETS:
		assert not listener.is_waiting({name: site}, now)
	site.close()
	assert listener.is_waiting({"gunicorn.socket": site}, now), "what cannot be asked is not known"


def test_an_answer_that_took_too_long_comes_too_late():
	began = time.monotonic()
	assert listener.is_waiting({}, began)
	assert not listener.is_waiting({}, began - listener.WAITS - 1)
	environ: dict = {}
	assert listener.began_at(environ) == listener.began_at(environ), "a second try has the time of the first"
