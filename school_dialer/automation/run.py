"""One day of one rule: what it noticed, whether it may call about that, and the campaigns it made.

Everything that starts a call happens in `advance`, in one transaction that holds a lock on the run's row. Two
schedulers, a killed job and a person who approves at the same moment run one after the other, and each sees
what the one before it did.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import cint, flt

from school_dialer.automation import already_reached, cases, days, heard_already, rule_alerts
from school_dialer.automation import stored_sentences as sentences
from school_dialer.automation.audience import RuleGuardians
from school_dialer.automation.cases import DROPPED, IN_CAMPAIGN, SKIPPED, TOO_LATE, WAITING, WITHDRAWN
from school_dialer.automation.heard_already import Heard
from school_dialer.automation.kind import Found, Kind, kind_of
from school_dialer.base import clock, states
from school_dialer.base.counted import counted
from school_dialer.base.refusal import throw
from school_dialer.campaigns import actions as campaigns
from school_dialer.campaigns import transitions
from school_dialer.campaigns.scale_check import exceeds_threshold
from school_dialer.messages import campaign_details, store

OPEN, REVIEW, DONE, MISSED, DROPPED_RUN = "Open", "Needs Review", "Done", "Missed", "Dropped"


class NotWaiting(frappe.ValidationError):
	"""The run does not wait for a decision, or not for this one."""


@dataclass(frozen=True, slots=True)
class Due:
	"""What a rule has to look at now.

	``at``: when it was scheduled to look (naive, site time zone); None for a rule that looks all day.
	"""

	day: date
	covers: list[date]
	at: datetime | None = None


def name_of(rule: str, day: date) -> str:
	return f"{rule}-{day}"


def open_run(rule, due: Due) -> str:
	"""Return the name of the run of this rule and day, creating the run if needed.

	A run created more than ``latest_minutes`` after its time is Missed, and staff are alerted.
	"""
	name = name_of(rule.name, due.day)
	if not frappe.db.exists("Dialer Rule Run", name):
		late = due.at and clock.db_now() > due.at + timedelta(minutes=cint(rule.latest_minutes))
		doc = frappe.get_doc(
			{
				"doctype": "Dialer Rule Run",
				"rule": rule.name,
				"day": due.day,
				"covers": "\n".join(map(str, due.covers)),
				"status": MISSED if late else OPEN,
				"message": sentences.MISSED.format(due.at) if late else None,
			}
		)
		doc.insert()
		if late:
			rule_alerts.missed(rule, doc)
	return name


def find_triggers(rule, kind: Kind, name: str) -> Found | None:
	"""Record what there is to call about. Returns None if no look is due.

	A rule that looks once a day keeps trying until one look has been recorded.
	"""
	run = frappe.get_doc("Dialer Rule Run", name)
	if run.status == MISSED or (run.looked_at and not kind.continuous):
		return None
	triggers = kind.found(run.covered_days())
	occasions = days.of_this_day(run, kind, triggers.occasions)
	if kind.audience and rule.switched_on_at:
		begins = clock.from_db(rule.switched_on_at)
		occasions = [trigger for trigger in occasions if trigger.since is None or trigger.since >= begins]
	cases.notice(run, occasions, timedelta(minutes=cint(rule.grace_minutes) if kind.continuous else 0))
	frappe.db.set_value("Dialer Rule Run", name, "looked_at", clock.db_now(), update_modified=False)
	return triggers


def advance(rule, name: str) -> None:
	"""Withdraw what is no longer true, ask a person about a mass call, and call about what is due.

	Does nothing for a missed run. The caller commits.
	"""
	run = locked(name)
	if run.status == MISSED:
		return
	kind = kind_of(rule)
	rows = cases.of_run(name)
	waiting = withdraw_untrue(kind, run, [row for row in rows if row.status == WAITING])
	waiting = leave_other_days(rule, kind, run, waiting)
	waiting = leave_too_late(rule, run, waiting)
	waiting, later, heard = leave_to_others(rule, kind, run, waiting, rows)
	counted = [*waiting, *later, *(row for row in rows if row.status == IN_CAMPAIGN)]
	if waiting and needs_review(rule, kind, run, counted):
		ask_for_review(rule, run, counted, heard)
	elif run.status == REVIEW:
		update_run(run, found=len(counted), message=waits_in_words(len(counted), rule, heard))
	elif due := ready(rule, kind, waiting):
		start(rule, kind, run, due)
	elif run.status != DROPPED_RUN:
		finished = not (waiting or later) and (rows or not kind.continuous)
		update_run(run, found=len(counted), status=DONE if finished else OPEN)


def locked(name: str):
	"""Return the run's current state, whatever this transaction read before.

	The row stays locked until commit, so no other process decides on it.
	"""
	return frappe.get_doc("Dialer Rule Run", name, for_update=True)


def update_run(run, **values) -> None:
	changed = {field: value for field, value in values.items() if run.get(field) != value}
	if changed:
		frappe.db.set_value("Dialer Rule Run", run.name, changed, update_modified=False)
		run.update(changed)


def withdraw_untrue(kind: Kind, run, waiting: list) -> list:
	"""Return the cases that are still true. The others are withdrawn, each with its reason."""
	if not waiting or kind.audience:
		return waiting
	due_now = kind.found(run.covered_days(), {row.student for row in waiting})
	still = {trigger.key[: cases.LENGTH] for trigger in due_now.occasions}
	for row in waiting:
		if row.occasion not in still:
			cases.settle_cases([row.name], WITHDRAWN, due_now.others.get(row.student) or _(kind.gone))
	return [row for row in waiting if row.occasion in still]


def leave_too_late(rule, run, waiting: list) -> list:
	"""Return the cases that are not too late.

	A case that became due too long ago, while nothing was running, is not called about. One that waited for
	another rule may be as late again, since this rule calls about it after that wait. Nothing counts as too
	late while a person is being asked.
	"""
	now, longest = clock.db_now(), timedelta(minutes=cint(rule.latest_minutes))
	late = {row.name for row in waiting if row.due_at + longest * (2 if row.reason else 1) < now}
	if not late or run.status == REVIEW:
		return waiting
	why = counted(
		cint(rule.latest_minutes),
		_("It was due more than a minute ago."),
		_("It was due more than {0} minutes ago."),
	)
	cases.settle_cases(late, TOO_LATE, why)
	rule_alerts.too_late(rule, run, len(late))
	return [row for row in waiting if row.name not in late]


def leave_other_days(rule, kind: Kind, run, waiting: list) -> list:
	"""Return the cases of students at whose school the run's day is not over. The others are too late."""
	left = days.of_this_day(run, kind, waiting)
	over = [row.name for row in waiting if row not in left]
	if not over or run.status == REVIEW:
		return waiting
	settle_over(rule, run, over)
	return left


