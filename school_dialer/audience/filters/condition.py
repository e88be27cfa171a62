"""One condition on who is in an audience: what it says in JSON, in words and in SQL.

Other apps add kinds through the hook ``dialer_audience_conditions``: a list of dotted paths to subclasses of `Condition`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple, NoReturn

import frappe
from frappe import _
from frappe.utils import escape_html, getdate

MOST_NAMES = 500
LONGEST = 140
Sql = tuple[str, dict[str, Any]]
"""A condition and the values it has by name."""


class BadFilter(frappe.ValidationError):
	"""The message says which condition cannot be used, and why."""


def refuse(message: str) -> NoReturn:
	frappe.throw(message, BadFilter, title=_("This filter cannot be used"))


def shown(value: Any) -> str:
	"""What was sent, for a message about it."""
	return escape_html(str(value)[:LONGEST])


class Written:
	"""One condition as it came from outside. Every value is asked for by its type, and nothing else may be there."""

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
		if not all(isinstance(one, str) and 0 < len(one) <= LONGEST for one in values):
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
				refuse(_("The condition {0} has no {1}.").format(self.title, shown(key)))


class Condition(ABC):
	kind: ClassVar[str]
	"""As stored; translated for display."""
	changes: ClassVar[bool] = False
	"""Whether it is looked at again before each chunk is dialed."""
	reads: ClassVar[tuple[str, ...]] = ()
	"""DocTypes that it always looks into, of which its user must be able to read everything."""

	@classmethod
	@abstractmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		"""Whether this site has what it needs, and a source whose queries name records of these DocTypes (with their aliases) can use it."""

	@classmethod
	@abstractmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "Condition":
		"""Raises `BadFilter` for whatever is not as it should be."""

	@abstractmethod
	def as_json(self) -> dict[str, Any]:
		"""What `read` took."""

	@abstractmethod
	def words(self) -> str:
		"""After "only" or "not", in the user's language."""

	def kept_words(self) -> str:
		"""As `words`, to be stored with a campaign that others read: without a child's name."""
		return self.words()

	def records(self) -> dict[str, tuple[str, ...]]:
		"""The DocTypes that it looks into besides, and of all of them the records that it names."""
		return {}

	def fields(self) -> list[tuple[str, str]]:
		"""(DocType, fieldname) of what it looks at: the user must be able to read these too."""
		return []


class RecordCondition(Condition):
	"""On records that the source's own queries read: it costs no query of its own."""

	@property
	@abstractmethod
	def about(self) -> str:
		"""The DocType, one of the source's."""

	@abstractmethod
	def sql(self, subject: str, key: str, day: date) -> Sql:
		"""A condition on the record with this alias; its values have names that begin with the key. ``day`` (site time) is today."""


class Contacted(NamedTuple):
	"""Somebody at a number (E.164, or empty)."""

	phone: str
	person_doctype: str | None
	person: str | None


class PeopleCondition(Condition):
	"""On people with their numbers, whatever source they come from: a fixed number of queries for each chunk of them."""

	@classmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		return True

	@abstractmethod
	def met(self, people: list[Contacted]) -> list[bool]:
		"""For each of them, in their order."""

	@abstractmethod
	def counted(self, doctype: str, subject: str, number: str, key: str) -> Sql:
		"""The same in SQL, as near as it comes, for a count: of the person with this alias and the number in this expression, as written."""


def listed(names: Collection[str]) -> str:
	"""A few of them, and how many more."""
	some, more = ", ".join(list(names)[:4]), len(names) - 4
	return _("{0} and {1} more").format(some, more) if more > 0 else some


def shown_day(day: date) -> str:
	return frappe.format(getdate(day), "Date")


def on_site(*doctypes: str) -> bool:
	return all(frappe.db.exists("DocType", doctype, cache=True) for doctype in doctypes)
