"""Reviewed findings: which they are, and how a report differs from them."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("baseline.json")
REASON_LENGTH = 15
"""The least number of characters in a reason; "ok" is not a reason."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
	"""What bandit reports at one place.

	``code`` is the line without its indentation, so a place may move within its file.
	"""

	file: str
	test: str
	code: str


def read(file: Path = FILE) -> dict[Finding, tuple[int, str]]:
	"""Return, for each finding, how often it is expected and why it stays.

	Raises ValueError for a finding without a reason or listed twice.
	"""
	known: dict[Finding, tuple[int, str]] = {}
	for entry in json.loads(file.read_text()):
		finding = Finding(entry["file"], entry["test"], entry["code"])
		if len(entry["reason"].strip()) < REASON_LENGTH:
			raise ValueError(f"{finding} has no reason")
		if finding in known:
			raise ValueError(f"{finding} is there twice")
		known[finding] = (entry.get("times", 1), entry["reason"])
	return known


def found(report: dict) -> list[Finding]:
	"""Return the findings of a bandit report in JSON format."""
	return [
		Finding(one["filename"].removeprefix("./"), one["test_id"], line_of(one)) for one in report["results"]
	]


def line_of(result: dict) -> str:
	"""Return the line of a finding. Bandit shows a few lines around it, each after its number."""
	for numbered in result["code"].splitlines():
		number, _space, code = numbered.partition(" ")
		if number == str(result["line_number"]):
			return code.strip()
	return ""


def compare(findings: Iterable[Finding], known: dict[Finding, tuple[int, str]]) -> list[str]:
	"""Return the differences as sentences: new findings, and baseline entries that are no longer found."""
	counts = Counter(findings)
	new = [
		f"{one.file}: {one.test}: {one.code}"
		for one, times in sorted(counts.items())
		if times > known.get(one, (0, ""))[0]
	]
	gone = [
		f"{one.file}: {one.test} is in the baseline and no longer found: {one.code}"
		for one, (times, _reason) in sorted(known.items())
		if counts[one] < times
	]
	return [*(f"New: {words}" for words in new), *gone]
