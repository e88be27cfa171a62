"""parties/asking.py: one result for all who are at a number."""

from dataclasses import dataclass
from datetime import datetime, timezone
from types import SimpleNamespace

import frappe
import pytest

from school_dialer.campaigns.call_order import ContactPoint
from school_dialer.campaigns.parties import asking

NOON = datetime(2026, 3, 4, 18, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Result:
	decision: SimpleNamespace
	students: tuple[str, ...] = ()
	school: str = ""
	off_record: bool = False


def result(verdict: str, off_record: bool) -> Result:
	codes = () if verdict == "ALLOW" else ("RESTRICTED_CONTACT",)
	decision = SimpleNamespace(verdict=verdict, allowed=verdict == "ALLOW", codes=codes, until=None, at=NOON)
	return Result(decision, off_record=off_record)


@pytest.mark.parametrize(
	("answers", "verdict", "off_record"),
	[
		([("BLOCK", False), ("BLOCK", True)], "BLOCK", True),
		([("BLOCK", True), ("BLOCK", False)], "BLOCK", True),
		([("BLOCK", True), ("ALLOW", False)], "ALLOW", True),
		([("BLOCK", False), ("BLOCK", False)], "BLOCK", False),
	],
)
def test_a_number_that_left_the_record_of_anyone_there_is_said_to_have(answers, verdict, off_record):
	people = [ContactPoint("+13125550199", "Guardian", name, name, "en") for name in ("Ana", "Ben")]
	row = frappe._dict(name="one", person_doctype="Guardian", person="Ana", parties=people)

	def of(_context, checks, _at):
		return {check.key: result(*answer) for check, answer in zip(checks, answers, strict=True)}

	found = asking.ask(None, [row], NOON, of=of)["one"]
	assert (found.decision.verdict, found.off_record) == (verdict, off_record)
