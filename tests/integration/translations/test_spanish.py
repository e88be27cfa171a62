"""Spanish is complete, says the same as the English, and always uses the same words.

Nothing is shown that cannot be translated.
"""

import re
from collections import Counter

import frappe
import pytest
from frappe.translate import get_translations_from_apps

from dev.translations import csv_file, sources, unwrapped

PLACEHOLDER = re.compile(r"(?<!\{)\{(?:\d[^{}]*)?\}(?!\})")
KEPT = re.compile(r"\{\{ ?\w+ ?\}\}|\{%.*?%\}|</?[a-z]\w*>|\*\*|https?://|\bCFR [\d.]+|\bUSC \d+")
ALIKE = frozenset(
	(
		"Account SID|Agent|Auth token|Bytes|Error|General|Hash|Instructor|MP3|No|PIN|SHA-256|Total|WAV|fax|"
		"personal|Personal|{0}, {1}"
	).split("|")
)
"""Names, and words that are the same in both languages."""
VOCABULARY = {
	r"consent(?!ed)": "consent",
	r"opt-outs?|opted out": r"\bbajas?\b",
	r"guardians?": "tutor",
	r"households?": "hogar",
	r"campaigns?": "campaña",
	r"voicemail": "buzón de voz",
	r"call logs?": "registros? de llamadas?",
	r"recipients?": "destinatario",
	r"purposes?": "finalidad",
	r"legal holds?": "retenci(ón|ones) legal",
	r"carrier": "operador",
	r"emergenc(?:y|ies)": "emergencia",
}
INFORMAL = re.compile(r"\b(tú|tu|tus|te|ti|haz|ingresa|puedes|quieres|debes)\b", re.I)


@pytest.fixture(scope="module")
def spanish(site_connection) -> dict[csv_file.Key, str]:
	return dict(csv_file.read())


@pytest.fixture(scope="module")
def strings(site_connection) -> dict[csv_file.Key, set[str]]:
	return sources.strings()


def test_every_string_has_its_spanish(strings, spanish):
	missing = {key: sorted(strings[key])[:2] for key in strings.keys() - spanish.keys()}
	assert not missing, "python -m dev.translations lists them"
	assert len(strings) > 1500, "the extractor found what it always finds"


def test_no_row_is_left_over(strings, spanish):
	assert spanish.keys() - strings.keys() == set()


def test_the_file_is_as_frappe_reads_it(spanish):
	rows = csv_file.read()
	assert [key for key, _translation in rows] == sorted(spanish), "sorted, and each once"
	read = get_translations_from_apps("es", ["school_dialer"])
	for (source, context), translation in rows:
		assert read[f"{source}:{context}" if context else source] == translation


def test_values_and_markup_stay_in_place(spanish):
	for (source, _context), translation in spanish.items():
		assert Counter(PLACEHOLDER.findall(source)) == Counter(PLACEHOLDER.findall(translation)), source
		assert Counter(KEPT.findall(source)) == Counter(KEPT.findall(translation)), source
		assert source.endswith(".") == translation.endswith("."), source
		if PLACEHOLDER.search(source):
			translation.format(*range(10))


def test_it_is_another_language(spanish):
	same = {source for (source, _context), translation in spanish.items() if source == translation}
	assert {source for source in same if re.search("[a-z]{3}", source)} - ALIKE == set()


def test_one_word_for_each_thing(spanish):
	wrong = []
	for (source, _context), translation in spanish.items():
		if source.startswith("Columns: "):
			continue
		for english, expected in VOCABULARY.items():
			if re.search(rf"\b(?:{english})\b", source, re.I) and not re.search(expected, translation, re.I):
				wrong.append(f"{english}: {source} -> {translation}")
	assert not wrong


def test_people_are_addressed_as_usted(spanish):
	assert [translation for translation in spanish.values() if INFORMAL.search(translation)] == []


def test_nothing_is_shown_that_cannot_be_translated():
	assert list(unwrapped.found()) == []


def test_what_is_said_without_frappe_is_translated_at_the_end():
	from school_dialer.base.wording import Wording, translated
	from school_dialer.messages.errors import TemplateError
	from school_dialer.messages.linter import Finding

	frappe.local.lang = "es"
	try:
		message, fix = (
			Wording('There is no field "{0}".', "gardian"),
			Wording("Did you mean {0}?", "{{ guardian }}"),
		)
		error = TemplateError(message, 3, fix)
		assert str(error) == 'Line 3: There is no field "gardian". Did you mean {{ guardian }}?'
		assert (
			translated(error, frappe._)
			== 'Línea 3: No existe el campo "gardian". ¿Quiso decir {{ guardian }}?'
		)
		where = Wording("{0} {1}", "es", Wording("voicemail"))
		finding = Finding("error", where, 2, message, fix)
		assert finding.as_text(frappe._).startswith("es buzón de voz, línea 2: No existe")
	finally:
		frappe.local.lang = "en"


@pytest.mark.parametrize(
	("suffix", "code", "found"),
	[
		(".py", 'frappe.throw("Choose one.")', ["Choose one."]),
		(".py", 'throw("Choose one.")', ["Choose one."]),
		(".py", 'frappe.throw(_("Choose one."), title="Not now")', ["Not now"]),
		(".py", 'row = {"label": f"People of {name}", "value": name}', ["People of "]),
		(".py", 'frappe.throw(_("Choose one."))', []),
		(".js", 'frm.add_custom_button("Drop", () => drop());', ["Drop"]),
		(".js", 'const fields = [{ label: "Reason", fieldtype: "Data" }];', ["Reason"]),
		(".js", "html += `<td>People</td>`;", ["People"]),
		(".js", 'frm.add_custom_button(__("Drop"), () => drop());', []),
		(".html", "<h2>Not yet</h2>", ["Not yet"]),
		(".html", '<h2>{{ _("Not yet") }}</h2>', []),
	],
)
def test_what_the_search_for_such_words_finds(tmp_path, suffix, code, found):
	path = tmp_path / f"code{suffix}"
	path.write_text(code)
	read = {".py": unwrapped.in_python, ".js": unwrapped.in_javascript, ".html": unwrapped.in_html}
	assert [words for _line, words in read[suffix](path)] == found
