"""No test on a site names a day that will be in the past one day, unless it sets the clock.

Every run is on a day of its own (`DIALER_TODAY`). A day that is written down has to mean the same on all of
them: it lies in the past for good, or so far ahead that no run will see it, or the test's file sets the
clock, or the code under test gets the literal as its `now`. Tests without a site call functions that get
the time as an argument.
"""

import ast
import re
from collections.abc import Iterator
from datetime import date

import pytest

from dev.tracked import ROOT, tracked

PAST, FAR = date(2026, 11, 1), date(2090, 1, 1)
"""Days before the first are past on every day of a run, those from the second on to come."""
SUITES = ("browser", "integration", "security")
SETS_CLOCK = {"set_clock"}
"""Fixtures with which a test sets the clock of the site and the carrier, also as an attribute of another."""
NOW = {"now"}
"""Arguments that are the current time."""
WRITTEN = re.compile(r"\b(2\d{3})-(\d\d)-(\d\d)(?!\d)")


def days(node: ast.AST) -> Iterator[date]:
	"""Yield the days that a node writes down: `date(2026, 12, 1)`, `datetime(2026, 12, 1, 9)`, or as text."""
	if isinstance(node, ast.Call) and name_of(node.func) in ("date", "datetime"):
		numbers = [one.value for one in node.args[:3] if isinstance(one, ast.Constant)]
		if len(numbers) == 3 and all(isinstance(one, int) for one in numbers):
			yield date(*numbers)
	elif isinstance(node, ast.Constant) and isinstance(node.value, str):
		for found in WRITTEN.findall(node.value):
			try:
				yield date(*map(int, found))
			except ValueError:
				continue


def name_of(node: ast.expr) -> str:
	return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def sets_clock(tree: ast.Module) -> bool:
	functions = (ast.FunctionDef, ast.AsyncFunctionDef)
	asked = {
		argument.arg for node in ast.walk(tree) if isinstance(node, functions) for argument in node.args.args
	}
	called = {name_of(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
	return bool(SETS_CLOCK & (asked | called))


def will_pass(text: str) -> list[str]:
	"""Return where a test file names a day that will be in the past, as `line: day`."""
	tree = ast.parse(text)
	if sets_clock(tree):
		return []
	given = {
		id(inner)
		for node in ast.walk(tree)
		if isinstance(node, ast.keyword) and node.arg in NOW
		for inner in ast.walk(node.value)
	}
	return [
		f"{node.lineno}: {day}"
		for node in ast.walk(tree)
		if id(node) not in given
		for day in days(node)
		if PAST <= day < FAR
	]


def test_no_test_names_a_day_that_will_be_past():
	files = tracked(*(f"tests/{suite}" for suite in SUITES), pattern="*.py")
	found = {str(path): will_pass((ROOT / path).read_text(encoding="utf-8")) for path in files}
	assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
	("text", "lines"),
	[
		("DAY = date(2026, 12, 1)", 1),
		("DAY = datetime.datetime(2027, 1, 1, 9)", 1),
		("field = '2030-01-01 10:00:00'", 1),
		("field = f'{day} and 2026-11-30'", 1),
		("DAYS = date(2026, 10, 31), '2099-01-01', '2026-13-01', date(year, 12, 1)", 0),
		("found = due(now=datetime(2026, 12, 1))", 0),
		("found = due(until=datetime(2026, 12, 1))", 1),
		("def test(set_clock):\n\tset_clock(datetime(2026, 12, 1))", 0),
		("def night(stage):\n\tstage.set_clock(datetime(2026, 12, 1))", 0),
	],
)
def test_what_is_found(text: str, lines: int):
	assert len(will_pass(text)) == lines
