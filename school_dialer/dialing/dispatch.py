"""Dispatch: from waiting recipients to requests at the carrier, at its pace.

A dispatcher is one RQ job that serves all running campaigns in turn, emergencies first, a chunk at a time:

    claim (SKIP LOCKED), commit -> reserve slots, sleep -> lock the numbers, decide on fresh facts, write the call logs
    with their decisions, commit -> hold the campaign's row, POST each at its slot -> record the answers, commit

The locks on the numbers are held until the last POST of the chunk has been answered, so an opt-out is acknowledged either before
the decision or after the request; a pause or cancel waits the same second for the campaign's row.
"""

import secrets
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import frappe

from school_dialer import clock
from school_dialer.carriers.base import Carrier, CarrierError, Placed, Unreachable
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.dialing import answers as carrier_answers
from school_dialer.dialing import attempts, content, gate, limits, pacer, plan, progress, settings, states
from school_dialer.dialing.campaign import complete_if_done, enqueue_dispatch, pause
from school_dialer.dialing.job import JobFailed, alone, job
from school_dialer.dialing.request import CarrierRequest, send
from school_dialer.transactions import RETRIED, begin_read_committed, retried

RUN_SECONDS = 240
IDLE_SECONDS = 2.0
IDLE_POLL = 0.25
CHUNK_SECONDS = 0.5
MOST_IN_CHUNK = 50
THREADS = 16
PLAN_AGAIN_SECONDS = 5.0


@job
def run(emergency: bool = False, worker: int = 0) -> None:
	"""Job: dispatch until nothing is due. Any number may be started; one lane has one dispatcher, the others leave."""
	lane = f"{'emergency' if emergency else 'ordinary'}-{worker}"
	with alone(lane) as mine:
		if not mine or not (due_campaigns(emergency) or emergencies_to_plan()):
			return
		try:
			finished = Dispatcher(emergency_only=emergency).run(time.monotonic() + RUN_SECONDS)
		except settings.NotReady as error:
			pause_all(str(error))
			return
	if not finished or due_campaigns(emergency):
		enqueue_dispatch(emergency=emergency, worker=worker)


def pause_all(reason: str) -> None:
	"""Nothing can be placed at all: every running campaign says why, and waits for Resume."""
	frappe.db.rollback()
	for name in frappe.get_all("Dialer Campaign", {"status": states.RUNNING}, pluck="name", order_by="name"):
		pause(name, reason)
	frappe.db.commit()


def due_campaigns(emergency_only: bool) -> list[frappe._dict]:
	"""Running campaigns with somebody due now and their deadline ahead. While an emergency has somebody due, only emergencies."""
	campaign, recipient = frappe.qb.DocType("Dialer Campaign"), frappe.qb.DocType("Dialer Recipient")
	due = (
		frappe.qb.from_(recipient)
		.select(recipient.name)
		.where(recipient.campaign == campaign.name)
		.where(recipient.status.isin(states.WAITING) & (recipient.not_before <= clock.db_now()))
		.limit(1)
	)
	query = (
		frappe.qb.from_(campaign)
		.select(campaign.name, campaign.purpose, campaign.channel, due.as_("due"))
		.where(campaign.status == states.RUNNING)
		.where(campaign.deadline.isnull() | (campaign.deadline > clock.db_now()))
		.orderby(campaign.started_at)
	)
	rows = [row for row in query.run(as_dict=True) if row.due]
	emergencies = [row for row in rows if row.purpose == "Emergency"]
	return emergencies or ([] if emergency_only else rows)


def emergencies_to_plan() -> list[str]:
	"""Approved emergencies that no planner has finished: on a bench with one busy worker their job would wait."""
	return frappe.get_all(
		"Dialer Campaign",
		{"status": states.PREPARING, "purpose": "Emergency"},
		pluck="name",
		order_by="started_at",
	)


