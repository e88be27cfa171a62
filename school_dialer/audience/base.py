"""Audience sources: who is called.

A source turns a campaign's choice ("guardians of 5A") into candidates, one chunk at a time. Other apps add
sources through the hook `dialer_audience_sources`: a list of dotted paths to subclasses of `Source`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import frappe
from frappe import _

from school_dialer.audience import count
from school_dialer.audience.filters.condition import Contacted
from school_dialer.audience.filters.filters import Filters, no_longer_meant
from school_dialer.audience.numbers import beside, e164, in_fields
from school_dialer.base.bounds import plain_text
from school_dialer.base.database import doctypes
from school_dialer.base.refusal import throw
from school_dialer.compliance import Person
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.rules.records import Rights
from school_dialer.moved import renamed, warn_of
from school_dialer.schools import registry


@dataclass(frozen=True, slots=True)
class Candidate:
	"""A person who may be called about these students.

	`phones` are given as the fields of their record, best first, and read: one field may hold two numbers.
	Those of a guardian, or of another DocType of `on_record.PHONE_FIELDS`, have to be in a phone field of the
	record or of its tables: a planned number that is there no more is not called (`gate.same_person`).
	"""

	person_doctype: str
	person: str
	person_name: str
	phones: tuple[str | None, ...]
	language: str = ""
	students: tuple[str, ...] = ()
	read: Any = None
	"""What the source has already read about this person, for `Source.standings` in the same transaction."""
	stops: tuple[tuple[str, OptOut], ...] = ()
	"""The numbers (E.164) beside which the record says that they are not to be called."""

	def __post_init__(self):
		"""Reduce the name to one clean line, and read the numbers.

		Families and files supply the name, and it is spoken and shown.
		"""
		object.__setattr__(self, "person_name", plain_text.line(self.person_name))
		opt_outs = (stop for raw in self.phones for stop in beside(raw).stops)
		object.__setattr__(self, "stops", tuple(dict.fromkeys((*self.stops, *opt_outs))))
		object.__setattr__(self, "phones", in_fields(self.phones))

	def stops_at(self, phone: str) -> tuple[OptOut, ...]:
		return tuple(stop for stopped, stop in self.stops if stopped == phone)


@dataclass(frozen=True, slots=True)
class ContactFacts:
	"""What the gate needs to know about a person now, and the students this person may be called about now.

	`rights` has what is on record for each student, in the order of `students`, if the person is called as a
	guardian.
	"""

	person: Person
	students: tuple[str, ...] = ()
	rights: tuple[Rights, ...] = ()


@dataclass(frozen=True, slots=True)
class FactsQuery:
	"""One question to `Source.standings`: this person, about these students, at this number (E.164 or "").

	`read` is the candidate's, valid only in its transaction. None means that everything has to be read now.
	`by_person`: a member of staff speaks, who asks for this person first. `former`: students and staff who
	left the school count too, since it is a correction of what they heard, or of what was said about them.
	`answers`: the person wrote to the school, and is answered.
	"""

	key: str
	person: str
	students: tuple[str, ...]
	phone: str
	read: Any = None
	by_person: bool = False
	former: bool = False
	answers: bool = False

	@property
	def though_gone(self) -> bool:
		"""Whether it counts that the person has left: not for a correction, nor for an answer to them."""
		return self.former or self.answers


@dataclass(frozen=True, slots=True)
class Counted:
	"""The size of an audience, as on record.

	`people` counts people, `households` their distinct first numbers, and `students` the students they would
	be called about (None if they are not called about students).
	"""

	people: int
	households: int
	students: int | None = None


class Source(ABC):
	label: ClassVar[str]
	"""As stored in Dialer Campaign.audience_source."""
	title: ClassVar[str] = ""
	"""As shown to staff, translated. The default is the label."""
	person_doctype: ClassVar[str]
	audience_doctype: ClassVar[str | None] = None
	"""The DocType of the group chosen in the campaign, if there is one."""
	offered: ClassVar[bool] = True
	"""Whether staff may choose this source for their own campaigns."""
	fixed: ClassVar[bool] = False
	"""Whether no one can be added to the audience: it is a file's content, or what a campaign said before."""
	subjects: ClassVar[Mapping[str, str]] = {}
	"""The DocTypes that the source's queries name, mapped to their aliases.

	Conditions on these DocTypes narrow the source through `narrowed`.
	"""

	@classmethod
	def shown(cls) -> str:
		"""Return the title in the user's language."""
		return _(cls.title or cls.label)

	def __init__(self, campaign):
		self.campaign = campaign
		self.group = campaign.audience_name
		self.filters = Filters.of(campaign, self.subjects)

	@property
	def rechecks(self) -> bool:
		"""Whether `withdrawn` and `passed_over` have to be called before each chunk is dialed."""
		return self.filters.change

	@classmethod
	def available(cls) -> bool:
		return all(doctypes.exists(doctype) for doctype in cls.needs())

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return tuple(filter(None, (cls.person_doctype, cls.audience_doctype)))

	def check(self) -> None:
		"""Raise a ValidationError that says what to do if the campaign's choice cannot be read."""
		if self.audience_doctype and not (self.group and frappe.db.exists(self.audience_doctype, self.group)):
			throw(_("Choose the {0} whose people are to be called.").format(_(self.audience_doctype)))

	@abstractmethod
	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		"""Return up to `limit` people whose name sorts after the cursor, and the next cursor.

		The cursor is None after the last page.
		"""

	def households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""Return a page like `chunk`, grouped so that one person per group is enough, in call order.

		By default each person is alone in a group.
		"""
		candidates, cursor = self.chunk(after, limit)
		return [[candidate] for candidate in candidates], cursor

	def eligible_households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""Return a page like `households`, without groups that the campaign's filters leave out."""
		households, cursor = self.households(after, limit)
		if not self.filters.on_people:
			return households, cursor
		out = self.filters.left_out([[contacted(person) for person in people] for people in households])
		return [people for people, left in zip(households, out, strict=True) if not left], cursor

	def meant(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""Return what `eligible_households` returns, by its name of before 1.0.0."""
		warn_of("Source.meant", "eligible_households")
		return self.eligible_households(after, limit)

	def narrowed(self, doctype: str) -> str:
		"""Return the filters' SQL conditions on this DocType, to append to a query.

		Their values are in `filters.values()`.
		"""
		return self.filters.sql(doctype)

	def languages_at(self, numbers: Collection[str]) -> dict[str, str]:
		"""Return the first language at each number (E.164) that the audience itself has, and no record."""
		return {}

	def count(self) -> Counted:
		"""Return the size of the audience, as on record. Raises `count.TooLong`."""
		return Counted(*count.by_reading(self))

	def count_of(self, doctype: str, number: str, among: str, values: dict | None = None) -> Counted:
		"""Count in SQL the people of this DocType.

		`number` is an SQL expression for their number. `among` has the tables and conditions. Raises
		`count.TooLong`.
		"""
		settled, more = self.filters.counted(doctype, number)
		query = f"select count(*), count(distinct {number}) {among}{self.narrowed(doctype)}{settled}"
		return Counted(*count.in_sql(query, {**(values or {}), **self.filters.values(), **more}))

	def withdrawn(self, students: Collection[str]) -> dict[str, str]:
		"""Return the students who no longer belong to the audience, each with the reason.

		Called just before dialing, in the transaction that decides. The number of queries must not depend on
		the number of students.
		"""
		conditions = self.filters.sql("Student", changing=True)
		if not (conditions and students):
			return {}
		rows = frappe.db.sql(
			"select student.name from `tabStudent` student where student.name in %(asked)s" + conditions,
			{**self.filters.values(), "asked": tuple(students)},
		)
		still = {name for (name,) in rows}
		return {student: no_longer_meant() for student in students if student not in still}

	def passed_over(self, households: list[list[Contacted]]) -> list[bool]:
		"""Return, for each household, whether the campaign leaves it out by now. Called like `withdrawn`."""
		return self.filters.left_out(households)

	def passed_over_because(self) -> str:
		"""Return the reason that a recipient shows whom `passed_over` left out."""
		return no_longer_meant()

	@classmethod
	@abstractmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		"""Return contact facts by key. A person missing from the result is no longer on record."""


class UnknownAudience(frappe.ValidationError):
	pass


def sources() -> dict[str, type[Source]]:
	"""Return the sources whose DocTypes this site has, by label. Looked up once per request or job."""
	by_label = getattr(frappe.local, "dialer_sources", None)
	if by_label is None:
		classes = (frappe.get_attr(path) for path in frappe.get_hooks("dialer_audience_sources"))
		by_label = {source.label: source for source in classes if source.available()}
		frappe.local.dialer_sources = by_label
	return by_label


def set_group_doctype(doc) -> None:
	"""Set the DocType of the group on a document that names an audience. Without one, it has no group."""
	source = sources().get(doc.audience_source)
	doc.audience_doctype = source.audience_doctype if source else None
	if not doc.audience_doctype:
		doc.audience_name = None


def source_of(campaign) -> Source:
	source = sources().get(campaign.audience_source)
	if source is None:
		throw(
			_("This site has no audience named {0}. Choose another one.").format(
				plain_text.line(campaign.audience_source)
			),
			UnknownAudience,
		)
	return source(campaign)


def standings(asked_by_doctype: dict[str, list[FactsQuery]], emergency: bool) -> dict[str, ContactFacts]:
	"""Return contact facts for people of several DocTypes, by key.

	Runs a fixed number of queries per DocType, however many people there are.
	"""
	readers: dict[str, type[Source]] = {}
	for source in sources().values():
		readers.setdefault(source.person_doctype, source)
	facts: dict[str, ContactFacts] = {}
	for doctype, asked in asked_by_doctype.items():
		if reader := readers.get(doctype):
			facts |= reader.standings(asked, emergency)
	return facts


def people(asked: Iterable[FactsQuery]) -> tuple[str, ...]:
	"""Return the distinct names of these people, for a query's IN."""
	return tuple({query.person for query in asked})


def contacted(person: Candidate) -> Contacted:
	return Contacted(e164(person.phones[0]) if person.phones else "", person.person_doctype, person.person)


def page(rows: Sequence, limit: int, key: str | int) -> str | None:
	"""Return the cursor after a page read with this limit, or None if it was the last page."""
	return rows[-1][key] if len(rows) == limit else None


def country_code(country: str | None = None) -> str:
	"""Return the ISO 3166 code of a Country record, or of the school's own country."""
	return registry.country(country)


__getattr__ = renamed(__name__, {"Asked": "FactsQuery", "Standing": "ContactFacts"})
"""Sources of other apps may still use the names of before 1.0.0."""
