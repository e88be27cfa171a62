"""A campaign in progress protects its records: they are neither deleted nor replaced."""

import frappe
import pytest

from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.approval.locks import LIVE, InUse
from school_dialer.messages.sound import recordings
from tests import sounds
from tests.integration import factories as make

ENDED = (states.DRAFT, *states.ENDED)


def live(status: str, **values):
	doc = make.campaign(**values)
	doc.db_set("status", status)
	return doc


def file_of(doc):
	return frappe.get_doc("File", {"file_url": doc.audience_file})


@pytest.mark.parametrize("status", LIVE)
def test_the_list_of_a_campaign_under_way_is_kept(school, status):
	doc = live(status)
	for delete in (file_of(doc).delete, lambda: frappe.delete_doc("File", file_of(doc).name, force=True)):
		with pytest.raises(InUse, match=doc.name):
			delete()
	assert file_of(doc).get_content()


@pytest.mark.parametrize("status", ENDED)
def test_the_list_of_others_may_go(school, status):
	doc = live(status)
	while frappe.db.exists("File", {"file_url": doc.audience_file}):
		file_of(doc).delete()
	assert not frappe.db.exists("File", {"file_url": doc.audience_file})


def test_the_list_is_not_moved_or_pointed_elsewhere(school):
	doc, other = live(states.RUNNING), make.csv_file([("Stranger", make.phone())])
	for values in ({"is_private": 0}, {"file_url": other}, {"content_hash": "0"}):
		file = file_of(doc)
		file.update(values)
		with pytest.raises(InUse, match=doc.name):
			file.save()
	assert file_of(doc).get_content()


def test_a_list_may_be_attached_to_something(school):
	doc = live(states.RUNNING)
	file = file_of(doc)
	file.update({"attached_to_doctype": "Dialer Campaign", "attached_to_name": doc.name})
	file.save()


def test_the_words_of_a_campaign_under_way_are_kept(school):
	doc = live(states.PAUSED)
	with pytest.raises(InUse, match=doc.name):
		frappe.delete_doc("Dialer Message Template", doc.template, force=True)
	template = frappe.get_doc("Dialer Message Template", doc.template)
	template.translations[0].voice = "Something else."
	with pytest.raises(InUse, match=doc.name):
		template.save()


def test_the_recording_of_a_campaign_under_way_is_kept(school):
	recording = recordings.upload(sounds.mp3(2), "greeting.mp3").name
	words = {"voice_recording": recording, "voice_recording_holds": "public"}
	doc = live(states.PREPARING, template=make.template(text=0, said=words))
	with pytest.raises(InUse, match=doc.name):
		frappe.delete_doc("Dialer Recording", recording, force=True)
	sound = frappe.db.get_value("Dialer Recording", recording, "file")
	with pytest.raises(InUse, match=doc.name):
		frappe.get_doc("File", {"file_url": sound}).delete()
	actions.cancel(doc.name)
	frappe.get_doc("File", {"file_url": sound}).delete()