class Dispatcher:
	def __init__(self, emergency_only: bool = False):
		self.emergency_only = emergency_only
		self.carrier: Carrier = settings.carrier()
		self.clock_offset = clock.offset()
		self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="dialer-post")
		self.turn = self.calls = 0
		self.plan_not_before: dict[str, float] = {}
		self.breaker = carrier_answers.Breaker()

	def run(self, until: float) -> bool:
		"""True when nothing was due for a while, False when the time was up first."""
		idle_since = time.monotonic()
		with self.threads:
			while time.monotonic() < until:
				if self.serve_next():
					idle_since = time.monotonic()
				elif time.monotonic() - idle_since > IDLE_SECONDS:
					return True
				else:
					time.sleep(IDLE_POLL)
		return False

	def serve_next(self) -> int:
		"""One chunk of the next campaign that is due, in turn. Returns the number of rows claimed.

		Who is due is read anew before each chunk, so an emergency waits for one chunk at the most.
		"""
		frappe.db.commit()
		self.plan_emergencies()
		campaigns = due_campaigns(self.emergency_only)
		if not campaigns:
			return 0
		self.turn += 1
		return self.serve(campaigns[self.turn % len(campaigns)].name)

	def plan_emergencies(self) -> None:
		"""One that cannot be planned is tried again in a while, and keeps nobody else waiting."""
		for name in emergencies_to_plan():
			if time.monotonic() >= self.plan_not_before.get(name, 0):
				try:
					plan.run(name)
				except JobFailed:
					self.plan_not_before[name] = time.monotonic() + PLAN_AGAIN_SECONDS

	def serve(self, name: str) -> int:
		"""Claim and send one chunk of a campaign, from the next of the school's numbers."""
		campaign = frappe.get_doc("Dialer Campaign", name)
		numbers = settings.sending_numbers(campaign.channel)
		if not numbers:
			pause(name, settings.missing_for(campaign.channel)[0])
			frappe.db.commit()
			return 0
		self.calls += 1
		number = numbers[self.calls % len(numbers)]
		most = max(1, min(MOST_IN_CHUNK, int(number.calls_per_second * CHUNK_SECONDS)))
		most = limits.room(campaign, most)
		rows = attempts.claim(name, most) if most else []
		if rows:
			slots = pacer.reserve(number.phone_number, number.calls_per_second, len(rows))
			time.sleep(slots.wait)
			self.send_chunk(campaign, rows, number, slots)
			complete_if_done(name)
			frappe.db.commit()
		return len(rows)

	def send_chunk(self, campaign, rows: list, number: settings.SendingNumber, slots: pacer.Slots) -> None:
		begin_read_committed()
		try:
			with number_lock([row.phone for row in rows]):
				requests = self.permitted(campaign, rows, number)
				frappe.db.commit()
				if len(requests) < slots.count:
					pacer.give_back(slots, len(requests))
				sent = self.post(campaign.name, requests, slots.gap / 1_000_000)
				retried(lambda: self.record(campaign.name, requests, sent))
		except (NumberBusy, *RETRIED):
			frappe.db.rollback()
			retried(lambda: release(rows))

	def permitted(self, campaign, rows: list, number: settings.SendingNumber) -> list[CarrierRequest]:
		"""Decide on fresh facts; write a call log for each ALLOW, and the reason on each of the others."""
		if frappe.db.get_value("Dialer Campaign", campaign.name, "status") != states.RUNNING:
			attempts.release([row.name for row in rows])
			return []
		rows = attempts.still_claimed(rows)
		at = clock.now()
		answers = gate.ask(gate.Case.of(campaign), attempts.questions(rows), at)
		allowed = [row for row in rows if answers[row.name].decision.allowed]
		attempts.turn_away([row for row in rows if not answers[row.name].decision.allowed], answers)
		for row in allowed:
			row.students = answers[row.name].students
			row.log = secrets.token_hex(8)
		messages, missing = content.for_rows(campaign, allowed)
		attempts.hold_back(missing)
		ready = [row for row in allowed if row.name in messages]
		attempts.write_logs(campaign, ready, answers, number.phone_number, at)
		return [
			CarrierRequest(
				row,
				row.log,
				gate.mint(answers[row.name], call_log=row.log, to=row.phone, sender=number.phone_number),
				messages[row.name],
			)
			for row in ready
		]

	def post(self, campaign: str, requests: list[CarrierRequest], gap: float) -> list[Placed | CarrierError]:
		"""Send each at its slot while holding the campaign's row; the carrier's answers to those that were sent, in order."""
		status = frappe.db.sql(
			"select status from `tabDialer Campaign` where name = %s lock in share mode", campaign
		)
		if not status or status[0][0] != states.RUNNING:
			return []
		start = time.monotonic()
		sent: list[Future] = []
		for index, request in enumerate(requests):
			time.sleep(max(0.0, start + index * gap - time.monotonic()))
			if self.breaker.open:
				break
			sent.append(self.threads.submit(self.send_in_thread, request))
		return [future.result() for future in sent]

	def record(
		self, campaign: str, requests: list[CarrierRequest], sent: list[Placed | CarrierError]
	) -> None:
		"""Write the answers, and take back what was not sent. Repeatable: nothing here asks the carrier."""
		for request, answer in zip(requests, sent, strict=False):
			carrier_answers.record(request, answer, self.breaker)
		attempts.take_back(requests[len(sent) :])
		progress.commit()
		if self.breaker.open:
			pause(campaign, self.breaker.message())
			frappe.db.commit()
			self.breaker = carrier_answers.Breaker()

	def send_in_thread(self, request: CarrierRequest) -> Placed | CarrierError:
		answer = send(self.carrier, request, datetime.now(clock.UTC) + self.clock_offset)
		if isinstance(answer, Unreachable):
			self.breaker.trip_if_repeated(answer)
		return answer


def release(rows: list) -> None:
	attempts.release([row.name for row in rows])
	frappe.db.commit()
