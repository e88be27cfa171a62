"""From the audience to the message: one call per household.

The call is about those of its students that the listener may hear about.
"""

import secrets
from dataclasses import replace

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.calls import live_call, playback
from school_dialer.campaigns import message_content
from school_dialer.campaigns.planning import planner
from school_dialer.messages import store
from school_dialer.messages.model import School
from school_dialer.messages.sound import recordings
from school_dialer.messages.spoken import ivr_state
from school_dialer.messages.spoken.question import POLL
from tests import sounds
from tests.integration import factories as make
from tests.integration.messages.conftest import insert, student

WORDS = (
	"About {{ student_names }}. {% each student %}{{ student_names }} is in {{ student_group }}"
	"{% if fee_due %} and has {{ fee_due }} to pay{% endif %}. {% endeach %}"
)


@pytest.fixture
def school(monkeypatch):
	settings = School("Riverside", "Riverside School", "+18005550142", "en")
	monkeypatch.setattr(store, "school", lambda *_of: settings)


@pytest.fixture
def household(school):
	"""Return a mother of three, who may hear nothing about Eva.

	All three are in one group, and each is also in a group of their own.
	"""
	tag, number = secrets.token_hex(3), make.phone()
	mother = insert("Guardian", guardian_name=f"Maria {tag}", mobile_number=number).name
	link = {"guardian": mother, "guardian_name": "Maria", "relation": "Mother"}
	barred = {**link, "dialer_contact_permission": "None by Court Order"}
	children = {
		"Ana": student("Ana", tag, [link]),
		"Luis": student("Luis", tag, [link]),
		"Eva": student("Eva", tag, [barred]),
	}
	bulk = Bulk()
	for title, members in (
		(f"All {tag}", children),
		*((f"Room of {name} {tag}", [name]) for name in children),
	):
		rows = [{"student": children[name], "active": 1} for name in members]
		bulk.insert("Student Group", [{"name": title, "student_group_name": title, "students": rows}])
	bulk.insert(
		"Fees",
		[
			{
				"name": secrets.token_hex(5),
				"student": children[name],
				"outstanding_amount": amount,
				"due_date": "2099-01-01",
				"currency": "USD",
				"docstatus": 1,
			}
			for name, amount in (("Luis", 45), ("Eva", 77))
		],
	)
	make.consent(number)
	return frappe._dict(tag=tag, number=number, mother=mother, children=children)


def campaign(household):
	return frappe._dict(
		name=f"TEST-{secrets.token_hex(6)}",
		audience_source="Guardians of a Student Group",
		audience_name=f"All {household.tag}",
		purpose="Event",
		channel="Voice",
		max_attempts=1,
		reach=None,
		acknowledge=0,
		identity_check="Key 1",
		template=make.template("Event", said={"voice": WORDS}),
	)


def test_one_call_says_each_childs_own_and_never_names_the_restricted_one(household):
	called = campaign(household)
	options = planner.preview(called)
	assert [option.phone for option in options] == [household.number]
	assert set(options[0].answer.students) == {household.children["Ana"], household.children["Luis"]}
	template = store.template(called.template)
	subject = live_call.Subject(
		"k", "Guardian", household.mother, "Maria", options[0].answer.students, "en", purpose="Event"
	)
	values = live_call.context.read_values([subject], template.field_names)["k"]
	made = store.outgoing(template, subject, values)
	said = message_content.sentences(live_call.voice.confirmed_twiml(made, "").twiml).splitlines()[0]
	tag = household.tag
	assert said == (
		f"About Ana and Luis. Ana is in All {tag} and Room of Ana {tag}. "
		f"Luis is in All {tag} and Room of Luis {tag} and has 45.00 US dollars to pay."
	)
	(shown,) = message_content.samples(called, options)
	assert "press 1" in shown["message"] and "Eva" not in shown["message"]


@pytest.mark.parametrize(("roles", "named"), [(("Academics User",), True), ((), False)])
def test_a_sample_names_no_student_whom_the_user_may_not_read(household, user_with, roles, named):
	called = campaign(household)
	said = {"voice": "Hello {{ recipient_name }}. {{ student_full_names }} may bring a friend."}
	called.template = make.template("Event", said=said)
	options = planner.preview(called)
	frappe.set_user(user_with("Dialer Manager", *roles))
	(shown,) = message_content.samples(called, options)
	assert "Hello Maria" in shown["message"]
	assert (f"Ana {household.tag}" in shown["message"]) is named
	assert bool(shown["veiled"]) is not named


