import json
from pathlib import Path

import pytest

import school_dialer.messages
from school_dialer.messages import text
from school_dialer.messages.linter import check_template
from school_dialer.messages.model import Outgoing, Template, Words
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.twiml_rules import check_twiml

FOLDER = Path(school_dialer.messages.__file__).parent / "default_templates"
FILES = sorted(FOLDER.glob("*.json"))


def load(path):
	data = json.loads(path.read_text(encoding="utf-8"))
	words = tuple(Words(**row) for row in data["translations"])
	return Template(data["template_name"], data["purpose"], words, bool(data["voice"]), bool(data["text"]))


def test_there_is_one_for_each_common_purpose():
	assert {load(path).purpose for path in FILES} == {"Emergency", "Attendance", "Event", "General", "Fees"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_default_passes_the_linter(path, fields):
	assert check_template(load(path), fields, languages_in_use=["en", "es"]) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_default_can_be_made_in_each_of_its_languages(path, fields, values, school):
	template = load(path)
	for words in template.translations:
		outgoing = Outgoing(school, template, values, fields, "Maria Lopez", words.language)
		assert check_twiml(voice.voice_twiml(outgoing, "/key").twiml, school) == []
		assert check_twiml(voice.voicemail_twiml(outgoing).twiml, school, voicemail=True) == []
		assert text.text_message(outgoing).size.count <= 3


def test_the_emergency_is_in_all_five_languages():
	emergency = next(load(path) for path in FILES if path.stem == "emergency_closure")
	assert {words.language for words in emergency.translations} == {"en", "es", "zh", "ar", "vi"}


def test_an_attendance_notice_tells_nothing_before_the_key(fields, values, school):
	template = next(load(path) for path in FILES if path.stem == "attendance_notice")
	outgoing = Outgoing(school, template, values, fields, "Maria Lopez", "en")
	assert voice.voice_twiml(outgoing, "/key").content == "Generic"
	assert "Ana" not in text.text_message(outgoing).body
