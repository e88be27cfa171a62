"""Findings that have been looked at: which they are, and whether a report has others."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("baseline.json")
REASON_LENGTH = 15
"""Characters that a reason has at least: "ok" is none."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
	"""What bandit says of one place. ``code`` is the line without its indentation, so that a place may move within its file."""

	file: str
	test: str
	code: str


def read(file: Path = FILE) -> dict[Finding, tuple[int, str]]:
	"""How often each finding is expected, and why it stays. Raises ValueError for one without a reason or named twice."""
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
	"""The findings of a report of bandit in its JSON format."""
	return [
		Finding(one["filename"].removeprefix("./"), one["test_id"], line_of(one)) for one in report["results"]
	]


def line_of(result: dict) -> str:
	"""The line on which a finding stands: bandit shows a few around it, each after its number."""
	for numbered in result["code"].splitlines():
		number, _space, code = numbered.partition(" ")
		if number == str(result["line_number"]):
			return code.strip()
	return ""


def compare(findings: Iterable[Finding], known: dict[Finding, tuple[int, str]]) -> list[str]:
	"""What differs, in sentences: findings that are new, and entries of the baseline that find nothing any more."""
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
