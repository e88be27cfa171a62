"""How long each opt-out took: received, in force, confirmed to the person.

An opt-out has to be honored within ten business days (47 CFR 64.1200(a)(10)) and confirmed, if by text,
within five minutes (a)(12). Here it is binding as soon as it is recorded. Uses one join of Consent Event and
Dialer Notice. Times are naive, in the site's time zone, as stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import frappe

from school_dialer.base import clock
from school_dialer.consent.replies.confirmation_requests import CONFIRMING

STOPS = ("Opt Out", "Wrong Number")
# The person hears or sees the answer in the same call or on the same page. The carrier answers a STOP itself.
ANSWERED_ON_THE_SPOT = frozenset({"Keypad", "Inbound Call", "Preference Page", "Carrier"})
BY_TEXT, ON_THE_SPOT = "Text", "On the spot"


@dataclass(frozen=True)
class OptOutTiming:
	"""One opt-out. `text_status` is the status of its confirmation text, or empty when none was requested."""

	event: str
	phone_masked: str
	kind: str
	scope: str
	channel: str
	purpose: str
	source: str
	received_at: datetime
	effective_at: datetime
	sent_at: datetime | None
	text_status: str

	@property
	def confirmed_at(self) -> datetime | None:
		if self.sent_at:
			return self.sent_at
		return self.effective_at if self.source in ANSWERED_ON_THE_SPOT else None

	@property
	def confirmed_by(self) -> str:
		if self.sent_at:
			return BY_TEXT
		return ON_THE_SPOT if self.source in ANSWERED_ON_THE_SPOT else ""

	@property
	def minutes_to_effect(self) -> float:
		return minutes(self.received_at, self.effective_at)

	@property
	def minutes_to_confirmation(self) -> float | None:
		return minutes(self.received_at, self.confirmed_at) if self.confirmed_at else None


def minutes(start: datetime, end: datetime) -> float:
	"""Return the minutes that passed between two times as stored, also where the clocks were changed."""
	passed = clock.from_db(end) - clock.from_db(start)
	return round(max(passed.total_seconds(), 0.0) / 60, 2)


def stops(
	effective_from: datetime, effective_before: datetime, source: str | None = None
) -> Iterator[OptOutTiming]:
	"""Yield the opt-outs that took effect in a span of time, latest first.

	`effective_from` is included and `effective_before` is not. Both are naive, in the site's time zone.
	"""
	event, notice = frappe.qb.DocType("Consent Event"), frappe.qb.DocType("Dialer Notice")
	query = (
		frappe.qb.from_(event)
		.left_join(notice)
		.on((notice.consent_event == event.name) & (notice.kind.isin(CONFIRMING)))
		.select(
			event.name,
			event.phone_masked,
			event.kind,
			event.scope,
			event.channel,
			event.purpose,
			event.source,
			event.received_at,
			event.effective_at,
			notice.sent_at,
			notice.status,
		)
		.where(event.kind.isin(STOPS))
		.where((event.effective_at >= effective_from) & (event.effective_at < effective_before))
		.orderby(event.effective_at, order=frappe.qb.desc)
		.orderby(event.name)
	)
	if source:
		query = query.where(event.source == source)
	for row in query.run():
		yield OptOutTiming(*row[:-1], row[-1] or "")
