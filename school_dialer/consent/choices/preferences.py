"""What a person sees and decides about one number on the preference page.

The page shows what the decision engine's own rules say, so it never promises anything that the gate does not
keep.
"""

from dataclasses import dataclass

import frappe

from school_dialer.base import clock
from school_dialer.base.phone import parse
from school_dialer.compliance.model import Facts, Person, Request
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.rules import consent, opt_out
from school_dialer.compliance.vocabulary import (
	ALL_NON_EMERGENCY,
	ALL_PURPOSES,
	ANY_CHANNEL,
	CHANNELS,
	EMERGENCY,
	EVERYTHING,
	EXPRESS_WRITTEN,
	PURPOSES,
	THIS_PURPOSE,
	THIS_SCHOOL,
)
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link, wrong_number
from school_dialer.consent.events import Evidence
from school_dialer.consent.lock import number_lock
from school_dialer.schools import opting_out, registry

ON, STOPPED, NEVER_AGREED = "on", "stopped", "off"
STOP, STOP_EVERYTHING, WRONG_NUMBER = "stop", "stop-everything", "wrong-number"
START, START_ALL = "start", "start-all"
RIGHT_NUMBER = "right-number"
"""Undoes `WRONG_NUMBER`, for ten minutes."""
STOP_SCHOOL, START_SCHOOL = "stop-school", "start-school"
OF_SCHOOL = frozenset({STOP_SCHOOL, START_SCHOOL})
"""In a district only. The choice's purpose is how the ledger names the school (`schools.opting_out`)."""
STARTING = frozenset({START, START_ALL, START_SCHOOL})
ACTIONS = STARTING | {STOP, STOP_EVERYTHING, WRONG_NUMBER, RIGHT_NUMBER}


class UnknownChoice(ValueError):
	"""The form names an action, purpose or channel that does not exist."""


class Outdated(Exception):
	"""Something was recorded for the number since the page was shown.

	People consent only to what they see.
	"""


class ReportedWrong(Exception):
	"""The number counts as someone else's, so its holder cannot turn anything on.

	Only the school can confirm the number.
	"""


class OnlyStops(Exception):
	"""The link did not come to the phone by text, so it does not prove who holds it. It turns nothing on."""


@dataclass(frozen=True)
class OneSchool:
	"""A school of the district, how the ledger names it, and whether the number is opted out of it alone."""

	name: str
	purpose: str
	stopped: bool


@dataclass(frozen=True)
class Preferences:
	"""The preferences of one number.

	`states` maps (purpose, channel) to "on", "stopped" or "off" (never consented). `state_mark` changes
	whenever something is recorded for the number. `carrier_blocked` means that the person has to text START
	to get texts again. `reported_wrong` means that nothing can be turned on here. `schools` are those of a
	district that called or texted the number, or that it is opted out of; `other_schools` are the others in
	use.
	"""

	states: dict[tuple[str, str], str]
	state_mark: str
	carrier_blocked: bool
	reported_wrong: bool = False
	schools: tuple[OneSchool, ...] = ()
	other_schools: tuple[OneSchool, ...] = ()

	def of(self, purpose: str, channel: str) -> str:
		return self.states[purpose, channel]

	def any_on(self, purpose: str | None = None, channel: str | None = None) -> bool:
		"""Return whether anything but emergencies is on, for this purpose or channel."""
		return any(
			state == ON and each != EMERGENCY and purpose in (None, each) and channel in (None, by)
			for (each, by), state in self.states.items()
		)

	@property
	def any_stopped(self) -> bool:
		return STOPPED in self.states.values() or any(school.stopped for school in self.schools)

	@property
	def emergencies_on(self) -> bool:
		return any(self.states[EMERGENCY, channel] == ON for channel in CHANNELS)


@dataclass(frozen=True)
class Choice:
	"""One button: the action, its channel ("Any": both) and its purpose ("All")."""

	action: str
	channel: str = ANY_CHANNEL
	purpose: str = ALL_PURPOSES

	@classmethod
	def of(cls, text: str) -> "Choice":
		"""Parse "action" or "action:channel:purpose". Raises `UnknownChoice`."""
		if text.partition(":")[0] in OF_SCHOOL:
			return cls._of_school(text)
		action, channel, purpose = (*text.split(":", 3), ANY_CHANNEL, ALL_PURPOSES)[:3]
		is_valid = (
			action in ACTIONS
			and channel in (*CHANNELS, ANY_CHANNEL)
			and purpose in (*PURPOSES, ALL_PURPOSES)
			and (action != START or purpose != ALL_PURPOSES)
		)
		if not is_valid:
			raise UnknownChoice
		return cls(action, channel, purpose)

	@classmethod
	def _of_school(cls, text: str) -> "Choice":
		action, channel, purpose = (*text.split(":", 2), "", "")[:3]
		if channel != ANY_CHANNEL or not registry.is_district() or not opting_out.school_of(purpose):
			raise UnknownChoice
		return cls(action, channel, purpose)

	@property
	def school(self) -> str:
		"""Return the school that the choice is about, or ""."""
		return opting_out.school_of(self.purpose) or ""

	@property
	def text(self) -> str:
		return f"{self.action}:{self.channel}:{self.purpose}"

	@property
	def channels(self) -> tuple[str, ...]:
		return CHANNELS if self.channel == ANY_CHANNEL else (self.channel,)


