"""Dispatch: send waiting recipients to the carrier, at its pace.

A dispatcher is one RQ job that serves all running campaigns in turn, emergencies first, one chunk at a time:

    claim (SKIP LOCKED), commit -> lock the numbers, decide on fresh facts, write the call logs with their
    decisions, commit -> hold the campaign's row, POST each at its slot -> record the responses, commit

Two threads serve each sending number, each over its own database connection. While one sends its chunk, the
other records its last chunk and prepares the next, so the stream of requests does not stop.

The locks on the numbers are held until the last POST of the chunk has a response. So an opt-out is
acknowledged either before the decision or after the request. A pause or cancel waits for the campaign's row
for the same second.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from secrets import token_hex

import frappe
from frappe import _

from school_dialer import clock, gate, states
from school_dialer.attempts import (
	after_commit,
	call_logs,
	carrier_queue,
	claims,
	emergency_watch,
	refusals,
	uncounted,
)
from school_dialer.campaigns import estimate, message_content, notifications, standstill
from school_dialer.campaigns.actions import pause
from school_dialer.campaigns.approval import check as approval
from school_dialer.campaigns.due import (
	all_campaigns_due,
	due_campaigns,
	emergencies_to_plan,
	is_anything_due,
	most_urgent,
)
from school_dialer.campaigns.parties import asking
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.queues import enqueue_dispatch
from school_dialer.campaigns.transitions import try_move
from school_dialer.carriers.base import Carrier, CarrierResult, Placed, ResponseUnknown, Text
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.continuity import maintenance, watch
from school_dialer.continuity.safe_mode import SafeMode
from school_dialer.database.db_thread import DbThread
from school_dialer.database.errors import ConnectionErrors
from school_dialer.database.transactions import (
	RETRIED,
	begin_read_committed,
	connection_lost,
	ended_if_silent,
	is_lost,
	reconnect,
	retried,
	wait_holding,
)
from school_dialer.dispatch import carrier_responses as carrier_answers
from school_dialer.dispatch import successor
from school_dialer.dispatch.carrier_request import CarrierRequest, send, units
from school_dialer.dispatch.carrier_responses import Answered
from school_dialer.dispatch.routes import EMERGENCY, Routes
from school_dialer.dispatch.sending_line import CampaignBackoff, SendingLine, free_lines, numbers_and_accounts
from school_dialer.jobs import JobFailed, alone, job, report
from school_dialer.pace import limits, pacer, resting_numbers, school_limits, unanswered
from school_dialer.pace.circuit_breaker import CircuitBreaker, is_rate_limit
from school_dialer.settings import carrier_settings

RUN_SECONDS = 240
IDLE_SECONDS = 2.0
IDLE_POLL = 0.25
CHUNK_SECONDS = 1.0
CHUNK_LONGEST = 3.0
"""Seconds after which a chunk gives up what it has not sent.

