"""Messages that callers leave: who may play them, and how they are deleted at the carrier."""

import frappe
import pytest

from school_dialer.calls import recording_retention
from school_dialer.privacy import erasure
from school_dialer.privacy.person import Subject
from school_dialer.settings import carrier_settings
from tests.integration import factories as make


@pytest.fixture
def left(office, called, carrier, messages):
	"""Return the number and the message of a caller who was not connected."""
	carrier.control("people", {office: {"behaviour": "busy"}})
	number = make.unlisted_phone()
	called(number=number, digits=["6", "1"], says=["Please call me back."], finishes_with="#")
	(message,) = messages(number)
	return number, message


def is_at_carrier(recording: str) -> bool:
	return carrier_settings.carrier().fetch_recording(recording, 10_000_000) is not None


def test_it_is_played_from_the_carrier(left):
	_number, message = left
	assert recording_retention.sound_of(message).startswith(b"RIFF")


def test_it_is_deleted_at_the_carrier_with_the_conversation(left):
	number, message = left
	recording_retention.delete_due()
	assert is_at_carrier(message.recording)
	frappe.db.sql(
		"update `tabDialer Conversation` set status = 'Closed', open_mark = null where phone = %s", number
	)
	frappe.db.sql("update `tabDialer Call Log` set status_rank = 90 where phone = %s", number)
	report = erasure.erase(Subject(phones=(number,)), really=True)
	frappe.db.commit()
	assert any("recordings of spoken words" in line for line in report.removed)
	recording_retention.delete_due()
	assert not is_at_carrier(message.recording)
	frappe.db.rollback()
	assert not frappe.db.get_value("Dialer Conversation Message", message.name, "recording")


def test_its_id_is_read_by_those_who_read_the_words(left, as_role):
	_number, message = left
	as_role("Dialer Agent")
	doc = frappe.get_doc("Dialer Conversation Message", message.name)
	fields = frappe.get_meta(doc.doctype)
	assert fields.get_field("recording").permlevel == fields.get_field("words").permlevel
