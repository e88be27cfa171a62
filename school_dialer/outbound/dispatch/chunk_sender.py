"""How a claimed chunk is sent: decided under locks, posted at its slots, and recorded.

The locks on the numbers are held until the last POST of the chunk has a response. So an opt-out is
acknowledged either before the decision or after the request. A pause or cancel waits for the campaign's row
for the same second.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import datetime

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import RETRIED, connection_lost, retried, wait_holding
from school_dialer.base.jobs import report
from school_dialer.campaigns import notifications, standstill
from school_dialer.campaigns.parties import asking
from school_dialer.carriers.base import CarrierResult, ResponseUnknown, Text
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.continuity import maintenance, watch
from school_dialer.continuity.safe_mode import SafeMode
from school_dialer.outbound.attempts import carrier_queue, claims, uncounted
from school_dialer.outbound.dispatch import carrier_responses, chunk_decision
from school_dialer.outbound.dispatch.campaign_failures import CampaignFailures
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest, send, units
from school_dialer.outbound.dispatch.carrier_responses import Answered
from school_dialer.outbound.dispatch.routes import EMERGENCY, Routes
from school_dialer.outbound.dispatch.sending_line import SendingLine
from school_dialer.outbound.pace import pacer
from school_dialer.settings.carrier_settings import SendingNumber

CHUNK_LONGEST = 3.0
"""Seconds after which a chunk gives up what it has not sent: others use the number too, or the carrier is
slow."""
MOST_POSTS = 64
LOCK_SECONDS = 2
ANSWER_POLL = 0.005
BAD_ROW_SECONDS = 30
"""After so long an emergency tries again a recipient whose call cannot be prepared."""


class NotPrepared(Exception):
	"""The calls or texts of these rows cannot be prepared. Nothing was sent."""

	def __init__(self, cause: Exception):
		super().__init__(type(cause).__name__)
		self.cause = cause


class ChunkSender:
	"""Sends the chunks of one dispatcher's lines. Its threads share it."""

	def __init__(self, lines: list[SendingLine], routes: Routes, failures: CampaignFailures):
		self.routes, self.failures = routes, failures
		self.clock_offset = clock.offset()
		self.posts = ThreadPoolExecutor(MOST_POSTS * len(lines), thread_name_prefix="dialer-post")
		self.emergency_due = False
		"""Other chunks, also those that are being sent, make room for it."""

	def send_chunk(self, campaign, rows: list, line: SendingLine, number: SendingNumber) -> int:
		"""Decide on these rows, and send what is permitted. Return the number of requests that left.

		If that fails for all together, each row is tried on its own, so that a bad one holds back no other.
		In an emergency it is due again later, behind the others. Raise the failure if no row can be prepared,
		and any other failure at once: the rows that have not been tried are given back.
		"""
		with suppress(NotPrepared):
			return self.send_rows(campaign, rows, line, number)
		sent, bad, left = 0, [], [*rows]
		while left:
			row = left.pop(0)
			try:
				sent += self.send_rows(campaign, [row], line, number)
			except NotPrepared as failed:
				bad.append(row)
				error = failed.cause
			except Exception:
				retried(lambda: release([*bad, *left]))
				raise
		if not bad:
			return sent
		all_fail = len(bad) == len(rows) > 1
		retried(lambda: release(bad, 0, 0 if all_fail else BAD_ROW_SECONDS))
		if len(bad) == len(rows):
			raise error
		report(f"dispatch of {campaign.name}", error)
		return sent

	def send_rows(self, campaign, rows: list, line: SendingLine, number: SendingNumber) -> int:
		"""Decide on these rows, and send what is permitted. Return the number of requests that left.

		Raise `NotPrepared`, with nothing sent or written, for an error that is not a passing one.
		"""
		asking.begin_again(rows)
		with ExitStack() as locks:
			try:
				locks.enter_context(number_lock(claims.lock_names(campaign, rows), timeout=LOCK_SECONDS))
				requests = chunk_decision.permitted(campaign, rows, number)
				watch.step(campaign.purpose)
				# The logs must be on record before the carrier has a request. The numbers stay locked.
				frappe.db.commit()
			except (NumberBusy, SafeMode, *RETRIED) as error:
				# The call logs go with it: without a log on record, no request was sent.
				frappe.db.rollback()
				retried(lambda: release(rows))
				if isinstance(error, SafeMode):
					frappe.clear_last_message()
					self.failures.backoff.put(campaign.name)
					standstill.stand_still()
				return 0
			except Exception as error:
				# Nothing of these rows is written: the caller tries each of them on its own.
				frappe.db.rollback()
				raise NotPrepared(error) from error
			return self.post_and_record(campaign, requests, line)

	def post_and_record(self, campaign, requests: list[CarrierRequest], line: SendingLine) -> int:
		"""Send the requests, and record what happened. Return how many left.

		From here on the carrier may have what was sent, so every outcome is recorded and nothing is released
		without a record.
		"""
		sent: list[Future[CarrierResult]] = []
		try:
			# The line's other thread prepares its chunk meanwhile, and sends it afterwards.
			with line.send_lock:
				self.post(campaign, requests, line, sent)
		finally:
			wait_holding(sent)
			answered = [(request, future.result()) for request, future in zip(requests, sent, strict=False)]
			retried(lambda: self.record(campaign.name, answered, requests[len(sent) :]))
		self.failures.note_answers(campaign, line, [answer for _request, answer in answered])
		return len(sent)

	def post(
		self,
		campaign,
		requests: list[CarrierRequest],
		line: SendingLine,
		sent: list[Future[CarrierResult]],
	) -> None:
		"""Send each request at its slot while holding the campaign's row. Add the results to `sent`.

		The results are in order. This thread's connection holds the row and the numbers. If it is lost, the
		rest is not sent.
		"""
		# A pause or cancel waits for this lock. In share mode, because chunks of other lines hold it too.
		status = requests and frappe.db.sql(
			f"select status from `tabDialer Campaign` where name = %s lock in share mode wait {LOCK_SECONDS}",
			campaign.name,
		)
		# It was paused or canceled since the claim. `record` lets go of the rows.
		if not status or status[0][0] != states.RUNNING:
			return
		end = time.monotonic() + CHUNK_LONGEST
		streams, window = line.streams(campaign.channel), line.windows[campaign.channel]
		each = [units(request.message) for request in requests]
		line.units[campaign.channel], slots = max([1, *each]), pacer.Slots(streams, each)
		for request in requests:
			while (opens_in := window.opens_in(pacer.pace(streams))) is None:
				# Only the answer to an earlier request says when this one may leave.
				time.sleep(ANSWER_POLL)
			# `record` withdraws what is left, and it is due again at once.
			if time.monotonic() > end or self.must_stop(campaign, line):
				return
			# Neither before the slot nor before the carrier's window lets it leave.
			time.sleep(max(opens_in, slots.next_in()))
			# After the sleep, right before the request: without its connection this thread holds no lock.
			if connection_lost() or line.delays_text(campaign):
				return
			leaving = window.leaves()
			sent.append(self.posts.submit(self.send_in_thread, campaign.name, leaving, line, request))

	def must_stop(self, campaign, line: SendingLine) -> bool:
		"""Return whether the rest of a chunk is not sent: others go first, or it would be refused."""
		return (
			self.failures.breaker.open_for(campaign.name)
			or (self.emergency_due and campaign.purpose != EMERGENCY)
			or maintenance.is_on()
			or self.routes.must_stop_sending(campaign, line)
		)

	def send_in_thread(
		self, campaign: str, leaving: list[float], line: SendingLine, request: CarrierRequest
	) -> CarrierResult:
		began = self.routes.watch.leaves(line.account)
		client = self.routes.clients[line.account]
		answer = send(client, request, datetime.now(clock.UTC) + self.clock_offset)
		self.routes.watch.returned(line.account, began, answer)
		if isinstance(answer, ResponseUnknown) and isinstance(request.message, Text):
			line.delay_texts()
		line.windows[request.permit.channel].answered(leaving)
		if not self.routes.is_about_account(answer):
			self.failures.breaker.record_result(campaign, answer)
		return answer

	def record(self, campaign: str, answered: list[Answered], unsent: list[CarrierRequest]) -> None:
		"""Write the responses, withdraw what was not sent, and commit.

		Idempotent: nothing here contacts the carrier.
		"""
		carrier_responses.record_results(answered)
		uncounted.withdraw_unsent(unsent)
		notifications.moved(campaign)
		# Before what follows, which may fail: what the carrier has must be on record.
		frappe.db.commit()
		carrier_queue.watch(
			request.permit.closes_at for request, _answer in answered if request.permit.channel == "Voice"
		)
		self.failures.follow_up(campaign, answered)


def release(rows: list, seconds: int = 0, emergency_seconds: int | None = None) -> None:
	claims.release(rows, seconds, emergency_seconds)
	frappe.db.commit()
