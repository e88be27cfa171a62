"""Simulated seconds spent on the line, by one party or by two at a time."""

from __future__ import annotations

import asyncio
import time

from dev.carrier.api.resources import Call
from dev.carrier.line.steps import Interrupted, Over
from dev.carrier.network import Network, Talk


async def pause(carrier: Network, call: Call, seconds: float) -> None:
	"""Spend simulated seconds on the line; raise Interrupted once the API ends or redirects the call."""
	if call.interruption.is_set():
		raise Interrupted
	try:
		await asyncio.wait_for(call.interruption.wait(), carrier.clock.shorten(seconds))
	except asyncio.TimeoutError:
		return
	raise Interrupted


class Line:
	"""The line of one call: its seconds pass for this call alone."""

	def __init__(self, carrier: Network, call: Call):
		self.carrier = carrier
		self.call = call

	async def spend(self, seconds: float) -> None:
		self.call.passing = (time.monotonic(), seconds)
		try:
			await pause(self.carrier, self.call, seconds)
		except Interrupted:
			self.call.settle(self.carrier.clock.speed)
			raise
		self.call.passing = None
		self.call.talked += seconds


class CallerLeft(Exception):
	"""The caller of a <Dial> hung up, or their call was ended or redirected; ``cause`` says which."""

	def __init__(self, cause: Exception):
		super().__init__(repr(cause))
		self.cause = cause


class SharedLine:
	"""The line of a call that a <Dial> placed: its seconds pass for the caller too.

	Raises Interrupted when the API ends or redirects the placed call, and CallerLeft when the caller's ends.
	"""

	def __init__(self, caller: Talk, call: Call):
		self.caller = caller
		self.call = call

	async def spend(self, seconds: float) -> None:
		if not (is_own(self.caller.call) or self.call.interruption.is_set()):
			# What woke the caller's line has been followed already: it came while a document was requested.
			self.caller.call.interruption.clear()
		before = self.caller.call.talked
		self.call.passing = (time.monotonic(), seconds)
		try:
			await self.caller.wait(seconds)
		except Interrupted as interruption:
			if is_own(self.caller.call):
				raise CallerLeft(interruption) from None
			self.caller.call.interruption.clear()
			raise
		except Over as end:
			raise CallerLeft(end) from None
		finally:
			if self.call.passing:
				self.call.passing = None
				self.call.talked += self.caller.call.talked - before


def is_own(call: Call) -> bool:
	"""Return whether an interruption is meant for this call, rather than for one that its <Dial> placed."""
	return call.finished or call.redirect is not None
