"""Dispatch: send waiting recipients to the carrier, at its pace.

A dispatcher is one RQ job that serves all running campaigns in turn, emergencies first, one chunk at a time:

    claim (SKIP LOCKED), commit -> lock the numbers, decide on fresh facts, write the call logs with their
    decisions, commit -> hold the campaign's row, POST each at its slot -> record the responses, commit

This is the job with its threads. `lane_scheduler` chooses and claims what a thread sends next, and
`chunk_sender` sends it. Two threads serve each sending number, each over its own database connection. While
one sends its chunk, the other records its last chunk and prepares the next, so the stream of requests does
not stop.
"""

import threading
import time
from concurrent.futures import FIRST_EXCEPTION
from contextlib import ExitStack, suppress

import frappe

from school_dialer.base import states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.database.errors import ConnectionErrors
from school_dialer.base.database.transactions import (
	begin_read_committed,
	ended_if_silent,
	is_lost,
	reconnect,
	wait_holding,
)
from school_dialer.base.jobs import alone, job, report
from school_dialer.campaigns import estimate, standstill
from school_dialer.campaigns.actions import pause
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.due import due_campaigns, is_anything_due
from school_dialer.campaigns.queues import enqueue_dispatch
from school_dialer.campaigns.transitions import try_move
from school_dialer.continuity import maintenance
from school_dialer.outbound.attempts import carrier_queue, emergency_watch
from school_dialer.outbound.dispatch import chunk_decision, successor
from school_dialer.outbound.dispatch.campaign_failures import CampaignFailures
from school_dialer.outbound.dispatch.chunk_sender import ChunkSender
from school_dialer.outbound.dispatch.lane_scheduler import LaneScheduler
from school_dialer.outbound.dispatch.routes import Routes
from school_dialer.outbound.dispatch.sending_line import SendingLine, free_lines, numbers_and_accounts
from school_dialer.settings import carrier_settings

RUN_SECONDS = 240
IDLE_SECONDS = 2.0
IDLE_POLL = 0.25
SILENT_SECONDS = 30
"""Seconds without a statement after which the database ends a dispatcher's connection, and so its locks.

Its host is gone then. While it waits for its threads, or for the answers of an account that hangs, it sends
statements (`transactions.wait_holding`).
"""
WRITING_SECONDS = 6
"""The same for a transaction that has changed rows. It contacts no carrier before it is committed.

A person who has picked up may wait for the row of their call, and the carrier gives up after 15 seconds.
"""
REFRESH_SECONDS = 15
CLOSING_POLL = 2.0
WATCH_POLL = 1.0


@job(report_to=successor.enqueue_soon)
def run(emergency: bool = False, worker: int = 0) -> None:
	"""Dispatch until nothing is due (background job).

	Any number of jobs may be started. Each lane has one dispatcher; the other jobs exit.
	"""
	try:
		serve_lane(emergency, worker)
	except ConnectionErrors as error:
		if is_lost(error):
			successor.await_database()
		raise


def serve_lane(emergency: bool, worker: int) -> None:
	"""Serve the lane if something is due and no other dispatcher does.

	Only the ordinary lanes ask what people said in an outage: a carrier that does not answer must not delay
	an emergency.
	"""
	approval.compare_running()
	if not is_anything_due(emergency):
		return
	# Nothing is dialed during maintenance, nor in Safe mode after a restore.
	if maintenance.hold_back() or standstill.stand_still():
		return
	heard = emergency or standstill.read_outage()
	if not (heard or is_anything_due(emergency_only=True)):
		return
	pause_without_numbers()
	with ExitStack() as stack:
		lane = f"{'emergency' if emergency else 'ordinary'}-{worker}"
		lines = free_lines(stack, emergency) if stack.enter_context(alone(lane)) else []
		if not lines:
			# Another dispatcher has the lane, or others have all numbers.
			return
		try:
			with ended_if_silent(SILENT_SECONDS, WRITING_SECONDS):
				finished = Dispatcher(lines, emergency or not heard).run(time.monotonic() + RUN_SECONDS)
		except carrier_settings.NotReady as error:
			pause_all(str(error))
			return
		# Ends this transaction, which sees the campaigns as they were before the run.
		frappe.db.commit()
	# In a new transaction and after the lane is free: what became due meanwhile has no other dispatcher.
	if (not finished or due_campaigns(emergency)) and not maintenance.hold_back():
		enqueue_dispatch(emergency=emergency, worker=worker)
	# Enqueues the successor.
	frappe.db.commit()


def pause_all(reason: str) -> None:
	"""Pause every running campaign with this reason, because nothing can be placed at all. Commits."""
	# What the failed run has written so far is not committed with the pauses.
	frappe.db.rollback()
	for name in frappe.get_all("Dialer Campaign", {"status": states.RUNNING}, pluck="name", order_by="name"):
		pause(name, reason)
	frappe.db.commit()


def pause_without_numbers() -> None:
	"""Pause the campaigns that no number can serve, with what is missing. Commits."""
	for campaign in due_campaigns():
		missing = [] if campaign.purpose == "Emergency" else carrier_settings.missing_of_schools(campaign)
		if not carrier_settings.sending_numbers(campaign.channel):
			missing = carrier_settings.missing_for(campaign.channel)
		if missing:
			try_move(campaign.name, states.PAUSED, status_message=missing[0])
	# A pause or cancel by staff does not wait for these rows while the lane is served.
	frappe.db.commit()


