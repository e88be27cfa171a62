"""The DocType: refusals, versions, protected fields; the defaults; and the preview in the form."""

import json
import secrets

import frappe
import pytest

from school_dialer.base import site_values
from school_dialer.desk import templates as desk
from school_dialer.messages import context, defaults, store
from school_dialer.messages.errors import MissingData, NotForChannel
from school_dialer.messages.field import Subject
from school_dialer.messages.model import School


def template(translations=None, **values):
	return frappe.get_doc(
		{
			"doctype": "Dialer Message Template",
			"template_name": f"Test {secrets.token_hex(4)}",
			"purpose": "Event",
			"voice": 1,
			"text": 0,
			"translations": translations or [{"language": "en", "voice": "Hello {{ recipient_name }}."}],
			**values,
		}
	)


@pytest.mark.parametrize(
	"words, expected",
	[
		(
			{"voice": "Dear\n{{ gaurdian_name }}"},
			["en voice, line 2", "gaurdian_name", "{{ guardian_name }}"],
		),
		({"voice": "{{ ''.__class__ }}"}, ["en voice, line 1", "the dot"]),
		(
			{"voice": "x", "voicemail": "{{ attendance_date }}"},
			["en voicemail, line 1", "educational record"],
		),
		({"voice": "<script>alert(1)</script>"}, ["&lt;script&gt;"]),
	],
)
def test_a_bad_template_is_refused_with_place_and_repair(words, expected):
	with pytest.raises(frappe.ValidationError) as caught:
		template([{"language": "en", **words}]).insert()
	for part in expected:
		assert part in str(caught.value)


def test_nothing_is_saved_of_a_refused_change():
	doc = template().insert()
	doc.translations[0].voice = "{{ nobody }}"
	with pytest.raises(frappe.ValidationError):
		doc.save()
	assert frappe.get_doc(store.TEMPLATE, doc.name).translations[0].voice == "Hello {{ recipient_name }}."


def test_the_version_counts_changes_of_content_only():
	doc = template().insert()
	assert doc.version == 1
	doc.save()
	assert doc.version == 1
	doc.translations[0].voice = "Good day {{ recipient_name }}."
	doc.save()
	assert doc.version == 2
	doc.version = 99
	doc.save()
	assert doc.version == 2
	doc.purpose = "General"
	doc.save()
	assert doc.version == 3


def test_sensitivity_and_fields_are_computed_whatever_is_sent():
	doc = template(sensitivity="public", fields_used="", version=7)
	doc.translations[0].voice = "{{ absent_names }}"
	doc.insert()
	assert (doc.sensitivity, doc.fields_used, doc.version) == ("educational", "absent_names", 1)


def test_warnings_do_not_stop_a_save():
	frappe.clear_messages()
	template([{"language": "en", "voice": "Call 312-555-0142."}]).insert()
	assert "call_back_number" in json.dumps([str(message) for message in frappe.message_log])


@pytest.mark.parametrize(
	"role, may",
	[
		("Dialer Manager", {"read", "write", "create"}),
		("Dialer Compliance Officer", {"read"}),
		("Dialer Emergency Approver", {"read"}),
		("Dialer Agent", {"read"}),
		("System Manager", {"read", "write", "create", "delete"}),
	],
)
def test_permissions(user_with, role, may):
	frappe.set_user(user_with(role))
	for permission in ("read", "write", "create", "delete"):
		assert bool(frappe.has_permission(store.TEMPLATE, permission)) == (permission in may), permission


def test_the_defaults_are_there_once_and_do_not_come_back():
	names = [data["template_name"] for data in defaults.templates()]
	defaults.install()
	assert all(frappe.db.exists(store.TEMPLATE, name) for name in names)
	frappe.delete_doc(store.TEMPLATE, "Fees notice", force=True)
	defaults.install()
	assert not frappe.db.exists(store.TEMPLATE, "Fees notice")


def test_a_default_whose_fields_come_later_is_offered_later(monkeypatch):
	# Campaigns of other tests may be using its words.
	frappe.db.set_value("Dialer Campaign", {"template": "Attendance notice"}, "status", "Cancelled")
	frappe.delete_doc(store.TEMPLATE, "Attendance notice", force=True)
	site_values.forget(defaults.OFFERED)
	fields = dict(defaults.fields())
	monkeypatch.setattr(
		defaults, "fields", lambda: {name: fields[name] for name in fields if name != "absent_names"}
	)
	defaults.install()
	assert not frappe.db.exists(store.TEMPLATE, "Attendance notice")
	monkeypatch.setattr(defaults, "fields", lambda: fields)
	defaults.install()
	assert frappe.db.exists(store.TEMPLATE, "Attendance notice")


