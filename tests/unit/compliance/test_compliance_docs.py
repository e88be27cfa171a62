"""docs/compliance.md names every rule, reason, state and test that exists, and no others."""

import re
from pathlib import Path

from dev import compliance_docs
from school_dialer.compliance import policies
from school_dialer.compliance.rules import RULES
from school_dialer.compliance.vocabulary import CODES

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
	named = set(re.findall(r"`((?:\.\./|rules/)?test_[a-z_]+\.py)`", TEXT))
	assert len(named) > 8
	for name in named:
		assert (HERE / name).exists(), name


def test_the_page_is_what_the_data_say_today():
	"""``python -m dev.compliance_docs`` writes it."""
	assert compliance_docs.written(TEXT, policies.load("US")) == TEXT


def test_the_hours_of_every_state():
	us = policies.load("US")
	rows = {}
	for row in ROWS:
		rows.setdefault(row.split("|")[1].strip(), []).append(row)
	for law in us.laws:
		if law.week:
			(state,) = law.states
			opens, closes = law.week[0]
			(row,) = [
				row for row in rows[state] if f"{opens // 60}:00-{closes // 60}:00" in row.split("|")[2]
			]
			assert ("not on Sunday" in row) is (law.week[6] is None)
			assert law.citation in row and str(law.review.checked_on) in row
