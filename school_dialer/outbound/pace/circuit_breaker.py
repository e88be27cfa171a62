"""When to stop or slow down.

There are two views of the same thing. `CircuitBreaker` sees the responses that one dispatcher gets, in
whatever thread, and stops before the next request. `look_at` counts the call logs of a campaign, which all
processes write: refusals of several dispatchers, and failures that a webhook reports long after the text was
accepted. It runs after a fault that may be the school's was written and committed.
"""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.campaigns.transitions import try_move
from school_dialer.carriers.base import (
	BadNumber,
	CarrierResult,
	ConnectionFailed,
	NotAuthorised,
	Placed,
	RateLimited,
	Refused,
	ResponseUnknown,
	SenderRefused,
)
from school_dialer.carriers.faults import CONTENT, LATER, STOP, UNKNOWN, Fault
from school_dialer.outbound.pace import resting_numbers
from school_dialer.settings import carrier_faults, carrier_settings

UNREACHABLE_MOST = 3
BAD_MOST, BAD_SHARE, LATEST = 20, 0.3, 100
TOO_FAST_MOST = 60
"""Requests in a row for which the carrier had no capacity."""
STRANGE = "strange"
"""The kind of a code that is not in the table."""
LEAST, LEAST_OF = 3, {CONTENT: 5, STRANGE: 5, LATER: 20, UNKNOWN: 20}
"""The fewest faults of a kind that are not treated as an accident.

One person's filtered text is an accident; an unregistered number is not.
"""
MANY = 600
"""The number of call logs that are read."""
LEARNING = timedelta(seconds=60)
"""Texts may still leave with a missing privacy feature, from other processes, this long after it was
noticed."""


class CircuitBreaker:
	"""Stops requests that make no sense.

	It is open for everything if the credentials are wrong (at once), or if the carrier was unreachable three
	times in a row.

	It is open for one campaign if more than BAD_MOST of its last LATEST requests, and more than the share
	BAD_SHARE of them, went to numbers that do not exist, or if the carrier had no capacity TOO_FAST_MOST
	times in a row. The code that pauses the campaign also closes the breaker, so the count starts over after
	Resume.
	"""

	def __init__(self):
		self.lock = threading.Lock()
		self.unreachable = 0
		self.reason: NotAuthorised | str = ""
		self.latest: dict[str, deque[bool]] = defaultdict(lambda: deque(maxlen=LATEST))
		self.crowded: dict[str, list[RateLimited]] = defaultdict(list)
		self.resumed: dict[str, datetime | None] = {}

	def begin(self, campaign) -> None:
		"""Forget what was counted before the last Resume. Call this before each chunk.

		The Resume may have happened in another process.
		"""
		if self.resumed.get(campaign.name) != campaign.resumed_at:
			self.resumed[campaign.name] = campaign.resumed_at
			self.forget(campaign.name)

	def forget(self, campaign: str) -> None:
		with self.lock:
			self.latest.pop(campaign, None)
			self.crowded.pop(campaign, None)

	def record_result(self, campaign: str, answer: CarrierResult) -> None:
		with self.lock:
			if isinstance(answer, ConnectionFailed):
				self.unreachable += 1
				if self.unreachable >= UNREACHABLE_MOST:
					self.reason = self.reason or "unreachable"
			elif isinstance(answer, NotAuthorised):
				self.reason = answer
			elif isinstance(answer, RateLimited):
				if not carrier_faults.waits(answer.fault):
					self.crowded[campaign].append(answer)
			elif isinstance(answer, Placed | Refused | SenderRefused):
				self.unreachable = 0
				self.crowded.pop(campaign, None)
				self.latest[campaign].append(isinstance(answer, BadNumber))

	def open_for(self, campaign: str) -> bool:
		return bool(self.reason) or self.bad_numbers(campaign) > 0 or self.is_crowded(campaign)

	def is_crowded(self, campaign: str) -> bool:
		return len(self.crowded.get(campaign, ())) >= TOO_FAST_MOST

	def bad_numbers(self, campaign: str) -> int:
		"""Return how many of the latest requests went to bad numbers, or 0 if they are not too many."""
		latest = self.latest[campaign]
		count = sum(latest)
		return count if count > BAD_MOST and count > BAD_SHARE * len(latest) else 0

	def message(self, campaign: str) -> str:
		if self.reason == "unreachable":
			return _(
				"We can't reach the carrier. No one was called in the meantime. "
				"Check the connection, then press Resume."
			)
		if self.reason:
			return _(
				"The carrier refused the school's credentials or account. "
				"{0}: {1} No one was called meanwhile. Then press Resume."
			).format(*in_words(self.reason))
		if self.is_crowded(campaign):
			return _(
				"The carrier has had no room for {0} requests in a row. "
				"{1}: {2} Those who wait are called after Resume."
			).format(TOO_FAST_MOST, *in_words(self.crowded[campaign][-1]))
		return _(
			"{0} of the last {1} numbers do not exist, says the carrier. "
			"Look through the numbers of this audience (the "
			"recipients that are Not Reached), correct them, then press Resume to call the others, or Cancel."
		).format(self.bad_numbers(campaign), len(self.latest[campaign]))

	def close(self, campaign: str) -> None:
		with self.lock:
			self.unreachable, self.reason = 0, ""
		self.forget(campaign)


