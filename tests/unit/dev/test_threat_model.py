"""docs/threat-model.md and docs/operations.md name tests, commands and pages that exist."""

import re

import pytest

from dev.site.layout import ROOT

THREATS = (ROOT / "docs" / "threat-model.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", THREATS)))


def test_it_names_tests():
	assert len(NAMED) > 20


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_a_named_test_exists(path, test):
	text = (ROOT / path).read_text()
	assert re.search(rf"^def {test or 'test_'}", text, re.M), path


@pytest.mark.parametrize("page", ["threat-model.md", "operations.md"])
def test_links_lead_somewhere(page):
	text = (ROOT / "docs" / page).read_text()
	for target, anchor in re.findall(r"\]\(([\w./-]*\.md)(?:#([\w-]+))?\)", text):
		linked = (ROOT / "docs" / target).resolve()
		assert linked.exists(), target
		heads = [slug(line) for line in linked.read_text().splitlines() if line.startswith("#")]
		assert not anchor or anchor in heads, f"{target}#{anchor}"


def slug(heading: str) -> str:
	return re.sub(r"[^\w -]", "", heading.lstrip("# ").lower()).replace(" ", "-")
