"""What a campaign will take: minutes, money and when it is done. Said before it starts and while it runs.

The length of a call is that of its longest translation, spoken, with the catalogue's examples as values.
"""

import math
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import frappe
from frappe.utils import flt

from school_dialer import clock, gate
from school_dialer.campaigns import message_content
from school_dialer.messages import in_place_of_call, store, text
from school_dialer.messages.model import VOICE, MessageError
from school_dialer.messages.segments import segments as segments_of
from school_dialer.messages.sound import recorded
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.seconds import spoken_seconds
from school_dialer.settings import carrier_settings

RINGING = 15.0
"""Seconds a phone rings before somebody picks up, about."""


@dataclass(frozen=True, slots=True)
class Unit:
	"""One call (seconds spoken, minutes billed) or one text (segments), with its price."""

	seconds: float
	minutes: int
	segments: int
	price: float


NOTHING = Unit(0.0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Estimate:
	"""For everybody who is called. ``cost`` is for one answered attempt each, ``most`` for all attempts and, in the campaign that
	has them, a text to each afterwards (``texts``: their segments); times are the site's."""

	calls: int
	texts: int
	minutes: int
	segments: int
	cost: float
	most: float
	currency: str
	finish: datetime | None


def unit(campaign) -> Unit:
	"""Nothing but zeros while the message cannot be made."""
	prices = carrier_settings.settings()
	try:
		said = all_words(campaign)
	except MessageError:
		said = []
	if campaign.channel == "Text":
		segments = max((segments_of(words).count for words in said), default=0)
		return Unit(0.0, 0, segments, segments * flt(prices.price_per_segment))
	seconds = max(map(spoken_seconds, said), default=0.0) + recording_seconds(campaign)
	minutes = math.ceil(seconds / 60)
	return Unit(seconds, minutes, 0, minutes * flt(prices.price_per_minute))


def other(campaign, channel: str) -> frappe._dict:
	"""The campaign as it appears to those of its people who get the other channel: texts after calls."""
	fields = ("name", "template", "details", "acknowledge", "purpose", "emergency_type")
	asked = {field: campaign.get(field) for field in fields}
	return frappe._dict(asked, channel=channel, fallback=channel == "Text")


def recording_seconds(campaign) -> float:
	"""Of the longest one that is played to people who answer."""
	template = store.template(campaign.template)
	return max((recorded.seconds(words, VOICE) for words in template.translations), default=0.0)


def all_words(campaign) -> list[str]:
	"""The whole message in each of its languages."""
	template = gate.template_of(campaign)
	return [
		whole_message(
			example(template, campaign, words.language), campaign.channel, bool(campaign.get("fallback"))
		)
		for words in template.translations
	]


def example(template, campaign, language: str):
	row = frappe._dict(person_name="Maria Hernandez", language=language)
	outgoing = store.example_outgoing(template, row)
	values = {**outgoing.values, **({"campaign_details": campaign.details} if campaign.details else {})}
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
	"""For ``people`` who may be called now and ``waiting`` ones of whom the last may be called at ``last_due`` (site time)."""
	one, calls = unit(campaign), people + waiting
	attempts = campaign.max_attempts or carrier_settings.settings().max_attempts or 1
	text = unit(other(campaign, "Text")) if campaign.text_fallback else NOTHING
	return asdict(
		Estimate(
			calls,
			calls * text.segments,
			calls * one.minutes,
			calls * one.segments,
			calls * one.price,
			calls * (one.price * attempts + text.price),
			carrier_settings.settings().currency or "USD",
			finish(campaign, one, people, waiting, last_due),
		)
	)


def finish(campaign, one: Unit, people: int, waiting: int, last_due: datetime | None) -> datetime | None:
	"""Site time of the last first attempt's end, to the next minute. None when there is no number to call from, or nobody to call."""
	rate = calls_per_second(campaign, one)
	if not rate or not people + waiting:
		return None
	last = timedelta(seconds=one.seconds + (RINGING if campaign.channel == "Voice" else 0))
	now = clock.db_now()
	done = now + timedelta(seconds=people / rate) + last
	if waiting:
		# Those who wait come due together, at the opening of their hours.
		done = max(done, (last_due or now) + timedelta(seconds=waiting / rate) + last)
	return done.replace(second=0, microsecond=0) + timedelta(minutes=1)


def calls_per_second(campaign, one: Unit) -> float:
	"""Calls or texts, as numbers and account allow."""
	numbers = carrier_settings.sending_numbers(campaign.channel)
	if campaign.channel == "Text":
		return sum(number.segments_per_second for number in numbers) / max(1, one.segments)
	rate = min(
		sum(number.calls_per_second for number in numbers), carrier_settings.account_calls_per_second()
	)
	if campaign.most_at_once:
		rate = min(rate, campaign.most_at_once / (one.seconds + RINGING))
	return rate
