"""Recordings as records: who may make them, and how a template uses them."""

import io
import secrets

import frappe
import pytest

from school_dialer.desk import recordings as desk
from school_dialer.desk import templates
from school_dialer.messages import store
from school_dialer.messages.model import School
from school_dialer.messages.sound import audio, recordings
from tests import sounds


def uploaded(content: bytes, name: str = "greeting.wav") -> dict:
	frappe.local.uploaded_file, frappe.local.uploaded_filename = content, name
	frappe.local.request = frappe._dict(files={})
	try:
		return desk.upload()
	finally:
		frappe.local.uploaded_file = frappe.local.uploaded_filename = None
		del frappe.local.request


def message(**words):
	return frappe.get_doc(
		{
			"doctype": store.TEMPLATE,
			"template_name": f"Test {secrets.token_hex(4)}",
			"purpose": "Event",
			"voice": 1,
			"translations": [{"language": "en", "voice": "Hello {{ recipient_name }}.", **words}],
		}
	)


@pytest.fixture
def name() -> str:
	return recordings.upload(sounds.wav(1), "greeting.wav").name


def test_a_manager_uploads_and_others_may_not(user_with):
	manager, *others = (
		user_with(role) for role in ("Dialer Manager", "Dialer Agent", "Dialer Compliance Officer")
	)
	frappe.set_user(manager)
	shown = uploaded(sounds.mp3(1), "../../Maria Lopez.exe")
	assert (shown["ready"], shown["status"]) == (True, "Ready") and shown["seconds"] == pytest.approx(
		1, abs=0.1
	)
	file = frappe.get_doc("File", {"attached_to_name": shown["name"]})
	assert file.is_private and file.file_url == f"/private/files/{shown['name']}.mp3"
	for user in others:
		frappe.set_user(user)
		with pytest.raises(frappe.PermissionError):
			uploaded(sounds.mp3(1))


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"MZ" + bytes(9000), sounds.wav(200)])
def test_a_bad_file_leaves_nothing_behind(content):
	before = frappe.db.count(recordings.DOCTYPE), frappe.db.count("File")
	with pytest.raises(frappe.ValidationError) as caught:
		uploaded(content, "greeting.mp3")
	assert not isinstance(caught.value, frappe.PermissionError)
	assert (frappe.db.count(recordings.DOCTYPE), frappe.db.count("File")) == before


def test_no_one_makes_or_changes_one_in_another_way(name):
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(
			{"doctype": recordings.DOCTYPE, "label": "x", "file": "/private/files/backup.sql"}
		).insert()
	doc = frappe.get_doc(recordings.DOCTYPE, name)
	doc.file = "/private/files/backup.sql"
	with pytest.raises(frappe.PermissionError):
		doc.save()


@pytest.mark.parametrize(
	"url", ["/files/public.mp3", "/private/files/../../site_config.json", "/etc/passwd", "", None]
)
def test_only_a_private_file_is_a_recording(name, url):
	frappe.db.set_value(recordings.DOCTYPE, name, "file", url)
	assert recordings.path(frappe.get_doc(recordings.DOCTYPE, name)) is None


def test_a_template_is_educational_until_staff_say_otherwise(name):
	doc = message(voice_recording=name).insert()
	assert doc.sensitivity == "educational"
	doc.translations[0].voice_recording_holds = "public"
	doc.save()
	assert (doc.sensitivity, doc.version) == ("personal", 2)
	doc.translations[0].recording_place = store.AFTER_WORDS
	doc.save()
	assert doc.version == 3


def test_a_voicemail_recording_has_to_be_declared(name):
	doc = message(voicemail_recording=name)
	with pytest.raises(frappe.ValidationError, match="anyone may hear a voicemail"):
		doc.insert()
	doc.translations[0].voicemail_recording_holds = "public"
	doc.insert()


def test_a_recording_alone_is_a_message(name):
	message(voice="", voice_recording=name).insert()
	with pytest.raises(frappe.ValidationError, match="no words for calls"):
		message(voice="").insert()


def test_a_recording_in_use_is_not_deleted(name):
	message(voice_recording=name).insert()
	with pytest.raises(frappe.LinkExistsError):
		frappe.delete_doc(recordings.DOCTYPE, name)


def test_a_recording_that_does_not_exist_is_refused():
	with pytest.raises(frappe.LinkValidationError):
		message(voice_recording="no-such").insert()


def test_the_preview_plays_where_it_is_played(name, monkeypatch):
	monkeypatch.setattr(store, "school", lambda *_of: School("Riverside", "Riverside School", "+18005550142"))
	doc = message(voice_recording=name, voice_recording_holds="public")
	shown = templates.preview(doc.as_dict(), "en")
	assert shown["voice"]["sentences"][2] == "▶ …" and not shown["voice"]["problems"]


def test_a_file_of_the_largest_size_is_read_no_further(monkeypatch):
	read = []

	class Stream(io.BytesIO):
		def read(self, most=-1):
			read.append(most)
			return super().read(most)

	file = frappe._dict(stream=Stream(b"x"), filename="x.mp3")
	frappe.local.request = frappe._dict(files={"file": file})
	try:
		with pytest.raises(frappe.ValidationError):
			desk.upload()
	finally:
		del frappe.local.request
	assert read == [audio.MOST_BYTES + 1]
