"""The recordings of a message: uploaded, declared, listened to, and recorded by phone.

A file that is not audio is explained.
"""

import secrets
from collections.abc import Iterator

import frappe
import pytest
from playwright.sync_api import Page, expect

from tests import sounds
from tests.browser.conftest import STAFF
from tests.browser.kit.forms import opened_dialog
from tests.integration import factories as make

TEMPLATE = "Dialer Message Template"


@pytest.fixture
def message(people: dict) -> Iterator[str]:
	name = f"Browser {secrets.token_hex(3)}"
	words = [{"language": "en", "voice": "Hello {{ recipient_name }}."}, {"language": "es", "voice": "Hola."}]
	frappe.db.rollback()
	frappe.get_doc(
		{"doctype": TEMPLATE, "template_name": name, "purpose": "Event", "voice": 1, "translations": words}
	).insert()
	# One name in a hundred is all digits.
	child = {"parent": name, "language": "es"}
	digits = str(secrets.randbelow(9 * 10**9) + 10**9)
	frappe.db.set_value("Dialer Message Translation", child, "name", digits, update_modified=False)
	frappe.db.commit()
	yield name
	frappe.db.rollback()
	frappe.delete_doc_if_exists(TEMPLATE, name, force=True)
	frappe.db.commit()


def opened(page: Page, message: str):
	page.goto(f"/app/dialer-message-template/{message}")
	page.get_by_role("button", name="Recordings", exact=True).click()
	opened_dialog(page)
	dialog = page.locator(".modal.show").filter(has=page.locator("[data-language]"))
	expect(dialog.locator("fieldset")).to_have_count(2)
	return dialog


def part(dialog, language: str, variant: str):
	row = dialog.locator(f"fieldset[data-language={language}]")
	return row.locator(f"[data-variant={variant}]")


def saved(message: str):
	frappe.db.rollback()
	return {row.language: row for row in frappe.get_doc(TEMPLATE, message).translations}


def test_a_recording_is_uploaded_declared_and_saved(page_as, message):
	page = page_as("Dialer Manager")
	dialog = opened(page, message)
	english = part(dialog, "en", "voice")
	expect(english).to_contain_text("the words are spoken")
	file = {"name": "principal.wav", "mimeType": "audio/wav", "buffer": sounds.wav(3)}
	english.locator("input[type=file]").set_input_files(file)
	player = english.locator("audio")
	expect(player).to_be_visible()
	expect(english).to_contain_text("principal.wav, 3 seconds")
	assert player.evaluate(
		"one => new Promise(done => { one.onloadedmetadata = () => done(one.duration); "
		"one.load(); one.preload = 'metadata'; })"
	) == pytest.approx(3, abs=0.1)
	english.get_by_label("It holds").select_option("public")
	dialog.get_by_label("A recording is played").select_option("After the words")
	dialog.get_by_role("button", name="Save message").click()
	expect(dialog).to_be_hidden()
	row = saved(message)["en"]
	assert row.voice_recording and (row.voice_recording_holds, row.recording_place) == (
		"public",
		"After the words",
	)
	dialog = opened(page, message)
	part(dialog, "en", "voice").get_by_role("button", name="Remove").click()
	page.locator(".modal.show").last.get_by_role("button", name="Yes").click()
	expect(part(dialog, "en", "voice")).to_contain_text("the words are spoken")


def test_a_file_that_is_no_sound_is_explained(page_as, message):
	page = page_as("Dialer Manager")
	dialog = opened(page, message)
	spanish = part(dialog, "es", "voicemail")
	spanish.locator("input[type=file]").set_input_files(
		{"name": "greeting.mp3", "mimeType": "audio/mpeg", "buffer": b"%PDF-1.7 not a sound"}
	)
	expect(page.locator(".msgprint")).to_contain_text("neither an MP3 nor a WAV")
	assert not saved(message)["es"].voicemail_recording


def test_who_only_reads_may_listen_and_change_nothing(page_as, message):
	dialog = opened(page_as("Dialer Compliance Officer"), message)
	assert not dialog.get_by_role("button", name="Upload").count()


def test_a_recording_is_said_by_phone(staff, carrier, worker, message):
	number = make.own_number(STAFF["manager"], make.unlisted_phone())
	frappe.db.commit()
	carrier.control("people", {number: {"behaviour": "presses", "digits": ["1", "1"], "says": [5]}})
	page = staff("manager")
	dialog = opened(page, message)
	part(dialog, "es", "voice").get_by_role("button", name="Call me, I will say it").click()
	asked = page.locator(".modal.show").last
	expect(asked).to_contain_text(number[-2:])
	asked.get_by_role("button", name="Call me now").click()
	expect(part(dialog, "es", "voice").locator("audio")).to_be_visible()
	expect(part(dialog, "es", "voice")).to_contain_text("5 seconds")
	assert saved(message)["es"].voice_recording_holds == "educational"