def test_the_field_picker_has_everything_with_an_example(user_with):
	frappe.set_user(user_with("Dialer Manager"))
	fields = {field["name"]: field for field in desk.fields()}
	assert fields["student_names"]["example"] == "Ana and Luis"
	assert fields["attendance_date"]["sensitivity"] == "educational"


def test_strangers_see_neither_fields_nor_previews(user_with):
	frappe.set_user(user_with("Employee"))
	with pytest.raises(frappe.PermissionError):
		desk.fields()
	with pytest.raises(frappe.PermissionError):
		desk.preview(json.dumps(template().as_dict(), default=str))


@pytest.fixture
def school_settings(monkeypatch):
	"""Replace the site's own settings by a school that has everything a message needs."""
	school = School("Riverside", "Riverside School", "+18005550142", "en")
	monkeypatch.setattr(store, "school", lambda *_of: school)


def test_the_school_is_that_of_the_settings():
	settings, school = frappe.get_doc("Dialer Settings"), store.school()
	assert school.name == (settings.school_name or "")
	assert school.identity == (settings.caller_identity or settings.school_name or "")
	assert school.call_back_number == (settings.call_back_number or "")
	assert school.language == (settings.default_language or "en")


def test_a_preview_of_unsaved_words(school_settings):
	words = [
		{"language": "en", "voice": "{{ absent_names }} on {{ attendance_date }}", "text": "Please call."}
	]
	doc = template(words, text=1, purpose="Attendance")
	answer = desk.preview(json.dumps(doc.as_dict(), default=str))
	assert "press 1" in " ".join(answer["voice"]["sentences"])
	assert answer["voice"]["after_confirmation"][0].startswith("Ana on ")
	assert answer["voice"]["problems"] == answer["voicemail"]["problems"] == []
	assert answer["text"]["body"].startswith("Riverside School: Please call.")
	assert answer["text"]["segments"] == 1
	assert not frappe.db.exists(store.TEMPLATE, doc.template_name)


def test_a_preview_shows_a_fall_back(school_settings):
	answer = desk.preview(json.dumps(template().as_dict(), default=str), language="vi")
	assert answer["voice"]["fell_back"] and answer["voice"]["language"] == "en"


def test_a_preview_of_bad_words_is_their_findings(school_settings):
	answer = desk.preview(
		{"purpose": "Event", "voice": 1, "translations": [{"language": "en", "voice": "{{ 7*7 }}"}]}
	)
	assert answer["findings"][0]["level"] == "error" and "voice" not in answer


@pytest.mark.parametrize(
	"odd", ["{}", '{"translations": ["x", 3, null], "voice": "1"}', '{"translations": null}']
)
def test_a_preview_of_nonsense_is_findings_too(school_settings, odd):
	assert desk.preview(odd)["findings"]


def test_a_preview_for_a_person_needs_permission_to_read_that_person(family, school_settings, user_with):
	words = [{"language": "en", "voice": "{{ guardian_name }}: {{ student_names }}"}]
	doc = json.dumps(template(words).as_dict(), default=str)
	answer = desk.preview(doc, person_doctype="Guardian", person=family.mother)
	assert f"Maria {family.tag}: Ana and Luis" in answer["voice"]["sentences"]
	frappe.set_user(user_with("Dialer Manager"))
	with pytest.raises(frappe.PermissionError):
		desk.preview(doc, person_doctype="Guardian", person=family.mother)
	with pytest.raises(frappe.ValidationError):
		desk.preview(doc, person_doctype="User", person="Administrator")


def test_a_rehearsal_holds_back_those_without_data(family, school_settings, absent):
	doc = template(
		[{"language": "en", "voice": "{{ absent_names }}", "text": "x"}], purpose="Attendance"
	).insert()
	words = store.template(doc.name)
	subject = Subject("k", "Guardian", family.mother, "Maria", (family.ana,))

	def rehearse(channel="Voice"):
		values = context.read_values([subject], words.field_names)["k"]
		store.rehearse(store.outgoing(words, subject, values), channel)

	with pytest.raises(MissingData):
		rehearse()
	absent(family.ana)
	rehearse()
	frappe.db.set_value("Dialer Message Translation", doc.translations[0].name, "text", "")
	frappe.clear_document_cache(store.TEMPLATE, doc.name)
	words = store.template(doc.name)
	with pytest.raises(NotForChannel):
		rehearse("Text")
