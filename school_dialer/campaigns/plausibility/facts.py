"""What the checks read: the words, the days, and the size of the audience."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import frappe
from frappe.utils import get_datetime

from school_dialer.audience import count
from school_dialer.audience.base import Source, source_of
from school_dialer.audience.filters.other_campaign import OtherCampaign
from school_dialer.base import clock
from school_dialer.campaigns.related import campaigns_of
from school_dialer.messages import campaign_details, store
from school_dialer.messages.model import TEXT, VOICE, VOICEMAIL, Template
from school_dialer.messages.sensitivity.topics import topics_of
from school_dialer.schools import zones

SECONDS, EMERGENCY_SECONDS = 8.0, 2.0
STATEMENT_SECONDS = 2
SAMPLE = 2000


class TooLong(Exception):
	"""A check would keep the person who starts the campaign waiting."""


@dataclass(slots=True)
class WrittenText:
	"""One text of the campaign as written, with its language."""

	language: str
	text: str


@dataclass
class Facts:
	"""A campaign to be judged. `ends` is the end of the time that all checks have together (monotonic)."""

	campaign: Any
	ends: float = field(default_factory=lambda: time.monotonic() + SECONDS)

	@classmethod
	def of(cls, campaign) -> "Facts":
		emergency = campaign.purpose == "Emergency"
		return cls(campaign, time.monotonic() + (EMERGENCY_SECONDS if emergency else SECONDS))

	@property
	def emergency(self) -> bool:
		return self.campaign.purpose == "Emergency"

	@property
	def by_rule(self) -> bool:
		return bool(self.campaign.get("rule"))

	@cached_property
	def now(self) -> datetime:
		"""The current time, naive, in the site's time zone."""
		return clock.db_now()

	@cached_property
	def starts(self) -> datetime:
		"""When calling begins: as scheduled or now. Naive, in the site's time zone."""
		scheduled = self.campaign.get("scheduled_at")
		return max(get_datetime(scheduled), self.now) if scheduled and not self.emergency else self.now

	@property
	def today(self) -> date:
		"""The day that it is now at the campaign's school."""
		return self.day_of(self.now)

	@cached_property
	def day(self) -> date:
		"""The day on which calling begins, at the campaign's school."""
		return self.day_of(self.starts)

	def day_of(self, moment: datetime) -> date:
		"""Return which day a naive moment of the site's time zone is at the campaign's school."""
		return zones.local(clock.from_db(moment), self.campaign.get("school")).date()

	@cached_property
	def template(self) -> Template:
		return store.template(self.campaign.template)

	@property
	def variants(self) -> tuple[str, ...]:
		return (TEXT,) if self.campaign.channel == "Text" else (VOICE, VOICEMAIL)

	@cached_property
	def details(self) -> list[WrittenText]:
		written = campaign_details.details_of(self.campaign).all()
		return [WrittenText(detail.language, detail.text) for detail in written]

	@cached_property
	def texts(self) -> list[WrittenText]:
		"""Everything that is said or written: the words of each language, and the details."""
		words = [
			WrittenText(words.language, words.variant(variant))
			for words in self.template.translations
			for variant in self.variants
			if words.variant(variant)
		]
		polls = [
			WrittenText(words.language, "\n".join((words.question, *words.answers)))
			for words in self.template.translations
			if words.question
		]
		return [*words, *polls, *self.details]

	@cached_property
	def topics(self) -> frozenset[str]:
		return frozenset().union(*(topics_of(written.text, written.language) for written in self.texts))

	@cached_property
	def source(self) -> Source:
		return source_of(self.campaign)

	@cached_property
	def people(self) -> int:
		"""The size of the audience: students if it is about students, or else people. Raise `TooLong`."""
		self.require_time()
		try:
			counted = self.source.count()
		except count.TooLong:
			raise TooLong from None
		return counted.households or counted.people

	@cached_property
	def reasons(self) -> dict[str, int]:
		"""Families that are tried again, by what stood in their way. Raise `TooLong`."""
		try:
			return self.source.tally(count.MOST_SECONDS).reasons
		except count.TooLong:
			raise TooLong from None

	@cached_property
	def sample(self) -> list:
		"""The first people of the audience, at most `SAMPLE`."""
		self.require_time()
		people_read, after = [], ""
		while after is not None and len(people_read) < SAMPLE:
			households, after = self.source.eligible_households(after, SAMPLE)
			people_read += [person for household in households for person in household]
			self.require_time()
		return people_read[:SAMPLE]

	@cached_property
	def follows(self) -> frozenset[str]:
		"""The campaigns whose outcome chooses this audience: it means to reach the same people."""
		chosen = (
			condition.campaign
			for condition in self.source.filters.only
			if isinstance(condition, OtherCampaign)
		)
		first = self.campaign.get("resends")
		return frozenset((*chosen, *(campaigns_of(first) if first else ())))

	@cached_property
	def recent_start(self) -> datetime:
		return self.starts - timedelta(hours=6)

	def require_time(self) -> None:
		if time.monotonic() > self.ends:
			raise TooLong


def limited_query(query: str, values: dict | Iterable) -> tuple:
	"""Return the rows of a query that is stopped after `STATEMENT_SECONDS`. Raise `TooLong`."""
	try:
		return frappe.db.sql(f"set statement max_statement_time={STATEMENT_SECONDS} for {query}", values)
	except frappe.db.OperationalError as error:
		if error.args and error.args[0] == count.STATEMENT_TIMEOUT:
			raise TooLong from None
		raise
