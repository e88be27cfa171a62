"""What a public alert says about a campaign. No name, no number but the school's own, and no record."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import frappe
from frappe.utils import cint

from school_dialer.base import clock, public_url
from school_dialer.messages import phrases, store
from school_dialer.messages.written import public_words
from school_dialer.public_alerts.cap.model import CANCEL, Alert, Area, Info, Reference
from school_dialer.public_alerts.cap.schema import IDENTIFYING
from school_dialer.public_alerts.cap.writing import written
from school_dialer.schools import registry

HOURS, MOST_HOURS = 12, 72
MOST_CODES = 100
KINDS = {
	"Weather closure": ("alert_weather", "Met", "Expected", "Moderate", "Likely"),
	"Fire": ("alert_fire", "Fire", "Immediate", "Severe", "Observed"),
	"Health risk": ("alert_health", "Health", "Expected", "Moderate", "Likely"),
	"Threat to safety": ("alert_threat", "Safety", "Immediate", "Severe", "Observed"),
}
"""For each kind of emergency that is published: phrase, and CAP's category, urgency, severity, certainty."""
PAST = "Past"
_CODE = re.compile(r"\s*([^\s=,<&]{1,80})\s*=\s*([^\s=,<&]{1,80})\s*")


def alert_of(campaign, identifier: str, kind: str, references: tuple[Reference, ...], now: datetime) -> Alert:
	"""Return the alert of a campaign. Raise `public_words.NotPublic`. `now` is aware."""
	at, areas = second(now), areas_of(campaign)
	infos = (
		info_of(campaign, words, areas, expiry(at), kind) for words in public_words.in_each_language(campaign)
	)
	return framed(identifier, kind, references, at, tuple(infos))


def withdrawal_of(before: Alert, identifier: str, references: tuple[Reference, ...], now: datetime) -> Alert:
	"""Return the alert that takes back an earlier one, in its languages. `now` is aware."""
	at = second(now)
	infos = (withdrawn(info, expiry(at)) for info in before.infos)
	return framed(identifier, CANCEL, references, at, tuple(infos))


def framed(
	identifier: str, kind: str, references: tuple[Reference, ...], at: datetime, infos: tuple[Info, ...]
) -> Alert:
	return Alert(
		identifier=identifier,
		sender=sender(),
		sent=written(at),
		sent_at=at,
		kind=kind,
		references=references,
		infos=infos,
	)


def second(now: datetime) -> datetime:
	return now.astimezone(clock.system_zone()).replace(microsecond=0)


def expiry(at: datetime) -> datetime:
	"""Return when an alert of this time expires, as Dialer Settings say."""
	hours = cint(frappe.get_cached_doc("Dialer Settings").alert_hours) or HOURS
	return at + timedelta(hours=min(hours, MOST_HOURS))


def info_of(campaign, text: public_words.Said, areas: tuple[Area, ...], expires: datetime, kind: str) -> Info:
	phrase, category, urgency, severity, certainty = KINDS[campaign.emergency_type]
	over = kind == CANCEL
	school = store.school(campaign.school, text.language)
	event = phrases.phrase(phrase, phrases.language_for(text.language, school.language))
	return Info(
		language=text.language,
		event=event,
		categories=(category,),
		urgency=PAST if over else urgency,
		severity="Minor" if over else severity,
		certainty=certainty,
		sender_name=school.identity or school.name,
		headline=f"{school.name or school.identity}: {event}",
		description=text.text,
		contact=public_words.number(school),
		expires=expires,
		areas=areas,
	)


def withdrawn(info: Info, expires: datetime) -> Info:
	spoken = phrases.language_for(info.language)
	return replace(
		info,
		language=spoken,
		description=phrases.phrase("alert_withdrawn", spoken),
		urgency=PAST,
		severity="Minor",
		expires=expires,
	)


def areas_of(campaign) -> tuple[Area, ...]:
	"""Return one area for each school that the campaign is of, or else the district's."""
	named = [campaign.school] if campaign.school else schools_of(campaign)
	if not registry.is_district() or not named:
		settings = frappe.get_cached_doc("Dialer Settings")
		return (area(settings.alert_area or settings.school_name or "", settings.alert_geocodes),)
	rows = frappe.get_all(
		"Dialer School",
		{"name": ("in", named)},
		["name", "alert_area", "alert_geocodes"],
		order_by="name",
	)
	return tuple(area(row.alert_area or row.name, row.alert_geocodes) for row in rows)


def schools_of(campaign) -> list[str]:
	"""Return the schools to which a district's campaign is narrowed; none if it is not."""
	return json.loads(campaign.schools or "[]")


def area(description: str, codes: str | None) -> Area:
	return Area(" ".join(description.split()) or "-", tuple(geocodes(codes)))


def geocodes(written_codes: str | None) -> list[tuple[str, str]]:
	"""Return the pairs of lines such as SAME=006067. Lines of another form are left out."""
	lines = (written_codes or "").splitlines()[:MOST_CODES]
	return [match.groups() for line in lines if (match := _CODE.fullmatch(line))]


def bad_geocode(written_codes: str | None) -> str | None:
	"""Return the first line that is no pair, or None."""
	lines = [line for line in (written_codes or "").splitlines() if line.strip()]
	return next((line for line in lines if not _CODE.fullmatch(line)), None)


def sender() -> str:
	"""Return who sends our alerts: what Dialer Settings name, or else the site's host name."""
	named = (frappe.get_cached_doc("Dialer Settings").alert_sender or "").strip()
	return named if IDENTIFYING.fullmatch(named) else urlsplit(public_url.base()).hostname or "school.invalid"
