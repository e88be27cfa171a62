"""Who is called. A source turns a campaign's choice ("guardians of 5A") into candidates, a chunk at a time.

Other apps add sources through the hook ``dialer_audience_sources``: a list of dotted paths to subclasses of `Source`.
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
from school_dialer.audience.numbers import e164
from school_dialer.bounds import plain_text
from school_dialer.compliance import Person
from school_dialer.compliance.rules.records import Rights


@dataclass(frozen=True, slots=True)
class Candidate:
	"""A person who may be called about these students, with their numbers as on record, best first."""

	person_doctype: str
	person: str
	person_name: str
	phones: tuple[str, ...]
	language: str = ""
	students: tuple[str, ...] = ()
	read: Any = None
	"""What the source has read of this person already, for `Source.standings` in the same transaction."""

	def __post_init__(self):
		"""Make the name one clean line: families and files write it, and it is spoken and shown."""
		object.__setattr__(self, "person_name", plain_text.line(self.person_name))


@dataclass(frozen=True, slots=True)
class ContactFacts:
	"""What the gate must know of a person now, and the students this person may be told of now.

	`rights` holds what is on record of each of the students, in their order, for a person who is called about them as a guardian.
	"""

	person: Person
	students: tuple[str, ...] = ()
	rights: tuple[Rights, ...] = ()


@dataclass(frozen=True, slots=True)
class FactsQuery:
	"""One question to `Source.standings`: this person, about these students, at this number (E.164 or "").

	`read` is the candidate's, while its transaction lasts; None: everything is to be read now.
	"""

	key: str
	person: str
	students: tuple[str, ...]
	phone: str
	read: Any = None


@dataclass(frozen=True, slots=True)
class Counted:
	"""People on record, the first numbers that they have, and the students they would be called about (None: about nobody)."""

	people: int
	households: int
	students: int | None = None


class Source(ABC):
	label: ClassVar[str]
	"""As stored in Dialer Campaign.audience_source; translated for display."""
	person_doctype: ClassVar[str]
	audience_doctype: ClassVar[str | None] = None
	"""The DocType of the group chosen in the campaign, when there is one."""
	offered: ClassVar[bool] = True
	"""Whether staff may choose it for a campaign of their own."""
	subjects: ClassVar[Mapping[str, str]] = {}
	"""The DocTypes whose records its queries name, with their aliases. Conditions on these narrow it, by `narrowed`."""

	def __init__(self, campaign):
		self.campaign = campaign
		self.group = campaign.audience_name
		self.filters = Filters.of(campaign, self.subjects)

	@property
	def rechecks(self) -> bool:
		"""Whether `withdrawn` and `passed_over` have to be asked before each chunk is dialed."""
		return self.filters.change

	@classmethod
	def available(cls) -> bool:
		return all(frappe.db.exists("DocType", doctype) for doctype in cls.needs())

	@classmethod
	def needs(cls) -> tuple[str, ...]:
		return tuple(filter(None, (cls.person_doctype, cls.audience_doctype)))

	def check(self) -> None:
		"""Raise a ValidationError that says what to do when the campaign's choice cannot be read."""
		if self.audience_doctype and not (self.group and frappe.db.exists(self.audience_doctype, self.group)):
			frappe.throw(_("Choose the {0} whose people are to be called.").format(_(self.audience_doctype)))

	@abstractmethod
	def chunk(self, after: str, limit: int) -> tuple[list[Candidate], str | None]:
		"""Up to ``limit`` people whose name sorts after the cursor, and the next cursor (None: that was all)."""

	def households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""As `chunk`, each with the people of whom one is enough, in the order in which they are called. By default each alone."""
		candidates, cursor = self.chunk(after, limit)
		return [[candidate] for candidate in candidates], cursor

	def eligible_households(self, after: str, limit: int) -> tuple[list[list[Candidate]], str | None]:
		"""As `households`, without those whom another campaign settled, where the campaign's filters say so."""
		households, cursor = self.households(after, limit)
		if not self.filters.on_people:
			return households, cursor
		out = self.filters.left_out([[contacted(one) for one in people] for people in households])
		return [people for people, left in zip(households, out, strict=True) if not left], cursor

	def narrowed(self, doctype: str) -> str:
		"""The filters' conditions on the record of this DocType, for the end of a query. Their values are in `filters.values()`."""
		return self.filters.sql(doctype)

	def count(self) -> Counted:
		"""How many are in it, as on record. Raises `count.TooLong`."""
		return Counted(*count.by_reading(self))

	def count_of(self, doctype: str, number: str, among: str, values: dict | None = None) -> Counted:
		"""As `count`, in SQL: of the people of this DocType, with this expression for their number, in these tables with conditions."""
		settled, more = self.filters.counted(doctype, number)
		query = f"select count(*), count(distinct {number}) {among}{self.narrowed(doctype)}{settled}"
		return Counted(*count.in_sql(query, {**(values or {}), **self.filters.values(), **more}))

	def withdrawn(self, students: Collection[str]) -> dict[str, str]:
		"""Of these students, those about whom there is nothing to tell any more, each with why. Asked just before dialing, in the
		transaction that decides, so a number of queries that does not depend on how many there are."""
		conditions = self.filters.sql("Student", changing=True)
		if not (conditions and students):
			return {}
		rows = frappe.db.sql(
			"select student.name from `tabStudent` student where student.name in %(asked)s" + conditions,
			{**self.filters.values(), "asked": tuple(students)},
		)
		still = {name for (name,) in rows}
		return {one: no_longer_meant() for one in students if one not in still}

	def passed_over(self, households: list[list[Contacted]]) -> list[bool]:
		"""For each household whether the campaign passes it over by now. Asked as `withdrawn` is."""
		return self.filters.left_out(households)

	@classmethod
	@abstractmethod
	def standings(cls, asked: list[FactsQuery], emergency: bool) -> dict[str, ContactFacts]:
		"""By key. A person who is missing from the answer is no longer on record."""


