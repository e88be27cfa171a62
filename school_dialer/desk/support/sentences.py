"""A recorded reason in the user's language: what it is, what the situation was, and what would change it.

The engine knows nothing of languages. Its details are fixed English sentences, translated as they are, and a
few with values in them, which a replay of the decision gives apart. `reporting.reasons` has the words for
each code.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from frappe import _
from frappe.utils import format_date, format_time

from school_dialer.base import clock
from school_dialer.base.counted import counted
from school_dialer.compliance import ReplayError, replay
from school_dialer.compliance.codec import parse_time
from school_dialer.compliance.policy import PER_PURPOSE
from school_dialer.compliance.rules.opt_out import ELSEWHERE
from school_dialer.gate import site_policies
from school_dialer.reporting import reasons

Key = tuple[str, str, str]
"""Code, rule and English detail: what tells a decision's reasons apart."""


def all_of(record: dict) -> list[dict[str, str]]:
	"""Return `title`, `detail` and `change` (what would change it) of each reason of a decision record, in
	its order.
	"""
	values = values_of(record)
	explained = []
	for reason in record["reasons"]:
		details = values.get((reason["code"], reason["rule"], reason["detail"]), ())
		explained.append(
			{
				"title": reasons.title(reason["code"]),
				"detail": detail(reason, details, scrubbed=bool(record.get("scrubbed"))),
				"change": change(reason, record, details),
			}
		)
	return explained


def values_of(record: dict) -> dict[Key, tuple]:
	"""Return the values in the details of a record's reasons, by deciding once more on what it holds.

	Empty for a record whose facts were deleted since, or whose policy this site has no longer.
	"""
	try:
		decision = replay(record, site_policies.stored(record["policy"], record["version"]))
	except ReplayError:
		return {}
	return {(reason.code, reason.rule, reason.detail): reason.values for reason in decision.reasons}


def of_no_rule(code: str, why: str) -> dict:
	"""Return a reason that comes from no rule of law, such as a message that would have a gap."""
	title, remedy = reasons.reason_words(code)
	citation, rule = {
		reasons.HELD_BACK: (_("The school's message"), "messages"),
		reasons.ADDED: (_("The people whose call was approved"), "approved"),
	}.get(code, (_("The seal of planned people"), "planned"))
	return {
		"code": code,
		"title": title,
		"detail": why,
		"change": remedy,
		"citation": citation,
		"rule": rule,
		"until": None,
	}


def detail(reason: dict, values: tuple, scrubbed: bool = False) -> str:
	"""Return how things stood. A detail whose values are gone with the person's data is said without them."""
	if values:
		return WITH_VALUES[reason["rule"]](values)
	if scrubbed and reason["rule"] in WITH_VALUES:
		return _("The details were deleted with the person's data.")
	fixed = reason["detail"]
	return _(fixed)


def local_times(times: tuple) -> str:
	places = [_("{0} on {1} in {2}").format(time, _(day), city(zone)) for time, day, zone in times]
	return _("It was {0}.").format("; ".join(places))


def opted_out_of(scopes: tuple) -> str:
	if ELSEWHERE in scopes:
		scopes = tuple(scope for scope in scopes if scope != ELSEWHERE)
		sentence = _("The person opted out of {0}, at another of their numbers.")
		return sentence.format("; ".join(map(_, scopes)))
	return _("The person opted out of {0}.").format("; ".join(map(_, scopes)))


def capped(values: tuple) -> str:
	per, most, hours = values
	if per == PER_PURPOSE:
		one, many = (
			_("At most one call or text about this in {1} hours."),
			_("At most {0} calls or texts about this in {1} hours."),
		)
	else:
		one, many = (
			_("At most one call or text to this number in {1} hours."),
			_("At most {0} calls or texts to this number in {1} hours."),
		)
	return counted(most, one, many, hours)


def not_covered(values: tuple) -> str:
	whose, country, policy = values
	if whose == "person":
		return _("The person is in {0}, which policy {1} does not cover.").format(country, policy)
	return _("It is a number of {0}, which policy {1} does not cover.").format(country, policy)


WITH_VALUES = {
	"calling_hours.within": local_times,
	"opt_out.in_force": opted_out_of,
	"frequency.capped": capped,
	"number.supported": not_covered,
}
"""By rule: the sentence that its values go into."""


def change(reason: dict, record: dict, values: tuple) -> str:
	"""Return what would change it, as an instruction."""
	code, until = reason["code"], parse_time(reason["until"]) if reason["until"] else None
	if code in ("OUTSIDE_CALLING_HOURS", "HOLIDAY") and until:
		return wait_until(until, zones(record, values))
	if code == "FREQUENCY_CAP" and until:
		return _("Wait: from {0} on, the earlier calls and texts no longer count.").format(site_moment(until))
	return {
		"OPTED_OUT": _(
			"Only the person can undo this: by texting START, on the preference page, or in a form they "
			"sign. "
			"You may send them the link to the page."
		),
		"contact.restricted": _(
			'If it no longer holds, the registrar changes "May be contacted" in the student\'s record.'
		),
		"contact.of_age": _(
			"Call the one who holds the rights; if the date of birth is wrong, correct the student's record."
		),
		"contact.objection": _("If the objection was taken back, clear it in the student's record."),
	}.get(reason["rule"] if code == "RESTRICTED_CONTACT" else code, reasons.reason_words(code)[1])


def wait_until(until: datetime, names: Iterable[str]) -> str:
	"""Return a sentence with the opening time in the westernmost zone, which opens last."""
	local = min(
		((until.astimezone(ZoneInfo(name)).replace(tzinfo=None), name) for name in names), default=None
	)
	if not local:
		return _("Wait until {0}. It then goes on by itself.").format(site_moment(until))
	time, name = local
	return _("Wait until {0} on {1} in {2}. It then goes on by itself.").format(
		format_time(time, "H:mm"), format_date(time.date()), city(name)
	)


def zones(record: dict, values: tuple) -> list[str]:
	"""Where the person may be: as the reason says, else as the person or the number tells it."""
	named = [value[-1] for value in values if isinstance(value, tuple)]
	person, phone = record["request"]["person"], record["request"]["phone"]
	of_person = [person["time_zone"]] if person.get("time_zone") else []
	return [
		name
		for name in named or of_person or (phone["time_zones"] if isinstance(phone, dict) else [])
		if known(name)
	]


def known(name: str) -> bool:
	try:
		return bool(ZoneInfo(name))
	except (ValueError, OSError, KeyError):
		return False


def city(zone: str) -> str:
	"""Return the city of `America/Argentina/Buenos_Aires` as people write it."""
	return zone.rpartition("/")[2].replace("_", " ")


def site_moment(at: datetime) -> str:
	local = clock.to_db(at)
	return f"{format_date(local.date())} {format_time(local, 'H:mm')}"
