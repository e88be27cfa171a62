"""The preview below the message.

It shows the recipient, the language and voice, the length and the price, and never more than the user may
read.
"""

import secrets

import frappe
import pytest
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from school_dialer.base import site_values
from school_dialer.desk import templates as desk
from school_dialer.messages import defaults, store
from school_dialer.messages.model import School
from school_dialer.messages.spoken import voices

VOICES = (("es", voices.Voice("Polly.Lupe", "es-US")),)


@pytest.fixture(autouse=True)
def school_settings(monkeypatch):
	school = School("Riverside", "Riverside School", "+18005550142", "en", VOICES)
	monkeypatch.setattr(store, "school", lambda *_of: school)
	frappe.db.set_single_value(
		"Dialer Settings", {"price_per_minute": 0.02, "price_per_segment": 0.01, "currency": "USD"}
	)


def form(purpose="Event", **words):
	words = {"language": "en", "voice": "Hello {{ recipient_name }}.", "text": "Hello.", **words}
	return {"purpose": purpose, "voice": 1, "text": 1, "translations": [words]}


def test_length_segments_and_price():
	answer = desk.preview(form(voice="word " * 200, text="Hello 🎉" + "x" * 60))
	assert answer["voice"]["seconds"] > 80 and answer["voice"]["cost"] == pytest.approx(0.04)
	assert (answer["text"]["segments"], answer["text"]["encoding"]) == (2, "UCS-2")
	assert answer["text"]["cost"] == pytest.approx(0.02) and answer["text"]["currency"] == "USD"
	assert answer["voicemail"]["cost"] == pytest.approx(0.02)


def test_findings_name_their_place_and_repair():
	findings = desk.preview(form(text="Dear\n{{ gaurdian_name }}"))["findings"]
	(finding,) = (finding for finding in findings if finding["level"] == "error")
	assert (finding["where"], finding["line"]) == ("en text", 2)
	assert "guardian_name" in finding["fix"] and "gaurdian_name" in finding["message"]


def test_the_language_is_the_persons_own_then_their_users_then_the_schools(family, user_with):
	def spoken(language=None):
		return desk.preview(form(), language, "Guardian", family.mother)["language"]

	assert spoken() == "en"
	user = user_with("Employee")
	frappe.db.set_value("User", user, "language", "es")
	frappe.db.set_value("Guardian", family.mother, "user", user)
	assert spoken() == "es"
	frappe.db.set_value("Guardian", family.mother, "dialer_language", "vi")
	assert spoken() == "vi"
	assert spoken("zh") == "zh"


def test_a_missing_translation_falls_back_in_sight_and_never_for_a_record(family, absent):
	absent(family.ana)
	frappe.db.set_value("Guardian", family.mother, "dialer_language", "vi")
	said = desk.preview(form(), None, "Guardian", family.mother)["voice"]
	assert said["fell_back"] and not said["withheld"]
	doc = form("Attendance", voice="{{ absent_names }} was absent.")
	made = desk.preview(doc, None, "Guardian", family.mother)
	assert made["voice"]["withheld"] and made["voice"]["after_confirmation"] == []
	assert "Ana" not in str(made)
	told = desk.preview(doc, "en", "Guardian", family.mother)["voice"]
	assert told["after_confirmation"][0] == "Ana was absent." and not told["withheld"]


def test_who_has_no_data_is_shown_as_held_back(family):
	doc = form("Attendance", voice="{{ absent_names }} was absent.")
	made = desk.preview(doc, "en", "Guardian", family.mother)["voice"]
	assert made["held_back"] and "absent_names" in made["error"]


def test_the_schools_own_voice_is_named():
	doc = form(language="es", voice="Hola.")
	assert desk.preview(doc, "es")["voice"]["voice"] == "Polly.Lupe"
	assert desk.preview(form(), "en")["voice"]["voice"] == "Polly.Joanna-Neural"


def test_people_are_those_the_user_may_read(family, user_with):
	assert "Guardian" in desk.people()
	frappe.set_user(user_with("Dialer Manager"))
	assert "Guardian" not in desk.people()
	with pytest.raises(frappe.PermissionError):
		desk.anybody("Guardian")
	frappe.set_user("Administrator")
	frappe.set_user(user_with("Dialer Manager", "Academics User"))
	assert {"Guardian", "Student"} <= set(desk.people())
	chosen = desk.anybody("Guardian")["person"]
	assert frappe.has_permission("Guardian", doc=chosen)


def test_somebody_at_random_is_one_of_those_whom_user_permissions_leave(family, user_with):
	user = user_with("Dialer Manager", "Academics User")
	frappe.get_doc(
		{"doctype": "User Permission", "user": user, "allow": "Guardian", "for_value": family.mother}
	).insert()
	frappe.set_user(user)
	assert {desk.anybody("Guardian")["person"] for _ in range(5)} == {family.mother}
	with pytest.raises(frappe.PermissionError):
		desk.preview(form(), None, "Guardian", family.father)


def test_who_reads_shared_records_only_previews_for_those_and_draws_no_one(family, user_with):
	user = user_with("Dialer Manager")
	frappe.share.add("Guardian", family.mother, user, read=1)
	frappe.set_user(user)
	assert desk.anybody("Guardian") is None and "Guardian" not in desk.people()
	assert desk.preview(form(), None, "Guardian", family.mother)["voice"]["seconds"]


@pytest.mark.parametrize("doctype", ["User", "Dialer Settings", "No Such DocType", "", "Guardian'--"])
def test_no_one_else_is_drawn_or_previewed(doctype):
	with pytest.raises(frappe.ValidationError):
		desk.anybody(doctype)
	if doctype:
		with pytest.raises(frappe.ValidationError):
			desk.preview(form(), None, doctype, "Administrator")


