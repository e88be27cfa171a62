"""Every string of the app that is translated where it is shown. Needs a connection to a site with the app.

Frappe's extractor finds what is marked in code, and what DocTypes and reports contain. It leaves out the
workspace and its contents, custom fields, and the words of closed lists that code translates by name
(`_(row.status)`). Those are read here.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import frappe
from frappe.translate import get_messages_for_app

from dev.site.layout import ROOT

APP = ROOT / "school_dialer"
DOCUMENTS = {
	"workspace": ("label", "title", "shortcut", "link", "header"),
	"number_card": ("label",),
	"dashboard_chart": ("chart_name",),
	"module_onboarding": ("title", "subtitle", "success_message"),
	"onboarding_step": ("title", "description", "action_label"),
	"print_format": ("name",),
	"report": ("report_name",),
	"page": ("title",),
}
NAVBAR = "Navbar:"
SENTENCE = re.compile(r"[A-Z][^{}\n]* [^{}\n]*\.")
LETTER = re.compile("[a-zA-Z]")
"""A string without a letter is a symbol and is not translated."""
HEADER = re.compile(r"<b>(.*?)</b>")


def strings() -> dict[tuple[str, str], set[str]]:
	"""Return (string, context) -> the places that have it. The context is usually empty."""
	found: dict[tuple[str, str], set[str]] = defaultdict(set)
	frappe.flags.scanned_files = set()
	for message in get_messages_for_app("school_dialer", deduplicate=False):
		place, text, context = (*message, None, None)[:3]
		if not str(place).startswith(NAVBAR):
			found[text, context or ""].add(str(place or ""))
	for place, texts in (
		("documents", in_documents()),
		("custom fields", in_custom_fields()),
		("closed lists", in_lists()),
		("the decision engine", sentences("compliance/rules/*.py")),
		("carriers", sentences("carriers/*.py")),
		("telephone numbers", number_reasons()),
	):
		for text in texts:
			found[text, ""].add(place)
	return {key: places for key, places in found.items() if LETTER.search(key[0])}


def in_documents() -> Iterator[str]:
	for kind, properties in DOCUMENTS.items():
		for path in sorted((APP / "school_dialer" / kind).glob("*/*.json")):
			yield from in_document(json.loads(path.read_text()), properties)

	yield from in_sidebars()


def in_sidebars() -> Iterator[str]:
	for path in sorted((APP / "workspace_sidebar").glob("*.json")):
		yield from (item["label"] for item in json.loads(path.read_text())["items"])


def in_document(doc: dict, properties: Iterable[str]) -> Iterator[str]:
	yield from (doc[name] for name in properties if doc.get(name))
	if doc["doctype"] != "Workspace":
		return
	for table in ("links", "shortcuts", "charts", "number_cards"):
		yield from (row["label"] for row in doc[table] if row.get("label"))
	yield from (row["format"] for row in doc["shortcuts"] if row.get("format"))
	for block in json.loads(doc["content"]):
		if block["type"] == "header":
			yield from HEADER.findall(block["data"]["text"])


def in_custom_fields() -> Iterator[str]:
	from school_dialer.setup.custom_fields import FIELDS

	for fields in FIELDS.values():
		for field in fields:
			yield field["label"]
			yield field.get("description", "")
			if field["fieldtype"] == "Select":
				yield from field["options"].split("\n")


def in_lists() -> Iterator[str]:
	from school_dialer.audience import base
	from school_dialer.audience.filters import filters
	from school_dialer.automation import kind
	from school_dialer.base import states
	from school_dialer.base.roles import ALL
	from school_dialer.campaigns import topics
	from school_dialer.consent.replies import opt_out_timing
	from school_dialer.messages import catalogue, field, preview
	from school_dialer.reporting import figures
	from school_dialer.reporting.reach import figures as reach
	from school_dialer.reporting.reach import heard, students
	from school_dialer.school_dialer.report.bad_numbers import bad_numbers
	from school_dialer.school_dialer.report.call_costs import call_costs
	from school_dialer.school_dialer.report.consent_coverage import consent_coverage

	yield from filters.kinds()
	for source in base.sources().values():
		yield from filter(None, (source.label, source.title))
		yield source.audience_doctype or ""
	for one in kind.kinds().values():
		yield one.label
		yield one.gone
	for one in catalogue.fields().values():
		yield one.label
	yield from (*field.TYPES, *field.SENSITIVITIES, *preview.PEOPLE, *ALL)
	yield from (*states.RANK, *ANSWERED_BY, *SPOKEN)
	yield from (*figures.OUTCOMES, opt_out_timing.BY_TEXT, opt_out_timing.ON_THE_SPOT, *bad_numbers.KINDS)
	yield from (*reach.BY, *heard.WAYS, *students.SHOWN)
	yield from (*call_costs.BY, *consent_coverage.BY)
	yield from (*PROBLEMS, *WEEKDAYS)
	yield from (topic.label for topic in topics.TOPICS)
	yield from ATTENDED


ANSWERED_BY = (
	"human",
	"fax",
	"machine_start",
	"machine_end_beep",
	"machine_end_silence",
	"machine_end_other",
)
ATTENDED = ("Absent", "Present")
"""Of Education, which is not on every site and does not translate them."""
SPOKEN = ("English", "Spanish", "Arabic", "Vietnamese", "Chinese")
PROBLEMS = ("edited", "deleted", "inserted", "re-ordered", "unchecked")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sentences(pattern: str) -> Iterator[str]:
	"""Yield whole sentences in code that does not call translation functions, except docstrings."""
	for path in sorted(APP.glob(pattern)):
		tree = ast.parse(path.read_text())
		said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
		for node in ast.walk(tree):
			if isinstance(node, ast.JoinedStr):
				said |= {id(part) for part in node.values}
			if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
				if SENTENCE.fullmatch(node.value):
					yield node.value


def number_reasons() -> Iterator[str]:
	"""Yield the reasons of `InvalidNumber`: why a text is not a phone number."""
	for node in ast.walk(ast.parse((APP / "base" / "phone.py").read_text())):
		if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InvalidNumber":
			yield from constants(node)
		elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in (
			"_PARSE_ERRORS",
			"_IMPOSSIBLE",
		):
			yield from constants(node.value)


def constants(tree: ast.AST) -> Iterator[str]:
	for node in ast.walk(tree):
		if isinstance(node, ast.Constant) and isinstance(node.value, str):
			yield node.value
