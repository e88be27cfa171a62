"""A message recorded by phone, against the carrier.

Only the staff member is recorded, and only the take that they keep stays.
"""

import secrets
from collections.abc import Callable

import frappe
import pytest

from school_dialer import scheduler
from school_dialer.calls import phone_recording
from school_dialer.carriers.base import Account, Refused
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.consent import ledger
from school_dialer.desk import recordings as desk
from school_dialer.messages import store
from school_dialer.messages.sound import audio, recordings
from school_dialer.settings import carrier_settings
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare

pytestmark = pytest.mark.exhaustive


@pytest.fixture
def number(school):
	"""Yield the number that the user has verified."""
	own = make.own_number("Administrator", make.unlisted_phone())
	frappe.db.commit()
	yield own
	frappe.db.rollback()
	make.forget_own_number("Administrator")
	frappe.db.commit()


@pytest.fixture
def said(carrier, message, number) -> Callable:
	"""Return a function that calls the user, who presses these keys and speaks for so many seconds each time.

	It returns the recording after the jobs have run.
	"""

	def call(digits: list[str], says: list[int], variant: str = "voice", holds: str = "public"):
		carrier.control("people", {number: {"behaviour": "presses", "digits": digits, "says": says}})
		name = desk.call_me(message, "en", variant, holds)
		frappe.db.commit()
		carrier.wait_until_idle()
		frappe.db.rollback()
		phone_recording.keep(name)
		phone_recording.settle_abandoned()
		frappe.db.commit()
		phone_recording.forget(name)
		frappe.db.rollback()
		return frappe.get_doc(recordings.DOCTYPE, name)

	return call


def takes(carrier, doc) -> list[dict]:
	sid = frappe.db.get_value("Dialer Call Log", doc.call_log, "carrier_sid")
	return [entry for entry in carrier.log("recording") if entry["call"] == sid]


def at_the_carrier(take: dict) -> bytes | None:
	return carrier_settings.carrier().fetch_recording(take["sid"], audio.MOST_BYTES)


def documents(carrier, number: str) -> list[dict]:
	return [line for line in carrier.log("twiml") if line["to"] == number]


@pytest.mark.story
def test_what_is_kept_is_in_the_message_and_gone_at_the_carrier(carrier, message, number, said):
	doc = said(["1", "1"], [6])
	assert (doc.status, doc.format, doc.seconds, doc.status_message) == ("Ready", "WAV", 6, None)
	assert recordings.path(doc) and frappe.db.get_value("File", {"file_url": doc.file}, "is_private")
	row = frappe.get_doc(store.TEMPLATE, message).translations[0]
	assert (row.voice_recording, row.voice_recording_holds) == (doc.name, "public")
	(take,) = takes(carrier, doc)
	assert at_the_carrier(take) is None and not doc.takes
	played = [sound for line in documents(carrier, number) for sound in line["played"]]
	assert [sound["http_status"] for sound in played] == [200]


def test_it_says_who_calls_how_to_stop_and_that_it_records(carrier, number, said):
	said(["1", "1"], [6])
	sentences = documents(carrier, number)[0]["sentences"]
	assert "Lincoln" in sentences[0] or "Riverside" in sentences[0] or "calling" in sentences[0]
	assert "press 9" in sentences[1] and "will be recorded" in sentences[2]


def test_said_again_only_the_last_one_is_kept(carrier, number, said):
	doc = said(["1", "2", "1"], [3, 9])
	assert doc.seconds == 9
	assert len(takes(carrier, doc)) == 2 and not any(map(at_the_carrier, takes(carrier, doc)))


def test_who_hangs_up_keeps_nothing(carrier, message, said):
	doc = said(["1"], [6])
	assert (doc.status, doc.file) == ("Not Kept", None) and "before it was kept" in doc.status_message
	assert [at_the_carrier(take) for take in takes(carrier, doc)] == [None]
	assert not frappe.get_doc(store.TEMPLATE, message).translations[0].voice_recording


def test_nothing_is_recorded_before_the_key(carrier, said, number):
	doc = said([], [6])
	assert not takes(carrier, doc) and doc.status == "Not Kept"


def test_silence_is_asked_for_twice_and_then_nothing_is_kept(carrier, said, number):
	doc = said(["1"], [0])
	assert not takes(carrier, doc) and doc.status == "Not Kept"
	assert documents(carrier, number)[-1]["sentences"].count("There was nothing to hear.") == 2


def test_nine_stops_the_calls(carrier, number, said):
	doc = said(["9"], [6])
	assert not takes(carrier, doc)
	assert any(one.scope == "all non-emergency" for one in ledger.read([number])[number].opt_outs)
	with pytest.raises(frappe.PermissionError, match="OPTED_OUT"):
		desk.call_me(doc.template, "en", "voice", "public")


def test_what_the_message_cannot_take_is_kept_all_the_same(message, said):
	doc = make.campaign([make.phone()], template=message)
	frappe.db.set_value("Dialer Campaign", doc.name, "status", "Scheduled")
	frappe.db.commit()
	kept = said(["1", "1"], [6])
	frappe.db.set_value("Dialer Campaign", doc.name, "status", "Cancelled")
	frappe.db.commit()
	assert kept.status == "Ready" and "is using these words" in kept.status_message


def test_what_cannot_be_fetched_now_is_fetched_later(carrier, message, said, monkeypatch):
	carrier.control("faults", {})
	with monkeypatch.context() as patch:
		patch.setattr(TwilioCarrier, "fetch_recording", lambda self, sid, most: None)
		doc = said(["1", "1"], [6])
	assert doc.status == "Keeping" and [at_the_carrier(take) for take in takes(carrier, doc)] != [None]
	phone_recording.keep(doc.name)
	phone_recording.keep(doc.name)
	assert frappe.db.get_value(recordings.DOCTYPE, doc.name, "status") == "Ready"