def test_a_message_in_another_language_only_tells_of_no_record(household):
	frappe.db.set_value("Guardian", household.mother, "dialer_language", "vi")
	called = campaign(household)
	(shown,) = message_content.samples(called, planner.preview(called))
	assert shown["language"] == "vi"
	for told in ("Ana", "Luis", "Eva", "dollars"):
		assert told not in shown["message"]


def test_a_pin_then_each_childs_words_then_the_recording_then_the_poll(household):
	called = campaign(household)
	doc = frappe.get_doc("Dialer Message Template", called.template)
	doc.asks = POLL
	doc.translations[0].update(
		{
			"question": "Will you come?",
			"answers": "Yes\nNo",
			"voice_recording": recordings.upload(sounds.mp3(2), "greeting.mp3").name,
			"voice_recording_holds": "public",
			"recording_place": "After the words",
		}
	)
	doc.save()
	(option,) = planner.preview(called)
	template = store.template(called.template)
	subject = live_call.Subject(
		"k", "Guardian", household.mother, "Maria", option.answer.students, "en", purpose="Event"
	)
	values = live_call.context.read_values([subject], ("recipient_name", *template.field_names))["k"]
	asked = message_content.asked_by(frappe._dict(identity_check="PIN", acknowledge=0))
	made = replace(playback.audible(store.outgoing(template, subject, values), "log"), **asked)
	script = live_call.voice.script_of(made)
	state = ivr_state.begin_call(ivr_state.State(), script, gated=live_call.voice.gated(made))
	first = live_call.voice.opening_twiml(made, state.stage, "https://school.example/keys").twiml
	assert state.stage == ivr_state.PIN and "Ana" not in first and "<Play>" not in first
	wrong = ivr_state.hear_keys(state, "1111", script, lambda digits: ivr_state.WRONG)
	assert "Ana" not in live_call.voice.reply_twiml(made, wrong, "https://school.example/keys").twiml
	right = ivr_state.hear_keys(state, "4711", script, lambda digits: ivr_state.RIGHT)
	said = live_call.voice.reply_twiml(made, right, "https://school.example/keys").twiml
	places = [said.index(words) for words in ("Ana is in", "Luis is in", "<Play>", "Will you come?")]
	assert places == sorted(places) and "Eva" not in said


def test_children_in_two_programmes_and_groups_are_a_sentence_each_in_the_listeners_language(household):
	"""Check the language and the sentences of the message.

	The children's own languages and groups differ. The listener hears their own language, and each child
	once.
	"""
	tag, children = household.tag, household.children
	frappe.db.set_value("Guardian", household.mother, "dialer_language", "es")
	frappe.db.set_value("Student", children["Ana"], "dialer_language", "vi")
	grades = {"Ana": "Grado 5", "Luis": "Grado 2", "Eva": "Grado 1"}
	enrolled = {"academic_year": "2025-26", "docstatus": 1}
	rows = [
		{"name": secrets.token_hex(5), "student": children[name], "program": f"{grade} {tag}", **enrolled}
		for name, grade in grades.items()
	]
	Bulk().insert("Program Enrollment", rows)
	called = campaign(household)
	doc = frappe.get_doc("Dialer Message Template", called.template)
	words = (
		"{% each student %}{{ student_names }} va a {{ program }}, {{ student_group }}. {% endeach %}"
		"{{ student_names }} {{ student_names | plural('tiene', 'tienen') }} libre el viernes."
	)
	doc.append("translations", {"language": "es", "voice": words, "voicemail": "Tenemos noticias."})
	doc.save()
	(option,) = planner.preview(called)
	assert option.phone == household.number
	template = store.template(called.template)
	subject = live_call.Subject(
		"k",
		"Guardian",
		household.mother,
		"Maria",
		option.answer.students,
		option.candidate.language,
		purpose="Event",
	)
	values = live_call.context.read_values([subject], template.field_names)["k"]
	made = live_call.voice.confirmed_twiml(store.outgoing(template, subject, values), "")
	said = message_content.sentences(made.twiml).splitlines()[0]
	assert made.language == "es" and not made.fell_back
	assert said == (
		f"Ana va a Grado 5 {tag}, All {tag} y Room of Ana {tag}. "
		f"Luis va a Grado 2 {tag}, All {tag} y Room of Luis {tag}. Ana y Luis tienen libre el viernes."
	)
	(shown,) = message_content.samples(called, [option])
	assert shown["language"] == "es" and "Eva" not in said + shown["message"]
