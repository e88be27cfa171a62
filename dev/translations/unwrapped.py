"""Words that people would see and that are not passed to `_()` or `__()`.

A heuristic: it reads code as text and knows where such words occur.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dev.translations.sources import APP

SAYING = ("throw", "msgprint")
SHOWN = ("label", "title", "description", "subject")
JS_PROPERTIES = (
	"label|title|description|placeholder|primary_action_label|secondary_action_label|message|subject"
)
JS_CALLS = "msgprint|throw|confirm|set_intro|set_title|add_custom_button|add_inner_button|set_primary_action"
JS_LITERAL = re.compile(
	rf"""\b(?:(?:{JS_PROPERTIES})\s*:|(?:{JS_CALLS})\()\s*(?P<quote>["'`])(?P<words>(?:(?!(?P=quote)).)*)(?P=quote)"""
)
ATTRIBUTE = re.compile(r'(?:title|aria-label|placeholder|alt)="(?P<words>[^"]*)"')
TEXT_NODE = re.compile(r"(?<![=-])>(?P<words>[^<>`]*)</")
FILLED_IN = re.compile(r"\$\{.*?\}(?![^`<]*\})|\{\{.*?\}\}|\{%.*?%\}")
WORD = re.compile(r"[A-Za-z]{3,}")
COMMAND = "bench "
ELSEWHERE = ("compliance", "setup", "public/proof")
"""Folders whose words are translated where they are shown.

The titles of policies are data; custom fields are read by `sources`. The page that checks a proof is in
English: it works from a disk, without the site.
"""


def found() -> Iterator[str]:
	"""Yield each as `path:line: words`."""
	for path in sorted(APP.rglob("*")):
		if any(path.is_relative_to(APP / folder) for folder in ELSEWHERE):
			continue
		if path.suffix == ".py":
			lines = in_python(path)
		elif path.suffix == ".js":
			lines = in_javascript(path)
		elif path.suffix == ".html":
			lines = in_html(path)
		else:
			continue
		for line, words in lines:
			yield f"{path.relative_to(APP)}:{line}: {words}"


def in_python(path: Path) -> Iterator[tuple[int, str]]:
	for node in ast.walk(ast.parse(path.read_text())):
		if isinstance(node, ast.Call) and called(node) in SAYING:
			shown = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "title")]
		elif isinstance(node, ast.Dict) and not literal(node):
			shown = [
				value
				for key, value in zip(node.keys, node.values, strict=True)
				if isinstance(key, ast.Constant) and key.value in SHOWN
			]
		else:
			continue
		for one in shown:
			if isinstance(one, ast.Constant | ast.JoinedStr) and WORD.search(plain(one)):
				yield one.lineno, plain(one)


def called(node: ast.Call) -> str:
	return getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def literal(node: ast.Dict) -> bool:
	"""Return whether it is a dict of constants only, such as the custom fields.

	Frappe translates what is made from those.
	"""
	return all(isinstance(one, ast.Constant | ast.Name) for one in node.values)


def plain(node: ast.expr) -> str:
	if isinstance(node, ast.JoinedStr):
		return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
	return node.value if isinstance(node.value, str) else ""


def in_javascript(path: Path) -> Iterator[tuple[int, str]]:
	for number, line in enumerate(path.read_text().splitlines(), 1):
		for pattern in (JS_LITERAL, ATTRIBUTE, TEXT_NODE):
			for match in pattern.finditer(line):
				words = re.sub(r"</?[a-z][^>]*>?", "", FILLED_IN.sub("", match["words"]))
				if WORD.search(words) and "${" not in words and "(" not in words:
					yield number, words


def in_html(path: Path) -> Iterator[tuple[int, str]]:
	text = re.sub(r"<style.*?</style>|<script.*?</script>|\{#.*?#\}", blanked, path.read_text(), flags=re.S)
	text = FILLED_IN.sub("", text)
	for pattern in (ATTRIBUTE, re.compile(r">(?P<words>[^<>]*)<")):
		for match in pattern.finditer(text):
			if WORD.search(match["words"]) and not match["words"].strip().startswith(COMMAND):
				yield text.count("\n", 0, match.start()) + 1, match["words"].strip()


def blanked(match: re.Match) -> str:
	return "\n" * match.group().count("\n")
