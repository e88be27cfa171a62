"""One condition on who is in an audience, in JSON, in words and in SQL.

Other apps add kinds through the hook `dialer_audience_conditions`: a list of dotted paths to subclasses of
`Condition`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple, NoReturn

import frappe
from frappe import _
from frappe.utils import escape_html, getdate

from school_dialer.base.refusal import throw
from school_dialer.moved import warn_of

MOST_NAMES = 500
LONGEST = 140
Sql = tuple[str, dict[str, Any]]
"""(SQL condition, its values by name)"""


class BadFilter(frappe.ValidationError):
	"""A condition cannot be used. The message says which one and why."""


def refuse(message: str) -> NoReturn:
	throw(message, BadFilter, title=_("This filter cannot be used"))


def quoted(value: Any) -> str:
	"""Return the received value, escaped and shortened for a message about it."""
	return escape_html(str(value)[:LONGEST])


class Written:
	"""One condition from untrusted input. Every value is requested by type, and no other keys are allowed."""

	def __init__(self, values: dict[str, Any], title: str):
		self.values = {key: value for key, value in values.items() if key != "kind"}
		self.title = title

	def bad(self, key: str) -> NoReturn:
		refuse(_("The condition {0} has no usable value for {1}.").format(self.title, key))

	def has(self, key: str) -> bool:
		return self.values.get(key) not in (None, "", [])

	def text(self, key: str, choices: Collection[str] | None = None) -> str:
		value = self.values.pop(key, None)
		if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
			self.bad(key)
		if choices is not None and value not in choices:
			self.bad(key)
		return value.strip()

	def names(self, key: str) -> tuple[str, ...]:
		values = self.values.pop(key, None)
		if not isinstance(values, list) or not 0 < len(values) <= MOST_NAMES:
			self.bad(key)
		if not all(isinstance(name, str) and 0 < len(name) <= LONGEST for name in values):
			self.bad(key)
		return tuple(dict.fromkeys(values))

	def number(self, key: str, minimum: float, maximum: float) -> float:
		value = self.values.pop(key, None)
		if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
			self.bad(key)
		return value

	def integer(self, key: str, minimum: int, maximum: int) -> int:
		value = self.number(key, minimum, maximum)
		if value != int(value):
			self.bad(key)
		return int(value)

	def whole(self, key: str, least: int, most: int) -> int:
		"""Return what `integer` returns, by its name of before 1.0.0."""
		warn_of("Written.whole", "integer")
		return self.integer(key, least, most)

	def yes_or_no(self, key: str) -> bool:
		value = self.values.pop(key, None)
		if value not in (True, False):
			self.bad(key)
		return bool(value)

	def day(self, key: str) -> date:
		value = self.text(key)
		try:
			return date.fromisoformat(value)
		except ValueError:
			self.bad(key)

	def end(self) -> None:
		for key, value in self.values.items():
			if value is not None:
				refuse(_("The condition {0} has no {1}.").format(self.title, quoted(key)))


class Condition(ABC):
	kind: ClassVar[str]
	"""As stored; translated for display."""
	changes: ClassVar[bool] = False
	"""Whether the condition is rechecked before each chunk is dialed."""
	reads: ClassVar[tuple[str, ...]] = ()
	"""DocTypes that the condition always reads. The user must be able to read all of their records."""

	@classmethod
	@abstractmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		"""Return whether the condition can be used on this site with this kind of source.

		`subjects` are the DocTypes that the source's queries name, mapped to their aliases.
		"""

	@classmethod
	@abstractmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "Condition":
		"""Build the condition from its JSON. Raises `BadFilter` for any invalid value."""

	@abstractmethod
	def as_json(self) -> dict[str, Any]:
		"""Return the JSON values that `read` accepts."""

	def renamed(self, doctype: str, old: str, new: str) -> "Condition":
		"""Return the condition as it is once this record has another name, or became one with another."""
		return self

	@abstractmethod
	def words(self) -> str:
		"""Return the words that follow "only" or "not", in the user's language."""

	def kept_words(self) -> str:
		"""Return words like `words`, but without a child's name.

		They may be stored with a campaign that others read.
		"""
		return self.words()

	def records(self) -> dict[str, tuple[str, ...]]:
		"""Return the other DocTypes that the condition reads, with the record names it mentions."""
		return {}

	def fields(self) -> list[tuple[str, str]]:
		"""Return (DocType, fieldname) pairs that the condition reads.

		The user must be able to read these too.
		"""
		return []


class RecordCondition(Condition):
	"""A condition on records that the source's own queries read. It needs no query of its own."""

	@property
	@abstractmethod
	def about(self) -> str:
		"""The DocType, one of the source's."""

	@abstractmethod
	def sql(self, subject: str, key: str, day: date) -> Sql:
		"""Return a condition on the record with this alias.

		Value names begin with `key`. `day` is today in the site time zone.
		"""


class Contacted(NamedTuple):
	"""A person at a number (E.164 or "")."""

	phone: str
	person_doctype: str | None
	person: str | None


class PeopleCondition(Condition):
	"""A condition on people and their numbers, from any source.

	It runs a fixed number of queries per chunk.
	"""

	@classmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		return True

	@abstractmethod
	def met(self, people: list[Contacted]) -> list[bool]:
		"""Return whether each person meets the condition, in order."""

	@abstractmethod
	def counted(self, doctype: str, subject: str, number: str, key: str) -> Sql:
		"""Return the closest SQL equivalent of `met`, for a count.

		`subject` is the person's alias. `number` is an SQL expression for the number as written on record.
		"""


def with_name(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
	"""Return the names with the new one in place of the old one, each once."""
	return tuple(dict.fromkeys(new if name == old else name for name in names))


def listed(names: Collection[str]) -> str:
	"""Return the first few names, and how many more there are."""
	first, more = ", ".join(list(names)[:4]), len(names) - 4
	return _("{0} and {1} more").format(first, more) if more > 0 else first


def shown_day(day: date) -> str:
	return frappe.format(getdate(day), "Date")


def on_site(*doctypes: str) -> bool:
	return all(frappe.db.exists("DocType", doctype, cache=True) for doctype in doctypes)
