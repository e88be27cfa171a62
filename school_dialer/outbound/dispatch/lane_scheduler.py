"""What each line of a lane sends next: a chunk of the most urgent campaign due, shortly before its slot."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import frappe

from school_dialer.base import states
from school_dialer.base.jobs import JobFailed
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.due import all_campaigns_due, emergencies_to_plan, most_urgent
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.transitions import try_move
from school_dialer.outbound.attempts import claims
from school_dialer.outbound.dispatch import chunk_decision
from school_dialer.outbound.dispatch.campaign_failures import CampaignFailures
from school_dialer.outbound.dispatch.chunk_sender import ChunkSender
from school_dialer.outbound.dispatch.routes import EMERGENCY, Routes
from school_dialer.outbound.dispatch.sending_line import SendingLine
from school_dialer.outbound.pace import limits, pacer, resting_numbers, school_limits

CHUNK_SECONDS = 1.0
MOST_IN_CHUNK = 50
CHUNKS_AHEAD = 2
"""One chunk is being sent and one is being prepared."""
AHEAD = 0.3
"""Seconds before its slot at which a chunk is claimed and decided."""
LONGEST_SLEEP = 2.0
"""Seconds after which a thread that waits for a slot looks again what is due."""


class LaneScheduler:
	"""Chooses, plans, and claims for the lines of one dispatcher. Its threads share it."""

	def __init__(self, sender: ChunkSender, routes: Routes, failures: CampaignFailures, emergency_only: bool):
		self.sender, self.routes, self.failures = sender, routes, failures
		self.emergency_only = emergency_only
		self.planning, self.claiming = threading.Lock(), threading.Lock()
		"""One thread plans at a time, and one claims: each counts what the one before has claimed."""
		self.ahead: Counter[pacer.Stream] = Counter()
		"""Units that were claimed and have not left. A claim that would wait long for its slot is not
		made."""
		self.serving = 0
		"""Threads at work. The others stay: what one does not send, another account may have to."""
		self.busy_at = time.monotonic()

	def serve_next(self, line: SendingLine) -> int:
		"""Serve one chunk of the next due campaign, shortly before its first slot.

		Return the number of claimed rows, or 1 for a wait. The due campaigns are read again before each
		chunk, and a chunk in progress makes room for an emergency.
		"""
		self.plan_emergencies()
		due = self.due_on(line)
		if not due:
			# The next look begins a transaction, and sees what is due by then.
			frappe.db.commit()
			return 0
		channels = {campaign.channel for campaign in due}
		slots = {channel: pacer.next_slot(line.streams(channel)) for channel in channels}
		ready = [campaign for campaign in line.rotate(due) if slots[campaign.channel].free_in <= AHEAD]
		if not ready:
			# Rows claimed now would wait here while another line is free. The sleep holds no transaction.
			frappe.db.commit()
			time.sleep(min(min(slot.free_in for slot in slots.values()) - AHEAD, LONGEST_SLEEP))
			self.busy_at = time.monotonic()
			return 1
		# At once: the line's other thread takes the next campaign, however long this one takes to be read.
		line.served += 1
		return self.try_to_serve(ready[0], line, slots[ready[0].channel].slower)

	def idle_seconds(self) -> float:
		return 0 if self.serving else time.monotonic() - self.busy_at

	def plan_emergencies(self) -> None:
		"""Plan what is not planned yet. One thread does; those of the other numbers stay to dial it."""
		for name in emergencies_to_plan():
			if name in self.failures.backoff:
				continue
			self.busy_at = time.monotonic()
			if self.planning.acquire(blocking=False):
				try:
					with self.at_work():
						planner.run(name)
				except JobFailed:
					self.failures.backoff.put(name)
				finally:
					self.planning.release()

	def due_on(self, line: SendingLine) -> list[frappe._dict]:
		"""Return the most urgent campaigns whose next requests this line carries, and note if one is urgent.

		What is due but has to wait, or is another line's, keeps this line from leaving.
		"""
		campaigns = all_campaigns_due()
		able = [
			campaign
			for campaign in campaigns
			if campaign.name not in self.failures.backoff
			and not line.delays_text(campaign)
			and not resting_numbers.is_resting_for(campaign, line)
		]
		due = most_urgent(able, self.emergency_only)
		self.sender.emergency_due = any(campaign.purpose == EMERGENCY for campaign in due)
		served = [
			campaign for campaign in due if line.serves(campaign) and self.routes.serves(campaign, line)
		]
		if due and not served:
			self.routes.explain_wait(due)
		if (campaigns and not able) or (due and not served):
			self.busy_at = time.monotonic()
		return served

	@contextmanager
	def at_work(self) -> Iterator[None]:
		"""Keep the other lines from leaving while this thread plans or serves: they may be needed."""
		with self.claiming:
			self.serving += 1
		try:
			yield
		finally:
			with self.claiming:
				self.busy_at = time.monotonic()
				self.serving -= 1

	def try_to_serve(self, campaign: frappe._dict, line: SendingLine, slower: float) -> int:
		"""Serve a chunk, and return the number of rows. If it fails, the campaign waits while others go on.

		A failure counts as one row, so that this dispatcher, which knows how often it failed, stays until the
		campaign is paused, however slowly it failed.
		"""
		try:
			with self.at_work():
				count = self.serve(campaign, line, slower)
		except Exception as error:
			self.failures.add(campaign, error)
			return 1
		self.failures.backoff.clear(campaign.name)
		return count

	def serve(self, campaign: frappe._dict, line: SendingLine, slower: float) -> int:
		"""Claim and send one chunk if the campaign is what was approved. Return the number of rows."""
		number = line.number_for(campaign.channel)
		# Before the comparison too: nothing may change between it and the claim.
		chunk_decision.warm_up(campaign, number)
		if not approval.enforce(campaign):
			return 0
		self.failures.breaker.begin(campaign)
		streams, each = line.streams(campaign.channel), line.units[campaign.channel]
		most = int(pacer.pace(streams) / slower * CHUNK_SECONDS / each)
		most = self.routes.take(line, max(1, min(MOST_IN_CHUNK, most)))
		rows, sent = self.claim(campaign, most, line, each) if most else [], 0
		try:
			if rows:
				sent = self.sender.send_chunk(campaign, rows, line, number)
		finally:
			self.routes.give_back(line, most - sent)
			with self.claiming:
				self.ahead.subtract(dict.fromkeys(streams, len(rows) * each))
		return len(rows)

	def claim(self, campaign: frappe._dict, most: int, line: SendingLine, each: int) -> list:
		"""Claim rows within the campaign's limits.

		Only a few chunks are claimed ahead of a stream: many numbers share the account's pace, and a permit
		is valid for seconds.
		"""
		streams, schools = line.streams(campaign.channel), line.schools(campaign)
		with self.claiming, limits.exclusive_claim(campaign) as mine:
			if any(
				self.ahead[stream] > stream.per_second * CHUNK_SECONDS * CHUNKS_AHEAD for stream in streams
			):
				return []
			room, exhausted = limits.allowance(campaign, most) if mine else (0, "")
			if exhausted:
				try_move(
					campaign.name, states.PAUSED, status_message=exhausted, pending_notification_actor=""
				)
			if room:
				school_limits.set_aside(campaign)
			first_time_only = self.routes.is_trial(line)
			rows = (
				claims.claim(campaign.name, room, campaign.channel, schools, first_time_only) if room else []
			)
			if not rows:
				# Keep the pause, and let go of the school's row: `claims.claim` may not have been asked.
				frappe.db.commit()
			self.ahead.update(dict.fromkeys(streams, len(rows) * each))
		return rows
