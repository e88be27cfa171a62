"""Each form, list, page and report has the scripts at hand whose functions its own script calls.

The Desk loads some scripts on every page and others with certain forms (`hooks.py`). One that another form
left behind hides that a form lacks it.
"""

import re
import runpy
import sys
from collections.abc import Iterable
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from dev.site.layout import ROOT
from dev.tracked import tracked

APP = ROOT / "school_dialer"
NEEDS_FRAPPE = "school_dialer.desk.support.address"
"""What `hooks.py` imports and cannot be imported without Frappe."""
with patch.dict(sys.modules, {NEEDS_FRAPPE: SimpleNamespace(DESK="app")}):
	HOOKS = runpy.run_path(str(APP / "hooks.py"))
CALLED = re.compile(r"(?<![\w.\"'`/])school_dialer\.(\w+)(?:\??\.\w+)*\(")
MADE = re.compile(r"\bschool_dialer\.(\w+)\s*=[^=]|frappe\.provide\(\"school_dialer\.(\w+)\"\)")
EVERYWHERE = [path.replace("/assets/school_dialer/", "public/") for path in HOOKS["app_include_js"]]
PARTS = {
	"doctype": [HOOKS["doctype_js"], HOOKS["doctype_list_js"]],
	"page": [HOOKS["page_js"]],
	"report": [],
}


def called(text: str) -> set[str]:
	return {one[1] for one in CALLED.finditer(text)}


def made(texts: Iterable[str]) -> set[str]:
	return {one[1] or one[2] for text in texts for one in MADE.finditer(text)}


def loaded(part: str, folder: str) -> list[str]:
	"""Return the scripts that come with a form or page whose folder this is."""
	return [
		path
		for hook in PARTS[part]
		for name, paths in hook.items()
		if name.lower().replace(" ", "_").replace("-", "_") == folder
		for path in ([paths] if isinstance(paths, str) else paths)
	]


def test_the_search_sees_it():
	assert called("x = school_dialer.words.reason(1)") == {"words"} == called("school_dialer.words?.show(1)")
	assert not called('frappe.xcall("school_dialer.desk.start(x)"), mine.school_dialer.x()')
	assert made(["school_dialer.opener = () => 1;", 'frappe.provide("school_dialer.plain")']) == {
		"opener",
		"plain",
	}
	assert "public/js/own_language.js" in loaded("doctype", "contact_consent")


@pytest.mark.parametrize("part", PARTS)
def test_every_script_has_what_it_calls(part: str):
	folders = sorted({path.parent for path in tracked(f"school_dialer/school_dialer/{part}", pattern="*.js")})
	assert folders
	lacking = {}
	for folder in folders:
		own = [(ROOT / path).read_text() for path in tracked(str(folder), pattern="*.js")]
		with_it = [(APP / path).read_text() for path in loaded(part, folder.name)]
		at_hand = made([*own, *with_it, *((APP / path).read_text() for path in EVERYWHERE)])
		if missing := called("\n".join([*own, *with_it])) - at_hand:
			lacking[folder.name] = sorted(missing)
	assert lacking == {}