def settle_over(rule, run, names: list[str]) -> None:
	cases.settle_cases(names, TOO_LATE, _("Its day was over before it was called about."))
	rule_alerts.too_late(rule, run, len(names))


def end_day(name: str) -> None:
	"""Settle what still waits of a run whose day is over as Too Late, and alert staff. The caller commits.

	No look would call about it any more. What waits for a person's yes or no was alerted, and stays until
	the person says no.
	"""
	run = locked(name)
	left = [row.name for row in cases.of_run(name) if row.status == WAITING]
	if not left or run.status == REVIEW:
		return
	update_run(run, status=DONE if run.status == OPEN else run.status)
	settle_over(frappe.get_doc("Dialer Rule", run.rule), run, left)


def leave_to_others(rule, kind: Kind, run, waiting: list, rows: list) -> tuple[list, list, Heard]:
	"""Return the cases to call about, those that wait for another rule, and what others of the kind did.

	Who heard it today is not called again unless the rule says so. Where another rule still calls, the case
	waits, but no longer than the rule's ``latest_minutes``: what the other one did not get done by then, this
	rule does.
	"""
	if kind.audience or not (waiting or run.status == REVIEW):
		return waiting, [], Heard()
	things = [(row.occasion, row.student) for row in rows if row.status in (WAITING, SKIPPED)]
	heard = heard_already.heard_today(rule, run.day, things)
	if rule.again_after_other_rules:
		return waiting, [], heard
	limit = clock.db_now() - timedelta(minutes=cint(rule.latest_minutes))
	mine, later = [], []
	settled: dict[tuple[str, str], list[str]] = defaultdict(list)
	for row in waiting:
		thing = (row.occasion, row.student)
		if heard.all_of(thing, rule.reach):
			settled[SKIPPED, heard.why(thing)].append(row.name)
		elif thing not in heard.calling or row.due_at < limit:
			mine.append(row)
		else:
			later.append(row)
			if not row.reason:
				settled[WAITING, heard.why_later(thing)].append(row.name)
	for (status, why), names in settled.items():
		cases.settle_cases(names, status, why)
	return mine, later, heard


