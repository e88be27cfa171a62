"""Each line of CODEOWNERS names something that exists, and what decides about calls has its own owner."""

import re

import pytest

from dev.site.layout import ROOT

LINES = [
	line.split()
	for line in (ROOT / ".github" / "CODEOWNERS").read_text(encoding="utf-8").splitlines()
	if line and not line.startswith("#")
]
PATHS = [line for line in LINES if line[0] != "*"]


def test_the_first_line_is_for_everything_else():
	assert [line for line in LINES if line[0] == "*"] == LINES[:1]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_each_line_has_one_owner(line):
	assert len(line) == 2 and re.fullmatch(r"@[\w-]+/[\w-]+", line[1])


@pytest.mark.parametrize("line", PATHS, ids=lambda line: line[0])
def test_each_path_exists(line):
	assert line[0].startswith("/") and (ROOT / line[0].strip("/")).is_dir() == line[0].endswith("/")
	assert (ROOT / line[0].strip("/")).exists()


def test_the_rooms_that_decide_about_calls_have_their_own_owner():
	rooms = {path for path, owner in PATHS if owner == "@school-dialer/compliance"}
	assert rooms >= {f"/school_dialer/{room}/" for room in ("compliance", "consent", "gate")}