def in_words(answer: SenderRefused | RateLimited) -> tuple[str, str]:
	code = answer.code or answer.status
	fault = answer.fault
	return (
		(carrier_faults.explained(code, fault), carrier_faults.words_of(fault)[1])
		if fault
		else (str(answer), "")
	)


def is_rate_limit(answer: CarrierResult) -> bool:
	"""Return True if the carrier is overloaded: it says so, or it answers 5xx.

	A limit of the day is none: at another pace it would be the same.
	"""
	if isinstance(answer, RateLimited):
		return not carrier_faults.waits(answer.fault)
	return isinstance(answer, ResponseUnknown) and (answer.status or 0) >= 500


@dataclass(frozen=True, slots=True)
class Trouble:
	"""Failures of one sending number for faults that are not the recipients'.

	`count` of the `latest` calls or texts failed with these codes, the most frequent first.
	"""

	channel: str
	sender: str
	codes: tuple[str, ...]
	count: int
	latest: int

	@property
	def code(self) -> str:
		return self.codes[0]

	@property
	def message(self) -> str:
		what, todo = carrier_faults.fault_words(self.code, self.channel)
		sentence = (
			_("{0} of the last {1} texts from {2} were refused. {3} ({4}): {5}")
			if self.channel == "Text"
			else _("{0} of the last {1} calls from {2} were refused. {3} ({4}): {5}")
		)
		return sentence.format(self.count, self.latest, self.sender, what, self.code, todo)


def look_at(campaign_name: str) -> None:
	"""Pause a running campaign that the carrier refuses for a reason that is the school's.

	An emergency goes on: from its other numbers at once, and from this one after a rest. Its approvers are
	notified, of a limit of the day too, which holds back some of its people. The caller commits.
	"""
	campaign = frappe.db.get_value(
		"Dialer Campaign", campaign_name, ["name", "status", "purpose", "resumed_at"], as_dict=True
	)
	if not campaign or campaign.status != states.RUNNING:
		return
	for trouble in find_troubles(campaign):
		if carrier_faults.unknown(carrier_faults.fault_of(trouble.code)):
			wait_again(campaign.name, trouble.codes, campaign.resumed_at)
		if campaign.purpose == "Emergency":
			resting_numbers.rest_number(campaign.name, trouble)
		else:
			sentence = _(
				"{0} No one was marked as not reached because of it; they are waiting. "
				"Fix it, then press Resume."
			)
			try_move(
				campaign.name,
				states.PAUSED,
				status_message=sentence.format(trouble.message),
				pending_notification_actor="",
			)
			return
	if campaign.purpose == "Emergency":
		for limit in limits_met(campaign):
			resting_numbers.alarm_of_limit(campaign.name, limit)


def limits_met(campaign) -> Iterator[Trouble]:
	"""Yield each sending number whose texts have met a limit of the day."""
	for (channel, sender), rows in by_number(read_answered(campaign)).items():
		codes = Counter(row.error_code for row in rows if carrier_faults.waits(fault_in(row)))
		if codes:
			yield Trouble(channel, sender, tuple(codes), sum(codes.values()), len(rows))


def find_troubles(campaign) -> Iterator[Trouble]:
	"""Yield at most one trouble per channel and sending number."""
	people = frappe.db.count(
		"Dialer Recipient", {"campaign": campaign.name, "status": ("not in", ("Blocked", "Cancelled"))}
	)
	seen = set()
	for rows in (read_answered(campaign), read_ended(campaign)):
		for (channel, sender), rows_of_number in by_number(rows).items():
			trouble = (channel, sender) not in seen and trouble_among(rows_of_number, people)
			if trouble:
				seen.add((channel, sender))
				yield Trouble(channel, sender, *trouble)


