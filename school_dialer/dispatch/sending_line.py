"""What a dispatcher serves: the sending numbers that are free, each with its threads; and what it leaves aside for a while."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack

from school_dialer.attempts.matching import REST
from school_dialer.compliance.model import CHANNELS
from school_dialer.jobs import alone
from school_dialer.pace import pacer
from school_dialer.settings import carrier_settings

SLOW = 2.0
"""Calls a second up to which one thread keeps a number's pace."""
AGAIN_SECONDS = 5.0


class SendingLine:
	"""A sending number in use, with the threads that serve it. They send by turns."""

	def __init__(self, number: carrier_settings.SendingNumber):
		self.phone_number = number.phone_number
		self.threads = 1 if max(number.calls_per_second, number.segments_per_second) <= SLOW else 2
		self.turn = threading.Lock()
		self.windows = {channel: pacer.ArrivalWindow() for channel in CHANNELS}
		self.units = dict.fromkeys(CHANNELS, 1)
		"""How much of the pace one call or text of the latest chunk took."""
		self.served = 0
		self.rests_until = 0.0

	def number_for(self, channel: str) -> carrier_settings.SendingNumber | None:
		"""With its pace as it is set now; None when it does not serve this channel, or no longer."""
		numbers = carrier_settings.sending_numbers(channel)
		return next((one for one in numbers if one.phone_number == self.phone_number), None)

	def streams(self, channel: str) -> tuple[pacer.Stream, ...]:
		"""The limits that its calls or texts keep, as they are set now."""
		return pacer.streams_of(self.number_for(channel), channel)

	def in_turn(self, campaigns: Sequence) -> list:
		"""These campaigns, the one first that is next."""
		first = self.served % len(campaigns)
		return [*campaigns[first:], *campaigns[:first]]

	def rest(self) -> None:
		"""A text's answer was lost: the next text must not look like it (`matching`)."""
		self.rests_until = time.monotonic() + REST.total_seconds()

	def rests(self, campaign) -> bool:
		"""Calls are told apart by their numbers, and an emergency does not wait."""
		texts = campaign.channel == "Text" and campaign.purpose != "Emergency"
		return texts and time.monotonic() < self.rests_until


def free_lines(stack: ExitStack, emergency: bool) -> list[SendingLine]:
	"""Those of the school's numbers that no other dispatcher uses, kept until the end of the stack.

	One process a number: it knows which of its requests are late. An emergency takes all numbers, whoever uses them.
	"""
	numbers = {
		one.phone_number: one for channel in CHANNELS for one in carrier_settings.sending_numbers(channel)
	}
	return [
		SendingLine(number)
		for number in numbers.values()
		if emergency or stack.enter_context(alone(f"line-{pacer.digest(number.phone_number)}"))
	]


class CampaignBackoff:
	"""Campaigns that failed, each for a while longer than before. The others go on meanwhile."""

	def __init__(self):
		self.until: dict[str, float] = {}
		self.failures: Counter[str] = Counter()

	def __contains__(self, name: str) -> bool:
		return time.monotonic() < self.until.get(name, 0)

	def put(self, name: str) -> int:
		"""How often it has failed in a row."""
		self.failures[name] += 1
		self.until[name] = time.monotonic() + AGAIN_SECONDS * self.failures[name]
		return self.failures[name]

	def clear(self, name: str) -> None:
		self.failures.pop(name, None)
