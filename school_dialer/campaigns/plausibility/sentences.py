"""One sentence for each question, with its number, and one for what to do. In the user's language."""

from datetime import date, datetime

import frappe
from babel.dates import format_date
from frappe import _
from frappe.utils import formatdate

from school_dialer.campaigns import language_gaps
from school_dialer.campaigns.plausibility import finding as codes
from school_dialer.campaigns.plausibility.finding import Finding


def sentence(finding: Finding) -> str:
	"""Return the question as shown to the person who starts the campaign."""
	if finding.code == codes.OUTDATED:
		of, source, *languages = finding.values
		return language_gaps.Outdated(of, source, languages).sentence()
	template = of_words(finding.code) or of_people(finding)
	return template.format(*map(shown, finding.values), *weekday(finding))


def of_words(code: str) -> str | None:
	return {
		codes.PAST: _("The message says “{0}”, but {1} has passed."),
		codes.WEEKDAY: _("The message says “{0}”, but {1} is a {2}."),
		codes.NO_SUCH_DAY: _("The message says “{0}”, but there is no such day."),
		codes.RELATIVE: _("The message says “{0}”, but people hear it on {1}, a {2}."),
		codes.EARLIER_DAY: _("The message says “{0}”, but it was sent first on {1}."),
		codes.PLACEHOLDER: _("The message still has “{0}”, which looks like a blank to fill in."),
		codes.EMPTY: _("The details only say “{0}”."),
		codes.TEST: _("The message looks like a test (“{0}”), but {1} people would get it."),
		codes.SCHOOL_NAME: _("The message names {0}, but the calls are in the name of {1}."),
		codes.LINK: _("The link {0} does not answer."),
		codes.UNCHECKED: _("One of the checks could not be completed."),
	}.get(code)


def of_people(finding: Finding) -> str:
	if finding.code == codes.RECORDING and len(finding.values) > 1:
		return _("The recording is from {0} and was last played on {1}, to {2} people.")
	return {
		codes.SIZE: _("{0} people would get this. The message usually goes to {1}."),
		codes.ROUTE: _("The message mentions “{0}”, but all {1} people at the school would get it."),
		codes.NOT_CHOSEN: _(
			"The message is about an absence, but these {0} people were not chosen by attendance."
		),
		codes.PRESENT: _(
			"The message is about an absence, but {0} of {1} students were marked present today."
		),
		codes.NIGHT: _("It starts at {0}, when no one may be called. All {1} people would wait until {2}."),
		codes.LATER_DAY: _("The message says “{0}”, but {1} of {2} people would not hear it until {3}."),
		codes.RECORDING: _("The recording is from {0} and was never played."),
		codes.REPEATED: _("{0} people already got the same message at {1}."),
		codes.TRIED: _(
			"The same families were tried last at {0}, with the same message. "
			"{1} of them have it on voicemail or by e-mail already."
		),
	}[finding.code]


def remedy(code: str) -> str:
	"""Return what to do if the person did not mean it."""
	return {
		codes.PAST: _("Correct the date, or say that the day has passed."),
		codes.WEEKDAY: _("Correct the date or the weekday in every language."),
		codes.NO_SUCH_DAY: _("Correct the date."),
		codes.RELATIVE: _("Correct the day, or start the campaign on the right day."),
		codes.EARLIER_DAY: _("Write the date, or cancel this campaign if the day is over."),
		codes.PLACEHOLDER: _("Fill in the blank."),
		codes.EMPTY: _("Write the details."),
		codes.TEST: _("Use Send test to me, which calls only you."),
		codes.SCHOOL_NAME: _("Correct the name, or choose the other school."),
		codes.LINK: _("Open the link yourself, and correct it."),
		codes.UNCHECKED: _("Look over the message, the people, and the time again."),
		codes.OUTDATED: _("Write the translation again, or say that it is still right."),
		codes.SIZE: _("Look at the audience and its conditions."),
		codes.ROUTE: _("Choose only the families of that bus, unless everyone needs to know."),
		codes.NOT_CHOSEN: _("Narrow the audience by attendance, or check the list."),
		codes.PRESENT: _("Narrow the audience by attendance, or correct the attendance."),
		codes.NIGHT: _("Choose another time."),
		codes.LATER_DAY: _("Write the date, or start it earlier: calling ends with the day of the start."),
		codes.RECORDING: _("Listen to it, and record it again if it is out of date."),
		codes.REPEATED: _("Cancel this campaign, unless they need to hear it again."),
		codes.TRIED: _("Choose a later hour or another way, unless it is urgent."),
	}[code]


def shown(value: object) -> object:
	if isinstance(value, datetime):
		return frappe.format(value, "Datetime")
	return formatdate(value) if isinstance(value, date) else value


def weekday(finding: Finding) -> tuple[str, ...]:
	"""Return the name of the weekday of the date in the sentence, for the sentences that say it."""
	day = finding.values[-1] if finding.values else None
	if finding.code not in (codes.WEEKDAY, codes.RELATIVE) or not isinstance(day, date):
		return ()
	return (format_date(day, "EEEE", locale=(frappe.local.lang or "en").replace("-", "_")),)
