"""What a rule did recently and what it does next, for the people responsible for it."""

from collections import defaultdict
from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import cint, get_time

from school_dialer.audience import student_access
from school_dialer.automation import school_days
from school_dialer.automation.kind import Kind, kind_of
from school_dialer.automation.stored_sentences import SENTENCES
from school_dialer.base import clock
from school_dialer.base.stored_words import translated
from school_dialer.schools import school_calendar

LAST = 10
AHEAD = 60
MOST_CASES = 500


def last_runs(rule: str) -> list[dict]:
	"""Return the rule's last runs, latest first.

	Each row has the run's fields (day, status, message and so on), ``cases`` (counts of its cases by status)
	and ``called`` (counts of the recipients of its campaigns by status).
	"""
	runs = frappe.get_all(
		"Dialer Rule Run",
		{"rule": rule},
		["name", "day", "status", "found", "message", "review_reason", "reviewed_by"],
		order_by="day desc",
		limit=LAST,
	)
	names = tuple(run.name for run in runs) or ("",)
	counted = counts(
		"select run, status, count(*) from `tabDialer Rule Case` where run in %s group by run, status", names
	)
	called = counts(
		"""select campaign.rule_run, recipient.status, count(*) from `tabDialer Recipient` recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		where campaign.rule_run in %s group by campaign.rule_run, recipient.status""",
		names,
	)
	return [
		{
			**run,
			"message": in_words(run.message),
			"cases": counted[run.name],
			"called": called[run.name],
		}
		for run in runs
	]


def in_words(stored: str | None) -> str:
	"""Return what a run or a case says, in the reader's language."""
	return _(translated(stored, SENTENCES))


def counts(query: str, names: tuple[str, ...]) -> dict[str, dict[str, int]]:
	by_run = defaultdict(dict)
	for run, status, count in frappe.db.sql(query, (names,)):
		by_run[run][status] = count
	return by_run


def next_run(rule) -> str:
	"""Return the next run in words, or why there is none."""
	if not rule.enabled:
		return _("It is off: no one is called.")
	kind = kind_of(rule)
	if kind.continuous and not kind.audience:
		return _("It looks each minute, all day.")
	at = next_time(rule, kind)
	if at is None:
		return _("Not within the next {0} days.").format(AHEAD)
	words = _("Next on {0}.").format(frappe.utils.format_datetime(at, "EEEE, MMMM d, HH:mm"))
	return " ".join(filter(None, (words, calendar_words(rule, at.date()))))


def calendar_words(rule, day: date) -> str:
	"""Return which Holiday List the rule follows, and whether it covers the day of the next run."""
	listed = school_calendar.of_rule(rule).calendar.listed
	if not listed:
		return ""
	if day > listed.last:
		return _("Its Holiday List {0} ended on {1}: holidays after that are not known.").format(
			listed.name, frappe.utils.formatdate(listed.last)
		)
	return _("Holidays are those of {0}.").format(listed.name)


def next_time(rule, kind: Kind) -> datetime | None:
	"""Return when the rule runs next (naive, site time zone), or None if not within AHEAD days."""
	now = clock.db_now()
	is_open = school_calendar.of_rule(rule)
	for distance in range(AHEAD):
		day = now.date() + timedelta(days=distance)
		covers = school_days.covered(day, is_open, rule.on_holiday)
		if not covers:
			continue
		if kind.continuous:
			times = [clock.to_db(trigger.since) for trigger in kind.find(covers).occasions]
		else:
			times = [datetime.combine(day, get_time(rule.run_at))]
		if ahead := [at for at in times if at > now]:
			return min(ahead)
	return None


def cases_of(run: str) -> list[dict]:
	"""Return the cases the user may see (at most MOST_CASES), with students' names, ordered by status."""
	rows = frappe.get_list(
		"Dialer Rule Case",
		{"run": run},
		["student", "details", "status", "reason", "due_at", "campaign"],
		order_by="status, due_at, name",
		limit=MOST_CASES,
	)
	names = student_access.visible_names(row.student for row in rows)
	for row in rows:
		row.student_name = names.get(row.student)
		row.reason = in_words(row.reason)
	return rows


def cases_not_shown(run: str) -> int:
	"""Return how many of the run's cases are about students the user may not see."""
	seen = frappe.get_list("Dialer Rule Case", {"run": run}, pluck="name", order_by="name")
	return cint(frappe.db.count("Dialer Rule Case", {"run": run})) - len(seen)


def waiting_count(run: str) -> int:
	"""Return how many cases an approval would cover."""
	return cint(
		frappe.db.count("Dialer Rule Case", {"run": run, "status": ("in", ("Waiting", "In Campaign"))})
	)
