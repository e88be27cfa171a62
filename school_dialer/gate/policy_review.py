"""Legal rules that are due for review: an item on the checklist, and one notice each to Compliance Officers.

A rule carries the date by which it must be reviewed (`review_by` in the policy). An officer who reviewed it
amends the policy with the new date, or the next version of the app brings one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _

from school_dialer.base import clock, roles
from school_dialer.base.jobs import job
from school_dialer.compliance import Policy
from school_dialer.gate import site_policies
from school_dialer.schools import staff

MOST_NAMED = 3
"""A notice names up to this many rules and counts the rest."""


@dataclass(frozen=True, slots=True)
class DueReview:
	policy: str
	version: str
	rule: str
	review_by: date

	@property
	def key(self) -> str:
		return f"{self.rule} {self.review_by}"


def due_reviews(on: date) -> list[DueReview]:
	"""Return the due reviews of the policies in force, each once, the longest overdue first."""
	policies = set(site_policies.in_force().values())
	reviews = [review for rules in policies for review in of_policy(rules, on)]
	return sorted(reviews, key=lambda review: (review.review_by, review.policy, review.rule))


def of_policy(rules: Policy, on: date) -> Iterator[DueReview]:
	for rule, review in rules.reviewed():
		if review.review_by <= on:
			yield DueReview(rules.name, rules.version, rule, review.review_by)


@job
def daily() -> None:
	"""Announce due reviews (scheduler job)."""
	announce(clock.db_now().date())
	frappe.db.commit()


def announce(on: date) -> None:
	"""Send one notice for what has become due since the last time.

	A rule is announced once for each `review_by` date.
	"""
	due = due_reviews(on)
	new = [review for review in due if review.key not in announced(review)]
	if new:
		staff.alarm(roles.OFFICER, subject(new), "Dialer Policy", name_of(new[0]))
		for review in new:
			remember(review)


def subject(new: list[DueReview]) -> str:
	names = ", ".join(review.rule for review in new[:MOST_NAMED])
	if len(new) > MOST_NAMED:
		names = _("{0} and {1} more").format(names, len(new) - MOST_NAMED)
	return _("Rules of law to be checked again: {0}").format(names)


def name_of(review: DueReview) -> str | None:
	return frappe.db.get_value("Dialer Policy", {"policy_name": review.policy, "version": review.version})


def announced(review: DueReview) -> set[str]:
	return set(json.loads(frappe.db.get_value("Dialer Policy", name_of(review), "reviews_announced") or "[]"))


def remember(review: DueReview) -> None:
	"""Record the announcement.

	A policy that has decided does not change; announcements are not part of its rules.
	"""
	keys = json.dumps(sorted({*announced(review), review.key}))
	frappe.db.set_value("Dialer Policy", name_of(review), "reviews_announced", keys, update_modified=False)
