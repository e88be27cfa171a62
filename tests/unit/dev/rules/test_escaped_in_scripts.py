"""Scripts escape a translated value before it becomes HTML.

A status is one of a list, but the database may hold anything: an import or a raw write is not validated.
`tests/browser/test_planted.py` shows it in a browser; this finds the forms that it happens not to open.
"""

import re
from pathlib import Path

import pytest

from dev.site.layout import ROOT
from dev.tracked import tracked

RAW = re.compile(r">\s*\$\{__\(\s*[^\s\"'`]|set_indicator\(\s*__\(\s*[^\s\"'`]")
"""A translated variable as an element's text, or as a page's indicator, which Frappe inserts as HTML."""


@pytest.mark.parametrize(
	("script", "raw"),
	[
		("`<b>${__(doc.status)}</b>`", True),
		("page.set_indicator(__(frm.doc.state), 'red')", True),
		("`<b>${escape(__(doc.status))}</b>`", False),
		('`<b>${__("Status")}</b>`', False),
		('page.set_indicator(__("On"), "green")', False),
	],
)
def test_the_search_sees_it(script: str, raw: bool):
	assert bool(RAW.search(script)) is raw


@pytest.mark.parametrize("script", tracked("school_dialer", pattern="*.js"), ids=str)
def test_no_translated_value_becomes_html(script: Path):
	assert not [found[0] for found in RAW.finditer((ROOT / script).read_text())]
