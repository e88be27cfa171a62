"""The health of the school's carrier accounts, shared by all workers: each one's circuit breaker, in Redis.

What is recorded are the answers to the requests themselves; no account is asked how it is. So it costs
nothing, and what it shows is what families' calls met. Without Redis, each process judges by its own
requests.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone

import frappe
from frappe import _
from redis.exceptions import RedisError

from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.carriers.base import (
	BadNumber,
	CarrierResult,
	ConnectionFailed,
	NotAuthorised,
	Placed,
	Refused,
	ResponseUnknown,
	SenderRefused,
)
from school_dialer.carriers.faults import ACCOUNT
from school_dialer.outbound.pace import account_breaker as breaker
from school_dialer.outbound.pace.account_breaker import Health
from school_dialer.settings import carrier_accounts
from school_dialer.settings.carrier_accounts import CarrierAccount
from school_dialer.settings.carrier_settings import SendingNumber

KEYS = "school_dialer:account:"
"""How the keys begin under which Redis keeps what is known about each account."""
KEPT_SECONDS = 24 * 60 * 60
READ_AGAIN = 0.5
"""Seconds for which a process goes by the state that it read last."""
HANGS_SECONDS, HANGING = 3.0, 3
"""So many requests that wait this long for their answer are as good as lost, in an emergency. So is one that
waits twice as long."""


def outcome_of(answer: CarrierResult) -> str | None:
	"""Return what an answer says about the account, or None for nothing: too many requests, or not sent."""
	if isinstance(answer, ConnectionFailed):
		return breaker.UNREACHABLE
	if isinstance(answer, ResponseUnknown):
		return breaker.NO_ANSWER
	if isinstance(answer, NotAuthorised):
		return breaker.REFUSED
	if isinstance(answer, SenderRefused) and answer.fault and answer.fault.kind == ACCOUNT:
		return None if answer.fault.lacks else breaker.REFUSED
	if isinstance(answer, Placed | Refused | BadNumber | SenderRefused):
		return breaker.GOOD
	return None


def takes_nothing(answer: CarrierResult) -> bool:
	"""Return whether the account took nothing and would take nothing else, so that another may be asked."""
	return outcome_of(answer) in (breaker.UNREACHABLE, breaker.REFUSED)


class Watch:
	"""The accounts as one process sees them. Its threads share it; none of its methods but the constructor
	uses Frappe.
	"""

	def __init__(self, impatient: bool = False):
		"""`impatient`: requests that hang count as lost before their time-out, as in an emergency."""
		self.impatient = impatient
		self.redis = frappe.cache()
		self.keys = {account.id: key_of(account.id) for account in carrier_accounts.accounts()}
		self.lock = threading.Lock()
		self.seen: dict[str, tuple[float, Health]] = {}
		self.waiting: dict[str, list[float]] = defaultdict(list)

	def health(self, account: str) -> Health:
		if self.hangs(account):
			for _failure in range(breaker.IN_A_ROW):
				self.record(account, breaker.NO_ANSWER)
		return breaker.as_of(self.read(account), time.time())

	def read(self, account: str) -> Health:
		read_at, health = self.seen.get(account, (0.0, Health()))
		if time.monotonic() - read_at < READ_AGAIN or account not in self.keys:
			return health
		with suppress(RedisError):
			health = Health.from_json(self.redis.execute_command("GET", self.keys[account]))
		self.seen[account] = (time.monotonic(), health)
		return health

	def room(self, account: str) -> int | None:
		"""Return how many requests may leave now: None for any number."""
		return breaker.room(self.health(account), time.time())

	def take(self, account: str, most: int) -> int:
		"""Return how many requests of an account that was not well may leave, and note them as trials.

		One that is open gets `TRIALS` at a time: nothing is left but to try it.
		"""
		granted = 0

		def begin(health: Health, now: float) -> Health:
			nonlocal granted
			room = breaker.room(health, now)
			state = breaker.as_of(health, now).state
			granted = most if room is None else min(most, room)
			if state == breaker.OPEN:
				granted = min(most, breaker.TRIALS)
			return breaker.after_begin(health, granted, now)

		self.change(account, begin)
		return granted

	def unused(self, account: str, many: int) -> None:
		"""Note that so many of them did not leave."""
		if many and self.health(account).state == breaker.HALF_OPEN:
			self.change(account, lambda health, now: breaker.after_unused(health, many))

	def leaves(self, account: str) -> float:
		"""Note that a request leaves. Return the value to pass to `returned`."""
		began = time.monotonic()
		with self.lock:
			self.waiting[account].append(began)
		return began

	def returned(self, account: str, began: float, answer: CarrierResult) -> None:
		with self.lock, suppress(ValueError):
			self.waiting[account].remove(began)
		if outcome := outcome_of(answer):
			code = getattr(answer, "code", None) or getattr(answer, "status", None)
			self.record(account, outcome, str(code or ""))

	def hangs(self, account: str) -> bool:
		if not self.impatient:
			return False
		limit = time.monotonic() - HANGS_SECONDS
		with self.lock:
			late = [began for began in self.waiting[account] if began < limit]
			if len(late) < HANGING and not any(began < limit - HANGS_SECONDS for began in late):
				return False
			self.waiting[account] = [began for began in self.waiting[account] if began >= limit]
		return True

	def record(self, account: str, outcome: str, code: str = "") -> None:
		"""Record one outcome for every process."""
		if outcome in (breaker.GOOD, breaker.RANG) and self.read(account).is_spotless:
			return
		self.change(account, lambda health, now: breaker.after_answer(health, outcome, now, code))

	def change(self, account: str, step: Callable[[Health, float], Health]) -> None:
		if account not in self.keys:
			return
		changed = step(self.read(account), time.time())
		with suppress(RedisError):
			changed = self.in_redis(self.keys[account], step)
		self.seen[account] = (time.monotonic(), changed)

	def in_redis(self, key: bytes, step: Callable[[Health, float], Health]) -> Health:
		health = Health()

		def transaction(pipe) -> None:
			nonlocal health
			health = step(Health.from_json(pipe.execute_command("GET", key)), time.time())
			pipe.multi()
			pipe.execute_command("SET", key, health.to_json(), "EX", KEPT_SECONDS)

		self.redis.transaction(transaction, key)
		return health


@dataclass(frozen=True, slots=True)
class Shown:
	"""An account's state as staff read it. `since` is naive, in the site's time zone, or None."""

	title: str
	state: str
	words: str
	since: datetime | None


def accounts_shown() -> list[Shown]:
	"""Return the state of every account, the first one first, but for those that are not enabled."""
	watch, usable = Watch(), carrier_accounts.in_use()
	return [
		show(account, watch.health(account.id)) if account in usable else without_token(account)
		for account in carrier_accounts.enabled()
	]


def without_token(account: CarrierAccount) -> Shown:
	reason = _("Its token cannot be read. Enter it again in Dialer Settings.")
	return Shown(account.title, breaker.OPEN, reason, None)


def show(account: CarrierAccount, health: Health) -> Shown:
	since = None
	if health.since:
		at = datetime.fromtimestamp(health.since, timezone.utc)
		since = clock.to_db(at + clock.offset()).replace(microsecond=0)
	return Shown(account.title, health.state, words_of(health), since)


def words_of(health: Health) -> str:
	"""Return the state and its reason in words, translated."""
	if health.state == breaker.CLOSED:
		return _("It answers.")
	why = {
		breaker.UNREACHABLE: _("It can't be reached."),
		breaker.NO_ANSWER: _("It does not answer, or too late."),
		breaker.REFUSED: _("It refuses the account."),
		breaker.SILENT: _("It accepts calls, and no phone rings."),
	}.get(health.reason, "")
	if health.code:
		why += " " + _("Code: {0}.").format(plain_text.line(health.code))
	if health.state == breaker.HALF_OPEN:
		return why + " " + _("A few calls try whether it is well again.")
	return why


def any_other_takes_requests(account: str, accounts: Collection[CarrierAccount], watch: Watch) -> bool:
	"""Return whether an account other than this one takes requests now."""
	return any(candidate.id != account and watch.room(candidate.id) != 0 for candidate in accounts)


def usual(numbers: list[SendingNumber]) -> SendingNumber:
	"""Return the number to send one call or text from: the first one whose account is well, or the first.

	`numbers` is not empty.
	"""
	return in_turn(numbers)[0]


def in_turn(numbers: list[SendingNumber]) -> list[SendingNumber]:
	"""Return the first number of each account: those that are well, then those on trial, then the others."""
	firsts: dict[str, SendingNumber] = {}
	for number in numbers:
		firsts.setdefault(number.account, number)
	if len(firsts) < 2:
		return [*firsts.values()]
	watch = Watch()
	rooms = {account: watch.room(account) for account in firsts}
	return sorted(
		firsts.values(), key=lambda number: (rooms[number.account] is not None, rooms[number.account] == 0)
	)


def key_of(account: str) -> bytes:
	return frappe.cache().make_key(KEYS + account)


def forget(*accounts: str) -> None:
	"""Forget what is known about accounts, as after their settings changed."""
	with suppress(RedisError):
		for account in accounts:
			frappe.cache().execute_command("DEL", key_of(account))
