"""docs/compliance.md names every rule, reason, state and test that exists, and no others."""

import re
from pathlib import Path

from school_dialer.compliance import policies
from school_dialer.compliance.model import CODES
from school_dialer.compliance.rules import RULES

HERE = Path(__file__).parent
TEXT = (HERE.parents[2] / "docs" / "compliance.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("|")]


def names(rule):
	return f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}"


def test_every_rule_and_reason_has_its_row():
	table = "\n".join(ROWS)
	for rule in RULES:
		assert f"`{names(rule)}`" in table
	assert {code for code in re.findall(r"`([A-Z_]{4,})`", table)} == CODES


def test_the_tests_it_names_exist():
	named = set(re.findall(r"`((?:\.\./)?test_[a-z_]+\.py)`", TEXT))
	assert len(named) > 8
	for name in named:
		assert (HERE / name).exists(), name


def test_the_hours_of_every_state():
	rows = {row.split("|")[1].strip(): row.split("|")[2] for row in ROWS}
	weeks = policies.load("US").weeks
	for state in filter(None, weeks):
		opens, closes = weeks[state][0]
		assert f"{opens // 60}:00-{closes // 60}:00" in rows[state]
		assert ("Sunday" in rows[state]) is (weeks[state][6] is None)
	assert {row for row in rows if re.fullmatch("[A-Z]{2}", row)} == set(weeks) - {""}
