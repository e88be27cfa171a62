"""What the carriers know about what the school placed and received."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import frappe

from school_dialer.carriers.base import Carrier, CarrierError, Placed, is_service
from school_dialer.outbound.attempts import reconciler
from school_dialer.settings import carrier_accounts, carrier_settings
from school_dialer.settings.carrier_accounts import CarrierAccount

PER_QUERY = 500


class CannotList(CarrierError):
	"""This carrier has no way to list what was placed."""


@dataclass(frozen=True, slots=True)
class Listed:
	"""What one account placed from one sender on one channel."""

	account: CarrierAccount
	channel: str
	sender: str
	placed: Sequence[Placed]


def carriers() -> list[tuple[CarrierAccount, Carrier]]:
	"""Return the accounts in use with their clients. Raises `carrier_settings.NotReady` without one."""
	clients = carrier_settings.Carriers()
	return [(account, clients.of(account.id)) for account in carrier_accounts.in_use()]


def senders(account: CarrierAccount) -> list[tuple[str, str]]:
	"""Return (channel, sender) of the account's numbers and services, also of disabled ones."""
	mine = "" if account.is_first else account.id
	rows = carrier_accounts.settings().sending_numbers
	numbers = {row.phone_number for row in rows if (row.get("carrier_account") or "") == mine}
	pairs = {("Text", number) for number in numbers}
	pairs |= {("Voice", number) for number in numbers if not is_service(number)}
	return sorted(pairs)


def placed(since: datetime) -> Iterator[Listed]:
	"""Yield the calls or texts since then (aware), for every account and sender.

	Raises `CarrierError` if one does not answer, and `CannotList`.
	"""
	for account, carrier in carriers():
		yield from placed_through(account, carrier, since)


def placed_where_answered(since: datetime) -> Iterator[Listed]:
	"""Yield the same of the accounts that answer. Raises `CarrierError` if none does.

	A carrier that is down must not hold up what goes through another one.
	"""
	failed: list[CarrierError] = []
	asked = carriers()
	for account, carrier in asked:
		try:
			yield from list(placed_through(account, carrier, since))
		except CarrierError as error:
			frappe.logger("school_dialer").warning(
				"%s does not say what was placed: %s", account.title, error
			)
			failed.append(error)
	if failed and len(failed) == len(asked):
		raise failed[0]


def placed_through(account: CarrierAccount, carrier: Carrier, since: datetime) -> Iterator[Listed]:
	if not hasattr(carrier, "list_placed"):
		raise CannotList("The carrier cannot list what was placed.")
	for channel, sender in senders(account):
		yield Listed(account, channel, sender, carrier.list_placed(channel, sender, since))


def on_record(sids: Collection[str]) -> set[str]:
	"""Return the carrier's ids that a call log has."""
	ids, owned = sorted(sids), set()
	for start in range(0, len(ids), PER_QUERY):
		owned |= reconciler.owned(ids[start : start + PER_QUERY])
	return owned
