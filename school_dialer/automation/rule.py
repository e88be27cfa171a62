"""What staff do with a rule: read it, try it, switch it on and off."""

from collections import Counter
from collections.abc import Collection
from datetime import date

import frappe
from frappe import _
from frappe.utils import cint, flt

from school_dialer.audience import disclosed_records, student_access
from school_dialer.audience.base import sources
from school_dialer.audience.filters.document import validate
from school_dialer.automation import cases, heard_already, school_days
from school_dialer.automation.audience import RuleGuardians
from school_dialer.automation.heard_already import Heard, Thing
from school_dialer.automation.kind import Found, Kind, Trigger, kind_of
from school_dialer.base import clock
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.campaigns import language_gaps, validation
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.scale_check import exceeds_threshold
from school_dialer.messages import campaign_details
from school_dialer.schools import school_calendar
from school_dialer.settings.carrier_settings import check_ready

MOST = 5000
MOST_PERCENT = 50
"""A rule never calls about more than half of the school without a person's approval."""


def validate_rule(rule) -> None:
	"""Raise, as one clear error now, whatever would stop the rule later."""
	kind = kind_of(rule)
	if rule.purpose not in kind.purposes:
		throw(
			_("A rule of the kind {0} calls about {1}.").format(
				_(kind.label), ", ".join(map(_, kind.purposes))
			)
		)
	kind.check()
	if "run_at" in kind.settings and rule.run_at in (None, ""):
		throw(_("Say at what time the rule looks."), frappe.MandatoryError)
	if kind.audience:
		check_audience(rule)
	else:
		check_limits(rule)
	campaign_details.check(rule)
	if rule.template:
		validation.check_template(rule)


def check_audience(rule) -> None:
	source = sources().get(rule.audience_source)
	if source is None or not source.offered:
		throw(_("Choose whom the rule calls."), frappe.MandatoryError)
	if source.audience_doctype and not rule.audience_name:
		throw(
			_("Choose the {0} whose people are to be called.").format(_(source.audience_doctype)),
			frappe.MandatoryError,
		)
	validate(rule, source.subjects)


def check_limits(rule) -> None:
	if cint(rule.most_number) < 1 or not 0 < flt(rule.most_percent) <= MOST_PERCENT:
		throw(
			_(
				"Say from how many students, and from which share of them (at most {0} %), a person is asked."
			).format(MOST_PERCENT)
		)


def switch_on(rule) -> None:
	"""Enable the rule. Raises a ValidationError that names what is missing.

	A user who may run campaigns is responsible for what the rule calls; the current user is recorded.
	"""
	validate_rule(rule)
	if not rule.template:
		throw(_("Choose the message."), frappe.MandatoryError)
	check_ready(rule.channel)
	rule.db_set({"enabled": 1, "switched_on_by": frappe.session.user, "switched_on_at": clock.db_now()})


def switch_off(rule) -> None:
	"""Disable the rule: no new campaign starts after this.

	Campaigns it already started continue, and are paused or canceled like any other.
	"""
	rule.db_set({"enabled": 0})


def day_to_try(rule) -> date:
	"""Return the last day on which the rule had something to look at: with attendance, or else of school."""
	today = clock.db_now().date()
	last = kind_of(rule).last_day(today)
	return last or school_days.latest_before(today, school_calendar.of_rule(rule))


def dry_run(rule, day: date) -> dict:
	"""Return what the rule would do on ``day``, decided as of now. Nothing is queued or written.

	``people``: one row per household with name, masked number, students, verdict and reasons. ``others``:
	students who came close, with why they are not called about; ``not_shown``: how many more of them there
	are. ``mass``: a person would be asked first. ``heard``: how many guardians heard it already, from
	another rule; they are left out or, with ``again``, called again. ``language_gaps``: who would get the
	message in another language than their own; ``outdated``: who would get outdated words. Counts cover
	everything. Names are limited to students the user may read, along with their records of this kind (fees,
	attendance).
	"""
	validate_rule(rule)
	kind = kind_of(rule)
	days = [day] if kind.continuous and not kind.audience else covered(rule, day)
	triggers = kind.found(days) if days else Found()
	due, heard, left = leave_to_others(rule, kind, day, triggers)
	students = sorted({trigger.student for trigger in due if trigger.student})
	asked = campaign_like(rule, kind, students, left_out(rule, due, heard))
	options = planner.preview(asked, MOST) if due else []
	missing = cases.without_guardian(students)
	others = {**triggers.others, **left, **dict.fromkeys(sorted(missing), _("No guardian is on record."))}
	families = [children_of(option) for option in options]
	records = disclosed_records.of_rule(rule.kind) | disclosed_records.of_campaign(rule)
	shown = student_access.readable({*others, *(child for family in families for child in family)}, records)
	names = student_access.visible_names(shown)
	again = heard.people()
	people = [row_of(option, family, names, again) for option, family in zip(options, families, strict=True)]
	return {
		"closed": not days,
		"why_closed": None if days else school_calendar.of_rule(rule).why_closed(day),
		"occasions": len(triggers.occasions),
		"students": len(students),
		"called": sum(person["verdict"] != "BLOCK" for person in people),
		"people": sorted(people, key=lambda person: (person["verdict"], person["name"])),
		"reasons": dict(
			Counter(code for person in people if person["verdict"] == "BLOCK" for code in person["reasons"])
		),
		"others": [{"student": names[name], "why": why} for name, why in others.items() if name in names],
		"not_shown": len(others.keys() - names.keys()),
		"heard": len(again),
		"again": bool(rule.again_after_other_rules),
		**gaps(rule, people),
		"mass": bool(days)
		and not kind.audience
		and exceeds_threshold(
			len(due), kind.population(days), flt(rule.most_percent), cint(rule.most_number)
		),
	}