That happens when others use the number too, or the carrier is slow.
"""
MOST_IN_CHUNK = 50
CHUNKS_AHEAD = 2
"""One chunk is being sent and one is being prepared."""
AHEAD = 0.3
"""Seconds before its slot at which a chunk is claimed and decided."""
MOST_POSTS = 64
LOCK_SECONDS = 2
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
ANSWER_POLL = 0.005
FAILURES = 3
BAD_ROW_SECONDS = 30
"""After so long an emergency tries again a recipient whose call cannot be prepared."""


class NotPrepared(Exception):
	"""The calls or texts of these rows cannot be prepared. Nothing was sent."""

	def __init__(self, cause: Exception):
		super().__init__(type(cause).__name__)
		self.cause = cause


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
	if maintenance.holds() or standstill.stand_still():
		return
	heard = emergency or standstill.heard()
	if not (heard or is_anything_due(emergency_only=True)):
		return
	pause_without_numbers()
	with ExitStack() as stack:
		lane = f"{'emergency' if emergency else 'ordinary'}-{worker}"
		lines = free_lines(stack, emergency) if stack.enter_context(alone(lane)) else []
		if not lines:
			return
		try:
			with ended_if_silent(SILENT_SECONDS, WRITING_SECONDS):
				finished = Dispatcher(lines, emergency or not heard).run(time.monotonic() + RUN_SECONDS)
		except carrier_settings.NotReady as error:
			pause_all(str(error))
			return
		frappe.db.commit()
	if (not finished or due_campaigns(emergency)) and not maintenance.holds():
		enqueue_dispatch(emergency=emergency, worker=worker)
	frappe.db.commit()


def pause_all(reason: str) -> None:
	"""Pause every running campaign with this reason, because nothing can be placed at all. Commits."""
	frappe.db.rollback()
	for name in frappe.get_all("Dialer Campaign", {"status": states.RUNNING}, pluck="name", order_by="name"):
		pause(name, reason)
	frappe.db.commit()


def pause_without_numbers() -> None:
	for campaign in due_campaigns():
		missing = [] if campaign.purpose == "Emergency" else carrier_settings.missing_of_schools(campaign)
		if not carrier_settings.sending_numbers(campaign.channel):
			missing = carrier_settings.missing_for(campaign.channel)
		if missing:
			try_move(campaign.name, states.PAUSED, status_message=missing[0])
	frappe.db.commit()


class Dispatcher:
	"""State shared by the threads of one job."""

	def __init__(self, lines: list[SendingLine], emergency_only: bool = False):
		self.emergency_only = emergency_only
		self.reached, self.numbers = carrier_settings.reached(), numbers_and_accounts()
		self.carrier: Carrier = carrier_settings.carrier()
		self.carriers = carrier_settings.Carriers(self.carrier)
		self.routes = Routes(self.carriers, lines, emergency_only)
		self.clock_offset = clock.offset()
		self.lines = lines
		self.posts = ThreadPoolExecutor(MOST_POSTS * len(lines), thread_name_prefix="dialer-post")
		self.planning, self.claiming, self.looking = threading.Lock(), threading.Lock(), threading.Lock()
		self.ahead: Counter[pacer.Stream] = Counter()
		"""Units that were claimed and have not left. A claim that would wait long for its slot is not
		made."""
		self.aside = CampaignBackoff()
		self.breaker = CircuitBreaker()
		self.emergency_due = False
		self.serving = 0
		"""Threads at work. The others stay: what one does not send, another account may have to."""
		self.busy_at = self.looked_at = self.measured_at = time.monotonic()
		self.stopped = self.idle = False
		"""Whether all threads end, and whether they do because nothing is due."""

	def run(self, until: float) -> bool:
		"""Run until nothing is due for a while, and return True.

		Return False when the time is up, an account changed, or a number came. `until` is a value of
		`time.monotonic`.
		"""
		with self.posts, ExitStack() as stack:
			serving = [
				stack.enter_context(DbThread()).submit(self.serve_line, line, until)
				for line in self.lines
				for _thread in range(line.threads)
			]
			beside = []
			if self.routes.redundant:
				beside.append(stack.enter_context(DbThread()).submit(self.watch_accounts))
			try:
				wait_holding(serving, FIRST_EXCEPTION)
			finally:
				self.stopped = True
			wait_holding([*serving, *beside])
			return all([one.result() for one in serving])

	def serve_line(self, line: SendingLine, until: float) -> bool:
		begin_read_committed()
		with ended_if_silent(SILENT_SECONDS, WRITING_SECONDS):
			return self.serve_until(line, until)

	def serve_until(self, line: SendingLine, until: float) -> bool:
		"""Serve until there is a reason to end. All threads end together.

		While one stays, no other dispatcher takes the lane, and what only the lines that left may send waits.
		"""
		read_at = time.monotonic()
		while time.monotonic() < until and not self.stopped and not maintenance.is_on():
			self.mind_the_queue()
			if time.monotonic() - read_at > REFRESH_SECONDS:
				forget_settings()
				read_at = time.monotonic()
				if self.is_outdated():
					break
			if self.serve_next(line):
				self.busy_at = time.monotonic()
			elif not self.serving and time.monotonic() - self.busy_at > IDLE_SECONDS:
				self.idle = True
				break
			else:
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
			time.sleep(IDLE_POLL)

	def look_after_emergencies(self) -> None:
		"""Look once. A failure is reported, and a lost connection replaced: the next look comes soon."""
		try:
			frappe.db.rollback()
			emergency_watch.look(self.carriers, self.routes.watch)
		except Exception as error:
			if is_lost(error):
				reconnect()
			with suppress(*ConnectionErrors):
				report("watch of emergencies", error)

	def mind_the_queue(self) -> None:
		"""Watch the carrier's queue from one thread at a time, every few seconds.

		Calls are not held back while an emergency is due.
		"""
		if not self.looking.acquire(blocking=False):
			return
		try:
			now = time.monotonic()
			if now - self.looked_at > CLOSING_POLL:
				carrier_queue.take_back_due(self.carrier)
				self.looked_at = now
			if now - self.measured_at > REFRESH_SECONDS:
				if not self.emergency_due:
					carrier_queue.pause_while_queued(self.carrier)
				self.measured_at = now
			frappe.db.commit()
		finally:
			self.looking.release()

	def serve_next(self, line: SendingLine) -> int:
		"""Serve one chunk of the next due campaign, shortly before its first slot.

		Return the number of claimed rows, or 1 for a wait. The due campaigns are read again before each
		chunk, and a chunk in progress makes room for an emergency.
		"""
		self.plan_emergencies()
		campaigns = all_campaigns_due()
		able = [
			one
			for one in campaigns
			if one.name not in self.aside
			and not line.rests(one)
			and not resting_numbers.leaves_alone(one, line)
		]
		if campaigns and not able:
			self.busy_at = time.monotonic()
		due = most_urgent(able, self.emergency_only)
		self.emergency_due = any(one.purpose == "Emergency" for one in due)
		served = [one for one in due if line.serves(one) and self.routes.serves(one, line)]
		if due and not served:
			self.routes.say_waiting(due)
			self.busy_at = time.monotonic()
		due = served
		if not due:
			frappe.db.commit()
			return 0
		looks = {channel: pacer.next_slot(line.streams(channel)) for channel in {one.channel for one in due}}
		ready = [one for one in line.in_turn(due) if looks[one.channel].free_in <= AHEAD]
		if not ready:
			frappe.db.commit()
			time.sleep(min(min(look.free_in for look in looks.values()) - AHEAD, IDLE_SECONDS))
			return 1
		return self.try_to_serve(ready[0], line, looks[ready[0].channel].slower)

	def plan_emergencies(self) -> None:
		"""Plan what is not planned yet. One thread does; those of the other numbers stay to dial it."""
		for name in emergencies_to_plan():
			if name in self.aside:
				continue
			self.busy_at = time.monotonic()
			if self.planning.acquire(blocking=False):
				try:
					with self.at_work():
						planner.run(name)
				except JobFailed:
					self.aside.put(name)
				finally:
					self.planning.release()

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

		After FAILURES in a row the campaign is paused, unless it is an emergency. A failure counts as one
		row, so that this dispatcher, which knows how often it failed, stays until then, however slowly it
		failed.
		"""
		try:
			with self.at_work():
				count = self.serve(campaign, line, slower)
		except Exception as error:
			report(f"dispatch of {campaign.name}", error)
			if self.aside.put(campaign.name) >= FAILURES and campaign.purpose != "Emergency":
				self.pause(
					campaign.name,
					_("Calling was interrupted by errors. The Error Log says where; then press Resume."),
				)
			return 1
		self.aside.clear(campaign.name)
		return count

	def serve(self, campaign: frappe._dict, line: SendingLine, slower: float) -> int:
		"""Claim and send one chunk if the campaign is what was approved. Return the number of rows."""
		if not approval.holds(campaign):
			return 0
		self.breaker.begin(campaign)
		line.served += 1
		streams, each = line.streams(campaign.channel), line.units[campaign.channel]
		most = int(pacer.pace(streams) / slower * CHUNK_SECONDS / each)
		most = self.routes.take(line, max(1, min(MOST_IN_CHUNK, most)))
		rows, sent = self.claim(campaign, most, line, each) if most else [], 0
		try:
			if rows:
				sent = self.send_chunk(campaign, rows, line, line.number_for(campaign.channel))
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
		streams, schools = line.streams(campaign.channel), line.schools(campaign.channel)
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
			not_again = self.routes.is_trial(line)
			rows = claims.claim(campaign.name, room, campaign.channel, schools, not_again) if room else []
			if not rows:
				frappe.db.commit()
			self.ahead.update(dict.fromkeys(streams, len(rows) * each))
		return rows

	def send_chunk(
		self, campaign, rows: list, line: SendingLine, number: carrier_settings.SendingNumber
	) -> int:
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

	def send_rows(
		self, campaign, rows: list, line: SendingLine, number: carrier_settings.SendingNumber
	) -> int:
		"""Decide on these rows, and send what is permitted. Return the number of requests that left.

		Raise `NotPrepared`, with nothing sent or written, for an error that is not a passing one.
		"""
		asking.begin_again(rows)
		with ExitStack() as locks:
			try:
				locks.enter_context(number_lock(claims.lock_names(campaign, rows), timeout=LOCK_SECONDS))
				requests = self.permitted(campaign, rows, number)
				watch.step(campaign.purpose)
				frappe.db.commit()
			except (NumberBusy, SafeMode, *RETRIED) as error:
				frappe.db.rollback()
				retried(lambda: release(rows))
				if isinstance(error, SafeMode):
					frappe.clear_last_message()
					self.aside.put(campaign.name)
					standstill.stand_still()
				return 0
			except Exception as error:
				frappe.db.rollback()
				raise NotPrepared(error) from error
			return self.post_and_record(campaign, requests, line, number)

	def post_and_record(
		self,
		campaign,
		requests: list[CarrierRequest],
		line: SendingLine,
		number: carrier_settings.SendingNumber,
	) -> int:
		"""Send the requests, and record what happened. Return how many left.

		From here on the carrier may have what was sent, so every outcome is recorded and nothing is released
		without a record.
		"""
		sent: list[Future[CarrierResult]] = []
		try:
			with line.turn:
				self.post(campaign, requests, line, number, sent)
		finally:
			wait_holding(sent)
			answered = [(request, future.result()) for request, future in zip(requests, sent, strict=False)]
			retried(lambda: self.record(campaign.name, answered, requests[len(sent) :]))
		if any(is_rate_limit(answer) for _request, answer in answered):
			self.slow_down(campaign, line)
		if not self.routes.redundant:
			self.mind_silence(campaign, [answer for _request, answer in answered])
		return len(sent)

	def permitted(self, campaign, rows: list, number: carrier_settings.SendingNumber) -> list[CarrierRequest]:
		"""Decide on fresh facts. Write a call log for each ALLOW, and the reason on every other recipient."""
		held = claims.still_due(campaign.name, rows)
		if not held:
			claims.release(rows)
			return []
		wanted = refusals.recheck_audience(campaign, held)
		at = clock.now()
		together = not message_content.asks_for_pin(campaign)
		answers = asking.ask(gate.CallContext.of(campaign), wanted, at, together=together)
		schools = carrier_settings.schools_of(number, campaign.channel)
		elsewhere = [row for row in wanted if not schools.covers(answers[row.name].school)]
		refusals.send_elsewhere(elsewhere, answers)
		wanted = [row for row in wanted if schools.covers(answers[row.name].school)]
		allowed = [row for row in wanted if answers[row.name].decision.allowed]
		refusals.apply_refusals([row for row in wanted if not answers[row.name].decision.allowed], answers)
		for row in allowed:
			row.students, row.school = answers[row.name].students, answers[row.name].school
			row.log = token_hex(8)
		messages, missing = message_content.worded(campaign, allowed, answers)
		refusals.block_missing_data(missing)
		ready = [row for row in allowed if row.name in messages]
		call_logs.write_logs(campaign, ready, answers, number.phone_number, at, account=number.account)
		if len(ready) < len(held):
			after_commit.complete(campaign.name)
		return [
			CarrierRequest(
				row,
				row.log,
				gate.mint(answers[row.name], call_log=row.log, to=row.phone, sender=number.phone_number),
				messages[row.name],
			)
			for row in ready
		]

	def post(
		self,
		campaign,
		requests: list[CarrierRequest],
		line: SendingLine,
		number: carrier_settings.SendingNumber,
		sent: list[Future[CarrierResult]],
	) -> None:
		"""Send each request at its slot while holding the campaign's row. Add the results to `sent`.

		The results are in order. This thread's connection holds the row and the numbers. If it is lost, the
		rest is not sent.
		"""
		status = requests and frappe.db.sql(
			f"select status from `tabDialer Campaign` where name = %s lock in share mode wait {LOCK_SECONDS}",
			campaign.name,
		)
		if not status or status[0][0] != states.RUNNING:
			return
		end = time.monotonic() + CHUNK_LONGEST
		streams, window = line.streams(campaign.channel), line.windows[campaign.channel]
		each = [units(request.message) for request in requests]
		line.units[campaign.channel], slots = max([1, *each]), pacer.Slots(streams, each)
		for request in requests:
			while (opens_in := window.opens_in(pacer.pace(streams))) is None:
				time.sleep(ANSWER_POLL)
			if self.breaker.open_for(campaign.name) or self.makes_room(campaign) or time.monotonic() > end:
				return
			if maintenance.is_on() or self.routes.gives_up(campaign, line):
				return
			time.sleep(max(opens_in, slots.next_in()))
			if connection_lost() or line.rests(campaign):
				return
			leaving = window.leaves()
			sent.append(self.posts.submit(self.send_in_thread, campaign.name, leaving, line, request))

	def makes_room(self, campaign) -> bool:
		return self.emergency_due and campaign.purpose != "Emergency"

	def send_in_thread(
		self, campaign: str, leaving: list[float], line: SendingLine, request: CarrierRequest
	) -> CarrierResult:
		began = self.routes.watch.leaves(line.account)
		client = self.routes.clients[line.account]
		answer = send(client, request, datetime.now(clock.UTC) + self.clock_offset)
		self.routes.watch.returned(line.account, began, answer)
		if isinstance(answer, ResponseUnknown) and isinstance(request.message, Text):
			line.rest()
		line.windows[request.permit.channel].answered(leaving)
		if not self.routes.judged_here(answer):
			self.breaker.record_result(campaign, answer)
		return answer

	def record(self, campaign: str, answered: list[Answered], unsent: list[CarrierRequest]) -> None:
		"""Write the responses, withdraw what was not sent, and commit.

		Idempotent: nothing here contacts the carrier.
		"""
		carrier_answers.record_results(answered)
		uncounted.take_back(unsent)
		notifications.moved(campaign)
		frappe.db.commit()
		carrier_queue.watch(
			request.permit.closes_at for request, _answer in answered if request.permit.channel == "Voice"
		)
		if self.routes.redundant:
			self.mind_the_accounts(campaign, answered)
		if self.breaker.open_for(campaign):
			self.pause(campaign, self.breaker.message(campaign))

	def mind_the_accounts(self, campaign: str, answered: list[Answered]) -> None:
		"""Say that a campaign goes on, and watch what an emergency's accounts do with its calls.

		An emergency for which no account is well is tried again a few seconds later. Commits.
		"""
		if any(isinstance(answer, Placed) for _request, answer in answered):
			self.routes.say_going(campaign)
		if frappe.db.get_value("Dialer Campaign", campaign, "purpose") == EMERGENCY:
			emergency_watch.enqueue()
			if answered and self.routes.all_fail():
				self.routes.alarm(campaign)
				self.aside.put(campaign)
		frappe.db.commit()

	def mind_silence(self, campaign: frappe._dict, answers: list[CarrierResult]) -> None:
		"""Alarm staff when the only account answers no one. An emergency goes on. Commits."""
		in_a_row = unanswered.count(campaign.name, answers)
		if not in_a_row or in_a_row < unanswered.too_many(campaign):
			return
		if campaign.purpose == EMERGENCY:
			resting_numbers.alarm_of_breaker(campaign.name, unanswered.message())
		else:
			unanswered.forget(campaign.name)
			self.pause(campaign.name, unanswered.message() + " " + _("Then press Resume."))
		frappe.db.commit()

	def pause(self, campaign: str, reason: str) -> None:
		"""Pause the campaign.

		An emergency is not paused: it is tried again a few seconds later, and its approvers are notified.
		"""
		if frappe.db.get_value("Dialer Campaign", campaign, "purpose") == "Emergency":
			resting_numbers.alarm_of_breaker(campaign, reason)
			self.breaker.close(campaign)
			self.aside.put(campaign)
		elif try_move(campaign, states.PAUSED, status_message=reason, pending_notification_actor=""):
			self.breaker.close(campaign)
			self.aside.clear(campaign)
		frappe.db.commit()

	def slow_down(self, campaign: frappe._dict, line: SendingLine) -> None:
		by = pacer.slow_down(line.streams(campaign.channel))
		frappe.logger("school_dialer").warning("the carrier is overrun: pace divided by %.1f", by)
		message = _("{0}: the carrier is overrun, so calls go out more slowly until it recovers.").format(
			frappe.format(clock.db_now(), "Time")
		)
		frappe.db.sql(
			"update `tabDialer Campaign` set status_message = %s where name = %s and status = %s",
			(message, campaign.name, states.RUNNING),
		)
		frappe.db.commit()


def release(rows: list, seconds: int = 0, emergency_seconds: int | None = None) -> None:
	claims.release(rows, seconds, emergency_seconds)
	frappe.db.commit()


def forget_settings() -> None:
	"""Forget cached settings, templates, and policies, so that this job reads them again."""
	frappe.local.cache.clear()
	frappe.local.dialer_policies = None
	estimate.forget()