class Dispatcher:
	"""The threads of one job, and when they end."""

	def __init__(self, lines: list[SendingLine], emergency_only: bool = False):
		self.reached, self.numbers = carrier_settings.reached(), numbers_and_accounts()
		self.carrier = carrier_settings.first_carrier()
		self.carriers = carrier_settings.Carriers(self.carrier)
		self.routes = Routes(self.carriers, lines, emergency_only)
		failures = CampaignFailures(self.routes)
		self.sender = ChunkSender(lines, self.routes, failures)
		self.scheduler = LaneScheduler(self.sender, self.routes, failures, emergency_only)
		self.lines = lines
		self.queue_watch = threading.Lock()
		self.closings_at = self.queue_at = time.monotonic()
		self.stopped = self.idle = False
		"""Whether all threads end, and whether they do because nothing is due."""

	def run(self, until: float) -> bool:
		"""Run until nothing is due for a while, and return True.

		Return False when the time is up, an account changed, or a number came. `until` is a value of
		`time.monotonic`.
		"""
		with self.sender.posts, ExitStack() as stack:
			serving = [
				stack.enter_context(DbThread()).submit(self.serve_line, line, until)
				for line in self.lines
				for _thread in range(line.threads)
			]
			watching = []
			if self.routes.redundant:
				watching.append(stack.enter_context(DbThread()).submit(self.watch_accounts))
			try:
				wait_holding(serving, FIRST_EXCEPTION)
			finally:
				self.stopped = True
			wait_holding([*serving, *watching])
			return all([thread.result() for thread in serving])

	def serve_line(self, line: SendingLine, until: float) -> bool:
		# A claim locks the rows it takes and not the gaps between them, where planners insert.
		begin_read_committed()
		with ended_if_silent(SILENT_SECONDS, WRITING_SECONDS):
			return self.serve_until(line, until)

	def serve_until(self, line: SendingLine, until: float) -> bool:
		"""Serve until there is a reason to end. All threads end together.

		While one stays, no other dispatcher takes the lane, and what only the lines that left may send waits.
		"""
		read_at, served = time.monotonic(), 1
		while time.monotonic() < until and not self.stopped and not maintenance.is_on():
			self.watch_carrier_queue(at_rest=not served)
			if time.monotonic() - read_at > REFRESH_SECONDS:
				forget_settings()
				read_at = time.monotonic()
				if self.is_outdated():
					break
			served = self.scheduler.serve_next(line)
			if served:
				continue
			if self.scheduler.idle_seconds() > IDLE_SECONDS:
				self.idle = True
				break
			# A retry or an emergency may be due in a moment: a dispatcher that stays begins it sooner.
			time.sleep(IDLE_POLL)
		self.stopped = True
		return self.idle

	def is_outdated(self) -> bool:
		"""Return whether an account changed, or a number came that only a new dispatcher can use.

		As soon as a school has a number of its own, no other number speaks for it.
		"""
		return carrier_settings.reached() != self.reached or not numbers_and_accounts() <= self.numbers

	def watch_accounts(self) -> None:
		"""Look after emergencies' calls beside the lines: an account that fails may take long to answer."""
		looked_at = 0.0
		while not self.stopped:
			if time.monotonic() - looked_at > WATCH_POLL:
				self.look_after_emergencies()
				looked_at = time.monotonic()
			# A short nap, since the job ends only when this thread sees that the lines have stopped.
			time.sleep(IDLE_POLL)

	def look_after_emergencies(self) -> None:
		"""Look once. A failure is reported, and a lost connection replaced: the next look comes soon."""
		try:
			# A new transaction sees what changed, also after a look that failed.
			frappe.db.rollback()
			emergency_watch.look(self.carriers, self.routes.watch)
		except Exception as error:
			if is_lost(error):
				reconnect()
			with suppress(*ConnectionErrors):
				report("watch of emergencies", error)

	def watch_carrier_queue(self, at_rest: bool = False) -> None:
		"""Watch the carrier's queue from one thread at a time, every few seconds.

		Calls are not held back while an emergency is due. A thread `at_rest` has only looked since it ended
		its last transaction, so it ends none when it has nothing to watch.
		"""
		# Another thread is watching. This one goes on serving its line.
		if not self.queue_watch.acquire(blocking=False):
			return
		try:
			now = time.monotonic()
			closings, queue = now - self.closings_at > CLOSING_POLL, now - self.queue_at > REFRESH_SECONDS
			if closings:
				carrier_queue.cancel_due(self.carrier)
				self.closings_at = now
			if queue:
				if not self.sender.emergency_due:
					carrier_queue.pause_while_queued(self.carrier)
				self.queue_at = now
			if closings or queue or not at_rest:
				# No campaign's row is held while this thread serves or sleeps.
				frappe.db.commit()
		finally:
			self.queue_watch.release()


def forget_settings() -> None:
	"""Forget cached settings, templates, and policies, so that this job reads them again."""
	frappe.local.cache.clear()
	chunk_decision.forget()
	estimate.forget()