def leave_to_others(
	rule, kind: Kind, day: date, triggers: Found
) -> tuple[list[Trigger], Heard, dict[str, str]]:
	"""Return what is left to call about, what other rules did, and {student: why this rule leaves it}."""
	if kind.audience:
		return triggers.occasions, Heard(), {}
	things = {thing_of(trigger): trigger for trigger in triggers.occasions}
	heard = heard_already.heard_today(rule, day, things)
	done = [thing for thing in things if heard.all_of(thing, rule.reach) and not rule.again_after_other_rules]
	due = [trigger for thing, trigger in things.items() if thing not in done]
	about = {trigger.student for trigger in due}
	return due, heard, {thing[1]: heard.why(thing) for thing in done if thing[1] not in about}


def left_out(rule, due: list[Trigger], heard: Heard) -> list[tuple[str, str]]:
	"""Return who heard already all that is due about a student, as (guardian, student)."""
	return [] if rule.again_after_other_rules else sorted(heard.pairs(map(thing_of, due)))


def thing_of(trigger: Trigger) -> Thing:
	return trigger.key[: cases.LENGTH], trigger.student


def gaps(rule, people: list[dict]) -> dict[str, list[dict]]:
	"""Return what `campaigns.language_gaps` says of those of these people who would be called."""
	if not rule.template:
		return {"language_gaps": [], "outdated": []}
	called = [person["language"] for person in people if person["verdict"] != "BLOCK"]
	return {
		"language_gaps": language_gaps.of_people(rule, called),
		"outdated": language_gaps.outdated_of_people(rule, called),
	}


def covered(rule, day: date) -> list[date]:
	return school_days.covered(day, school_calendar.of_rule(rule), rule.on_holiday)


def campaign_like(rule, kind: Kind, students: list[str], heard: Collection[tuple[str, str]] = ()):
	"""Return what a campaign of this rule would be, for the planner's preview. It is never saved."""
	audience = {
		"audience_source": rule.audience_source,
		"audience_name": rule.audience_name,
		"audience_filters": rule.audience_filters,
	}
	return frappe._dict(
		name=None,
		purpose=rule.purpose,
		channel=rule.channel,
		school=rule.get("school"),
		reach=rule.reach,
		audience_file=None,
		**(
			audience
			if kind.audience
			else {"audience_source": RuleGuardians.label, "students": students, "heard": heard}
		),
	)


def children_of(option) -> set[str]:
	candidate = option.candidate
	return student_access.children(
		candidate.person_doctype, candidate.person, (*candidate.students, *option.answer.students)
	)


def row_of(option, family: set[str], names: dict[str, str], again: Collection[str] = ()) -> dict:
	"""Return one row of ``people``. ``again``: the guardians who heard the same today from another rule.

	If a household has a child who is not in ``names``, its name and number are both hidden: they reveal whose
	child it is.
	"""
	decision, hidden = option.answer.decision, len(family - names.keys())
	named = [names[student] for student in option.answer.students if student in names]
	return {
		"name": student_access.name_not_shown() if hidden else option.candidate.person_name,
		"phone": mask(option.phone) if option.phone and not hidden else "",
		"language": option.spoken or option.language,
		"students": [*named, *([student_access.not_shown(hidden)] if hidden else [])],
		"verdict": decision.verdict,
		"heard": option.candidate.person in again,
		"reasons": list(decision.codes),
		"until": clock.to_db(decision.until) if decision.until else None,
	}
