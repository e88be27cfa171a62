"""What a campaign will take: minutes, money, and when it finishes. Shown before it starts and while it runs.

The length of a call is the spoken length of the longest translation, with the catalog's example values.
"""

import math
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import frappe
from frappe.utils import flt

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.campaigns import message_content
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.messages import campaign_details, in_place_of_call, store, text
from school_dialer.messages.details import DETAILS
from school_dialer.messages.model import VOICE, MessageError
from school_dialer.messages.segments import segments as segments_of
from school_dialer.messages.sound import recorded
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.seconds import spoken_seconds
from school_dialer.schools import scope as scopes
from school_dialer.settings import carrier_settings

RINGING = 15.0
"""Seconds a phone rings before someone picks up, roughly."""


@dataclass(frozen=True, slots=True)
class Unit:
	"""One call (seconds spoken, minutes billed) or one text (segments), and its price.

	The price is in the currency of Dialer Settings.
	"""

	seconds: float
	minutes: int
	segments: int
	price: float


NOTHING = Unit(0.0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Estimate:
	"""Totals for all recipients.

	- `texts`: segments of the follow-up texts, if the campaign sends them.
	- `minutes`, `segments`: for one attempt per recipient.
	- `cost`: one answered attempt per recipient.
	- `most`: all attempts, plus a follow-up text to everyone if the campaign sends them.
	- `finish`: naive, site time zone. `finish_now`: the same for those who need not wait for calling hours.
	"""

	calls: int
	texts: int
	minutes: int
	segments: int
	cost: float
	most: float
	currency: str
	finish: datetime | None
	finish_now: datetime | None
	waiting: int


def unit(campaign) -> Unit:
	"""Return the size and price of one call or text; all zeros while the message cannot be rendered."""
	return priced(*size(campaign))


def unit_while_calling(campaign) -> Unit:
	"""Return the same for a campaign that is being called, whose words are rendered for the first look only.

	A dispatcher looks before each claim, and forgets what it found with its settings (`forget`).
	"""
	sizes = getattr(frappe.local, "dialer_sizes", None)
	if sizes is None:
		sizes = frappe.local.dialer_sizes = {}
	key = (campaign.name, campaign.channel, bool(campaign.get("fallback")))
	if key not in sizes:
		sizes[key] = size(campaign)
	return priced(*sizes[key])


def forget() -> None:
	frappe.local.dialer_sizes = None


def priced(seconds: float, minutes: int, segments: int) -> Unit:
	prices = carrier_settings.settings()
	price = minutes * flt(prices.price_per_minute) + segments * flt(prices.price_per_segment)
	return Unit(seconds, minutes, segments, price)


def size(campaign) -> tuple[float, int, int]:
	"""Return (seconds spoken, minutes billed, segments) of one call or text."""
	try:
		texts = all_words(campaign)
	except MessageError:
		texts = []
	if campaign.channel == "Text":
		return 0.0, 0, max((segments_of(words).count for words in texts), default=0)
	seconds = max(map(spoken_seconds, texts), default=0.0) + recording_seconds(campaign)
	return seconds, math.ceil(seconds / 60), 0


def other(campaign, channel: str) -> frappe._dict:
	"""Return the campaign as its recipients on the other channel get it: the texts that follow calls."""
	fields = (
		*("name", "template", "details", "details_translations"),
		*("acknowledge", "purpose", "emergency_type", "school"),
	)
	asked = {field: campaign.get(field) for field in fields}
	return frappe._dict(asked, channel=channel, fallback=channel == "Text")


def recording_seconds(campaign) -> float:
	"""Return for how many seconds the longest recording is played to a person: in an emergency, twice."""
	template = store.template(campaign.template)
	longest = max((recorded.seconds(words, VOICE) for words in template.translations), default=0.0)
	return longest * (2 if template.purpose == EMERGENCY else 1)


def all_words(campaign) -> list[str]:
	"""Return the whole message in each of its languages."""
	template = gate.template_of(campaign)
	return [
		whole_message(
			example(template, campaign, words.language), campaign.channel, bool(campaign.get("fallback"))
		)
		for words in template.translations
	]


def example(template, campaign, language: str):
	row = frappe._dict(person_name="Maria Hernandez", language=language, school=campaign.get("school"))
	outgoing = store.example_outgoing(template, row)
	details = campaign_details.details_of(campaign)
	values = {**outgoing.values, **({DETAILS: details} if details.all() else {})}
	link = message_content.sample_link(template, campaign.channel)
	return replace(outgoing, values=values, link=link, **message_content.asked_by(campaign))


def whole_message(outgoing, channel: str, fallback: bool = False) -> str:
	if fallback:
		return in_place_of_call.text(outgoing, message_content.preferences()).body
	if channel == "Text":
		return text.text_message(outgoing).body
	first = voice.voice_twiml(outgoing, "")
	documents = [first.twiml]
	if first.content == voice.GENERIC:
		documents.append(voice.confirmed_twiml(outgoing, "").twiml)
	return "\n".join(map(message_content.sentences, documents))


def estimate_of(campaign, people: int, waiting: int = 0, last_due: datetime | None = None) -> dict:
	"""Return an `Estimate` as a dict.

	`people` may be called now. `waiting` must wait for their calling hours; the last of them opens at
	`last_due` (naive, site time zone).
	"""
	attempt, calls = unit(campaign), people + waiting
	attempts = campaign.max_attempts or carrier_settings.settings().max_attempts or 1
	text = unit(other(campaign, "Text")) if campaign.text_fallback else NOTHING
	return asdict(
		Estimate(
			calls,
			calls * text.segments,
			calls * attempt.minutes,
			calls * attempt.segments,
			calls * attempt.price,
			calls * (attempt.price * attempts + text.price),
			carrier_settings.settings().currency or "USD",
			finish(campaign, attempt, people, waiting, last_due),
			finish(campaign, attempt, people, 0, None),
			waiting,
		)
	)


def finish(campaign, attempt: Unit, people: int, waiting: int, last_due: datetime | None) -> datetime | None:
	"""Return when the last first attempt ends: naive site time, rounded up to the minute.

	Return None if there is no sending number or no one to call.
	"""
	rate = calls_per_second(campaign, attempt)
	if not rate or not people + waiting:
		return None
	last = timedelta(seconds=attempt.seconds + (RINGING if campaign.channel == "Voice" else 0))
	now = clock.db_now()
	done = now + timedelta(seconds=people / rate) + last
	if waiting:
		# The people who wait become due together, when their calling hours open.
		done = max(done, (last_due or now) + timedelta(seconds=waiting / rate) + last)
	return done.replace(second=0, microsecond=0) + timedelta(minutes=1)


def calls_per_second(campaign, attempt: Unit) -> float:
	"""Return the calls or texts per second that the sending numbers and the account allow."""
	scope = scopes.scope_of(campaign)
	every = carrier_settings.sending_numbers(campaign.channel, None if scope.each else scope.name)
	# Numbers of another account stand by until the one that has the first number fails.
	numbers = [number for number in every if number.account == every[0].account]
	if campaign.channel == "Text":
		return sum(number.segments_per_second for number in numbers) / max(1, attempt.segments)
	rate = min(
		sum(number.calls_per_second for number in numbers),
		carrier_settings.account_calls_per_second(numbers[0].account if numbers else ""),
	)
	if campaign.most_at_once:
		rate = min(rate, campaign.most_at_once / (attempt.seconds + RINGING))
	return rate
