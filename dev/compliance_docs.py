"""Tables of docs/compliance.md from rules and data: ``python -m dev.compliance_docs [--check]``.

Everything between ``<!-- NAME: written by dev/compliance_docs.py -->`` and ``<!-- end -->`` is rewritten.
With ``--check`` nothing is written, and the exit code is 1 when the page is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from school_dialer.compliance import policies
from school_dialer.compliance.laws import Exemption, Law, Review
from school_dialer.compliance.legal_days import LegalHoliday
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.rules import RULES
from school_dialer.compliance.week import DAYS, Week

PAGE = Path(__file__).resolve().parent.parent / "docs" / "compliance.md"
POLICY = "us-states"
# The reason codes of each rule, and the files in tests/unit/compliance that test it.
RULE_FACTS = {
	"number.valid": (("INVALID_NUMBER",), "rules/test_number_rules.py ../base/test_phone.py"),
	"number.supported": (("UNSUPPORTED_COUNTRY",), "rules/test_number_rules.py"),
	"contact.restricted": (("RESTRICTED_CONTACT",), "rules/test_contact_rules.py"),
	"contact.of_age": (("RESTRICTED_CONTACT",), "rules/test_contact_rules.py rules/test_record_rules.py"),
	"contact.closed": (("RESTRICTED_CONTACT",), "rules/test_record_rules.py"),
	"contact.objection": (("RESTRICTED_CONTACT",), "rules/test_contact_rules.py rules/test_record_rules.py"),
	"contact.of_this_school": (("OTHER_SCHOOL",), "rules/test_school_rules.py"),
	"emergency.approved": (("EMERGENCY_NOT_APPROVED",), "rules/test_emergency_rules.py"),
	"consent.given": (
		("NO_CONSENT", "WRITTEN_CONSENT_REQUIRED", "CONSENT_EXPIRED", "CONSENT_STALE"),
		"rules/test_consent_rules.py test_engine.py",
	),
	"opt_out.in_force": (("OPTED_OUT",), "rules/test_opt_out_rules.py"),
	"opt_out.not_at_carrier": (("CARRIER_BLOCKED",), "rules/test_opt_out_rules.py"),
	"correction.due": (("NOT_HEARD",), "rules/test_correction_rules.py"),
	"line.kept": (("NUMBER_REASSIGNED",), "rules/test_line_rules.py"),
	"line.takes_texts": (("NO_TEXTS",), "rules/test_line_rules.py"),
	"calling_hours.within": (
		("OUTSIDE_CALLING_HOURS", "NO_TIME_ZONE"),
		"rules/test_calling_hours.py test_laws.py test_places.py test_area_codes.py",
	),
	"holidays.kept": (("HOLIDAY",), "rules/test_holiday_rules.py"),
	"holidays.state_of_emergency": (("HOLIDAY",), "rules/test_holiday_rules.py"),
	"frequency.capped": (("FREQUENCY_CAP",), "rules/test_frequency_rules.py"),
}


def rules_table(policy: Policy) -> Iterable[tuple[str, ...]]:
	yield "Rule", "Reason", "Source", "Rests on, confidence, checked on", "Function", "Tests"
	for rule in RULES:
		name = f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}"
		codes, tests = RULE_FACTS[name]
		says = (rule.__doc__ or "").strip().split("\n\n")[0]
		for code in codes:
			shown = ", ".join(f"`{file}`" for file in tests.split())
			source, review = policy.citation(code), _review(policy.reviews.get(code))
			yield " ".join(says.split()), f"`{code}`", source, review, f"`{name}`", shown


def hours_table(policy: Policy) -> Iterable[tuple[str, ...]]:
	yield "State", "Hours", "Exempt", "Source", "Rests on, confidence, checked on"
	found = [(min(law.states), law) for law in policy.laws if law.week is not None]
	for state, law in sorted(found, key=lambda pair: (pair[0], pair[1].key)):
		draft = " (a draft, off)" if law.draft_from else ""
		yield state, _week(law.week) + draft, _exempt(law), law.citation, _review(law.review)


def days_table(policy: Policy) -> Iterable[tuple[str, ...]]:
	yield "State", "Days without calls", "Source", "Rests on, confidence, checked on"
	legal = set(policy.legal_holidays)
	for law in sorted(policy.laws, key=lambda law: (min(law.states), law.key)):
		if not law.citation or not (law.holidays or law.state_of_emergency):
			continue
		own = [_day(day) for day in law.holidays if day not in legal]
		shown = ["the legal holidays of the United States"] if _keeps_legal(policy, law) else []
		shown += own + (
			["while the governor has declared a state of emergency"] if law.state_of_emergency else []
		)
		yield min(law.states), "; ".join(shown), law.citation, _review(law.review)


def other_table(policy: Policy) -> Iterable[tuple[str, ...]]:
	yield "States", "Law", "Exempt", "Note", "Source", "Rests on, confidence, checked on"
	notes = {law["id"]: law.get("note", "") for law in policy.source["laws"]}
	for law in policy.laws:
		if law.key in notes:
			states = ", ".join(sorted(law.states))
			draft = f"Draft, off (may be in force from {law.draft_from}): " if law.draft_from else ""
			yield states, draft + law.title, _exempt(law), notes[law.key], law.citation, _review(law.review)
	for cap in policy.caps:
		states = ", ".join(sorted(cap.states)) or "all"
		what = f"At most {cap.maximum} calls and texts in {cap.hours} hours for each {cap.per}"
		what += " to a landline without consent" if cap.landline_without_consent else ""
		yield states, what, "", "", cap.citation, _review(cap.review)


TABLES: dict[str, Callable[[Policy], Iterable[tuple[str, ...]]]] = {
	"rules": rules_table,
	"hours": hours_table,
	"days": days_table,
	"laws": other_table,
}


def written(page: str, policy: Policy) -> str:
	"""Return the page with current tables. Raises ValueError when a table does not have exactly one place."""
	for name, rows in TABLES.items():
		begin = f"<!-- {name}: written by dev/compliance_docs.py -->\n"
		if page.count(begin) != 1:
			raise ValueError(f"the page has no one place for {name}")
		head, _, rest = page.partition(begin)
		_, end, tail = rest.partition("<!-- end -->")
		page = "\n".join([head + begin + "\n".join(_lines(list(rows(policy)))), end + tail])
	return page


def _lines(rows: list[tuple[str, ...]]) -> Iterable[str]:
	head, *body = rows
	yield f"| {' | '.join(head)} |"
	yield "|---" * len(head) + "|"
	for row in body:
		yield f"| {' | '.join(cell.replace('|', ' ') for cell in row)} |"


def _review(review: Review | None) -> str:
	return (
		", ".join(filter(None, (review.rests_on, review.confidence, f"{review.checked_on}")))
		if review
		else ""
	)


def _keeps_legal(policy: Policy, law: Law) -> bool:
	return bool(law.states & policy.legal_holiday_states) or set(policy.legal_holidays) <= set(law.holidays)


def _week(week: Week) -> str:
	"""Return the hours like ``9:00-21:00, Saturday 10:00-17:00, not on Sunday``."""
	usual = next(hours for hours in week if hours is not None)
	shown = [_hours(usual)]
	for day, hours in zip(DAYS, week, strict=True):
		if hours is None:
			shown.append(f"not on {day}")
		elif hours != usual:
			shown.append(f"{day} {_hours(hours)}")
	return ", ".join(shown)


def _hours(hours: tuple[int, int]) -> str:
	return "-".join(f"{minute // 60}:{minute % 60:02d}" for minute in hours)


def _day(day: LegalHoliday) -> str:
	return f"{day.name} (in even years)" if day.even_years else day.name


def _exempt(law: Law) -> str:
	return "; ".join(_exemption(exemption) for exemption in law.exemptions)


def _exemption(exemption: Exemption) -> str:
	parts = (exemption.purposes, exemption.callers, exemption.channels)
	return " by ".join(", ".join(sorted(part)) for part in parts if part is not None)


def main() -> int:
	parser = argparse.ArgumentParser(description="Write the tables of docs/compliance.md.")
	parser.add_argument("--check", action="store_true", help="only say whether they are stale")
	options = parser.parse_args()
	before = PAGE.read_text(encoding="utf-8")
	after = written(before, policies.load(POLICY))
	if before == after:
		return 0
	if options.check:
		print("docs/compliance.md is stale: python -m dev.compliance_docs")
		return 1
	PAGE.write_text(after, encoding="utf-8")
	return 0


if __name__ == "__main__":
	sys.exit(main())
