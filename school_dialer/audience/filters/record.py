"""Conditions on a record itself: the value of a field, or membership in a list of names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import frappe
from frappe import _

from school_dialer.audience import student_access
from school_dialer.audience.filters.condition import (
	RecordCondition,
	Sql,
	Written,
	listed,
	quoted,
	refuse,
	shown_day,
	with_name,
)
from school_dialer.audience.student_access import STUDENT
from school_dialer.base.counted import counted

IS, IS_NOT, CONTAINS = "is", "is not", "contains"
AT_LEAST, AT_MOST = "at least", "at most"
SET, NOT_SET = "is set", "is not set"
TEXT, NUMBER, DAY, CHECK = "text", "number", "day", "check"
TYPES = {
	"Data": TEXT,
	"Select": TEXT,
	"Link": TEXT,
	"Read Only": TEXT,
	"Autocomplete": TEXT,
	"Int": NUMBER,
	"Float": NUMBER,
	"Currency": NUMBER,
	"Percent": NUMBER,
	"Date": DAY,
	"Datetime": DAY,
	"Check": CHECK,
}
OPERATORS = {
	TEXT: (IS, IS_NOT, CONTAINS, SET, NOT_SET),
	NUMBER: (IS, AT_LEAST, AT_MOST),
	DAY: (IS, AT_LEAST, AT_MOST, SET, NOT_SET),
	CHECK: (IS,),
}
SQL = {
	IS: "{0} = %({1})s",
	IS_NOT: "({0} is null or {0} != %({1})s)",
	CONTAINS: "locate(%({1})s, {0}) > 0",
	AT_LEAST: "{0} >= %({1})s",
	AT_MOST: "{0} <= %({1})s",
	SET: "ifnull({0}, '') != ''",
	NOT_SET: "ifnull({0}, '') = ''",
}
MOST_NUMBER = 10**12


def usable(field) -> bool:
	"""Return whether a field can be in a condition at all, regardless of who may use it."""
	return field.fieldtype in TYPES and not field.hidden and not field.get("is_virtual")


@dataclass(frozen=True)
class Field(RecordCondition):
	"""A field of the person's or student's own record."""

	kind = "Field"
	doctype: str
	fieldname: str
	operator: str
	value: str | float | date | None = None

	@classmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		return bool(subjects)

	@classmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "Field":
		doctype = written.text("doctype", subjects)
		fieldname = written.text("fieldname")
		field = next(
			(docfield for docfield in frappe.get_meta(doctype).fields if docfield.fieldname == fieldname),
			None,
		)
		if field is None or not usable(field):
			refuse(_("{0} has no field {1} to filter by.").format(_(doctype), quoted(fieldname)))
		like = TYPES[field.fieldtype]
		operator = written.text("operator", OPERATORS[like])
		value = None
		if operator in (SET, NOT_SET):
			written.values.pop("value", None)
		elif like == NUMBER:
			value = written.number("value", -MOST_NUMBER, MOST_NUMBER)
		elif like == DAY:
			value = written.day("value")
		elif like == CHECK:
			value = int(written.yes_or_no("value"))
		else:
			value = written.text("value")
		return cls(doctype, fieldname, operator, value)

	def as_json(self) -> dict[str, Any]:
		written = {"doctype": self.doctype, "fieldname": self.fieldname, "operator": self.operator}
		value = str(self.value) if isinstance(self.value, date) else self.value
		return written if value is None else {**written, "value": value}

	@property
	def about(self) -> str:
		return self.doctype

	def records(self) -> dict[str, tuple[str, ...]]:
		return {self.doctype: ()}

	def fields(self) -> list[tuple[str, str]]:
		return [(self.doctype, self.fieldname)]

	def sql(self, subject: str, key: str, day: date) -> Sql:
		column = f"{subject}.`{self.fieldname}`"
		if self.field.fieldtype == "Datetime":
			column = f"date({column})"
		return SQL[self.operator].format(column, f"{key}_value"), {f"{key}_value": self.value}

	def renamed(self, doctype: str, old: str, new: str) -> "Field":
		links = self.field.fieldtype == "Link" and self.field.options == doctype
		return replace(self, value=new) if links and self.value == old and self.operator != CONTAINS else self

	@property
	def field(self):
		return frappe.get_meta(self.doctype).get_field(self.fieldname)

	def words(self) -> str:
		value = self.value
		if isinstance(value, date):
			value = shown_day(value)
		elif self.field.fieldtype == "Select":
			value = _(value)
		sentence = {
			IS: _("{0} whose {1} is {2}"),
			IS_NOT: _("{0} whose {1} is not {2}"),
			CONTAINS: _("{0} whose {1} contains {2}"),
			AT_LEAST: _("{0} whose {1} is {2} or more"),
			AT_MOST: _("{0} whose {1} is {2} or less"),
			SET: _("{0} whose {1} is filled in"),
			NOT_SET: _("{0} whose {1} is empty"),
		}[self.operator]
		if TYPES[self.field.fieldtype] == DAY:
			sentence = {
				AT_LEAST: _("{0} whose {1} is {2} or later"),
				AT_MOST: _("{0} whose {1} is {2} or earlier"),
			}.get(self.operator, sentence)
		if self.field.fieldtype == "Check":
			sentence = _("{0} with a tick at {1}") if value else _("{0} without a tick at {1}")
		return sentence.format(_(self.doctype), _(self.field.label), value)


@dataclass(frozen=True)
class Records(RecordCondition):
	"""People or students chosen by name."""

	kind = "People"
	doctype: str
	names: tuple[str, ...]

	@classmethod
	def offered(cls, subjects: Mapping[str, str]) -> bool:
		return bool(subjects)

	@classmethod
	def read(cls, written: Written, subjects: Mapping[str, str]) -> "Records":
		return cls(written.text("doctype", subjects), written.names("names"))

	def as_json(self) -> dict[str, Any]:
		return {"doctype": self.doctype, "names": list(self.names)}

	@property
	def about(self) -> str:
		return self.doctype

	def records(self) -> dict[str, tuple[str, ...]]:
		return {self.doctype: self.names}

	def renamed(self, doctype: str, old: str, new: str) -> "Records":
		return replace(self, names=with_name(self.names, old, new)) if doctype == self.doctype else self

	def sql(self, subject: str, key: str, day: date) -> Sql:
		return f"{subject}.name in %({key}_names)s", {f"{key}_names": self.names}

	def words(self) -> str:
		if self.doctype == STUDENT:
			return self.named(children(self.names))
		return self.named(titles(self.doctype, self.names))

	def kept_words(self) -> str:
		"""Describe the condition without students' names.

		A user who may read the campaign may not be allowed to read the students.
		"""
		if self.doctype == STUDENT:
			return counted(len(self.names), _("1 student chosen by name"), _("{0} students chosen by name"))
		return self.words()

	def named(self, names: list[str]) -> str:
		return _("the {0} {1}").format(_(self.doctype), listed(names))


def children(names: tuple[str, ...]) -> list[str]:
	"""Return the names that the user may read, followed by how many others there are."""
	visible = student_access.visible_names(names)
	hidden = len(names) - len(visible)
	return [
		*(visible[name] for name in names if name in visible),
		*([student_access.not_shown(hidden)] if hidden else []),
	]


def titles(doctype: str, names: tuple[str, ...]) -> list[str]:
	"""Return the records' titles where the DocType has a title field and the user may read them."""
	title = frappe.get_meta(doctype).get_title_field()
	if title == "name" or not frappe.has_permission(doctype, "read"):
		return list(names)
	by_name = dict(
		frappe.get_list(
			doctype,
			filters={"name": ("in", names)},
			fields=["name", title],
			order_by="name",
			as_list=True,
		)
	)
	return [by_name.get(name) or name for name in names]
