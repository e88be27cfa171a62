"""Shipped messages on sites that had them before: words that no one changed are brought up to date."""

import json

import frappe
import pytest

from school_dialer.base import site_values
from school_dialer.base.roles import MANAGER
from school_dialer.emergency_kit import item_seal
from school_dialer.messages import defaults, linter, store
from school_dialer.setup import shipped_words
from tests.integration import factories as make

NAME = "Emergency closure"


@pytest.fixture
def before():
	"""Return the closure on a site that installed the earlier version."""
	frappe.db.set_value("Dialer Campaign", {"template": NAME}, "status", "Cancelled")
	frappe.db.set_value(item_seal.DOCTYPE, {"template": NAME}, "approval_seal", None)
	shipped_words.forget()
	(old,) = [data for data in defaults.superseded() if data["template_name"] == NAME]
	doc = frappe.get_doc(store.TEMPLATE, NAME)
	doc.set("translations", [dict(row) for row in old["translations"] if is_language(row["language"])])
	return doc.save()


def is_language(code: str) -> bool:
	return bool(frappe.db.exists("Language", code))


@pytest.fixture
def alarms(monkeypatch):
	"""Return the (role, message) of each alarm."""
	rung = []
	monkeypatch.setattr(
		shipped_words.staff, "alarm", lambda role, _subject, _doctype, name: rung.append((role, name))
	)
	return rung


def closure() -> dict[str, str]:
	return {row.language: row.voice for row in frappe.get_doc(store.TEMPLATE, NAME).translations}


def test_untouched_words_agree_in_all_languages_afterward(before, alarms):
	assert "Los estudiantes deben quedarse en casa" in closure()["es"]
	for _update in range(2):
		shipped_words.bring_up_to_date()
	assert alarms == []
	now = next(data for data in defaults.templates() if data["template_name"] == NAME)
	assert closure() == {
		row["language"]: row["voice"] for row in now["translations"] if row["language"] in closure()
	}
	assert frappe.db.get_value(store.TEMPLATE, NAME, "version") == before.version + 1


def test_a_language_that_the_school_deleted_stays_deleted(before, alarms):
	before.set("translations", [row for row in before.translations if row.language in ("en", "es")])
	before.save()
	shipped_words.bring_up_to_date()
	assert set(closure()) == {"en", "es"} and "Hemos cerrado" in closure()["es"]


@pytest.mark.parametrize(
	"change",
	[
		lambda doc: doc.translations[1].update({"voice": "La escuela está cerrada."}),
		lambda doc: doc.append("translations", {"language": "fr", "voice": "L'école est fermée."}),
		lambda doc: doc.update({"text": 0}),
	],
)
def test_a_message_that_the_school_changed_stays_and_managers_are_notified(before, alarms, change):
	change(before)
	words = {row.language: row.voice for row in before.save().translations}
	for _update in range(2):
		shipped_words.bring_up_to_date()
	assert closure() == words and alarms == [(MANAGER, NAME)]
	assert shipped_words.notified() == [["changed", NAME, 2]]


def test_words_that_a_campaign_uses_now_are_taken_at_the_next_update(before, alarms):
	doc = make.campaign(purpose="Emergency", template=NAME, emergency_type="Fire", emergency_reason="Smoke")
	doc.db_set("status", "Scheduled")
	words = closure()
	for _update in range(2):
		shipped_words.bring_up_to_date()
	assert closure() == words and alarms == [(MANAGER, NAME)]
	assert shipped_words.notified() == [["used", NAME, 2]], "not that the school changed them"
	doc.db_set("status", "Cancelled")
	shipped_words.bring_up_to_date()
	assert "Hemos cerrado" in closure()["es"] and alarms == [(MANAGER, NAME)]


def test_messages_that_cannot_be_saved_end_no_update(before, alarms, monkeypatch):
	wrong = linter.Finding(linter.ERROR, "", 1, "Wrong.")
	monkeypatch.setattr(linter, "check_template", lambda *_of, **_options: [wrong])
	missing, words = "Emergency lockdown", closure()
	frappe.db.delete(store.TEMPLATE, {"name": missing})
	site_values.write(defaults.OFFERED, "[]")
	defaults.install()
	shipped_words.bring_up_to_date()
	assert missing not in json.loads(site_values.read(defaults.OFFERED))
	assert closure() == words and alarms == [(MANAGER, NAME)]
	assert shipped_words.notified() == [["refused", NAME, 2]]


def test_the_notice_reaches_managers(before, user_with):
	manager = user_with(MANAGER)
	before.translations[0].voice = "Closed."
	before.save()
	shipped_words.bring_up_to_date()
	about = {"document_type": store.TEMPLATE, "document_name": NAME, "for_user": manager}
	assert frappe.db.exists("Notification Log", about)
