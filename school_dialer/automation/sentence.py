"""A rule as one sentence, in the reader's language."""

from frappe import _
from frappe.utils import cint, flt

from school_dialer.audience.base import sources
from school_dialer.audience.filters.filters import parsed
from school_dialer.automation.kind import kind_of
from school_dialer.automation.school_days import AFTER, BEFORE
from school_dialer.base.counted import about
from school_dialer.schools.school_calendar import ANYWAY


def sentence(rule) -> str:
	"""Describe a Dialer Rule, saved or not.

	Raises a ValidationError for a kind that this site does not have.
	"""
	kind = kind_of(rule)
	what = f"{action(rule, kind)}, {kind.once()}{mass(rule, kind)}."
	return " ".join(filter(None, (kind.opening(), what, days(rule, kind))))


def action(rule, kind) -> str:
	whom = audience(rule) if kind.audience else _("the guardians")
	verb = _("text {0}") if rule.channel == "Text" else _("call {0}")
	words = [verb.format(whom), about(rule.purpose or kind.purposes[0])]
	if rule.template:
		words.append(_("with “{0}”").format(rule.template))
	return " ".join(words)


def audience(rule) -> str:
	if not rule.audience_source:
		return _("no one yet")
	words = [_(rule.audience_source).lower(), rule.audience_name, conditions(rule)]
	return " ".join(filter(None, words))


def conditions(rule) -> str:
	"""Return the filters in parentheses, from the form's current values.

	The stored wording is as old as the last save.
	"""
	source = sources().get(rule.audience_source)
	if not source or not rule.audience_filters:
		return ""
	words = parsed(rule.audience_filters, source.subjects).sentence().splitlines()
	return f"({'; '.join(words)})" if words else ""


def mass(rule, kind) -> str:
	if kind.audience:
		return ""
	return _("; stop and ask me when more than {0} % or {1} {2}").format(
		f"{flt(rule.most_percent):g}", cint(rule.most_number), kind.mass()
	)


def days(rule, kind) -> str:
	"""Return what the rule does on days without school."""
	if "on_holiday" not in kind.settings:
		return ""
	term = _("Only during an academic term.") if rule.only_in_term else ""
	return " ".join(filter(None, (on_closed_days(rule), term)))


def on_closed_days(rule) -> str:
	holidays = (
		_("holidays of “{0}”").format(rule.holiday_list) if rule.get("holiday_list") else _("school holidays")
	)
	if rule.on_holiday == ANYWAY:
		return _("It runs on {0} too.").format(holidays) + (
			"" if rule.weekends else " " + _("It skips weekends.")
		)
	closed = holidays if rule.weekends else _("weekends and {0}").format(holidays)
	if rule.on_holiday == BEFORE:
		return _("For {0} it runs on the school day before.").format(closed)
	if rule.on_holiday == AFTER:
		return _("For {0} it runs on the next school day.").format(closed)
	return _("It skips {0}.").format(closed)
