"""Who is asked: a carrier account of the school that looks up numbers, or an app's own provider.

Of several accounts, it is the first one that can and is well (`pace.account_health`).

An app names a function in the hook `dialer_number_lookup`. It is called with `phone` (E.164), `verified_on`
(a date or None) and `packages`, and returns a `lines.answer.LineAnswer`. The last installed app's counts.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import partial

import frappe
from frappe import _

from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.carriers.base import (
	BadNumber,
	CarrierError,
	ConnectionFailed,
	NotAuthorised,
	RateLimited,
	SenderRefused,
)
from school_dialer.lines.answer import NO_ANSWER, NOT_ASKED, LineAnswer, checked
from school_dialer.lookups.config import REASSIGNED
from school_dialer.outbound.pace import account_health
from school_dialer.settings import carrier_accounts, carrier_settings
from school_dialer.settings.carrier_accounts import CarrierAccount

HOOK = "dialer_number_lookup"
LookUp = Callable[[str, date | None, tuple[str, ...]], LineAnswer]
UNBILLED = (ConnectionFailed, NotAuthorised, RateLimited, SenderRefused, BadNumber)
"""Errors after which the provider certainly bills nothing. A lost answer may be billed."""


class Unavailable(Exception):
	"""The provider asks to wait, or cannot be reached, so the run ends. `answer` is what goes on record."""

	def __init__(self, answer: LineAnswer):
		super().__init__(answer.error)
		self.answer = answer


@dataclass(frozen=True, slots=True)
class Provider:
	"""Who is asked: the carrier's or the app's `name`, and the id of the carrier `account`, "" for an app."""

	name: str
	look_up: LookUp
	account: str = ""

	def ask(self, phone: str, verified_on: date | None, packages: tuple[str, ...]) -> LineAnswer:
		"""Return what the provider says. An error is an answer that says nothing.

		Raises `Unavailable` where the next number would fare no better.
		"""
		try:
			return checked(self.look_up(phone, verified_on, packages))
		except CarrierError as error:
			answer = failed(packages, str(error), billed=not isinstance(error, UNBILLED))
			if isinstance(error, RateLimited | ConnectionFailed | NotAuthorised | SenderRefused):
				raise Unavailable(answer) from None
			return answer
		except Exception as error:
			return failed(packages, type(error).__name__)


def failed(packages: tuple[str, ...], error: str, billed: bool = True) -> LineAnswer:
	return checked(
		LineAnswer(NO_ANSWER if REASSIGNED in packages else NOT_ASKED, "", "", error or "?", billed)
	)


def provider(passed_over: Collection[str] = ()) -> Provider:
	"""Return who is asked. Raises ValidationError if no one can be.

	`passed_over` are the ids of carrier accounts that gave no answers in this run.
	"""
	if paths := frappe.get_hooks(HOOK):
		return Provider(paths[-1].partition(".")[0], frappe.get_attr(paths[-1]))
	accounts = carrier_accounts.in_use()
	able = [account for account in accounts if looks_up(account)]
	if not able:
		names = ", ".join(dict.fromkeys(carrier_accounts.title_of(account.carrier) for account in accounts))
		throw(_("{0} does not look up numbers.").format(plain_text.line(names)))
	account = first_well([account for account in able if account.id not in passed_over])
	carrier = carrier_settings.carrier(account.id)
	return Provider(carrier.name, partial(_through, carrier.look_up), account.id)


def looks_up(account: CarrierAccount) -> bool:
	"""Return whether the account's carrier can look up numbers at all."""
	if carrier_settings.pretends():
		return False
	return callable(getattr(carrier_settings.carrier_class(account.carrier), "look_up", None))


def first_well(accounts: list[CarrierAccount]) -> CarrierAccount:
	"""Return the first account that is not failing. Raises ValidationError if there is none."""
	watch = account_health.Watch() if carrier_accounts.several() else None
	well = next((account for account in accounts if watch is None or watch.room(account.id) != 0), None)
	if well is None:
		throw(_("No carrier account that looks up numbers answers now. Start again later to go on."))
	return well


def _through(look_up: LookUp, phone: str, verified_on: date | None, packages: tuple[str, ...]) -> LineAnswer:
	return look_up(phone, verified_on, packages)
