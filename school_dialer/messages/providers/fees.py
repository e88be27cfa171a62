"""What is still to be paid, from submitted Fees, per student and per household.

A rule's campaign is about the bills that the rule noticed, and about no others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import frappe

from school_dialer.messages.model import EDUCATIONAL, Field, Money, Subject, provides
from school_dialer.messages.providers.case_records import CaseRecords
from school_dialer.messages.providers.education import about_each
from school_dialer.messages.providers.family import Families, has, present
from school_dialer.schools import zones

OUTSTANDING = "Fees.outstanding_amount"
FEE_DUE = about_each(
	"fee_due",
	"Fees due",
	"money",
	EDUCATIONAL,
	OUTSTANDING,
	Money(Decimal("45"), "USD"),
	Money(Decimal("120.5"), "USD"),
)
FEE_DUE_DATE = about_each(
	"fee_due_date",
	"Day by which the next fee is to be paid",
	"date",
	EDUCATIONAL,
	"Fees.due_date",
	date(2026, 3, 13),
	date(2026, 3, 20),
)
FEE_OVERDUE = about_each(
	"fee_overdue",
	"Fees that should have been paid by now",
	"money",
	EDUCATIONAL,
	OUTSTANDING,
	Money(Decimal("45"), "USD"),
	Money(Decimal("60"), "USD"),
)
FEES_TOTAL = Field(
	"fees_total_due",
	"Fees due for all students together",
	"money",
	EDUCATIONAL,
	OUTSTANDING,
	Money(Decimal("165.5"), "USD"),
	about_student=True,
)


@provides(FEE_DUE, FEE_DUE_DATE, FEE_OVERDUE, FEES_TOTAL)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	families, noticed = Families.of(subjects), CaseRecords.of(subjects, "Fees")
	fees, today_of = read_fees(families.students), zones.today_of(families.students)
	values = {}
	for subject in subjects:
		owed = noticed.chosen(subject, fees)
		late = {
			student: [fee for fee in fees if fee.due < today_of(student)] for student, fees in owed.items()
		}
		first = {student: min((fee.due for fee in fees), default=None) for student, fees in owed.items()}
		disclosed = families.may_disclose(subject)
		values[subject.key] = {
			"fee_due": families.educational(subject, totals(owed)),
			"fee_due_date": families.educational(subject, first),
			"fee_overdue": families.educational(subject, totals(late)),
			"fees_total_due": total(fee.amount for student in disclosed for fee in owed[student]),
		}
	return values


def totals(fees: Mapping[str, list]) -> dict[str, Money | None]:
	return {student: total(fee.amount for fee in owed) for student, owed in fees.items()}


def total(amounts: Iterable[Money]) -> Money | None:
	"""Add amounts. Returns None for no amounts, and for several currencies, which cannot be added."""
	sums: dict[str, Decimal] = defaultdict(Decimal)
	for money in amounts:
		sums[money.currency] += money.amount
	if len(sums) != 1:
		return None
	((currency, amount),) = sums.items()
	return Money(amount, currency)


def read_fees(students: list[str]) -> dict[str, list[frappe._dict]]:
	"""Return the unpaid bills of each student: name, amount and due, earliest first."""
	if not students or not has("Fees"):
		return {}
	rows = frappe.get_all(
		"Fees",
		filters={"student": ("in", students), "docstatus": 1, "outstanding_amount": (">", 0)},
		fields=["name", "student", "outstanding_amount", "due_date", *present("Fees", "currency")],
		order_by="due_date, name",
	)
	usual = frappe.get_cached_doc("Dialer Settings").currency or ""
	fees = defaultdict(list)
	for row in rows:
		amount = Money(Decimal(str(row.outstanding_amount)), row.get("currency") or usual)
		fees[row.student].append(frappe._dict(name=row.name, amount=amount, due=row.due_date))
	return fees