def test_strangers_get_nothing(user_with):
	frappe.set_user(user_with("Employee"))
	for call in (desk.people, desk.fields, lambda: desk.anybody("Contact"), lambda: desk.preview(form())):
		with pytest.raises(frappe.PermissionError):
			call()


FEES = form("Fees", voice="{{ student_names }} has {{ fee_due }} to pay.", text="")
FEES["text"] = 0


@pytest.fixture
def fees(family):
	"""Insert unpaid fees of 77.25 for Ana. Luis owes nothing."""
	return frappe.get_doc(
		{
			"doctype": "Fees",
			"student": family.ana,
			"outstanding_amount": 77.25,
			"currency": "USD",
			"due_date": "2099-01-01",
			"docstatus": 1,
		}
	).db_insert()


def shown(made: dict) -> str:
	return " ".join(made["voice"]["sentences"] + made["voice"]["after_confirmation"])


@pytest.mark.parametrize(
	("roles", "sees"),
	[(("Academics User",), True), (("Accounts User", "Test Registrar"), True), (("Test Registrar",), False)],
)
def test_values_of_records_that_the_user_may_not_read_are_examples(
	family, fees, user_with, reading, roles, sees
):
	"""Check a registrar among the roles, who may read students and guardians but no fees."""
	reading("Test Registrar", "Student", "Guardian")
	frappe.set_user(user_with("Dialer Manager", *roles))
	made = desk.preview(FEES, "en", "Guardian", family.mother)
	assert ("77.25" in shown(made)) is sees
	assert made["veiled"] == ([] if sees else ["Fees due (Fees)"])
	assert "Ana" in shown(made)


def test_nothing_due_looks_like_something_due_to_who_may_not_know(family, fees, user_with, reading):
	reading("Test Registrar", "Student", "Guardian")
	frappe.set_user(user_with("Dialer Manager", "Test Registrar"))
	owing = shown(desk.preview(FEES, "en", "Guardian", family.mother))
	frappe.db.sql("delete from `tabFees` where student = %s", family.ana)
	assert shown(desk.preview(FEES, "en", "Guardian", family.mother)) == owing


def test_a_user_permission_on_one_of_the_records_hides_all_of_them(family, fees, user_with):
	other = frappe.get_doc({"doctype": "Fees", "student": family.luis, "outstanding_amount": 5}).db_insert()
	user = user_with("Dialer Manager", "Academics User")
	frappe.get_doc(
		{
			"doctype": "User Permission",
			"user": user,
			"allow": "Fees",
			"for_value": frappe.db.get_value("Fees", {"student": family.luis}),
		}
	).insert()
	frappe.set_user(user)
	assert other is None and "77.25" not in shown(desk.preview(FEES, "en", "Guardian", family.mother))


def test_a_field_of_a_higher_level_is_an_example(family, fees, user_with):
	make_property_setter("Fees", "outstanding_amount", "permlevel", 1, "Int")
	frappe.set_user(user_with("Dialer Manager", "Academics User"))
	assert desk.preview(FEES, "en", "Guardian", family.mother)["veiled"] == ["Fees due (Fees)"]


def test_who_may_read_a_guardian_and_no_student_sees_made_up_students(family, fees, user_with, reading):
	reading("Test Secretary", "Guardian", "Fees")
	frappe.set_user(user_with("Dialer Manager", "Test Secretary"))
	made = desk.preview(FEES, "en", "Guardian", family.mother)
	assert "77.25" not in shown(made) and len(made["veiled"]) == 2
	assert "45.00" in shown(made), "the examples of the catalogue, and no one is said to be held back"


class TestVoices:
	def settings(self, *rows):
		doc = frappe.get_doc("Dialer Settings")
		doc.school_name = doc.school_name or "Riverside"
		doc.set("voices", [])
		for language, voice, spoken_language in rows:
			doc.append("voices", {"language": language, "voice": voice, "spoken_language": spoken_language})
		return doc

	def test_a_school_chooses_its_voices(self, monkeypatch):
		monkeypatch.undo()
		self.settings(("en", " Polly.Matthew ", "en-US")).save()
		assert store.school().voices == (("en", voices.Voice("Polly.Matthew", "en-US")),)

	@pytest.mark.parametrize(
		"rows, expected",
		[
			([("en", 'x"><Play>', "en-US")], "row 1"),
			([("en", "Polly.Amy", "en-GB"), ("en", "Polly.Joanna", "en-US")], "row 2: en is there twice"),
			([("en", "Polly.Amy", "english please")], "such as en-US"),
		],
	)
	def test_what_no_carrier_has_is_refused_with_its_row(self, rows, expected):
		with pytest.raises(frappe.ValidationError) as caught:
			self.settings(*rows).save()
		assert expected in str(caught.value)

	def test_the_table_is_filled_once(self):
		frappe.db.delete("Dialer Voice", {"parent": "Dialer Settings"})
		site_values.forget(defaults.VOICES_OFFERED)
		defaults.install_voices()
		filled = frappe.get_all(
			"Dialer Voice", {"parent": "Dialer Settings"}, pluck="language", order_by="idx"
		)
		assert filled[:2] == ["en", "es"] and len(filled) >= 10
		frappe.db.delete("Dialer Voice", {"parent": "Dialer Settings"})
		defaults.install_voices()
		assert not frappe.db.count("Dialer Voice", {"parent": "Dialer Settings"})


def test_a_template_with_a_block_is_saved_with_its_fields():
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Message Template",
			"template_name": f"Test {secrets.token_hex(4)}",
			**form("Fees", voice="{% each student %}{{ student_names }}: {{ fee_due }}. {% endeach %}"),
		}
	).insert()
	assert (doc.sensitivity, doc.fields_used) == ("educational", "student_names, fee_due")
