import json
import re
from pathlib import Path

import pytest

import school_dialer.messages
from school_dialer.messages import text
from school_dialer.messages.linter import check_template
from school_dialer.messages.model import VARIANTS, Outgoing, Template, Words
from school_dialer.messages.spoken import speaker, voice
from school_dialer.messages.spoken.twiml_rules import check_twiml
from tests.unit.messages import structure

FOLDER = Path(school_dialer.messages.__file__).parent / "default_templates"
FILES = sorted(FOLDER.glob("*.json"))


def load(path):
	data = json.loads(path.read_text(encoding="utf-8"))
	rows = [{**row, "answers": tuple(row.get("answers", "").splitlines())} for row in data["translations"]]
	words = tuple(Words(**row) for row in rows)
	return Template(data["template_name"], data["purpose"], words, bool(data["voice"]), bool(data["text"]))


def test_there_is_one_for_each_common_purpose():
	assert {load(path).purpose for path in FILES} == {"Emergency", "Attendance", "Event", "General", "Fees"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_default_passes_the_linter(path, fields):
	assert check_template(load(path), fields, languages_in_use=["en", "es"]) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("details", [None, "The concert is at six."])
def test_a_default_can_be_made_in_each_of_its_languages(path, details, fields, values, school):
	template = load(path)
	if not details and "campaign_details }}" in template.translations[0].text:
		return
	values = {**values, "campaign_details": details}
	for words in template.translations:
		outgoing = Outgoing(school, template, values, fields, "Maria Lopez", words.language)
		assert check_twiml(voice.voice_twiml(outgoing, "/key").twiml, school) == []
		assert check_twiml(voice.voicemail_twiml(outgoing).twiml, school, voicemail=True) == []
		assert text.text_message(outgoing).size.count <= 3


EMERGENCIES = {
	"emergency_closure",
	"emergency_evacuation",
	"emergency_lockdown",
	"emergency_early_dismissal",
	"emergency_delay",
	"emergency_all_clear",
	"emergency_correction",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_all_languages_say_the_same_sentence_by_sentence(path):
	first, *others = load(path).translations
	for words in others:
		for variant in VARIANTS:
			said, meant = words.variant(variant), first.variant(variant)
			assert structure.sentences(said) == structure.sentences(meant), (words.language, variant)
		assert bool(words.question) == bool(first.question) and len(words.answers) == len(first.answers)


@pytest.mark.parametrize(
	"other",
	[
		"{{ school_name }} está cerrada. Quédese. {% if campaign_details %}{{ campaign_details }}{% endif %}",
		"{{ school_name }} está cerrada. {{ campaign_details }}",
		'{{ school_name }} está cerrada. {{ campaign_details | default("Quédese en casa. Gracias.") }}',
		'Está cerrada. {{ school_name }}: {{ campaign_details | default("Quédese en casa.") }}',
	],
)
def test_a_language_that_says_something_else_is_found(other):
	meant = '{{ school_name }} is closed. {{ campaign_details | default("Stay at home.") }}'
	assert structure.sentences(other) != structure.sentences(meant)


def test_emergencies_are_in_all_five_languages():
	found = {path.stem: load(path) for path in FILES}
	assert {stem for stem, one in found.items() if one.purpose == "Emergency"} >= EMERGENCIES
	for stem in EMERGENCIES:
		assert {words.language for words in found[stem].translations} == {"en", "es", "zh", "ar", "vi"}


@pytest.mark.parametrize("stem", sorted(EMERGENCIES))
@pytest.mark.parametrize("details", ["", "Gas leak. All children are safe in the north field."])
def test_what_an_emergency_says_depends_on_its_details_and_not_on_the_language(
	stem, details, fields, values, school
):
	template = next(load(path) for path in FILES if path.stem == stem)
	values = {**values, "campaign_details": details}
	for words in template.translations:
		outgoing = Outgoing(school, template, values, fields, "Maria Lopez", words.language)
		heard = " ".join(speaker.sentences(voice.voice_twiml(outgoing, "/key").twiml))
		instead = re.search(r'default\("(.+?)"\)', words.voice)[1]
		assert (details or instead) in heard and (not details or instead not in heard)


def test_an_attendance_notice_tells_nothing_before_the_key(fields, values, school):
	template = next(load(path) for path in FILES if path.stem == "attendance_notice")
	outgoing = Outgoing(school, template, values, fields, "Maria Lopez", "en")
	assert voice.voice_twiml(outgoing, "/key").content == "Generic"
	assert "Ana" not in text.text_message(outgoing).body
