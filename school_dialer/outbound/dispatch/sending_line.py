"""What a dispatcher serves: the free sending numbers with their threads."""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack

from school_dialer.base.jobs import alone
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.outbound.attempts import claims
from school_dialer.outbound.attempts.matching import REST
from school_dialer.outbound.pace import pacer, resting_numbers
from school_dialer.schools import scope as scopes
from school_dialer.settings import carrier_settings

SLOW = 2.0
"""Calls per second up to which one thread keeps a number's pace."""


class SendingLine:
	"""A sending number in use, with the threads that serve it. They take turns sending."""

	def __init__(self, number: carrier_settings.SendingNumber):
		self.phone_number = number.phone_number
		self.account = number.account
		self.threads = 1 if max(number.calls_per_second, number.segments_per_second) <= SLOW else 2
		self.send_lock = threading.Lock()
		self.windows = {channel: pacer.ArrivalWindow() for channel in CHANNELS}
		self.units = dict.fromkeys(CHANNELS, 1)
		"""Units of pace that the largest call or text of the latest chunk used."""
		self.served = 0
		self.texts_delayed_until = 0.0

	def number_for(self, channel: str) -> carrier_settings.SendingNumber | None:
		"""Return the number with its current pace, or None if it does not serve this channel."""
		numbers = carrier_settings.sending_numbers(channel)
		return next((number for number in numbers if number.phone_number == self.phone_number), None)

	def schools(self, campaign) -> carrier_settings.Schools:
		"""Return in which schools' names it calls or texts for the campaign."""
		return resting_numbers.schools_for(campaign, self.number_for(campaign.channel))

	def serves(self, campaign) -> bool:
		"""Return True if this number may carry the campaign's next calls or texts.

		One in the names of many schools has to have a recipient due of a school it speaks for.
		"""
		if not self.number_for(campaign.channel):
			return False
		schools, scope = self.schools(campaign), scopes.scope_of(campaign)
		if not scope.each:
			return schools.covers(scope.name)
		return schools == claims.ALL_SCHOOLS or claims.is_due(campaign.name, campaign.channel, schools)

	def streams(self, channel: str) -> tuple[pacer.Stream, ...]:
		"""Return the limits that apply to its calls or texts, with their current settings."""
		return pacer.streams_of(self.number_for(channel), channel)

	def rotate(self, campaigns: Sequence) -> list:
		"""Return the campaigns in rotation, starting with the next one."""
		first = self.served % len(campaigns)
		return [*campaigns[first:], *campaigns[:first]]

	def delay_texts(self) -> None:
		"""Send no text for a while after one whose response was lost, so that the next does not look like it.

		See `attempts.matching`.
		"""
		self.texts_delayed_until = time.monotonic() + REST.total_seconds()

	def delays_text(self, campaign) -> bool:
		"""Return True if this campaign's texts must wait for the end of that delay.

		Calls are distinguished by their numbers, and an emergency does not wait.
		"""
		texts = campaign.channel == "Text" and campaign.purpose != "Emergency"
		return texts and time.monotonic() < self.texts_delayed_until


def numbers() -> dict[str, carrier_settings.SendingNumber]:
	"""Return the school's enabled numbers of every channel."""
	return {
		number.phone_number: number
		for channel in CHANNELS
		for number in carrier_settings.sending_numbers(channel)
	}


def numbers_and_accounts() -> set[tuple[str, str]]:
	"""Return each number with its account: for a pair that is new, a running dispatcher has no line."""
	return {(number.phone_number, number.account) for number in numbers().values()}


def free_lines(stack: ExitStack, emergency: bool) -> list[SendingLine]:
	"""Return the school's numbers that no other dispatcher uses, locked until the stack closes.

	Only one process uses a number, because only that process sees which of its requests are late. An
	emergency uses all numbers, even those that other dispatchers use.
	"""
	return [
		SendingLine(number)
		for number in numbers().values()
		if emergency or stack.enter_context(alone(f"line-{pacer.digest(number.phone_number)}"))
	]