def needs_review(rule, kind: Kind, run, counted: list) -> bool:
	"""Return whether the cases exceed both the rule's number or share and what a person has approved.

	After a rejection, whatever comes later needs review too.
	"""
	if kind.audience:
		return False
	if run.status in (REVIEW, DROPPED_RUN):
		return True
	count = len(counted)
	return count > cint(run.approved_count) and exceeds_threshold(
		count, kind.population(run.covered_days()), flt(rule.most_percent), cint(rule.most_number)
	)


def waits_in_words(waiting: int, rule, heard: Heard) -> str:
	"""Return that a person is asked, and how many heard it already: they are called again or not."""
	words = [sentences.WAITS.format(waiting)]
	if people := len(heard.people()):
		again = rule.again_after_other_rules
		sentence = sentences.HEARD_AND_CALLED if again else sentences.HEARD_AND_LEFT_OUT
		words.append(sentence.format(people))
	return " ".join(words)


def ask_for_review(rule, run, counted: list, heard: Heard) -> None:
	"""Pause until a person approves. Campaigns that were already started are paused too."""
	is_new = run.status != REVIEW
	update_run(
		run,
		status=REVIEW,
		found=len(counted),
		message=waits_in_words(len(counted), rule, heard),
	)
	for campaign in campaigns_of(run.name, states.CALLING):
		transitions.try_move(
			campaign,
			states.PAUSED,
			status_message=_("Paused: the rule found unusually many."),
			paused_by_review=1,
		)
	if is_new:
		rule_alerts.needs_review(rule, run, len(counted))


def ready(rule, kind: Kind, waiting: list) -> list:
	"""Return the cases that are due, gathered into one batch.

	While others wait, none starts until the first has been due for as long as the wait is.
	"""
	now = clock.db_now()
	due = [row for row in waiting if cases.is_due(row, now)]
	gathering = (
		timedelta(minutes=cint(rule.grace_minutes)) if kind.continuous and not kind.audience else timedelta()
	)
	if due and len(due) < len(waiting) and due[0].due_at + gathering > now:
		return []
	return due


def start(rule, kind: Kind, run, due: list) -> None:
	"""Start one campaign about all due cases or, for kinds with an audience, one campaign per case.

	Cases of students at whose schools the day ends at another time have a campaign of their own. A validation
	error is recorded on the run, staff are alerted, and the next run of the scheduler tries again.
	"""
	if not kind.audience:
		due = skip(rule, run, due)
	for end, rows in batches(kind, run, due):
		frappe.db.savepoint("rule_campaign")
		try:
			make_campaign(rule, kind, run, rows, end)
		except frappe.ValidationError as error:
			frappe.db.rollback(save_point="rule_campaign")
			frappe.clear_messages()
			if run.message != str(error)[:1000]:
				rule_alerts.cannot_start(rule, run)
			update_run(run, message=str(error)[:1000])
			return
	update_run(
		run,
		status=DONE,
		message=None,
		found=frappe.db.count("Dialer Rule Case", {"run": run.name, "status": IN_CAMPAIGN}),
	)


def batches(kind: Kind, run, due: list) -> list[tuple[datetime, list]]:
	"""Return the cases of each campaign, with its deadline."""
	ends = days.ends_of(run, kind, due)
	if not kind.audience:
		return [(end, rows) for end, rows in ends.items() if rows]
	return [(end, [row]) for end, rows in ends.items() for row in rows]


def skip(rule, run, due: list) -> list:
	"""Return the due cases without students who have no guardian, or all of whose were reached today."""
	students = {row.student for row in due}
	alone = cases.without_guardian(students)
	cases.settle_cases(
		[row.name for row in due if row.student in alone], SKIPPED, _("No guardian is on record.")
	)
	reached = frozenset() if rule.again_for_siblings else already_reached.of_run(run.name, students).families
	cases.settle_cases(
		[row.name for row in due if row.student in reached - alone],
		SKIPPED,
		_("The family was called already today."),
	)
	return [row for row in due if row.student not in alone | reached]