def view(phone: str, policy: Policy) -> Preferences:
	"""Return the current preferences of `phone` (E.164) under the policy of its country."""
	past = ledger.read([phone])[phone]
	facts = Facts(consents=past.consents, opt_outs=past.opt_outs, carrier_blocked=past.carrier_blocked)
	number = parse(phone)
	person, at, district = Person(country=number.country), clock.now(), opting_out.asked_for("")
	states = {}
	for purpose in PURPOSES:
		for channel in CHANNELS:
			request = Request(number, channel, purpose, person, number.line_type, school=district)
			if opt_out.in_force(request, facts, policy, at) or opt_out.not_at_carrier(
				request, facts, policy, at
			):
				state = STOPPED
			else:
				state = NEVER_AGREED if consent.given(request, facts, policy, at) else ON
			states[purpose, channel] = state
	stopped = {stop.school for stop in past.opt_outs if stop.scope == THIS_SCHOOL and stop.school}
	return Preferences(
		states,
		state_mark(phone),
		past.carrier_blocked,
		ledger.is_strangers(phone),
		*(schools_of(phone, stopped) if registry.is_district() else ()),
	)


def schools_of(phone: str, stopped: set[str]) -> tuple[tuple[OneSchool, ...], tuple[OneSchool, ...]]:
	"""Return the schools that matter to a number, and the others in use, each in alphabetical order.

	Only schools that called it themselves are among the first: who holds the phone may not know of others.
	"""
	calls = {"phone": phone, "direction": "Outbound", "school": ("is", "set")}
	called = frappe.get_all("Dialer Call Log", calls, pluck="school", distinct=True, order_by="school")
	near = stopped | set(called)
	names = sorted(near | set(registry.schools()))
	every = [OneSchool(name, opting_out.purpose_of(name) or "", name in stopped) for name in names]
	return tuple(school for school in every if school.name in near), tuple(
		school for school in every if school.name not in near
	)


def state_mark(phone: str, locked: bool = False) -> str:
	"""Return the mark of the current state.

	`locked` reads the latest committed value with a row lock, for a caller that holds the number's lock.
	"""
	by_phone = {"phone": phone}
	# By name, or MariaDB would also lock the gap before the row (see `store.lock_heads`).
	head = frappe.db.get_value("Consent Head", by_phone) or (by_phone if locked else None)
	return str((head and frappe.db.get_value("Consent Head", head, "seq", for_update=locked)) or 0)


def decide(
	phone: str, choice: Choice, *, wording: str, language: str, ip: str, link: str, seen_by: str
) -> str:
	"""Record the person's choice. Returns the name of the event.

	`wording` is the text of the button and its page. A stop always takes effect. Starting again, as undoing
	the report of a wrong number, requires that the person saw the current state (`seen_by` is the page's
	`Preferences.state_mark`), so that a page left open, sent twice or replayed never undoes a later stop.
	Raises `Outdated` otherwise, `ReportedWrong` for a number that was reported as someone else's, and
	`OnlyStops` for a start over a link that was not texted. Such a link undoes its own report, which only
	puts back what stood before it.
	"""
	evidence = Evidence(
		source=wrong_number.SOURCE,
		actor="person",
		wording=wording,
		language=language,
		ip=ip,
		reference_doctype="Dialer Preference Link",
		reference_name=link,
	)
	if choice.action == WRONG_NUMBER:
		return wrong_number.report(phone, link, evidence)
	if choice.action == STOP_EVERYTHING:
		return ledger.opt_out(phone, scope=EVERYTHING, channel=ANY_CHANNEL, evidence=evidence)
	if choice.action == STOP_SCHOOL:
		return ledger.opt_out(phone, scope=THIS_SCHOOL, school=choice.school, evidence=evidence)
	if choice.action == STOP:
		scope = ALL_NON_EMERGENCY if choice.purpose == ALL_PURPOSES else THIS_PURPOSE
		return ledger.opt_out(
			phone, scope=scope, channel=choice.channel, purpose=choice.purpose, evidence=evidence
		)
	return _start(phone, choice, link, seen_by, evidence)


def _start(phone: str, choice: Choice, link: str, seen_by: str, evidence: Evidence) -> str:
	"""Turn something on, or undo the report of a wrong number. Raises as `decide` does."""
	if choice.action in STARTING and preference_link.only_stops(link):
		raise OnlyStops
	# Nothing is recorded between the comparison with what the person saw and the event.
	with number_lock([phone]):
		if seen_by != state_mark(phone, locked=True):
			raise Outdated
		if ledger.is_strangers(phone):
			raise ReportedWrong
		if wrong_number.can_be_undone(link) != (choice.action == RIGHT_NUMBER):
			raise Outdated
		if choice.action == RIGHT_NUMBER:
			return wrong_number.undo(phone, link, evidence)
		if wrong_number.is_held(phone):
			raise ReportedWrong
		if choice.action == START_ALL:
			return ledger.opt_in(phone, evidence=evidence)
		if choice.action == START_SCHOOL:
			return ledger.opt_in(phone, school=choice.school, evidence=evidence)
		return ledger.grant(
			phone, channel=choice.channel, purpose=choice.purpose, basis=EXPRESS_WRITTEN, evidence=evidence
		)
