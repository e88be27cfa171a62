"""Through which carrier account a campaign goes now.

A number belongs to an account, so the account decides which lines serve. Each campaign goes through the first
account that has a number for it. When that one is not well (`pace.account_health`), an emergency goes on
through the next one at once. Other campaigns wait for their own account, or go on too, as Dialer Settings
say. An account that was not well gets a few requests as a trial, besides the one that serves. If no account
is well, an emergency tries them all.

With one account nothing of this applies: `pace.circuit_breaker` pauses a campaign, as ever.
"""

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.bounds import plain_text
from school_dialer.carriers.base import Carrier, CarrierResult, ConnectionFailed, NotAuthorised
from school_dialer.outbound.dispatch.sending_line import SendingLine
from school_dialer.outbound.pace import account_breaker, account_health, resting_numbers
from school_dialer.settings import carrier_accounts, carrier_settings

EMERGENCY = "Emergency"


class Routes:
	"""The accounts, their clients and their state, as one dispatcher's threads share them."""

	def __init__(self, carriers: carrier_settings.Carriers, lines: list[SendingLine], emergency: bool):
		self.clients: dict[str, Carrier] = {line.account: carriers.of(line.account) for line in lines}
		self.redundant = carrier_accounts.several()
		self.watch = account_health.Watch(impatient=emergency and self.redundant)
		self.waiting: dict[str, str] = {}

	def serves(self, campaign, line: SendingLine) -> bool:
		"""Return whether this line carries the campaign's next requests."""
		number = line.number_for(campaign.channel)
		if not number or number.account != line.account:
			return False
		if not self.redundant:
			return True
		order = accounts_for(campaign, number)
		urgent = campaign.purpose == EMERGENCY
		if not urgent and carrier_accounts.ordinary_wait():
			order = order[:1]
		for account in order:
			room = self.watch.room(account)
			if room is None:
				return account == line.account
			if room and account == line.account:
				return True
		return urgent and not any(self.watch.room(account) for account in order)

	def take(self, line: SendingLine, most: int) -> int:
		"""Return how many requests the next chunk may have: an account that was not well gets few.

		What is not sent of them is given back with `give_back`.
		"""
		if not self.redundant or self.watch.health(line.account).state == account_breaker.CLOSED:
			return most
		return self.watch.take(line.account, most)

	def give_back(self, line: SendingLine, many: int) -> None:
		if self.redundant and many > 0:
			self.watch.unused(line.account, many)

	def is_trial(self, line: SendingLine) -> bool:
		return self.redundant and self.watch.health(line.account).state != account_breaker.CLOSED

	def must_stop_sending(self, campaign, line: SendingLine) -> bool:
		"""Return whether the rest of a chunk must not be sent, because its account failed meanwhile.

		An emergency's chunk stops only if another account takes it.
		"""
		if not self.redundant or self.watch.health(line.account).state != account_breaker.OPEN:
			return False
		if campaign.purpose != EMERGENCY:
			return True
		order = accounts_for(campaign, line.number_for(campaign.channel))
		return any(account != line.account and self.watch.room(account) != 0 for account in order)

	def is_about_account(self, answer: CarrierResult) -> bool:
		"""Return whether an answer concerns an account for which another can stand in."""
		return self.redundant and isinstance(answer, ConnectionFailed | NotAuthorised)

	def all_fail(self) -> bool:
		"""Return whether no account takes requests now."""
		return self.redundant and not any(self.watch.room(account) is None for account in self.clients)

	def explain_wait(self, campaigns: list) -> None:
		"""Write once on campaigns why they wait for their account. Does not commit."""
		for campaign in campaigns:
			numbers = carrier_settings.sending_numbers(campaign.channel)
			if (
				not self.redundant
				or campaign.purpose == EMERGENCY
				or campaign.name in self.waiting
				or not numbers
			):
				continue
			account = carrier_accounts.by_id(numbers[0].account)
			health = self.watch.health(numbers[0].account)
			if account and health.state != account_breaker.CLOSED:
				words = _("Waits for {0}: {1} It goes on by itself.").format(
					plain_text.line(account.title), account_health.words_of(health)
				)
				self.waiting[campaign.name] = words
				set_message(campaign.name, words)

	def clear_wait(self, campaign: str) -> None:
		"""Take back what `explain_wait` wrote. Does not commit."""
		if words := self.waiting.pop(campaign, None):
			set_message(campaign, None, words)

	def alarm(self, campaign: str) -> None:
		"""Notify the approvers of an emergency that no account takes calls."""
		states_of_accounts = "; ".join(
			f"{account.title}: {account.words}" for account in account_health.accounts_shown()
		)
		resting_numbers.alarm_of_breaker(
			campaign, _("No carrier account is well. {0}").format(states_of_accounts)
		)


def accounts_for(campaign, number: carrier_settings.SendingNumber) -> list[str]:
	"""Return the accounts with a number like this one for the campaign that does not rest, in order."""
	numbers = [
		candidate
		for candidate in carrier_settings.sending_numbers(campaign.channel)
		if candidate.school == number.school
	]
	if campaign.purpose == EMERGENCY:
		senders = [candidate.phone_number for candidate in numbers]
		resting = resting_numbers.which_rest(campaign.name, campaign.channel, senders)
		numbers = [candidate for candidate in numbers if candidate.phone_number not in resting]
	return list(dict.fromkeys(candidate.account for candidate in numbers))


def set_message(campaign: str, words: str | None, instead_of: str | None = None) -> None:
	frappe.db.sql(
		"""update `tabDialer Campaign` set status_message = %(words)s where name = %(name)s
		and status = %(running)s and (%(before)s is null or status_message = %(before)s)""",
		{"words": words, "name": campaign, "running": states.RUNNING, "before": instead_of},
	)
