"""A recorded reason in the user's language: what it is, how things stood, and what would change it.

The engine knows nothing of languages. Its details are fixed English sentences, translated as they are, and four with values in
them, which are taken apart here. `reporting.reasons` has the words for each code; what they leave open is filled in from the record.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from frappe import _
from frappe.utils import format_date, format_time

from school_dialer import clock
from school_dialer.compliance.codec import parse_time
from school_dialer.counted import counted
from school_dialer.reporting import reasons

LOCAL_TIME = re.compile(r"(\d\d:\d\d) on (\w+) in ([\w/+-]+)")


def sentence_of(reason: dict, record: dict) -> dict[str, str]:
	"""`title`, `detail` and `change` (what would change it) of one reason of a decision record."""
	return {
		"title": reasons.title(reason["code"]),
		"detail": detail(reason["detail"]),
		"change": change(reason, record),
	}


def held_back(why: str) -> dict:
	"""The reason that is no rule of law: the message cannot be said, as it would have a hole."""
	title, remedy = reasons.reason_words(reasons.HELD_BACK)
	return {
		"code": reasons.HELD_BACK,
		"title": title,
		"detail": why,
		"change": remedy,
		"citation": _("The school's message"),
		"rule": "messages",
		"until": None,
	}


def detail(text: str) -> str:
	for pattern, sentence in WITH_VALUES:
		if found := pattern.fullmatch(text):
			return sentence(*found.groups())
	return _(text)


def local_times(_all: str) -> str:
	places = [
		_("{0} on {1} in {2}").format(time, _(day), city(zone))
		for time, day, zone in LOCAL_TIME.findall(_all)
	]
	return _("It was {0}.").format("; ".join(places))


def opted_out_of(scopes: str) -> str:
	return _("The person opted out of {0}.").format("; ".join(_(scope) for scope in scopes.split(" and ")))


WITH_VALUES: tuple[tuple[re.Pattern, Callable[..., str]], ...] = (
	(
		re.compile(rf"It is ({LOCAL_TIME.pattern}(?:, {LOCAL_TIME.pattern})*)\."),
		lambda all_, *_each: local_times(all_),
	),
	(re.compile(r"The person opted out of (.+)\."), opted_out_of),
	(
		re.compile(r"At most (\d+) calls or texts about this in (\d+) hours\."),
		lambda most, hours: counted(
			int(most),
			_("At most one call or text about this in {1} hours."),
			_("At most {0} calls or texts about this in {1} hours."),
			hours,
		),
	),
	(
		re.compile(r"At most (\d+) calls or texts to this number in (\d+) hours\."),
		lambda most, hours: counted(
			int(most),
			_("At most one call or text to this number in {1} hours."),
			_("At most {0} calls or texts to this number in {1} hours."),
			hours,
		),
	),
	(
		re.compile(r"The person is in (.+), which policy (.+) does not cover\."),
		lambda *values: _("The person is in {0}, which policy {1} does not cover.").format(*values),
	),
	(
		re.compile(r"It is a number of (.+), which policy (.+) does not cover\."),
		lambda *values: _("It is a number of {0}, which policy {1} does not cover.").format(*values),
	),
)
"""Details of the engine that hold values, and the sentence to translate for each."""


def change(reason: dict, record: dict) -> str:
	"""What would change it, as an instruction."""
	code, until = reason["code"], parse_time(reason["until"]) if reason["until"] else None
	if code in ("OUTSIDE_CALLING_HOURS", "HOLIDAY") and until:
		return wait_until(until, zones(reason, record))
	if code == "FREQUENCY_CAP" and until:
		return _("Wait: from {0} on, the earlier calls and texts no longer count.").format(site_moment(until))
	return {
		"OPTED_OUT": _(
			"Only the person can undo this: by texting START, on the preference page, or in a form they sign. "
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
	"""The zone where it opens last is the one that is waited for: the westernmost."""
	local = min(
		((until.astimezone(ZoneInfo(name)).replace(tzinfo=None), name) for name in names), default=None
	)
	if not local:
		return _("Wait until {0}. It then goes on by itself.").format(site_moment(until))
	time, name = local
	return _("Wait until {0} on {1} in {2}. It then goes on by itself.").format(
		format_time(time, "H:mm"), format_date(time.date()), city(name)
	)


def zones(reason: dict, record: dict) -> list[str]:
	"""Where the person may be: as the reason says, else as the person or the number tells it."""
	named = [zone for _time, _day, zone in LOCAL_TIME.findall(reason["detail"])]
	person, phone = record["request"]["person"], record["request"]["phone"]
	own = [person["time_zone"]] if person.get("time_zone") else []
	return [
		name
		for name in named or own or (phone["time_zones"] if isinstance(phone, dict) else [])
		if known(name)
	]


def known(name: str) -> bool:
	try:
		return bool(ZoneInfo(name))
	except (ValueError, OSError, KeyError):
		return False


def city(zone: str) -> str:
	"""`America/Argentina/Buenos_Aires` as people say it."""
	return zone.rpartition("/")[2].replace("_", " ")


def site_moment(at: datetime) -> str:
	local = clock.to_db(at)
	return f"{format_date(local.date())} {format_time(local, 'H:mm')}"
