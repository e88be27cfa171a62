"""Fields, the subjects they are read for, and the providers that read them. Pure Python."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from school_dialer.compliance.rules.records import ABOUT_RECORDS

PUBLIC, PERSONAL, EDUCATIONAL = SENSITIVITIES = ("public", "personal", "educational")
TYPES = ("text", "name", "list", "date", "dates", "time", "phone", "number", "money")

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{1,59}")
RESERVED = frozenset({"self", "loop", "true", "false", "none", "not", "and", "or", "if", "else", "in", "is"})


@dataclass(frozen=True, slots=True)
class Field:
	"""A value that templates may use.

	``type`` (one of TYPES) decides how it is cleaned and spoken. ``source`` names the record it comes from,
	as "DocType.fieldname" or "DocType": a site without that DocType or field does not have this field in its
	catalogue. ``about_student`` marks a field that identifies a student (see ABOUT_RECORDS). ``per_student``
	marks a field each student has their own value for: its provider returns a `PerStudent`. ``records`` is
	the DocType that staff must be able to read to see a value in a preview, if it differs from the source's.
	"""

	name: str
	label: str
	type: str
	sensitivity: str
	source: str
	example: Any
	about_student: bool = False
	per_student: bool = False
	records: str = ""

	def __post_init__(self):
		if not FIELD_NAME.fullmatch(self.name) or self.name in RESERVED:
			raise ValueError(f"A field cannot be named {self.name!r}: use lower case letters, digits and _.")
		if self.type not in TYPES or self.sensitivity not in SENSITIVITIES:
			raise ValueError(f"Field {self.name}: unknown {self.type!r} or {self.sensitivity!r}.")
		if self.example in (None, "", (), []):
			raise ValueError(f"Field {self.name} needs an example, for previews and estimates of length.")

	def sensitivity_for(self, purpose: str) -> str:
		if self.about_student and purpose in ABOUT_RECORDS:
			return EDUCATIONAL
		return self.sensitivity


@dataclass(frozen=True, slots=True)
class Subject:
	"""One recipient of one campaign, and the students this person may hear about."""

	key: str
	person_doctype: str
	person: str
	person_name: str
	students: tuple[str, ...] = ()
	language: str = ""
	channel: str = "Voice"
	campaign: str = ""
	purpose: str = ""
	about_records: bool = False
	"""Whether the message is about students' records although its purpose is another
	(`student_records.is_about`).
	"""
	school: str = ""
	"""The school in whose name the message is, or "" for the district (`schools.registry`)."""
	others: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
	"""Who else this message informs at the same number: (DocType, name, students). `students` are those of
	all of them.
	"""


@dataclass(frozen=True, slots=True)
class Money:
	amount: Decimal
	currency: str = ""

	def __bool__(self) -> bool:
		return bool(self.amount)


class Name(str):
	"""A name as written.

	``spoken`` is how a voice says it if the school has recorded that, otherwise the same.
	"""

	spoken: str

	def __new__(cls, written: str, spoken: str = ""):
		name = super().__new__(cls, written)
		name.spoken = spoken or str(name)
		return name


class Several(tuple):
	"""One student's values of a field, if the message is about several records of that student."""

	@classmethod
	def of(cls, values: Iterable[Any]) -> Any:
		"""Return these values as one: the only one itself, and None if there are none."""
		several = cls(values)
		return several if len(several) > 1 else next(iter(several), None)


def each_of(value: Any) -> tuple:
	"""Return a student's values: one for each record."""
	return value if isinstance(value, Several) else (value,)


@dataclass(frozen=True, slots=True)
class PerStudent:
	"""What each student of a subject has: (the record's name, what to call the student, value or None).

	It holds every student the subject may hear about, including those without a value, so no student gets
	another's value. A value may be `Several`.
	"""

	items: tuple[tuple[str, Name, Any], ...]

	def of(self, student: str) -> Any:
		return next((value for key, _called, value in self.items if key == student), None)


Values = Mapping[str, Any]


class Provider(Protocol):
	"""Reads fields for a chunk of subjects: ``{subject.key: {field name: value or None}}``.

	The number of queries must not grow with the chunk.
	"""

	fields: tuple[Field, ...]

	def __call__(self, subjects: list[Subject]) -> dict[str, dict[str, Any]]: ...


def provides(*fields: Field) -> Callable[[Callable], Provider]:
	"""Declare the fields of a context provider (hook ``dialer_context_providers``).

	```
	@provides(Field("bus_line", "Bus line", "text", PERSONAL, "Student.bus_line", "7 North"))
	def provide(subjects):
	    return {subject.key: {"bus_line": ...} for subject in subjects}
	```
	"""

	def declare(function: Callable) -> Provider:
		function.fields = tuple(fields)
		return function

	return declare


def most_sensitive(fields: Iterable[Field], purpose: str) -> str:
	return max((field.sensitivity_for(purpose) for field in fields), key=SENSITIVITIES.index, default=PUBLIC)