def read_answered(campaign) -> list:
	"""Return the requests the carrier has answered (refused with a code, or accepted), latest first."""
	return read_logs(
		campaign, "status_rank > 5 and (status != 'refused' or error_code is not null)", "placed_at desc"
	)


def read_ended(campaign) -> list:
	"""Return what was accepted and has ended, latest first."""
	return read_logs(
		campaign,
		f"status_rank >= {states.FINAL_RANK} and status not in ('refused', 'canceled')",
		"ended_at desc, placed_at desc",
	)


def read_logs(campaign, which: str, order: str) -> list:
	"""Return the campaign's logs since the last Resume.

	Leaves out texts that still had a privacy feature before the account was known to lack it.
	"""
	rows = frappe.db.sql(
		f"""select channel, sender, carrier, status, error_code, placed_at from `tabDialer Call Log`
		where campaign = %s and direction = 'Outbound' and placed_at >= %s and {which}
		order by {order} limit {MANY}""",
		(campaign.name, campaign.resumed_at or "1970-01-01"),
		as_dict=True,
	)
	return [row for row in rows if not was_learned(row)]


def was_learned(row) -> bool:
	fault = fault_in(row)
	if not (fault and fault.lacks):
		return False
	learned_at = carrier_settings.lacking().get(fault.lacks)
	return learned_at is None or row.placed_at <= learned_at + LEARNING


def fault_in(row) -> Fault | None:
	failed = row.status in carrier_faults.FAILING
	return carrier_faults.fault_of(row.error_code, row.carrier) if failed else None


def by_number(rows: Iterable) -> dict[tuple[str, str], list]:
	latest: dict[tuple[str, str], list] = defaultdict(list)
	for row in rows:
		if len(latest[row.channel, row.sender]) < LATEST:
			latest[row.channel, row.sender].append(row)
	return latest


def trouble_among(rows: list, people: int) -> tuple[tuple[str, ...], int, int] | None:
	"""Return (codes, failures, total), or None.

	A recipient's own failures count only in the total.
	"""
	counts: Counter[tuple[str, str]] = Counter()
	for row in rows:
		fault = fault_in(row)
		if fault and counts_as_trouble(fault, row.status):
			counts[kind_counted(fault), row.error_code] += 1
	for kind in ("", *LEAST_OF):
		failures = {code: count for (of, code), count in counts.items() if of == kind}
		count = sum(failures.values())
		if count >= fewest_failures(kind, people) and count > BAD_SHARE * len(rows):
			return tuple(sorted(failures, key=failures.__getitem__, reverse=True)), count, len(rows)
	return None


def fewest_failures(kind: str, people: int) -> int:
	"""Return how many failures of this kind make a trouble in a campaign of so many people.

	An unregistered number fails for a single family too. A filtered text or an unexplained error may be an
	accident.
	"""
	if kind == "":
		return max(1, min(LEAST, people))
	return min(LEAST_OF[kind], max(LEAST, people)) if kind in (CONTENT, STRANGE) else LEAST_OF[kind]


def counts_as_trouble(fault: Fault, status: str) -> bool:
	"""Return True if `look_at` counts this failure.

	`CircuitBreaker` already sees faults that are the response to a request. They are not counted twice. A
	limit of the day concerns some people only, who wait until it ends.
	"""
	if status == states.REFUSED and (fault.kind == LATER or fault.breaker == STOP):
		return False
	if carrier_faults.waits(fault):
		return False
	return carrier_faults.given_back(fault) or carrier_faults.unknown(fault)


def kind_counted(fault: Fault) -> str:
	if fault is carrier_faults.UNKNOWN_CODE:
		return STRANGE
	return fault.kind if fault.kind in LEAST_OF else ""


def wait_again(campaign: str, codes: tuple[str, ...], since: datetime | None) -> None:
	"""Return recipients to waiting who were given up, or wait for a retry, after one of these errors.

	Counts only calls placed since `since` (naive, site time zone). The attempt does not count, as in
	`attempts.uncounted.return_to_waiting`.
	"""
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Call Log` log on log.name = recipient.last_call_log
		set log.attempt_key = null, recipient.attempts = greatest(recipient.attempts - 1, 0),
			recipient.status = 'Pending', recipient.not_before = %(now)s
		where recipient.campaign = %(campaign)s and recipient.status in ('Not Reached', 'Retry')
		and ifnull(recipient.fallback, '') = '' and log.error_code in %(codes)s
		and log.placed_at >= %(since)s""",
		{"campaign": campaign, "codes": codes, "since": since or "1970-01-01", "now": clock.db_now()},
	)