def make_campaign(rule, kind: Kind, run, rows: list, deadline: datetime) -> str:
	values = {"audience_source": RuleGuardians.label, "audience_name": run.name}
	if kind.audience:
		values = {
			"audience_source": rule.audience_source,
			"audience_name": rule.audience_name,
			"audience_filters": rule.audience_filters,
		}
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Campaign",
			"title": f"{rule.title}, {frappe.format(run.day, 'Date')}",
			"purpose": rule.purpose,
			"channel": rule.channel,
			"template": rule.template,
			**details_of(rule, kind, rows[0]),
			"school": rule.get("school"),
			"reach": rule.reach,
			"acknowledge": rule.acknowledge,
			"max_attempts": rule.max_attempts,
			"deadline": deadline,
			**values,
		}
	).insert()
	frappe.db.set_value(
		"Dialer Campaign", doc.name, {"rule": rule.name, "rule_run": run.name}, update_modified=False
	)
	cases.settle_cases([row.name for row in rows], IN_CAMPAIGN, campaign=doc.name)
	campaigns.start(doc.name)
	frappe.db.set_value(
		"Dialer Campaign", doc.name, "requested_by", rule.switched_on_by, update_modified=False
	)
	return doc.name


def details_of(rule, kind: Kind, case) -> dict:
	"""Return the campaign's details: those of what was found, or else those of the rule."""
	if not case.details:
		return {"details": rule.details or "", "details_translations": campaign_details.copied(rule)}
	languages = (words.language for words in store.template(rule.template).translations)
	others = ((language, kind.details_in(case.occasion, language)) for language in languages)
	return {"details": case.details, "details_translations": rows_of(others)}


def rows_of(details: Iterable[tuple[str, str]]) -> list[dict]:
	return [{"language": language, "details": text} for language, text in details if text]


def campaigns_of(run: str, statuses: tuple[str, ...], by_review: int = 0) -> list[str]:
	"""Return the run's campaigns in these statuses, as they are now.

	With `by_review` 1, only those that a review paused.
	"""
	rows = frappe.db.sql(
		"select name from `tabDialer Campaign` where rule_run = %s and status in %s "
		"and paused_by_review >= %s order by name lock in share mode",
		(run, statuses, by_review),
	)
	return [name for (name,) in rows]


def approve(name: str, count: int) -> None:
	"""Approve exactly ``count`` cases. Raises `NotWaiting` if there are more or fewer by now.

	Also raises `NotWaiting` if the day is over or the run is not in review. Resumes the campaigns that this
	review paused, none that a person or the circuit breaker did, and enqueues the rules job.
	"""
	run = waiting_for_review(name)
	rule = frappe.get_doc("Dialer Rule", run.rule)
	if run.day not in days.days_of(rule, kind_of(rule)):
		throw(
			_("That day is over: no one is called about it now. Press Don't call."),
			NotWaiting,
			title=_("Not now"),
		)
	now = len([row for row in cases.of_run(name) if row.status in (WAITING, IN_CAMPAIGN)])
	if now != count:
		update_run(run, found=now)
		throw(
			_("There are {0} by now, not {1}. Look at them again, then decide.").format(now, count),
			NotWaiting,
		)
	update_run(run, **decided(), status=OPEN, approved_count=count, message=None)
	give_time(name)
	for campaign in campaigns_of(name, (states.PAUSED,), by_review=1):
		campaigns.resume(campaign)
	look_soon()


def give_time(name: str) -> None:
	"""Make what waited for a person's approval due now, so that it is not too late."""
	now = clock.db_now()
	frappe.db.sql(
		"update `tabDialer Rule Case` set due_at = %s where run = %s and status = 'Waiting' and due_at < %s",
		(now, name, now),
	)


def drop(name: str, reason: str) -> None:
	"""Reject: none of these cases is called. Whatever is noticed later today needs review again.

	Raises `NotWaiting` if the run is not in review. Cancels the campaigns the run has started.
	"""
	if not (reason or "").strip():
		throw(_("Say why no one should be called."), frappe.MandatoryError)
	run = waiting_for_review(name)
	waiting = [row.name for row in cases.of_run(name) if row.status == WAITING]
	cases.settle_cases(waiting, DROPPED, reason)
	update_run(
		run, **decided(), status=DROPPED_RUN, approved_count=0, review_reason=reason[:500], message=None
	)
	for campaign in campaigns_of(name, (states.PREPARING, states.RUNNING, states.PAUSED)):
		campaigns.cancel(campaign)


def decided() -> dict:
	return {"reviewed_by": frappe.session.user, "reviewed_at": clock.db_now()}


def waiting_for_review(name: str):
	run = locked(name)
	if run.status != REVIEW:
		throw(
			_("This run is {0} and waits for no one.").format(_(run.status)), NotWaiting, title=_("Not now")
		)
	return run


def look_soon() -> None:
	frappe.enqueue("school_dialer.automation.scheduler.run_rules", queue="long", enqueue_after_commit=True)
