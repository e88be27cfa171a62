"""What a dispatcher does about failures of a campaign or carrier: wait, slow down, pause, or alarm staff."""

import time
from collections import Counter

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.jobs import report
from school_dialer.campaigns.transitions import try_move
from school_dialer.carriers.base import CarrierResult, Placed
from school_dialer.outbound.attempts import emergency_watch
from school_dialer.outbound.dispatch.carrier_responses import Answered
from school_dialer.outbound.dispatch.routes import EMERGENCY, Routes
from school_dialer.outbound.dispatch.sending_line import SendingLine
from school_dialer.outbound.pace import pacer, resting_numbers, unanswered
from school_dialer.outbound.pace.circuit_breaker import CircuitBreaker, is_rate_limit

AGAIN_SECONDS = 5.0
FAILURES = 3


class CampaignBackoff:
	"""Campaigns that failed. Each waits longer after every failure, while the others go on."""

	def __init__(self):
		self.until: dict[str, float] = {}
		self.failures: Counter[str] = Counter()

	def __contains__(self, name: str) -> bool:
		return time.monotonic() < self.until.get(name, 0)

	def put(self, name: str) -> int:
		"""Add a campaign. Return how often it has failed in a row."""
		self.failures[name] += 1
		self.until[name] = time.monotonic() + AGAIN_SECONDS * self.failures[name]
		return self.failures[name]

	def clear(self, name: str) -> None:
		self.failures.pop(name, None)


class CampaignFailures:
	"""The failures that the threads of one dispatcher know of."""

	def __init__(self, routes: Routes):
		self.routes = routes
		self.backoff = CampaignBackoff()
		self.breaker = CircuitBreaker()

	def add(self, campaign: frappe._dict, error: Exception) -> None:
		"""Report an error. The campaign waits, and after FAILURES in a row it pauses, unless it is an
		emergency.
		"""
		report(f"dispatch of {campaign.name}", error)
		if self.backoff.put(campaign.name) >= FAILURES and campaign.purpose != EMERGENCY:
			self.pause(
				campaign.name,
				_("Calling was interrupted by errors. The Error Log says where; then press Resume."),
			)

	def note_answers(self, campaign: frappe._dict, line: SendingLine, answers: list[CarrierResult]) -> None:
		"""Slow down for a carrier that is overrun, and alarm staff of one that answers no one. Commits."""
		if any(map(is_rate_limit, answers)):
			self.slow_down(campaign, line)
		if not self.routes.redundant:
			self.alarm_of_silence(campaign, answers)

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
		# Other chunks of the campaign need its row.
		frappe.db.commit()

	def alarm_of_silence(self, campaign: frappe._dict, answers: list[CarrierResult]) -> None:
		"""Alarm staff when the only account answers no one. An emergency goes on."""
		in_a_row = unanswered.count(campaign.name, answers)
		if not in_a_row or in_a_row < unanswered.too_many(campaign):
			return
		if campaign.purpose == EMERGENCY:
			resting_numbers.alarm_of_breaker(campaign.name, unanswered.message())
		else:
			# Once staff resumes, the silence is counted from zero.
			unanswered.forget(campaign.name)
			self.pause(campaign.name, unanswered.message() + " " + _("Then press Resume."))
		# Staff sees the alarm now, and other chunks of the campaign get its row.
		frappe.db.commit()

	def follow_up(self, campaign: str, answered: list[Answered]) -> None:
		"""Do what recorded answers say of the accounts, and pause the campaign if its breaker is open."""
		if self.routes.redundant:
			self.watch_accounts(campaign, answered)
		if self.breaker.open_for(campaign):
			self.pause(campaign, self.breaker.message(campaign))

	def watch_accounts(self, campaign: str, answered: list[Answered]) -> None:
		"""Say that a campaign goes on, and watch what an emergency's accounts do with its calls.

		An emergency for which no account is well is tried again a few seconds later. Commits.
		"""
		if any(isinstance(answer, Placed) for _request, answer in answered):
			self.routes.clear_wait(campaign)
		if frappe.db.get_value("Dialer Campaign", campaign, "purpose") == EMERGENCY:
			emergency_watch.enqueue()
			if answered and self.routes.all_fail():
				self.routes.alarm(campaign)
				self.backoff.put(campaign)
		frappe.db.commit()

	def pause(self, campaign: str, reason: str) -> None:
		"""Pause the campaign. Commits.

		An emergency is not paused: it is tried again a few seconds later, and its approvers are notified.
		"""
		if frappe.db.get_value("Dialer Campaign", campaign, "purpose") == EMERGENCY:
			resting_numbers.alarm_of_breaker(campaign, reason)
			self.breaker.close(campaign)
			self.backoff.put(campaign)
		elif try_move(campaign, states.PAUSED, status_message=reason, pending_notification_actor=""):
			self.breaker.close(campaign)
			self.backoff.clear(campaign)
		frappe.db.commit()
