"""Tests wait as long as `dev.patience` says, and judge by no clock how fast the machine is."""

import ast
from collections.abc import Iterator

import pytest

from dev.tracked import ROOT, tracked

WAITS = {
	"eventually",
	"join",
	"result",
	"set_default_navigation_timeout",
	"set_default_timeout",
	"sleep",
	"wait",
	"wait_for",
	"wait_for_timeout",
	"wait_until",
	"wait_until_idle",
}
BOUNDS = {"patience", "timeout"}
RINGING = {"Dial", "Gather", "place"}
"""Calls whose `timeout` is what a school asks of the carrier."""
CLOCKS = {"monotonic", "perf_counter", "process_time"}
SIMULATED = {
	"tests/integration/planning/test_resume.py": "a planner is killed at any moment",
	"tests/integration/with_carrier/outbound/dispatch/test_opt_out_race.py": "people text STOP at any moment",
	"tests/integration/with_carrier/manual_calls/test_ten_clerks.py": "clerks claim families at any moment",
	"tests/unit/local_server.py": "a server sends one byte at a time",
}
"""Files whose pauses are what is tried, and not a wait for something."""


def bounds_in(source: str) -> Iterator[int]:
	"""Yield the lines with a number of seconds to wait, or with a judgment about how long something took."""
	for node in ast.walk(ast.parse(source)):
		if isinstance(node, ast.Compare):
			inside = [name_of(one) for one in ast.walk(node) if isinstance(one, ast.Call)]
			if CLOCKS.intersection(inside):
				yield node.lineno
		elif any(is_number(value) for value in bounds_of(node)):
			yield node.lineno


def bounds_of(node: ast.AST) -> list[ast.expr]:
	"""Return what a call or the defaults of a function give as seconds to wait."""
	if isinstance(node, ast.Call):
		given = node.args if name_of(node) in WAITS else []
		named = [] if name_of(node) in RINGING else node.keywords
		return [*given, *(one.value for one in named if one.arg in BOUNDS)]
	if isinstance(node, ast.FunctionDef):
		of = node.args
		last = zip(reversed(of.args), reversed(of.defaults), strict=False)
		named = zip(of.kwonlyargs, of.kw_defaults, strict=True)
		return [value for one, value in (*last, *named) if one.arg in BOUNDS and value]
	return []


def name_of(call: ast.Call) -> str:
	return getattr(call.func, "attr", getattr(call.func, "id", ""))


def is_number(node: ast.expr) -> bool:
	"""Return whether this is written in figures, such as 2 * 15. Zero is no wait."""
	if isinstance(node, ast.BinOp):
		return is_number(node.left) and is_number(node.right)
	return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value > 0


def test_no_test_has_a_bound_of_its_own():
	sources = {
		str(path): (ROOT / path).read_text(encoding="utf-8") for path in tracked("tests", pattern="*.py")
	}
	found = {path: list(bounds_in(source)) for path, source in sources.items() if path not in SIMULATED}
	assert {path: lines for path, lines in found.items() if lines} == {}, "dev.patience says how long to wait"


@pytest.mark.parametrize(
	"wrong",
	[
		"time.sleep(0.2)",
		"page.wait_for_timeout(100)",
		"event.wait(2 * 15)",
		"requests.get(url, timeout=30)",
		"def ask(url, timeout=5): pass",
		"def ask(url, *, patience: float = 5): pass",
		"assert time.monotonic() - began < limit",
		"while time.monotonic() < end: pass",
	],
)
def test_it_finds_what_a_busy_machine_breaks(wrong: str):
	assert list(bounds_in(wrong)) == [1]


@pytest.mark.parametrize(
	"right",
	[
		"event.wait(PATIENCE)",
		"number_lock(phones, timeout=0)",
		"place(twilio, site, timeout=20)",
		"', '.join(names)",
		"time.sleep(page.wait)",
		"assert first.at - placed >= 0.5",
	],
)
def test_it_leaves_the_rest_alone(right: str):
	assert list(bounds_in(right)) == []