def test_what_cannot_be_fetched_for_an_hour_is_given_up(carrier, said, monkeypatch):
	with monkeypatch.context() as patch:
		patch.setattr(TwilioCarrier, "fetch_recording", lambda self, sid, most: None)
		doc = said(["1", "1"], [6])
	frappe.db.sql(
		"update `tabDialer Call Log` set placed_at = placed_at - interval 2 hour where name = %s",
		doc.call_log,
	)
	frappe.db.commit()
	scheduler.tick()
	phone_recording.forget(doc.name)
	doc.reload()
	assert doc.status == "Not Kept" and not any(map(at_the_carrier, takes(carrier, doc)))


def test_the_form_sees_how_far_it_is(said):
	doc = said(["1", "1"], [6])
	shown = desk.state(doc.name)
	assert (shown["status"], shown["over"], shown["ready"]) == ("Ready", True, True)


@pytest.mark.parametrize(
	("language", "variant", "holds"),
	[
		("fr", "voice", "public"),
		("en", "text", "public"),
		("en", "voice", "everything"),
		("en", "", "public"),
	],
)
def test_only_a_part_of_the_message_is_recorded(message, number, carrier, posted, language, variant, holds):
	with pytest.raises(frappe.ValidationError):
		desk.call_me(message, language, variant, holds)
	assert not posted(number)


def test_only_who_may_write_the_message_is_called(message, as_role):
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		desk.call_me(message, "en", "voice", "public")


def test_campaign_calls_are_never_recorded(carrier, answering):
	callee = make.phone()
	make.consent(callee)
	answering(callee, "answers")
	doc = make.campaign([callee])
	prepare(doc)
	dial(carrier)
	(call,) = [entry for entry in carrier.log("call") if entry["to"] == callee]
	assert not [name for name in call["params"] if "record" in name.lower()]
	log = make.recipients(doc.name)[0].last_call_log
	assert not [
		one
		for one in carrier.log("recording")
		if one["call"] == frappe.db.get_value("Dialer Call Log", log, "carrier_sid")
	]


# Tests of hostile webhooks.


def test_only_the_carrier_may_say_that_something_was_recorded(hooks, log, session):
	for method in ("record", "record_take", "record_status"):
		answer = hooks.post(
			method, {"log": log}, {"CallSid": "CA1", "RecordingSid": "RE" + "0" * 32}, "forged"
		)
		assert answer.status_code == 403
	assert not frappe.db.get_value(recordings.DOCTYPE, session, "takes")


@pytest.mark.parametrize(
	"sid",
	[
		"",
		"RE1",
		"RE" + "g" * 32,
		"../../Calls",
		"RE" + "0" * 32 + "/../x",
		"http://192.0.2.1/x.wav",
		"CA" + "0" * 32,
	],
)
def test_what_is_no_recordings_id_is_not_taken(hooks, log, session, sid):
	form = {"CallSid": "CA1", "RecordingSid": sid, "RecordingUrl": "http://192.0.2.1/evil.wav"}
	answer = hooks.post("record_take", {"log": log}, form)
	assert answer.status_code == 200 and "Play" not in answer.text
	assert not frappe.db.get_value(recordings.DOCTYPE, session, "takes")


def test_another_address_than_the_carriers_own_is_never_played(hooks, log, session, carrier):
	sid = "RE" + secrets.token_hex(16)
	form = {"CallSid": "CA1", "RecordingSid": sid, "RecordingUrl": "http://192.0.2.1/evil.wav"}
	answer = hooks.post("record_take", {"log": log}, form)
	assert (
		"192.0.2.1" not in answer.text and f"{carrier.url}/2010-04-01/" in answer.text and sid in answer.text
	)


def test_a_call_of_a_campaign_is_no_dictation(hooks, log):
	for method, more in (("record", {"Digits": "1"}), ("record_take", {"RecordingSid": "RE" + "0" * 32})):
		answer = hooks.post(method, {"log": log}, {"CallSid": "CA1", **more})
		assert "<Record" not in answer.text and "<Play" not in answer.text


def test_of_another_carrier_call_nothing_is_taken(hooks, log, session):
	frappe.db.set_value("Dialer Call Log", log, "carrier_sid", "CA-mine")
	frappe.db.commit()
	hooks.post("record_take", {"log": log}, {"CallSid": "CA-other", "RecordingSid": "RE" + "0" * 32})
	assert not frappe.db.get_value(recordings.DOCTYPE, session, "takes")


# Tests of the carrier's side.


def test_more_than_the_limit_is_not_read(carrier, said):
	doc = said(["1", "2", "1"], [3, 9])
	again = TwilioCarrier(Account(carrier.account, carrier.token, carrier.url))
	with pytest.raises(ValueError):
		again.fetch_recording("../Calls", 10)
	assert again.fetch_recording("RE" + "0" * 32, 10) is None
	again.delete_recording("RE" + "0" * 32)
	assert doc.status == "Ready"


def test_a_recording_too_large_is_refused(carrier, number, message, monkeypatch):
	carrier.control("people", {number: {"behaviour": "presses", "digits": ["1", "1"], "says": [30]}})
	name = desk.call_me(message, "en", "voice", "public")
	frappe.db.commit()
	carrier.wait_until_idle()
	frappe.db.rollback()
	(take,) = takes(carrier, frappe.get_doc(recordings.DOCTYPE, name))
	with pytest.raises(Refused, match="larger"):
		carrier_settings.carrier().fetch_recording(take["sid"], 100_000)
