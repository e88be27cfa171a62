"""The inputs of a decision and the decision itself: plain frozen values. All times are aware UTC datetimes.

A field that is None is unknown. Every rule then takes the stricter reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from school_dialer.base.phone import PhoneNumber
from school_dialer.compliance.policy import Policy
from school_dialer.compliance.vocabulary import ALLOW, FUNDRAISING, VOICE


class UnusableNumber(str):
	"""A number, as written, that is not valid. Decisions keep it so that replays agree."""

	__slots__ = ()


@dataclass(frozen=True, slots=True)
class Person:
	"""The person to be called.

	- ``state`` and ``postal_code`` are from the home address; ``time_zone`` is an IANA name that the person
	  gave.
	- ``restricted``: a court order or the school's own ban applies.
	- ``is_student``: the person called is the student.
	- ``date_of_birth`` is the person's own; ``student_date_of_birth`` is that of the student a guardian would
	  be called about.
	- ``student_objects``: that student refused disclosure, or the school holds the records for safety.
	- ``postsecondary``: the student attends a college.
	- ``records_closed``: the guardian may not receive the student's records.
	- ``other_school``: the person, or every student the call would be about, is of another school.
	"""

	country: str | None = None
	state: str | None = None
	postal_code: str | None = None
	time_zone: str | None = None
	restricted: bool = False
	is_student: bool = False
	date_of_birth: date | None = None
	student_date_of_birth: date | None = None
	student_objects: bool = False
	postsecondary: bool = False
	records_closed: bool = False
	other_school: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
	"""One consent, in force or not: its purpose, its basis and its dates.

	``purpose`` may be "All", ``channel`` "Any". ``unconfirmed_days`` is the longest time, in whole days, that
	had passed since the consent was given or confirmed when another than the person verified the number. The
	person's own act sets it back to 0.
	"""

	channel: str | None = None
	purpose: str | None = None
	basis: str | None = None
	granted_at: datetime | None = None
	expires_at: datetime | None = None
	last_verified_at: datetime | None = None
	unconfirmed_days: int = 0


@dataclass(frozen=True, slots=True)
class OptOut:
	"""One revocation.

	Every opt-out in Facts is in force. Only the person can undo one, and an undone opt-out is not in Facts.
	``school`` is the school that the scope "this school" means. None is one that no longer exists.
	"""

	scope: str | None = None
	purpose: str | None = None
	channel: str | None = None
	at: datetime | None = None
	school: str | None = None
	elsewhere: bool = False
	"""Whether the person made it at another of their numbers."""


@dataclass(frozen=True, slots=True)
class Attempt:
	"""A call or text to this number that reached the carrier."""

	at: datetime
	channel: str | None = None
	purpose: str | None = None
	corrects: bool = False
	"""Whether it corrected an earlier message."""


@dataclass(frozen=True, slots=True)
class StateOfEmergency:
	"""A state of emergency that a governor declared for a state.

	``state`` is the postal abbreviation. ``begins`` and ``ends`` are local days, both included.
	"""

	state: str
	begins: date
	ends: date


@dataclass(frozen=True, slots=True)
class Emergency:
	"""An emergency as declared: its type, who requested the calls and who approved them."""

	type: str | None = None
	requested_by: str | None = None
	approved_by: str | None = None


UNKNOWN_PERSON = Person()


@dataclass(frozen=True, slots=True)
class Request:
	"""The question: may this number be called or texted for this purpose?

	- ``phone`` is a PhoneNumber, or text in E.164 form.
	- ``answers`` is the time of what this one text answers: an opt-out it confirms, or a link the person
	  asked for.
	- ``caller`` is one of CALLERS; None is exempt from nothing.
	- ``about_records`` says whether the message is about a student's records (``rules.records``); None means
	  that the purpose decides.
	- ``manual``: a person dials, listens and speaks; nothing is recorded or dialed automatically.
	- ``hours``: the calling school's own hours, in minutes after local midnight. They narrow the law's.
	- ``school``: the school of a district in whose name, or about whose students, the call is; "" is the
	  district itself. None means that it is not known, or that there is only one.
	- ``corrects``: the message says that an earlier one, for the same purpose, was wrong.
	"""

	phone: PhoneNumber | str | None
	channel: str | None = None
	purpose: str | None = None
	person: Person = UNKNOWN_PERSON
	line_type: str = "unknown"
	emergency: Emergency | None = None
	answers: datetime | None = None
	caller: str | None = None
	about_records: bool | None = None
	manual: bool = False
	hours: tuple[int, int] | None = None
	school: str | None = None
	corrects: bool = False

	@property
	def by_hand(self) -> bool:
		"""Return whether the rules for automatic calls do not apply, because a person calls.

		They do in fund-raising, by choice.
		"""
		return self.manual and self.channel == VOICE and self.purpose not in (None, FUNDRAISING)


@dataclass(frozen=True, slots=True)
class Facts:
	"""The known facts about the number. The order within each field makes no difference.

	``history`` holds the attempts so far. ``holidays`` are days without calls, as local dates.
	``carrier_blocked`` means that the carrier refuses the number (error 21610). ``states_of_emergency`` are
	those that governors declared. ``heard`` means that the message which the request corrects was heard at
	this number, or may have been. ``reassigned`` means that a look-up says the number changed hands after the
	consent, and ``no_texts`` that the line cannot receive texts.
	"""

	consents: Sequence[Consent] = ()
	opt_outs: Sequence[OptOut] = ()
	history: Sequence[Attempt] = ()
	holidays: frozenset[date] = frozenset()
	carrier_blocked: bool = False
	states_of_emergency: Sequence[StateOfEmergency] = ()
	heard: bool = False
	reassigned: bool = False
	no_texts: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
	"""One reason against the request.

	``rule`` names the rule, such as "consent.given". ``until`` is the first instant at which this rule alone
	no longer prevents the request; None means that it does not pass with time.
	"""

	code: str
	rule: str
	citation: str
	detail: str
	until: datetime | None = field(default=None, compare=False)
	values: tuple = field(default=(), compare=False)
	"""What ``detail`` says in English beside fixed words, for a reader of another language.

	Not recorded: a replay finds it again.
	"""


@dataclass(frozen=True, slots=True)
class Decision:
	"""The verdict, with ALL reasons (sorted; none on ALLOW) and everything it is based on.

	``until`` is set on DEFER only: the first instant at which the verdict is no longer DEFER. It is None on a
	DEFER for NO_TIME_ZONE, which ends when an address or a zone is entered, not with time.
	"""

	verdict: str
	until: datetime | None
	reasons: tuple[Reason, ...]
	policy: str
	version: str
	at: datetime
	request: Request
	facts: Facts
	rules: Policy = field(repr=False, compare=False)

	@property
	def allowed(self) -> bool:
		return self.verdict == ALLOW

	@property
	def codes(self) -> tuple[str, ...]:
		"""The reason codes, sorted, without duplicates."""
		return tuple(dict.fromkeys([reason.code for reason in self.reasons]))
