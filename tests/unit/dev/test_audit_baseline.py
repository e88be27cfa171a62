"""The baseline of the security tools: each entry has a reason.

Neither a new finding nor a stale entry passes.
"""

import json

import pytest

from dev.audit import baseline
from dev.audit.baseline import Finding
from dev.site.layout import ROOT

ONE = Finding("school_dialer/a.py", "B101", "assert x")
RESULT = {
	"filename": "./school_dialer/a.py",
	"test_id": "B101",
	"line_number": 7,
	"code": "6 if y:\n7 \tassert x\n8 z()\n",
}


def test_each_entry_of_the_baseline_has_a_reason_and_stands_in_the_code():
	known = baseline.read()
	assert known
	for finding, (times, _reason) in known.items():
		lines = [line.strip() for line in (ROOT / finding.file).read_text().splitlines()]
		assert lines.count(finding.code) >= 1, finding
		assert times >= 1


def test_a_finding_is_known_by_its_line_wherever_it_moves():
	assert baseline.found({"results": [RESULT]}) == [ONE]
	assert baseline.compare([ONE], {ONE: (1, "because")}) == []


def test_a_new_finding_is_said():
	assert baseline.compare([ONE], {}) == ["New: school_dialer/a.py: B101: assert x"]
	assert baseline.compare([ONE, ONE], {ONE: (1, "because")}) == ["New: school_dialer/a.py: B101: assert x"]


def test_an_entry_that_finds_nothing_is_said():
	(words,) = baseline.compare([], {ONE: (1, "because")})
	assert "no longer found" in words


@pytest.mark.parametrize("entries", [[{}], [{}, {}]])
def test_an_entry_needs_a_reason_and_stands_once(tmp_path, entries):
	reason = "" if len(entries) == 1 else "Long enough to be a reason."
	entry = {"file": ONE.file, "test": ONE.test, "code": ONE.code, "reason": reason}
	file = tmp_path / "baseline.json"
	file.write_text(json.dumps([entry] * len(entries)))
	with pytest.raises(ValueError, match=r"reason|twice"):
		baseline.read(file)
