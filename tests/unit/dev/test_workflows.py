"""The workflows run only reviewed code, with few rights.

Actions are pinned by commit, no token is left on disk, and they have no more rights than they need.
"""

import re
from pathlib import Path

import pytest

from dev.site.layout import ROOT
from dev.tracked import tracked

WORKFLOWS = [ROOT / path for path in tracked(".github/workflows", pattern="*.y*ml")]
USES = re.compile(r"^\s*(?:- )?uses:\s*(.+)$", re.MULTILINE)
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+")
RUN = re.compile(r"^(?P<indent> *)(?:- )?run:(?P<script>.*(?:\n(?:(?P=indent) +.*)?)*)", re.MULTILINE)


def test_there_are_workflows():
	assert WORKFLOWS
	assert all(USES.findall(file.read_text()) for file in WORKFLOWS)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_each_action_is_pinned_by_its_commit_and_says_its_version(file: Path):
	used = [name.strip() for name in USES.findall(file.read_text())]
	# A workflow of this repository is of the same commit.
	foreign = [name for name in used if not name.startswith("./.github/workflows/")]
	assert [name for name in foreign if not PINNED.fullmatch(name)] == []


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_one_action_has_one_commit(file: Path):
	pins = {used.strip() for used in USES.findall(file.read_text())}
	assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_checkout_leaves_the_token_on_disk(file: Path):
	text = file.read_text()
	assert text.count("persist-credentials: false") == text.count("uses: actions/checkout@")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_the_token_may_read_only(file: Path):
	assert re.search(r"^permissions:\n  contents: read\n(?!  )", file.read_text(), re.MULTILINE)


def test_three_jobs_may_write_one_thing_each():
	"""A release, the branch with the pages, and the findings of code scanning."""
	rights = {
		file.name: re.findall(r"^ +([a-z-]+: write)\b", file.read_text(), re.MULTILINE) for file in WORKFLOWS
	}
	assert {name: found for name, found in rights.items() if found} == {
		"codeql.yml": ["security-events: write"],
		"docs.yml": ["contents: write"],
		"release.yml": ["contents: write"],
	}


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_script_contains_an_expression(file: Path):
	"""A tag or a branch with a hostile name would run as part of the script. Variables are safe."""
	scripts = [found["script"] for found in RUN.finditer(file.read_text())]
	assert scripts and [script for script in scripts if "${{" in script] == []


@pytest.mark.parametrize(
	("text", "script"),
	[
		("      - run: make ${{ github.ref }}\n      - run: no\n", " make ${{ github.ref }}\n"),
		(
			"        run: |\n          one\n\n          two\n        env:\n",
			" |\n          one\n\n          two\n",
		),
	],
)
def test_a_script_ends_with_its_lines(text, script):
	assert RUN.search(text)["script"].rstrip() == script.rstrip()
