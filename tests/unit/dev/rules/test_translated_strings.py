"""Strings for people are where those who collect them see them.

Before Python 3.12, an f-string hides what is inside. Frappe's extractor does not see all strings that stand
in a template of JavaScript over several lines.
"""

import ast
import json
import re

from dev.site.layout import ROOT
from dev.tracked import tracked
from dev.translations import csv_file

PERHAPS = re.compile(r"""\bf["'].*\b_\(""", re.IGNORECASE | re.DOTALL)
"""What only some files contain, so that the others need not be parsed."""
IN_SCRIPT = re.compile(r'\b__\(\s*("(?:[^"\\\n]|\\.)*")')
LETTER = re.compile(r"[^\W\d_]")


def hidden_in(tree: ast.AST) -> list[int]:
	return [
		call.lineno
		for text in ast.walk(tree)
		if isinstance(text, ast.JoinedStr)
		for call in ast.walk(text)
		if isinstance(call, ast.Call)
		and getattr(call.func, "id", "") == "_"
		and isinstance(call.args[0], ast.Constant)
	]


def test_the_search_sees_one():
	assert hidden_in(ast.parse("x = f\"<p>{_('Yes')}</p>\"")) == [1] and not hidden_in(ast.parse('_("Yes")'))


def test_none_is_hidden_in_an_f_string():
	texts = {str(path): (ROOT / path).read_text() for path in tracked("school_dialer", pattern="*.py")}
	found = {path: hidden_in(ast.parse(text)) for path, text in texts.items() if PERHAPS.search(text)}
	assert {path: lines for path, lines in found.items() if lines} == {}


def test_every_string_of_a_script_has_spanish():
	spanish = {source for (source, _context), _translation in csv_file.read()}
	found = {
		(str(path), json.loads(text))
		for path in tracked("school_dialer", pattern="*.js")
		for text in IN_SCRIPT.findall((ROOT / path).read_text())
	}
	in_words = {(file, text) for file, text in found if LETTER.search(re.sub(r"{\d+}", "", text))}
	assert in_words, "no string was found"
	assert {(file, text) for file, text in in_words if text not in spanish} == set()


def test_spanish_names_a_record_as_its_page_is_named():
	spanish = {source: translation for (source, _context), translation in csv_file.read()}
	folder = "school_dialer/school_dialer/doctype"
	doctypes = {json.loads((ROOT / path).read_text())["name"] for path in tracked(folder, pattern="*.json")}
	names = {name: spanish[name] for name in doctypes & spanish.keys() if name.startswith("Dialer ")}
	assert names, "no DocType was found"
	longest_first = re.compile("|".join(rf"\b{name}\b" for name in sorted(names, key=len, reverse=True)))
	found = {
		source: named[0]
		for source, translation in spanish.items()
		if (named := longest_first.search(source)) and names[named[0]].lower() not in translation.lower()
	}
	assert found == {}