class UnknownAudience(frappe.ValidationError):
	pass


def sources() -> dict[str, type[Source]]:
	"""The sources whose DocTypes this site has, by label. Looked up once a request or job."""
	found = getattr(frappe.local, "dialer_sources", None)
	if found is None:
		classes = (frappe.get_attr(path) for path in frappe.get_hooks("dialer_audience_sources"))
		found = {source.label: source for source in classes if source.available()}
		frappe.local.dialer_sources = found
	return found


def source_of(campaign) -> Source:
	source = sources().get(campaign.audience_source)
	if source is None:
		frappe.throw(
			_("This site has no audience named {0}. Choose another one.").format(
				plain_text.line(campaign.audience_source)
			),
			UnknownAudience,
		)
	return source(campaign)


def standings(asked_by_doctype: dict[str, list[FactsQuery]], emergency: bool) -> dict[str, ContactFacts]:
	"""Standings of people of several kinds: a fixed number of queries a kind, whatever the number of people."""
	readers: dict[str, type[Source]] = {}
	for source in sources().values():
		readers.setdefault(source.person_doctype, source)
	found: dict[str, ContactFacts] = {}
	for doctype, asked in asked_by_doctype.items():
		if reader := readers.get(doctype):
			found |= reader.standings(asked, emergency)
	return found


def people(asked: Iterable[FactsQuery]) -> tuple[str, ...]:
	"""Their names, each once, for a query's IN."""
	return tuple({one.person for one in asked})


def contacted(one: Candidate) -> Contacted:
	return Contacted(e164(one.phones[0]) if one.phones else "", one.person_doctype, one.person)


def page(rows: Sequence, limit: int, key: str | int) -> str | None:
	"""The cursor after a page read with this limit."""
	return rows[-1][key] if len(rows) == limit else None


def country_code(country: str | None = None) -> str:
	"""ISO 3166 code of a Country record, or of the school's own."""
	country = country or frappe.db.get_single_value("Dialer Settings", "default_country")
	code = country and frappe.get_cached_value("Country", country, "code")
	return (code or "US").upper()
